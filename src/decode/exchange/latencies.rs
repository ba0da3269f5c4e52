//! The middle and the largest of many durations, in bounded room.

/// Durations that are kept. Of more, every second one, then every fourth, and so on: those that are
/// kept lie as evenly over the whole time.
const MAX_KEPT: usize = 4096;

/// Durations, nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Latencies {
    kept: Vec<u64>,
    /// How many come for each that is kept, as a power of two.
    spacing: u32,
    seen: u64,
    largest: u64,
}

impl Latencies {
    pub fn push(&mut self, nanos: u64) {
        self.largest = self.largest.max(nanos);
        let is_kept = self.seen.trailing_zeros() >= self.spacing || self.seen == 0;
        self.seen = self.seen.saturating_add(1);
        if !is_kept {
            return;
        }
        if self.kept.len() >= MAX_KEPT {
            let mut is_even = false;
            self.kept.retain(|_| {
                is_even = !is_even;
                is_even
            });
            self.spacing = self.spacing.saturating_add(1);
        }
        self.kept.push(nanos);
    }

    /// The middle one, the lower of two; `None` without any.
    pub fn median(&self) -> Option<u64> {
        let mut kept = self.kept.clone();
        let middle = kept.len().checked_sub(1)? / 2;
        Some(*kept.select_nth_unstable(middle).1)
    }

    /// The largest one, of all.
    pub fn largest(&self) -> Option<u64> {
        (self.seen > 0).then_some(self.largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_few_the_median_is_exact() {
        let mut latencies = Latencies::default();
        assert_eq!((latencies.median(), latencies.largest()), (None, None));
        for (nanos, median) in [(9, 9), (1, 1), (5, 5), (7, 5), (0, 5)] {
            latencies.push(nanos);
            assert_eq!(latencies.median(), Some(median));
        }
        assert_eq!(latencies.largest(), Some(9));
    }

    #[test]
    fn of_many_some_are_kept_evenly() {
        let mut latencies = Latencies::default();
        (0..1_000_000).for_each(|it| latencies.push(it));
        latencies.push(5_000_000);
        assert!(latencies.kept.len() <= MAX_KEPT);
        let median = latencies.median().unwrap();
        assert!((480_000..520_000).contains(&median), "{median}");
        assert_eq!(latencies.largest(), Some(5_000_000));
    }
}
