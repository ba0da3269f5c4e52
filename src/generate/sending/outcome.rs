//! What a run of messages came to.

use std::time::Duration;

use crate::generate::GenerateError;
use crate::net::{LatenessHistogram, Sent};

/// What a run of messages came to. Counters are honest: sent is what the kernel accepted.
#[derive(Debug)]
pub struct SendingOutcome {
    /// What the kernel accepted, what it did not, and what hosts reported of it.
    pub sent: Sent,
    /// How late messages left, where a rate was to be kept.
    pub lateness: LatenessHistogram,
    /// From the first message to the last.
    pub duration: Duration,
    /// The answers, where they were awaited.
    pub replies: Option<Replies>,
    /// Ended by the user before its end.
    pub interrupted: bool,
    /// What ended it before its end.
    pub failure: Option<GenerateError>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Replies {
    /// Messages that were answered.
    pub answered: u64,
    /// Messages that were not, in time.
    pub missing: u64,
    /// Datagrams that came and answer nothing that was awaited: twice, too late, or from
    /// somebody who was not asked.
    pub unasked: u64,
    /// From a message to its answer.
    pub round_trips: LatenessHistogram,
}

impl SendingOutcome {
    /// Whether something was not sent, was refused, or was not answered.
    pub fn is_failure(&self) -> bool {
        let is_missing = self.replies.as_ref().is_some_and(|it| it.missing > 0);
        !self.sent.faults.is_empty() || !self.sent.undelivered.is_empty() || is_missing
    }
}
