//! Parts of a body (RFC 9110 section 14): which one is asked for, and which one was sent.

use std::ops::Range;

/// One range of bytes that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replay::server) enum Wanted {
    /// From a byte on, up to one if that is given.
    From(u64, Option<u64>),
    /// So many of the last ones.
    Last(u64),
}

/// What a Content-Range says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replay::server) enum Sent {
    /// First and last byte, and the length of the whole where it is known.
    Part(u64, u64, Option<u64>),
    /// That no part could be sent, of so many bytes.
    Nothing(u64),
}

impl Wanted {
    /// Reads a Range field; `None` where that asks for several, or for anything else than bytes.
    pub fn parse(field: &[u8]) -> Option<Self> {
        let (unit, range) = split(field, b'=')?;
        let (first, last) = split(range, b'-')?;
        let is_bytes = unit.trim_ascii().eq_ignore_ascii_case(b"bytes");
        match (first.trim_ascii(), last.trim_ascii()) {
            _ if !is_bytes => None,
            (b"", last) => Some(Self::Last(number(last)?)),
            (first, b"") => Some(Self::From(number(first)?, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The bytes of a whole of that length; `None` where it has none of these.
    pub fn of(self, len: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first, last) => first..last.map_or(len, |it| it.saturating_add(1)).min(len),
            Self::Last(count) => len.saturating_sub(count)..len,
        };
        (range.start < range.end).then_some(range)
    }

    /// Whether it asks for what was sent.
    pub fn is(self, sent: Sent) -> bool {
        match sent {
            Sent::Part(first, last, Some(len)) => {
                self.of(len) == Some(first..last.saturating_add(1))
            }
            Sent::Part(first, last, None) => self == Self::From(first, Some(last)),
            Sent::Nothing(len) => self.of(len).is_none(),
        }
    }
}

impl Sent {
    /// Reads a Content-Range field.
    pub fn parse(field: &[u8]) -> Option<Self> {
        let rest = field.trim_ascii().get("bytes".len()..)?;
        let (range, len) = split(rest, b'/')?;
        let len = number(len.trim_ascii());
        if range.trim_ascii() == b"*" {
            return len.map(Self::Nothing);
        }
        let (first, last) = split(range, b'-')?;
        Some(Self::Part(number(first.trim_ascii())?, number(last.trim_ascii())?, len))
    }
}

/// Whether two Range fields are the same but for blanks and case.
pub(in crate::replay::server) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let plain = |field: &[u8]| {
        let shown = field.iter().filter(|it| !it.is_ascii_whitespace());
        shown.map(u8::to_ascii_lowercase).collect::<Vec<_>>()
    };
    plain(one) == plain(other)
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (before, behind) = text.split_at_checked(memchr::memchr(at, text)?)?;
    Some((before, behind.get(1..)?))
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_resolved() {
        for (field, of_ten) in [
            ("bytes=0-4", Some(Some(0..5))),
            ("Bytes = 3 - 3", Some(Some(3..4))),
            ("bytes=5-", Some(Some(5..10))),
            ("bytes=5-99", Some(Some(5..10))),
            ("bytes=-3", Some(Some(7..10))),
            ("bytes=-30", Some(Some(0..10))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=4-3", None),
            ("bytes=0-1,3-4", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=0-18446744073709551616", None),
            ("items=0-1", None),
            ("0-1", None),
        ] {
            assert_eq!(Wanted::parse(field.as_bytes()).map(|it| it.of(10)), of_ten, "{field}");
        }
        assert_eq!(Wanted::From(0, Some(u64::MAX)).of(u64::MAX), Some(0..u64::MAX));
    }

    #[test]
    fn what_was_sent_answers_what_asks_for_it() {
        for (range, sent, is_it) in [
            ("bytes=0-4", "bytes 0-4/10", true),
            ("bytes=-3", "bytes 7-9/10", true),
            ("bytes=7-", "bytes 7-9/10", true),
            ("bytes=7-", "bytes 7-8/10", false),
            ("bytes=0-4", "bytes 0-4/*", true),
            ("bytes=0-", "bytes 0-4/*", false),
            ("bytes=10-", "bytes */10", true),
            ("bytes=9-", "bytes */10", false),
        ] {
            let sent = Sent::parse(sent.as_bytes()).unwrap();
            assert_eq!(
                Wanted::parse(range.as_bytes()).unwrap().is(sent),
                is_it,
                "{range} {sent:?}"
            );
        }
        for none in ["", "bytes", "bytes 1/2", "bytes a-b/3", "bytes */*"] {
            assert_eq!(Sent::parse(none.as_bytes()), None, "{none}");
        }
        assert!(is_same(b"bytes=0-1, 3-4", b"Bytes=0-1,3-4"));
        assert!(!is_same(b"bytes=0-1", b"bytes=0-2"));
    }
}
