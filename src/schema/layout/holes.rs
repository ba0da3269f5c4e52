//! The bytes of a message that no member covers: what a compiler puts between members and behind
//! the last one.

use std::ops::Range;

use super::resolved::{PartId, PartKind, Repeat, ResolvedLayout};

/// Pieces that are told apart in one record; what comes behind them counts as solid.
const MAX_PIECES: usize = 1 << 16;

/// Bytes of a record that no member covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// From the start of the outermost record, bytes.
    pub offset: u64,
    /// Bytes up to the next member, or to the end.
    pub len: u64,
}

impl ResolvedLayout {
    /// Every hole of the message, in order: between members, within nested records, in each element
    /// of a list, and behind the last member up to `sizeof`. A byte that holds one bit of a bit-field
    /// is none; of a union, the bytes that no member covers are. Where there are more than 65,536
    /// pieces, as in a very long array of records with holes, those behind them are left out.
    ///
    /// Behind a variable tail, padding and the tail's further elements share their place.
    pub fn holes(&self) -> Vec<Hole> {
        let holes = uncovered(self.covered(Self::ROOT), 0..self.size).into_iter();
        holes.map(|it| Hole { offset: it.start, len: it.end.saturating_sub(it.start) }).collect()
    }

    /// Holes of one struct or union, as if every member were solid, from its own start.
    pub fn own_holes(&self, record: PartId) -> Vec<Hole> {
        let start = self.part(record).map_or(0, |it| it.offset);
        let holes = self.children(record).filter(|(_, it)| it.kind == PartKind::Hole);
        let hole = |len, offset: u64| Hole { offset: offset.saturating_sub(start), len };
        holes.map(|(_, it)| hole(it.len, it.offset)).collect()
    }

    /// The bytes that the members of a record cover, in order and apart.
    fn covered(&self, record: PartId) -> Vec<Range<u64>> {
        let mut spans = Vec::new();
        self.members(record).for_each(|(id, _)| self.cover(id, &mut spans));
        merged(spans)
    }

    fn cover(&self, id: PartId, spans: &mut Vec<Range<u64>>) {
        let Some(part) = self.part(id) else { return };
        let room = MAX_PIECES.saturating_sub(spans.len());
        match (&part.kind, part.repeat) {
            (PartKind::Struct(_) | PartKind::Union(_), _) if room > 0 => {
                spans.extend(self.covered(id));
            }
            (PartKind::List, Repeat::Times { count, stride }) if room > 0 => {
                let mut first = Vec::new();
                self.members(id).for_each(|(element, _)| self.cover(element, &mut first));
                let first = merged(first);
                let start = part.offset;
                let whole = start..start.saturating_add(stride);
                let solid = matches!(first.as_slice(), [one] if *one == whole);
                let apart = if solid { 0 } else { room / first.len().max(1) };
                let apart = (apart as u64).min(count);
                for index in 0..apart {
                    let shift = index.saturating_mul(stride);
                    spans.extend(first.iter().map(|it| shifted(it, shift)));
                }
                spans.push(start.saturating_add(apart.saturating_mul(stride))..part.end());
            }
            _ => spans.push(part.bytes()),
        }
    }
}

fn shifted(span: &Range<u64>, by: u64) -> Range<u64> {
    span.start.saturating_add(by)..span.end.saturating_add(by)
}

/// The bytes of `whole` that are in none of the spans.
pub(super) fn uncovered(spans: Vec<Range<u64>>, whole: Range<u64>) -> Vec<Range<u64>> {
    let covered = merged(spans);
    let ends = std::iter::once(whole.start).chain(covered.iter().map(|it| it.end));
    let starts = covered.iter().map(|it| it.start).chain(std::iter::once(whole.end));
    ends.zip(starts).filter(|(end, start)| end < start).map(|(end, start)| end..start).collect()
}

fn merged(mut spans: Vec<Range<u64>>) -> Vec<Range<u64>> {
    spans.retain(|it| !it.is_empty());
    spans.sort_by_key(|it| it.start);
    let mut apart: Vec<Range<u64>> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}
