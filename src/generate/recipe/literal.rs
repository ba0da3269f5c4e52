//! Numbers and quoted text of recipes.

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::char;

use super::grammar::{Expected, Parsed, failure};
use crate::decode::codec::FieldValue;

/// Decimal, hexadecimal behind `0x`, or with a point or an exponent. Digits behind a leading zero
/// are none, but may be bytes in hex.
pub(super) fn number(word: &str) -> Option<FieldValue> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_negative = digits.len() < word.len();
    if !digits.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let magnitude = match hex {
        Some(hex) if !hex.starts_with('+') => i128::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None if digits.len() > 1 && digits.bytes().all(|it| it.is_ascii_digit()) => {
            if digits.starts_with('0') {
                return None;
            }
            digits.parse().ok()?
        }
        None => match digits.parse::<i128>() {
            Ok(magnitude) => magnitude,
            Err(_) => return word.parse().ok().map(FieldValue::Float),
        },
    };
    Some(FieldValue::Integer(if is_negative { magnitude.saturating_neg() } else { magnitude }))
}

pub(super) fn quoted(input: &str) -> Parsed<'_, FieldValue> {
    let (mut rest, _) = char('"').parse(input)?;
    let mut text = String::new();
    loop {
        let (tail, plain) = take_while(|it| it != '"' && it != '\\').parse(rest)?;
        text.push_str(plain);
        if let Ok((behind, _)) = char::<_, Expected<'_>>('"').parse(tail) {
            return Ok((behind, FieldValue::Text(text)));
        }
        let (behind, it) = match tail.is_empty() {
            true => return failure(input, "this text has no end: expected `\"`"),
            false => escape(tail)?,
        };
        text.push(it);
        rest = behind;
    }
}

/// `\n`, `\u{1f}` and the like.
fn escape(input: &str) -> Parsed<'_, char> {
    let mut all = input.chars();
    let (_, letter) = (all.next(), all.next());
    let rest = all.as_str();
    let simple = match letter {
        Some(it @ ('"' | '\\')) => Some(it),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        _ => None,
    };
    let by_number = || {
        let (digits, behind) = rest.strip_prefix('{')?.split_once('}')?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        Some((behind, char::from_u32(number)?))
    };
    match (simple, letter) {
        (Some(it), _) => Ok((rest, it)),
        (None, Some('u')) => by_number().map_or_else(|| failure(input, ESCAPE), Ok),
        _ => failure(input, ESCAPE),
    }
}

const ESCAPE: &str = "expected an escape: `\\\"`, `\\\\`, `\\n`, `\\r`, `\\t` or `\\u{1f}`";
