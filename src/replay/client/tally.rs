//! What one thread's conversations came to.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::fault::Fault;
use crate::replay::comparison::Compared;
use crate::replay::outcome::{Lateness, Outcome};

/// An outcome under way, and how late its steps were.
pub(super) struct Tally {
    pub outcome: Outcome,
    /// `None` never: three digits are a precision that the crate has.
    lateness: Option<Histogram<u64>>,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { outcome: Outcome::default(), lateness: Histogram::new(3).ok() }
    }

    /// A step that was so late.
    pub fn late(&mut self, by: Duration) {
        if let Some(lateness) = &mut self.lateness {
            lateness.saturating_record(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// A conversation that was not played to its end.
    pub fn skip(&mut self, fault: Fault) {
        self.outcome.skip(&fault.reason(), 1);
    }

    /// What the answers of a conversation were. Of one that the user stopped, those that had not
    /// come are not missing: nobody waited for them.
    pub fn compared(&mut self, compared: Compared, is_interrupted: bool) {
        let outcome = &mut self.outcome;
        outcome.received.add(compared.received);
        outcome.matched = outcome.matched.saturating_add(compared.matched);
        outcome.differed = outcome.differed.saturating_add(compared.differed);
        if !is_interrupted {
            outcome.missing = outcome.missing.saturating_add(compared.missing);
        }
        for difference in compared.differences {
            let is_missing = difference.field.is_empty() && difference.actual.is_none();
            if !(is_interrupted && is_missing) {
                outcome.note(difference);
            }
        }
    }

    /// Adds those of another thread.
    pub fn add(&mut self, other: Self) {
        if let (Some(sum), Some(lateness)) = (&mut self.lateness, &other.lateness) {
            // Both have the same precision, so that nothing can be lost.
            let _ = sum.add(lateness);
        }
        self.outcome.add(other.outcome);
    }

    /// What it all came to.
    pub fn into_outcome(self) -> Outcome {
        let Some(lateness) = &self.lateness else { return self.outcome };
        let at = |share| Duration::from_nanos(lateness.value_at_quantile(share));
        let max = Duration::from_nanos(lateness.max());
        let lateness = Lateness { p50: at(0.5).min(max), p99: at(0.99).min(max), max };
        Outcome { lateness, ..self.outcome }
    }
}
