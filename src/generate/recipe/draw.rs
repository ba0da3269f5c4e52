//! Where the values of one field come from, message after message.

use std::ops::RangeInclusive;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt};

use super::value::ValueRecipe;
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;
use crate::message::NTP_EPOCH;
use crate::profile::TimeUnit;

/// Of which text is made: nothing that ends it, or that a shell or a reader would take for more.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The bits of an integer that wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub bits: u32,
    pub signed: bool,
}

/// From when a field counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Units since then, seconds since 1970.
    Since(i64),
    /// Seconds since 1900, and parts of one, of which there are 2^32.
    Ntp,
}

const NANOS: i128 = 1_000_000_000;

/// What makes the values of one field.
#[derive(Clone, Debug)]
pub(super) enum Draw {
    Constant(FieldValue),
    /// `span` more than `low` at most.
    Integer {
        low: i128,
        span: u64,
    },
    Float(RangeInclusive<f64>),
    /// `next` in two's complement.
    Counter {
        next: u64,
        step: u64,
        width: Width,
    },
    /// So many nanoseconds are one.
    Now {
        unit: i64,
        fraction: bool,
        clock: Clock,
    },
    /// Each with the weights up to and with its own.
    Choice(Vec<(FieldValue, u64)>),
    Text(RangeInclusive<usize>),
    Bytes(RangeInclusive<usize>),
}

impl Draw {
    /// `width` is that of an integer; a field without is a floating-point number, text or bytes.
    pub fn new(recipe: &ValueRecipe, width: Option<Width>) -> Self {
        match recipe {
            ValueRecipe::Constant(value) => Self::Constant(value.clone()),
            ValueRecipe::Range { low, high } => match u64::try_from(high.saturating_sub(*low)) {
                Ok(span) => Self::Integer { low: *low, span },
                Err(_) => Self::Float(nearest(*low)..=nearest(*high)),
            },
            ValueRecipe::FloatRange { low, high } => Self::Float(*low..=*high),
            ValueRecipe::Counter { start, step } => Self::Counter {
                next: *start as u64,
                step: *step as u64,
                width: width.unwrap_or(Width { bits: 64, signed: true }),
            },
            ValueRecipe::Now(unit) => {
                Self::Now { unit: nanos(*unit), fraction: width.is_none(), clock: Clock::UNIX }
            }
            ValueRecipe::Choice(values) => {
                let mut sum = 0_u64;
                let upto = values.iter().map(|(value, weight)| {
                    sum = sum.saturating_add(u64::from(*weight));
                    (value.clone(), sum)
                });
                Self::Choice(upto.collect())
            }
            ValueRecipe::Text { len } => Self::Text(len.clone()),
            ValueRecipe::Bytes { len } => Self::Bytes(len.clone()),
        }
    }

    /// The same, its time told by this clock.
    pub fn by(mut self, of_field: Clock) -> Self {
        if let Self::Now { clock, .. } = &mut self {
            *clock = of_field;
        }
        self
    }

    /// Puts the next value into `slot`, in the memory of the last one where it can.
    pub fn next(&mut self, rng: &mut ChaCha8Rng, now: Timestamp, slot: &mut FieldValue) {
        match self {
            Self::Constant(value) => assign(slot, value),
            Self::Integer { low, span } => {
                let above = rng.random_range(0..=*span);
                *slot = FieldValue::Integer(low.saturating_add(i128::from(above)));
            }
            Self::Float(range) => *slot = FieldValue::Float(rng.random_range(range.clone())),
            Self::Counter { next, step, width } => {
                *slot = FieldValue::Integer(width.value(*next));
                *next = next.wrapping_add(*step);
            }
            Self::Now { unit, fraction: false, clock } => {
                *slot = FieldValue::Integer(clock.number(now.0, *unit));
            }
            #[expect(clippy::cast_precision_loss, reason = "to the nearest number")]
            Self::Now { unit, fraction: true, .. } => {
                // In two parts, each of which is exact.
                let (whole, rest) = (now.0.div_euclid(*unit), now.0.rem_euclid(*unit));
                *slot = FieldValue::Float(whole as f64 + rest as f64 / *unit as f64);
            }
            Self::Choice(values) => {
                let all = values.last().map_or(1, |(_, sum)| *sum);
                let at = rng.random_range(0..all);
                if let Some((value, _)) = values.iter().find(|(_, sum)| at < *sum) {
                    assign(slot, value);
                }
            }
            Self::Text(len) => text(rng, len, slot),
            Self::Bytes(len) => bytes(rng, len, slot),
        }
    }
}

