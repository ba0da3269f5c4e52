//! The grammar of filters. What binds least stands first: `or`, `xor`, `and`, `not`, a test.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{value, verify};
use nom::error::ErrorKind;
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{Err, Parser};

use super::condition::Relation;
use super::error::FilterError;

/// Levels of parentheses and negations within one another.
pub const MAX_DEPTH: usize = 64;

/// A filter as it is written. Names are parts of its text, and so have a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree<'t> {
    Any(Vec<Tree<'t>>),
    All(Vec<Tree<'t>>),
    Either(Box<Tree<'t>>, Box<Tree<'t>>),
    Not(Box<Tree<'t>>),
    Exists(&'t str),
    Compare(&'t str, Relation, Literal<'t>),
    Contains(&'t str, Literal<'t>),
    Matches(&'t str, Literal<'t>),
    In(&'t str, Vec<Element<'t>>),
}

/// An element of `{…}`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Element<'t> {
    One(Literal<'t>),
    Range(Literal<'t>, Literal<'t>),
}

/// A value, which the field's type says how to read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal<'t> {
    /// As it is written.
    pub at: &'t str,
    pub form: Form,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// A number, an address, bytes, a date, a name: what stands in [`Literal::at`].
    Word,
    /// `"…"`, its escapes undone.
    Text(Vec<u8>),
    /// `'…'`
    Character(u8),
}

enum Operator {
    Relation(Relation),
    Contains,
    Matches,
    In,
    NotIn,
}

/// What was expected, and where.
#[derive(Clone, Debug, PartialEq)]
struct Expected<'t> {
    at: &'t str,
    text: &'static str,
}

type Parsed<'t, T> = nom::IResult<&'t str, T, Expected<'t>>;

impl<'t> nom::error::ParseError<&'t str> for Expected<'t> {
    fn from_error_kind(at: &'t str, _: ErrorKind) -> Self {
        Self { at, text: "expected a filter" }
    }

    fn append(_: &'t str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

const FIELD: &str = "expected the name of a field, such as `udp.port`";
const VALUE: &str = "expected a value, such as `1989`, `\"GET\"` or `10.0.0.0/8`";
const AFTER: &str = "expected an operator, such as `==`, or `&&`, `||` and another test";

/// The tree of a filter; `None` for an empty one.
pub(super) fn parse(text: &str) -> Result<Option<Tree<'_>>, FilterError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let fault = match any(text, 0) {
        Ok((rest, tree)) if rest.trim_start().is_empty() => return Ok(Some(tree)),
        Ok((rest, _)) => {
            let rest = rest.trim_start();
            let closes = rest.starts_with(')');
            Expected { at: rest, text: if closes { "this `)` closes nothing" } else { AFTER } }
        }
        Err(Err::Error(fault) | Err::Failure(fault)) => fault,
        Err(Err::Incomplete(_)) => Expected { at: "", text: FIELD },
    };
    let offset = text.len().saturating_sub(fault.at.len());
    Err(FilterError::new(text, offset, fault.text))
}

fn failure<'t, T>(at: &'t str, text: &'static str) -> Parsed<'t, T> {
    Err(Err::Failure(Expected { at: at.trim_start(), text }))
}

fn any(input: &str, depth: usize) -> Parsed<'_, Tree<'_>> {
    let each = |input| either(input, depth);
    separated_list1(word_or("or", "||"), each).map(|trees| joined(trees, Tree::Any)).parse(input)
}

fn either(input: &str, depth: usize) -> Parsed<'_, Tree<'_>> {
    let (mut input, mut tree) = all(input, depth)?;
    while let Ok((rest, ())) = word_or("xor", "^^").parse(input) {
        let (rest, other) = all(rest, depth)?;
        tree = Tree::Either(Box::new(tree), Box::new(other));
        input = rest;
    }
    Ok((input, tree))
}

fn all(input: &str, depth: usize) -> Parsed<'_, Tree<'_>> {
    let each = |input| negated(input, depth);
    separated_list1(word_or("and", "&&"), each).map(|trees| joined(trees, Tree::All)).parse(input)
}

fn joined<'t>(mut trees: Vec<Tree<'t>>, several: fn(Vec<Tree<'t>>) -> Tree<'t>) -> Tree<'t> {
    match trees.pop() {
        Some(only) if trees.is_empty() => only,
        last => {
            trees.extend(last);
            several(trees)
        }
    }
}

