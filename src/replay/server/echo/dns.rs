//! What answers of DNS repeat: the id (RFC 1035 section 4.1.1), and the client's cookie (RFC 7873
//! section 4), an option of the OPT record (RFC 6891 section 6.1.2). Over TCP a length stands
//! before each message (RFC 1035 section 4.2.2).

use std::ops::Range;

use crate::flow::Side;

/// Where it is expected, without a rule.
pub(super) const PORT: u16 = 53;
/// Before each message over TCP.
pub(super) const LENGTH_LEN: usize = 2;

/// Fields of the header (RFC 1035 section 4.1.1): the id, what is asked for but for the id, and the
/// counts of questions and of records.
const ID: Range<usize> = 0..2;
const FLAGS_AND_QUESTIONS: Range<usize> = 2..6;
const QUESTION_COUNT: usize = 4;
const RECORD_COUNTS: [usize; 3] = [6, 8, 10];
const HEADER_LEN: usize = 12;
/// Type and class behind the name of a question.
const QUESTION_REST: usize = 4;
/// Type, class, time to live and length behind the name of a record.
const RECORD_REST: usize = 10;
const OPT: u16 = 41;
const COOKIE: u16 = 10;
/// Of the client's part.
const COOKIE_LEN: usize = 8;
/// Opcodes that are assigned: query, inverse query, status, notify, update, stateful operations.
const OPCODES: [u8; 6] = [0, 1, 2, 4, 5, 6];
/// A label is no longer; what has these bits is none (RFC 1035 section 4.1.4).
const MAX_LABEL: u8 = 63;
const POINTER: u8 = 0xc0;

/// What is repeated of a message that `side` sent, each with its name; nothing, where its header is
/// none of DNS.
pub(super) fn fields(side: Side, bytes: &[u8]) -> Vec<(&'static str, Range<usize>)> {
    if !is_dns(side, bytes) {
        return Vec::new();
    }
    let id = Some(("id", ID));
    let cookie = cookie(bytes).map(|it| ("cookie", it));
    id.into_iter().chain(cookie).collect()
}

/// What makes a request of DNS the same as another: its first four bytes but for the id, and its
/// questions, in which case does not count.
pub(super) fn question(bytes: &[u8]) -> Option<Vec<u8>> {
    let end = behind_questions(bytes).filter(|_| is_dns(Side::Client, bytes))?;
    let question = bytes.get(HEADER_LEN..end)?.to_ascii_lowercase();
    Some([bytes.get(FLAGS_AND_QUESTIONS)?, &question].concat())
}

fn is_dns(side: Side, bytes: &[u8]) -> bool {
    let Some(&[_, _, flags, more, ..]) = bytes.get(..HEADER_LEN) else { return false };
    let is_answer = flags & 0x80 != 0;
    let opcode = flags >> 3 & 0x0f;
    // The bit between RA and AD must be zero.
    let is_reserved_clear = more & 0x40 == 0;
    let questions = count(bytes, QUESTION_COUNT);
    let asks = opcode != 0 || questions == 1 || (is_answer && questions == 0);
    is_answer == (side == Side::Server)
        && OPCODES.contains(&opcode)
        && is_reserved_clear
        && asks
        && behind_questions(bytes).is_some()
}

fn behind_questions(bytes: &[u8]) -> Option<usize> {
    let mut at = HEADER_LEN;
    for _ in 0..count(bytes, QUESTION_COUNT) {
        at = behind_name(bytes, at)?.checked_add(QUESTION_REST)?;
    }
    (at <= bytes.len()).then_some(at)
}

fn cookie(bytes: &[u8]) -> Option<Range<usize>> {
    let mut at = behind_questions(bytes)?;
    let records: u32 = RECORD_COUNTS.map(|offset| u32::from(count(bytes, offset))).iter().sum();
    for _ in 0..records {
        let rest = behind_name(bytes, at)?;
        let kind = count(bytes, rest);
        let len = usize::from(count(bytes, rest.checked_add(RECORD_REST)?.checked_sub(2)?));
        let data = rest.checked_add(RECORD_REST)?;
        at = data.checked_add(len)?;
        if kind == OPT {
            return option(bytes.get(..at)?, data);
        }
    }
    None
}

