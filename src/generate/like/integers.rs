//! What the values of an integer field do from message to message.

use crate::capture::Timestamp;
use crate::profile::TimeUnit;

/// Distinct steps that are counted; those of a counter are few.
const MAX_STEPS: usize = 16;
/// A clock may be that far from the one that the capture has, nanoseconds: 5 s, far more than those
/// of one network are apart, and far less than any other number is near to a time.
const NEAR: i128 = 5_000_000_000;
/// Of ten steps so many are the same in a counter: messages are lost, come twice or late.
const SAME_OF_TEN: u64 = 9;

const UNITS: [(TimeUnit, i128); 4] = [
    (TimeUnit::S, 1_000_000_000),
    (TimeUnit::Ms, 1_000_000),
    (TimeUnit::Us, 1_000),
    (TimeUnit::Ns, 1),
];

/// How an integer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub bits: u32,
    pub signed: bool,
}

/// The values of an integer field, as far as they are needed.
#[derive(Clone, Debug)]
pub(super) struct Integers {
    width: Width,
    pub low: i128,
    pub high: i128,
    first: i128,
    last: i128,
    /// How often each step from one value to the next came.
    steps: Vec<(i128, u64)>,
    changes: u64,
    /// Whether all values are near the time, in each unit.
    near: [bool; 4],
}

impl Integers {
    pub fn new(width: Width, first: i128, now: Option<Timestamp>) -> Self {
        let mut new = Self {
            width,
            low: first,
            high: first,
            first,
            last: first,
            steps: Vec::new(),
            changes: 0,
            near: [width.bits >= 32; 4],
        };
        new.look_at_time(first, now);
        new
    }

    pub fn take(&mut self, value: i128, now: Option<Timestamp>) {
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.look_at_time(value, now);
        let step = self.width.wrapped(value.saturating_sub(self.last));
        self.last = value;
        self.changes = self.changes.saturating_add(1);
        if let Some((_, count)) = self.steps.iter_mut().find(|it| it.0 == step) {
            *count = count.saturating_add(1);
        } else if self.steps.len() < MAX_STEPS {
            self.steps.push((step, 1));
        }
    }

    fn look_at_time(&mut self, value: i128, now: Option<Timestamp>) {
        for (near, (_, nanos)) in self.near.iter_mut().zip(UNITS) {
            let away = |now: Timestamp| value.saturating_mul(nanos).saturating_sub(now.0.into());
            *near &= now.is_some_and(|now| away(now).abs() <= NEAR);
        }
    }

    /// The unit in which all values are times.
    pub fn time(&self) -> Option<TimeUnit> {
        let mut units = self.near.iter().zip(UNITS);
        units.find(|(near, _)| **near).map(|(_, (unit, _))| unit)
    }

    /// First value and step, where nearly all steps are the same.
    pub fn counter(&self) -> Option<(i128, i128)> {
        let (step, count) = self.steps.iter().max_by_key(|it| it.1)?;
        let is_same = count.saturating_mul(10) >= self.changes.saturating_mul(SAME_OF_TEN);
        (*step != 0 && self.changes >= 2 && is_same).then_some((self.first, *step))
    }

    /// Whether the same bytes read in the other order are what programs put into integers, and these
    /// are not.
    pub fn is_odder_than(&self, other: &Self) -> bool {
        match (self.time(), other.time()) {
            (Some(_), _) => return false,
            (None, Some(_)) => return true,
            (None, None) => {}
        }
        let (own, theirs) = (self.bits(), other.bits());
        // A whole byte is left free in front, and at least a quarter of the width.
        theirs.saturating_add(8) <= own && theirs <= self.width.bits.saturating_mul(3) / 4
    }

    /// Bits that the largest needs, its sign left out.
    fn bits(&self) -> u32 {
        let bits = |it: i128| 128 - (if it < 0 { !it } else { it }).leading_zeros();
        bits(self.low).max(bits(self.high))
    }
}

impl Width {
    /// The value that the same bytes have in the other order.
    pub fn swapped(self, value: i128) -> i128 {
        let unused = 128_u32.saturating_sub(self.bits);
        let bytes = value.swap_bytes();
        match self.signed {
            true => bytes.wrapping_shr(unused),
            false => (bytes as u128).wrapping_shr(unused) as i128,
        }
    }

    /// A difference, by the shorter way around.
    fn wrapped(self, difference: i128) -> i128 {
        let unused = 128_u32.saturating_sub(self.bits);
        difference.wrapping_shl(unused).wrapping_shr(unused)
    }
}

/// The time that a floating-point number of seconds may be.
pub(super) fn is_near(seconds: f64, now: Option<Timestamp>) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "seconds are compared")]
    now.is_some_and(|now| (seconds - now.0 as f64 / 1e9).abs() * 1e9 <= NEAR as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const U8: Width = Width { bits: 8, signed: false };
    const U32: Width = Width { bits: 32, signed: false };
    const I16: Width = Width { bits: 16, signed: true };

    fn integers(width: Width, values: impl IntoIterator<Item = i128>) -> Integers {
        let mut values = values.into_iter();
        let mut all = Integers::new(width, values.next().unwrap(), None);
        values.for_each(|it| all.take(it, None));
        all
    }

    #[test]
    fn counters_wrap_and_lose_some() {
        assert_eq!(integers(U8, (250..270).map(|it| it % 256)).counter(), Some((250, 1)));
        assert_eq!(integers(I16, [20, 10, 0, -10, -20]).counter(), Some((20, -10)));
        let lossy = (0..100).filter(|it| it % 25 != 3);
        assert_eq!(integers(U32, lossy).counter(), Some((0, 1)));
        assert_eq!(integers(U32, [1, 2]).counter(), None);
        assert_eq!(integers(U32, [5, 5, 5, 5]).counter(), None);
        assert_eq!(integers(U32, [1, 2, 4, 5, 9, 10]).counter(), None);
    }

    #[test]
    fn the_unit_of_a_time_is_that_in_which_it_is_near() {
        let now = Timestamp(1_700_000_000_250_000_000);
        for (value, unit) in [
            (1_700_000_003, Some(TimeUnit::S)),
            (1_700_000_000_100, Some(TimeUnit::Ms)),
            (1_699_999_999_000_000, Some(TimeUnit::Us)),
            (1_700_000_000_250_000_001, Some(TimeUnit::Ns)),
            (1_700_000_060, None),
        ] {
            let width = Width { bits: 64, signed: true };
            assert_eq!(Integers::new(width, value, Some(now)).time(), unit, "{value}");
            assert_eq!(Integers::new(width, value, None).time(), None);
        }
    }

    #[test]
    fn numbers_in_the_other_order_are_odd() {
        for (width, value, swapped) in [
            (U32, 83, 0x5300_0000),
            (I16, -2, -257),
            (I16, 256, 1),
            (U32, 0xff00_0001, 0x0100_00ff),
        ] {
            assert_eq!(width.swapped(value), swapped);
            assert_eq!(width.swapped(swapped), value);
        }
        let declared = integers(U32, (1..60).map(|it| U32.swapped(it)));
        let other = integers(U32, 1..60);
        assert!(declared.is_odder_than(&other) && !other.is_odder_than(&declared));
        let any = integers(U32, [0x1234_5678, 0xdead_beef]);
        let swapped = integers(U32, [0x7856_3412, 0xefbe_adde]);
        assert!(!any.is_odder_than(&swapped) && !swapped.is_odder_than(&any));
    }
}
