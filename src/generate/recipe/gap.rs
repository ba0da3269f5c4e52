//! Times between messages: `10ms`, `1ms..5ms`, `choice(1ms:3, 20ms)`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use super::error::RecipeError;
use super::functions::weight;
use super::grammar::{Parsed, behind_colon, enclosed, failure, whole, word};

/// The time from one message to the next, before any rate of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GapRecipe {
    /// Always the same.
    Constant(Duration),
    /// Any of these, both ends included.
    Range {
        /// Shortest.
        low: Duration,
        /// Longest.
        high: Duration,
    },
    /// One of these, by weight.
    Choice(Vec<(Duration, u32)>),
}

const FORM: &str =
    "expected a time, such as `10ms`, a range of times `1ms..5ms`, or `choice(1ms:3, 20ms)`";

impl FromStr for GapRecipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        whole(text, any)
    }
}

fn any(input: &str) -> Parsed<'_, GapRecipe> {
    let (rest, name) = word(input)?;
    if let (Some(arguments), "choice") = (rest.trim_start().strip_prefix('('), name) {
        let (rest, values) = enclosed(arguments, ')', |input| {
            let (rest, it) = word(input)?;
            let Some(it) = duration(it) else { return failure(input, FORM) };
            let (rest, weight) = behind_colon(rest, weight)?;
            Ok((rest, (it, weight.unwrap_or(1))))
        })?;
        return match values.is_empty() {
            true => failure(input, FORM),
            false => Ok((rest, GapRecipe::Choice(values))),
        };
    }
    let gap = match name.split_once("..") {
        None => duration(name).map(GapRecipe::Constant),
        Some((low, high)) => duration(low)
            .zip(duration(high))
            .filter(|(low, high)| low <= high)
            .map(|(low, high)| GapRecipe::Range { low, high }),
    };
    gap.map_or_else(|| failure(input, FORM), |gap| Ok((rest, gap)))
}

fn duration(text: &str) -> Option<Duration> {
    let signed: SignedDuration = text.trim().parse().ok()?;
    Duration::try_from(signed).ok()
}

impl fmt::Display for GapRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(gap) => Written(*gap).fmt(f),
            Self::Range { low, high } => write!(f, "{}..{}", Written(*low), Written(*high)),
            Self::Choice(gaps) => {
                f.write_str("choice(")?;
                for (index, (gap, weight)) in gaps.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Written(*gap))?;
                    if *weight != 1 {
                        write!(f, ":{weight}")?;
                    }
                }
                f.write_str(")")
            }
        }
    }
}

/// In the largest unit of which it is a whole number.
struct Written(Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u128, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
        let nanos = self.0.as_nanos();
        let whole = UNITS.into_iter().find(|(unit, _)| nanos.is_multiple_of(*unit));
        let (unit, name) = whole.unwrap_or((1, "ns"));
        write!(f, "{}{name}", nanos / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_written_as_they_are_read() {
        let ms = Duration::from_millis;
        for (text, gap) in [
            ("10ms", GapRecipe::Constant(ms(10))),
            ("0s", GapRecipe::Constant(ms(0))),
            ("1500us", GapRecipe::Constant(Duration::from_micros(1500))),
            ("1ms..5s", GapRecipe::Range { low: ms(1), high: ms(5000) }),
            ("choice(1ms:3, 20ns)", {
                GapRecipe::Choice(vec![(ms(1), 3), (Duration::from_nanos(20), 1)])
            }),
        ] {
            assert_eq!(text.parse::<GapRecipe>().unwrap(), gap, "{text}");
            assert_eq!(gap.to_string(), text);
        }
        assert_eq!("1s 500ms".parse::<GapRecipe>().unwrap().to_string(), "1500ms");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "10", "5ms..1ms", "-1s", "choice()", "choice(1ms:0)", "1ms..", "1ms, 2ms"]
        {
            let error = text.parse::<GapRecipe>().unwrap_err().to_string();
            assert!(error.contains("column"), "{text}: {error}");
        }
    }
}
