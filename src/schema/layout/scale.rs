//! What a number of the wire measures: `raw * scale + offset` of some unit, and the numbers that say that
//! there is no value.
//!
//! All is exact: scale and offset are decimal fractions of one denominator, a power of ten, as they were
//! written. A value that is given is brought back to the nearest raw number.

use std::fmt;
use std::io::Write;
use std::ops::RangeInclusive;

/// Digits behind the point of a scale: with those of 64 bits before them, what 128 bits hold.
const MAX_DIGITS: u32 = 30;

/// What a number measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// By which a raw number is multiplied.
    factor: i128,
    /// What is added then.
    offset: i128,
    /// Of both: digits behind the point.
    digits: u32,
    /// What it is measured in.
    unit: Option<String>,
    /// The raw numbers that say that there is no value.
    none: Vec<i128>,
}

/// A value as it is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// A whole number, as scale and offset are.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Fraction(number) => number.fmt(f),
        }
    }
}

/// A number as it is written: `23.5` is 235 with one digit behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    number: i128,
    digits: u32,
}

impl Scale {
    /// Of a scale, an offset, a unit and the raw numbers that are no value; `None` where scale or offset
    /// is no number, the scale zero, or one has too many digits.
    pub fn new(scale: f64, offset: f64, unit: Option<String>, none: Vec<i128>) -> Option<Self> {
        let is_number = scale.is_finite() && offset.is_finite() && scale != 0.0;
        let (scale, offset) =
            is_number.then(|| Some((Decimal::of(scale)?, Decimal::of(offset)?)))??;
        let digits = scale.digits.max(offset.digits);
        let (factor, offset) = (scale.with(digits)?, offset.with(digits)?);
        (digits <= MAX_DIGITS).then_some(Self { factor, offset, digits, unit, none })
    }

    /// In so many parts of a second.
    pub fn seconds(digits: u8) -> Self {
        let (digits, unit) = (digits.into(), Some("s".to_owned()));
        Self { factor: 1, offset: 0, digits, unit, none: Vec::new() }
    }

    /// What it is measured in.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The raw numbers that say that there is no value.
    pub fn none(&self) -> &[i128] {
        &self.none
    }

    /// Whether its values are the raw numbers.
    pub fn is_raw(&self) -> bool {
        self.factor == 1 && self.offset == 0 && self.digits == 0
    }

    /// The same of an integer of so many bits: the numbers that are no value may be given by their bits.
    pub(super) fn of_width(&self, width: u32, signed: bool) -> Self {
        let span = 1_i128.checked_shl(width).unwrap_or(i128::MAX);
        let own = |it: &i128| match signed && *it >= span / 2 && *it < span {
            true => it.saturating_sub(span),
            false => *it,
        };
        Self { none: self.none.iter().map(own).collect(), ..self.clone() }
    }

    /// The value of a raw number; `None` where that says that there is none.
    pub fn value(&self, raw: i128) -> Option<Quantity> {
        (!self.none.contains(&raw)).then(|| self.quantity(raw))
    }

    /// The value of a raw number, also of one that is none.
    pub fn quantity(&self, raw: i128) -> Quantity {
        let number = raw.checked_mul(self.factor).and_then(|it| it.checked_add(self.offset));
        match (number, self.digits) {
            (Some(number), 0) => Quantity::Whole(number),
            (Some(number), digits) => Quantity::Fraction(fraction(number, digits)),
            #[expect(clippy::cast_precision_loss, reason = "beyond 128 bits it is rounded")]
            (None, digits) => {
                let value = raw as f64 * self.factor as f64 + self.offset as f64;
                Quantity::Fraction(value / 10_f64.powi(digits.cast_signed()))
            }
        }
    }

    /// The raw number that is nearest to a value.
    pub fn raw(&self, value: f64) -> Option<i128> {
        self.nearest(Decimal::of(value).filter(|_| value.is_finite())?)
    }

    /// The raw number that is nearest to a whole value.
    pub fn raw_of_whole(&self, value: i128) -> Option<i128> {
        self.nearest(Decimal { number: value, digits: 0 })
    }

