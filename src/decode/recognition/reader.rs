//! What reads a protocol other than HTTP.

use std::ops::ControlFlow;

use crate::decode::duplex::StreamReader;
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::profile::{ProtocolId, Standard};

/// Lends what was found, with its protocol; `None` for bytes that no decoder reads.
pub(in crate::decode) type Lend<'l> =
    &'l mut dyn FnMut(Option<ProtocolId>, StreamEvent<'_>) -> ControlFlow<()>;

/// The decoder of a conversation, and what it reads.
pub(super) struct Reader {
    pub protocol: ProtocolId,
    /// Which one it is, where it needs no header.
    pub standard: Option<Standard>,
    pub stream: Box<dyn StreamReader>,
}

impl Reader {
    /// Takes what arrives on one side, and lends what it completes.
    pub fn push(&mut self, side: Side, input: Input<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        let protocol = Some(self.protocol);
        self.stream.read(side, input, &mut |event| lend(protocol, event))
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        self.stream.is_between_messages(side)
    }
}
