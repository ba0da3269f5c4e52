//! How a message's body is delimited (RFC 9112 section 6.3), and lengths that contradict.

use super::head::{Fault, Field, Head, Start};
use super::pairing::Method;

/// How the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// By its last chunk.
    Chunked,
    /// With the connection.
    Close,
    /// What the message says of it cannot be trusted.
    Unknown,
}

/// How the body ends, and what is wrong with what the message says of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Framing {
    pub body: Body,
    /// Lengths contradict each other or the message.
    pub contradicts: bool,
    /// Why `body` is unknown.
    pub fault: Option<Fault>,
}

/// What the Content-Length fields of a message say.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ContentLength {
    Absent,
    Is(u64),
    /// No number, or several; the field's offset.
    Invalid(usize),
}

/// What the Transfer-Encoding fields of a message say.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TransferEncoding {
    /// Of the last field, bytes from the start of the head.
    offset: usize,
    chunked_last: bool,
    /// `chunked` stands where it may not.
    misplaced: bool,
}

/// Decides the framing of the message with this head. `answers` is the method of the request that
/// a response answers, as far as it is known.
pub(super) fn decide(
    bytes: &[u8],
    head: &Head,
    fields: &[Field],
    answers: Option<Method>,
) -> Framing {
    let length = content_length(bytes, fields);
    let encoding = transfer_encoding(bytes, fields);
    let old = bytes.get(head.version.clone()) == Some(b"1.0");
    let contradicts = matches!(length, ContentLength::Invalid(_))
        || encoding.is_some_and(|it| it.misplaced || old || length != ContentLength::Absent);
    match &head.start {
        Start::Response { status, .. } if has_no_body(*status, answers) => {
            let may_have_length = *status == 304 || answers == Some(Method::Head);
            let length_is_odd = !matches!(length, ContentLength::Absent | ContentLength::Is(0));
            let odd = !may_have_length && (length_is_odd || encoding.is_some());
            Framing { body: Body::Empty, contradicts: contradicts || odd, fault: None }
        }
        start => {
            let is_response = matches!(start, Start::Response { .. });
            let (body, fault) = delimiter(is_response, length, encoding);
            Framing { body, contradicts: contradicts || fault.is_some(), fault }
        }
    }
}

fn has_no_body(status: u16, answers: Option<Method>) -> bool {
    let tunnel = answers == Some(Method::Connect) && is_success(status);
    matches!(status, 100..=199 | 204 | 304) || answers == Some(Method::Head) || tunnel
}

/// A final response follows (RFC 9110 section 15.2); not behind 101, which ends HTTP.
pub(super) fn is_interim(status: u16) -> bool {
    matches!(status, 100 | 102..=199)
}

/// 2xx.
pub(super) fn is_success(status: u16) -> bool {
    matches!(status, 200..=299)
}

fn delimiter(
    is_response: bool,
    length: ContentLength,
    encoding: Option<TransferEncoding>,
) -> (Body, Option<Fault>) {
    match (encoding, length) {
        (Some(it), _) if it.chunked_last => (Body::Chunked, None),
        (Some(_), _) if is_response => (Body::Close, None),
        (Some(it), _) => (Body::Unknown, Some(Fault::malformed(it.offset, "transfer-encoding"))),
        (None, ContentLength::Invalid(offset)) => {
            (Body::Unknown, Some(Fault::malformed(offset, "content-length")))
        }
        (None, ContentLength::Is(0)) => (Body::Empty, None),
        (None, ContentLength::Is(len)) => (Body::Length(len), None),
        (None, ContentLength::Absent) if is_response => (Body::Close, None),
        (None, ContentLength::Absent) => (Body::Empty, None),
    }
}

/// A list of one and the same number is that number (RFC 9112 section 6.3, rule 5).
fn content_length(bytes: &[u8], fields: &[Field]) -> ContentLength {
    let mut found = ContentLength::Absent;
    for field in named(bytes, fields, b"content-length") {
        for part in value(bytes, field).split(|&it| it == b',') {
            found = match (number(part.trim_ascii()), found) {
                (Some(len), ContentLength::Absent) => ContentLength::Is(len),
                (Some(len), ContentLength::Is(before)) if len == before => found,
                _ => return ContentLength::Invalid(field.value.start),
            };
        }
    }
    found
}

fn transfer_encoding(bytes: &[u8], fields: &[Field]) -> Option<TransferEncoding> {
    let mut found: Option<TransferEncoding> = None;
    for field in named(bytes, fields, b"transfer-encoding") {
        for coding in value(bytes, field).split(|&it| it == b',') {
            let coding = coding.trim_ascii();
            if coding.is_empty() {
                continue;
            }
            found = Some(TransferEncoding {
                offset: field.value.start,
                chunked_last: coding.eq_ignore_ascii_case(b"chunked"),
                misplaced: found.is_some_and(|it| it.misplaced || it.chunked_last),
            });
        }
    }
    found
}

