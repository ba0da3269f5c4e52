//! The bytes of a record that no member covers: what a compiler puts between members and behind
//! the last one.

use std::ops::Range;

use super::layout::{Layout, Shape};

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

impl Layout {
    /// Every hole, in order: between members, within nested records, and behind the last member
    /// up to `sizeof`. A byte that holds one bit of a bit-field is none; of a union, the bytes
    /// that no member covers are. Where there are more than 65,536 pieces, as in a very long array
    /// of records with holes, those behind them are left out.
    ///
    /// Behind a variable tail, padding and the tail's further elements share their place.
    pub fn holes(&self) -> Vec<Hole> {
        complement(&self.covered(), self.size)
    }

    /// Holes of its own, as if every member were solid.
    pub fn own_holes(&self) -> Vec<Hole> {
        let members = self.fields.iter().map(|it| it.offset..it.offset + it.len());
        complement(&merged(members.collect()), self.size)
    }

    /// The bytes that members cover, in order and apart.
    fn covered(&self) -> Vec<Range<u64>> {
        let mut spans = Vec::new();
        for field in &self.fields {
            match field.bits {
                Some(_) => spans.push(field.offset..field.offset + field.len()),
                None => cover(&field.shape, field.offset, &mut spans),
            }
        }
        merged(spans)
    }
}

fn cover(shape: &Shape, offset: u64, spans: &mut Vec<Range<u64>>) {
    let room = MAX_PIECES.saturating_sub(spans.len());
    match shape {
        Shape::Record(layout) if room > 0 => {
            spans.extend(layout.covered().into_iter().map(|it| it.start + offset..it.end + offset));
        }
        Shape::Array { element, len, stride } if room > 0 => {
            let mut first = Vec::new();
            cover(element, 0, &mut first);
            let first = merged(first);
            let solid = matches!(first.as_slice(), [one] if *one == (0..*stride));
            let apart = if solid { 0 } else { room / first.len().max(1) };
            let apart = (apart as u64).min(*len);
            for index in 0..apart {
                let start = offset + index * stride;
                spans.extend(first.iter().map(|it| it.start + start..it.end + start));
            }
            spans.push(offset + apart * stride..offset + len * stride);
        }
        _ => spans.push(offset..offset + shape.size()),
    }
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

fn complement(covered: &[Range<u64>], size: u64) -> Vec<Hole> {
    let ends = std::iter::once(0).chain(covered.iter().map(|it| it.end));
    let starts = covered.iter().map(|it| it.start).chain(std::iter::once(size));
    let gaps = ends.zip(starts).filter(|(end, start)| end < start);
    gaps.map(|(end, start)| Hole { offset: end, len: start - end }).collect()
}
