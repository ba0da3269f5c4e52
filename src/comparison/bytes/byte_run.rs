//! One answer in bytes, as recorded and as it came, which arrive in turns: whether the two are the
//! same, and what differs.
//!
//! Bytes that are the same go by. No more than [`MAX_AHEAD`] bytes of each are kept; what is beyond
//! is digested, and a difference there is known to lie behind that place only.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::super::standing::Origin;
use super::alignment::align;
use super::excerpt::{Excerpt, shown};
use super::sieve::Sieve;

/// Bytes of an answer that are kept of each origin.
pub const MAX_AHEAD: usize = 64 << 10;

/// So many bytes that are the same are kept before they are let go: most answers are shorter.
const LET_GO: usize = 4 << 10;

/// Bytes before a difference that stay, so that the word can be shown that it lies in.
const CONTEXT: usize = 64;

/// One answer under way.
#[derive(Debug, Default)]
pub(in crate::comparison) struct ByteRun {
    expected: Kept,
    actual: Kept,
    /// Where the bytes that are kept begin, since the run began.
    offset: u64,
    /// Where the answer began.
    begin: u64,
    /// Of the bytes that are kept, so many are the same in both; what follows differs, or only one
    /// has it.
    same: usize,
    beyond: Option<Box<Beyond>>,
    is_binary: bool,
}

/// What one origin has.
#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Bytes of the answer in all.
    len: u64,
}

/// What lies beyond the bytes that are kept.
#[derive(Debug)]
struct Beyond {
    offset: u64,
    expected: Digested,
    actual: Digested,
}

#[derive(Clone, Debug, Default)]
struct Digested {
    len: u64,
    digest: Sha256,
}

/// What stands in place of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::comparison) struct Unlike {
    /// In the recorded answer.
    pub at: Range<u64>,
    /// What the capture has there.
    pub expected: String,
    /// What came.
    pub actual: String,
}

/// What two answers that are whole differ in.
pub(in crate::comparison) fn unlike(sieve: &Sieve, expected: &[u8], actual: &[u8]) -> Vec<Unlike> {
    let mut run = ByteRun::default();
    run.push(Origin::Capture, expected, sieve);
    run.push(Origin::Live, actual, sieve);
    run.finish(sieve)
}

