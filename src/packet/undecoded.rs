//! Why a frame or a payload gave no message, with the name of each reason.

use std::borrow::Cow;

use crate::capture::LinkType;

/// Why a frame or a payload gave no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Undecoded {
    /// A link type without IP, or one that is not known.
    LinkType(LinkType),
    /// The frame ends within its link header.
    Link,
    /// ARP.
    Arp,
    /// Another EtherType or address family.
    NotIp,
    /// An IP header that is cut short or contradicts itself.
    Ip,
    /// ICMP or ICMPv6.
    Icmp,
    /// IGMP.
    Igmp,
    /// IP carries another protocol.
    IpProtocol,
    /// A fragment that contradicts another of its datagram; the datagram is dropped.
    FragmentConflict,
    /// Fragments dropped since their datagram stayed incomplete, or to keep the table bounded.
    FragmentDropped,
    /// A UDP header that is cut short or contradicts itself.
    Udp,
    /// A TCP header that is cut short or contradicts itself.
    Tcp,
    /// No protocol is declared for its ports.
    NoProtocol,
    /// None of the protocols declared for its ports fits.
    NoFit,
}

impl Undecoded {
    /// The reason as the closing summary names it.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::LinkType(link) => {
                return Cow::Owned(format!("link type not supported: {}", link.description()));
            }
            Self::Link => "frame shorter than its link header",
            Self::Arp => "ARP",
            Self::NotIp => "not IP",
            Self::Ip => "malformed IP header",
            Self::Icmp => "ICMP",
            Self::Igmp => "IGMP",
            Self::IpProtocol => "IP protocol not supported",
            Self::FragmentConflict => "fragment that contradicts another",
            Self::FragmentDropped => "fragment of a datagram that stayed incomplete",
            Self::Udp => "malformed UDP header",
            Self::Tcp => "malformed TCP header",
            Self::NoProtocol => "no protocol declared for its ports",
            Self::NoFit => "fits no declared message",
        })
    }
}
