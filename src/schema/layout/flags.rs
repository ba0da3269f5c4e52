//! The bits of an integer by name: `SYN|ACK`, `version=3`, and in hex what has no name.
//!
//! What is written of a value tells all its bits, so that it can be read back: a name stands where all
//! its bits are set, a named number where it is not zero, and what is left stands behind them. A name of
//! several bits that others name one by one is taken but never written.

use std::fmt;

use super::super::ctype::EnumDef;

/// Names for the bits of an integer, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    flags: Vec<Flag>,
}

/// Some bits and their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// What they are called.
    pub name: String,
    /// Which they are, the least significant being bit 0.
    pub bits: u64,
    /// They are a number of their own; else they are all set, or not.
    pub is_number: bool,
    /// Others tell the same of every value.
    is_told: bool,
}

/// A name that none of the flags has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFlag<'t>(pub &'t str);

impl Flag {
    /// Bits that are set together.
    pub fn of_bits(name: impl Into<String>, bits: u64) -> Self {
        Self { name: name.into(), bits, is_number: false, is_told: false }
    }

    /// The bits from `low` to `high`, both included, as a number; `None` where there are no such bits.
    pub fn of_number(name: impl Into<String>, low: u32, high: u32) -> Option<Self> {
        let width = high.checked_sub(low)?.checked_add(1)?;
        let ones = u64::MAX.checked_shr(64_u32.checked_sub(width)?)?;
        let bits = ones.checked_shl(low).filter(|_| high < 64)?;
        Some(Self { name: name.into(), bits, is_number: true, is_told: false })
    }

    /// The number that stands in its bits.
    fn number(&self, value: u64) -> u64 {
        (value & self.bits).checked_shr(self.bits.trailing_zeros()).unwrap_or(0)
    }

    /// The value with this number in its bits, where it fits.
    fn with(&self, number: u64) -> Option<u64> {
        let bits = number.checked_shl(self.bits.trailing_zeros()).unwrap_or(0);
        (self.number(bits) == number).then_some(bits)
    }

    fn is_in(&self, value: u64) -> bool {
        value & self.bits == self.bits
    }
}

impl Flags {
    /// In this order.
    pub fn new(mut flags: Vec<Flag>) -> Self {
        let told: Vec<bool> = (0..flags.len()).map(|at| is_told(&flags, at)).collect();
        for (flag, is_told) in flags.iter_mut().zip(told) {
            flag.is_told = is_told;
        }
        Self { flags }
    }

    /// The values of an enum as masks; the first that is none is given back.
    ///
    /// # Errors
    ///
    /// A value below zero, or of more than 64 bits.
    pub fn of_names(names: &EnumDef) -> Result<Self, (String, i128)> {
        let flag = |(name, value): (&String, i128)| match u64::try_from(value) {
            Ok(bits) => Ok(Flag::of_bits(name.clone(), bits)),
            Err(_) => Err((name.clone(), value)),
        };
        let names = names.enumerators.iter().map(|it| (&it.name, it.value));
        Ok(Self::new(names.map(flag).collect::<Result<_, _>>()?))
    }

    /// Each with its bits.
    pub fn iter(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter()
    }

