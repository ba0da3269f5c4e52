//! What a replay came to.

use std::time::Duration;

use super::reason::{Reason, Skipped};
use crate::comparison::{Compared, Difference, Volume};
use crate::net::LatenessHistogram;

/// What a replay came to. Counters are honest: sent is what the kernel accepted, received is what
/// arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Conversations that were begun.
    pub conversations: u64,
    /// What went out.
    pub sent: Volume,
    /// What came in.
    pub received: Volume,
    /// Answers that were as recorded, by what was to be compared.
    pub matched: u64,
    /// Answers that were not.
    pub differed: u64,
    /// Answers that did not come.
    pub missing: u64,
    /// What was not replayed, or broke off, and why.
    pub skipped: Vec<Skipped>,
    /// How late steps were.
    pub lateness: Lateness,
    /// From the first step to the end.
    pub duration: Duration,
    /// The first [`MAX_DIFFERENCES`]; `differed` and `missing` count all.
    pub differences: Vec<Difference>,
    /// Stopped before its end, by the user or a limit.
    pub interrupted: bool,
}

/// Differences that an outcome keeps.
pub const MAX_DIFFERENCES: usize = 1000;

/// How late steps were, against their recorded times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Half of the steps were no later.
    pub p50: Duration,
    /// 99 of 100 were no later.
    pub p99: Duration,
    /// The latest.
    pub max: Duration,
}

impl Outcome {
    /// Counts what was not done.
    pub fn skip(&mut self, reason: Reason, count: u64) {
        Skipped::count_in(&mut self.skipped, reason, count);
    }

    /// Adds what a conversation came to.
    pub fn count(&mut self, compared: Compared) {
        self.matched = self.matched.saturating_add(compared.matched);
        self.differed = self.differed.saturating_add(compared.differed);
        self.missing = self.missing.saturating_add(compared.missing);
        self.received.add(compared.received);
        if compared.uncompared > 0 {
            self.skip(Reason::Uncompared, compared.uncompared);
        }
        compared.differences.into_iter().for_each(|it| self.note(it));
    }

    /// Keeps a difference, if there is room.
    pub fn note(&mut self, difference: Difference) {
        if self.differences.len() < MAX_DIFFERENCES {
            self.differences.push(difference);
        }
    }

    /// Counts an answer that came, and differs from the recorded one in this.
    pub fn answered(&mut self, differences: Vec<Difference>) {
        let count = match differences.is_empty() {
            true => &mut self.matched,
            false => &mut self.differed,
        };
        *count = count.saturating_add(1);
        differences.into_iter().for_each(|it| self.note(it));
    }

    /// Adds what another part of the same run came to. Of lateness the larger is kept: quantiles
    /// cannot be added.
    pub fn add(&mut self, other: Self) {
        self.conversations = self.conversations.saturating_add(other.conversations);
        self.sent.add(other.sent);
        self.received.add(other.received);
        self.matched = self.matched.saturating_add(other.matched);
        self.differed = self.differed.saturating_add(other.differed);
        self.missing = self.missing.saturating_add(other.missing);
        other.skipped.into_iter().for_each(|it| self.skip(it.reason, it.count));
        self.duration = self.duration.max(other.duration);
        self.lateness = self.lateness.worse(other.lateness);
        other.differences.into_iter().for_each(|it| self.note(it));
        self.interrupted |= other.interrupted;
    }
}

impl From<&LatenessHistogram> for Lateness {
    fn from(steps: &LatenessHistogram) -> Self {
        Self { p50: steps.quantile(0.5), p99: steps.quantile(0.99), max: steps.max() }
    }
}

impl Lateness {
    /// The later of the two, by each measure.
    fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p99: self.p99.max(other.p99),
            max: self.max.max(other.max),
        }
    }
}
