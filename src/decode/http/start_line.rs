//! Request and status lines (RFC 9112 sections 3 and 4; HTTP/0.9 as RFC 1945 section 4.1 has it):
//! what a line is, where one begins in bytes of unknown origin, and what a conversation speaks.
//!
//! Any minor version of HTTP/1 is read as the highest that is known, 1.1 (RFC 9110 section 2.5).
//! A line of another version, or with a version and otherwise malformed, begins a head as well.

use super::method::{MAX_METHOD, METHODS};
use crate::flow::Side;

/// Bytes of a conversation that are enough to tell whether it is HTTP.
pub const RECOGNITION_LEN: usize = 512;

const VERSION_NAME: &[u8] = b"HTTP/";

const ICY: &[u8] = b"ICY";

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the first bytes of one side of a conversation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// HTTP 0.9, 1.0 or 1.1.
    Http,
    /// HTTP/2 (RFC 9113 section 3.4), which is not decoded.
    Http2,
    /// TLS (RFC 8446 section 5.1), which is not decoded.
    Tls,
    /// None of these.
    No,
    /// More bytes are needed; never so for [`RECOGNITION_LEN`] bytes.
    NeedMore,
}

impl Recognition {
    /// The name of what was recognised, for counting.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Http => Some("HTTP"),
            Self::Http2 => Some("HTTP/2"),
            Self::Tls => Some("TLS"),
            Self::No | Self::NeedMore => None,
        }
    }
}

/// What a first line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartLine {
    /// Method, target, and a version of HTTP/1.
    Request,
    /// `GET` and a target: HTTP/0.9.
    Simple,
    /// A version of HTTP/1 and a status code.
    Status,
}

/// Tells by content, whatever the port, what one side of a conversation speaks. `bytes` are its
/// first ones.
pub fn recognises(side: Side, bytes: &[u8]) -> Recognition {
    match bytes {
        [] | [0x16] => return Recognition::NeedMore,
        [0x16, 3, ..] => return Recognition::Tls,
        _ => {}
    }
    match side {
        Side::Client => recognise_request(bytes),
        Side::Server => recognise_status(bytes),
    }
}

fn recognise_request(bytes: &[u8]) -> Recognition {
    if bytes.starts_with(HTTP2_PREFACE) {
        return Recognition::Http2;
    }
    if HTTP2_PREFACE.starts_with(bytes) {
        return Recognition::NeedMore;
    }
    let window = bytes.get(..RECOGNITION_LEN).unwrap_or(bytes);
    let start = window.iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
    let line = window.get(start..).unwrap_or_default();
    let is_http = match memchr::memchr(b'\n', line) {
        Some(end) => line.get(..=end).is_some_and(|line| {
            classify(Side::Client, line).is_some() || is_versioned(Side::Client, line)
        }),
        None if !may_become_request(line) => false,
        None if bytes.len() < RECOGNITION_LEN => return Recognition::NeedMore,
        None => METHODS.iter().any(|method| {
            let target = line.strip_prefix(*method).unwrap_or_default();
            target.starts_with(b" /") || target.starts_with(b" http")
        }),
    };
    if is_http { Recognition::Http } else { Recognition::No }
}

/// Whether the line may still become a request line, or one with a version that is malformed.
fn may_become_request(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let method = method_len(line);
    match line.get(method..) {
        Some([]) => method <= MAX_METHOD,
        Some([b' ' | b'\t', target @ ..]) => {
            let may_stand = |it: &u8| !it.is_ascii_control() || matches!(it, b'\r' | b'\t');
            method > 0 && target.iter().all(may_stand)
        }
        _ => false,
    }
}

fn recognise_status(bytes: &[u8]) -> Recognition {
    const SHAPE_LEN: usize = b"HTTP/1.1 200".len();
    let is_status = is_versioned(Side::Server, bytes);
    let is_short = bytes.len() < SHAPE_LEN && !bytes.contains(&b'\n');
    let begins = |name: &[u8]| bytes.iter().zip(name).all(|(a, b)| a.eq_ignore_ascii_case(b));
    match is_short {
        true if is_status || begins(VERSION_NAME) || begins(ICY) => Recognition::NeedMore,
        _ if is_status => Recognition::Http,
        _ => Recognition::No,
    }
}

