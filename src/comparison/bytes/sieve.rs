//! What bytes may differ: places of an answer, and what a pattern matches.
//!
//! Patterns are regular expressions of bytes, matched in time that grows with the answer alone;
//! what they match is taken out on both sides before these are compared.

use std::borrow::Cow;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

/// What `--ignore` calls all that is compared by bytes, and before what it names a place there.
pub(in crate::comparison) const BYTES: &str = "bytes";

/// What does not count.
#[derive(Clone, Debug, Default)]
pub(in crate::comparison) struct Sieve {
    ignores_all: bool,
    places: Vec<Range<u64>>,
    patterns: Vec<Regex>,
}

/// What is left of an answer.
pub(in crate::comparison) struct Sieved<'b> {
    pub bytes: Cow<'b, [u8]>,
    /// Where what was taken out stood: behind so many of the bytes that are left, so many in all.
    taken: Vec<(usize, usize)>,
}

/// Reads `bytes:4..8`. `None` for what is no such name, and for places that end before they begin.
pub(in crate::comparison) fn place(name: &str) -> Option<Range<u64>> {
    let (begin, end) = name.strip_prefix(BYTES)?.strip_prefix(':')?.split_once("..")?;
    let place = begin.parse().ok()?..end.parse().ok()?;
    (place.start <= place.end).then_some(place)
}

/// Reads a pattern: of bytes, where text of any coding may stand.
///
/// # Errors
///
/// What is wrong with it.
pub(in crate::comparison) fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).unicode(false).build()
}

impl Sieve {
    /// Takes the names of `--ignore` that are of bytes, and the patterns.
    ///
    /// # Errors
    ///
    /// A pattern that cannot be read.
    pub fn new(ignore: &[String], patterns: &[String]) -> Result<Self, regex::Error> {
        Ok(Self {
            ignores_all: ignore.iter().any(|it| it == BYTES),
            places: ignore.iter().filter_map(|it| place(it)).collect(),
            patterns: patterns.iter().map(|it| pattern(it)).collect::<Result<_, _>>()?,
        })
    }

    /// Whether an answer must be known whole to tell what is left of it.
    pub fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Whether bytes may differ, whichever they are.
    pub fn ignores_all(&self) -> bool {
        self.ignores_all
    }

    /// Whether all of a run of the expected answer may differ.
    pub fn ignores(&self, run: &Range<u64>) -> bool {
        self.ignores_all || self.places.iter().any(|it| it.start <= run.start && run.end <= it.end)
    }

    /// Whether texts are the same but for what may differ.
    pub fn is_same(&self, expected: &[u8], actual: &[u8]) -> bool {
        self.has_patterns() && self.sift(expected).bytes == self.sift(actual).bytes
    }

    /// Lays what is ignored in one answer over the same places of the other, which is as long. The
    /// bytes begin at `offset` of the answer.
    pub fn level(&self, offset: u64, expected: &[u8], actual: &mut [u8]) {
        for place in &self.places {
            let [begin, end] = [place.start, place.end].map(|it| {
                usize::try_from(it.saturating_sub(offset)).unwrap_or(usize::MAX).min(expected.len())
            });
            if let (Some(from), Some(to)) = (expected.get(begin..end), actual.get_mut(begin..end)) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Takes out what the patterns match.
    pub fn sift<'b>(&self, bytes: &'b [u8]) -> Sieved<'b> {
        let mut matches: Vec<_> = self
            .patterns
            .iter()
            .flat_map(|it| it.find_iter(bytes).map(|found| found.range()))
            .filter(|it| !it.is_empty())
            .collect();
        if matches.is_empty() {
            return Sieved { bytes: Cow::Borrowed(bytes), taken: Vec::new() };
        }
        matches.sort_unstable_by_key(|it| it.start);
        let (mut left, mut taken, mut at) = (Vec::new(), Vec::new(), 0);
        for found in matches {
            if found.end <= at {
                continue;
            }
            left.extend_from_slice(bytes.get(at..found.start).unwrap_or_default());
            at = found.end;
            taken.push((left.len(), at - left.len()));
        }
        left.extend_from_slice(bytes.get(at..).unwrap_or_default());
        Sieved { bytes: Cow::Owned(left), taken }
    }
}

impl Sieved<'_> {
    /// Where a run of what is left begins and ends in the answer. What was taken out before it is
    /// no part of it, nor what was behind it.
    pub fn origin(&self, run: &Range<usize>) -> Range<usize> {
        let taken = |up_to: usize| {
            let behind = self.taken.partition_point(|(left, _)| *left <= up_to);
            behind.checked_sub(1).and_then(|it| self.taken.get(it)).map_or(0, |(_, all)| *all)
        };
        let begin = run.start + taken(run.start);
        let end = match run.end.checked_sub(1) {
            Some(last) if run.start < run.end => run.end + taken(last),
            _ => begin,
        };
        begin..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieve(ignore: &[&str], patterns: &[&str]) -> Sieve {
        let owned = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        Sieve::new(&owned(ignore), &owned(patterns)).unwrap()
    }

    #[test]
    fn places_have_a_begin_and_an_end() {
        assert_eq!(place("bytes:4..8"), Some(4..8));
        assert_eq!(place("bytes:4..4"), Some(4..4));
        for name in ["bytes", "bytes:", "bytes:4", "bytes:8..4", "bytes:4..x", "byte:4..8", "4..8"]
        {
            assert_eq!(place(name), None, "{name}");
        }
    }

    #[test]
    fn a_place_is_ignored_whole_or_in_parts() {
        let sieve = sieve(&["bytes:4..8", "value"], &[]);
        for (run, expected) in
            [(4..8, true), (5..6, true), (8..8, true), (4..9, false), (3..4, false), (9..9, false)]
        {
            assert_eq!(sieve.ignores(&run), expected, "{run:?}");
        }
        let mut actual = *b"0123456789";
        sieve.level(2, b"abcdefghij", &mut actual);
        assert_eq!(&actual, b"01cdef6789");
    }

    #[test]
    fn what_patterns_match_is_taken_out_and_the_rest_keeps_its_place() {
        let sieve = sieve(&[], &["[0-9]+", "k=[0-9]", "x*"]);
        let sieved = sieve.sift(b"12ab345cdk=7");
        assert_eq!(&*sieved.bytes, b"abcd");
        for (run, origin) in
            [(0..1, 2..3), (0..2, 2..4), (1..3, 3..8), (2..4, 7..9), (4..4, 12..12)]
        {
            assert_eq!(sieved.origin(&run), origin, "{run:?}");
        }
        assert!(sieve.is_same(b"at 17:05", b"at 9:4"));
        assert!(!sieve.is_same(b"at 17:05", b"on 17:05"));
        assert!(Sieve::new(&[], &["(".to_owned()]).is_err());
    }

    #[test]
    fn without_patterns_nothing_is_copied() {
        let sieve = sieve(&["bytes:0..1"], &[]);
        assert!(matches!(sieve.sift(b"123").bytes, Cow::Borrowed(b"123")));
        assert!(!sieve.is_same(b"1", b"1"));
    }
}
