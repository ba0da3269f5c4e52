//! Link, IP and transport headers, read one at a time by etherparse; the loopback and cooked
//! link headers, which it does not know, by hand.
//!
//! Sources: IEEE 802.1Q, RFC 791, RFC 8200 section 4, RFC 4302, RFC 768, RFC 9293 section 3.1,
//! RFC 792, RFC 4443, and the LINKTYPE registry. The only file that reads with etherparse.
//! A header is read from the bytes that the capture has; how long the packet was on the wire is
//! what its own length field says.

use std::net::IpAddr;
use std::ops::Range;

pub(crate) use etherparse::defrag::IpDefragBuf;
use etherparse::{
    EtherType, Ethernet2HeaderSlice, IpAuthHeaderSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice,
    Ipv6HeaderSlice, Ipv6RawExtHeaderSlice, SingleVlanHeaderSlice, TcpHeaderSlice, UdpHeaderSlice,
    ether_type, ip_number,
};
pub(crate) use etherparse::{IpFragOffset, IpNumber};

use super::checksum::{Checksum, Sum};
use super::tcp_header::{TcpFlags, TcpHeader};
use super::undecoded::Undecoded;
use crate::capture::LinkType;

/// Tags that are looked through: 802.1Q, 802.1ad and the pre-standard 0x9100.
const VLAN: [EtherType; 3] = [
    ether_type::VLAN_TAGGED_FRAME,
    ether_type::PROVIDER_BRIDGING,
    ether_type::VLAN_DOUBLE_TAGGED_FRAME,
];
/// Address families that the BSDs, macOS and Windows write for IPv6 in a loopback header.
const FAMILY_IPV6: [u32; 4] = [10, 24, 28, 30];
const FAMILY_IPV4: u32 = 2;
/// Bytes of the shortest Ethernet frames without their check sequence: without and with a tag
/// (IEEE 802.3 section 3.2.8, 802.1Q annex G.2.3).
const SHORTEST_ETHERNET: [usize; 2] = [60, 64];
/// What headers of IPv4 and TCP without options leave of such a frame.
const MAX_COUNTED_PADDING: usize = 6;
/// The cooked headers: where the EtherType stands, and how long the header is.
const SLL_ETHER_TYPE: usize = 14;
const SLL_LEN: usize = 16;
const SLL2_ETHER_TYPE: usize = 0;
const SLL2_LEN: usize = 20;

/// An IP packet's header, with extension headers behind it. Passed by value: what nothing points to
/// need not be in memory.
#[derive(Clone, Copy)]
pub(crate) struct Ip<'a> {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub protocol: IpNumber,
    /// IPv4's identification, IPv6's flow label.
    pub id: u32,
    /// Hops that are left: time to live, hop limit.
    pub hops: u8,
    /// What follows the headers, as far as it was captured.
    pub payload: &'a [u8],
    /// Where that begins in what the header was read from, bytes.
    pub payload_offset: usize,
    /// Length of the payload on the wire, bytes.
    pub wire_len: usize,
    /// Set where the payload is a fragment.
    pub fragment: Option<FragmentPart>,
    /// A routing header is present: checksums are made over another destination.
    pub routed: bool,
    /// IPv4's header checksum.
    pub checksum: Checksum,
}

/// Which part of a fragmented datagram a packet carries.
#[derive(Clone, Copy)]
pub(crate) struct FragmentPart {
    pub id: u32,
    pub offset: IpFragOffset,
    pub more: bool,
}

/// A UDP datagram.
pub(crate) struct Udp<'a> {
    pub src: u16,
    pub dst: u16,
    pub payload: &'a [u8],
    /// Length of the payload on the wire, bytes.
    pub wire_len: usize,
    pub checksum: Checksum,
}

/// A TCP segment.
pub(crate) struct Tcp<'a> {
    pub src: u16,
    pub dst: u16,
    pub header: TcpHeader,
    pub payload: &'a [u8],
    /// Length of the payload on the wire, bytes.
    pub wire_len: usize,
    pub checksum: Checksum,
}

