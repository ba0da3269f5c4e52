//! Heads of HTTP/1 messages (RFC 9112 sections 2 to 5), and trailers; the only file that names
//! httparse.
//!
//! A head is read whole where it is well-formed. Where it is not, it is read line by line, and
//! only the lines that are wrong are passed over; the first of them is the fault.

use std::mem::MaybeUninit;
use std::ops::Range;

use httparse::{EMPTY_HEADER, ParserConfig, Request, Response, Status};

use super::start_line::{is_token, version_name_len, without_end};
use crate::flow::Side;
use crate::message::ErrorKind;

/// Fields of a head or of trailers that are kept.
pub const MAX_FIELDS: usize = 4096;

/// Fields that are read without allocation.
const QUICK_FIELDS: usize = 64;

/// A head, as positions in its bytes.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub start: Start,
    /// Of `1.0` or `1.1`; empty where a malformed start line has none.
    pub version: Range<usize>,
    pub fault: Option<HeadFault>,
    /// A line that is no field line names a field by which a body is delimited.
    pub is_framing_lost: bool,
}

/// The parts of a start line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Start {
    /// Either is empty where a malformed line lacks it.
    Request { method: Range<usize>, target: Range<usize> },
    /// The status is 0, and `digits` empty, where a malformed line has none.
    Response { status: u16, digits: Range<usize>, reason: Range<usize> },
}

/// One field line, as positions in the head's bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

/// What is wrong with a message; `offset` from its first byte.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HeadFault {
    pub offset: u64,
    pub context: &'static str,
    pub kind: ErrorKind,
}

impl HeadFault {
    pub fn malformed(offset: usize, context: &'static str) -> Self {
        Self { offset: offset as u64, context, kind: ErrorKind::Malformed }
    }

    /// A bound of the decoder is met.
    pub fn limit(offset: usize, context: &'static str) -> Self {
        Self { offset: offset as u64, context, kind: ErrorKind::Limit }
    }
}

/// Reads a head that begins with a line that is a request or status line, or is taken for one. It
/// may lack its end: then a last line without LF is left out. `fields` takes what it holds.
pub(super) fn parse(side: Side, head: &[u8], fields: &mut Vec<Field>) -> Head {
    let line_len = memchr::memchr(b'\n', head).map_or(head.len(), |at| at.saturating_add(1));
    let line = head.get(..line_len).unwrap_or_default();
    let (start, version) = match side {
        Side::Client => split_request(line),
        Side::Server => split_status(line),
    };
    let (mut fault, mut is_framing_lost) = (None, false);
    if !quick(side, head, fields) {
        fields.clear();
        let within = check_start(side, line);
        let behind = lines(head, line_len, fields);
        fault = within.or(behind);
        is_framing_lost = behind.is_some() && unread(head, line_len).any(names_framing);
    }
    Head { start, version, fault, is_framing_lost }
}

/// The field lines that are none.
fn unread(head: &[u8], from: usize) -> impl Iterator<Item = &[u8]> {
    let mut copy = Vec::new();
    let lines = head.get(from..).unwrap_or_default().split_inclusive(|&it| it == b'\n');
    let lines = lines.filter(|line| line.ends_with(b"\n")).map(without_end);
    lines.filter(move |text| !text.is_empty() && field(text, 0, &mut copy).is_none())
}

/// Whether a malformed line was to say how the body is delimited.
fn names_framing(line: &[u8]) -> bool {
    let name = line.trim_ascii_start();
    [&b"content-length"[..], b"transfer-encoding"]
        .iter()
        .any(|it| name.get(..it.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(it)))
}

