//! UDP and TCP: their payload, and the checksum over it.

use std::ops::Range;

use super::bytes::{u8_at, u16_at};
use super::checksums::{Cover, Kind, Pseudo};
use super::internet::{Packet, UDP};
use super::{Anatomy, RegionKind, link, options};

const UDP_LEN: usize = 8;
const TCP_LEN: usize = 20;
/// VXLAN's port, the length of its header, and the flag that each has (RFC 7348 section 5).
const VXLAN: u16 = 4789;
const VXLAN_LEN: usize = 8;
const VXLAN_FLAGS: u8 = 0x08;

pub(super) fn udp(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const DST: usize = 2;
    const LEN: usize = 4;
    const CHECKSUM: usize = 6;
    let Range { start, end } = packet.body;
    let behind = start.saturating_add(UDP_LEN);
    let declared = u16_at(data, start.saturating_add(LEN)).map(usize::from);
    let Some(declared) = declared.filter(|_| behind <= end) else {
        return anatomy.region(start..end, RegionKind::Opaque("malformed UDP header"));
    };
    let is_ipv6 = packet.addresses.iter().all(|it| it.len() == 16);
    let len = match declared {
        0 if is_ipv6 => packet.wire_len,
        // Of a datagram in fragments this is the first.
        len if packet.fragment.is_some() => len,
        len => len.min(packet.wire_len),
    };
    let covered = start..start.saturating_add(len.max(UDP_LEN)).min(end);
    let kind = pseudo(packet, len, true);
    anatomy.cover(Cover { field: start.saturating_add(CHECKSUM), range: covered.clone(), kind });
    let payload = behind..covered.end;
    let port = u16_at(data, start.saturating_add(DST));
    if port == Some(VXLAN) && is_vxlan(data, &payload) {
        let inner = behind.saturating_add(VXLAN_LEN);
        let whole = data.get(..payload.end).unwrap_or(data);
        link::ethernet(whole, inner, packet.depth.saturating_add(1), anatomy);
    } else {
        carried(payload, packet, anatomy);
    }
    anatomy.region(covered.end..end, RegionKind::Opaque("bytes behind a datagram"));
}

fn is_vxlan(data: &[u8], payload: &Range<usize>) -> bool {
    let is_long = payload.len() >= VXLAN_LEN.saturating_add(14);
    is_long && u8_at(data, payload.start) == Some(VXLAN_FLAGS)
}

pub(super) fn tcp(data: &[u8], packet: &Packet, anatomy: &mut Anatomy) {
    const DATA_OFFSET: usize = 12;
    const CHECKSUM: usize = 16;
    let Range { start, end } = packet.body;
    let kind = pseudo(packet, packet.wire_len, false);
    let field = start.saturating_add(CHECKSUM);
    if field.saturating_add(2) <= end {
        anatomy.cover(Cover { field, range: start..end, kind });
    }
    let len = u8_at(data, start.saturating_add(DATA_OFFSET))
        .map_or(0, |it| usize::from(it >> 4).saturating_mul(4));
    let behind = start.saturating_add(len);
    let fixed = start.saturating_add(TCP_LEN).min(end);
    if len < TCP_LEN || behind > end {
        // Its ports and numbers are read all the same.
        return anatomy.region(fixed..end, RegionKind::Opaque("malformed TCP header"));
    }
    options::tcp(data, fixed..behind, anatomy);
    carried(behind..end, packet, anatomy);
}

/// What is carried, or quoted.
fn carried(payload: Range<usize>, packet: &Packet, anatomy: &mut Anatomy) {
    let kind = match packet.is_quoted {
        true => RegionKind::Quoted,
        false => RegionKind::Payload,
    };
    anatomy.region(payload, kind);
}

/// The checksum of what a packet carries.
pub(super) fn pseudo(packet: &Packet, len: usize, zero_is_none: bool) -> Kind {
    Kind::Pseudo(Pseudo {
        addresses: packet.addresses.clone(),
        protocol: if zero_is_none { UDP } else { packet.protocol },
        len,
        zero_is_none,
        is_part: packet.fragment.is_some(),
    })
}
