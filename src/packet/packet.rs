//! One frame to one packet: addresses, ports and payload, or the reason why there is none.
//!
//! A damaged frame is a value, never an error: [`Undecoded`] says why, and is counted.

use std::net::{IpAddr, SocketAddr};

use super::checksum::Checksum;
use super::endpoint::Endpoint;
use super::headers::{self, FragmentPart, Ip, IpNumber, Tcp, TcpStart};
use super::membership::Membership;
use super::tcp_header::TcpHeader;
use super::transport::Transport;
use super::undecoded::Undecoded;
use crate::capture::LinkType;

/// A UDP datagram or a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// The TCP header; `None` for UDP.
    pub tcp: Option<TcpHeader>,
    /// As far as it was captured. It ends where UDP's or IP's length says, not with the frame:
    /// short Ethernet frames are padded.
    pub payload: &'a [u8],
    /// Length of the payload on the wire, bytes; more than `payload.len()` where the frame was
    /// snapped.
    pub wire_len: usize,
    /// Where the payload begins in the frame, bytes; `None` where fragments were joined.
    pub frame_offset: Option<usize>,
    /// What verifying the transport's checksum came to.
    pub checksum: Checksum,
}

/// What a frame holds that is no packet of a conversation.
pub(crate) enum Other<'a> {
    Fragment(Fragment<'a>),
    Mention(Mention),
    Membership(Membership<'a>),
    Undecoded(Undecoded),
}

/// A part of a datagram.
pub(crate) struct Fragment<'a> {
    pub ip: Ip<'a>,
    pub part: FragmentPart,
}

/// A packet of a conversation that is none itself: an ICMP error quotes it, or its header is
/// malformed. Wireshark numbers its conversation like any other.
pub(crate) struct Mention {
    pub reason: Undecoded,
    pub src: Endpoint,
    pub dst: Endpoint,
    /// `None` for UDP.
    pub tcp: Option<TcpStart>,
}

impl<'a> Packet<'a> {
    /// A datagram that a socket received: it has no frame, and the kernel has verified it.
    pub fn received(src: SocketAddr, dst: SocketAddr, payload: &'a [u8]) -> Self {
        Self {
            src: src.into(),
            dst: dst.into(),
            tcp: None,
            payload,
            wire_len: payload.len(),
            frame_offset: None,
            checksum: Checksum::Good,
        }
    }
}

impl Packet<'_> {
    /// What is left of a datagram behind so many bytes of its payload.
    #[inline]
    pub(crate) fn behind(&self, len: usize) -> Self {
        let payload = self.payload.get(len..).unwrap_or_default();
        Self { payload, wire_len: self.wire_len.saturating_sub(len), ..*self }
    }

    /// What carries the payload.
    pub fn transport(&self) -> Transport {
        if self.tcp.is_some() { Transport::Tcp } else { Transport::Udp }
    }

    /// Whether it is a datagram that arrived in fragments.
    pub fn is_joined(&self) -> bool {
        self.frame_offset.is_none()
    }

    /// Bytes on the wire that the capture does not have.
    pub fn snapped(&self) -> usize {
        self.wire_len.saturating_sub(self.payload.len())
    }
}

/// Reads a frame that carries a datagram the plain way, as nearly all do; `None` is for [`parse`]
/// to look at, with whatever is wrong with it. What is known beforehand here, such as the version
/// of the addresses, is decided once, and the packet is made where it is wanted.
#[inline(always)]
pub(crate) fn parse_plain(link: LinkType, data: &[u8]) -> Option<Packet<'_>> {
    udp(headers::plain(link, data, IpNumber::UDP)?, true).ok()
}

/// Reads one frame.
pub(crate) fn parse(link: LinkType, data: &[u8]) -> Result<Packet<'_>, Other<'_>> {
    if let Some(ip) = headers::plain(link, data, IpNumber::TCP) {
        return tcp(ip, true).map_err(|reason| malformed(ip, reason));
    }
    let ip = headers::ip_of_frame(link, data)?;
    match ip.fragment {
        Some(part) => Err(Other::Fragment(Fragment { ip, part })),
        None => transport(ip, true),
    }
}

/// Reads what an IP packet carries; `in_frame` says whether its offsets are those of a frame.
fn transport(ip: Ip<'_>, in_frame: bool) -> Result<Packet<'_>, Other<'_>> {
    match ip.protocol {
        IpNumber::UDP => Ok(udp(ip, in_frame)?),
        IpNumber::TCP => tcp(ip, in_frame).map_err(|reason| malformed(ip, reason)),
        _ => Err(report(ip)),
    }
}

