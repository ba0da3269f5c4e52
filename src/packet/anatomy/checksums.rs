//! Checksums that are kept true, or wrong, by what changes under them (RFC 1624, equation 3).
//!
//! A checksum is never made anew: what was wrong with it stays wrong by the same amount. One that
//! offload left to the network card is the sum of the pseudo-header, not complemented, and follows
//! that alone; a zero that stands for none stays zero.

use std::ops::Range;

use super::super::checksum::Sum;

/// By how much a ones' complement sum changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change(Sum);

/// What a checksum covers, by offsets in the frame.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// Where it stands: two bytes.
    pub field: usize,
    /// The bytes that it covers, itself among them.
    pub range: Range<usize>,
    pub kind: Kind,
}

/// Which checksum it is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// That of an IPv4 header; zero is left to the network card.
    Ipv4,
    /// That of IGMP, ICMP, and of GRE.
    Alone,
    /// One with a pseudo-header.
    Pseudo(Pseudo),
}

/// A pseudo-header.
#[derive(Clone, Debug)]
pub(super) struct Pseudo {
    /// Where the two addresses stand, source first.
    pub addresses: [Range<usize>; 2],
    pub protocol: u8,
    /// Bytes on the wire.
    pub len: usize,
    /// Zero says that there is none.
    pub zero_is_none: bool,
    /// Only the start of the datagram is in this frame.
    pub is_part: bool,
}

impl Change {
    /// From bytes to others in their place, as many; they begin at an even offset of what the
    /// checksum covers.
    fn between(old: &[u8], new: &[u8]) -> Self {
        let old = !Sum::default().add(old).folded();
        Self(Sum::default().add(&old.to_ne_bytes()).add(new))
    }

    /// Both changes.
    fn plus(self, other: Self) -> Self {
        Self(self.0.add(&other.0.folded().to_ne_bytes()))
    }

    fn sum(self) -> [u8; 2] {
        self.0.folded().to_ne_bytes()
    }
}

impl Cover {
    pub(super) fn mend(&self, old: &[u8], new: &mut [u8]) {
        let Some(field) = old.get(self.field..).and_then(|it| it.first_chunk::<2>()) else {
            return;
        };
        let change = self.change(old, new);
        let mended = match &self.kind {
            Kind::Ipv4 if *field == [0; 2] => return,
            Kind::Ipv4 | Kind::Alone => complemented(*field, change),
            Kind::Pseudo(pseudo) if pseudo.zero_is_none && *field == [0; 2] => return,
            Kind::Pseudo(pseudo) if self.is_offloaded(pseudo, *field, old) => {
                Sum::default().add(field).add(&pseudo.change(old, new).sum()).folded().to_ne_bytes()
            }
            Kind::Pseudo(pseudo) => {
                match complemented(*field, change.plus(pseudo.change(old, new))) {
                    [0, 0] if pseudo.zero_is_none => [0xff; 2],
                    mended => mended,
                }
            }
        };
        if let Some(place) = new.get_mut(self.field..).and_then(|it| it.first_chunk_mut()) {
            *place = mended;
        }
    }

    /// What changed of the covered bytes; the field itself did not.
    fn change(&self, old: &[u8], new: &[u8]) -> Change {
        match (old.get(self.range.clone()), new.get(self.range.clone())) {
            (Some(old), Some(new)) => Change::between(old, new),
            _ => Change::default(),
        }
    }

    fn is_offloaded(&self, pseudo: &Pseudo, field: [u8; 2], old: &[u8]) -> bool {
        let sum = pseudo.sum(old);
        let covered = old.get(self.range.clone()).unwrap_or_default();
        let is_whole = covered.len() == pseudo.len && !pseudo.is_part;
        is_whole && !sum.add(covered).is_right() && sum.folded().to_ne_bytes() == field
    }
}

impl Pseudo {
    fn sum(&self, data: &[u8]) -> Sum {
        let len = u32::try_from(self.len).unwrap_or(u32::MAX).to_be_bytes();
        let sum = Sum::default().add(&[0, self.protocol]).add(&len);
        let address = |range: &Range<usize>| data.get(range.clone()).unwrap_or_default();
        self.addresses.iter().fold(sum, |sum, range| sum.add(address(range)))
    }

    fn change(&self, old: &[u8], new: &[u8]) -> Change {
        self.addresses.iter().fold(Change::default(), |change, range| {
            match (old.get(range.clone()), new.get(range.clone())) {
                (Some(old), Some(new)) => change.plus(Change::between(old, new)),
                _ => change,
            }
        })
    }
}

/// The field that follows a change: `~(~field + change)`.
fn complemented(field: [u8; 2], change: Change) -> [u8; 2] {
    let field = !u16::from_ne_bytes(field);
    let sum = Sum::default().add(&field.to_ne_bytes()).add(&change.sum());
    (!sum.folded()).to_ne_bytes()
}
