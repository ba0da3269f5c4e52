//! One line of RESP: a sign, and what stands behind it up to CRLF.
//!
//! RESP2 and RESP3 as redis.io/docs/latest/develop/reference/protocol-spec has them. Strings and
//! aggregates of unknown length (`$?`, `*?`, `;`, `.`) are not read: no server sends them.

use std::ops::Range;

use crate::message::ErrorKind;

/// Elements that an aggregate may declare, as Redis has it for what clients send.
pub const MAX_DECLARED: u64 = i32::MAX as u64;

/// Bytes that a string may declare: far beyond Redis's `proto-max-bulk-len` of 512 MiB, which can
/// be raised.
pub const MAX_DECLARED_LEN: u64 = 1 << 40;

/// What a value is. A null of RESP2, a string or an array of length -1, is a null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `+`
    Simple,
    /// `-`
    Error,
    /// `:`
    Integer,
    /// `$`
    Bulk,
    /// `*`
    Array,
    /// `_`
    Null,
    /// `,`
    Double,
    /// `#`
    Boolean,
    /// `!`
    BulkError,
    /// `=`
    Verbatim,
    /// `(`
    BigNumber,
    /// `%`
    Map,
    /// `~`
    Set,
    /// `>`
    Push,
    /// `|`
    Attribute,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Header {
    /// The text behind the sign.
    Text(Range<usize>),
    Integer(i64),
    Double(f64),
    Boolean(bool),
    Null,
    /// So many bytes and CRLF follow.
    Bytes(u64),
    /// So many values follow, or pairs of a map and of attributes.
    Values(u64),
}

/// Why a line is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineFault {
    /// From the start of the line.
    pub offset: usize,
    pub context: &'static str,
    pub kind: ErrorKind,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 15] = [
        Self::Simple,
        Self::Error,
        Self::Integer,
        Self::Bulk,
        Self::Array,
        Self::Null,
        Self::Double,
        Self::Boolean,
        Self::BulkError,
        Self::Verbatim,
        Self::BigNumber,
        Self::Map,
        Self::Set,
        Self::Push,
        Self::Attribute,
    ];

    /// What the sign means.
    pub fn of(sign: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.sign() == sign)
    }

    /// The first byte of such a value.
    pub fn sign(self) -> u8 {
        match self {
            Self::Simple => b'+',
            Self::Error => b'-',
            Self::Integer => b':',
            Self::Bulk => b'$',
            Self::Array => b'*',
            Self::Null => b'_',
            Self::Double => b',',
            Self::Boolean => b'#',
            Self::BulkError => b'!',
            Self::Verbatim => b'=',
            Self::BigNumber => b'(',
            Self::Map => b'%',
            Self::Set => b'~',
            Self::Push => b'>',
            Self::Attribute => b'|',
        }
    }

    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Error => "error",
            Self::Integer => "integer",
            Self::Bulk => "bulk",
            Self::Array => "array",
            Self::Null => "null",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::BulkError => "bulk-error",
            Self::Verbatim => "verbatim",
            Self::BigNumber => "big-number",
            Self::Map => "map",
            Self::Set => "set",
            Self::Push => "push",
            Self::Attribute => "attribute",
        }
    }
}

/// Reads a line, its CRLF included. A lone LF ends none.
pub(super) fn read(line: &[u8]) -> Result<(Kind, Header), LineFault> {
    let fault = |offset: usize, context| LineFault { offset, context, kind: ErrorKind::Malformed };
    let (sign, rest) = line.split_first().ok_or(fault(0, "type"))?;
    let kind = Kind::of(*sign).ok_or(fault(0, "type"))?;
    let text = rest.strip_suffix(b"\r\n").ok_or(fault(rest.len(), "line end"))?;
    if text.starts_with(b"?") {
        return Err(fault(1, "streamed value, which is not read"));
    }
    let bad = |context| fault(1, context);
    let header = match kind {
        Kind::Simple | Kind::Error => {
            // What a line holds ends at its first CR (a simple string has none).
            let bare = memchr::memchr(b'\r', text).map(|at| at.saturating_add(1));
            if let Some(offset) = bare {
                return Err(fault(offset, "simple string"));
            }
            Header::Text(1..text.len().saturating_add(1))
        }
        Kind::BigNumber => {
            let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            is_number.then_some(()).ok_or(bad("big number"))?;
            Header::Text(1..text.len().saturating_add(1))
        }
        Kind::Integer => Header::Integer(integer(text).ok_or(bad("integer"))?),
        Kind::Double => Header::Double(double(text).ok_or(bad("double"))?),
        Kind::Boolean => match text {
            b"t" => Header::Boolean(true),
            b"f" => Header::Boolean(false),
            _ => return Err(bad("boolean")),
        },
        Kind::Null if text.is_empty() => Header::Null,
        Kind::Null => return Err(bad("null")),
        Kind::Bulk | Kind::Array if text == b"-1" => Header::Null,
        Kind::Bulk | Kind::BulkError | Kind::Verbatim => {
            Header::Bytes(count(text, MAX_DECLARED_LEN).ok_or(bad("length"))?)
        }
        Kind::Array | Kind::Map | Kind::Set | Kind::Push | Kind::Attribute => {
            Header::Values(count(text, MAX_DECLARED).ok_or(bad("number of elements"))?)
        }
    };
    Ok((kind, header))
}

fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Digits alone, up to a bound.
fn count(text: &[u8], most: u64) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit).then_some(text)?;
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (number <= most).then_some(number)
}

/// A number as Rust reads it, which takes what the specification allows: a fraction, an exponent,
/// `inf`, `-inf`, `nan`.
fn double(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let is_written_so = text.bytes().all(|it| it.is_ascii_digit() || b"+-.eEinfaNI".contains(&it));
    if is_written_so { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_follows() {
        use Header::{Boolean, Bytes, Double, Integer, Null, Text, Values};
        for (line, kind, header) in [
            (&b"+OK\r\n"[..], Kind::Simple, Text(1..3)),
            (b"+\r\n", Kind::Simple, Text(1..1)),
            (b"-ERR no such key\r\n", Kind::Error, Text(1..16)),
            (b":0\r\n", Kind::Integer, Integer(0)),
            (b":-42\r\n", Kind::Integer, Integer(-42)),
            (b":+7\r\n", Kind::Integer, Integer(7)),
            (b":9223372036854775807\r\n", Kind::Integer, Integer(i64::MAX)),
            (b"$5\r\n", Kind::Bulk, Bytes(5)),
            (b"$0\r\n", Kind::Bulk, Bytes(0)),
            (b"$-1\r\n", Kind::Bulk, Null),
            (b"*-1\r\n", Kind::Array, Null),
            (b"_\r\n", Kind::Null, Null),
            (b",3.25\r\n", Kind::Double, Double(3.25)),
            (b",1e3\r\n", Kind::Double, Double(1000.0)),
            (b",-inf\r\n", Kind::Double, Double(f64::NEG_INFINITY)),
            (b"#t\r\n", Kind::Boolean, Boolean(true)),
            (b"#f\r\n", Kind::Boolean, Boolean(false)),
            (b"!10\r\n", Kind::BulkError, Bytes(10)),
            (b"=15\r\n", Kind::Verbatim, Bytes(15)),
            (b"(-123456789012345678901234567890\r\n", Kind::BigNumber, Text(1..32)),
            (b"*3\r\n", Kind::Array, Values(3)),
            (b"%2\r\n", Kind::Map, Values(2)),
            (b"~0\r\n", Kind::Set, Values(0)),
            (b">4\r\n", Kind::Push, Values(4)),
            (b"|1\r\n", Kind::Attribute, Values(1)),
        ] {
            assert_eq!(read(line), Ok((kind, header)), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_line_that_is_none_says_where() {
        for (line, offset, context) in [
            (&b""[..], 0, "type"),
            (b"OK\r\n", 0, "type"),
            (b";4\r\n", 0, "type"),
            (b"+OK\n", 3, "line end"),
            (b"+O\rK\r\n", 2, "simple string"),
            (b"$?\r\n", 1, "streamed value, which is not read"),
            (b"*?\r\n", 1, "streamed value, which is not read"),
            (b"$\r\n", 1, "length"),
            (b"$-2\r\n", 1, "length"),
            (b"$+5\r\n", 1, "length"),
            (b"$1099511627777\r\n", 1, "length"),
            (b"*2147483648\r\n", 1, "number of elements"),
            (b"%-1\r\n", 1, "number of elements"),
            (b":\r\n", 1, "integer"),
            (b":9223372036854775808\r\n", 1, "integer"),
            (b":1 \r\n", 1, "integer"),
            (b",\r\n", 1, "double"),
            (b",infinity\r\n", 1, "double"),
            (b"#x\r\n", 1, "boolean"),
            (b"_x\r\n", 1, "null"),
            (b"(\r\n", 1, "big number"),
            (b"(12a\r\n", 1, "big number"),
        ] {
            let expected = LineFault { offset, context, kind: ErrorKind::Malformed };
            assert_eq!(read(line), Err(expected), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn every_kind_has_its_sign() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.sign()), Some(kind));
        }
    }
}