impl ByteRun {
    /// Takes the next bytes of an origin.
    pub fn push(&mut self, origin: Origin, bytes: &[u8], sieve: &Sieve) {
        self.is_binary = self.is_binary || bytes.iter().any(|it| is_binary(*it));
        let limit = self.beyond.as_ref().map_or(MAX_AHEAD, |it| {
            usize::try_from(it.offset.saturating_sub(self.offset)).unwrap_or(MAX_AHEAD)
        });
        let own = self.of_mut(origin);
        own.len = own.len.saturating_add(bytes.len() as u64);
        let room = limit.saturating_sub(own.bytes.len());
        let (kept, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        own.bytes.extend_from_slice(kept);
        self.compare();
        if !rest.is_empty() {
            self.digest(origin, rest);
        }
        // What a pattern matches may begin anywhere.
        if !sieve.has_patterns() {
            self.let_go();
        }
    }

    /// What both have is not the same.
    pub fn differs(&self) -> bool {
        self.same < self.expected.bytes.len().min(self.actual.bytes.len())
    }

    /// What came begins with all that was recorded, and goes on.
    pub fn is_ahead(&self) -> bool {
        let has_come = self.same == self.expected.bytes.len()
            && self.beyond.as_ref().is_none_or(|it| it.expected.len == 0);
        has_come && self.actual.len > self.expected.len
    }

    /// The answer is whole in both: what differs. Another one may begin.
    pub fn finish(&mut self, sieve: &Sieve) -> Vec<Unlike> {
        let is_same = self.beyond.as_ref().is_none_or(|it| it.is_same());
        let is_kept_same = self.expected.bytes == self.actual.bytes;
        let mut unlike = match is_kept_same || sieve.ignores_all() {
            true => Vec::new(),
            false => self.edits(sieve),
        };
        let behind = self.beyond.as_ref().filter(|_| !is_same && !sieve.ignores_all());
        if unlike.is_empty() {
            unlike.extend(behind.map(|it| Unlike::behind(it.offset.saturating_sub(self.begin))));
        }
        self.clear();
        unlike
    }

    /// All that was recorded has come, and more: that is the beginning of the next answer.
    pub fn go_on(&mut self) {
        self.expected.bytes.drain(..self.same);
        self.actual.bytes.drain(..self.same);
        self.actual.len = self.actual.len.saturating_sub(self.expected.len);
        self.expected.len = 0;
        self.offset = self.offset.saturating_add(self.same as u64);
        (self.begin, self.same) = (self.offset, 0);
    }

    /// Begins another answer, in the same memory.
    pub fn clear(&mut self) {
        for kept in [&mut self.expected, &mut self.actual] {
            kept.bytes.clear();
            kept.len = 0;
        }
        (self.offset, self.begin, self.same) = (0, 0, 0);
        (self.beyond, self.is_binary) = (None, false);
    }

    /// What differs in the bytes that are kept.
    fn edits(&self, sieve: &Sieve) -> Vec<Unlike> {
        let (expected, actual) = (&self.expected.bytes, &self.actual.bytes);
        let begin = self.offset.saturating_sub(self.begin);
        let mut levelled = actual.clone();
        if expected.len() == actual.len() {
            sieve.level(begin, expected, &mut levelled);
        }
        let (one, other) = (sieve.sift(expected), sieve.sift(&levelled));
        let edits = align(&one.bytes, &other.bytes).into_iter();
        let edits = edits.map(|it| [one.origin(&it.expected), other.origin(&it.actual)]);
        let place = |it: &Range<usize>| {
            begin.saturating_add(it.start as u64)..begin.saturating_add(it.end as u64)
        };
        let edits: Vec<_> = edits.filter(|[at, _]| !sieve.ignores(&place(at))).collect();
        let is_whole = self.beyond.is_none();
        let excerpt = |bytes, at: &Range<usize>, is_text| {
            Excerpt { bytes, offset: begin, is_text, is_whole }.text(at)
        };
        let unlike = |([at, came], is_text): ([Range<usize>; 2], bool)| Unlike {
            at: place(&at),
            expected: excerpt(expected, &at, is_text),
            actual: excerpt(actual, &came, is_text),
        };
        shown(edits, [expected, actual], !self.is_binary).into_iter().map(unlike).collect()
    }

    /// Finds out how much is the same.
    fn compare(&mut self) {
        let expected = self.expected.bytes.get(self.same..).unwrap_or_default();
        let actual = self.actual.bytes.get(self.same..).unwrap_or_default();
        self.same += expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    }

    /// Lets bytes go that are the same, but for the last of them.
    fn let_go(&mut self) {
        if self.same < LET_GO {
            return;
        }
        let gone = self.same.saturating_sub(CONTEXT);
        self.expected.bytes.drain(..gone);
        self.actual.bytes.drain(..gone);
        self.offset = self.offset.saturating_add(gone as u64);
        self.same -= gone;
    }

    fn digest(&mut self, origin: Origin, bytes: &[u8]) {
        let kept = self.of(origin).bytes.len() as u64;
        let offset = self.offset.saturating_add(kept);
        let beyond = self.beyond.get_or_insert_with(|| {
            let (expected, actual) = (Digested::default(), Digested::default());
            Box::new(Beyond { offset, expected, actual })
        });
        let run = match origin {
            Origin::Capture => &mut beyond.expected,
            Origin::Live => &mut beyond.actual,
        };
        run.len = run.len.saturating_add(bytes.len() as u64);
        run.digest.update(bytes);
    }

    fn of(&self, origin: Origin) -> &Kept {
        match origin {
            Origin::Capture => &self.expected,
            Origin::Live => &self.actual,
        }
    }

    fn of_mut(&mut self, origin: Origin) -> &mut Kept {
        match origin {
            Origin::Capture => &mut self.expected,
            Origin::Live => &mut self.actual,
        }
    }
}

impl Beyond {
    fn is_same(&self) -> bool {
        let Self { expected, actual, .. } = self;
        let sum = |it: &Digested| it.digest.clone().finalize();
        expected.len == actual.len && sum(expected) == sum(actual)
    }
}

impl Unlike {
    fn behind(offset: u64) -> Self {
        let text = || format!("bytes behind offset {offset}");
        Self { at: offset..u64::MAX, expected: text(), actual: text() }
    }
}

/// Text has no control characters but those that part lines and words, and those of terminals.
fn is_binary(byte: u8) -> bool {
    (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b)) || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Origin::{Capture, Live};

