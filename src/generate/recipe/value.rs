//! What a field holds from message to message, and how that is written.
//!
//! Writing and reading are each other's inverse: a recipe that is printed can be edited and read
//! again. Text stands bare where it reads as text, and in quotes elsewhere.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::error::RecipeError;
use super::grammar;
use crate::decode::codec::FieldValue;
use crate::profile::TimeUnit;

/// The longest text, and the most bytes, that a recipe makes: no datagram carries more.
pub const MAX_LEN: usize = 65_535;

/// What a field holds from message to message.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueRecipe {
    /// The same: `83`, `-1`, `0x53`, `1.5`, `Alan`, `"a..b"`, `[1, 2]`, `{x: 1}`, `hex(00ff)`.
    Constant(FieldValue),
    /// Any integer of these, each as often: `0..100`.
    Range {
        /// Lowest.
        low: i128,
        /// Highest; may occur too.
        high: i128,
    },
    /// Any number of these: `0.5..2.0`.
    FloatRange {
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
    },
    /// One more each time: `counter`, `counter(100)`, `counter(0, 10)`. Past the last integer that
    /// the field holds it goes on from the first.
    Counter {
        /// In a sender's first message.
        start: i128,
        /// From message to message; may be negative.
        step: i128,
    },
    /// When the message is made, since 1970: `now(us)`. A number with a fraction has one.
    Now(TimeUnit),
    /// One of these, by weight: `choice(1, 2)`, `choice(RED:3, GREEN)`.
    Choice(Vec<(FieldValue, u32)>),
    /// Letters and digits, of any of these lengths: `text(3..10)`, `text(8)`.
    Text {
        /// Characters.
        len: RangeInclusive<usize>,
    },
    /// Any bytes, of any of these lengths: `bytes(4)`, `bytes(0..16)`.
    Bytes {
        /// Bytes.
        len: RangeInclusive<usize>,
    },
}

impl FromStr for ValueRecipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        grammar::recipe(text)
    }
}

impl fmt::Display for ValueRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => Written(value).fmt(f),
            Self::Range { low, high } => write!(f, "{low}..{high}"),
            Self::FloatRange { low, high } => write!(f, "{low:?}..{high:?}"),
            Self::Counter { start: 0, step: 1 } => f.write_str("counter"),
            Self::Counter { start, step: 1 } => write!(f, "counter({start})"),
            Self::Counter { start, step } => write!(f, "counter({start}, {step})"),
            Self::Now(unit) => write!(f, "now({})", unit_name(*unit)),
            Self::Choice(values) => {
                f.write_str("choice(")?;
                separated(f, values, |f, (value, weight)| match weight {
                    1 => Written(value).fmt(f),
                    _ => write!(f, "{}:{weight}", Written(value)),
                })?;
                f.write_str(")")
            }
            Self::Text { len } => write!(f, "text({})", Lengths(len)),
            Self::Bytes { len } => write!(f, "bytes({})", Lengths(len)),
        }
    }
}

/// A value as a recipe has it.
pub(super) struct Written<'v>(pub &'v FieldValue);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            FieldValue::Integer(value) => value.fmt(f),
            FieldValue::Float(value) if value.is_nan() => f.write_str("NaN"),
            FieldValue::Float(value) if value.is_infinite() => {
                f.write_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            FieldValue::Float(value) => write!(f, "{value:?}"),
            FieldValue::Text(text) if grammar::is_bare(text) => f.write_str(text),
            FieldValue::Text(text) => quoted(f, text),
            FieldValue::Bytes(bytes) => {
                f.write_str("hex(")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(")")
            }
            FieldValue::List(elements) => {
                f.write_str("[")?;
                separated(f, elements, |f, it| Written(it).fmt(f))?;
                f.write_str("]")
            }
            FieldValue::Group(fields) => {
                f.write_str("{")?;
                separated(f, fields, |f, (name, it)| write!(f, "{name}: {}", Written(it)))?;
                f.write_str("}")
            }
        }
    }
}

/// `3..10`, or `8` where there is but one.
struct Lengths<'l>(&'l RangeInclusive<usize>);

impl fmt::Display for Lengths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.start(), self.0.end()) {
            (low, high) if low == high => low.fmt(f),
            (low, high) => write!(f, "{low}..{high}"),
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    list: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, it) in list.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, it)?;
    }
    Ok(())
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for it in text.chars() {
        match it {
            '"' | '\\' => write!(f, "\\{it}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ if it.is_control() => write!(f, "\\u{{{:x}}}", u32::from(it))?,
            _ => write!(f, "{it}")?,
        }
    }
    f.write_str("\"")
}

/// As it is written between the parentheses of `now`.
pub(super) fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::S => "s",
        TimeUnit::Ms => "ms",
        TimeUnit::Us => "us",
        TimeUnit::Ns => "ns",
    }
}
