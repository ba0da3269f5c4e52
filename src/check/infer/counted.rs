//! A field that counts the text behind it: such a text needs no NUL.

use super::{
    evidence::{read, swap},
    layouts::Candidate,
    sample::{Sample, Seen},
    slots::{Kind, Slot},
};
use crate::schema::PartId;

/// How much more or less than the text a field may count, bytes: a header in front of it, a sum behind it.
const MAX_MORE: i64 = 1024;

/// What counts a text tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub field: PartId,
    /// By how much the field is more than the bytes of the text.
    pub more: i64,
}

/// The first field that is the length of the text in every message, give or take the same number of bytes; in
/// either order, since one that is wrong counts all the same.
pub(super) fn of(layout: &Candidate, sample: &Sample) -> Option<Count> {
    let tail = layout.slots.tail.as_ref().filter(|it| it.element.kind == Kind::Text)?;
    let start = tail.element.offset;
    let texts: Vec<_> = sample.iter().filter(|it| it.len > start).collect();
    let of = |slot: &Slot| {
        let swapped = |value| swap(value, slot.len);
        let more =
            more(slot, start, &texts, |it| it).or_else(|| more(slot, start, &texts, swapped));
        more.map(|more| Count { field: slot.field, more })
    };
    layout.slots.slots.iter().find_map(of)
}

/// The integer of 2 bytes in front of the text, where it is zero in all messages and the texts differ in length.
pub(super) fn lost(layout: &Candidate, sample: &Sample) -> Option<PartId> {
    let start = layout.slots.tail.as_ref()?.element.offset;
    let last = layout.slots.slots.last()?;
    let end = last.offset.checked_add(last.len)?;
    if end != start || last.len != 2 || !matches!(last.kind, Kind::Integer { .. }) {
        return None;
    }
    let is_zero = |seen: &Seen<'_>| {
        seen.bytes.get(last.offset..end).is_some_and(|it| it.iter().all(|it| *it == 0))
    };
    let first = sample.iter().next()?.len;
    let differ = sample.iter().any(|it| it.len != first);
    (differ && sample.iter().all(|it| is_zero(&it))).then_some(last.field)
}

/// What a field has beyond the text, where that is the same in all messages. Of a single length only the text
/// and the whole message are no chance.
fn more(
    slot: &Slot,
    start: usize,
    texts: &[Seen<'_>],
    as_sent: impl Fn(u64) -> u64,
) -> Option<i64> {
    let Kind::Integer { order, .. } = slot.kind else { return None };
    let letters = |seen: &Seen<'_>| seen.len.saturating_sub(start);
    let of = |seen: &Seen<'_>| {
        let bytes = seen.bytes.get(slot.offset..slot.offset.checked_add(slot.len)?)?;
        let value = i64::try_from(as_sent(read(bytes, order))).ok()?;
        value.checked_sub(i64::try_from(letters(seen)).ok()?)
    };
    let first = texts.first()?;
    let more = of(first)?;
    let has_lengths = texts.iter().any(|it| letters(it) != letters(first));
    let is_told = has_lengths || more == 0 || usize::try_from(more) == Ok(start);
    let is_near = more.abs() <= MAX_MORE;
    (is_told && is_near && texts.iter().all(|it| of(it) == Some(more))).then_some(more)
}