/// Whether a line that is no start line has a version where one has it, so that a head begins with
/// it all the same: `GET / HTTP/3.7`, `http/1.1 200 OK`, and `ICY 200 OK` of streaming servers.
pub(super) fn is_versioned(side: Side, line: &[u8]) -> bool {
    match side {
        Side::Server => {
            let line = line.trim_ascii_start();
            version_name_len(line).is_some_and(|at| line.get(at).is_some_and(u8::is_ascii_digit))
                || line.strip_prefix(ICY).is_some_and(|it| it.starts_with(b" ") && has_status(it))
        }
        Side::Client => {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|it| !it.is_empty()).skip(1);
            words.any(|word| version_name_len(word).is_some())
        }
    }
}

/// The length of `HTTP/`, in any case, where the word begins so.
pub(super) fn version_name_len(word: &[u8]) -> Option<usize> {
    let begins = word.get(..VERSION_NAME.len())?.eq_ignore_ascii_case(VERSION_NAME);
    begins.then_some(VERSION_NAME.len())
}

fn has_status(after: &[u8]) -> bool {
    after.trim_ascii_start().iter().take_while(|it| it.is_ascii_digit()).count() == 3
}

/// What a line is, its end included.
pub(super) fn classify(side: Side, line: &[u8]) -> Option<StartLine> {
    match side {
        Side::Server => is_status(line).then_some(StartLine::Status),
        Side::Client => {
            let method = method_len(line);
            let [b' ', target @ ..] = line.get(method..)? else { return None };
            if method == 0 || method > MAX_METHOD {
                return None;
            }
            if let Some(target) = without_version(target) {
                return (!target.trim_ascii().is_empty()).then_some(StartLine::Request);
            }
            (line.starts_with(b"GET ") && is_simple_target(target.trim_ascii()))
                .then_some(StartLine::Simple)
        }
    }
}

/// Where in a line a start line begins, for resuming after a loss: bytes of a body may stand
/// directly before it. HTTP/0.9 is not found so.
pub(super) fn find(side: Side, line: &[u8]) -> Option<usize> {
    match side {
        Side::Server => memchr::memmem::find_iter(line, b"HTTP/1.")
            .find(|&at| line.get(at..).is_some_and(is_status)),
        Side::Client => find_request(line),
    }
}

fn find_request(line: &[u8]) -> Option<usize> {
    let before = without_version(line)?.trim_ascii_end();
    let space = memchr::memrchr(b' ', before)?;
    let (method, _) = before.split_at_checked(space)?;
    let known = METHODS.iter().filter(|it| method.ends_with(it)).map(|it| it.len()).max();
    match known {
        Some(len) => method.len().checked_sub(len),
        None => is_method(method).then_some(0),
    }
}

/// As methods are written, by custom (RFC 9110 section 9.1).
fn is_method(token: &[u8]) -> bool {
    let well = |it: &u8| it.is_ascii_uppercase() || matches!(it, b'-' | b'_');
    (1..=MAX_METHOD).contains(&token.len()) && token.iter().all(well)
}

/// The part of a line before ` HTTP/1.` and a digit.
fn without_version(line: &[u8]) -> Option<&[u8]> {
    let (minor, before) = without_end(line).split_last()?;
    before.strip_suffix(b" HTTP/1.").filter(|_| minor.is_ascii_digit())
}

/// Whether a version is 1.1 or a later one that is read as that.
pub(super) fn is_at_least_1_1(version: &[u8]) -> bool {
    matches!(version, [b'1', b'.', b'1'..=b'9'])
}

/// A line without its LF or CRLF.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_status(line: &[u8]) -> bool {
    let Some([minor, b' ', a, b, c, end, ..]) = line.strip_prefix(b"HTTP/1.") else {
        return false;
    };
    [minor, a, b, c].iter().all(|it| it.is_ascii_digit()) && matches!(end, b' ' | b'\r' | b'\n')
}

fn is_simple_target(target: &[u8]) -> bool {
    (target.starts_with(b"/") || target.starts_with(b"http://"))
        && target.iter().all(|it| !it.is_ascii_control() && *it != b' ')
}

fn method_len(line: &[u8]) -> usize {
    line.iter().take(MAX_METHOD.saturating_add(1)).take_while(|&&it| is_token(it)).count()
}

