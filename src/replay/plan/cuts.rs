//! Idle times that are cut: what happens later happens so much sooner.

use std::time::Duration;

/// Idle times that are cut in one plan, 32 bytes each.
pub const MAX_CUTS: usize = 1 << 20;

/// Idle times, in their order.
#[derive(Clone, Debug, Default)]
pub(in crate::replay) struct Cuts(Vec<Cut>);

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    from: Duration,
    to: Duration,
    /// What was cut before it.
    before: Duration,
}

impl Cut {
    fn len(self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

impl Cuts {
    /// When what was recorded at a time happens now.
    pub fn at(&self, time: Duration) -> Duration {
        let begun = self.0.partition_point(|it| it.from <= time);
        match begun.checked_sub(1).and_then(|it| self.0.get(it)) {
            Some(cut) => {
                let time = time.saturating_sub(cut.len()).max(cut.from);
                time.saturating_sub(cut.before)
            }
            None => time,
        }
    }

    /// Something happens at `at`, the last thing before it at `before`.
    pub fn step(&mut self, before: Duration, at: Duration, limit: Duration) {
        let from = before.saturating_add(limit);
        if at > from && self.0.len() < MAX_CUTS {
            self.0.push(Cut { from, to: at, before: self.all() });
        }
    }

    /// All that is cut.
    pub fn all(&self) -> Duration {
        self.0.last().map_or(Duration::ZERO, |it| it.before.saturating_add(it.len()))
    }
}
