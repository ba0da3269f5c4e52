//! What makes a sender, and how many of them there may be.

use crate::flow::Side;
use crate::packet::Host;

/// Senders whose layout and order are inferred.
pub const MAX_INFERRED: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub src: Host,
    /// Of the receiver; of the server, where it is the server's answer.
    pub port: Option<u16>,
    pub message: usize,
    /// Who sends it in a stream; of datagrams, whether it is an answer.
    pub side: Option<Side>,
}
