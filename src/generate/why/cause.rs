//! The causes that can be named.

use std::fmt;

/// Why datagrams do not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The interface is switched off, or not connected.
    InterfaceDown,
    /// The interface does not take what is for groups.
    NoMulticastFlag,
    /// No route leads to the group, and no interface is named.
    NoRoute,
    /// Frames have the tag of a VLAN that the interface does not have.
    VlanTag,
    /// The host is no member of the group by the interface that it comes by.
    NotAMember,
    /// The sender is none of those that the join admits (RFC 4607).
    SourceFilter,
    /// The reverse-path filter dropped them (RFC 3704).
    ReversePathFilter,
    /// The socket is bound to another address.
    AddressNotBound,
    /// No socket has the port.
    PortNotBound,
    /// The checksum is wrong: UDP's, or that of the IP header.
    WrongChecksum,
    /// The socket's buffer was full.
    BufferFull,
    /// Rules of the firewall drop, and nothing else explains it.
    Firewall,
    /// A sender nearby uses another port.
    OtherPort,
    /// A sender nearby uses another group.
    OtherGroup,
    /// A sender nearby uses the broadcast address of another network.
    OtherBroadcast,
    /// A sender nearby sends to another host.
    OtherHost,
    /// They leave with too few hops to cross a router.
    Ttl,
    /// Seen on the link, not delivered.
    Unknown,
    /// Nothing of it was on the link.
    NotSeen,
    /// Nobody asks who is a member (RFC 3376 section 4.1, RFC 3810 section 5.1).
    NoQuerier,
}

impl Cause {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InterfaceDown => "interface-down",
            Self::NoMulticastFlag => "no-multicast-flag",
            Self::NoRoute => "no-route",
            Self::VlanTag => "vlan-tag",
            Self::NotAMember => "not-a-member",
            Self::SourceFilter => "source-filter",
            Self::ReversePathFilter => "reverse-path-filter",
            Self::AddressNotBound => "address-not-bound",
            Self::PortNotBound => "port-not-bound",
            Self::WrongChecksum => "wrong-checksum",
            Self::BufferFull => "buffer-full",
            Self::Firewall => "firewall",
            Self::OtherPort => "other-port",
            Self::OtherGroup => "other-group",
            Self::OtherBroadcast => "other-broadcast",
            Self::OtherHost => "other-host",
            Self::Ttl => "ttl",
            Self::Unknown => "unknown",
            Self::NotSeen => "not-seen",
            Self::NoQuerier => "no-querier",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A cause, what was seen of it, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The cause.
    pub cause: Cause,
    /// What was seen, with its numbers.
    pub evidence: String,
    /// What to do.
    pub cure: String,
}

impl Why {
    pub(super) fn new(cause: Cause, evidence: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { cause, evidence: evidence.into(), cure: cure.into() }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.cause, self.evidence, self.cure)
    }
}
