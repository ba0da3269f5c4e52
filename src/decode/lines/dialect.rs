//! What lines mean beyond being lines: blocks of data that they announce, replies of several
//! lines, and which of them are answered.
//!
//! memcached's text protocol (doc/protocol.txt of memcached), and replies that begin with a code of
//! three digits (RFC 959 section 4.2, RFC 5321 section 4.2, RFC 3977 section 3.2).

use crate::flow::Side;

/// Bytes that a line may announce.
const MAX_DECLARED: u64 = 1 << 40;

/// The first words of memcached's replies.
const MEMCACHED: [&[u8]; 24] = [
    b"STORED",
    b"NOT_STORED",
    b"EXISTS",
    b"NOT_FOUND",
    b"DELETED",
    b"TOUCHED",
    b"OK",
    b"RESET",
    b"VERSION",
    b"END",
    b"VALUE",
    b"STAT",
    b"ERROR",
    b"CLIENT_ERROR",
    b"SERVER_ERROR",
    b"BUSY",
    b"HD",
    b"VA",
    b"EN",
    b"NS",
    b"EX",
    b"NF",
    b"MN",
    b"ME",
];

/// How a reply goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// Up to the line that has this code without a hyphen behind it.
    Code([u8; 3]),
    /// Further values or figures, up to `END`.
    Values,
}

/// What a line is to a reply that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// One of its lines.
    Within,
    /// Its last one.
    Last,
    /// The first of another reply.
    Another,
}

/// Bytes that a line announces: they follow it, and CRLF follows them.
pub(super) fn announced(side: Side, line: &[u8]) -> Option<u64> {
    let mut words = Words::of(line);
    let verb = words.next()?;
    let before_len = match (side, verb) {
        // verb key flags exptime len [noreply]
        (Side::Client, b"set" | b"add" | b"replace" | b"append" | b"prepend") => {
            words.next()?;
            [words.next()?, words.next()?].iter().all(|it| is_number(it)).then_some(0..=1)?
        }
        // cas key flags exptime len unique [noreply]
        (Side::Client, b"cas") => {
            words.next()?;
            [words.next()?, words.next()?].iter().all(|it| is_number(it)).then_some(1..=2)?
        }
        // ms key len flags
        (Side::Client, b"ms") => {
            words.next()?;
            0..=usize::MAX
        }
        // VALUE key flags len [unique]
        (Side::Server, b"VALUE") => {
            words.next()?;
            is_number(words.next()?).then_some(0..=1)?
        }
        // VA len flags
        (Side::Server, b"VA") => 0..=usize::MAX,
        _ => return None,
    };
    let len = words.next().filter(|it| it.iter().all(u8::is_ascii_digit))?;
    let len = std::str::from_utf8(len).ok()?.parse().ok()?;
    (len <= MAX_DECLARED && before_len.contains(&words.count())).then_some(len)
}

/// The code that a reply begins with.
pub(super) fn code(line: &[u8]) -> Option<u16> {
    let digits = digits(line)?;
    let code: u16 = std::str::from_utf8(&digits).ok()?.parse().ok()?;
    (100..700).contains(&code).then_some(code)
}

/// Whether a server's line begins a reply of several lines.
pub(super) fn joining(line: &[u8]) -> Option<Joining> {
    if code(line).is_some() && line.get(3) == Some(&b'-') {
        return digits(line).map(Joining::Code);
    }
    is_value(line).then_some(Joining::Values)
}

impl Joining {
    /// What the next line is.
    pub fn next(self, line: &[u8]) -> Joined {
        match self {
            Self::Code(code) => match (digits(line), line.get(3)) {
                (Some(digits), Some(b'-')) if digits == code => Joined::Within,
                (Some(digits), _) if digits == code => Joined::Last,
                (Some(_), _) => Joined::Another,
                // Free text (RFC 959 section 4.2).
                (None, _) => Joined::Within,
            },
            Self::Values if is_value(line) => Joined::Within,
            Self::Values => match Words::of(line).next() {
                Some(b"END" | b"ERROR" | b"SERVER_ERROR" | b"CLIENT_ERROR") => Joined::Last,
                _ => Joined::Another,
            },
        }
    }
}

/// Whether a server's line is one of memcached's.
pub(super) fn is_memcached(line: &[u8]) -> bool {
    Words::of(line).next().is_some_and(|it| MEMCACHED.contains(&it))
}

