//! IP headers with their options and extensions, and what the packet carries.

use std::ops::Range;

use super::bytes::{u8_at, u16_at};
use super::checksums::{Cover, Kind};
use super::{Anatomy, MAX_DEPTH, RegionKind, control, link, options, transport};

const MALFORMED: &str = "malformed IP header";
const ADDRESS4: usize = 4;
const ADDRESS6: usize = 16;
const HEADER4: usize = 20;
const HEADER6: usize = 40;

/// Numbers of protocols (IANA).
pub(super) const ICMP: u8 = 1;
const IGMP: u8 = 2;
const IPIP: u8 = 4;
const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
pub(super) const ICMPV6: u8 = 58;

/// A packet, by offsets in the frame.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub protocol: u8,
    /// The addresses that checksums are made over, source first.
    pub addresses: [Range<usize>; 2],
    /// What follows the headers, as far as captured.
    pub body: Range<usize>,
    /// Bytes of that on the wire.
    pub wire_len: usize,
    /// It is a fragment, and whether the first.
    pub fragment: Option<bool>,
    pub depth: u8,
    /// It is the start of a packet that an ICMP error quotes.
    pub is_quoted: bool,
}

/// Walks an IP packet that begins at `at` and reaches to the end of `data`.
pub(super) fn walk(data: &[u8], at: usize, depth: u8, anatomy: &mut Anatomy) {
    walk_packet(data, at..data.len(), (depth, false), anatomy);
}

/// Walks an IP packet within a range; one that is quoted ends where the quotation does.
pub(super) fn walk_packet(
    data: &[u8],
    range: Range<usize>,
    (depth, is_quoted): (u8, bool),
    anatomy: &mut Anatomy,
) {
    let Some(whole) = data.get(..range.end) else { return };
    let found = match u8_at(whole, range.start).map(|it| it >> 4) {
        _ if depth >= MAX_DEPTH => None,
        Some(4) => ipv4(whole, range.start, anatomy),
        Some(6) => ipv6(whole, range.start, anatomy),
        _ => None,
    };
    let Some(packet) = found else {
        return anatomy.region(range, RegionKind::Opaque(MALFORMED));
    };
    let end = packet.body.end;
    body(whole, Packet { depth, is_quoted, ..packet }, anatomy);
    anatomy.region(end..range.end, RegionKind::Padding);
}

fn ipv4(data: &[u8], at: usize, anatomy: &mut Anatomy) -> Option<Packet> {
    const TOTAL_LEN: usize = 2;
    const FRAGMENT: usize = 6;
    const PROTOCOL: usize = 9;
    const CHECKSUM: usize = 10;
    const SRC: usize = 12;
    const DST: usize = 16;
    let header_len = usize::from(u8_at(data, at)? & 0x0f).checked_mul(4)?;
    let behind = at.checked_add(header_len)?;
    if header_len < HEADER4 || behind > data.len() {
        return None;
    }
    let total_len = match usize::from(u16_at(data, at.checked_add(TOTAL_LEN)?)?) {
        0 => data.len().checked_sub(at)?,
        len => len,
    };
    let wire_len = total_len.checked_sub(header_len)?;
    let field = u16_at(data, at.checked_add(FRAGMENT)?)?;
    let (more, offset) = (field & 0x2000 != 0, field & 0x1fff);
    let src = span(at.checked_add(SRC)?, ADDRESS4);
    let mut dst = span(at.checked_add(DST)?, ADDRESS4);
    anatomy.region(src.clone(), RegionKind::Ipv4);
    anatomy.region(dst.clone(), RegionKind::Ipv4);
    let last = options::ipv4(data, at.checked_add(HEADER4)?..behind, anatomy);
    dst = last.unwrap_or(dst);
    let field = at.checked_add(CHECKSUM)?;
    anatomy.cover(Cover { field, range: at..behind, kind: Kind::Ipv4 });
    Some(Packet {
        protocol: u8_at(data, at.checked_add(PROTOCOL)?)?,
        addresses: [src, dst],
        body: behind..behind.saturating_add(wire_len).min(data.len()),
        wire_len,
        fragment: (more || offset > 0).then_some(offset == 0),
        depth: 0,
        is_quoted: false,
    })
}

fn ipv6(data: &[u8], at: usize, anatomy: &mut Anatomy) -> Option<Packet> {
    const LEN: usize = 4;
    const NEXT: usize = 6;
    const SRC: usize = 8;
    const DST: usize = 24;
    let behind = at.checked_add(HEADER6)?;
    if behind > data.len() {
        return None;
    }
    let wire_len = match usize::from(u16_at(data, at.checked_add(LEN)?)?) {
        0 => data.len().checked_sub(behind)?,
        len => len,
    };
    let addresses = [SRC, DST].map(|it| span(at.saturating_add(it), ADDRESS6));
    for address in &addresses {
        anatomy.region(address.clone(), RegionKind::Ipv6);
    }
    let packet = Packet {
        protocol: u8_at(data, at.checked_add(NEXT)?)?,
        addresses,
        body: behind..behind.saturating_add(wire_len).min(data.len()),
        wire_len,
        fragment: None,
        depth: 0,
        is_quoted: false,
    };
    Some(options::behind_extensions(data, packet, anatomy))
}

/// Walks what a packet carries.
fn body(data: &[u8], packet: Packet, anatomy: &mut Anatomy) {
    let range = packet.body.clone();
    let inner = packet.depth.saturating_add(1);
    if packet.fragment == Some(false) {
        return anatomy.region(range, RegionKind::Payload);
    }
    match packet.protocol {
        UDP => transport::udp(data, &packet, anatomy),
        TCP => transport::tcp(data, &packet, anatomy),
        ICMP => control::icmp(data, &packet, anatomy),
        ICMPV6 => control::icmpv6(data, &packet, anatomy),
        IGMP => control::igmp(data, &packet, anatomy),
        IPIP | IPV6 if packet.fragment.is_none() => {
            walk_packet(data, range, (inner, packet.is_quoted), anatomy);
        }
        GRE if packet.fragment.is_none() => gre(data, &packet, anatomy),
        _ => anatomy.region(range, RegionKind::Opaque("IP protocol that is not known")),
    }
}

/// Generic routing encapsulation (RFC 2784, RFC 2890).
fn gre(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const CHECKSUM: u16 = 0x8000;
    const BRIDGED: u16 = 0x6558;
    let Range { start, end } = packet.body;
    let whole = data.get(..end).unwrap_or(data);
    let header = u16_at(whole, start).zip(u16_at(whole, start.saturating_add(2)));
    let Some((flags, inner)) = header.filter(|(flags, _)| flags & 0x4fff == 0) else {
        return anatomy.region(start..end, RegionKind::Opaque("GRE of another kind"));
    };
    let words = [0x8000, 0x2000, 0x1000].iter().filter(|it| flags & **it != 0).count();
    let behind = start.saturating_add(4).saturating_add(words.saturating_mul(4)).min(end);
    if flags & CHECKSUM != 0 {
        let field = start.saturating_add(4);
        anatomy.cover(Cover { field, range: start..end, kind: Kind::Alone });
    }
    let depth = packet.depth.saturating_add(1);
    match inner {
        BRIDGED => link::ethernet(whole, behind, depth, anatomy),
        _ => link::behind_type(inner, whole, behind, depth, anatomy),
    }
}

/// So many bytes from an offset.
pub(super) fn span(at: usize, len: usize) -> Range<usize> {
    at..at.saturating_add(len)
}
