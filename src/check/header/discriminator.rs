//! Messages of one port that nothing tells apart: no tag, and lengths that both can have.

use std::collections::HashSet;

use super::super::code::Code;
use super::{HeaderMessage, Placed, listed};
use crate::check::Finding;
use crate::profile::{Format, Protocol};
use crate::schema::{Abi, RecordDef, Repeat, ResolvedLayout, Schema, Span};

/// Messages that are named as those that one is not told from.
const MAX_NAMED: usize = 5;

/// The lengths that a message can have, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    /// The shortest.
    min: u64,
    /// From one to the next; 0 where there is but one.
    stride: u64,
    /// The longest.
    max: u64,
}

impl Lengths {
    /// Those of a layout, of which no more than `max_len` are received.
    pub fn of(layout: &ResolvedLayout, max_len: Option<u64>) -> Self {
        let min = layout.min_len();
        match layout.tail().map(|(_, it)| it.repeat) {
            Some(Repeat::ToEnd { stride: stride @ 1.., .. }) => {
                Self { min, stride, max: max_len.unwrap_or(u64::MAX) }
            }
            // A union's members have tails of their own: any length may be one's.
            None if min < layout.size => Self { min, stride: 1, max: layout.size },
            _ => Self { min: layout.size, stride: 0, max: layout.size },
        }
    }

    /// The shortest length that both can have.
    pub fn shared(self, other: Self) -> Option<u64> {
        let (low, high) = if self.min <= other.min { (self, other) } else { (other, self) };
        let max = low.max.min(high.max);
        // Lengths of the one repeat, as to the other's stride, after as many steps as that has bytes.
        let steps = if high.stride == 0 { 0 } else { low.stride.min(1 << 16) };
        let lengths =
            (0..=steps).map(|step| high.min.saturating_add(step.saturating_mul(high.stride)));
        lengths.take_while(|len| *len <= max).find(|len| low.has(*len))
    }

    fn has(self, len: u64) -> bool {
        let behind = len.checked_sub(self.min);
        behind.is_some_and(|it| it == 0 || (self.stride > 0 && it.is_multiple_of(self.stride)))
    }
}

/// The shortest length at which nothing tells two protocols of one port apart.
pub(super) fn rivals(one: &Protocol, other: &Protocol) -> Option<u64> {
    let lengths = |it: &Protocol| match (&it.format, it.words.tags.is_empty()) {
        (Format::Record(layout), true) => Some(Lengths::of(layout, it.max_len)),
        _ => None,
    };
    lengths(one)?.shared(lengths(other)?)
}

/// The messages of a header that nothing would tell apart if they came to one port. Those that
/// stand within others are no messages by themselves.
pub fn not_told_apart_in(
    schema: usize,
    header: &Schema,
    messages: &[HeaderMessage<'_>],
) -> Vec<Finding> {
    let mut parts = HashSet::new();
    messages.iter().for_each(|it| nested(it.record, &mut parts));
    let whole = messages.iter().filter(|it| !parts.contains(&it.record.span));
    let lengths = whole.filter_map(|it| Some((it, Lengths::of(&it.layout(Abi::X86_64)?, None))));
    let lengths: Vec<_> = lengths.collect();
    let mut findings = Vec::new();
    for (index, (one, of_one)) in lengths.iter().enumerate() {
        let others = lengths.iter().skip(index.saturating_add(1));
        let others =
            others.filter_map(|(it, len)| Some((it.name.to_owned(), of_one.shared(*len)?)));
        let Some(finding) = not_told_apart(one.name, &others.collect::<Vec<_>>()) else { continue };
        let header = Placed { index: schema, header }.of(one.record.span);
        findings.push(Finding { message: Some(one.name.to_owned()), header, ..finding });
    }
    findings
}

/// One message, and those that it may be taken for, with the shortest length of both.
pub(super) fn not_told_apart(name: &str, others: &[(String, u64)]) -> Option<Finding> {
    let (_, len) = others.first()?;
    let mut names: Vec<_> =
        others.iter().take(MAX_NAMED).map(|(name, _)| format!("`{name}`")).collect();
    if let Some(more) = others.len().checked_sub(MAX_NAMED).filter(|it| *it > 0) {
        names.push(format!("{more} more"));
    }
    let text = format!("on one port, nothing tells `{name}` from {}", listed(&names));
    let lengths = others.iter().take(MAX_NAMED);
    let notes = lengths.map(|(other, len)| format!("`{other}` too can be {len} bytes long"));
    Some(Finding {
        len: Some(*len),
        notes: notes.collect(),
        help: Some("begin both with a field that tells what the message is".to_owned()),
        ..Finding::new(Code::NoDiscriminator, text)
    })
}

/// The structs and unions within another.
fn nested(record: &RecordDef, parts: &mut HashSet<Span>) {
    for inner in record.fields.iter().filter_map(|it| it.ctype.record()) {
        if parts.insert(inner.span) {
            nested(inner, parts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(len: u64) -> Lengths {
        Lengths { min: len, stride: 0, max: len }
    }

    fn tail(min: u64, stride: u64, max: u64) -> Lengths {
        Lengths { min, stride, max }
    }

    #[test]
    fn lengths_meet_where_both_have_one() {
        for (one, other, expected) in [
            (fixed(19), fixed(19), Some(19)),
            (fixed(19), fixed(20), None),
            (fixed(19), tail(8, 1, u64::MAX), Some(19)),
            (fixed(4), tail(8, 1, u64::MAX), None),
            (fixed(600), tail(8, 1, 504), None),
            (fixed(19), tail(8, 4, u64::MAX), None),
            (fixed(20), tail(8, 4, u64::MAX), Some(20)),
            (tail(8, 4, u64::MAX), tail(9, 4, u64::MAX), None),
            (tail(8, 4, u64::MAX), tail(9, 6, u64::MAX), None),
            (tail(8, 4, u64::MAX), tail(9, 3, u64::MAX), Some(12)),
            (tail(8, 4, 11), tail(9, 3, u64::MAX), None),
            (tail(8, 1, u64::MAX), tail(30, 8, u64::MAX), Some(30)),
        ] {
            assert_eq!(one.shared(other), expected, "{one:?} {other:?}");
            assert_eq!(other.shared(one), expected, "{other:?} {one:?}");
        }
    }
}
