//! The times between messages: fixed, a few, or any of a range.

use std::time::Duration;

use crate::capture::Timestamp;
use crate::generate::recipe::GapRecipe;

/// Gaps that are kept: when they are full, every other one goes, and from then on half as many come.
const MAX_GAPS: usize = 4096;
/// Groups of gaps that are told apart.
const MAX_GROUPS: usize = 6;
/// Of a hundred gaps so many are left out at either end of a range: a pause is none of its gaps.
const OUTLIERS: usize = 2;

/// The gaps of a capture, of long ones some.
#[derive(Clone, Debug)]
pub(super) struct Gaps {
    last: Option<Timestamp>,
    kept: Vec<Duration>,
    /// Of so many one is kept.
    every: u64,
    seen: u64,
}

impl Default for Gaps {
    fn default() -> Self {
        Self { last: None, kept: Vec::new(), every: 1, seen: 0 }
    }
}

impl Gaps {
    /// One message more, whoever sent it.
    pub fn take(&mut self, time: Option<Timestamp>) {
        let Some(time) = time else { return };
        if let Some(last) = self.last.replace(time) {
            let nanos = time.0.saturating_sub(last.0).max(0);
            if self.seen.is_multiple_of(self.every) {
                self.kept.push(Duration::from_nanos(nanos.unsigned_abs()));
            }
            self.seen = self.seen.saturating_add(1);
            if self.kept.len() >= MAX_GAPS {
                let mut keep = false;
                self.kept.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.every = self.every.saturating_mul(2);
            }
        }
    }

    /// `None` where there is none.
    pub fn recipe(mut self) -> Option<GapRecipe> {
        self.kept.sort_unstable();
        let groups = groups(&self.kept);
        match groups.as_slice() {
            [] => None,
            [one] => match mean(one) {
                Some(mean) if is_narrow(one) => Some(GapRecipe::Constant(mean)),
                _ => self.range(),
            },
            several if several.len() <= MAX_GROUPS && several.iter().all(|it| is_narrow(it)) => {
                let weighed = several
                    .iter()
                    .filter_map(|group| Some((mean(group)?, u32::try_from(group.len()).ok()?)));
                Some(GapRecipe::Choice(weighed.collect()))
            }
            _ => self.range(),
        }
    }

    fn range(&self) -> Option<GapRecipe> {
        let out = self.kept.len().saturating_mul(OUTLIERS) / 100;
        let low = self.kept.get(out).copied().map(rounded)?;
        let high = self.kept.iter().rev().nth(out).copied().map(rounded)?;
        Some(GapRecipe::Range { low, high: high.max(low) })
    }
}

/// Sorted gaps, parted where the next is half as long again.
fn groups(sorted: &[Duration]) -> Vec<&[Duration]> {
    sorted.chunk_by(|one, next| is_near(*one, *next)).collect()
}

fn is_near(short: Duration, long: Duration) -> bool {
    // What a scheduler makes of it, some 100 us, tells nothing.
    long <= short.saturating_mul(3) / 2 || long.saturating_sub(short) <= Duration::from_micros(100)
}

fn is_narrow(sorted: &[Duration]) -> bool {
    match (sorted.first(), sorted.last()) {
        (Some(first), Some(last)) => is_near(*first, *last),
        _ => false,
    }
}

fn mean(gaps: &[Duration]) -> Option<Duration> {
    let sum: Duration = gaps.iter().sum();
    Some(rounded(sum.checked_div(u32::try_from(gaps.len()).ok()?)?))
}

/// To three digits, as a person writes it.
fn rounded(gap: Duration) -> Duration {
    let nanos = u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX);
    let unit = 10_u64.saturating_pow(nanos.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let whole = nanos.saturating_add(unit / 2).checked_div(unit).unwrap_or(nanos);
    Duration::from_nanos(whole.saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(gaps: impl IntoIterator<Item = u64>) -> Option<String> {
        let (mut all, mut at) = (Gaps::default(), 0);
        all.take(Some(Timestamp(at)));
        for gap in gaps {
            at += i64::try_from(gap).unwrap() * 1000;
            all.take(Some(Timestamp(at)));
        }
        all.recipe().map(|it| it.to_string())
    }

    #[test]
    fn gaps_are_fixed_a_few_or_any() {
        assert_eq!(recipe([]), None);
        assert_eq!(recipe([10_013]).as_deref(), Some("10ms"));
        assert_eq!(recipe([9_960, 10_040, 10_003]).as_deref(), Some("10ms"));
        let few = [1_000, 1_010, 50_000, 990, 1_000, 50_200];
        assert_eq!(recipe(few).as_deref(), Some("choice(1ms:4, 50100us:2)"));
        assert_eq!(recipe((1..200).map(|it| it * 1_000)).as_deref(), Some("4ms..196ms"));
    }

    #[test]
    fn many_gaps_are_thinned() {
        let mut all = Gaps::default();
        for index in 0..100_000 {
            all.take(Some(Timestamp(index * 1_000_000)));
            assert!(all.kept.len() < MAX_GAPS);
        }
        assert_eq!(all.recipe(), Some(GapRecipe::Constant(Duration::from_millis(1))));
    }
}
