//! How long a conversation waits: never for ever, and longer for a peer that really gets on.

use std::time::Duration;

use tokio::time::Instant;

/// So many bytes each buy another timeout: a large answer may take longer than a small one, and a
/// peer that sends a byte now and then does not hold a conversation.
const PROGRESS: u64 = 64 * 1024;

/// A deadline that moves with progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    timeout: Duration,
    deadline: Instant,
    bytes: u64,
}

impl Patience {
    /// Begins to wait: the timeout counts from `begin`, which may be yet to come.
    pub fn new(timeout: Duration, begin: Instant) -> Self {
        Self { timeout, deadline: later(begin, timeout), bytes: 0 }
    }

    /// When the waiting ends.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes note of bytes that were transferred.
    pub fn progress(&mut self, bytes: u64, now: Instant) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= PROGRESS {
            self.bytes = 0;
            // Never sooner: it may lie behind the time that the recorded answer took.
            self.deadline = self.deadline.max(later(now, self.timeout));
        }
    }
}

/// So much later; about a year where the sum is beyond what the clock can tell.
pub(super) fn later(now: Instant, by: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    now.checked_add(by.min(YEAR)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_real_progress_moves_the_deadline() {
        let begin = Instant::now();
        let mut patience = Patience::new(5 * SECOND, begin);
        patience.progress(PROGRESS - 1, begin + SECOND);
        assert_eq!(patience.deadline(), begin + 5 * SECOND);
        patience.progress(1, begin + 4 * SECOND);
        assert_eq!(patience.deadline(), begin + 9 * SECOND);
    }

    #[test]
    fn progress_takes_nothing_of_the_time_that_there_is() {
        let now = Instant::now();
        let mut patience = Patience::new(5 * SECOND, now + 60 * SECOND);
        patience.progress(PROGRESS, now + SECOND);
        assert_eq!(patience.deadline(), now + 65 * SECOND);
    }

    #[test]
    fn a_timeout_beyond_the_clock_is_long_and_no_panic() {
        let begin = Instant::now();
        let patience = Patience::new(Duration::MAX, begin);
        assert!(patience.deadline() > begin + 300 * 24 * 3600 * SECOND);
    }
}