fn negated(input: &str, depth: usize) -> Parsed<'_, Tree<'_>> {
    if depth > MAX_DEPTH {
        return failure(input, "parentheses and negations are nested too deeply");
    }
    let inner = depth.saturating_add(1);
    if let Ok((rest, ())) = word_or("not", "!").parse(input) {
        let (rest, tree) = negated(rest, inner)?;
        return Ok((rest, Tree::Not(Box::new(tree))));
    }
    let Ok((rest, _)) = token("(").parse(input) else { return test(input) };
    let (rest, tree) = any(rest, inner)?;
    match token(")").parse(rest) {
        Ok((rest, _)) => Ok((rest, tree)),
        Err(_) => failure(rest, "expected `)`, or `&&`, `||` and another test"),
    }
}

fn test(input: &str) -> Parsed<'_, Tree<'_>> {
    let Ok((rest, name)) = word(input) else { return failure(input, FIELD) };
    let is_name = name.starts_with(|it: char| it.is_alphabetic() || it == '_');
    if !is_name || KEYWORDS.contains(&name) {
        return failure(input, FIELD);
    }
    let Ok((rest, operator)) = operator(rest) else { return Ok((rest, Tree::Exists(name))) };
    match operator {
        Operator::Relation(relation) => {
            literal.map(|it| Tree::Compare(name, relation, it)).parse(rest)
        }
        Operator::Contains => literal.map(|it| Tree::Contains(name, it)).parse(rest),
        Operator::Matches => literal.map(|it| Tree::Matches(name, it)).parse(rest),
        Operator::In => set.map(|it| Tree::In(name, it)).parse(rest),
        Operator::NotIn => set.map(|it| Tree::Not(Box::new(Tree::In(name, it)))).parse(rest),
    }
}

const KEYWORDS: &[&str] = &[
    "and", "or", "xor", "not", "in", "contains", "matches", "eq", "ne", "lt", "le", "gt", "ge",
    "any_eq", "all_eq", "any_ne", "all_ne",
];

fn operator(input: &str) -> Parsed<'_, Operator> {
    let relation = |words: &'static str, sign, relation| {
        word_or(words, sign).map(move |()| Operator::Relation(relation))
    };
    alt((
        alt((
            relation("all_eq", "===", Relation::AllEqual),
            relation("any_ne", "!==", Relation::AnyDifferent),
            relation("any_ne", "~=", Relation::AnyDifferent),
            relation("eq", "==", Relation::AnyEqual),
            relation("any_eq", "==", Relation::AnyEqual),
            relation("ne", "!=", Relation::AllDifferent),
            relation("all_ne", "!=", Relation::AllDifferent),
            relation("le", "<=", Relation::LessOrEqual),
            relation("ge", ">=", Relation::GreaterOrEqual),
            relation("lt", "<", Relation::Less),
            relation("gt", ">", Relation::Greater),
        )),
        keyword("contains").map(|()| Operator::Contains),
        word_or("matches", "~").map(|()| Operator::Matches),
        keyword("in").map(|()| Operator::In),
        (keyword("not"), keyword("in")).map(|_| Operator::NotIn),
    ))
    .parse(input)
}

fn set(input: &str) -> Parsed<'_, Vec<Element<'_>>> {
    let Ok((rest, _)) = token("{").parse(input) else {
        return failure(input, "expected a set, such as `{1, 3..5}`");
    };
    let (rest, elements) = separated_list1(token(","), element).parse(rest)?;
    match token("}").parse(rest) {
        Ok((rest, _)) => Ok((rest, elements)),
        Err(_) => failure(rest, "expected `,` and another value, or `}`"),
    }
}

fn element(input: &str) -> Parsed<'_, Element<'_>> {
    let (rest, first) = literal(input)?;
    if let Some((from, to)) = first.at.split_once("..").filter(|_| first.form == Form::Word) {
        let end = |at| Literal { at, form: Form::Word };
        if from.is_empty() || to.is_empty() {
            return failure(input, "expected a value on both sides of `..`");
        }
        return Ok((rest, Element::Range(end(from), end(to))));
    }
    match token("..").parse(rest) {
        Ok((rest, _)) => literal.map(|last| Element::Range(first.clone(), last)).parse(rest),
        Err(_) => Ok((rest, Element::One(first))),
    }
}

