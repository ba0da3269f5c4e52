//! What a side, or a whole conversation, turns out to speak.

use crate::profile::Standard;

/// What TLS is called where it is passed over.
pub(in crate::decode) const TLS: &str = "TLS";
/// What HTTP/2 is called where it is passed over.
pub(in crate::decode) const HTTP2: &str = "HTTP/2";
/// What SSH is called where it is passed over.
pub(in crate::decode) const SSH: &str = "SSH";

/// What the first bytes are. More are never needed where a side has sent
/// [`RECOGNITION_LEN`](crate::decode::http::RECOGNITION_LEN) of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A protocol that is decoded.
    Speaks(Standard),
    /// What is named, and passed over: TLS, HTTP/2, SSH.
    Named(&'static str),
    /// Nothing that is known here.
    Unknown,
    /// More bytes are needed.
    NeedMore,
}
