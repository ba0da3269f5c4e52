//! The number of a conversation.

use std::fmt;

/// The number of a conversation among those of its transport, from 0: Wireshark's udp.stream or
/// tcp.stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct StreamId(pub u32);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<StreamId> for u64 {
    fn from(stream: StreamId) -> Self {
        stream.0.into()
    }
}
