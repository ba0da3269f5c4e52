//! ICMP, ICMPv6 and IGMP: the addresses that they tell, and the packets that they quote.

use std::ops::Range;

use super::bytes::{u8_at, u16_at};
use super::checksums::{Cover, Kind};
use super::internet::{Packet, span, walk_packet};
use super::transport::pseudo;
use super::{Anatomy, RegionKind, neighbour, options};

const HEADER_LEN: usize = 8;
const CHECKSUM: usize = 2;

/// RFC 792.
pub(super) fn icmp(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const REDIRECT: u8 = 5;
    let range = packet.body.clone();
    cover(&range, Kind::Alone, anatomy);
    let behind = range.start.saturating_add(HEADER_LEN).min(range.end);
    let whole = data.get(..range.end).unwrap_or(data);
    match u8_at(whole, range.start) {
        Some(REDIRECT) => {
            anatomy.field(whole, range.start.saturating_add(4), 4, RegionKind::Ipv4);
            quoted(data, behind..range.end, packet, anatomy);
        }
        Some(3 | 4 | 11 | 12) => quoted(data, behind..range.end, packet, anatomy),
        _ => anatomy.region(behind..range.end, RegionKind::Opaque("ICMP")),
    }
}

/// RFC 4443, RFC 4861, RFC 2710 and RFC 3810.
pub(super) fn icmpv6(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const MLD_V1: std::ops::RangeInclusive<u8> = 130..=132;
    const MLD_V2_REPORT: u8 = 143;
    let range = packet.body.clone();
    cover(&range, pseudo(packet, packet.wire_len, false), anatomy);
    let behind = range.start.saturating_add(HEADER_LEN).min(range.end);
    let whole = data.get(..range.end).unwrap_or(data);
    match u8_at(whole, range.start) {
        Some(1..=4) => quoted(data, behind..range.end, packet, anatomy),
        Some(kind) if MLD_V1.contains(&kind) => {
            anatomy.field(whole, behind, 16, RegionKind::Ipv6);
            // The sources of a query of version 2.
            let sources = behind.saturating_add(20).min(range.end)..range.end;
            options::list(sources, 16, RegionKind::Ipv6, anatomy);
        }
        Some(MLD_V2_REPORT) => records(whole, range.start, RegionKind::Ipv6, anatomy),
        Some(kind) if neighbour::KINDS.contains(&kind) => {
            neighbour::walk(kind, whole, behind, packet, anatomy);
        }
        _ => anatomy.region(behind..range.end, RegionKind::Opaque("ICMP")),
    }
}

/// RFC 2236, RFC 3376.
pub(super) fn igmp(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const QUERY: u8 = 0x11;
    const V3_REPORT: u8 = 0x22;
    let range = packet.body.clone();
    cover(&range, Kind::Alone, anatomy);
    let whole = data.get(..range.end).unwrap_or(data);
    let behind = range.start.saturating_add(HEADER_LEN).min(range.end);
    match u8_at(whole, range.start) {
        Some(V3_REPORT) => return records(whole, range.start, RegionKind::Ipv4, anatomy),
        Some(QUERY | 0x12 | 0x16 | 0x17) => {}
        _ => return anatomy.region(behind..range.end, RegionKind::Opaque("IGMP")),
    }
    anatomy.field(whole, range.start.saturating_add(4), 4, RegionKind::Ipv4);
    let sources = behind.saturating_add(4).min(range.end)..range.end;
    options::list(sources, 4, RegionKind::Ipv4, anatomy);
}

/// The records of a report of groups, each with a group and its sources.
fn records(data: &[u8], start: usize, kind: RegionKind, anatomy: &mut Anatomy) {
    let len = if kind == RegionKind::Ipv4 { 4 } else { 16 };
    let mut left = u16_at(data, start.saturating_add(6)).unwrap_or_default();
    let mut at = start.saturating_add(HEADER_LEN).min(data.len());
    while left > 0 && at < data.len() {
        let auxiliary = u8_at(data, at.saturating_add(1)).map_or(0, usize::from);
        let sources = u16_at(data, at.saturating_add(2)).map_or(0, usize::from);
        let addresses = sources.saturating_add(1).saturating_mul(len);
        let start = at.saturating_add(4).min(data.len());
        let end = start.saturating_add(addresses).min(data.len());
        options::list(start..end, len, kind, anatomy);
        at = end.saturating_add(auxiliary.saturating_mul(4)).min(data.len());
        anatomy.region(end..at, RegionKind::Opaque("report of groups"));
        left = left.saturating_sub(1);
    }
    anatomy.region(at..data.len(), RegionKind::Opaque("report of groups"));
}

/// The start of a packet.
fn quoted(data: &[u8], range: Range<usize>, packet: &Packet, anatomy: &mut Anatomy) {
    walk_packet(data, range, (packet.depth.saturating_add(1), true), anatomy);
}

fn cover(range: &Range<usize>, kind: Kind, anatomy: &mut Anatomy) {
    let field = range.start.saturating_add(CHECKSUM);
    if span(field, 2).end <= range.end {
        anatomy.cover(Cover { field, range: range.clone(), kind });
    }
}
