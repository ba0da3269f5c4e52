//! Whether a value here and a field there are the same: both are written for people, in two ways.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

use super::constants::{Constants, number};
use crate::protocols::pdml::Field;

/// Of seconds that are shown as decimal fractions, and of times that are cut to them.
const TOLERANCE: f64 = 1e-6;
/// Seconds since 1970 of the first of January 1900.
const NTP_BEGIN: i64 = -2_208_988_800;
/// Fixed point, by bytes: RTCP's share of lost packets (RFC 3550, section 6.4.1), NTP's short format (RFC
/// 5905, section 6).
const FIXED_POINT: [(usize, f64); 2] = [(1, 256.0), (4, 65_536.0)];

pub fn is_same(ours: &Value, theirs: &Field, constants: &Constants) -> bool {
    match ours {
        Value::String(text) => is_text(text, theirs, constants),
        Value::Number(it) => match it.as_i64().map(i128::from).or(it.as_u64().map(i128::from)) {
            Some(whole) => is_number(whole, theirs),
            None => it.as_f64().is_some_and(|it| is_measured(it, theirs)),
        },
        Value::Bool(it) => is_number(i128::from(*it), theirs),
        Value::Null => says_nothing(theirs),
        _ => false,
    }
}

/// Of the numbers that stand for no value: the largest, with a sign or without one, or the least.
fn says_nothing(theirs: &Field) -> bool {
    let bits = theirs.size.min(8) * 8;
    let largest = (1_i128 << bits) - 1;
    raw(theirs).is_some_and(|it| [largest, largest >> 1, (largest >> 1) + 1].contains(&it))
}

/// By what is shown, or by the bytes, with a sign or without one.
fn is_number(ours: i128, theirs: &Field) -> bool {
    let raw = raw(theirs);
    let signed = raw.filter(|_| (1..=8).contains(&theirs.size)).map(|it| {
        let bits = theirs.size * 8;
        if it >> (bits - 1) & 1 == 1 { it - (1 << bits) } else { it }
    });
    let shown = number(&theirs.show).or(bool_of(&theirs.show));
    [raw, signed, shown].contains(&Some(ours)) || is_measured(ours as f64, theirs)
}

/// Seconds, or what counts parts of them.
fn is_measured(ours: f64, theirs: &Field) -> bool {
    let shown: Option<f64> = theirs.show.parse().ok();
    let scale = FIXED_POINT.iter().find(|it| it.0 == theirs.size);
    let fixed = raw(theirs).zip(scale).map(|(raw, (_, scale))| raw as f64 / scale);
    let close = |it: f64, unit: f64| (it - ours / unit).abs() < TOLERANCE;
    shown.is_some_and(|it| close(it, 1.0) || close(it, 1e3))
        || fixed.is_some_and(|it| close(it, 1.0))
}

fn is_text(ours: &str, theirs: &Field, constants: &Constants) -> bool {
    let hex = theirs.show.replace(':', "");
    [&theirs.show, &theirs.value, &hex].iter().any(|it| it.eq_ignore_ascii_case(ours))
        || flags(ours, constants).is_some_and(|it| is_number(it, theirs))
        || address(ours).is_some_and(|it| raw(theirs) == Some(it))
        || instant(ours).is_some_and(|it| is_instant(it, theirs))
        || bytes_of(theirs).is_some_and(|it| it == ours)
}

/// A name, or several, of bits: what they stand for together.
fn flags(text: &str, constants: &Constants) -> Option<i128> {
    let bits = |it: &str| match it.split_once('=') {
        Some((name, value)) => Some(constants.get(name)? * number(value)?),
        None => constants.get(it).copied().or(number(it)),
    };
    text.split('|').map(bits).try_fold(0, |all, it| Some(all | it?))
}

fn address(text: &str) -> Option<i128> {
    text.parse().ok().map(|it: std::net::Ipv4Addr| i128::from(it.to_bits()))
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A date as tshark writes it, or seconds since 1970.
fn is_instant(ours: Timestamp, theirs: &Field) -> bool {
    let shown = theirs.show.trim_end_matches(" UTC");
    let date = strtime::parse("%b %e, %Y %H:%M:%S.%f", shown).ok();
    let date = date.and_then(|it| it.to_datetime().ok()?.in_tz("UTC").ok());
    let is_date = date.is_some_and(|it| {
        let apart = it.timestamp().duration_since(ours).as_secs_f64();
        apart.abs() < TOLERANCE
    });
    // Of NTP 0 is no time, and the first there is.
    let is_none = theirs.show == "NULL" && ours.as_second() == NTP_BEGIN;
    is_date || is_none || raw(theirs) == Some(i128::from(ours.as_second()))
}

fn raw(theirs: &Field) -> Option<i128> {
    i128::from_str_radix(&theirs.value, 16).ok()
}

fn bool_of(shown: &str) -> Option<i128> {
    match shown {
        "True" => Some(1),
        "False" => Some(0),
        _ => None,
    }
}

/// The bytes of text, which may end before its field does.
fn bytes_of(theirs: &Field) -> Option<String> {
    let digits = theirs.value.as_bytes().chunks(2);
    let bytes = digits.map(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
    let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    let text = bytes.split(|it| *it == 0).next()?;
    String::from_utf8(text.to_vec()).ok()
}