/// The start of a TCP header.
#[derive(Clone, Copy)]
pub(crate) struct TcpStart {
    pub src: u16,
    pub dst: u16,
    pub seq: u32,
    pub ack: u32,
    pub flags: TcpFlags,
    /// The header is no longer than the packet that carries it.
    pub is_within_packet: bool,
}

/// Where ICMP has its checksum (RFC 792), and ICMPv6 (RFC 4443 section 2.1).
const ICMP_CHECKSUM: Range<usize> = 2..4;
/// Octets of a UDP header (RFC 768).
const UDP_HEADER_LEN: usize = 8;

/// Where the IP header of a frame begins, bytes.
pub(super) fn ip_offset(link: LinkType, data: &[u8]) -> Result<usize, Undecoded> {
    match link {
        LinkType::Raw | LinkType::Ipv4 | LinkType::Ipv6 => Ok(0),
        LinkType::Ethernet => {
            let header = Ethernet2HeaderSlice::from_slice(data).map_err(|_| Undecoded::Link)?;
            behind_tags(header.ether_type(), header.slice().len(), data)
        }
        LinkType::Null | LinkType::Loop => behind_family(data, link == LinkType::Loop),
        LinkType::LinuxSll => behind_cooked(data, SLL_ETHER_TYPE, SLL_LEN),
        LinkType::LinuxSll2 => behind_cooked(data, SLL2_ETHER_TYPE, SLL2_LEN),
        LinkType::Other(_) => Err(Undecoded::LinkType(link)),
    }
}

fn behind_tags(first: EtherType, offset: usize, data: &[u8]) -> Result<usize, Undecoded> {
    let (mut ether_type, mut offset) = (first, offset);
    while VLAN.contains(&ether_type) {
        let rest = data.get(offset..).unwrap_or_default();
        let tag = SingleVlanHeaderSlice::from_slice(rest).map_err(|_| Undecoded::Link)?;
        ether_type = tag.ether_type();
        offset = offset.saturating_add(tag.slice().len());
    }
    match ether_type {
        ether_type::IPV4 | ether_type::IPV6 => Ok(offset),
        ether_type::ARP => Err(Undecoded::Arp),
        _ => Err(Undecoded::NotIp),
    }
}

/// Where the packet begins behind the family of a loopback header.
pub(super) fn behind_family(data: &[u8], network_order: bool) -> Result<usize, Undecoded> {
    let family = *data.first_chunk::<4>().ok_or(Undecoded::Link)?;
    let big = u32::from_be_bytes(family);
    let number = if network_order || big <= 0xff { big } else { u32::from_le_bytes(family) };
    let is_ip = number == FAMILY_IPV4 || FAMILY_IPV6.contains(&number);
    if is_ip { Ok(family.len()) } else { Err(Undecoded::NotIp) }
}

fn behind_cooked(data: &[u8], at: usize, len: usize) -> Result<usize, Undecoded> {
    let header = data.get(..len).ok_or(Undecoded::Link)?;
    let bytes = header.get(at..).and_then(|it| it.first_chunk::<2>()).ok_or(Undecoded::Link)?;
    behind_tags(EtherType(u16::from_be_bytes(*bytes)), len, data)
}

/// The IP header of a frame.
pub(crate) fn ip_of_frame(link: LinkType, data: &[u8]) -> Result<Ip<'_>, Undecoded> {
    let offset = ip_offset(link, data)?;
    let ip = ip(data.get(offset..).unwrap_or_default())?;
    Ok(Ip { payload_offset: ip.payload_offset.saturating_add(offset), ..ip })
}

/// A frame's link header, and the IP header behind it.
pub(crate) fn link_and_ip(link: LinkType, data: &[u8]) -> Result<(&[u8], Ip<'_>), Undecoded> {
    let offset = ip_offset(link, data)?;
    let (link, packet) = data.split_at_checked(offset).ok_or(Undecoded::Link)?;
    Ok((link, ip(packet)?))
}

