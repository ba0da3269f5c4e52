//! What a side, or a whole conversation, turns out to speak.

use crate::decode::unread::Unread;
use crate::profile::Standard;

/// What the first bytes are. More are never needed where a side has sent
/// [`RECOGNITION_LEN`](crate::decode::http::RECOGNITION_LEN) of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A protocol that is decoded.
    Speaks(Standard),
    /// What is named, and passed over: TLS, HTTP/2, SSH.
    Named(Unread),
    /// Nothing that is known here.
    Unknown,
    /// More bytes are needed.
    NeedMore,
}
