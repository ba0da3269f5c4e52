//! Two runs of bytes that are not the same, aligned: what was replaced, removed and inserted, so
//! that a run that is missing does not make the rest differ.
//!
//! E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy way forward,
//! ended after [`MAX_CHANGES`]: runs that are less alike differ as a whole, but for what they begin
//! and end with.

use std::ops::Range;

/// Bytes removed and inserted, at most. The search takes half its square of words, 256 KiB, for as
/// long as it goes on.
const MAX_CHANGES: usize = 256;

/// So many bytes that are the same between two edits do not part them: in different values so many
/// are the same by chance.
const MIN_COMMON: usize = 4;

/// What stands in one run in place of what stands in the other; one of the two may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::comparison) struct Edit {
    pub expected: Range<usize>,
    pub actual: Range<usize>,
}

/// The edits that lead from one run to the other, in their order. None where they are the same.
pub(in crate::comparison) fn align(expected: &[u8], actual: &[u8]) -> Vec<Edit> {
    let begin = common(expected.iter(), actual.iter());
    let (one, other) = (rest(expected, begin), rest(actual, begin));
    let end = common(one.iter().rev(), other.iter().rev());
    let (one, other) = (head(one, end), head(other, end));
    let edits = if one.len() == other.len() {
        let in_place = replaced(one, other);
        let changes: usize = in_place.iter().map(|it| it.expected.len()).sum();
        shortest(one, other, changes.min(MAX_CHANGES)).unwrap_or(in_place)
    } else {
        let whole = || vec![Edit { expected: 0..one.len(), actual: 0..other.len() }];
        shortest(one, other, MAX_CHANGES).unwrap_or_else(whole)
    };
    joined(edits.into_iter().map(|it| it.behind(begin)))
}

/// The edits of two runs of one length in which nothing was removed or inserted.
fn replaced(expected: &[u8], actual: &[u8]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (at, (one, other)) in expected.iter().zip(actual).enumerate() {
        if one == other {
            continue;
        }
        match edits.last_mut().filter(|it| it.expected.end == at) {
            Some(last) => (last.expected.end, last.actual.end) = (at + 1, at + 1),
            None => edits.push(Edit { expected: at..at + 1, actual: at..at + 1 }),
        }
    }
    edits
}

/// The edits with the fewest bytes removed and inserted, if those are fewer than `limit`.
fn shortest(expected: &[u8], actual: &[u8], limit: usize) -> Option<Vec<Edit>> {
    // How far each diagonal, `x - y`, got with so many changes, from the lowest: `-changes`,
    // `2 - changes`, … `changes`.
    let mut reached: Vec<Vec<usize>> = Vec::new();
    for changes in 0..limit {
        let mut front = Vec::with_capacity(changes + 1);
        for diagonal in 0..=changes {
            let begin = reached.last().map_or(0, |before| step(before, diagonal).0);
            let Some(y) = (begin + changes).checked_sub(2 * diagonal) else {
                front.push(begin);
                continue;
            };
            let same = common(rest(expected, begin).iter(), rest(actual, y).iter());
            let is_inside = begin <= expected.len() && y <= actual.len();
            front.push(if is_inside { begin + same } else { begin });
            if begin + same == expected.len() && y + same == actual.len() {
                reached.push(front);
                return Some(trace(&reached, diagonal));
            }
        }
        reached.push(front);
    }
    None
}

/// Where a diagonal is entered, in the expected run, and whether a byte is removed on the way there,
/// not inserted. `before` are the diagonals with one change fewer.
fn step(before: &[usize], diagonal: usize) -> (usize, bool) {
    let inserted = before.get(diagonal).copied();
    let removed = diagonal.checked_sub(1).and_then(|it| before.get(it)).map(|it| it + 1);
    match (removed, inserted) {
        (Some(removed), Some(inserted)) if removed > inserted => (removed, true),
        (_, Some(inserted)) => (inserted, false),
        (Some(removed), None) => (removed, true),
        (None, None) => (0, false),
    }
}

/// The way back from the end, one change at a time.
fn trace(reached: &[Vec<usize>], mut diagonal: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    for changes in (1..reached.len()).rev() {
        let Some(before) = reached.get(changes - 1) else { break };
        let (x, is_removed) = step(before, diagonal);
        let y = (x + changes).saturating_sub(2 * diagonal);
        edits.push(match is_removed {
            true => Edit { expected: x.saturating_sub(1)..x, actual: y..y },
            false => Edit { expected: x..x, actual: y.saturating_sub(1)..y },
        });
        diagonal -= usize::from(is_removed);
    }
    edits.reverse();
    edits
}