/// The IP header of a frame that carries a transport the plain way: Ethernet without tags, IPv4
/// without options, not a fragment. `None` for any other frame.
#[inline]
pub(crate) fn plain(link: LinkType, data: &[u8], transport: IpNumber) -> Option<Ip<'_>> {
    const ETHERNET_LEN: usize = 14;
    let (ethernet, data) = data.split_first_chunk::<ETHERNET_LEN>()?;
    let is_plain = matches!(ethernet, [.., 0x08, 0x00])
        && matches!(data, [0x45, _, _, _, _, _, 0x00 | 0x40, 0x00, _, protocol, ..]
            if *protocol == transport.0);
    if link != LinkType::Ethernet || !is_plain {
        return None;
    }
    let ip = ipv4(data).ok()?;
    Some(Ip { payload_offset: ip.payload_offset.saturating_add(ETHERNET_LEN), ..ip })
}

/// The IP header at the start of `data`, of the version that its first four bits say.
pub(crate) fn ip(data: &[u8]) -> Result<Ip<'_>, Undecoded> {
    match data.first().map(|byte| byte >> 4) {
        Some(4) => ipv4(data)?.behind_extensions(),
        Some(6) => ipv6(data)?.behind_extensions(),
        _ => Err(Undecoded::Ip),
    }
}

#[inline]
fn ipv4(data: &[u8]) -> Result<Ip<'_>, Undecoded> {
    let header = Ipv4HeaderSlice::from_slice(data).map_err(|_| Undecoded::Ip)?;
    let header_len = header.slice().len();
    // Segmentation offload leaves the total length zero: the packet ends with the frame.
    let total_len = match usize::from(header.total_len()) {
        0 => data.len(),
        len => len,
    };
    let wire_len = total_len.checked_sub(header_len).ok_or(Undecoded::Ip)?;
    let fragment = header.is_fragmenting_payload().then(|| FragmentPart {
        id: u32::from(header.identification()),
        offset: header.fragments_offset(),
        more: header.more_fragments(),
    });
    Ok(Ip {
        src: IpAddr::V4(header.source_addr()),
        dst: IpAddr::V4(header.destination_addr()),
        protocol: header.protocol(),
        id: u32::from(header.identification()),
        hops: header.ttl(),
        payload: captured(data, header_len, wire_len),
        payload_offset: header_len,
        wire_len,
        fragment,
        routed: false,
        checksum: ipv4_checksum(&header),
    })
}

#[inline]
fn ipv4_checksum(header: &Ipv4HeaderSlice<'_>) -> Checksum {
    if Sum::default().add(header.slice()).is_right() {
        return Checksum::Good;
    }
    // Left to the network card where it is zero.
    if header.header_checksum() == 0 { Checksum::Offloaded } else { Checksum::Bad }
}

fn ipv6(data: &[u8]) -> Result<Ip<'_>, Undecoded> {
    let header = Ipv6HeaderSlice::from_slice(data).map_err(|_| Undecoded::Ip)?;
    let header_len = header.slice().len();
    let wire_len = match usize::from(header.payload_length()) {
        0 => data.len().saturating_sub(header_len),
        len => len,
    };
    Ok(Ip {
        src: IpAddr::V6(header.source_addr()),
        dst: IpAddr::V6(header.destination_addr()),
        protocol: header.next_header(),
        id: header.flow_label().value(),
        hops: header.hop_limit(),
        payload: captured(data, header_len, wire_len),
        payload_offset: header_len,
        wire_len,
        fragment: None,
        routed: false,
        checksum: Checksum::Absent,
    })
}

