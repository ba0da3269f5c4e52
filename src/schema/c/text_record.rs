//! Text records: string macros that hold a conversion, such as `#define STAMP "%lld\r\n"`.

use nom::bytes::complete::{tag, take_while};
use nom::character::complete::one_of;
use nom::combinator::recognize;
use nom::{IResult, Parser};

use super::super::source::Span;

/// A string macro that describes a record of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRecord {
    /// The macro's name, by which rules and profiles call the message.
    pub name: String,
    /// The format, its escapes undone and its literals joined.
    pub format: Vec<u8>,
    /// The macro's name, where it is defined.
    pub span: Span,
}

/// Whether a format holds a conversion (C17 section 7.21.6); `%%` is none.
pub(super) fn has_conversion(format: &[u8]) -> bool {
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        rest = rest.get(at..).unwrap_or_default();
        if conversion(rest).is_ok() {
            return true;
        }
        // A second `%` directly behind belongs to this one.
        rest = rest.get(if rest.starts_with(b"%%") { 2 } else { 1 }..).unwrap_or_default();
    }
    false
}

/// Flags, width, precision, length, and the letter; `%[…]` is of `scanf`.
fn conversion(format: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize((
        tag(&b"%"[..]),
        take_while(|it| b"-+ #0'123456789.*$".contains(&it)),
        take_while(|it| b"hlLqjzt".contains(&it)),
        one_of(&b"diouxXeEfFgGaAcspm["[..]),
    ))
    .parse(format)
}

#[cfg(test)]
mod tests {
    use super::has_conversion;

    #[test]
    fn a_conversion_makes_a_record() {
        for (format, expected) in [
            ("%lld\r\n", true),
            ("Stamp:%lld\n", true),
            ("%-10.3s|", true),
            ("%%d %5u", true),
            ("1989", false),
            ("100%", false),
            ("%%d", false),
            ("50 % y", false),
            ("", false),
        ] {
            assert_eq!(has_conversion(format.as_bytes()), expected, "{format}");
        }
    }
}
