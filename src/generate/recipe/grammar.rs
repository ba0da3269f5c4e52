//! The grammar of recipes.
//!
//! ```text
//! recipe  = value | number ".." number | function
//! value   = integer | float | text | "[" value, … "]" | "{" name ":" value, … "}" | "hex(" digits ")"
//! text    = a word, which may have blanks within, or anything in quotes
//! ```
//!
//! A word that reads as a number is one, and one with `..` is a range. The name of a function is
//! no text, so that a misspelt call is never sent as text.

use std::borrow::Cow;
use std::net::{Ipv6Addr, SocketAddr};

use nom::bytes::complete::take_till;
use nom::character::complete::{char, multispace0};
use nom::combinator::opt;
use nom::multi::separated_list0;
use nom::sequence::preceded;
use nom::{Err, Parser};

use super::error::RecipeError;
use super::functions;
use super::literal::{number, quoted};
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;

/// Lists and groups within one another.
const MAX_DEPTH: usize = 16;

/// What was expected, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expected<'t> {
    at: &'t str,
    text: Cow<'static, str>,
}

pub(super) type Parsed<'t, T> = nom::IResult<&'t str, T, Expected<'t>>;

impl<'t> nom::error::ParseError<&'t str> for Expected<'t> {
    fn from_error_kind(at: &'t str, _: nom::error::ErrorKind) -> Self {
        Self { at, text: VALUE.into() }
    }

    fn append(_: &'t str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

const VALUE: &str = "expected a value, such as `83`, `0..100`, `counter`, `text(3..10)` or text; \"\" is empty text";

/// Reads a recipe.
pub(super) fn recipe(text: &str) -> Result<ValueRecipe, RecipeError> {
    match text.trim() {
        // Only in quotes may text else have colons.
        written if is_written(written) => {
            Ok(ValueRecipe::Constant(FieldValue::Text(written.to_owned())))
        }
        _ => whole(text, either),
    }
}

/// Whether it is an address or a time with colons in it, as output writes them.
fn is_written(text: &str) -> bool {
    let mut pairs = text.split(':');
    let is_pair = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_hexdigit());
    text.contains(':')
        && (text.parse::<Ipv6Addr>().is_ok()
            || text.parse::<SocketAddr>().is_ok()
            || text.parse::<jiff::Timestamp>().is_ok()
            || pairs.all(is_pair))
}

/// Reads all of a text; what is left over is an error.
pub(super) fn whole<'t, T>(
    text: &'t str,
    part: impl Fn(&'t str) -> Parsed<'t, T>,
) -> Result<T, RecipeError> {
    let fault = match part(text) {
        Ok((rest, it)) if rest.trim_start().is_empty() => return Ok(it),
        Ok((rest, _)) => {
            let text = "expected the end; text with this in it stands in quotes";
            Expected { at: rest.trim_start(), text: text.into() }
        }
        Err(Err::Error(fault) | Err::Failure(fault)) => fault,
        Err(Err::Incomplete(_)) => Expected { at: "", text: VALUE.into() },
    };
    let before = text.get(..text.len().saturating_sub(fault.at.len())).unwrap_or(text);
    let column = before.chars().count().saturating_add(1);
    Err(RecipeError::Syntax { text: text.to_owned(), column, expected: fault.text.into_owned() })
}

/// Whether text needs no quotes.
pub(super) fn is_bare(text: &str) -> bool {
    let read = whole(text, either);
    matches!(read, Ok(ValueRecipe::Constant(FieldValue::Text(it))) if it == text)
}

pub(super) fn failure<'t, T>(at: &'t str, text: impl Into<Cow<'static, str>>) -> Parsed<'t, T> {
    Err(Err::Failure(Expected { at: at.trim_start(), text: text.into() }))
}

fn either(input: &str) -> Parsed<'_, ValueRecipe> {
    let start = input.trim_start();
    let (rest, name) = word(start)?;
    if let Some(arguments) = rest.trim_start().strip_prefix('(')
        && !name.is_empty()
    {
        return functions::call(start, name, arguments);
    }
    if let Some(alone) = functions::alone(name) {
        return match alone {
            Some(recipe) => Ok((rest, recipe)),
            None => failure(start, format!("{}; as text it stands in quotes", usage(name))),
        };
    }
    if let Some((low, high)) = name.split_once("..") {
        return match range(low, high) {
            Ok(recipe) => Ok((rest, recipe)),
            Err(text) => failure(start, text),
        };
    }
    let (rest, constant) = value(start, 0)?;
    Ok((rest, ValueRecipe::Constant(constant)))
}

/// How a function is written.
pub(super) fn usage(name: &str) -> String {
    format!("`{name}` is written {}", functions::form(name).unwrap_or(name))
}