    /// The raw number that is nearest to a value as it is written, its unit behind it or not.
    pub fn raw_of_text(&self, text: &str) -> Option<i128> {
        let text = text.trim();
        let number = self.unit().and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
        self.nearest(Decimal::read(number.trim_end())?)
    }

    /// A value as it is written, its unit behind it or not.
    pub fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let number = self.unit().and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
        number.trim_end().parse().ok()
    }

    /// The raw numbers of a range of values.
    #[expect(clippy::cast_precision_loss, reason = "a range is not finer")]
    pub fn raw_range(&self, range: &RangeInclusive<f64>) -> RangeInclusive<f64> {
        let raw = |value: f64| {
            let above = value * 10_f64.powi(self.digits.cast_signed()) - self.offset as f64;
            let is_it = |raw: &i128| match self.quantity(*raw) {
                Quantity::Whole(it) => it as f64 == value,
                Quantity::Fraction(it) => it == value,
            };
            self.raw(value).filter(is_it).map_or(above / self.factor as f64, |it| it as f64)
        };
        let (one, other) = (raw(*range.start()), raw(*range.end()));
        one.min(other)..=one.max(other)
    }

    fn nearest(&self, value: Decimal) -> Option<i128> {
        let digits = self.digits.max(value.digits);
        let more = 10_i128.checked_pow(digits.checked_sub(self.digits)?)?;
        let above = value.with(digits)?.checked_sub(self.offset.checked_mul(more)?)?;
        let factor = self.factor.checked_mul(more)?;
        // To the nearest: half of the factor further from zero, and then towards zero.
        let half = factor.checked_abs()? / 2;
        let away = if above < 0 { above.checked_sub(half)? } else { above.checked_add(half)? };
        away.checked_div(factor)
    }
}

impl Decimal {
    fn of(value: f64) -> Option<Self> {
        Self::read(ryu::Buffer::new().format(value))
    }

    /// Digits with a sign, a point and an exponent, or without. Zeros at its end are no digits.
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (sign, plain) = match mantissa.strip_prefix('-') {
            Some(plain) => (-1, plain),
            None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, behind) = plain.split_once('.').unwrap_or((plain, ""));
        let behind = behind.trim_end_matches('0');
        if whole.is_empty() && behind.is_empty() {
            return None;
        }
        let mut number = 0_i128;
        for digit in whole.chars().chain(behind.chars()) {
            number = number.checked_mul(10)?.checked_add(digit.to_digit(10)?.into())?;
        }
        let mut digits = i32::try_from(behind.len()).ok()?.checked_sub(exponent)?;
        while digits > 0 && number % 10 == 0 && number != 0 {
            (number, digits) = (number / 10, digits.checked_sub(1)?);
        }
        let number = number.checked_mul(sign)?;
        match u32::try_from(digits) {
            _ if number == 0 => Some(Self { number: 0, digits: 0 }),
            Ok(digits) => Some(Self { number, digits }),
            Err(_) => {
                let zeros = 10_i128.checked_pow(digits.unsigned_abs())?;
                Some(Self { number: number.checked_mul(zeros)?, digits: 0 })
            }
        }
    }

    /// The number in units of so many digits behind the point, of which it has no more.
    fn with(self, digits: u32) -> Option<i128> {
        self.number.checked_mul(10_i128.checked_pow(digits.checked_sub(self.digits)?)?)
    }
}

