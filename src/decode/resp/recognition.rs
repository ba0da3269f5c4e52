//! Whether bytes are RESP, told by what they begin with.

use super::header::{self, Header, Kind};
use crate::flow::Side;

/// How far bytes are like the beginning of one side of RESP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) enum Resemblance {
    /// Nothing else begins so.
    Yes,
    /// They are too few to tell.
    Maybe,
    /// RESP does not begin so, or much else does.
    No,
}

/// Elements of a first aggregate, and bytes of a first string, that are taken for one: Redis's
/// own bounds.
const MAX_ELEMENTS: u64 = 1 << 20;
const MAX_LEN: u64 = 512 << 20;

/// Bytes of the first line: a sign and a number.
const MAX_FIRST: usize = 24;

/// Tells whether the first bytes of a side are RESP by themselves: an aggregate with what it
/// holds, or a string of just the length that it declares.
pub(in crate::decode) fn resembles(side: Side, bytes: &[u8]) -> Resemblance {
    let Some(sign) = bytes.first() else { return Resemblance::No };
    let is_first = match side {
        Side::Client => *sign == b'*',
        Side::Server => b"*$%~>".contains(sign),
    };
    if !is_first {
        return Resemblance::No;
    }
    let (line, rest) = match split_line(bytes) {
        Some(split) => split,
        None if bytes.len() < MAX_FIRST && may_become_count(bytes) => return Resemblance::Maybe,
        None => return Resemblance::No,
    };
    match header::read(line) {
        Ok((Kind::Bulk, Header::Bytes(len))) if len <= MAX_LEN => string(len, rest),
        Ok((_, Header::Values(1..=MAX_ELEMENTS))) => element(side, rest),
        _ => Resemblance::No,
    }
}

/// Whether a line, its end included, is what a server may answer: any reply by itself.
pub(in crate::decode) fn is_reply(line: &[u8]) -> bool {
    header::read(line).is_ok()
}

/// What follows the line of an aggregate.
fn element(side: Side, bytes: &[u8]) -> Resemblance {
    let Some(sign) = bytes.first() else { return Resemblance::Maybe };
    let is_known = match side {
        Side::Client => *sign == b'$',
        Side::Server => Kind::of(*sign).is_some(),
    };
    match split_line(bytes) {
        _ if !is_known => Resemblance::No,
        Some((line, _)) if header::read(line).is_ok() => Resemblance::Yes,
        None if bytes.len() < MAX_FIRST => Resemblance::Maybe,
        _ => Resemblance::No,
    }
}

/// What follows the line of a string: its end counts, as far as it is there.
fn string(len: u64, bytes: &[u8]) -> Resemblance {
    let end = usize::try_from(len).ok().and_then(|len| bytes.get(len..));
    match end {
        Some([b'\r', b'\n', ..]) => Resemblance::Yes,
        Some([] | [b'\r']) | None => Resemblance::Maybe,
        Some(_) => Resemblance::No,
    }
}

fn may_become_count(bytes: &[u8]) -> bool {
    let rest = bytes.get(1..).unwrap_or_default();
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    rest.iter().all(u8::is_ascii_digit)
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?.saturating_add(1);
    bytes.split_at_checked(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_told_by_its_first_lines() {
        use Resemblance::{Maybe, No, Yes};
        for (side, bytes, expected) in [
            (Side::Client, &b"*1\r\n$4\r\nPING\r\n"[..], Yes),
            (Side::Client, b"*3\r\n$3\r\n", Yes),
            (Side::Client, b"*3\r\n$", Maybe),
            (Side::Client, b"*3\r", Maybe),
            (Side::Client, b"*", Maybe),
            (Side::Client, b"", No),
            (Side::Client, b"*3\r\n:1\r\n", No),
            (Side::Client, b"*3\n$3\n", No),
            (Side::Client, b"* OK ready\r\n", No),
            (Side::Client, b"*0\r\n", No),
            (Side::Client, b"*9999999\r\n$1\r\n", No),
            (Side::Client, b"$4\r\nPING\r\n", No),
            (Side::Client, b"PING\r\n", No),
            (Side::Server, b"$5\r\nhello\r\n", Yes),
            (Side::Server, b"$5\r\nhell", Maybe),
            (Side::Server, b"$5\r\nhello!\r\n", No),
            (Side::Server, b"$5 please\r\n", No),
            (Side::Server, b"*2\r\n:1\r\n", Yes),
            (Side::Server, b"%7\r\n$6\r\nserver\r\n", Yes),
            (Side::Server, b">3\r\n+message\r\n", Yes),
            (Side::Server, b"*2\r\nhello\r\n", No),
            (Side::Server, b"+OK\r\n", No),
            (Side::Server, b"* OK IMAP4rev1\r\n", No),
        ] {
            assert_eq!(resembles(side, bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