/// Whether a client's line asks for no reply: memcached's `noreply`.
pub(super) fn asks_no_reply(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.ends_with(b" noreply")
}

fn is_value(line: &[u8]) -> bool {
    announced(Side::Server, line).is_some_and(|_| line.starts_with(b"VALUE "))
        || (line.starts_with(b"STAT ") && Words::of(line).count() > 1)
}

/// Three digits that stand by themselves.
fn digits(line: &[u8]) -> Option<[u8; 3]> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    let is_end = matches!(rest.first(), None | Some(b' ' | b'-' | b'\r' | b'\n'));
    (is_end && digits.iter().all(u8::is_ascii_digit)).then_some(*digits)
}

fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// The words of a line.
struct Words<'l>(&'l [u8]);

impl<'l> Words<'l> {
    fn of(line: &'l [u8]) -> Self {
        Self(line)
    }
}

impl<'l> Iterator for Words<'l> {
    type Item = &'l [u8];

    fn next(&mut self) -> Option<&'l [u8]> {
        let rest = self.0.trim_ascii_start();
        let len = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_announced_by_memcacheds_lines_alone() {
        for (side, line, expected) in [
            (Side::Client, "set k 0 0 5", Some(5)),
            (Side::Client, "set k 0 -1 5 noreply", Some(5)),
            (Side::Client, "add k 4294967295 0 0", Some(0)),
            (Side::Client, "cas k 0 0 5 17", Some(5)),
            (Side::Client, "cas k 0 0 5 17 noreply", Some(5)),
            (Side::Client, "ms k 5 T0 c", Some(5)),
            (Side::Client, "ms k 5", Some(5)),
            (Side::Client, "ms k S5", None),
            (Side::Client, "set k 0 0", None),
            (Side::Client, "set k 0 0 -5", None),
            (Side::Client, "set k 0 0 5 6 7", None),
            (Side::Client, "set the 3 of 5", None),
            (Side::Client, "cas k 0 0 5", None),
            (Side::Client, "VALUE k 0 5", None),
            (Side::Client, "get k", None),
            (Side::Client, "", None),
            (Side::Server, "VALUE k 0 5", Some(5)),
            (Side::Server, "VALUE k 0 5 17", Some(5)),
            (Side::Server, "VALUE k x 5", None),
            (Side::Server, "VALUE k 0 5 17 18", None),
            (Side::Server, "VALUE k 0 99999999999999999999", None),
            (Side::Server, "VA 5 c17", Some(5)),
            (Side::Server, "VA none", None),
        ] {
            assert_eq!(announced(side, line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_code_is_three_digits_by_themselves() {
        for (line, expected) in [
            ("220 ready", Some(220)),
            ("250-SIZE", Some(250)),
            ("250", Some(250)),
            ("1714564496", None),
            ("25 0", None),
            ("099 x", None),
            ("700 x", None),
            ("220x", None),
            ("220.5", None),
        ] {
            assert_eq!(code(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_reply_goes_on_up_to_its_last_line() {
        use Joined::{Another, Last, Within};
        let smtp = Joining::Code(*b"250");
        for (first, joining, next) in [
            ("250-a", Some(smtp), &[("250-b", Within), ("250 c", Last), ("250", Last)][..]),
            ("250-a", Some(smtp), &[(" free", Within), ("no", Within), ("251 d", Another)]),
            ("250 a", None, &[]),
            ("900-a", None, &[]),
            ("VALUE k 0 1", Some(Joining::Values), &[("VALUE l 0 1 2", Within), ("END", Last)]),
            ("VALUE k 0 1", Some(Joining::Values), &[("STORED", Another), ("ERROR", Last)]),
            ("STAT pid 1", Some(Joining::Values), &[("STAT time 2", Within), ("END", Last)]),
            ("STAT", None, &[]),
            ("VALUES follow", None, &[]),
        ] {
            assert_eq!(super::joining(first.as_bytes()), joining, "{first}");
            for (line, expected) in next {
                assert_eq!(joining.unwrap().next(line.as_bytes()), *expected, "{first}, {line}");
            }
        }
    }

    #[test]
    fn what_asks_for_no_reply_says_so_last() {
        assert!(asks_no_reply(b"set k 0 0 5 noreply"));
        assert!(!asks_no_reply(b"noreply k"));
        assert!(is_memcached(b"STORED") && is_memcached(b"VALUE k 0 1") && !is_memcached(b"hello"));
    }
}