/// The fields of that name, in lower case.
pub(super) fn named<'f>(
    bytes: &'f [u8],
    fields: &'f [Field],
    name: &'f [u8],
) -> impl Iterator<Item = &'f Field> {
    let is_it = move |field: &&Field| {
        bytes.get(field.name.clone()).is_some_and(|it| it.eq_ignore_ascii_case(name))
    };
    fields.iter().filter(is_it)
}

/// A field's value.
pub(super) fn value<'b>(bytes: &'b [u8], field: &Field) -> &'b [u8] {
    bytes.get(field.value.clone()).unwrap_or_default()
}

/// Digits alone, and no more than 64 bits.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::Side;
    use super::super::head;
    use super::*;

    fn framing(side: Side, start: &str, fields: &str, answers: Option<Method>) -> (Body, bool) {
        let text = format!("{start}\r\n{}\r\n", fields.replace('|', "\r\n"));
        let mut found = Vec::new();
        let head = head::parse(side, text.as_bytes(), &mut found);
        assert_eq!(head.fault, None, "{text}");
        let framing = decide(text.as_bytes(), &head, &found, answers);
        assert_eq!(framing.fault.is_some(), framing.body == Body::Unknown);
        (framing.body, framing.contradicts)
    }

    #[test]
    fn requests_are_framed_as_the_rfc_says() {
        use Body::{Chunked, Empty, Length, Unknown};
        for (fields, body, contradicts) in [
            ("", Empty, false),
            ("Content-Length: 0|", Empty, false),
            ("content-LENGTH: 5|", Length(5), false),
            ("Content-Length: 5, 5|Content-Length: 5|", Length(5), false),
            ("Content-Length: 5|Content-Length: 6|", Unknown, true),
            ("Content-Length: 5, 6|", Unknown, true),
            ("Content-Length: +5|", Unknown, true),
            ("Content-Length: 5x|", Unknown, true),
            ("Content-Length:|", Unknown, true),
            ("Content-Length: 18446744073709551615|", Length(u64::MAX), false),
            ("Content-Length: 18446744073709551616|", Unknown, true),
            ("Transfer-Encoding: chunked|", Chunked, false),
            ("Transfer-Encoding: gzip, Chunked|", Chunked, false),
            ("Transfer-Encoding: gzip|Transfer-Encoding: chunked|", Chunked, false),
            ("Transfer-Encoding: chunked|Content-Length: 5|", Chunked, true),
            ("Transfer-Encoding: chunked, chunked|", Chunked, true),
            ("Transfer-Encoding: chunked, gzip|", Unknown, true),
            ("Transfer-Encoding: gzip|", Unknown, true),
        ] {
            let found = framing(Side::Client, "POST / HTTP/1.1", fields, None);
            assert_eq!(found, (body, contradicts), "{fields}");
        }
        let old = framing(Side::Client, "POST / HTTP/1.0", "Transfer-Encoding: chunked|", None);
        assert_eq!(old, (Chunked, true));
    }

    #[test]
    fn responses_are_framed_as_the_rfc_says() {
        use Body::{Chunked, Close, Empty, Length, Unknown};
        use Method::{Connect, Head, Other};
        for (status, fields, answers, body, contradicts) in [
            (200, "", None, Close, false),
            (200, "Content-Length: 5|", None, Length(5), false),
            (200, "Content-Length: 5|", Some(Other), Length(5), false),
            (200, "Content-Length: 5|", Some(Head), Empty, false),
            (200, "Transfer-Encoding: chunked|", Some(Head), Empty, false),
            (200, "Transfer-Encoding: gzip|", None, Close, false),
            (200, "Transfer-Encoding: chunked|", None, Chunked, false),
            (200, "Content-Length: 5|Content-Length: 6|", None, Unknown, true),
            (100, "", Some(Other), Empty, false),
            (204, "", None, Empty, false),
            (204, "Content-Length: 0|", None, Empty, false),
            (204, "Content-Length: 5|", None, Empty, true),
            (103, "Transfer-Encoding: chunked|", None, Empty, true),
            (304, "Content-Length: 5|", None, Empty, false),
            (200, "Content-Length: 5|", Some(Connect), Empty, true),
            (407, "Content-Length: 5|", Some(Connect), Length(5), false),
        ] {
            let start = format!("HTTP/1.1 {status} X");
            let found = framing(Side::Server, &start, fields, answers);
            assert_eq!(found, (body, contradicts), "{status} {fields} {answers:?}");
        }
    }
}
