//! How often values came: a histogram of bounded size that has room below zero.

use hdrhistogram::{CreationError, Histogram};

/// Whole numbers: nanoseconds, or messages.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// From zero on.
    above: Histogram<u64>,
    /// Below zero, without their sign; made with the first of them.
    below: Option<Histogram<u64>>,
    least: i64,
    greatest: i64,
}

/// The farthest from zero that are told apart: an hour in nanoseconds. The least and the greatest
/// value are exact.
const FARTHEST: u64 = 3_600_000_000_000;

/// Two digits: a value is told to within a hundredth, in 36 KiB. With three it were 270.
const DIGITS: u8 = 2;

/// Values from one to the next of these steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The least that counts here.
    pub from: i64,
    /// The least that counts no longer.
    pub to: i64,
    /// How many there are.
    pub count: u64,
}

impl Distribution {
    /// Without any.
    ///
    /// # Errors
    ///
    /// None for the bounds that it has; the crate that counts cannot know.
    pub fn new() -> Result<Self, CreationError> {
        let above = Histogram::new_with_max(FARTHEST, DIGITS)?;
        Ok(Self { above, below: None, least: i64::MAX, greatest: i64::MIN })
    }

    /// Counts a value.
    #[inline]
    pub fn record(&mut self, value: i64) {
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        let side = match (&mut self.below, value < 0) {
            (_, false) => &mut self.above,
            (Some(below), true) => below,
            (none, true) => none.insert(Histogram::new_from(&self.above)),
        };
        side.saturating_record(value.unsigned_abs());
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.above.len().saturating_add(self.negative())
    }

    /// How many are below zero.
    pub fn negative(&self) -> u64 {
        self.below.as_ref().map_or(0, Histogram::len)
    }

    /// The least value; `None` without any.
    pub fn min(&self) -> Option<i64> {
        (self.count() > 0).then_some(self.least)
    }

    /// The greatest value; `None` without any.
    pub fn max(&self) -> Option<i64> {
        (self.count() > 0).then_some(self.greatest)
    }

    /// So much, or less, is this share of the values: 0.5 is the median. `None` without any.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks beyond 2^53 are not told apart"
    )]
    pub fn quantile(&self, share: f64) -> Option<i64> {
        let count = self.count();
        let rank = ((count as f64 * share.clamp(0.0, 1.0)).ceil() as u64).clamp(1, count.max(1));
        let negative = self.negative();
        let value = match &self.below {
            // The farthest from zero are the least.
            Some(below) if rank <= negative => {
                let rank = negative.saturating_sub(rank).saturating_add(1);
                signed(value_at(below, rank)).saturating_neg()
            }
            _ => signed(value_at(&self.above, rank.saturating_sub(negative))),
        };
        (count > 0).then(|| value.clamp(self.least, self.greatest))
    }

    /// How many values there are between one step of 1, 2, 5, 10, 20 and so on and the next, from the
    /// least to the greatest that has any.
    pub fn steps(&self) -> Vec<Step> {
        let below = self.below.iter().flat_map(steps_of);
        let mirrored = |it: Step| Step { from: mirrored(it.to), to: mirrored(it.from), ..it };
        let mut steps: Vec<_> = below.map(mirrored).collect();
        steps.reverse();
        steps.extend(steps_of(&self.above));
        steps
    }
}

/// How many values there are between steps.
fn steps_of(histogram: &Histogram<u64>) -> Vec<Step> {
    let mut steps = Vec::<Step>::new();
    let mut bounds = bounds().peekable();
    let mut from = 0;
    for it in histogram.iter_recorded() {
        let value = it.value_iterated_to();
        while let Some(to) = bounds.next_if(|to| *to <= value) {
            from = to;
        }
        let to = bounds.peek().copied().unwrap_or(u64::MAX);
        let count = it.count_at_value();
        match steps.last_mut().filter(|it| it.from == signed(from)) {
            Some(step) => step.count = step.count.saturating_add(count),
            None => steps.push(Step { from: signed(from), to: signed(to), count }),
        }
    }
    steps
}

/// The values below zero that a bound parts, as it parts those above.
fn mirrored(bound: i64) -> i64 {
    1_i64.saturating_sub(bound)
}

/// 1, 2, 5, 10, 20 and so on.
fn bounds() -> impl Iterator<Item = u64> {
    let decades = std::iter::successors(Some(1_u64), |it| it.checked_mul(10));
    decades.flat_map(|it| [Some(it), it.checked_mul(2), it.checked_mul(5)]).flatten()
}

/// The `rank`th of the values, from 1.
fn value_at(histogram: &Histogram<u64>, rank: u64) -> u64 {
    let mut passed = 0_u64;
    for it in histogram.iter_recorded() {
        passed = passed.saturating_add(it.count_at_value());
        if passed >= rank {
            return it.value_iterated_to();
        }
    }
    histogram.max()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = i64>) -> Distribution {
        let mut distribution = Distribution::new().unwrap();
        values.into_iter().for_each(|it| distribution.record(it));
        distribution
    }

    #[test]
    fn quantiles_are_within_a_hundredth_on_both_sides_of_zero() {
        for offset in [0, -500_000, -5_000_000] {
            let distribution = of((1..=1000).map(|it| it * 1000 + offset));
            for (share, expected) in [(0.0, 1), (0.5, 500), (0.99, 990), (1.0, 1000)] {
                let (found, expected) = (distribution.quantile(share).unwrap(), expected * 1000);
                let near = (found - (expected + offset)).abs() * 100 <= (expected + offset).abs();
                assert!(near, "{offset}, {share}: {found}");
            }
            let ends = (distribution.min(), distribution.max());
            assert_eq!(ends, (Some(1000 + offset), Some(1_000_000 + offset)));
        }
        assert_eq!(of((1..=1000).map(|it| it - 400)).negative(), 399);
    }

    #[test]
    fn nothing_has_no_quantile() {
        let none = of([]);
        assert_eq!((none.quantile(0.5), none.min(), none.count()), (None, None, 0));
        assert_eq!(none.steps(), []);
        let far = of([i64::MIN, 7, i64::MAX]);
        assert_eq!((far.min(), far.max(), far.count()), (Some(i64::MIN), Some(i64::MAX), 3));
    }

    #[test]
    fn steps_hold_every_value_once() {
        let step = |from, to, count| Step { from, to, count };
        let found = of([0, 0, 1, 2, 4, 5, 10, 19, 20, 999]).steps();
        let expected = [
            step(0, 1, 2),
            step(1, 2, 1),
            step(2, 5, 2),
            step(5, 10, 1),
            step(10, 20, 2),
            step(20, 50, 1),
            step(500, 1000, 1),
        ];
        assert_eq!(found, expected);
        let below = of([-1, -2, -7, 3]).steps();
        assert_eq!(below.iter().map(|it| it.count).sum::<u64>(), 4);
        assert_eq!(below, [step(-9, -4, 1), step(-4, -1, 1), step(-1, 0, 1), step(2, 5, 1)]);
    }
}
