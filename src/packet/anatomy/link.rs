//! Link headers: Ethernet with its tags, BSD loopback, Linux cooked; ARP behind them.

use super::bytes::{u8_at, u16_at};
use super::{Anatomy, RegionKind, internet};
use crate::capture::LinkType;
use crate::packet::headers;

const MAC_LEN: usize = 6;
const ETHERNET_LEN: usize = 14;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const ARP: u16 = 0x0806;
/// The same the other way round, of the same form (RFC 903).
const RARP: u16 = 0x8035;
const TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const TAG_LEN: usize = 4;
/// The cooked headers (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2): where the length of the address
/// stands, the address itself and the EtherType, and how long the header is.
const SLL: Cooked = Cooked { len_at: 5, address: 6, ether_type: 14, len: 16 };
const SLL2: Cooked = Cooked { len_at: 11, address: 12, ether_type: 0, len: 20 };
/// Bytes of such a header's address field.
const COOKED_ADDRESS: usize = 8;
const NO_LINK: &str = "link type that is not known";

struct Cooked {
    len_at: usize,
    address: usize,
    ether_type: usize,
    len: usize,
}

/// Walks a frame.
pub(super) fn walk(link: LinkType, data: &[u8], anatomy: &mut Anatomy) {
    match link {
        LinkType::Raw | LinkType::Ipv4 | LinkType::Ipv6 => internet::walk(data, 0, 0, anatomy),
        LinkType::Ethernet => ethernet(data, 0, 0, anatomy),
        LinkType::Null | LinkType::Loop => loopback(data, link == LinkType::Loop, anatomy),
        LinkType::LinuxSll => SLL.walk(data, anatomy),
        LinkType::LinuxSll2 => SLL2.walk(data, anatomy),
        LinkType::Other(_) => anatomy.region(0..data.len(), RegionKind::Opaque(NO_LINK)),
    }
}

/// BSD loopback: a family, which the host writes in its own byte order, and OpenBSD in the network's.
fn loopback(data: &[u8], in_network_order: bool, anatomy: &mut Anatomy) {
    match headers::behind_family(data, in_network_order) {
        Ok(behind) => internet::walk(data, behind, 0, anatomy),
        Err(_) => {
            let behind = 4.min(data.len())..data.len();
            anatomy.region(behind, RegionKind::Opaque("address family that is not known"));
        }
    }
}

/// Walks an Ethernet frame that begins at `at`.
pub(super) fn ethernet(data: &[u8], at: usize, depth: u8, anatomy: &mut Anatomy) {
    anatomy.field(data, at, MAC_LEN, RegionKind::Mac);
    anatomy.field(data, at.saturating_add(MAC_LEN), MAC_LEN, RegionKind::Mac);
    let behind = at.saturating_add(ETHERNET_LEN);
    if let Some(ether_type) = u16_at(data, behind.saturating_sub(2)) {
        behind_type(ether_type, data, behind, depth, anatomy);
    }
}

/// Walks what an EtherType says.
pub(super) fn behind_type(first: u16, data: &[u8], at: usize, depth: u8, anatomy: &mut Anatomy) {
    let (mut ether_type, mut at) = (first, at);
    while TAGS.contains(&ether_type) {
        let Some(inner) = u16_at(data, at.saturating_add(2)) else { return };
        (ether_type, at) = (inner, at.saturating_add(TAG_LEN));
    }
    match ether_type {
        IPV4 | IPV6 => internet::walk(data, at, depth, anatomy),
        ARP | RARP => arp(data, at, anatomy),
        _ => anatomy.region(at..data.len(), RegionKind::Opaque("EtherType that is not known")),
    }
}

impl Cooked {
    fn walk(&self, data: &[u8], anatomy: &mut Anatomy) {
        let Some(ether_type) = u16_at(data, self.ether_type).filter(|_| data.len() >= self.len)
        else {
            return anatomy.region(0..data.len(), RegionKind::Opaque("header that is cut short"));
        };
        let kind = match u8_at(data, self.len_at).map(usize::from) {
            Some(MAC_LEN) => RegionKind::Mac,
            _ => RegionKind::Opaque("address of a link"),
        };
        let len = if kind == RegionKind::Mac { MAC_LEN } else { COOKED_ADDRESS };
        let end = self.address.saturating_add(len);
        anatomy.region(self.address..end, kind);
        anatomy.region(end..self.address.saturating_add(COOKED_ADDRESS), RegionKind::Padding);
        behind_type(ether_type, data, self.len, 0, anatomy);
    }
}

/// ARP of Ethernet and IPv4 (RFC 826).
fn arp(data: &[u8], at: usize, anatomy: &mut Anatomy) {
    const HEADER_LEN: usize = 8;
    const LENS: [u8; 4] = [0x08, 0x00, 6, 4];
    let body = at.saturating_add(HEADER_LEN);
    let lens = data.get(at.saturating_add(2)..).and_then(|it| it.first_chunk::<4>());
    if lens != Some(&LENS) {
        return anatomy.region(at..data.len(), RegionKind::Opaque("ARP of another kind"));
    }
    let mut offset = body;
    for (len, kind) in [(MAC_LEN, RegionKind::Mac), (4, RegionKind::Ipv4)].repeat(2) {
        if offset < data.len() {
            anatomy.field(data, offset, len, kind);
        }
        offset = offset.saturating_add(len);
    }
    anatomy.region(offset..data.len(), RegionKind::Padding);
}
