//! How a message's body is delimited (RFC 9112 section 6.3), and lengths that contradict.

use super::super::framing_fault::{FramingFault, FramingFaults};
use super::head::{Field, Head, HeadFault, Start};
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
    /// Lengths that contradict each other or the message, or are none.
    pub faults: FramingFaults,
    /// Why `body` is unknown.
    pub fault: Option<HeadFault>,
    /// A response that can have no body.
    pub is_bodiless: bool,
}

/// What the Content-Length fields of a message say.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ContentLength {
    Absent,
    Is(u64),
    /// No number, or several; the field's offset.
    Invalid(usize, FramingFault),
}

/// What the Transfer-Encoding fields of a message say.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TransferEncoding {
    /// Of the last field, bytes from the start of the head.
    offset: usize,
    chunked_last: bool,
    /// `chunked` stands where it may not.
    misplaced: bool,
    /// A coding is not registered.
    unknown: bool,
}

/// The registered transfer codings (IANA, HTTP Transfer Coding Registry), with the one of RFC 2616
/// that stands for none.
const CODINGS: [&[u8]; 7] =
    [b"chunked", b"compress", b"deflate", b"gzip", b"identity", b"x-compress", b"x-gzip"];

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
    let mut faults = said(length, encoding, old);
    faults.insert_if(head.is_framing_lost, FramingFault::FieldUnreadable);
    faults.insert_if(is_folded(bytes, fields), FramingFault::FieldFolded);
    if let Start::Response { status, .. } = head.start
        && has_no_body(status, answers)
    {
        let has_length = !matches!(length, ContentLength::Absent | ContentLength::Is(0));
        faults.extend(bodiless(status, answers, has_length, encoding.is_some()));
        return Framing { body: Body::Empty, faults, fault: None, is_bodiless: true };
    }
    let is_response = matches!(head.start, Start::Response { .. });
    let is_chunked = encoding.is_none_or(|it| it.chunked_last);
    faults.insert_if(!is_response && !is_chunked, FramingFault::CodingNotLast);
    let (body, fault) = delimiter(is_response, length, encoding);
    Framing { body, faults, fault, is_bodiless: false }
}

/// What is wrong with the fields by themselves.
fn said(length: ContentLength, encoding: Option<TransferEncoding>, old: bool) -> FramingFaults {
    let mut faults = FramingFaults::default();
    if let ContentLength::Invalid(_, fault) = length {
        faults.insert(fault);
    }
    if let Some(encoding) = encoding {
        faults.insert_if(length != ContentLength::Absent, FramingFault::LengthBesideCoding);
        faults.insert_if(old, FramingFault::CodingInOldVersion);
        faults.insert_if(encoding.misplaced, FramingFault::ChunkedMisplaced);
        faults.insert_if(encoding.unknown, FramingFault::CodingUnknown);
    }
    faults
}

/// What may not stand in a response without a body (RFC 9110 section 8.6, RFC 9112 section 6.1).
/// A length of zero is no lie, and common.
fn bodiless(
    status: u16,
    answers: Option<Method>,
    has_length: bool,
    is_coded: bool,
) -> FramingFaults {
    let (length, coding) = match status {
        100..=199 => (FramingFault::LengthInInterim, FramingFault::CodingInInterim),
        204 => (FramingFault::LengthInNoContent, FramingFault::CodingInNoContent),
        // As a 304 they say what the response to a GET would have had.
        _ if status == 304 || answers == Some(Method::Head) => return FramingFaults::default(),
        _ => (FramingFault::FramedTunnel, FramingFault::FramedTunnel),
    };
    let found = [has_length.then_some(length), is_coded.then_some(coding)];
    found.into_iter().flatten().collect()
}

