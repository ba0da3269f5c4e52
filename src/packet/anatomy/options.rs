//! Options of IPv4 and TCP, and the extension headers of IPv6, as far as they hold addresses.

use std::ops::Range;

use super::bytes::{u8_at, u16_at};
use super::internet::{Packet, span};
use super::{Anatomy, RegionKind};

/// Kinds that have no length.
const END: u8 = 0;
const NO_OPERATION: u8 = 1;

/// Walks the options of IPv4 (RFC 791 section 3.1). Gives where the last address of a source route
/// stands: checksums of transports are made over that.
pub(super) fn ipv4(
    data: &[u8],
    range: Range<usize>,
    anatomy: &mut Anatomy,
) -> Option<Range<usize>> {
    const RECORD_ROUTE: u8 = 7;
    const TIMESTAMP: u8 = 68;
    const ROUTER_ALERT: u8 = 148;
    const LOOSE_ROUTE: u8 = 131;
    const STRICT_ROUTE: u8 = 137;
    let mut last = None;
    each(data, range, anatomy, |kind, option, anatomy| {
        let addresses = option.start.saturating_add(3)..option.end;
        match kind {
            RECORD_ROUTE => list(addresses, 4, RegionKind::Ipv4, anatomy),
            LOOSE_ROUTE | STRICT_ROUTE => {
                let pointer = u8_at(data, option.start.saturating_add(2)).map_or(0, usize::from);
                if pointer <= option.len() && addresses.len() >= 4 {
                    last = Some(span(option.end.saturating_sub(4), 4));
                }
                list(addresses, 4, RegionKind::Ipv4, anatomy);
            }
            TIMESTAMP => {
                let flags = u8_at(data, option.start.saturating_add(3)).map_or(0, |it| it & 0x0f);
                let mut at = option.start.saturating_add(4);
                while flags != 0 && at.saturating_add(8) <= option.end {
                    anatomy.region(span(at, 4), RegionKind::Ipv4);
                    at = at.saturating_add(8);
                }
            }
            ROUTER_ALERT => {}
            _ => opaque(option, "option of IP", anatomy),
        }
    });
    last
}

/// Walks the options of TCP (RFC 9293 section 3.2). Those that say how a connection works are structure.
pub(super) fn tcp(data: &[u8], range: Range<usize>, anatomy: &mut Anatomy) {
    const MAXIMUM_SEGMENT: u8 = 2;
    const TIMESTAMPS: u8 = 8;
    each(data, range, anatomy, |kind, option, anatomy| {
        if !(MAXIMUM_SEGMENT..=TIMESTAMPS).contains(&kind) {
            opaque(option, "option of TCP", anatomy);
        }
    });
}

/// Lends each option that has a length, with its kind.
fn each(
    data: &[u8],
    range: Range<usize>,
    anatomy: &mut Anatomy,
    mut take: impl FnMut(u8, Range<usize>, &mut Anatomy),
) {
    let mut at = range.start;
    while at < range.end {
        let kind = u8_at(data, at);
        match (kind, u8_at(data, at.saturating_add(1)).map(usize::from)) {
            (Some(NO_OPERATION), _) => at = at.saturating_add(1),
            (Some(END), _) => return anatomy.region(at..range.end, RegionKind::Padding),
            (Some(kind), Some(len)) if len >= 2 && at.saturating_add(len) <= range.end => {
                take(kind, span(at, len), anatomy);
                at = at.saturating_add(len);
            }
            _ => return anatomy.region(at..range.end, RegionKind::Opaque("malformed option")),
        }
    }
}

/// What an option says behind its kind and length.
fn opaque(option: Range<usize>, what: &'static str, anatomy: &mut Anatomy) {
    anatomy.region(option.start.saturating_add(2)..option.end, RegionKind::Opaque(what));
}

/// Addresses one behind the other.
pub(super) fn list(range: Range<usize>, len: usize, kind: RegionKind, anatomy: &mut Anatomy) {
    let mut at = range.start;
    while at.saturating_add(len) <= range.end {
        anatomy.region(span(at, len), kind);
        at = at.saturating_add(len);
    }
    anatomy.region(at..range.end, RegionKind::Opaque("list of addresses that is cut short"));
}

