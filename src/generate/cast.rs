//! How datagrams are addressed.

use std::fmt;

/// How datagrams are addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cast {
    /// To one host.
    Unicast,
    /// To every host of a network (RFC 919).
    Broadcast,
    /// To the members of a group (RFC 1112, RFC 4291 section 2.7).
    Multicast,
}

impl Cast {
    /// Each, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Unicast, Self::Broadcast, Self::Multicast];

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unicast => "unicast",
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
        }
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
