//! Two runs of bytes that are not the same, aligned: what was replaced, removed and inserted, so
//! that a run that is missing does not make the rest differ.
//!
//! The search for what they have in common ends after [`MAX_CHANGES`]: runs that are less alike differ
//! as a whole, but for what they begin and end with.

use std::ops::Range;

use super::super::common_runs::{Run, alike, common_runs};

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
    let begin = alike(expected.iter(), actual.iter());
    let (one, other) = (rest(expected, begin), rest(actual, begin));
    let end = alike(one.iter().rev(), other.iter().rev());
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
    let runs = common_runs(expected, actual, limit)?;
    let end = Run { old: expected.len(), new: actual.len(), len: 0 };
    let (mut edits, mut at) = (Vec::new(), (0, 0));
    for Run { old, new, len } in runs.into_iter().chain([end]) {
        if (old, new) != at {
            edits.push(Edit { expected: at.0..old, actual: at.1..new });
        }
        at = (old + len, new + len);
    }
    Some(edits)
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
