//! When datagrams are due: absolute deadlines, so that no error adds up.
//!
//! A deadline is computed from the recorded time, or from what was sent so far, and never from the
//! deadline before it.

use std::time::Duration;

use super::Clock;

/// How fast datagrams follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// As recorded, so many times as fast.
    Recorded(f64),
    /// Datagrams a second.
    PacketsPerSecond(f64),
    /// Megabits of payload a second.
    Mbps(f64),
    /// As fast as the kernel takes them.
    Top,
}

impl Default for Pace {
    fn default() -> Self {
        Self::Recorded(1.0)
    }
}

/// The deadlines of a run.
#[derive(Clone, Debug)]
pub struct Deadlines {
    pace: Pace,
    /// When the pass under way began.
    pass: Duration,
    /// The last deadline that was given.
    last: Duration,
    /// When the run began, and what has been due since.
    start: Duration,
    datagrams: u64,
    bytes: u64,
}

impl Deadlines {
    /// Those of a run that begins at `start`.
    pub fn new(pace: Pace, start: Duration) -> Self {
        Self { pace, pass: start, last: start, start, datagrams: 0, bytes: 0 }
    }

    /// When the next datagram is due, which has `len` bytes and was recorded `at` so long after
    /// the beginning of the capture; `None` is at once.
    pub fn next_deadline(&mut self, at: Duration, len: usize) -> Option<Duration> {
        let due = self.due(at)?;
        self.count(due, len);
        Some(due)
    }

    /// When the next datagram is due, which is not made yet: its own length does not matter.
    pub fn due(&self, at: Duration) -> Option<Duration> {
        match self.pace {
            Pace::Recorded(_) => self.recorded(at),
            Pace::PacketsPerSecond(rate) => Some(after(self.start, self.datagrams as f64 / rate)),
            Pace::Mbps(rate) => Some(after(self.start, self.bytes as f64 * 8.0 / (rate * 1e6))),
            Pace::Top => None,
        }
    }

    /// The datagram that was due then has so many bytes.
    pub fn count(&mut self, due: Duration, len: usize) {
        self.datagrams = self.datagrams.saturating_add(1);
        self.bytes = self.bytes.saturating_add(len as u64);
        self.last = self.last.max(due);
    }

    /// When something is due by its recorded time; `None` where the pace does not go by it.
    pub fn recorded(&self, at: Duration) -> Option<Duration> {
        match self.pace {
            // Exact for any length of capture, where a float would round.
            Pace::Recorded(1.0) => Some(self.pass.saturating_add(at)),
            Pace::Recorded(speed) => Some(after(self.pass, at.as_secs_f64() / speed)),
            _ => None,
        }
    }

    /// The capture is played once more: the pass begins when the last one's last datagram was due,
    /// or `now` if that has been waited for longer.
    pub fn begin_pass(&mut self, now: Option<Duration>) {
        self.pass = self.last.max(now.unwrap_or_default());
    }
}

/// A time beyond what can be counted is never.
fn after(start: Duration, seconds: f64) -> Duration {
    start.saturating_add(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// How long a wait may go without a look at whether the run is to end.
pub(crate) const LOOK: Duration = Duration::from_millis(50);

/// Waits until `at`, or until `is_over`. Returns whether the time has come.
pub fn wait_until(clock: &dyn Clock, at: Duration, is_over: &dyn Fn() -> bool) -> bool {
    loop {
        if is_over() {
            return false;
        }
        let now = clock.now();
        if now >= at {
            return true;
        }
        clock.sleep_until(at.min(now.saturating_add(LOOK)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::ManualClock;
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn recorded_times_are_kept_exactly_over_years() {
        let mut deadlines = Deadlines::new(Pace::Recorded(1.0), MS);
        let at = Duration::new(100_000_000, 123_456_789);
        assert_eq!(deadlines.next_deadline(at, 19), Some(at + MS));
    }

    #[test]
    fn a_multiplier_divides_times() {
        for (speed, at, due) in [(2.0, 10, 5), (0.5, 10, 20), (10.0, 0, 0)] {
            let mut deadlines = Deadlines::new(Pace::Recorded(speed), Duration::ZERO);
            assert_eq!(deadlines.next_deadline(at * MS, 1), Some(due * MS), "{speed}");
        }
    }

    #[test]
    fn a_rate_does_not_drift() {
        let mut deadlines = Deadlines::new(Pace::PacketsPerSecond(3.0), MS);
        let due: Vec<_> = (0..3_000_001).map(|_| deadlines.next_deadline(MS, 9)).collect();
        assert_eq!(due[0], Some(MS));
        assert_eq!(due[3], Some(MS + Duration::from_secs(1)));
        // A third of a second, rounded and added three million times, would be off by a millisecond.
        assert_eq!(due[3_000_000], Some(MS + Duration::from_secs(1_000_000)));
    }

    #[test]
    fn bits_a_second_count_what_went_before() {
        let mut deadlines = Deadlines::new(Pace::Mbps(8.0), Duration::ZERO);
        let due: Vec<_> = [1000, 500, 0, 9]
            .map(|len| deadlines.next_deadline(Duration::ZERO, len))
            .into_iter()
            .map(|it| it.unwrap().as_micros())
            .collect();
        assert_eq!(due, [0, 1000, 1500, 1500]);
    }

    #[test]
    fn top_speed_has_no_deadlines_and_a_speed_of_zero_is_never() {
        assert_eq!(Deadlines::new(Pace::Top, MS).next_deadline(MS, 1), None);
        let mut never = Deadlines::new(Pace::Recorded(0.0), MS);
        assert_eq!(never.next_deadline(MS, 1), Some(Duration::MAX));
    }

    #[test]
    fn a_pass_begins_where_the_last_ended_without_drift() {
        let mut deadlines = Deadlines::new(Pace::Recorded(1.0), Duration::ZERO);
        let mut due = Vec::new();
        for _ in 0..3 {
            due.extend([0, 7].map(|at| deadlines.next_deadline(at * MS, 1).unwrap()));
            deadlines.begin_pass(None);
        }
        assert_eq!(due, [0, 7, 7, 14, 14, 21].map(|ms| ms * MS));
        deadlines.begin_pass(Some(30 * MS));
        assert_eq!(deadlines.next_deadline(MS, 1), Some(31 * MS));
    }

    #[test]
    fn a_wait_ends_at_its_time_or_when_the_run_does() {
        let clock = ManualClock::default();
        assert!(wait_until(&clock, 175 * MS, &|| false));
        assert_eq!(clock.now(), 175 * MS);
        let over = || clock.now() >= 300 * MS;
        assert!(!wait_until(&clock, Duration::MAX, &over));
        assert_eq!(clock.now(), 325 * MS);
    }
}
