//! When a frame was captured, and how that is written: RFC 3339 in UTC with nanoseconds.
//!
//! The calendar arithmetic is ours because a time is printed with every message; a test holds it
//! against `jiff`.

use std::fmt;
use std::time::{Duration, SystemTime};

const NANOS_PER_SEC: i64 = 1_000_000_000;
const SECS_PER_DAY: i64 = 86_400;

/// Nanoseconds since 1970-01-01T00:00:00Z. Covers 1677 to 2262; times outside saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Length of [`Timestamp::write_rfc3339`]'s text, bytes.
    pub const RFC3339_LEN: usize = 30;

    /// From seconds since 1970 and nanoseconds after them. Nanoseconds of a second or more, which
    /// some writers leave in their files, carry over.
    #[inline]
    pub fn from_parts(secs: i64, nanos: u64) -> Self {
        let exact =
            secs.checked_mul(NANOS_PER_SEC).and_then(|whole| whole.checked_add_unsigned(nanos));
        exact.map_or_else(|| Self::saturating_parts(secs, nanos), Self)
    }

    /// At the ends of the range, where one part alone may be outside.
    #[cold]
    fn saturating_parts(secs: i64, nanos: u64) -> Self {
        let whole = i128::from(secs).saturating_mul(i128::from(NANOS_PER_SEC));
        Self::saturating(whole.saturating_add(i128::from(nanos)))
    }

    /// From any number of nanoseconds since 1970.
    pub(super) fn saturating(nanos: i128) -> Self {
        let nearest = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Self(i64::try_from(nearest).unwrap_or(i64::MAX))
    }

    /// The wall clock's.
    pub fn now() -> Self {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let secs = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        Self::from_parts(secs, now.subsec_nanos().into())
    }

    /// So much later.
    pub fn saturating_add(self, time: Duration) -> Self {
        let nanos = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this; negative if `earlier` is later. Saturates.
    pub fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether it is later than `earlier` by more than `len`.
    pub fn is_beyond(self, earlier: Self, len: Duration) -> bool {
        u64::try_from(self.nanos_since(earlier)).is_ok_and(|it| u128::from(it) > len.as_nanos())
    }

    /// Whole seconds since 1970, rounded towards the past, and the nanoseconds after them.
    pub fn parts(self) -> (i64, u32) {
        let nanos = self.0.rem_euclid(NANOS_PER_SEC);
        (self.0.div_euclid(NANOS_PER_SEC), u32::try_from(nanos).unwrap_or_default())
    }

    /// Writes the time as `2024-02-29T23:59:59.123456789Z` (RFC 3339) and lends it as text.
    pub fn write_rfc3339(self, text: &mut [u8; Self::RFC3339_LEN]) -> &str {
        let (secs, nanos) = self.parts();
        let (year, month, day) = civil_from_days(secs.div_euclid(SECS_PER_DAY));
        let second_of_day = secs.rem_euclid(SECS_PER_DAY).unsigned_abs();

        let [y0, y1, y2, y3] = four_digits(year);
        let [mo0, mo1] = two_digits(month);
        let [d0, d1] = two_digits(day);
        let [h0, h1] = two_digits(second_of_day / 3600);
        let [mi0, mi1] = two_digits(second_of_day / 60 % 60);
        let [s0, s1] = two_digits(second_of_day % 60);
        let [f0, f1, f2, f3] = four_digits(u64::from(nanos / 100_000));
        let [f4, f5, f6, f7] = four_digits(u64::from(nanos / 10 % 10_000));
        let [_, f8] = two_digits(u64::from(nanos % 10));
        *text = [
            y0, y1, y2, y3, b'-', mo0, mo1, b'-', d0, d1, b'T', h0, h1, b':', mi0, mi1, b':', s0,
            s1, b'.', f0, f1, f2, f3, f4, f5, f6, f7, f8, b'Z',
        ];
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write_rfc3339(&mut [0; Self::RFC3339_LEN]))
    }
}

/// Decimal digits of a number below 10,000.
fn four_digits(number: u64) -> [u8; 4] {
    let ([a, b], [c, d]) = (two_digits(number / 100), two_digits(number % 100));
    [a, b, c, d]
}

/// Decimal digits of a number below 100.
fn two_digits(number: u64) -> [u8; 2] {
    let digit = |value: u64| b'0' | u8::try_from(value).unwrap_or_default();
    [digit(number / 10 % 10), digit(number % 10)]
}

/// Year, month and day of the proleptic Gregorian calendar, from days since 1970-01-01.
///
/// Counts in eras of 400 years (146,097 days) that begin on 1 March, so that the leap day is the
/// last of its year.
#[allow(clippy::arithmetic_side_effects, reason = "64-bit nanoseconds hold under 110,000 days")]
fn civil_from_days(days: i64) -> (u64, u64, u64) {
    let days_since_march_0 = (days + 719_468).unsigned_abs();
    let era = days_since_march_0 / 146_097;
    let day_of_era = days_since_march_0 % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jiff_text(nanos: i64) -> String {
        let time = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
        format!("{time:.9}")
    }

    #[test]
    fn known_times() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
            (4_102_444_799_999_999_999, "2099-12-31T23:59:59.999999999Z"),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
        ] {
            assert_eq!(Timestamp(nanos).to_string(), text);
        }
    }

    #[test]
    fn every_day_of_the_range_is_jiffs() {
        let last = i64::MAX / NANOS_PER_SEC / SECS_PER_DAY;
        for day in -last..=last {
            let nanos = day * SECS_PER_DAY * NANOS_PER_SEC + 45_296_000_000_789;
            assert_eq!(Timestamp(nanos).to_string(), jiff_text(nanos));
        }
    }

    proptest! {
        #[test]
        fn any_time_is_jiffs(nanos: i64) {
            prop_assert_eq!(Timestamp(nanos).to_string(), jiff_text(nanos));
        }

        #[test]
        fn parts_round_trip(nanos: i64) {
            let (secs, rest) = Timestamp(nanos).parts();
            prop_assert_eq!(Timestamp::from_parts(secs, u64::from(rest)), Timestamp(nanos));
        }
    }

    #[test]
    fn parts_carry_and_saturate() {
        assert_eq!(Timestamp::from_parts(1, 4_294_967_295_000), Timestamp(4_295_967_295_000));
        assert_eq!(Timestamp::from_parts(i64::MAX, 0), Timestamp(i64::MAX));
        assert_eq!(Timestamp::from_parts(i64::MIN, 5), Timestamp(i64::MIN));
        assert_eq!(Timestamp(3).nanos_since(Timestamp(5)), -2);
        assert_eq!(Timestamp(i64::MAX).nanos_since(Timestamp(i64::MIN)), i64::MAX);
    }
}
