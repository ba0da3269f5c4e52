//! Neighbour discovery of IPv6: targets, prefixes and link addresses (RFC 4861, RFC 4191, RFC 7527, RFC
//! 8106).

use std::ops::RangeInclusive;

use super::bytes::u8_at;
use super::internet::{Packet, span};
use super::{Anatomy, RegionKind, internet, options};

/// Router solicitation to redirect.
pub(super) const KINDS: RangeInclusive<u8> = 133..=137;
const ROUTER_ADVERTISEMENT: u8 = 134;
const REDIRECT: u8 = 137;

/// Walks a message behind its first eight bytes.
pub(super) fn walk(kind: u8, data: &[u8], behind: usize, packet: &Packet, anatomy: &mut Anatomy) {
    let addresses = match kind {
        133 | ROUTER_ADVERTISEMENT => 0,
        REDIRECT => 2,
        _ => 1_usize,
    };
    let mut at = behind;
    for _ in 0..addresses {
        if at < data.len() {
            anatomy.field(data, at, 16, RegionKind::Ipv6);
        }
        at = at.saturating_add(16);
    }
    if kind == ROUTER_ADVERTISEMENT {
        // The times of a router stand there.
        at = at.saturating_add(8);
    }
    while at < data.len() {
        let len =
            u8_at(data, at.saturating_add(1)).map_or(0, |it| usize::from(it).saturating_mul(8));
        let end = at.saturating_add(len);
        if len == 0 || end > data.len() {
            return anatomy.region(at..data.len(), RegionKind::Opaque("malformed option"));
        }
        option(data, at, len, packet, anatomy);
        at = end;
    }
}

fn option(data: &[u8], at: usize, len: usize, packet: &Packet, anatomy: &mut Anatomy) {
    const PREFIX: u8 = 3;
    const REDIRECTED: u8 = 4;
    const MTU: u8 = 5;
    /// A random number, by which a host tells its own question from another's.
    const NONCE: u8 = 14;
    const ROUTE: u8 = 24;
    const SERVERS: u8 = 25;
    const FLAGS: u8 = 26;
    let bits = u8_at(data, at.saturating_add(2)).unwrap_or_default().min(128);
    let end = at.saturating_add(len);
    let value = at.saturating_add(2)..end;
    match u8_at(data, at) {
        Some(1 | 2) if len == 8 => anatomy.region(value, RegionKind::Mac),
        Some(PREFIX) if len == 32 => {
            anatomy.region(span(at.saturating_add(16), 16), RegionKind::Prefix(bits));
        }
        Some(REDIRECTED) => {
            let quoted = at.saturating_add(8)..end;
            internet::walk_packet(data, quoted, (packet.depth.saturating_add(1), true), anatomy);
        }
        Some(ROUTE) if len == 24 => {
            anatomy.region(span(at.saturating_add(8), 16), RegionKind::Prefix(bits));
        }
        Some(MTU | NONCE | FLAGS) if len == 8 => {}
        Some(SERVERS) => options::list(at.saturating_add(8)..end, 16, RegionKind::Ipv6, anatomy),
        _ => anatomy.region(value, RegionKind::Opaque("option of neighbour discovery")),
    }
}
