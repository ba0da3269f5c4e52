//! What one thread's conversations came to.

use std::time::Duration;

use crate::net::{LatenessHistogram, NetError};
use crate::replay::fault::Fault;
use crate::replay::outcome::{Lateness, Outcome};
use crate::replay::reason::Reason;

/// An outcome under way, and how late its steps were.
pub(super) struct Tally {
    pub outcome: Outcome,
    lateness: LatenessHistogram,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// Lateness cannot be counted.
    pub fn new() -> Result<Self, NetError> {
        Ok(Self { outcome: Outcome::default(), lateness: LatenessHistogram::new()? })
    }

    /// A step that was so late.
    pub fn late(&mut self, by: Duration) {
        self.lateness.record(Duration::ZERO, by, 1);
    }

    /// A conversation that was not played to its end.
    pub fn skip(&mut self, fault: Fault) {
        self.outcome.skip(Reason::Broken(fault), 1);
    }

    /// Adds those of another thread.
    pub fn add(&mut self, other: Self) {
        self.lateness.add(&other.lateness);
        self.outcome.add(other.outcome);
    }

    /// What it all came to.
    pub fn into_outcome(self) -> Outcome {
        let Self { outcome, lateness } = self;
        Outcome { lateness: Lateness::from(&lateness), ..outcome }
    }
}