/// Moves behind the extension headers of IPv6 (RFC 8200 section 4).
pub(super) fn behind_extensions(data: &[u8], mut packet: Packet, anatomy: &mut Anatomy) -> Packet {
    const HOP_BY_HOP: u8 = 0;
    const ROUTING: u8 = 43;
    const FRAGMENT: u8 = 44;
    const AUTHENTICATION: u8 = 51;
    const DESTINATION: u8 = 60;
    const OTHERS: [u8; 3] = [135, 139, 140];
    while packet.fragment.is_none() {
        let start = packet.body.start;
        let Some(units) = u8_at(data, start.saturating_add(1)).map(usize::from) else { break };
        let len = match packet.protocol {
            FRAGMENT => 8,
            AUTHENTICATION => units.saturating_add(2).saturating_mul(4),
            _ => units.saturating_add(1).saturating_mul(8),
        };
        let range = span(start, len);
        if range.end > packet.body.end {
            break;
        }
        match packet.protocol {
            HOP_BY_HOP | DESTINATION => ipv6_options(data, &range, anatomy),
            ROUTING => routing(data, &range, &mut packet, anatomy),
            FRAGMENT => {
                let field = u16_at(data, start.saturating_add(2)).unwrap_or_default();
                let is_part = field & 0xfff9 != 0;
                packet.fragment = is_part.then_some(field & 0xfff8 == 0);
            }
            AUTHENTICATION => {
                let value = start.saturating_add(12).min(range.end)..range.end;
                anatomy.region(value, RegionKind::Opaque("authentication of IP"));
            }
            other if OTHERS.contains(&other) => {
                let rest = start.saturating_add(2)..range.end;
                anatomy.region(rest, RegionKind::Opaque("extension header of IPv6"));
            }
            _ => break,
        }
        packet.protocol = u8_at(data, start).unwrap_or_default();
        packet.wire_len = packet.wire_len.saturating_sub(len);
        packet.body.start = range.end;
    }
    packet
}

/// Options between a header's length and its end: only a home address is one of a host (RFC 6275
/// section 6.3).
fn ipv6_options(data: &[u8], header: &Range<usize>, anatomy: &mut Anatomy) {
    const ROUTER_ALERT: u8 = 5;
    const JUMBO: u8 = 0xc2;
    const HOME_ADDRESS: u8 = 0xc9;
    const PAD: u8 = 1;
    let mut at = header.start.saturating_add(2);
    while at < header.end {
        let (kind, len) = (u8_at(data, at), u8_at(data, at.saturating_add(1)).map(usize::from));
        let (Some(kind), Some(len)) = (kind, len) else { return };
        if kind == 0 {
            at = at.saturating_add(1);
            continue;
        }
        let start = at.saturating_add(2).min(header.end);
        let value = start..start.saturating_add(len).min(header.end);
        at = value.end;
        match kind {
            PAD => anatomy.region(value, RegionKind::Padding),
            ROUTER_ALERT | JUMBO => {}
            HOME_ADDRESS if len == 16 => anatomy.region(value, RegionKind::Ipv6),
            _ => anatomy.region(value, RegionKind::Opaque("option of IPv6")),
        }
    }
}

/// A routing header of any kind that lists addresses (types 0, 2 and 4: RFC 5095, RFC 6275, RFC 8754).
/// Checksums are made over the last of them while some are left.
fn routing(data: &[u8], header: &Range<usize>, packet: &mut Packet, anatomy: &mut Anatomy) {
    let at = |offset: usize| u8_at(data, header.start.saturating_add(offset));
    let addresses = header.start.saturating_add(8).min(header.end)..header.end;
    let (Some(kind), Some(left)) = (at(2), at(3)) else { return };
    if !matches!(kind, 0 | 2) || addresses.len() % 16 != 0 {
        return anatomy.region(addresses, RegionKind::Opaque("routing header of another kind"));
    }
    if left > 0 && !addresses.is_empty() {
        let [_, dst] = &mut packet.addresses;
        *dst = span(addresses.end.saturating_sub(16), 16);
    }
    list(addresses, 16, RegionKind::Ipv6, anatomy);
}
