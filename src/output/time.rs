//! Times as text: RFC 3339 in UTC with nine decimals, and the time of day.
//!
//! Frames of one second stand together in a capture, so the text of the last second is kept.

use crate::capture::Timestamp;

const SECOND: i64 = 1_000_000_000;

/// Writes times; remembers the last second.
#[derive(Debug, Default)]
pub(crate) struct TimeText {
    second: Option<i64>,
    /// `2024-05-01T12:34:56`
    text: [u8; 19],
}

impl TimeText {
    /// `2024-05-01T12:34:56.123456789Z`
    pub fn rfc3339(&mut self, time: Timestamp, out: &mut Vec<u8>) {
        let nanos = self.split(time);
        out.extend_from_slice(&self.text);
        out.push(b'.');
        out.extend_from_slice(&digits::<9>(nanos));
        out.push(b'Z');
    }

    /// `12:34:56.123456`
    pub fn time_of_day(&mut self, time: Timestamp, out: &mut Vec<u8>) {
        let nanos = self.split(time);
        out.extend_from_slice(self.text.get("2024-05-01T".len()..).unwrap_or_default());
        out.push(b'.');
        out.extend_from_slice(&digits::<6>(nanos / 1000));
    }

    /// Brings `text` to the second of `time`; the nanoseconds within it.
    fn split(&mut self, time: Timestamp) -> u32 {
        let (second, nanos) = time.parts();
        if self.second != Some(second) {
            let mut text = [0; Timestamp::RFC3339_LEN];
            time.write_rfc3339(&mut text);
            self.text = text.first_chunk().copied().unwrap_or_default();
            self.second = Some(second);
        }
        nanos
    }
}

/// Seconds since 1970 with nine decimals: `1714566896.123456789`.
pub(crate) fn epoch(time: Timestamp, out: &mut Vec<u8>) {
    let magnitude = time.0.unsigned_abs();
    let second = SECOND.unsigned_abs();
    if time.0 < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(magnitude / second).as_bytes());
    out.push(b'.');
    out.extend_from_slice(&digits::<9>(u32::try_from(magnitude % second).unwrap_or_default()));
}

/// A duration in seconds with as many decimals as it needs, up to nine.
pub(crate) fn seconds(nanos: u64) -> String {
    let second = SECOND.unsigned_abs();
    let decimals = format!("{:09}", nanos % second);
    let decimals = decimals.trim_end_matches('0');
    let decimals = if decimals.is_empty() { "0" } else { decimals };
    format!("{}.{decimals}", nanos / second)
}

/// The last `N` decimal digits, zeros in front.
fn digits<const N: usize>(mut value: u32) -> [u8; N] {
    let mut text = [b'0'; N];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let mut writer = TimeText::default();
        for (nanos, expected) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_714_566_896_123_456_789, "2024-05-01T12:34:56.123456789Z"),
            (1_714_566_896_000_000_001, "2024-05-01T12:34:56.000000001Z"),
            (951_825_599_999_999_999, "2000-02-29T11:59:59.999999999Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
        ] {
            let mut out = Vec::new();
            writer.rfc3339(Timestamp(nanos), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            out = Vec::new();
            writer.time_of_day(Timestamp(nanos), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), &expected[11..26]);
        }
    }

    #[test]
    fn epoch_counts_both_ways() {
        for (nanos, expected) in [
            (0, "0.000000000"),
            (1_714_566_896_123_456_789, "1714566896.123456789"),
            (-500_000_000, "-0.500000000"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            let mut out = Vec::new();
            epoch(Timestamp(nanos), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn durations_have_the_decimals_they_need() {
        for (nanos, expected) in [(0, "0.0"), (1, "0.000000001"), (2_500_000_000, "2.5")] {
            assert_eq!(seconds(nanos), expected);
        }
    }
}