/// Edits that hardly anything parts become one.
fn joined(edits: impl Iterator<Item = Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.last_mut() {
            Some(last) if edit.expected.start - last.expected.end < MIN_COMMON => {
                (last.expected.end, last.actual.end) = (edit.expected.end, edit.actual.end);
            }
            _ => joined.push(edit),
        }
    }
    joined
}

impl Edit {
    fn behind(self, offset: usize) -> Self {
        let moved = |it: Range<usize>| it.start + offset..it.end + offset;
        Self { expected: moved(self.expected), actual: moved(self.actual) }
    }
}

fn common<'b>(one: impl Iterator<Item = &'b u8>, other: impl Iterator<Item = &'b u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

fn rest(bytes: &[u8], begin: usize) -> &[u8] {
    bytes.get(begin..).unwrap_or_default()
}

fn head(bytes: &[u8], cut: usize) -> &[u8] {
    bytes.get(..bytes.len() - cut).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces that differ.
    fn pieces(expected: &str, actual: &str) -> Vec<(String, String)> {
        let edits = align(expected.as_bytes(), actual.as_bytes());
        edits
            .into_iter()
            .map(|it| (expected[it.expected].into(), actual[it.actual].into()))
            .collect()
    }

    #[test]
    fn what_is_inserted_or_removed_does_not_make_the_rest_differ() {
        for (expected, actual, edits) in [
            ("", "", &[][..]),
            ("same", "same", &[]),
            ("", "new", &[("", "new")]),
            ("old", "", &[("old", "")]),
            ("10\n", "1\n", &[("0", "")]),
            ("name=Alan;id=83;end", "name=Alan;end", &[("id=83;", "")]),
            ("name=Alan;end", "name=Alan;id=83;end", &[("", "id=83;")]),
            ("id=83;name=Alan;sum=12;", "id=9;name=Alan;sum=34;", &[("83", "9"), ("12", "34")]),
            // The same length: what stands in place is nearer than what was moved.
            ("0123", "4567", &[("0123", "4567")]),
            ("a1b2c3d4", "a9b8c7d6", &[("1b2c3d4", "9b8c7d6")]),
            // A line that went from the beginning to the end.
            ("drop\nkeep me here\n", "keep me here\nlast\n", &[("drop\n", ""), ("", "\nlast")]),
        ] {
            let edits: Vec<_> =
                edits.iter().map(|(one, other)| ((*one).into(), (*other).into())).collect();
            assert_eq!(pieces(expected, actual), edits, "{expected:?} {actual:?}");
        }
    }

    #[test]
    fn runs_that_have_nothing_in_common_differ_as_a_whole() {
        let one: Vec<u8> = (0..40_000_u32).map(|it| ((it * it) >> 3) as u8 & 0x7f).collect();
        let other: Vec<u8> = (0..50_000_u32).map(|it| ((it * it) >> 5) as u8 | 0x80).collect();
        let whole = Edit { expected: 2..40_002, actual: 2..50_002 };
        let between = |it: &[u8]| [b"<<", it, b">>"].concat();
        assert_eq!(align(&between(&one), &between(&other)), [whole]);
    }

    proptest! {
        #[test]
        fn edits_lead_from_one_to_the_other(
            one in prop::collection::vec(0..4_u8, 0..400),
            other in prop::collection::vec(0..4_u8, 0..400),
            shared in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            let expected = [&shared[..], &one, &shared].concat();
            let actual = [&shared[..], &other, &shared, &one].concat();
            let mut made = Vec::new();
            let mut at = 0;
            for edit in align(&expected, &actual) {
                prop_assert!(edit.expected.start >= at);
                made.extend_from_slice(&expected[at..edit.expected.start]);
                prop_assert_eq!(made.len(), edit.actual.start);
                prop_assert!(expected[edit.expected.clone()] != actual[edit.actual.clone()]);
                made.extend_from_slice(&actual[edit.actual]);
                at = edit.expected.end;
            }
            made.extend_from_slice(&expected[at..]);
            prop_assert_eq!(made, actual);
        }
    }
}