    fn sieve(ignore: &[&str], patterns: &[&str]) -> Sieve {
        let owned = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        Sieve::new(&owned(ignore), &owned(patterns)).unwrap()
    }

    fn run(parts: &[(Origin, &[u8])]) -> Vec<Unlike> {
        let mut run = ByteRun::default();
        parts.iter().for_each(|(origin, bytes)| run.push(*origin, bytes, &Sieve::default()));
        run.finish(&Sieve::default())
    }

    fn told(found: &[Unlike]) -> Vec<(&str, &str)> {
        found.iter().map(|it| (&*it.expected, &*it.actual)).collect()
    }

    #[test]
    fn each_difference_is_told_with_its_place() {
        for (parts, expected) in [
            (&[(Capture, &b"abcd"[..]), (Live, b"ab"), (Live, b"cd")][..], &[][..]),
            (&[], &[]),
            (
                &[(Live, b"\0\x01\x02\x03\x04"), (Capture, b"\0\x01\xffd")],
                &[("offset 2: ff64", "offset 2: 020304")],
            ),
            (
                &[(Capture, b"\0\x01\x02"), (Live, b"\0\x01")],
                &[("offset 2: 02", "end at offset 2")],
            ),
            (&[(Capture, b"\x01"), (Live, b"\x01\x02")], &[("end at offset 1", "offset 1: 02")]),
            (&[(Live, b"\x07")], &[("end at offset 0", "offset 0: 07")]),
            (&[(Capture, b"10\n"), (Live, b"1\n")], &[("offset 0: \"10\"", "offset 0: \"1\"")]),
            (
                &[(Capture, b"+OK 7 users\r\nup 1234 s\r\n"), (Live, b"+OK 7 users\r\nup 9 s\r\n")],
                &[("offset 16: \"1234\"", "offset 16: \"9\"")],
            ),
            (
                &[(Capture, b"one two, three"), (Live, b"one, three")],
                &[("offset 3: \" two\"", "nothing at offset 3")],
            ),
        ] {
            assert_eq!(told(&run(parts)), expected, "{parts:?}");
        }
    }

    #[test]
    fn what_lies_between_two_differences_is_the_same() {
        let [one, other] = ["7", "1234567"].map(|id| format!("id={id};name=Alan;sum={id}9;end"));
        let found = run(&[(Capture, one.as_bytes()), (Live, other.as_bytes())]);
        assert_eq!(
            told(&found),
            [
                ("offset 3: \"7\"", "offset 3: \"1234567\""),
                ("offset 19: \"79\"", "offset 25: \"12345679\""),
            ]
        );
    }

