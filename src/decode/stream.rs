//! What a stream decoder takes and gives: the bytes of one conversation in, messages out.
//!
//! A decoder is fed each side's bytes in order, whether they come from a capture or a socket, and
//! lends what it finds to a callback. Bodies pass through: nothing holds a whole one.

use std::ops::ControlFlow;

use super::unread::Unread;
use crate::flow::Side;
use crate::message::Message;

/// Where a decoder lends what it found, until it is told to stop.
pub(crate) type Lend<'l> = &'l mut dyn FnMut(StreamEvent<'_>) -> ControlFlow<()>;

/// What a decoder found.
#[allow(
    clippy::large_enum_variant,
    reason = "it is lent to a callback and never kept: a box would cost an allocation a message"
)]
#[derive(Clone, Copy, Debug)]
pub enum StreamEvent<'a> {
    /// A message is complete, its body included.
    Message {
        /// Who sent it.
        side: Side,
        /// The message.
        message: Message<'a>,
    },
    /// Bytes of the body of the message that `side` is sending; the message follows.
    Body {
        /// Who sends it.
        side: Side,
        /// The next bytes, chunking undone.
        bytes: &'a [u8],
        /// The message has a Content-Encoding, which is not undone.
        is_encoded: bool,
    },
    /// Bytes of that body that are not known.
    BodyGap {
        /// Who sent them.
        side: Side,
        /// How many.
        len: u64,
    },
    /// Bytes that no message explains, passed over.
    Skipped {
        /// Who sent them.
        side: Side,
        /// How many.
        len: u64,
        /// Why.
        reason: Unread,
    },
}

impl StreamEvent<'_> {
    /// Who sent it.
    pub fn side(&self) -> Side {
        match *self {
            Self::Message { side, .. }
            | Self::Body { side, .. }
            | Self::BodyGap { side, .. }
            | Self::Skipped { side, .. } => side,
        }
    }
}