#[inline]
fn udp(ip: Ip<'_>, in_frame: bool) -> Result<Packet<'_>, Undecoded> {
    const HEADER_LEN: usize = 8;
    let udp = headers::udp(ip)?;
    Ok(Packet {
        src: end(ip.src, udp.src),
        dst: end(ip.dst, udp.dst),
        tcp: None,
        payload: udp.payload,
        wire_len: udp.wire_len,
        frame_offset: in_frame.then(|| ip.payload_offset.saturating_add(HEADER_LEN)),
        checksum: worse(udp.checksum, ip.checksum),
    })
}

#[inline]
fn tcp(ip: Ip<'_>, in_frame: bool) -> Result<Packet<'_>, Undecoded> {
    let Tcp { src, dst, header, payload, wire_len, checksum } = headers::tcp(ip)?;
    let header_len = usize::from(header.len);
    Ok(Packet {
        src: end(ip.src, src),
        dst: end(ip.dst, dst),
        tcp: Some(header),
        payload,
        wire_len,
        frame_offset: in_frame.then(|| ip.payload_offset.saturating_add(header_len)),
        checksum: worse(checksum, ip.checksum),
    })
}

/// A segment whose header cannot be read.
#[cold]
fn malformed(ip: Ip<'_>, reason: Undecoded) -> Other<'_> {
    let mention = mention_tcp(ip, reason);
    mention.map_or(Other::Undecoded(reason), Other::Mention)
}

/// What an IP packet tells of other packets, or of groups.
fn report(ip: Ip<'_>) -> Other<'_> {
    match ip.protocol {
        IpNumber::ICMP | IpNumber::IPV6_ICMP => match (quoted(ip), Membership::of(ip)) {
            (Some(quoted), _) => Other::Mention(quoted),
            (None, Some(report)) => Other::Membership(report),
            (None, None) => Other::Undecoded(Undecoded::Icmp),
        },
        IpNumber::IGMP => {
            Membership::of(ip).map_or(Other::Undecoded(Undecoded::Igmp), Other::Membership)
        }
        _ => Other::Undecoded(Undecoded::IpProtocol),
    }
}

#[inline]
fn end(address: IpAddr, port: u16) -> Endpoint {
    Endpoint::Ip(SocketAddr::new(address, port))
}

/// The transport's verdict, unless the IP header's is bad.
#[inline]
fn worse(transport: Checksum, ip: Checksum) -> Checksum {
    if ip == Checksum::Bad { Checksum::Bad } else { transport }
}

fn quoted(ip: Ip<'_>) -> Option<Mention> {
    let inner = headers::quoted(ip)?;
    let reason = Undecoded::Icmp;
    match inner.protocol {
        IpNumber::TCP => mention_tcp(inner, reason),
        IpNumber::UDP => {
            let (src, dst) = headers::udp_ports(inner)?;
            let (src, dst) = (end(inner.src, src), end(inner.dst, dst));
            Some(Mention { reason, src, dst, tcp: None })
        }
        _ => None,
    }
}

fn mention_tcp(ip: Ip<'_>, reason: Undecoded) -> Option<Mention> {
    let start = headers::tcp_start(ip)?;
    let (src, dst) = (end(ip.src, start.src), end(ip.dst, start.dst));
    Some(Mention { reason, src, dst, tcp: Some(start) })
}

/// Reads what a datagram whose fragments were joined carries, as if IP had carried it whole. Behind
/// an IPv6 fragment header there may be further extension headers (RFC 8200 section 4.5).
pub(crate) fn joined<'a>(
    src: IpAddr,
    dst: IpAddr,
    protocol: IpNumber,
    payload: &'a [u8],
) -> Result<Packet<'a>, Other<'a>> {
    let ip = Ip {
        src,
        dst,
        protocol,
        id: 0,
        hops: 0,
        payload,
        payload_offset: 0,
        wire_len: payload.len(),
        fragment: None,
        routed: false,
        checksum: Checksum::Absent,
    };
    let ip = ip.behind_extensions()?;
    if ip.fragment.is_some() { Err(Undecoded::Ip.into()) } else { transport(ip, false) }
}

impl From<Undecoded> for Other<'_> {
    fn from(reason: Undecoded) -> Self {
        Self::Undecoded(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .udp(40_000, 1989)
            .write(&mut frame, payload)
            .unwrap();
        frame
    }

    #[test]
    fn a_datagram_in_a_plain_frame_is_read_in_one_piece() {
        let frame = frame(b"message");
        let packet = parse_plain(LinkType::Ethernet, &frame).unwrap();
        assert_eq!(
            (packet.src.to_string(), packet.dst.port()),
            ("10.0.0.1:40000".into(), Some(1989))
        );
        assert_eq!((packet.payload, packet.wire_len), (&b"message"[..], 7));
        assert_eq!((packet.frame_offset, packet.checksum), (Some(42), Checksum::Good));
        assert_eq!(parse_plain(LinkType::Raw, &frame), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        /// Whatever is wrong with a frame: either way of reading it says the same.
        #[test]
        fn both_ways_of_reading_a_frame_agree(
            payload in prop::collection::vec(any::<u8>(), 0..24),
            damage in prop::collection::vec((0..66_usize, any::<u8>()), 0..3),
            end in 0..70_usize,
        ) {
            let mut frame = frame(&payload);
            for (at, byte) in damage {
                if let Some(hit) = frame.get_mut(at) {
                    *hit = byte;
                }
            }
            frame.truncate(end);
            if let Some(plain) = parse_plain(LinkType::Ethernet, &frame) {
                prop_assert_eq!(parse(LinkType::Ethernet, &frame).ok(), Some(plain));
            }
        }
    }
}