    /// The bits that a text stands for: names, named numbers and numbers with `|` between them.
    ///
    /// # Errors
    ///
    /// The first part that is none of these.
    pub fn read<'t>(&self, text: &'t str) -> Result<u64, UnknownFlag<'t>> {
        text.split('|').map(str::trim).try_fold(0, |value, part| {
            self.part(part).map(|bits| value | bits).ok_or(UnknownFlag(part))
        })
    }

    fn part(&self, text: &str) -> Option<u64> {
        if let Some((name, digits)) = text.split_once('=') {
            let mut numbers = self.flags.iter().filter(|it| it.is_number);
            return numbers.find(|it| it.name == name.trim())?.with(number(digits.trim())?);
        }
        let mut names = self.flags.iter().filter(|it| !it.is_number);
        names.find(|it| it.name == text).map(|it| it.bits).or_else(|| number(text))
    }

    /// Writes the names of a value's bits.
    pub(crate) fn write(&self, value: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut left, mut between) = (value, "");
        for flag in self.flags.iter().filter(|it| !it.is_told && it.bits != 0) {
            match flag.is_number {
                true if flag.number(value) != 0 => {
                    write!(f, "{between}{}={}", flag.name, flag.number(value))?;
                }
                false if flag.is_in(value) => write!(f, "{between}{}", flag.name)?,
                _ => continue,
            }
            (left, between) = (left & !flag.bits, "|");
        }
        match (left, between) {
            (0, "") => f.write_str("0"),
            (0, _) => Ok(()),
            (left, between) => write!(f, "{between}{left:#x}"),
        }
    }
}

/// Whether other flags tell of each value what one does: narrower ones that have all its bits, or one
/// before it that has the same.
fn is_told(flags: &[Flag], at: usize) -> bool {
    let Some(flag) = flags.get(at).filter(|it| !it.is_number) else { return false };
    let others = || flags.iter().enumerate().filter(|(_, it)| !it.is_number);
    let same = others().any(|(other, it)| other < at && it.bits == flag.bits);
    let within = others().filter(|(_, it)| it.bits != flag.bits && it.bits & !flag.bits == 0);
    same || within.fold(0, |bits, (_, it)| bits | it.bits) == flag.bits
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse().ok().filter(|_| !text.starts_with('+')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> Flags {
        Flags::new(vec![
            Flag::of_bits("NONE", 0),
            Flag::of_bits("ALL", 0x12),
            Flag::of_bits("SYN", 0x02),
            Flag::of_bits("ACK", 0x10),
            Flag::of_bits("ACKED", 0x10),
            Flag::of_bits("PAIR", 0x0c),
            Flag::of_number("version", 8, 11).unwrap(),
        ])
    }

    fn written(value: u64) -> String {
        fmt::from_fn(|f| flags().write(value, f)).to_string()
    }

    #[test]
    fn every_bit_of_a_value_is_written_and_read_back() {
        for (value, expected) in [
            (0, "0"),
            (0x02, "SYN"),
            (0x12, "SYN|ACK"),
            (0x52, "SYN|ACK|0x40"),
            (0x04, "0x4"),
            (0x0c, "PAIR"),
            (0x30e, "SYN|PAIR|version=3"),
            (0xf00, "version=15"),
            (1 << 63, "0x8000000000000000"),
        ] {
            assert_eq!(written(value), expected);
            assert_eq!(flags().read(expected), Ok(value), "{expected}");
        }
        for value in 0..0x2000 {
            assert_eq!(flags().read(&written(value)), Ok(value));
        }
    }

    #[test]
    fn what_is_never_written_is_taken_too() {
        for (text, expected) in [
            ("ALL", Ok(0x12)),
            ("NONE", Ok(0)),
            ("ACKED | SYN", Ok(0x12)),
            ("18", Ok(0x12)),
            ("version=0x0a|0x1", Ok(0xa01)),
            ("SYN|ACX", Err(UnknownFlag("ACX"))),
            ("version=16", Err(UnknownFlag("version=16"))),
            ("version", Err(UnknownFlag("version"))),
            ("SYN=1", Err(UnknownFlag("SYN=1"))),
            ("", Err(UnknownFlag(""))),
        ] {
            assert_eq!(flags().read(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_lie_within_64_bits() {
        assert_eq!(Flag::of_number("n", 0, 63).map(|it| it.bits), Some(u64::MAX));
        assert_eq!(Flag::of_number("n", 60, 63).map(|it| it.bits), Some(0xf << 60));
        assert_eq!(Flag::of_number("n", 4, 3), None);
        assert_eq!(Flag::of_number("n", 0, 64), None);
    }
}
