//! Lengths that fit no layout, whoever compiled it.

use super::declaration::{Declaration, Elsewhere};
use super::touch::Touch;
use crate::schema::{Part, PartId, PartKind, Repeat, ResolvedLayout};

/// Ends the message within a field, or within its last one. `Err` says why every such length would
/// be another message.
pub(super) fn cut(
    declaration: &Declaration<'_>,
    layout: &ResolvedLayout,
    field: Option<(PartId, &Part)>,
) -> Result<Touch, String> {
    let ways: Vec<_> = declaration.elsewhere().collect();
    let tail = layout.tail();
    let within_tail = field.is_none_or(|(id, _)| tail.is_some_and(|it| it.0 == id));
    if within_tail
        && let Some((_, part)) = tail
        && let Some(touch) = cut_element(part, &ways)
    {
        return Ok(touch);
    }
    let last = || {
        let fixed = |it: &&Part| it.kind != PartKind::Hole && !it.bytes().is_empty();
        let before_tail = |it: &&Part| tail.is_none_or(|(_, tail)| it.end() <= tail.offset);
        let parts = layout.fields().skip(1).map(|(_, it)| it);
        parts.filter(fixed).filter(before_tail).max_by_key(|it| it.end())
    };
    let Some(part) = field.map(|it| it.1).filter(|_| !within_tail || tail.is_none()).or_else(last)
    else {
        return Err(format!("`{}` has no field that it could end within", declaration.name));
    };
    let first = if field.is_some() { part.offset } else { 0 };
    let fits = |len: &u64| ways.iter().any(|it| is_len(&it.layout, *len));
    let len = (first.max(1)..part.end()).rev().find(|len| !fits(len));
    match len.and_then(|it| usize::try_from(it).ok()) {
        Some(len) => Ok(Touch::Cut { len }),
        None => Err(format!(
            "every length that ends within `{}` is that of `{}` for some compiler",
            part.path, declaration.name
        )),
    }
}

/// Whether a layout has messages of a length. A union may end with any of its members, and one
/// whose last member is an array within that.
fn is_len(layout: &ResolvedLayout, len: u64) -> bool {
    let is_union = layout.part(ResolvedLayout::ROOT).is_some_and(|it| !is_struct(it));
    match layout.tail() {
        Some((_, tail)) => len >= tail.offset,
        None if is_union => len >= layout.min_len(),
        None => (layout.min_len()..=layout.size).contains(&len),
    }
}

fn is_struct(part: &Part) -> bool {
    matches!(part.kind, PartKind::Struct(_))
}

/// Leaves off part of the last element, so much that no other layout has whole elements either.
fn cut_element(tail: &Part, ways: &[Elsewhere]) -> Option<Touch> {
    let Repeat::ToEnd { stride, .. } = tail.repeat else { return None };
    let by = (1..stride).find(|&by| {
        ways.iter().filter_map(|it| it.layout.tail()).all(|(_, other)| {
            let Repeat::ToEnd { stride: theirs, .. } = other.repeat else { return true };
            // Lengths are `tail.offset + n * stride - by`, theirs `other.offset + m * theirs`.
            let step = gcd(stride, theirs.max(1));
            let own = tail.offset.saturating_add(stride).saturating_sub(by);
            own % step != other.offset % step
        })
    })?;
    let bytes = |it: u64| usize::try_from(it).ok();
    Some(Touch::CutElement { tail: bytes(tail.offset)?, stride: bytes(stride)?, by: bytes(by)? })
}

/// Euclid's; `b` is not zero.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a.max(1)
}
