//! What cannot work in a replay, as it is told.

use crate::packet::{StreamId, Transport};

/// All that is known to go wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// By conversation: those of UDP, then those of TCP.
    pub list: Vec<Limit>,
    /// Those beyond [`MAX_LIMITS`](crate::replay::limits::MAX_LIMITS).
    pub more: u64,
}

/// What cannot work in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What carries the conversation.
    pub transport: Transport,
    /// Its number in the capture.
    pub conversation: StreamId,
    /// Of what kind.
    pub kind: Kind,
    /// What it is, and why it cannot work.
    pub text: String,
}

/// Kinds of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What is said is encrypted with keys of that session.
    Encrypted,
    /// The client answers a challenge that the server chose.
    Login,
    /// Another connection goes to a port that is told in this one.
    DataPort,
    /// A cookie that the server set comes back to it.
    Session,
    /// Another value that the server chose does.
    Token,
}

impl Kind {
    /// `encrypted`, `login`, `data-port`, `session`, `token`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Login => "login",
            Self::DataPort => "data-port",
            Self::Session => "session",
            Self::Token => "token",
        }
    }
}