/// Reads field lines from `from` on.
pub(super) fn lines(bytes: &[u8], from: usize, fields: &mut Vec<Field>) -> Option<HeadFault> {
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
            return fault.or(Some(HeadFault::limit(offset, "headers")));
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
                fault = fault.or(Some(HeadFault::malformed(offset, "header")));
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

/// What is wrong with a start line, at the first byte that may not stand where it does.
fn check_start(side: Side, line: &[u8]) -> Option<HeadFault> {
    let mut words = Words { line: without_end(line), at: 0 };
    let wrong = match side {
        Side::Client => words.check_request(),
        Side::Server => words.check_status(),
    };
    let Words { line: text, at } = words;
    let is_cut = at >= text.len() && !line.ends_with(b"\n");
    let kind = if is_cut { ErrorKind::Short } else { ErrorKind::Malformed };
    wrong.err().map(|context| HeadFault { offset: at as u64, context, kind })
}

/// A start line that is read from its left; `at` is the first byte that was not.
struct Words<'l> {
    line: &'l [u8],
    at: usize,
}

/// The part of the line that is wrong.
type Checked = Result<(), &'static str>;

impl Words<'_> {
    fn check_request(&mut self) -> Checked {
        self.run(is_token, 1, "method")?;
        self.run(|it| it == b' ', 1, "method")?;
        self.one_space("request line")?;
        self.run(|it| it > b' ' && it != 0x7f, 1, "target")?;
        if !matches!(self.rest(), [b' ', ..]) {
            return Err("target");
        }
        self.run(|it| it == b' ', 1, "target")?;
        self.one_space("request line")?;
        self.version("request line")?;
        if self.rest().is_empty() { Ok(()) } else { Err("version") }
    }

    fn check_status(&mut self) -> Checked {
        self.version("status line")?;
        self.run(|it| it == b' ', 1, "version")?;
        self.one_space("status line")?;
        let begin = self.at;
        self.run(|it| it.is_ascii_digit(), 3, "status")?;
        if self.at.saturating_sub(begin) > 3 {
            self.at = begin.saturating_add(3);
            return Err("status");
        }
        match self.rest() {
            [] => return Ok(()),
            [b' ', ..] => {}
            _ => return Err("status"),
        }
        self.run(|it| it == b'\t' || (it >= b' ' && it != 0x7f), 0, "reason")?;
        if self.rest().is_empty() { Ok(()) } else { Err("reason") }
    }

    fn rest(&self) -> &[u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// Passes over bytes of a kind, which must be so many at least.
    fn run(&mut self, is_it: impl Fn(u8) -> bool, least: usize, context: &'static str) -> Checked {
        let len = self.rest().iter().take_while(|it| is_it(**it)).count();
        self.at = self.at.saturating_add(len);
        if len < least { Err(context) } else { Ok(()) }
    }

    /// Of the spaces that were passed over, the second is one too many.
    fn one_space(&mut self, context: &'static str) -> Checked {
        let before = self.line.get(..self.at).unwrap_or_default();
        let spaces = before.iter().rev().take_while(|it| **it == b' ').count();
        if spaces > 1 {
            self.at = self.at.saturating_sub(spaces).saturating_add(1);
            return Err(context);
        }
        Ok(())
    }

    /// `HTTP/1.` and a digit; `context` is what is wrong where no version begins here at all.
    fn version(&mut self, context: &'static str) -> Checked {
        let rest = self.rest();
        if version_name_len(rest).is_none() {
            self.at = if b"HTTP/".starts_with(rest) { self.line.len() } else { self.at };
            return Err(context);
        }
        let shape = b"HTTP/1.".iter().zip(rest).take_while(|(shape, it)| shape == it).count();
        let minor = rest.get(shape).is_some_and(u8::is_ascii_digit);
        self.at = self.at.saturating_add(shape).saturating_add(usize::from(shape == 7 && minor));
        if shape == 7 && minor { Ok(()) } else { Err("version") }
    }
}

fn split_request(line: &[u8]) -> (Start, Range<usize>) {
    let text = without_end(line).trim_ascii_end();
    let method = word(text, 0);
    let last = text.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at.saturating_add(1));
    let name = text.get(last..).filter(|_| last >= method.end).and_then(version_name_len);
    let (end, version) = match name {
        Some(name) => (last, last.saturating_add(name)..text.len()),
        None => (text.len(), text.len()..text.len()),
    };
    let target = trimmed(line, method.end..end);
    (Start::Request { method, target }, version)
}