/// Whether a field by which the body is delimited goes on in another line (RFC 9112 section 5.2).
fn is_folded(bytes: &[u8], fields: &[Field]) -> bool {
    let delimits = |field| {
        is_named(bytes, field, b"content-length") || is_named(bytes, field, b"transfer-encoding")
    };
    fields.iter().any(|field| delimits(field) && value(bytes, field).contains(&b'\n'))
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
) -> (Body, Option<HeadFault>) {
    match (encoding, length) {
        (Some(it), _) if it.chunked_last => (Body::Chunked, None),
        (Some(_), _) if is_response => (Body::Close, None),
        (Some(it), _) => {
            (Body::Unknown, Some(HeadFault::malformed(it.offset, "transfer-encoding")))
        }
        (None, ContentLength::Invalid(offset, _)) => {
            (Body::Unknown, Some(HeadFault::malformed(offset, "content-length")))
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
                (Ok(len), ContentLength::Absent) => ContentLength::Is(len),
                (Ok(len), ContentLength::Is(before)) if len == before => found,
                (Ok(_), _) => {
                    return ContentLength::Invalid(field.value.start, FramingFault::LengthsDiffer);
                }
                (Err(fault), _) => return ContentLength::Invalid(field.value.start, fault),
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
                unknown: found.is_some_and(|it| it.unknown)
                    || !CODINGS.iter().any(|it| coding.eq_ignore_ascii_case(it)),
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
    fields.iter().filter(move |field| is_named(bytes, field, name))
}

/// Whether a field has that name, which is in lower case. Nearly all others are of another length,
/// which is told without their bytes.
fn is_named(bytes: &[u8], field: &Field, name: &[u8]) -> bool {
    field.name.len() == name.len()
        && bytes.get(field.name.clone()).is_some_and(|it| it.eq_ignore_ascii_case(name))
}

/// A field's value.
pub(super) fn value<'b>(bytes: &'b [u8], field: &Field) -> &'b [u8] {
    bytes.get(field.value.clone()).unwrap_or_default()
}

