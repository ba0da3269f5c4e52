//! What a conversation speaks that is neither HTTP nor TLS: RESP, or lines of text.
//!
//! RESP is told by its framing. Lines are what begins on either side with a line of text, ended
//! within [`RECOGNITION_LEN`] bytes. A line alone may be an inline command of RESP, or a reply
//! whose command the capture lacks: where it looks so, the other side's first line decides.

use super::opening::Opening;
use crate::decode::http::RECOGNITION_LEN;
use crate::decode::lines::is_text;
use crate::decode::resp::{self, Resemblance};
use crate::flow::{Side, Sides};
use crate::profile::Standard;

/// Commands that are sent as a line, by hand mostly; in capitals here, and not there.
const INLINE: [&[u8]; 28] = [
    b"PING",
    b"ECHO",
    b"GET",
    b"SET",
    b"DEL",
    b"EXISTS",
    b"INCR",
    b"DECR",
    b"KEYS",
    b"TYPE",
    b"TTL",
    b"EXPIRE",
    b"LPUSH",
    b"RPUSH",
    b"LRANGE",
    b"HSET",
    b"HGET",
    b"HGETALL",
    b"SADD",
    b"SMEMBERS",
    b"ZADD",
    b"INFO",
    b"CONFIG",
    b"CLIENT",
    b"COMMAND",
    b"DBSIZE",
    b"SELECT",
    b"MONITOR",
];

/// What a first line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First<'b> {
    Nothing,
    /// Text so far, without an end.
    Part,
    /// Text, its end included.
    Line(&'b [u8]),
    Other,
}

/// Tells by what came of both sides. `is_end` where no more will be waited for.
pub(super) fn recognise(came: &Sides<&[u8]>, server_spoke_first: bool, is_end: bool) -> Opening {
    let is_full = [came.client, came.server].iter().any(|it| it.len() >= RECOGNITION_LEN);
    let is_end = is_end || is_full;
    let alike = [Side::Client, Side::Server].map(|it| resp::resembles(it, came.of(it)));
    if alike.contains(&Resemblance::Yes) {
        return Opening::Speaks(Standard::Resp);
    }
    let (client, server) = (first(came.client), first(came.server));
    let waits =
        alike.contains(&Resemblance::Maybe) || may_be_resp(client, server, server_spoke_first);
    match (client, server) {
        (First::Other, _) | (_, First::Other) => Opening::Unknown,
        _ if waits && !is_end => Opening::NeedMore,
        _ if is_cut_short(alike, came) => Opening::Speaks(Standard::Resp),
        (First::Line(command), First::Line(reply))
            if !server_spoke_first && is_inline(command) && resp::is_reply(reply) =>
        {
            Opening::Speaks(Standard::Resp)
        }
        (First::Line(_), _) | (_, First::Line(_)) => Opening::Speaks(Standard::Lines),
        _ if is_end => Opening::Unknown,
        _ => Opening::NeedMore,
    }
}

/// Whether a side has ended within what begins like RESP, its first line being whole.
fn is_cut_short(alike: [Resemblance; 2], came: &Sides<&[u8]>) -> bool {
    let sides = alike.iter().zip([came.client, came.server]);
    sides.into_iter().any(|(it, bytes)| *it == Resemblance::Maybe && bytes.contains(&b'\n'))
}

/// Who sends this, where the first line says so.
pub(super) fn role_of(bytes: &[u8]) -> Option<Side> {
    let First::Line(line) = first(bytes) else { return None };
    let is_code = |line: &[u8]| {
        let (digits, rest) = line.split_first_chunk::<3>()?;
        let is_code = digits.iter().all(u8::is_ascii_digit) && matches!(rest, [b' ' | b'-', ..]);
        is_code.then_some(Side::Server)
    };
    match resp::is_reply(line) && !line.starts_with(b"*") && !line.starts_with(b"$") {
        true => Some(Side::Server),
        false => is_code(line),
    }
}

/// Whether the side that is silent yet, or has sent a part of its line, may show that it is RESP.
fn may_be_resp(client: First<'_>, server: First<'_>, server_spoke_first: bool) -> bool {
    match (client, server) {
        (First::Line(line), First::Nothing | First::Part) => is_inline(line) && !server_spoke_first,
        (First::Nothing, First::Line(line)) => resp::is_reply(line),
        _ => false,
    }
}