fn literal(input: &str) -> Parsed<'_, Literal<'_>> {
    let start = input.trim_start();
    let word = verify(word, |it: &str| !KEYWORDS.contains(&it));
    let (rest, form) = match start.as_bytes() {
        [b'"', ..] => quoted(start)?,
        [b'r' | b'R', b'"', ..] => raw(start)?,
        [b'\'', ..] => character(start)?,
        _ => match word.map(|_| Form::Word).parse(start) {
            Ok(parsed) => parsed,
            Err(_) => return failure(input, VALUE),
        },
    };
    let at = start.get(..start.len().saturating_sub(rest.len())).unwrap_or(start);
    Ok((rest, Literal { at, form }))
}

/// `r"…"`, in which a backslash is one.
fn raw(input: &str) -> Parsed<'_, Form> {
    let body = take_while(|it| it != '"');
    let whole = delimited((alt((char('r'), char('R'))), char('"')), body, char('"'));
    let parsed: Parsed<'_, Form> =
        whole.map(|it: &str| Form::Text(it.as_bytes().to_vec())).parse(input);
    parsed.or_else(|_| failure(input, "this text has no end: expected `\"`"))
}

fn quoted(input: &str) -> Parsed<'_, Form> {
    let mut text = Vec::new();
    let mut rest = input.get(1..).unwrap_or_default();
    loop {
        let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
        let (head, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        text.extend_from_slice(head.as_bytes());
        if let Some(behind) = tail.strip_prefix('"') {
            return Ok((behind, Form::Text(text)));
        }
        if tail.is_empty() {
            return failure(input, "this text has no end: expected `\"`");
        }
        let (behind, byte) = escape(tail)?;
        text.push(byte);
        rest = behind;
    }
}

fn character(input: &str) -> Parsed<'_, Form> {
    let inner = input.get(1..).unwrap_or_default();
    let parsed = match inner.as_bytes() {
        [b'\\', ..] => Some(escape(inner)?),
        [byte, ..] if byte.is_ascii() && *byte != b'\'' => inner.get(1..).map(|rest| (rest, *byte)),
        _ => None,
    };
    match parsed.and_then(|(rest, byte)| Some((rest.strip_prefix('\'')?, byte))) {
        Some((rest, byte)) => Ok((rest, Form::Character(byte))),
        None => failure(input, "expected one ASCII character between `'`"),
    }
}

/// `\n`, `\x0a`, `\012` and the like.
fn escape(input: &str) -> Parsed<'_, u8> {
    const ESCAPE: &str = "expected an escape, such as `\\\"`, `\\n` or `\\x0a`";
    let digits = |radix, most: usize| {
        let from = if radix == 16 { 2 } else { 1 };
        let behind = input.get(from..).unwrap_or_default();
        let count = behind.chars().take(most).take_while(|it| it.is_digit(radix)).count();
        let (digits, rest) = behind.split_at_checked(count)?;
        Some((rest, u8::from_str_radix(digits, radix).ok()?))
    };
    let rest = input.get(2..).unwrap_or_default();
    let parsed = match input.as_bytes().get(1) {
        Some(b'n') => Some((rest, b'\n')),
        Some(b'r') => Some((rest, b'\r')),
        Some(b't') => Some((rest, b'\t')),
        Some(b'a') => Some((rest, 7)),
        Some(b'b') => Some((rest, 8)),
        Some(b'f') => Some((rest, 12)),
        Some(b'v') => Some((rest, 11)),
        Some(byte @ (b'\\' | b'"' | b'\'')) => Some((rest, *byte)),
        Some(b'x') => digits(16, 2),
        Some(b'0'..=b'7') => digits(8, 3),
        _ => None,
    };
    parsed.map_or_else(|| failure(input, ESCAPE), Ok)
}

/// A name, a number, an address, bytes or a date.
fn word(input: &str) -> Parsed<'_, &str> {
    let is_part = |it: char| it.is_alphanumeric() || "_.:-+/".contains(it);
    preceded(multispace0, take_while1(is_part)).parse(input)
}

fn keyword<'t>(word_of: &'static str) -> impl Parser<&'t str, Output = (), Error = Expected<'t>> {
    value((), verify(word, move |it: &str| it == word_of))
}

fn token<'t>(text: &'static str) -> impl Parser<&'t str, Output = &'t str, Error = Expected<'t>> {
    preceded(multispace0, tag(text))
}

/// A word, or a sign of the same meaning.
fn word_or<'t>(
    word_of: &'static str,
    sign: &'static str,
) -> impl Parser<&'t str, Output = (), Error = Expected<'t>> {
    alt((keyword(word_of), value((), token(sign))))
}