/// Digits alone, and no more than 64 bits.
fn number(text: &[u8]) -> Result<u64, FramingFault> {
    let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if !is_number(text) {
        let is_negative = text.strip_prefix(b"-").is_some_and(is_number);
        let fault =
            if is_negative { FramingFault::LengthNegative } else { FramingFault::LengthNoNumber };
        return Err(fault);
    }
    let number = text.iter().try_fold(0u64, |number, digit| {
        number.checked_mul(10)?.checked_add(digit.wrapping_sub(b'0').into())
    });
    number.ok_or(FramingFault::LengthOverflows)
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;
    use crate::flow::Side;

    fn framing(
        side: Side,
        start: &str,
        fields: &str,
        answers: Option<Method>,
    ) -> (Body, Vec<FramingFault>) {
        let text = format!("{start}\r\n{}\r\n", fields.replace('|', "\r\n"));
        let mut found = Vec::new();
        let head = head::parse(side, text.as_bytes(), &mut found);
        let framing = decide(text.as_bytes(), &head, &found, answers);
        assert_eq!(framing.fault.is_some(), framing.body == Body::Unknown);
        (framing.body, framing.faults.iter().collect())
    }

    #[test]
    fn requests_are_framed_as_the_rfc_says() {
        use Body::{Chunked, Empty, Length, Unknown};
        use FramingFault::*;
        for (fields, body, faults) in [
            ("", Empty, &[][..]),
            ("Content-Length: 0|", Empty, &[]),
            ("content-LENGTH: 5|", Length(5), &[]),
            ("Content-Length: 5, 5|Content-Length: 5|", Length(5), &[]),
            ("Content-Length: 5|Content-Length: 6|", Unknown, &[LengthsDiffer]),
            ("Content-Length: 5, 6|", Unknown, &[LengthsDiffer]),
            ("Content-Length: +5|", Unknown, &[LengthNoNumber]),
            ("Content-Length: 5x|", Unknown, &[LengthNoNumber]),
            ("Content-Length: -5|", Unknown, &[LengthNegative]),
            ("Content-Length: 5, -5|", Unknown, &[LengthNegative]),
            ("Content-Length: --5|", Unknown, &[LengthNoNumber]),
            ("Content-Length: -|", Unknown, &[LengthNoNumber]),
            ("Content-Length:|", Unknown, &[LengthNoNumber]),
            ("Content-Length: 5,|", Unknown, &[LengthNoNumber]),
            ("Content-Length: 18446744073709551615|", Length(u64::MAX), &[]),
            ("Content-Length: 18446744073709551616|", Unknown, &[LengthOverflows]),
            ("Content-Length :5|", Empty, &[FieldUnreadable]),
            ("X : 5|", Empty, &[]),
            (" Content-Length: 5|", Empty, &[FieldUnreadable]),
            ("Transfer-Encoding\x01: chunked|", Empty, &[FieldUnreadable]),
            ("Content-Length:| 5|", Length(5), &[FieldFolded]),
            ("A: b| c|Content-Length: 5|", Length(5), &[]),
            ("Transfer-Encoding: chunked|", Chunked, &[]),
            ("Transfer-Encoding: gzip, Chunked|", Chunked, &[]),
            ("Transfer-Encoding: gzip|Transfer-Encoding: chunked|", Chunked, &[]),
            ("Transfer-Encoding: chunked|Content-Length: 5|", Chunked, &[LengthBesideCoding]),
            (
                "Transfer-Encoding: chunked|Content-Length: -5|",
                Chunked,
                &[LengthNegative, LengthBesideCoding],
            ),
            ("Transfer-Encoding:| chunked|", Chunked, &[FieldFolded]),
            ("Transfer-Encoding: chunked, chunked|", Chunked, &[ChunkedMisplaced]),
            ("Transfer-Encoding: chunked, gzip|", Unknown, &[CodingNotLast, ChunkedMisplaced]),
            ("Transfer-Encoding: gzip|", Unknown, &[CodingNotLast]),
            ("Transfer-Encoding: xchunked|", Unknown, &[CodingNotLast, CodingUnknown]),
            ("Transfer-Encoding: x, chunked|", Chunked, &[CodingUnknown]),
        ] {
            let found = framing(Side::Client, "POST / HTTP/1.1", fields, None);
            assert_eq!(found, (body, faults.to_vec()), "{fields}");
        }
        let coded = |version: &str| {
            let start = format!("POST / HTTP/{version}");
            framing(Side::Client, &start, "Transfer-Encoding: chunked|", None)
        };
        assert_eq!(coded("1.0"), (Chunked, vec![CodingInOldVersion]));
        assert_eq!(coded("1.2"), (Chunked, vec![]));
    }

    #[test]
    fn responses_are_framed_as_the_rfc_says() {
        use Body::{Chunked, Close, Empty, Length, Unknown};
        use FramingFault::*;
        use Method::{Connect, Head, Other};
        for (status, fields, answers, body, faults) in [
            (200, "", None, Close, &[][..]),
            (200, "Content-Length: 5|", None, Length(5), &[]),
            (200, "Content-Length: 5|", Some(Other), Length(5), &[]),
            (200, "Content-Length: 5|", Some(Head), Empty, &[]),
            (200, "Transfer-Encoding: chunked|", Some(Head), Empty, &[]),
            (200, "Transfer-Encoding: gzip|", None, Close, &[]),
            (200, "Transfer-Encoding: xchunked|", None, Close, &[CodingUnknown]),
            (200, "Transfer-Encoding: chunked, gzip|", None, Close, &[ChunkedMisplaced]),
            (200, "Transfer-Encoding: chunked|", None, Chunked, &[]),
            (200, "Content-Length: 5|Content-Length: 6|", None, Unknown, &[LengthsDiffer]),
            (100, "", Some(Other), Empty, &[]),
            (204, "", None, Empty, &[]),
            (204, "Content-Length: 0|", None, Empty, &[]),
            (204, "Content-Length: 5|", None, Empty, &[LengthInNoContent]),
            (204, "Content-Length: 5|", Some(Head), Empty, &[LengthInNoContent]),
            (204, "Transfer-Encoding: chunked|", None, Empty, &[CodingInNoContent]),
            (103, "Transfer-Encoding: chunked|", None, Empty, &[CodingInInterim]),
            (101, "Content-Length: 5|", None, Empty, &[LengthInInterim]),
            (304, "Content-Length: 5|", None, Empty, &[]),
            (304, "Transfer-Encoding: chunked|", None, Empty, &[]),
            (200, "Content-Length: 5|", Some(Connect), Empty, &[FramedTunnel]),
            (200, "Transfer-Encoding: chunked|", Some(Connect), Empty, &[FramedTunnel]),
            (407, "Content-Length: 5|", Some(Connect), Length(5), &[]),
        ] {
            let start = format!("HTTP/1.1 {status} X");
            let found = framing(Side::Server, &start, fields, answers);
            assert_eq!(found, (body, faults.to_vec()), "{status} {fields} {answers:?}");
        }
    }
}
