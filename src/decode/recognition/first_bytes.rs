//! What one side of a TCP conversation speaks, told by its first bytes.
//!
//! Each side is judged by itself: a server answers a TLS client in plain HTTP, and an HTTP client
//! by a TLS alert. What is recognised here needs no rule and holds on any port; a further
//! recogniser is one more line of [`recognise`].

use super::opening::Opening;
use super::plain;
use crate::decode::http::{self, Recognition};
use crate::decode::unread::Unread;
use crate::flow::Side;
use crate::profile::Standard;

/// What an SSH side begins with (RFC 4253 section 4.2; 1.99 and 1.5 are versions too).
const SSH_BANNERS: [&[u8]; 2] = [b"SSH-2.", b"SSH-1."];

/// Content types of TLS records (RFC 8446 section 5.1): change_cipher_spec, alert, handshake,
/// application_data. Only a handshake begins a conversation; the others are seen where the capture
/// begins in the middle, and as the answer to what is not TLS.
const TLS_RECORDS: std::ops::RangeInclusive<u8> = 0x14..=0x17;
/// Octets of a TLS record behind its header, at most (RFC 5246 section 6.2.3).
const MAX_TLS_RECORD: u16 = (1 << 14) + 2048;
/// A record of this type carries messages, of which these come first (RFC 8446 section 4).
const HANDSHAKE: u8 = 0x16;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Tells what a side speaks. `bytes` are its first ones.
pub(super) fn recognise(side: Side, bytes: &[u8]) -> Opening {
    match http::recognises(side, bytes) {
        Recognition::Http => Opening::Speaks(Standard::Http),
        Recognition::Http2 => Opening::Named(Unread::Http2),
        Recognition::Tls => Opening::Named(Unread::Tls),
        Recognition::NeedMore => Opening::NeedMore,
        Recognition::No if is_tls(bytes) => Opening::Named(Unread::Tls),
        Recognition::No if SSH_BANNERS.iter().any(|it| bytes.starts_with(it)) => {
            Opening::Named(Unread::Ssh)
        }
        Recognition::No if SSH_BANNERS.iter().any(|it| it.starts_with(bytes)) => Opening::NeedMore,
        Recognition::No => Opening::Unknown,
    }
}

/// What a side speaks whose peer speaks what is decoded: that too, unless the first bytes are
/// clearly something else.
pub(super) fn recognise_answer(side: Side, bytes: &[u8]) -> Opening {
    match recognise(side, bytes) {
        Opening::Speaks(Standard::Http) if !begins_http(side, bytes) => Opening::Unknown,
        Opening::NeedMore => Opening::Unknown,
        opening => opening,
    }
}

/// Who sends this, if the bytes say so: they are the first ones of their side.
pub(super) fn role_of_first(bytes: &[u8]) -> Option<Side> {
    let speaks_http = |side: &Side| http::recognises(*side, bytes) == Recognition::Http;
    let http = [Side::Client, Side::Server].into_iter().find(speaks_http);
    http.or_else(|| role_of_other(bytes)).or_else(|| plain::role_of(bytes))
}

/// The same for bytes from the middle of a conversation, where more is asked for.
pub(super) fn role_of_later(bytes: &[u8]) -> Option<Side> {
    let begins = |side: &Side| begins_http(*side, bytes);
    [Side::Client, Side::Server].into_iter().find(begins).or_else(|| role_of_other(bytes))
}

fn role_of_other(bytes: &[u8]) -> Option<Side> {
    if http::recognises(Side::Client, bytes) == Recognition::Http2 {
        return Some(Side::Client);
    }
    match bytes {
        [HANDSHAKE, _, _, _, _, CLIENT_HELLO, ..] if is_tls(bytes) => Some(Side::Client),
        [HANDSHAKE, _, _, _, _, SERVER_HELLO, ..] if is_tls(bytes) => Some(Side::Server),
        _ => None,
    }
}

/// Whether a message of HTTP/1 begins here: a conversation whose start the capture lacks, or that
/// changed its protocol. A request without a version would be too little to go by.
pub(super) fn begins_http(side: Side, bytes: &[u8]) -> bool {
    let line = memchr::memchr(b'\n', bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes);
    memchr::memmem::find(line, b"HTTP/1.").is_some()
        && http::recognises(side, bytes) == Recognition::Http
}

/// Whether a TLS record begins here.
fn is_tls(bytes: &[u8]) -> bool {
    let Some(&[kind, major, minor, high, low]) = bytes.first_chunk::<5>() else { return false };
    let len = u16::from_be_bytes([high, low]);
    let is_version = major == 3 && minor <= 4;
    TLS_RECORDS.contains(&kind) && is_version && (1..=MAX_TLS_RECORD).contains(&len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_is_told_by_its_own_first_bytes() {
        use Opening::{Named, NeedMore, Unknown};
        const HTTP: Opening = Opening::Speaks(Standard::Http);
        for (side, bytes, expected) in [
            (Side::Client, &b"GET / HTTP/1.1\r\n"[..], HTTP),
            (Side::Server, b"HTTP/1.1 400 Bad Request\r\n", HTTP),
            (Side::Client, b"\x16\x03\x01\x02\0\x01", Named(Unread::Tls)),
            (Side::Server, b"\x15\x03\x01\0\x02\x02\x46", Named(Unread::Tls)),
            (Side::Server, b"\x17\x03\x03\0\x20", Named(Unread::Tls)),
            (Side::Server, b"\x17\x03\x03\xff\xff", Unknown),
            (Side::Server, b"\x17\x03\x05\0\x20", Unknown),
            (Side::Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Named(Unread::Http2)),
            (Side::Server, b"\0\0\x12\x04\0\0\0\0\0", Unknown),
            (Side::Server, b"SSH-2.0-OpenSSH_9.6\r\n", Named(Unread::Ssh)),
            (Side::Client, b"SSH-1.99-x\n", Named(Unread::Ssh)),
            (Side::Server, b"SSH-", NeedMore),
            (Side::Server, b"SSH-agent\r\n", Unknown),
            (Side::Client, b"GET / HT", NeedMore),
        ] {
            assert_eq!(recognise(side, bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn content_says_who_the_client_is() {
        use Side::{Client, Server};
        for (bytes, first, later) in [
            (&b"GET / HTTP/1.1\r\n"[..], Some(Client), Some(Client)),
            (b"GET /old\r\n", Some(Client), None),
            (b"HTTP/1.0 200 OK\r\n", Some(Server), Some(Server)),
            (b"\x16\x03\x01\x02\0\x01\0", Some(Client), Some(Client)),
            (b"\x16\x03\x03\0\x7a\x02\0", Some(Server), Some(Server)),
            (b"\x17\x03\x03\0\x7a\x02\0", None, None),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Client), Some(Client)),
            (b"220 mail.example ESMTP\r\n", Some(Server), None),
            (b"MAIL FROM:<a@b>\r\n", None, None),
        ] {
            let found = (role_of_first(bytes), role_of_later(bytes));
            assert_eq!(found, (first, later), "{}", bytes.escape_ascii());
        }
    }
}
