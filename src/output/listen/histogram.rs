//! A distribution of times as bars of text.

use std::io::{self, Write};
use std::time::Duration;

use crate::generate::listen::{Distribution, Step};
use crate::output::Palette;

/// Characters of the longest bar.
const WIDTH: u64 = 40;

/// Writes a line for each step: from where to where, how many, and a bar.
pub(super) fn bars(
    distribution: &Distribution,
    palette: Palette,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Palette { dim, .. } = palette;
    let steps = distribution.steps();
    let most = steps.iter().map(|it| it.count).max().unwrap_or_default().max(1);
    for Step { from, to, count } in steps {
        // Not empty, since something is there.
        let len = count.saturating_mul(WIDTH).div_ceil(most);
        let bar = "#".repeat(usize::try_from(len).unwrap_or_default());
        let (from, to) = (nanos(from), nanos(to));
        writeln!(out, "{count:>10}  {dim}{from:>7} to {to:<7}{dim:#} {bar}")?;
    }
    Ok(())
}

/// A time with its unit: `1.5ms`, `-20µs`.
pub(super) fn nanos(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let rounded = format!("{:.1?}", Duration::from_nanos(nanos.unsigned_abs()));
    let unit = rounded.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
    let number = rounded.strip_suffix(unit).unwrap_or_default();
    format!("{sign}{}{unit}", number.strip_suffix(".0").unwrap_or(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_unit_and_no_digit_that_says_nothing() {
        for (value, expected) in [
            (0, "0ns"),
            (-20_000, "-20µs"),
            (1_540_000, "1.5ms"),
            (2_000_000_000, "2s"),
            (i64::MIN, "-9223372036.9s"),
        ] {
            assert_eq!(nanos(value), expected);
        }
    }

    #[test]
    fn bars_are_as_long_as_their_share() {
        let mut distribution = Distribution::new().unwrap();
        (0..80).for_each(|_| distribution.record(1200));
        distribution.record(-1);
        (0..20).for_each(|_| distribution.record(6000));
        let mut out = Vec::new();
        bars(&distribution, Palette::plain(), &mut out).unwrap();
        let expected = format!(
            "         1     -1ns to 0ns     #\n        80      1µs to 2µs     {}\n        20      5µs to \
             10µs    {}\n",
            "#".repeat(40),
            "#".repeat(10)
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
