//! What the bytes of a frame are, such that they can be changed in place: where its addresses
//! stand, what it carries, and which checksums cover what.
//!
//! Nothing moves and no length changes. Tunnels of IP in IP, GRE and VXLAN are walked through, and so
//! is what an ICMP error quotes. What is not known is [`RegionKind::Opaque`], so that every byte behind
//! a header is in exactly one region; what is in none is structure: lengths, types, ports, flags.
//! Sources: RFC 791, RFC 8200, RFC 826, RFC 792, RFC 4443, RFC 4861, RFC 3376, RFC 3810, RFC 9293, RFC
//! 2784, RFC 2890, RFC 7348.

mod bytes;
mod checksums;
mod control;
mod internet;
mod link;
mod neighbour;
mod options;
mod transport;

use std::ops::Range;

use crate::capture::LinkType;
use checksums::Cover;

/// How deep tunnels and quotations are walked into.
const MAX_DEPTH: u8 = 6;

/// The regions of one frame, and its checksums.
#[derive(Clone, Debug, Default)]
pub struct Anatomy {
    regions: Vec<Region>,
    /// From the outside in.
    covers: Vec<Cover>,
}

/// Bytes of a frame that are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where in the frame, bytes; not empty, and within what was captured.
    pub range: Range<usize>,
    /// What they are.
    pub kind: RegionKind,
}

/// What the bytes of a region are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// An address of six bytes (IEEE 802).
    Mac,
    /// An address of IPv4.
    Ipv4,
    /// An address of IPv6.
    Ipv6,
    /// The first bits of an address of IPv6, so many; the others are zero.
    Prefix(u8),
    /// What a datagram or a segment carries, or one of the fragments of it.
    Payload,
    /// The same, as far as an ICMP error quotes it.
    Quoted,
    /// What fills up a frame.
    Padding,
    /// Nothing that is known; what it belongs to.
    Opaque(&'static str),
}

impl Anatomy {
    /// That of a frame.
    pub fn of(link: LinkType, data: &[u8]) -> Self {
        let mut anatomy = Self::default();
        link::walk(link, data, &mut anatomy);
        anatomy
    }

    /// The regions, in the order in which their headers name them; no two overlap.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Makes the checksums of `new`, which is `old` with its regions changed, what those of `old`
    /// were: right, wrong by the same amount, left to the network card, or absent.
    pub fn mend(&self, old: &[u8], new: &mut [u8]) {
        for cover in self.covers.iter().rev() {
            cover.mend(old, new);
        }
    }

    fn region(&mut self, range: Range<usize>, kind: RegionKind) {
        if !range.is_empty() {
            self.regions.push(Region { range, kind });
        }
    }

    fn cover(&mut self, cover: Cover) {
        self.covers.push(cover);
    }

    /// A field of `len` bytes; as far as it is there, and then nothing that is known.
    fn field(&mut self, data: &[u8], at: usize, len: usize, kind: RegionKind) {
        let end = at.saturating_add(len);
        match data.len() >= end {
            true => self.region(at..end, kind),
            false => self.region(at..data.len(), RegionKind::Opaque("header that is cut short")),
        }
    }
}

#[cfg(test)]
mod tests;
