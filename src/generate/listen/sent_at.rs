//! When a message was sent, by its own fields: one that counts seconds or parts of one since 1970, or
//! several that add up, such as `tv_sec` and `tv_usec`.
//!
//! A field that is too narrow for the time since 1970 wraps: of all times that it may stand for, the
//! one nearest to the message's arrival is meant.

use crate::message::{FieldKind, FieldRef, Item, Message, Scalar, Shown, Value};
use crate::profile::TimeUnit;
use crate::schema::Notation;

/// The fields that tell when a message was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAt(Vec<TimeField>);

/// A field that counts time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeField {
    /// The field.
    pub field: FieldRef,
    /// What it counts; the size of its value tells, where it is not given.
    pub unit: Option<TimeUnit>,
}

/// Clocks that are farther apart than a day are none: the field holds something else, or nothing.
const MAX_APART: i128 = 24 * 3600 * NANOS;

const NANOS: i128 = 1_000_000_000;

impl SentAt {
    /// By these fields, which are added up.
    pub fn new(fields: Vec<TimeField>) -> Self {
        Self(fields)
    }

    /// Whether a message has its first field.
    pub fn is_in(&self, message: &Message<'_>) -> bool {
        self.0.first().is_some_and(|it| it.field.item(message).is_some())
    }

    /// Nanoseconds from sending to `arrival`, which is told as nanoseconds since 1970; `None` where
    /// the fields are missing or tell of another day.
    pub fn latency(&self, message: &Message<'_>, arrival: i64) -> Option<i64> {
        let (mut sent, mut period) = (0_i128, 0_i128);
        for TimeField { field, unit } in &self.0 {
            let item = field.item(message)?;
            let (nanos, own) = by_epoch(message, item, nanos_of(item, *unit)?);
            sent = sent.saturating_add(nanos);
            period = period.max(own);
        }
        let apart = nearest(i128::from(arrival).saturating_sub(sent), period);
        (apart.abs() <= MAX_APART).then(|| i64::try_from(apart).ok()).flatten()
    }
}

/// The same, told from the epoch that a profile says that the field counts from.
fn by_epoch(message: &Message<'_>, item: &Item, (nanos, period): (i128, i128)) -> (i128, i128) {
    match (message.node(item).map(|it| &it.kind), message.value(item)) {
        (Some(FieldKind::Shown(Notation::Time { epoch, .. })), _) => {
            (nanos.saturating_add(i128::from(*epoch).saturating_mul(NANOS)), period)
        }
        // Its seconds have 32 bits.
        (Some(FieldKind::Shown(Notation::Ntp)), Value::Shown(Shown::Time(moment))) => {
            (moment.nanos(), NANOS.saturating_mul(1 << 32))
        }
        _ => (nanos, period),
    }
}

/// What a field tells, and after how long it tells the same again, nanoseconds; 0 is never.
fn nanos_of(item: &Item, unit: Option<TimeUnit>) -> Option<(i128, i128)> {
    let whole = |value: i128| {
        let nanos = nanos(unit.unwrap_or_else(|| likely_unit(value)));
        let period = 1_i128.checked_shl(item.len.saturating_mul(8)).unwrap_or_default();
        (value.saturating_mul(nanos), period.saturating_mul(nanos))
    };
    match item.scalar {
        Scalar::Unsigned(value) => Some(whole(value.into())),
        Scalar::Signed(value) => Some(whole(value.into())),
        #[expect(clippy::cast_possible_truncation, reason = "it saturates, as is meant")]
        #[expect(clippy::cast_precision_loss, reason = "a power of ten")]
        Scalar::Float(value) => {
            let nanos = nanos(unit.unwrap_or(TimeUnit::S));
            Some(((value * nanos as f64) as i128, 0))
        }
        Scalar::Span | Scalar::Nested | Scalar::Null => None,
    }
}

/// The difference that is nearest to zero, of all that are whole periods apart.
fn nearest(difference: i128, period: i128) -> i128 {
    if period == 0 {
        return difference;
    }
    let above = difference.checked_rem_euclid(period).unwrap_or_default();
    if above > period / 2 { above.saturating_sub(period) } else { above }
}

/// Seconds since 1970 have ten digits until 2286.
fn likely_unit(value: i128) -> TimeUnit {
    let bounds = [
        (100_000_000_000, TimeUnit::S),
        (100_000_000_000_000, TimeUnit::Ms),
        (100_000_000_000_000_000, TimeUnit::Us),
    ];
    bounds.into_iter().find(|(end, _)| value < *end).map_or(TimeUnit::Ns, |(_, unit)| unit)
}

fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::S => NANOS,
        TimeUnit::Ms => 1_000_000,
        TimeUnit::Us => 1_000,
        TimeUnit::Ns => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVAL: i64 = 1_700_000_000_123_456_789;

    fn latency(scalar: Scalar, len: u32, unit: Option<TimeUnit>) -> Option<i64> {
        let item = Item { node: 0, offset: 0, len, end: 1, scalar };
        let (sent, period) = nanos_of(&item, unit)?;
        Some(nearest(i128::from(ARRIVAL) - sent, period) as i64)
    }

    #[test]
    fn each_unit_and_width_tells_the_time() {
        use Scalar::{Float, Signed, Unsigned};
        for (scalar, len, unit, expected) in [
            (Unsigned(1_700_000_000), 4, Some(TimeUnit::S), 123_456_789),
            (Unsigned(1_700_000_000), 4, None, 123_456_789),
            (Signed(1_700_000_000_123), 8, None, 456_789),
            (Unsigned(1_700_000_000_123_456), 8, None, 789),
            (Unsigned(ARRIVAL as u64 - 5), 8, None, 5),
            (Float(1_700_000_000.0), 8, None, 123_456_789),
            // What is ahead of our clock is below zero.
            (Unsigned(ARRIVAL as u64 + 5), 8, None, -5),
            // 32 bits of microseconds wrap after 71 minutes, of nanoseconds after four seconds.
            (Unsigned(1_700_000_000_123_456 & 0xffff_ffff), 4, Some(TimeUnit::Us), 789),
            (Unsigned((ARRIVAL as u64 - 7) & 0xffff_ffff), 4, Some(TimeUnit::Ns), 7),
            (Unsigned((ARRIVAL as u64 + 7) & 0xffff_ffff), 4, Some(TimeUnit::Ns), -7),
            (Unsigned(1_699_999_999 & 0xffff), 2, Some(TimeUnit::S), 1_123_456_789),
        ] {
            assert_eq!(latency(scalar, len, unit), Some(expected), "{scalar:?} {len} {unit:?}");
        }
        assert_eq!(latency(Scalar::Span, 4, None), None);
    }
}
