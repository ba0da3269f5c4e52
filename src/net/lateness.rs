//! How late a run was: a histogram of bounded size with three digits of precision.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::NetError;

/// The lateness of the steps of a run.
#[derive(Clone, Debug)]
pub struct LatenessHistogram {
    nanos: Histogram<u64>,
    max: Duration,
}

/// Longer ones count as this; the maximum is exact.
const HIGHEST: u64 = 3_600_000_000_000;

impl LatenessHistogram {
    /// Without any.
    ///
    /// # Errors
    ///
    /// None for the bounds that it has; the crate that counts cannot know.
    pub fn new() -> Result<Self, NetError> {
        Ok(Self { nanos: Histogram::new_with_max(HIGHEST, 3)?, max: Duration::ZERO })
    }

    /// Counts `steps` that were due at `due`, and happened at `now`.
    pub fn record(&mut self, due: Duration, now: Duration, steps: u64) {
        let late = now.saturating_sub(due);
        self.max = self.max.max(late);
        let nanos = u64::try_from(late.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.saturating_record_n(nanos, steps);
    }

    /// Adds those of another thread.
    ///
    /// Both have the same bounds, so that nothing is lost.
    pub fn add(&mut self, other: &Self) {
        let _ = self.nanos.add(&other.nanos);
        self.max = self.max.max(other.max);
    }

    /// So late, or less, were this share of the steps: 0.5 is the median.
    pub fn quantile(&self, share: f64) -> Duration {
        Duration::from_nanos(self.nanos.value_at_quantile(share)).min(self.max)
    }

    /// The lateness of the latest step, exact.
    pub fn max(&self) -> Duration {
        self.max
    }

    /// How many steps were counted.
    pub fn steps(&self) -> u64 {
        self.nanos.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Duration = Duration::from_micros(1);

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let mut lateness = LatenessHistogram::new().unwrap();
        (1..=1000).for_each(|late| lateness.record(50 * US, (50 + late) * US, 1));
        for (share, micros) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = lateness.quantile(share).as_secs_f64() * 1e6;
            assert!((found / micros - 1.0).abs() < 0.001, "{share}: {found}");
        }
        assert_eq!(lateness.max(), 1000 * US);
        assert_eq!(lateness.steps(), 1000);
    }

    #[test]
    fn early_is_not_late_and_what_is_beyond_counting_is_the_maximum() {
        let mut lateness = LatenessHistogram::new().unwrap();
        lateness.record(9 * US, 2 * US, 3);
        assert_eq!((lateness.quantile(0.99), lateness.max()), (Duration::ZERO, Duration::ZERO));
        let mut other = LatenessHistogram::new().unwrap();
        other.record(Duration::ZERO, Duration::from_secs(90_000), 1);
        lateness.add(&other);
        assert_eq!(lateness.max(), Duration::from_secs(90_000));
        assert_eq!(lateness.steps(), 4);
    }
}