impl Ip<'_> {
    /// Moves behind the extension headers, as far as this packet has the next.
    pub fn behind_extensions(mut self) -> Result<Self, Undecoded> {
        while self.fragment.is_none() && self.skip_extension()? {}
        Ok(self)
    }

    /// Moves behind one extension header; false where there is none. IPv4 knows only that of
    /// authentication.
    fn skip_extension(&mut self) -> Result<bool, Undecoded> {
        let malformed = Undecoded::Ip;
        if self.src.is_ipv4() && self.protocol != ip_number::AUTH {
            return Ok(false);
        }
        match self.protocol {
            ip_number::IPV6_HOP_BY_HOP
            | ip_number::IPV6_DEST_OPTIONS
            | ip_number::IPV6_ROUTE
            | ip_number::MOBILITY
            | ip_number::HIP
            | ip_number::SHIM6 => {
                let header =
                    Ipv6RawExtHeaderSlice::from_slice(self.payload).map_err(|_| malformed)?;
                self.routed |= self.protocol == ip_number::IPV6_ROUTE;
                self.skip(header.slice().len(), header.next_header())?;
            }
            ip_number::AUTH => {
                let header = IpAuthHeaderSlice::from_slice(self.payload).map_err(|_| malformed)?;
                self.skip(header.slice().len(), header.next_header())?;
            }
            ip_number::IPV6_FRAG => {
                let header =
                    Ipv6FragmentHeaderSlice::from_slice(self.payload).map_err(|_| malformed)?;
                if header.is_fragmenting_payload() {
                    self.fragment = Some(FragmentPart {
                        id: header.identification(),
                        offset: header.fragment_offset(),
                        more: header.more_fragments(),
                    });
                }
                self.skip(header.slice().len(), header.next_header())?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn skip(&mut self, len: usize, next: IpNumber) -> Result<(), Undecoded> {
        self.payload = self.payload.get(len..).ok_or(Undecoded::Ip)?;
        self.payload_offset = self.payload_offset.saturating_add(len);
        self.wire_len = self.wire_len.saturating_sub(len);
        self.protocol = next;
        Ok(())
    }
}

/// Up to `len` bytes from `start`, as far as they were captured.
fn captured(data: &[u8], start: usize, len: usize) -> &[u8] {
    let rest = data.get(start..).unwrap_or_default();
    rest.get(..len).unwrap_or(rest)
}

/// The UDP datagram that an IP packet carries. It ends where its own length says; a length that
/// is longer than the packet ends with the packet, and so does a length of zero over IPv6: a
/// jumbogram (RFC 2675 section 4).
#[inline]
pub(crate) fn udp(ip: Ip<'_>) -> Result<Udp<'_>, Undecoded> {
    let header = UdpHeaderSlice::from_slice(ip.payload).map_err(|_| Undecoded::Udp)?;
    let header_len = header.slice().len();
    let len = match usize::from(header.length()) {
        0 if ip.src.is_ipv6() => ip.wire_len,
        len => len.min(ip.wire_len),
    };
    let wire_len = len.checked_sub(header_len).ok_or(Undecoded::Udp)?;
    let checksum = if header.checksum() == 0 {
        Checksum::Absent
    } else {
        transport_checksum(ip, len, header.checksum())
    };
    Ok(Udp {
        src: header.source_port(),
        dst: header.destination_port(),
        payload: captured(ip.payload, header_len, wire_len),
        wire_len,
        checksum,
    })
}

/// The TCP segment that an IP packet carries.
#[inline]
pub(crate) fn tcp(ip: Ip<'_>) -> Result<Tcp<'_>, Undecoded> {
    let header = TcpHeaderSlice::from_slice(ip.payload).map_err(|_| Undecoded::Tcp)?;
    let len = header.slice().len();
    let padding = if header.psh() || header.syn() { 0 } else { counted_padding(ip, len) };
    let flags =
        TcpFlags { syn: header.syn(), ack: header.ack(), fin: header.fin(), rst: header.rst() };
    let fields = TcpHeader {
        seq: header.sequence_number(),
        ack: header.acknowledgment_number(),
        window: header.window_size(),
        flags,
        len: u8::try_from(len).map_err(|_| Undecoded::Tcp)?,
    };
    Ok(Tcp {
        src: header.source_port(),
        dst: header.destination_port(),
        header: fields,
        payload: ip.payload.get(len..).filter(|_| padding == 0).unwrap_or_default(),
        wire_len: ip.wire_len.saturating_sub(len).saturating_sub(padding),
        checksum: transport_checksum(ip, ip.wire_len, header.checksum()),
    })
}

/// Bytes behind a header of TCP that are no payload although IP counts them: some routers take
/// what fills up an Ethernet frame into the length of the packet. They are zeros that end with the
/// shortest frame; a sender that pushes them means them.
fn counted_padding(ip: Ip<'_>, header_len: usize) -> usize {
    let frame_len = ip.payload_offset.saturating_add(ip.payload.len());
    let payload = ip.payload.get(header_len..).unwrap_or_default();
    let is_padding = SHORTEST_ETHERNET.contains(&frame_len)
        && ip.wire_len == ip.payload.len()
        && payload.len() <= MAX_COUNTED_PADDING
        && payload.iter().all(|&byte| byte == 0);
    if is_padding { payload.len() } else { 0 }
}

/// The start of a TCP header that may be cut short or contradict itself: as much of it as Wireshark
/// needs to number its conversation, which is all before the checksum.
pub(crate) fn tcp_start(ip: Ip<'_>) -> Option<TcpStart> {
    let &[s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, offset, flags, ..] =
        ip.payload.first_chunk::<16>()?;
    let len = usize::from(offset >> 4).saturating_mul(4);
    Some(TcpStart {
        src: u16::from_be_bytes([s0, s1]),
        dst: u16::from_be_bytes([d0, d1]),
        seq: u32::from_be_bytes([n0, n1, n2, n3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags {
            fin: flags & 0x01 != 0,
            syn: flags & 0x02 != 0,
            rst: flags & 0x04 != 0,
            ack: flags & 0x10 != 0,
        },
        is_within_packet: len <= ip.wire_len,
    })
}

/// The ports of a UDP header that has a length of its own.
pub(crate) fn udp_ports(ip: Ip<'_>) -> Option<(u16, u16)> {
    let &[s0, s1, d0, d1, len0, len1, ..] = ip.payload.first_chunk::<UDP_HEADER_LEN>()?;
    let is_long_enough = usize::from(u16::from_be_bytes([len0, len1])) >= UDP_HEADER_LEN;
    is_long_enough.then_some((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1])))
}

/// What an ICMP or ICMPv6 error quotes: the start of the packet that caused it.
pub(crate) fn quoted(ip: Ip<'_>) -> Option<Ip<'_>> {
    const HEADER_LEN: usize = 8;
    let kind = *ip.payload.first()?;
    let is_error = match ip.protocol {
        // Unreachable, source quench, redirect, time exceeded, parameter problem.
        ip_number::ICMP => matches!(kind, 3 | 4 | 5 | 11 | 12),
        ip_number::IPV6_ICMP => matches!(kind, 1..=4),
        _ => false,
    };
    let inner = self::ip(ip.payload.get(HEADER_LEN..)?).ok()?;
    is_error.then_some(inner)
}

/// What verifying the checksum of an IGMP or ICMPv6 message came to.
pub(crate) fn report_checksum(ip: Ip<'_>) -> Checksum {
    if ip.protocol != ip_number::IGMP {
        let field = ip.payload.get(ICMP_CHECKSUM).and_then(|it| it.try_into().ok());
        return transport_checksum(ip, ip.wire_len, u16::from_be_bytes(field.unwrap_or_default()));
    }
    match ip.payload.get(..ip.wire_len) {
        None => Checksum::Unverified,
        Some(it) if Sum::default().add(it).is_right() => Checksum::Good,
        Some(_) => Checksum::Bad,
    }
}

/// Verifies the checksum over the pseudo-header and `len` bytes of the payload.
#[inline]
fn transport_checksum(ip: Ip<'_>, len: usize, field: u16) -> Checksum {
    let Some(segment) = ip.payload.get(..len) else {
        return Checksum::Unverified;
    };
    if ip.routed {
        return Checksum::Unverified;
    }
    let pseudo_header = pseudo_header(ip, len);
    if pseudo_header.add(segment).is_right() {
        return Checksum::Good;
    }
    // Offload leaves the sum of the pseudo-header alone, not complemented, for the card to finish.
    if field.to_be() == pseudo_header.folded() { Checksum::Offloaded } else { Checksum::Bad }
}

#[inline]
fn pseudo_header(ip: Ip<'_>, len: usize) -> Sum {
    let len = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
    let mut sum = Sum::default().add(&[0, ip.protocol.0]).add(&len);
    for address in [ip.src, ip.dst] {
        sum = match address {
            IpAddr::V4(address) => sum.add(&address.octets()),
            IpAddr::V6(address) => sum.add(&address.octets()),
        };
    }
    sum
}