fn split_status(line: &[u8]) -> (Start, Range<usize>) {
    let text = without_end(line);
    let version = word(text, 0);
    let status = word(text, version.end);
    let digits = text.get(status.clone()).unwrap_or_default();
    let is_status = digits.len() == 3 && digits.iter().all(u8::is_ascii_digit);
    let status = if is_status { status } else { version.end..version.end };
    let reason = trimmed(line, status.end..text.len());
    let digits = digits.iter().take(if is_status { 3 } else { 0 });
    let number = digits.fold(0u16, |number, digit| {
        number.wrapping_mul(10).wrapping_add(u16::from(digit.wrapping_sub(b'0')))
    });
    let name = text.get(version.clone()).and_then(version_name_len).unwrap_or(0);
    let version = version.start.saturating_add(name)..version.end;
    (Start::Response { status: number, digits: status, reason }, version)
}

/// The first run of bytes from `from` on that are no white space.
fn word(text: &[u8], from: usize) -> Range<usize> {
    let rest = text.get(from..).unwrap_or_default();
    let start = from.saturating_add(rest.iter().take_while(|it| it.is_ascii_whitespace()).count());
    let rest = text.get(start..).unwrap_or_default();
    let len = rest.iter().take_while(|it| !it.is_ascii_whitespace()).count();
    start..start.saturating_add(len)
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

    fn texts(side: Side, head: &[u8]) -> (Vec<String>, Option<HeadFault>) {
        let mut fields = Vec::new();
        let parsed = parse(side, head, &mut fields);
        let text = |range: &Range<usize>| head[range.clone()].escape_ascii().to_string();
        let mut found = match &parsed.start {
            Start::Request { method, target } => vec![text(method), text(target)],
            Start::Response { status, reason, .. } => vec![status.to_string(), text(reason)],
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
            (b"GET /a b HTTP/1.1\r\nA: 1\r\n\r\n", 1, 7, "request line"),
        ] {
            let (found, fault) = texts(Side::Client, head);
            assert_eq!(found.len(), 3 + fields, "{found:?}");
            assert_eq!(fault, Some(HeadFault::malformed(offset, context)));
        }
    }

    #[test]
    fn no_more_fields_are_kept_than_the_bound() {
        let head =
            [&b"GET / HTTP/1.1\r\n"[..], &b"a:\r\n".repeat(MAX_FIELDS + 1), b"\r\n"].concat();
        let mut fields = Vec::new();
        let fault = parse(Side::Client, &head, &mut fields).fault;
        assert_eq!(fields.len(), MAX_FIELDS);
        assert_eq!(fault, Some(HeadFault::limit(16 + 4 * MAX_FIELDS, "headers")));
    }

    #[test]
    fn a_malformed_start_line_gives_what_it_has_and_where_it_is_wrong() {
        for (line, parts, offset, context) in [
            (&b"GET  / HTTP/1.1\r\n"[..], ["GET", "/", "1.1"], 4, "request line"),
            (b"GET /  HTTP/1.1\r\n", ["GET", "/", "1.1"], 6, "request line"),
            (b" GET / HTTP/1.1\r\n", ["GET", "/", "1.1"], 0, "method"),
            (b"GET HTTP/1.1\r\n", ["GET", "", "1.1"], 12, "target"),
            (b"GET / HTTP/1.1 \r\n", ["GET", "/", "1.1"], 14, "version"),
            (b"GET / HTTP/2.0\r\n", ["GET", "/", "2.0"], 11, "version"),
            (b"GET / HTTP/0.9\n", ["GET", "/", "0.9"], 11, "version"),
            (b"GET / HTTP/1.10\n", ["GET", "/", "1.10"], 14, "version"),
            (b"GET / http/1.1\n", ["GET", "/", "1.1"], 6, "version"),
            (b"GET / HTTP/1.\n", ["GET", "/", "1."], 13, "version"),
            (b"GET\t/\tHTTP/1.1\r\n", ["GET", "/", "1.1"], 3, "method"),
            (b"GET /\tHTTP/1.1\r\n", ["GET", "/", "1.1"], 5, "target"),
            (b"GET /a\x01 HTTP/1.1\r\n", ["GET", "/a\\x01", "1.1"], 6, "target"),
            (b"G(T / HTTP/1.1\r\n", ["G(T", "/", "1.1"], 1, "method"),
            (b"HELO x\r\n", ["HELO", "x", ""], 6, "target"),
            (b"HTTP/1.1\r\n", ["HTTP/1.1", "", ""], 4, "method"),
            (b"\x00\x01\n", ["\\x00\\x01", "", ""], 0, "method"),
        ] {
            let (found, fault) = texts(Side::Client, line);
            assert_eq!(found, parts, "{}", line.escape_ascii());
            assert_eq!(
                fault,
                Some(HeadFault::malformed(offset, context)),
                "{}",
                line.escape_ascii()
            );
        }
        for (line, parts, offset, context) in [
            (&b"HTTP/2.0 200 OK\r\n"[..], ["200", "OK", "2.0"], 5, "version"),
            (b"HTTP/1.01 200 OK\r\n", ["200", "OK", "1.01"], 8, "version"),
            (b"HTTP/1.1  200 OK\r\n", ["200", "OK", "1.1"], 9, "status line"),
            (b"HTTP/1.1\t200 OK\r\n", ["200", "OK", "1.1"], 8, "version"),
            (b"http/1.1 200 OK\r\n", ["200", "OK", "1.1"], 0, "version"),
            (b" HTTP/1.1 200 OK\r\n", ["200", "OK", "1.1"], 0, "status line"),
            (b"HTTP/1.1 2000 OK\r\n", ["0", "2000 OK", "1.1"], 12, "status"),
            (b"HTTP/1.1 OK\r\n", ["0", "OK", "1.1"], 9, "status"),
            (b"HTTP/1.1 200OK\r\n", ["0", "200OK", "1.1"], 12, "status"),
            (b"HTTP/1.1 200 O\x01K\r\n", ["200", "O\\x01K", "1.1"], 14, "reason"),
            (b"HTTP/1.1\r\n", ["0", "", "1.1"], 8, "version"),
            (b"ICY 200 OK\r\n", ["200", "OK", "ICY"], 0, "status line"),
        ] {
            let (found, fault) = texts(Side::Server, line);
            assert_eq!(found, parts, "{}", line.escape_ascii());
            assert_eq!(
                fault,
                Some(HeadFault::malformed(offset, context)),
                "{}",
                line.escape_ascii()
            );
        }
    }

    #[test]
    fn a_start_line_that_is_cut_is_short_and_any_minor_version_is_well() {
        for (line, offset, context) in [
            (&b"GET"[..], 3, "method"),
            (b"GET /a", 6, "target"),
            (b"GET /a ", 7, "request line"),
            (b"GET /a HT", 9, "request line"),
            (b"GET /a HTTP/1.", 14, "version"),
        ] {
            let (_, fault) = texts(Side::Client, line);
            let short =
                HeadFault { kind: ErrorKind::Short, ..HeadFault::malformed(offset, context) };
            assert_eq!(fault, Some(short), "{}", line.escape_ascii());
        }
        for minor in 0..=9 {
            let head = format!("GET / HTTP/1.{minor}\r\nA: b\r\n\r\n");
            let (found, fault) = texts(Side::Client, head.as_bytes());
            assert_eq!((found[2].clone(), fault), (format!("1.{minor}"), None));
            let head = format!("HTTP/1.{minor} 200 OK\r\nA: b\r\n\r\n");
            let (found, fault) = texts(Side::Server, head.as_bytes());
            assert_eq!((found[2].clone(), found.len(), fault), (format!("1.{minor}"), 4, None));
        }
    }
}