/// A character of a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_recognised_by_their_first_bytes() {
        use Recognition::{Http, Http2, NeedMore, No, Tls};
        let long = [&b"GET /"[..], &[b'a'; RECOGNITION_LEN]].concat();
        let key = [&b"GET "[..], &[b'a'; RECOGNITION_LEN]].concat();
        for (bytes, expected) in [
            (&b""[..], NeedMore),
            (b"GET / HTTP/1.1\r\n", Http),
            (b"\r\nGET / HTTP/1.0\n", Http),
            (b"PROPFIND /dav HTTP/1.1\r\nHost:", Http),
            (b"GET / HTTP/1.2\r\n", Http),
            (b"GET / HTTP/2.0\r\n", Http),
            (b"GET / HTTP/0.9\r\n", Http),
            (b"GET HTTP/1.1\r\n", Http),
            (b"  GET / HTTP/1.1\r\n", Http),
            (b"GET\t/\tHTTP/1.1\r\n", Http),
            (b"get / http/1.1 x\r\n", Http),
            (b"GET\t/", NeedMore),
            (b"HTTP/1.1 GET /\r\n", No),
            (b"GET\r\n", No),
            (b"GET /test.png\r\n", Http),
            (b"GET /te", NeedMore),
            (b"GET / HTTP/1.1\r", NeedMore),
            (b"G", NeedMore),
            (&long, Http),
            (&key, No),
            (b"GET key\r\n", No),
            (b"PUT /x\r\n", No),
            (b"OPTIONS rtsp://x RTSP/1.0\r\n", No),
            (b"INVITE sip:a@b SIP/2.0\r\n", No),
            (b"SSH-2.0-OpenSSH_9.6\r\n", No),
            (b"1714564496\r\n", No),
            (&[b'a'; 40], No),
            (b"\0\0\0\x53", No),
            (b"\x16", NeedMore),
            (b"\x16\x03\x01\x02\0", Tls),
            (b"PRI * HTTP/2.0\r\n", NeedMore),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0", Http2),
        ] {
            assert_eq!(recognises(Side::Client, bytes), expected, "{}", bytes.escape_ascii());
        }
        for (bytes, expected) in [
            (&b"HTTP/1.1 200 OK\r\n"[..], Http),
            (b"HTTP/1.0 404", Http),
            (b"HTTP/1.", NeedMore),
            (b"HTTP/1.7 200", Http),
            (b"HTTP/2 200 X", Http),
            (b"HTTP/2.0 200", Http),
            (b"http/1.1 200", Http),
            (b"HTTP/1.01 200", Http),
            (b"HTTP/1.1\n", Http),
            (b"HT", NeedMore),
            (b"IC", NeedMore),
            (b"ICY 200 OK\r\n", Http),
            (b"ICY 20 is no status\r\n", No),
            (b"HTTP server of", No),
            (b"HTTP/x and more", No),
            (b"\x16\x03\x03", Tls),
            (b"\x89PNG\r\n", No),
        ] {
            assert_eq!(recognises(Side::Server, bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_start_line_is_found_behind_the_rest_of_a_body() {
        for (side, line, expected) in [
            (Side::Server, &b"HTTP/1.1 200 OK\r\n"[..], Some(0)),
            (Side::Server, b"HTTP/1.}HTTP/1.0 304\n", Some(8)),
            (Side::Server, b"HTTP/1.9 200\n", Some(0)),
            (Side::Server, b"HTTP/1.x 200\n", None),
            (Side::Server, b"HTTP/2.0 200\n", None),
            (Side::Client, b"a=1GET /b HTTP/1.9\n", Some(3)),
            (Side::Server, b"HTTP/1.1 is a protocol\r\n", None),
            (Side::Client, b"GET / HTTP/1.1\r\n", Some(0)),
            (Side::Client, b"MKCOL /a HTTP/1.1\r\n", Some(0)),
            (Side::Client, b"a=1POST /b HTTP/1.1\r\n", Some(3)),
            (Side::Client, b"{\"a\": 1}GET /b HTTP/1.0\n", Some(8)),
            (Side::Client, b"no such HTTP/1.1\r\n", None),
            (Side::Client, b"GET /b\r\n", None),
            (Side::Client, b" HTTP/1.1\r\n", None),
        ] {
            assert_eq!(find(side, line), expected, "{}", line.escape_ascii());
        }
    }
}
