//! Two runs of bytes that arrive in turns: whether they are the same, and where they first differ.
//!
//! No more than [`MAX_AHEAD`] bytes of the run that is ahead are kept. What is beyond is digested,
//! and a difference there is known to lie behind that place only.

use sha2::{Digest, Sha256};

use super::Origin;

/// Bytes of the run that is ahead which are kept.
pub const MAX_AHEAD: usize = 64 << 10;

/// Bytes that a difference shows.
const EXCERPT_LEN: usize = 16;

/// Two runs.
#[derive(Debug, Default)]
pub(super) struct ByteRun {
    /// Of the run that is ahead, from [`compared`](Self::compared) on.
    ahead: Vec<u8>,
    leader: Option<Origin>,
    /// Bytes that are the same.
    compared: u64,
    difference: Option<Unlike>,
    beyond: Option<Box<Beyond>>,
}

/// What lies beyond the bytes that are kept.
#[derive(Debug)]
struct Beyond {
    offset: u64,
    runs: [Digested; 2],
}

#[derive(Clone, Debug, Default)]
struct Digested {
    len: u64,
    digest: Sha256,
}

/// Where two runs first differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unlike {
    /// The first byte that differs, or where one ends; the first of the rest where `is_behind`.
    pub offset: u64,
    /// The difference lies somewhere behind the offset.
    pub is_behind: bool,
    /// What the capture has there.
    pub expected: Vec<u8>,
    /// What came.
    pub actual: Vec<u8>,
}

/// Where two runs that are whole first differ.
pub(super) fn first(expected: &[u8], actual: &[u8]) -> Option<Unlike> {
    let mut run = ByteRun::default();
    run.push(Origin::Capture, expected);
    run.push(Origin::Live, actual);
    run.finish()
}

impl ByteRun {
    /// The first difference so far.
    pub fn difference(&self) -> Option<&Unlike> {
        self.difference.as_ref()
    }

    /// Takes the next bytes of a run.
    pub fn push(&mut self, origin: Origin, mut bytes: &[u8]) {
        if let Some(unlike) = &mut self.difference {
            return unlike.extend(origin, bytes);
        }
        if self.leader.is_some_and(|leader| leader != origin) {
            bytes = self.catch_up(origin, bytes);
        }
        if bytes.is_empty() || self.difference.is_some() {
            return;
        }
        let room =
            if self.beyond.is_some() { 0 } else { MAX_AHEAD.saturating_sub(self.ahead.len()) };
        let (kept, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        if !kept.is_empty() {
            self.leader = Some(origin);
            self.ahead.extend_from_slice(kept);
        }
        if !rest.is_empty() {
            self.digest(origin, rest);
        }
    }

    /// Both runs have ended: where they differ, if they do.
    pub fn finish(mut self) -> Option<Unlike> {
        if self.difference.is_some() {
            return self.difference;
        }
        if let Some(leader) = self.leader {
            self.differ(leader, self.compared, &[], &self.ahead.clone());
            return self.difference;
        }
        let Beyond { offset, runs: [expected, actual] } = *self.beyond?;
        let is_same =
            expected.len == actual.len && expected.digest.finalize() == actual.digest.finalize();
        (!is_same).then(|| Unlike {
            offset,
            is_behind: true,
            expected: Vec::new(),
            actual: Vec::new(),
        })
    }

    /// Compares with what the other run has ahead; gives what goes beyond that.
    fn catch_up<'b>(&mut self, origin: Origin, bytes: &'b [u8]) -> &'b [u8] {
        let len = bytes.len().min(self.ahead.len());
        let same = self.ahead.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let offset = self.compared.saturating_add(same as u64);
        if same < len {
            let ahead = self.ahead.get(same..).unwrap_or_default().to_vec();
            self.differ(origin.other(), offset, bytes.get(same..).unwrap_or_default(), &ahead);
            return &[];
        }
        self.compared = offset;
        self.ahead.drain(..len);
        if self.ahead.is_empty() {
            self.leader = None;
        }
        bytes.get(len..).unwrap_or_default()
    }

    fn differ(&mut self, leader: Origin, offset: u64, behind: &[u8], ahead: &[u8]) {
        let (expected, actual) = (Vec::new(), Vec::new());
        let mut unlike = Unlike { offset, is_behind: false, expected, actual };
        unlike.extend(leader, ahead);
        unlike.extend(leader.other(), behind);
        self.difference = Some(unlike);
        self.ahead = Vec::new();
        self.leader = None;
        self.beyond = None;
    }

    fn digest(&mut self, origin: Origin, bytes: &[u8]) {
        let offset = self.compared.saturating_add(self.ahead.len() as u64);
        let beyond = self.beyond.get_or_insert_with(|| {
            Box::new(Beyond { offset, runs: [Digested::default(), Digested::default()] })
        });
        if let Some(run) = beyond.runs.get_mut(origin as usize) {
            run.len = run.len.saturating_add(bytes.len() as u64);
            run.digest.update(bytes);
        }
    }
}