impl Clock {
    /// Unix time.
    pub const UNIX: Self = Self::Since(0);

    /// Nanoseconds since 1970 as it tells them, in units of so many.
    pub fn number(self, nanos: i64, unit: i64) -> i128 {
        let since = |epoch: i64| i128::from(nanos).saturating_sub(i128::from(epoch) * NANOS);
        match self {
            Self::Since(epoch) => since(epoch).div_euclid(i128::from(unit)),
            Self::Ntp => since(NTP_EPOCH).saturating_mul(1 << 32).div_euclid(NANOS),
        }
    }
}

impl Width {
    /// What the low bits of a word stand for.
    fn value(self, word: u64) -> i128 {
        let unused = 64_u32.saturating_sub(self.bits);
        let high = word.checked_shl(unused).unwrap_or(0);
        match self.signed {
            true => i128::from((high as i64).checked_shr(unused).unwrap_or(0)),
            false => i128::from(high.checked_shr(unused).unwrap_or(0)),
        }
    }
}

/// Nanoseconds of a unit.
pub(super) fn nanos(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::S => 1_000_000_000,
        TimeUnit::Ms => 1_000_000,
        TimeUnit::Us => 1_000,
        TimeUnit::Ns => 1,
    }
}

#[expect(clippy::cast_precision_loss, reason = "to the nearest number")]
fn nearest(value: i128) -> f64 {
    value as f64
}

/// Copies a value; text and bytes into the memory that is there.
fn assign(slot: &mut FieldValue, value: &FieldValue) {
    match (&mut *slot, value) {
        (FieldValue::Text(to), FieldValue::Text(from)) => to.clone_from(from),
        (FieldValue::Bytes(to), FieldValue::Bytes(from)) => to.clone_from(from),
        _ => *slot = value.clone(),
    }
}

fn text(rng: &mut ChaCha8Rng, len: &RangeInclusive<usize>, slot: &mut FieldValue) {
    let FieldValue::Text(text) = slot else {
        *slot = FieldValue::Text(String::with_capacity(*len.end()));
        return self::text(rng, len, slot);
    };
    text.clear();
    let len = draw_len(rng, len);
    let (mut word, mut left) = (0_u64, 0_u32);
    while text.len() < len {
        if left == 0 {
            (word, left) = (rng.next_u64(), 10);
        }
        // Six bits are a letter, or one of two numbers too many: so each comes equally often.
        if let Some(letter) = LETTERS.get((word & 0x3f) as usize) {
            text.push(char::from(*letter));
        }
        word >>= 6;
        left = left.saturating_sub(1);
    }
}

fn bytes(rng: &mut ChaCha8Rng, len: &RangeInclusive<usize>, slot: &mut FieldValue) {
    let FieldValue::Bytes(bytes) = slot else {
        *slot = FieldValue::Bytes(Vec::with_capacity(*len.end()));
        return self::bytes(rng, len, slot);
    };
    bytes.resize(draw_len(rng, len), 0);
    rng.fill_bytes(bytes);
}

fn draw_len(rng: &mut ChaCha8Rng, len: &RangeInclusive<usize>) -> usize {
    match len.start() == len.end() {
        true => *len.start(),
        false => rng.random_range(len.clone()),
    }
}
