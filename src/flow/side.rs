//! The two sides of a conversation, and what arrives on one of them.

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Opened the connection.
    Client,
    /// Accepted it.
    Server,
}

impl Side {
    /// The peer.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What arrives on one side of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The next bytes.
    Bytes(&'a [u8]),
    /// So many bytes were sent, and are not known.
    Gap(u64),
    /// The side sends no more: FIN, a reset, or the end of the capture (`clean` is false for the
    /// last two).
    Close {
        /// By FIN.
        clean: bool,
    },
}