fn is_inline(line: &[u8]) -> bool {
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    INLINE.iter().any(|it| it.eq_ignore_ascii_case(word))
}

fn first(bytes: &[u8]) -> First<'_> {
    if bytes.is_empty() {
        return First::Nothing;
    }
    let window = bytes.get(..RECOGNITION_LEN).unwrap_or(bytes);
    let is_printable = |it: &u8| !it.is_ascii_control() || b"\t\r\n".contains(it);
    match memchr::memchr(b'\n', window) {
        Some(end) => match window.get(..=end) {
            Some(line) if is_text(line) => First::Line(line),
            _ => First::Other,
        },
        None if window.len() < RECOGNITION_LEN && window.iter().all(is_printable) => First::Part,
        None => First::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESP: Opening = Opening::Speaks(Standard::Resp);
    const LINES: Opening = Opening::Speaks(Standard::Lines);
    const NO: Opening = Opening::Unknown;

    #[test]
    fn either_side_may_tell() {
        use Opening::NeedMore;
        let long = [b'a'; RECOGNITION_LEN];
        for (client, server, server_first, expected) in [
            (&b"*1\r\n$4\r\nPING\r\n"[..], &b""[..], false, RESP),
            (b"*1\r\n$4", b"", false, NeedMore),
            (b"", b"*3\r\n$7\r\nmessage\r\n", true, RESP),
            (b"PING\r\n", b"", false, NeedMore),
            (b"PING\r\n", b"+PO", false, NeedMore),
            (b"PING\r\n", b"+PONG\r\n", false, RESP),
            (b"get k\r\n", b"$1\r\n", false, NeedMore),
            (b"get k\r\n", b"$1\r\na\r\n", false, RESP),
            (b"get k\r\n", b"VALUE k 0 1\r\n", false, LINES),
            (b"GET k\r\n", b"5\r\n", false, LINES),
            (b"STAT\r\n", b"+OK 2 320\r\n", false, LINES),
            (b"", b"+OK POP3 ready\r\n", true, NeedMore),
            (b"USER a\r\n", b"+OK POP3 ready\r\n", true, LINES),
            (b"*2\r\n$3\r\n", b":1\r\n", true, RESP),
            (b"", b"220 ready\r\n", true, LINES),
            (b"", b"Mon Jul 29 12:00:00 2024\r\n", true, LINES),
            (b"hello\n", b"", false, LINES),
            (b"hello", b"", false, NeedMore),
            (b"hello\n", b"\0\x01\n", false, NO),
            (b"", b"J\0\0\0\x0a5.7.44\n", true, NO),
            (b"\xff\xfd\x18\xff\xfd\x20\n", b"", false, NO),
            (&long, b"", false, NO),
            (b"", b"", false, NeedMore),
        ] {
            let came = Sides { client, server };
            let found = recognise(&came, server_first, false);
            let shown = (client.escape_ascii(), server.escape_ascii());
            assert_eq!(found, expected, "{} | {}", shown.0, shown.1);
        }
    }

    #[test]
    fn what_never_comes_is_not_waited_for() {
        for (client, server, server_first, expected) in [
            (&b"PING\r\n"[..], &b""[..], false, LINES),
            (b"", b"+OK\r\n", true, LINES),
            (b"hello", b"", false, NO),
            (b"*1\r\n$4", b"", false, RESP),
            (b"*1", b"", false, NO),
            (b"", b"", false, NO),
        ] {
            let came = Sides { client, server };
            let found = recognise(&came, server_first, true);
            assert_eq!(found, expected, "{}", client.escape_ascii());
        }
    }

    #[test]
    fn a_first_line_may_say_who_sends_it() {
        use Side::Server;
        for (bytes, expected) in [
            (&b"+OK\r\n"[..], Some(Server)),
            (b"-ERR\r\n", Some(Server)),
            (b":1\r\n", Some(Server)),
            (b"220 ready\r\n", Some(Server)),
            (b"*1\r\n$4\r\nPING\r\n", None),
            (b"$1\r\na\r\n", None),
            (b"EHLO a\r\n", None),
            (b"2200\r\n", None),
        ] {
            assert_eq!(role_of(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
