//! Heads of HTTP/1 messages (RFC 9112 sections 2 to 5), and trailers; the only file that names
//! httparse.
//!
//! A head is read whole where it is well-formed. Where it is not, it is read line by line, and
//! only the lines that are wrong are passed over; the first of them is the fault.

use std::mem::MaybeUninit;
use std::ops::Range;

use httparse::{EMPTY_HEADER, ParserConfig, Request, Response, Status};

use super::super::ErrorKind;
use super::super::stream::Side;
use super::start_line::without_end;

/// Fields of a head or of trailers that are kept.
pub const MAX_FIELDS: usize = 4096;

/// Fields that are read without allocation.
const QUICK_FIELDS: usize = 64;

const VERSION_LEN: usize = "HTTP/1.1".len();

/// A head, as positions in its bytes.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub start: Start,
    /// Of `1.0` or `1.1`.
    pub version: Range<usize>,
    pub fault: Option<Fault>,
}

/// The parts of a start line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Start {
    Request { method: Range<usize>, target: Range<usize> },
    Response { status: u16, reason: Range<usize> },
}

/// One field line, as positions in the head's bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

/// What is wrong with a message; `offset` from its first byte.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fault {
    pub offset: u64,
    pub context: &'static str,
    pub kind: ErrorKind,
}

impl Fault {
    pub fn malformed(offset: usize, context: &'static str) -> Self {
        Self { offset: offset as u64, context, kind: ErrorKind::Malformed }
    }
}

/// Reads a head that begins with a line that is a request or status line. It may lack its end:
/// then a last line without LF is left out. `fields` takes what it holds.
pub(super) fn parse(side: Side, head: &[u8], fields: &mut Vec<Field>) -> Head {
    let line_len = memchr::memchr(b'\n', head).map_or(head.len(), |at| at.saturating_add(1));
    let line = head.get(..line_len).unwrap_or_default();
    let (start, version) = match side {
        Side::Client => split_request(line),
        Side::Server => split_status(line),
    };
    let fault = if quick(side, head, fields) {
        None
    } else {
        fields.clear();
        let within = check_start(side, line);
        let behind = lines(head, line_len, fields);
        within.or(behind)
    };
    Head { start, version, fault }
}

/// Reads field lines from `from` on.
pub(super) fn lines(bytes: &[u8], from: usize, fields: &mut Vec<Field>) -> Option<Fault> {
    let mut fault = None;
    let mut was_well = true;
    let mut offset = from;
    let mut copy = Vec::new();
    for line in bytes.get(from..).unwrap_or_default().split_inclusive(|&it| it == b'\n') {
        let text = without_end(line);
        if !line.ends_with(b"\n") || text.is_empty() {
            break;
        }
        if fields.len() >= MAX_FIELDS {
            return fault.or(Some(Fault::malformed(offset, "headers")));
        }
        // A line that begins with white space goes on with the value before it (RFC 9112
        // section 5.2).
        let folds = text.starts_with(b" ") || text.starts_with(b"\t");
        let before = fields.last_mut().filter(|_| folds && was_well);
        was_well = match (before, field(text, offset, &mut copy)) {
            (Some(before), _) => {
                before.value.end = offset.saturating_add(text.trim_ascii_end().len());
                true
            }
            (None, Some(field)) => {
                fields.push(field);
                true
            }
            (None, None) => {
                fault = fault.or(Some(Fault::malformed(offset, "header")));
                false
            }
        };
        offset = offset.saturating_add(line.len());
    }
    fault
}

/// Well-formed heads, all at once.
fn quick(side: Side, head: &[u8], fields: &mut Vec<Field>) -> bool {
    let mut room = [const { MaybeUninit::uninit() }; QUICK_FIELDS];
    let config = ParserConfig::default();
    let headers = match side {
        Side::Client => {
            let mut request = Request::new(&mut []);
            match config.parse_request_with_uninit_headers(&mut request, head, &mut room) {
                Ok(Status::Complete(_)) => request.headers,
                _ => return false,
            }
        }
        Side::Server => {
            let mut response = Response::new(&mut []);
            match config.parse_response_with_uninit_headers(&mut response, head, &mut room) {
                Ok(Status::Complete(_)) => response.headers,
                _ => return false,
            }
        }
    };
    let field = |it: &httparse::Header<'_>| Field {
        name: range_of(head, it.name.as_bytes()),
        value: range_of(head, it.value),
    };
    fields.extend(headers.iter().map(field));
    true
}

fn field(text: &[u8], offset: usize, copy: &mut Vec<u8>) -> Option<Field> {
    copy.clear();
    copy.extend_from_slice(text);
    copy.extend_from_slice(b"\r\n\r\n");
    let mut room = [EMPTY_HEADER; 1];
    let Ok(Status::Complete((_, [header]))) = httparse::parse_headers(copy, &mut room) else {
        return None;
    };
    let name = range_of(copy, header.name.as_bytes());
    let value = range_of(copy, header.value);
    let shift =
        |range: Range<usize>| range.start.saturating_add(offset)..range.end.saturating_add(offset);
    Some(Field { name: shift(name), value: shift(value) })
}