/// The client's cookie among the options from `at` on.
fn option(bytes: &[u8], mut at: usize) -> Option<Range<usize>> {
    while at < bytes.len() {
        let (code, len) = (count(bytes, at), usize::from(count(bytes, at.checked_add(2)?)));
        let data = at.checked_add(4)?;
        if code == COOKIE && len >= COOKIE_LEN {
            let cookie = data..data.checked_add(COOKIE_LEN)?;
            return (cookie.end <= bytes.len()).then_some(cookie);
        }
        at = data.checked_add(len)?;
    }
    None
}

/// Where a name ends that begins at `at`.
fn behind_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let len = *bytes.get(at)?;
        at = at.checked_add(1)?;
        match len {
            0 => return Some(at),
            1..=MAX_LABEL => at = at.checked_add(usize::from(len))?,
            POINTER.. => return at.checked_add(1),
            _ => return None,
        }
    }
}

/// The 16 bits at an offset; 0 where they are not there.
fn count(bytes: &[u8], at: usize) -> u16 {
    let two = bytes.get(at..).and_then(|it| it.first_chunk::<2>());
    two.map_or(0, |it| u16::from_be_bytes(*it))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a.b`, type A, with an OPT record of two options, the second a cookie.
    const QUERY: &[u8] = b"\x07\x09\x01\x00\0\x01\0\0\0\0\0\x01\x01a\x01B\0\0\x01\0\x01\
        \0\0\x29\x04\xd0\0\0\0\0\0\x11\0\x03\0\x01x\0\x0a\0\x08clientck";

    fn with(at: usize, byte: u8) -> Vec<u8> {
        let mut bytes = QUERY.to_vec();
        bytes[at] = byte;
        bytes
    }

    #[test]
    fn the_id_and_the_cookie_are_found() {
        assert_eq!(fields(Side::Client, QUERY), [("id", 0..2), ("cookie", 41..49)]);
        assert_eq!(&QUERY[41..], b"clientck");
        let answer = with(2, 0x81);
        assert_eq!(fields(Side::Server, &answer), [("id", 0..2), ("cookie", 41..49)]);
        // Without it, or where it cannot be.
        for broken in [&QUERY[..21], &QUERY[..47], &with(40, 7), &with(38, 11), &with(31, 0x0f)] {
            let found = fields(Side::Client, broken);
            assert_eq!(found, [("id", 0..2)], "{broken:?}");
        }
    }

    #[test]
    fn headers_that_cannot_be_of_dns_are_not() {
        assert_eq!(fields(Side::Server, QUERY), []);
        assert_eq!(fields(Side::Client, &with(2, 0x81)), []);
        assert_eq!(fields(Side::Client, &QUERY[..20]), []);
        for (at, byte) in [(2, 0x19), (3, 0x40), (5, 2), (4, 1), (12, 0x40)] {
            assert_eq!(fields(Side::Client, &with(at, byte)), [], "byte {at} is {byte}");
        }
    }

    #[test]
    fn a_question_is_the_same_in_either_case_and_with_other_options() {
        let asked = question(QUERY);
        assert!(asked.is_some());
        for same in [with(0, 99), with(13, b'A'), with(45, b'x'), with(24, 1)] {
            assert_eq!(question(&same), asked);
        }
        for other in [with(13, b'c'), with(18, 28), with(2, 0)] {
            assert_ne!(question(&other), asked);
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_go_on_for_ever() {
        for at in 0..QUERY.len() {
            for byte in 0..=u8::MAX {
                let bytes = with(at, byte);
                for end in 0..=bytes.len() {
                    for (_, range) in fields(Side::Client, &bytes[..end]) {
                        assert!(range.end <= end);
                    }
                }
            }
        }
    }
}