/// The nearest number to a decimal fraction.
#[expect(clippy::cast_precision_loss, reason = "only numbers that lose nothing")]
fn fraction(number: i128, digits: u32) -> f64 {
    // Powers of ten up to 22 are exact, so that the one division rounds once.
    if number.unsigned_abs() < 1 << 53 && digits <= 22 {
        return number as f64 / 10_f64.powi(digits.cast_signed());
    }
    // As many bytes as 128 bits in decimal, a sign and an exponent take.
    let mut text = [0; 48];
    let mut rest = text.as_mut_slice();
    let written = write!(rest, "{number}e-{digits}").is_ok();
    let left = rest.len();
    let text = text.get(..text.len().saturating_sub(left)).filter(|_| written);
    let read = text.and_then(|it| std::str::from_utf8(it).ok()?.parse().ok());
    read.unwrap_or(number as f64 / 10_f64.powi(digits.cast_signed()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(factor: f64, offset: f64) -> Scale {
        Scale::new(factor, offset, Some("°C".to_owned()), vec![0x7fff]).unwrap()
    }

    #[test]
    fn numbers_are_values_and_back() {
        use Quantity::{Fraction, Whole};
        for (factor, offset, raw, expected) in [
            (0.1, 0.0, 235, Fraction(23.5)),
            (0.1, 0.0, 3, Fraction(0.3)),
            (0.1, -40.0, 0, Fraction(-40.0)),
            (0.01, 273.15, -27315, Fraction(0.0)),
            (2.0, 0.0, 4, Whole(8)),
            (1.0, -40.0, 10, Whole(-30)),
            (-5.0, 3.0, 2, Whole(-7)),
            (8.381_903_171_539_307e-8, 0.0, 0x4000_0000, Fraction(90.0)),
            (0.0000152587890625, 0.0, 0x0001_8000, Fraction(1.5)),
            (1e-9, 0.0, i64::MAX.into(), Fraction(9_223_372_036.854_776)),
        ] {
            let scale = of(factor, offset);
            assert_eq!(scale.value(raw), Some(expected), "{raw} * {factor} + {offset}");
            match expected {
                Whole(value) => assert_eq!(scale.raw_of_whole(value), Some(raw)),
                Fraction(value) if raw < 1 << 53 => assert_eq!(scale.raw(value), Some(raw)),
                Fraction(_) => {}
            }
        }
        assert_eq!(of(0.1, 0.0).value(0x7fff), None);
        assert_eq!(of(0.1, 0.0).quantity(0x7fff), Fraction(3276.7));
    }

    #[test]
    fn the_nearest_number_is_taken() {
        for (factor, text, expected) in [
            (0.1, "23.54", Some(235)),
            (0.1, "23.55", Some(236)),
            (0.1, "-23.55 °C", Some(-236)),
            (0.1, "+1.0e1°C", Some(100)),
            (2.0, "5", Some(3)),
            (-2.0, "5", Some(-3)),
            (0.1, "12K", None),
            (0.1, "", None),
            (0.1, ".", None),
            (0.1, "1e40", None),
            (0.1, "1e-40", None),
        ] {
            assert_eq!(of(factor, 0.0).raw_of_text(text), expected, "{text} by {factor}");
        }
        assert_eq!(of(0.1, 0.0).raw(f64::NAN), None);
        assert_eq!(of(0.1, 0.0).raw(f64::INFINITY), None);
    }

    #[test]
    fn what_128_bits_do_not_hold_is_no_measure() {
        for (factor, offset) in [(0.0, 0.0), (f64::NAN, 0.0), (1.0, f64::INFINITY), (1e-40, 0.0)] {
            assert_eq!(Scale::new(factor, offset, None, Vec::new()), None, "{factor} {offset}");
        }
        let none = of(1.0, 0.0);
        assert_eq!(none.of_width(16, true).none(), [0x7fff]);
        assert_eq!(none.of_width(15, true).none(), [-1]);
        assert_eq!(none.of_width(15, false).none(), [0x7fff]);
    }

    proptest! {
        /// As far as a number of 64 bits tells raw numbers apart.
        #[test]
        fn every_raw_number_comes_back(
            raw in -(1_i128 << 50)..1 << 50,
            factor in prop_oneof![Just(0.1), Just(0.001), Just(-2.5), Just(3.0), Just(0.00390625)],
            offset in -1000_i32..1000,
        ) {
            let scale = Scale::new(factor, f64::from(offset) / 10.0, None, Vec::new()).unwrap();
            let back = match scale.value(raw).unwrap() {
                Quantity::Whole(value) => scale.raw_of_whole(value),
                Quantity::Fraction(value) => scale.raw(value),
            };
            prop_assert_eq!(back, Some(raw));
        }
    }
}