fn range(low: &str, high: &str) -> Result<ValueRecipe, String> {
    const ENDS: &str = "a range has a number at both ends, as `0..100`; text stands in quotes";
    match (number(low.trim()), number(high.trim())) {
        (Some(FieldValue::Integer(low)), Some(FieldValue::Integer(high))) if low <= high => {
            Ok(ValueRecipe::Range { low, high })
        }
        (Some(first), Some(last)) => match (float(&first), float(&last)) {
            (Some(low), Some(high)) if low <= high && (first != last || is_float(&first)) => {
                Ok(ValueRecipe::FloatRange { low, high })
            }
            _ => Err(format!("this range is empty: the lower end stands first, {high}..{low}")),
        },
        _ => Err(ENDS.to_owned()),
    }
}

fn is_float(value: &FieldValue) -> bool {
    matches!(value, FieldValue::Float(_))
}

#[expect(clippy::cast_precision_loss, reason = "to the nearest number")]
fn float(value: &FieldValue) -> Option<f64> {
    match value {
        FieldValue::Integer(value) => Some(*value as f64),
        FieldValue::Float(value) => Some(*value),
        _ => None,
    }
}

/// A value that is always the same.
pub(super) fn value(input: &str, depth: usize) -> Parsed<'_, FieldValue> {
    if depth > MAX_DEPTH {
        return failure(input, "lists and groups are nested too deeply");
    }
    let start = input.trim_start();
    let inner = depth.saturating_add(1);
    match start.as_bytes() {
        [b'"', ..] => return quoted(start),
        [b'[', ..] => return list(start, inner),
        [b'{', ..] => return group(start, inner),
        _ => {}
    }
    let (rest, name) = word(start)?;
    if let Some(arguments) = rest.trim_start().strip_prefix('(')
        && !name.is_empty()
    {
        return match name {
            "hex" => functions::hex(arguments),
            _ => failure(start, "only constants stand here; text with parentheses in quotes"),
        };
    }
    if name.is_empty() {
        return failure(start, VALUE);
    }
    if functions::form(name).is_some() {
        return failure(start, format!("{}; as text it stands in quotes", usage(name)));
    }
    if name.contains("..") {
        return failure(start, "only constants stand here, no range; as text it stands in quotes");
    }
    match number(name) {
        Some(FieldValue::Float(value)) if value.is_infinite() => {
            failure(start, "no floating-point number is so large")
        }
        Some(value) => Ok((rest, value)),
        None => Ok((rest, FieldValue::Text(name.to_owned()))),
    }
}

fn list(input: &str, depth: usize) -> Parsed<'_, FieldValue> {
    let (rest, _) = char('[').parse(input)?;
    let element = |input| value(input, depth);
    let (rest, elements) = enclosed(rest, ']', element)?;
    Ok((rest, FieldValue::List(elements)))
}

fn group(input: &str, depth: usize) -> Parsed<'_, FieldValue> {
    let (rest, _) = char('{').parse(input)?;
    let field = |input| {
        let (rest, name) = word(input)?;
        match colon(rest) {
            Ok((rest, _)) if !name.is_empty() => {
                let (rest, value) = value(rest, depth)?;
                Ok((rest, (name.to_owned(), value)))
            }
            _ => failure(input, "expected a field and its value, as `{x: 1, y: 2}`"),
        }
    };
    let (rest, fields) = enclosed(rest, '}', field)?;
    Ok((rest, FieldValue::Group(fields)))
}

pub(super) fn colon(input: &str) -> Parsed<'_, char> {
    preceded(multispace0, char(':')).parse(input)
}

/// The parenthesis behind the arguments of a function.
pub(super) fn close(input: &str) -> Parsed<'_, char> {
    preceded(multispace0, char(')')).parse(input)
}

/// Elements with commas between, none or more, up to what closes them.
pub(super) fn enclosed<'t, T>(
    input: &'t str,
    close: char,
    mut element: impl FnMut(&'t str) -> Parsed<'t, T>,
) -> Parsed<'t, Vec<T>> {
    let closed = |input| preceded(multispace0::<_, Expected<'_>>, char(close)).parse(input);
    if let Ok((rest, _)) = closed(input) {
        return Ok((rest, Vec::new()));
    }
    let comma = preceded(multispace0, char(','));
    let (rest, elements) = separated_list0(comma, &mut element).parse(input)?;
    match closed(rest) {
        Ok((rest, _)) => Ok((rest, elements)),
        Err(_) => failure(rest, format!("expected `,` and one more, or `{close}`")),
    }
}

/// Characters up to one that means something, without the blanks around them.
pub(super) fn word(input: &str) -> Parsed<'_, &str> {
    let is_end = |it: char| it.is_control() || ",()[]{}\":".contains(it);
    let (rest, text) = preceded(multispace0, take_till(is_end)).parse(input)?;
    Ok((rest, text.trim_end()))
}

/// What stands behind a colon, if one does.
pub(super) fn behind_colon<'t, T>(
    input: &'t str,
    part: impl Fn(&'t str) -> Parsed<'t, T>,
) -> Parsed<'t, Option<T>> {
    opt(preceded(colon, part)).parse(input)
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
pub(super) mod tests;
