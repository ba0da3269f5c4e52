//! The functions of recipes: what stands between their parentheses.

use std::ops::RangeInclusive;

use super::grammar::{self, Parsed, behind_colon, enclosed, failure, usage, value, word};
use super::value::{MAX_LEN, ValueRecipe};
use crate::decode::codec::FieldValue;
use crate::profile::TimeUnit;
use crate::schema::nearest;

/// Each function, and how it is written.
const FORMS: [(&str, &str); 6] = [
    ("counter", "`counter`, `counter(start)` or `counter(start, step)`"),
    ("now", "`now(s)`, `now(ms)`, `now(us)` or `now(ns)`"),
    ("choice", "`choice(a, b, c)`, or with weights `choice(a:3, b)`"),
    ("text", "`text(3..10)` or `text(8)`"),
    ("bytes", "`bytes(3..10)` or `bytes(8)`"),
    ("hex", "`hex(00ff)`"),
];

/// How a function is written; `None` where there is none of that name.
pub(super) fn form(name: &str) -> Option<&'static str> {
    FORMS.iter().find(|(it, _)| *it == name).map(|(_, form)| *form)
}

/// What the name of a function means without parentheses; `Some(None)`: nothing.
pub(super) fn alone(name: &str) -> Option<Option<ValueRecipe>> {
    form(name).map(|_| (name == "counter").then_some(ValueRecipe::Counter { start: 0, step: 1 }))
}

/// Reads the arguments of the function that is named at `start`.
pub(super) fn call<'t>(start: &'t str, name: &str, arguments: &'t str) -> Parsed<'t, ValueRecipe> {
    match name {
        "counter" => counter(arguments),
        "now" => now(arguments),
        "choice" => choice(start, arguments),
        "text" => lengths(arguments, name).map(|(rest, len)| (rest, ValueRecipe::Text { len })),
        "bytes" => lengths(arguments, name).map(|(rest, len)| (rest, ValueRecipe::Bytes { len })),
        "hex" => hex(arguments).map(|(rest, bytes)| (rest, ValueRecipe::Constant(bytes))),
        _ => failure(start, unknown(name)),
    }
}

fn unknown(name: &str) -> String {
    let meant = nearest(name, FORMS.map(|(it, _)| it));
    let hint = meant.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    format!("there is no `{name}(…)`{hint} As text it stands in quotes")
}

fn counter(arguments: &str) -> Parsed<'_, ValueRecipe> {
    let integer = |input| match value(input, 0)? {
        (rest, FieldValue::Integer(it)) => Ok((rest, it)),
        _ => failure(input, "expected an integer"),
    };
    let (rest, given) = enclosed(arguments, ')', integer)?;
    match given.as_slice() {
        [start] => Ok((rest, ValueRecipe::Counter { start: *start, step: 1 })),
        [start, step] => Ok((rest, ValueRecipe::Counter { start: *start, step: *step })),
        _ => failure(arguments, usage("counter")),
    }
}

fn now(arguments: &str) -> Parsed<'_, ValueRecipe> {
    let unit = |input| {
        let (rest, name) = word(input)?;
        Ok((
            rest,
            match name {
                "s" => TimeUnit::S,
                "ms" => TimeUnit::Ms,
                "us" => TimeUnit::Us,
                "ns" => TimeUnit::Ns,
                _ => return failure(input, usage("now")),
            },
        ))
    };
    let (rest, given) = enclosed(arguments, ')', unit)?;
    match given.as_slice() {
        [unit] => Ok((rest, ValueRecipe::Now(*unit))),
        _ => failure(arguments, usage("now")),
    }
}

fn choice<'t>(start: &'t str, arguments: &'t str) -> Parsed<'t, ValueRecipe> {
    let (rest, values) = enclosed(arguments, ')', |input| {
        let (rest, it) = value(input, 0)?;
        let (rest, weight) = behind_colon(rest, weight)?;
        Ok((rest, (it, weight.unwrap_or(1))))
    })?;
    match values.is_empty() {
        true => failure(start, usage("choice")),
        false => Ok((rest, ValueRecipe::Choice(values))),
    }
}

/// How often one is chosen, beside the others.
pub(super) fn weight(input: &str) -> Parsed<'_, u32> {
    let (rest, digits) = word(input)?;
    match digits.parse() {
        Ok(weight) if weight > 0 => Ok((rest, weight)),
        _ => failure(input, "expected a weight: a whole number above 0"),
    }
}

fn lengths<'t>(arguments: &'t str, name: &str) -> Parsed<'t, RangeInclusive<usize>> {
    let len = |digits: &str| digits.trim().parse::<usize>().ok();
    let read = |input| {
        let (rest, digits) = word(input)?;
        let (low, high) = digits.split_once("..").unwrap_or((digits, digits));
        match (len(low), len(high)) {
            (Some(_), Some(high)) if high > MAX_LEN => {
                failure(input, format!("at most {MAX_LEN}: no datagram carries more"))
            }
            (Some(low), Some(high)) if low <= high => Ok((rest, low..=high)),
            _ => failure(input, usage(name)),
        }
    };
    let (rest, given) = enclosed(arguments, ')', read)?;
    match <[_; 1]>::try_from(given) {
        Ok([len]) => Ok((rest, len)),
        Err(_) => failure(arguments, usage(name)),
    }
}

/// The bytes that pairs of hex digits stand for.
pub(super) fn hex(arguments: &str) -> Parsed<'_, FieldValue> {
    let (rest, digits) = word(arguments)?;
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let [high, low] = pair.map(|it| char::from(it).to_digit(16));
        u8::try_from(high?.checked_mul(16)?.checked_add(low?)?).ok()
    };
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    match (bytes.filter(|_| odd.is_empty()), grammar::close(rest)) {
        (Some(bytes), Ok((rest, _))) => Ok((rest, FieldValue::Bytes(bytes))),
        _ => failure(arguments, "expected pairs of hex digits and `)`, as `hex(00ff)`"),
    }
}