fn check_start(side: Side, line: &[u8]) -> Option<Fault> {
    let alone = [line, b"\r\n"].concat();
    let mut none = [];
    let (well, context) = match side {
        Side::Client => (Request::new(&mut none).parse(&alone).is_ok(), "request line"),
        Side::Server => (Response::new(&mut none).parse(&alone).is_ok(), "status line"),
    };
    (!well).then(|| Fault::malformed(0, context))
}

fn split_request(line: &[u8]) -> (Start, Range<usize>) {
    let end = without_end(line).len();
    let version = end.saturating_sub(VERSION_LEN);
    let method = memchr::memchr(b' ', line).unwrap_or(0);
    let target = trimmed(line, method..version);
    (Start::Request { method: 0..method, target }, version.saturating_add("HTTP/".len())..end)
}

fn split_status(line: &[u8]) -> (Start, Range<usize>) {
    const STATUS: usize = VERSION_LEN + 1;
    const REASON: usize = STATUS + 3;
    let digits = line.get(STATUS..REASON).unwrap_or_default();
    let status = digits.iter().fold(0u16, |status, digit| {
        status.wrapping_mul(10).wrapping_add(u16::from(digit.wrapping_sub(b'0')))
    });
    let reason = trimmed(line, REASON..without_end(line).len());
    (Start::Response { status, reason }, "HTTP/".len()..VERSION_LEN)
}

/// The range without white space at either end.
fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = bytes.get(range.clone()).unwrap_or_default().trim_ascii_end();
    let blank = text.len().saturating_sub(text.trim_ascii_start().len());
    let start = range.start.saturating_add(blank);
    start..range.start.saturating_add(text.len()).max(start)
}

/// Where `part` lies in `whole`, of which it is a slice.
fn range_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr()).min(whole.len());
    start..start.saturating_add(part.len()).min(whole.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(side: Side, head: &[u8]) -> (Vec<String>, Option<Fault>) {
        let mut fields = Vec::new();
        let parsed = parse(side, head, &mut fields);
        let text = |range: &Range<usize>| head[range.clone()].escape_ascii().to_string();
        let mut found = match &parsed.start {
            Start::Request { method, target } => vec![text(method), text(target)],
            Start::Response { status, reason } => vec![status.to_string(), text(reason)],
        };
        found.push(text(&parsed.version));
        found.extend(fields.iter().map(|it| format!("{}={}", text(&it.name), text(&it.value))));
        (found, parsed.fault)
    }

    #[test]
    fn heads_give_their_parts() {
        for (head, expected) in [
            (
                &b"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n"[..],
                &["GET", "/", "1.1", "Host=a", "X="][..],
            ),
            (b"GET / HTTP/1.0\nHost: a\n\n", &["GET", "/", "1.0", "Host=a"]),
            (
                b"GET / HTTP/1.1\r\nA: b\r\n  c \r\nD: \xe9\r\n\r\n",
                &["GET", "/", "1.1", "A=b\\r\\n  c", "D=\\xe9"],
            ),
            (b"GET / HTTP/1.1\r\nA: b\r\nC: d", &["GET", "/", "1.1", "A=b"]),
        ] {
            assert_eq!(
                texts(Side::Client, head),
                (expected.iter().map(|it| (*it).to_owned()).collect(), None)
            );
        }
        for (head, expected) in [
            (&b"HTTP/1.1 200 OK\r\nA:b\r\n\r\n"[..], &["200", "OK", "1.1", "A=b"][..]),
            (b"HTTP/1.0 404\r\n\r\n", &["404", "", "1.0"]),
            (b"HTTP/1.1 200 Tr\xe8s bien\n\n", &["200", "Tr\\xe8s bien", "1.1"]),
        ] {
            assert_eq!(
                texts(Side::Server, head),
                (expected.iter().map(|it| (*it).to_owned()).collect(), None)
            );
        }
    }

    #[test]
    fn only_the_lines_that_are_wrong_are_lost() {
        for (head, fields, offset, context) in [
            (&b"GET / HTTP/1.1\r\nA: 1\r\nbad line\r\nB: 2\r\n\r\n"[..], 2, 22, "header"),
            (b"GET / HTTP/1.1\r\nA : 1\r\nB: 2\r\n\r\n", 1, 16, "header"),
            (b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 0, 16, "header"),
            (b"GET /a b HTTP/1.1\r\nA: 1\r\n\r\n", 1, 0, "request line"),
        ] {
            let (found, fault) = texts(Side::Client, head);
            assert_eq!(found.len(), 3 + fields, "{found:?}");
            assert_eq!(fault, Some(Fault::malformed(offset, context)));
        }
    }

    #[test]
    fn no_more_fields_are_kept_than_the_bound() {
        let head =
            [&b"GET / HTTP/1.1\r\n"[..], &b"a:\r\n".repeat(MAX_FIELDS + 1), b"\r\n"].concat();
        let mut fields = Vec::new();
        let fault = parse(Side::Client, &head, &mut fields).fault;
        assert_eq!(fields.len(), MAX_FIELDS);
        assert_eq!(fault, Some(Fault::malformed(16 + 4 * MAX_FIELDS, "headers")));
    }
}
