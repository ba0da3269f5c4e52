//! What carries a payload between two endpoints.

/// The transports that carry messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// RFC 768.
    Udp,
    /// RFC 9293.
    Tcp,
}

impl Transport {
    /// The name in JSON and in rules.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}