    #[test]
    fn places_and_patterns_do_not_count() {
        let recorded = b"id=42;at=17:05;ok";
        for (actual, ignore, patterns, left) in [
            (&b"id=99;at=17:05;ok"[..], &["bytes:3..5"][..], &[][..], 0),
            (b"id=9;at=17:05;ok", &["bytes:3..5"], &[], 0),
            (b"id=99;at=17:05;ko", &["bytes:3..5"], &[], 1),
            (b"id=99;at=17:05;ok", &["bytes:3..4"], &[], 1),
            (b"id=99;at=17:05;no", &["bytes"], &[], 0),
            (b"id=4711;at=9:5;ok", &[], &["[0-9]+"], 0),
            (b"id=4711;at=9:5;no", &[], &["[0-9]+"], 1),
            (b"ok", &[], &[r"id=\d+;", "at=[^;]*;"], 0),
            (b"id=42;at=17:06;ok", &[], &[r"id=\d+;"], 1),
        ] {
            let sieve = sieve(ignore, patterns);
            let found = unlike(&sieve, recorded, actual);
            assert_eq!(found.len(), left, "{found:?}");
        }
    }

    #[test]
    fn long_answers_go_by_and_what_is_far_ahead_is_digested() {
        let long = vec![7; 3 * MAX_AHEAD];
        let mut other = long.clone();
        assert_eq!(run(&[(Capture, &long), (Live, &other)]), []);
        other[MAX_AHEAD + 5] = 8;
        let found = run(&[(Capture, &long), (Live, &other)]);
        assert_eq!(found, [Unlike::behind(MAX_AHEAD as u64)]);
        let mut run = ByteRun::default();
        run.push(Live, &long, &Sieve::default());
        assert_eq!(run.actual.bytes.len(), MAX_AHEAD);
        // Piece by piece it is known wherever it differs, and little is kept.
        run.clear();
        for (one, other) in long.chunks(1000).zip(other.chunks(1000)) {
            run.push(Capture, one, &Sieve::default());
            run.push(Live, other, &Sieve::default());
            assert!(run.differs() || run.expected.bytes.len() < LET_GO + 1000);
        }
        let found = run.finish(&Sieve::default());
        assert_eq!(found[0].at.start, MAX_AHEAD as u64 + 5);
    }

    #[test]
    fn what_comes_early_is_told_from_what_differs() {
        let mut run = ByteRun::default();
        for (origin, bytes, [differs, is_ahead]) in [
            (Capture, &b"one"[..], [false, false]),
            (Live, b"onetw", [false, true]),
            (Capture, b"two", [false, false]),
            (Live, b"x", [true, false]),
        ] {
            run.push(origin, bytes, &Sieve::default());
            assert_eq!([run.differs(), run.is_ahead()], [differs, is_ahead], "{bytes:?}");
            if is_ahead {
                run.go_on();
            }
        }
        let found = run.finish(&Sieve::default());
        assert_eq!(told(&found), [("offset 0: \"two\"", "offset 0: \"twx\"")]);
    }

    proptest! {
        #[test]
        fn however_they_are_cut_and_mixed(
            one in prop::collection::vec(0..2u8, 0..200),
            other in prop::collection::vec(0..2u8, 0..200),
            same in any::<bool>(),
            order in prop::collection::vec((any::<bool>(), 1..40usize), 0..40),
        ) {
            let other = if same { one.clone() } else { other };
            let mut run = ByteRun::default();
            let (mut expected, mut actual) = (&one[..], &other[..]);
            for (is_live, len) in order {
                let (origin, rest) =
                    if is_live { (Live, &mut actual) } else { (Capture, &mut expected) };
                let (now, then) = rest.split_at(len.min(rest.len()));
                run.push(origin, now, &Sieve::default());
                *rest = then;
            }
            run.push(Live, actual, &Sieve::default());
            run.push(Capture, expected, &Sieve::default());
            prop_assert_eq!(run.finish(&Sieve::default()), unlike(&Sieve::default(), &one, &other));
            prop_assert_eq!(unlike(&Sieve::default(), &one, &other).is_empty(), one == other);
        }
    }
}