impl Unlike {
    /// Takes what follows on one side, as far as it is shown.
    fn extend(&mut self, origin: Origin, bytes: &[u8]) {
        let shown = match origin {
            Origin::Capture => &mut self.expected,
            Origin::Live => &mut self.actual,
        };
        let room = EXCERPT_LEN.saturating_sub(shown.len());
        shown.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// What stands on one side of it, as hex.
    pub fn text(&self, bytes: &[u8]) -> String {
        let Self { offset, is_behind, .. } = self;
        match (is_behind, bytes) {
            (true, _) => format!("bytes behind offset {offset}"),
            (false, []) => format!("end at offset {offset}"),
            (false, bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let more = if bytes.len() == EXCERPT_LEN { "…" } else { "" };
                format!("offset {offset}: {hex}{more}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(parts: &[(Origin, &[u8])]) -> Option<Unlike> {
        let mut run = ByteRun::default();
        parts.iter().for_each(|(origin, bytes)| run.push(*origin, bytes));
        run.finish()
    }

    #[test]
    fn the_first_byte_that_differs_is_told() {
        use Origin::{Capture, Live};
        for (parts, expected) in [
            (&[(Capture, &b"abcd"[..]), (Live, b"ab"), (Live, b"cd")][..], None),
            (&[], None),
            (&[(Live, b"abcdef"), (Capture, b"abXd")], Some((2, &b"Xd"[..], &b"cdef"[..]))),
            (&[(Capture, b"abc"), (Live, b"ab")], Some((2, b"c", b""))),
            (&[(Capture, b"ab"), (Live, b"abc")], Some((2, b"", b"c"))),
            (&[(Live, b"x")], Some((0, b"", b"x"))),
        ] {
            let found = run(parts).map(|it| (it.offset, it.expected, it.actual));
            let expected = expected.map(|(at, one, other)| (at, one.to_vec(), other.to_vec()));
            assert_eq!(found, expected, "{parts:?}");
        }
    }

    #[test]
    fn what_is_far_ahead_is_digested() {
        use Origin::{Capture, Live};
        let long = vec![7; 3 * MAX_AHEAD];
        let mut other = long.clone();
        assert_eq!(run(&[(Capture, &long), (Live, &other)]), None);
        other[MAX_AHEAD + 5] = 8;
        let found = run(&[(Capture, &long), (Live, &other)]).unwrap();
        assert_eq!((found.offset, found.is_behind), (MAX_AHEAD as u64, true));
        let mut run = ByteRun::default();
        run.push(Live, &long);
        assert_eq!(run.ahead.len(), MAX_AHEAD);
    }

    #[test]
    fn text_shows_the_place() {
        let unlike =
            Unlike { offset: 3, is_behind: false, expected: vec![0xab, 0], actual: vec![] };
        assert_eq!(unlike.text(&unlike.expected), "offset 3: ab00");
        assert_eq!(unlike.text(&unlike.actual), "end at offset 3");
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
                let (origin, rest) = if is_live { (Origin::Live, &mut actual) } else { (Origin::Capture, &mut expected) };
                let (now, then) = rest.split_at(len.min(rest.len()));
                run.push(origin, now);
                *rest = then;
            }
            run.push(Origin::Live, actual);
            run.push(Origin::Capture, expected);
            let offset = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
            let wanted = (one != other).then_some(offset as u64);
            prop_assert_eq!(run.finish().map(|it| it.offset), wanted);
        }
    }
}
