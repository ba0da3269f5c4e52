//! The last bytes that connections gave out, to compare retransmissions with.
//!
//! One ring for all connections: what is given out is appended, and what was appended first is
//! overwritten, so that memory is written in order however connections are interleaved. A
//! direction knows its latest record; each record knows the one before it.

use std::num::NonZeroU64;

/// Bytes of the ring.
pub const HISTORY: usize = 8 << 20;
/// Records of a direction that a comparison looks at, latest first.
pub const MAX_LOOKED_AT: usize = 256;

/// A position's place in the ring is its low bits.
const MASK: u64 = HISTORY as u64 - 1;
const _: () = assert!(HISTORY.is_power_of_two());

/// Position of the record before, offset of the first byte, number of bytes.
const HEADER: usize = 8 + 8 + 4;

/// The ring.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Empty until something is remembered.
    ring: Vec<u8>,
    /// Bytes ever appended, those passed over at the end of the ring included.
    written: u64,
}

/// What is known of one direction: the position of its latest record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trail(Option<NonZeroU64>);

/// Bytes that were given out, the first of them at `offset` of their stream.
struct Known<'h> {
    before: Trail,
    offset: u64,
    bytes: &'h [u8],
}

impl History {
    /// Keeps bytes that a direction gave out.
    pub fn remember(&mut self, trail: &mut Trail, offset: u64, bytes: &[u8]) {
        let len = bytes.len().saturating_add(HEADER);
        let Ok(shown_len) = u32::try_from(bytes.len()) else { return };
        let Some((position, record)) = self.append(len) else { return };
        let before = trail.0.map_or(0, NonZeroU64::get);
        let (header, rest) = record.split_at_mut(HEADER);
        let (before_field, others) = header.split_at_mut(8);
        let (offset_field, len_field) = others.split_at_mut(8);
        before_field.copy_from_slice(&before.to_ne_bytes());
        offset_field.copy_from_slice(&offset.to_ne_bytes());
        len_field.copy_from_slice(&shown_len.to_ne_bytes());
        rest.copy_from_slice(bytes);
        trail.0 = NonZeroU64::new(position);
    }

    /// How many of `bytes` at `offset` are known to have been others when they came first.
    pub fn differing(&self, trail: Trail, offset: u64, bytes: &[u8]) -> u64 {
        let mut differing = 0_u64;
        let mut next = trail;
        for _ in 0..MAX_LOOKED_AT {
            let Some(known) = self.record(next) else { break };
            differing = differing.saturating_add(known.differing(offset, bytes));
            if known.offset <= offset {
                break;
            }
            next = known.before;
        }
        differing
    }

    /// Makes room for a record, and gives its position, which is not 0.
    fn append(&mut self, len: usize) -> Option<(u64, &mut [u8])> {
        if self.ring.is_empty() {
            self.ring = vec![0; HISTORY];
            self.written = HISTORY as u64;
        }
        let mut at = place(self.written);
        if at.saturating_add(len) > HISTORY {
            self.written = self.written.saturating_add(HISTORY.saturating_sub(at) as u64);
            at = 0;
        }
        let position = self.written;
        let record = self.ring.get_mut(at..at.checked_add(len)?)?;
        self.written = self.written.saturating_add(len as u64);
        Some((position, record))
    }

    /// The latest record of a trail, unless it was overwritten.
    fn record(&self, trail: Trail) -> Option<Known<'_>> {
        let position = trail.0?.get();
        if position.saturating_add(HISTORY as u64) < self.written {
            return None;
        }
        let record = self.ring.get(place(position)..)?;
        let (before, record) = record.split_first_chunk()?;
        let (offset, record) = record.split_first_chunk()?;
        let (len, record) = record.split_first_chunk()?;
        Some(Known {
            before: Trail(NonZeroU64::new(u64::from_ne_bytes(*before))),
            offset: u64::from_ne_bytes(*offset),
            bytes: record.get(..usize::try_from(u32::from_ne_bytes(*len)).ok()?)?,
        })
    }
}

fn place(position: u64) -> usize {
    (position & MASK) as usize
}

impl Known<'_> {
    /// Bytes at `offset` that differ from these, as far as both reach.
    fn differing(&self, offset: u64, bytes: &[u8]) -> u64 {
        let distance =
            |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let known = self.bytes.get(distance(self.offset, offset)..).unwrap_or_default();
        let again = bytes.get(distance(offset, self.offset)..).unwrap_or_default();
        known.iter().zip(again).filter(|(first, second)| first != second).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_is_compared_byte_for_byte() {
        let (mut history, mut trail) = (History::default(), Trail::default());
        assert_eq!(history.differing(trail, 0, b"abc"), 0, "nothing is known");
        history.remember(&mut trail, 0, b"abcd");
        history.remember(&mut trail, 4, b"efgh");
        // Behind a gap.
        history.remember(&mut trail, 10, b"klmn");
        for (offset, bytes, differing) in [
            (0, &b"abcdefgh"[..], 0),
            (0, b"aXcdXfgh", 2),
            (2, b"XXX", 3),
            (6, b"gh??kl", 0),
            (6, b"gX??Xl", 2),
            (12, b"mnop", 0),
            (12, b"Xnop", 1),
            (14, b"op", 0),
            (u64::MAX, b"x", 0),
        ] {
            assert_eq!(history.differing(trail, offset, bytes), differing, "{offset}");
        }
    }

    #[test]
    fn directions_share_the_ring_and_the_oldest_is_overwritten() {
        let mut history = History::default();
        let [mut first, mut second] = [Trail::default(); 2];
        history.remember(&mut first, 0, b"first");
        history.remember(&mut second, 0, b"other");
        let first_only = first;
        let block = vec![7; 60_000];
        let mut offset = 5_u64;
        while history.differing(first_only, 0, b"XXXXX") == 5 {
            history.remember(&mut first, offset, &block);
            offset += block.len() as u64;
            assert!(offset < 2 * HISTORY as u64, "never overwritten");
        }
        assert!(offset > (HISTORY - 2 * block.len()) as u64, "after {offset} bytes");
        assert_eq!(history.differing(first, 0, b"XXXXX"), 0);
        assert_eq!(history.differing(first, offset - 1, b"X"), 1);
        history.remember(&mut second, 5, &block);
        assert_eq!(history.differing(second, 0, b"XXXXX"), 0, "overwritten too");
        assert_eq!(history.differing(second, 5, &[8; 9]), 9);
        history.remember(&mut second, 0, &vec![0; HISTORY]);
        assert_eq!(history.differing(second, 5, &[8; 9]), 9, "too long to be kept");
    }

    #[test]
    fn a_comparison_looks_at_so_many_records() {
        let (mut history, mut trail) = (History::default(), Trail::default());
        for offset in 0..=MAX_LOOKED_AT as u64 {
            history.remember(&mut trail, offset, b"a");
        }
        assert_eq!(history.differing(trail, 0, b"X"), 0);
        assert_eq!(history.differing(trail, 1, b"X"), 1);
    }
}
