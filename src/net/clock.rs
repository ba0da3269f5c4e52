//! Time: a monotonic clock that hits an instant within microseconds, and one that a test moves.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// Time since the clock was made; it never goes back.
pub trait Clock {
    /// Time since the clock was made.
    fn now(&self) -> Duration;
    /// Returns at this time, as exactly as the clock can, or at once if it has passed.
    fn sleep_until(&self, at: Duration);
}

/// `CLOCK_MONOTONIC`. It sleeps until shortly before the time, then spins: the kernel wakes a
/// sleeper some tens of microseconds late, and later where the machine is busy or virtual. How much
/// earlier it has to wake is measured at every sleep.
#[derive(Debug)]
pub struct MonotonicClock {
    epoch: Instant,
    /// How long before the time the sleep ends.
    margin: Cell<Duration>,
}

/// Bounds of the time that is spun away.
const MIN_MARGIN: Duration = Duration::from_micros(80);
const MAX_MARGIN: Duration = Duration::from_micros(500);

impl MonotonicClock {
    /// A clock that begins now. The calling thread's sleeps are no longer gathered with those of
    /// others (`PR_SET_TIMERSLACK`), which would delay them by up to 50 microseconds.
    pub fn new() -> Self {
        // Where the kernel refuses, sleeps are less exact; the margin measures it.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        Self { epoch: Instant::now(), margin: Cell::new(2 * MIN_MARGIN) }
    }

    /// How long before a time a sleep has to end, for the time not to be missed.
    pub fn margin(&self) -> Duration {
        self.margin.get()
    }

    /// Takes in by how much a sleep was too long: up at once, down slowly.
    pub fn observe_oversleep(&self, oversleep: Duration) {
        let wanted = oversleep.saturating_mul(3) / 2;
        let decayed = self.margin.get().saturating_mul(63) / 64;
        self.margin.set(wanted.max(decayed).clamp(MIN_MARGIN, MAX_MARGIN));
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn sleep_until(&self, at: Duration) {
        let wake = at.saturating_sub(self.margin.get());
        let left = wake.saturating_sub(self.now());
        if !left.is_zero() {
            std::thread::sleep(left);
            self.observe_oversleep(self.now().saturating_sub(wake));
        }
        while self.now() < at {
            std::hint::spin_loop();
        }
    }
}

/// A clock that only moves when it is told to, or slept by.
#[derive(Debug, Default)]
pub struct ManualClock(Cell<Duration>);

impl ManualClock {
    /// Moves the clock on; nobody else does, but a sleeper.
    pub fn advance(&self, by: Duration) {
        self.0.set(self.0.get().saturating_add(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.0.get()
    }

    fn sleep_until(&self, at: Duration) {
        self.0.set(self.0.get().max(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_never_ends_early() {
        let clock = MonotonicClock::new();
        for micros in [0, 50, 300, 2_000] {
            let at = clock.now() + Duration::from_micros(micros);
            clock.sleep_until(at);
            assert!(clock.now() >= at);
        }
    }

    #[test]
    fn the_margin_grows_at_once_and_shrinks_slowly_within_its_bounds() {
        let clock = MonotonicClock::new();
        clock.observe_oversleep(Duration::from_micros(200));
        assert_eq!(clock.margin(), Duration::from_micros(300));
        clock.observe_oversleep(Duration::ZERO);
        assert!(clock.margin() > Duration::from_micros(290));
        (0..1000).for_each(|_| clock.observe_oversleep(Duration::ZERO));
        assert_eq!(clock.margin(), MIN_MARGIN);
        clock.observe_oversleep(Duration::from_secs(1));
        assert_eq!(clock.margin(), MAX_MARGIN);
    }

    #[test]
    fn a_manual_clock_does_not_go_back() {
        let clock = ManualClock::default();
        clock.advance(Duration::from_secs(2));
        clock.sleep_until(Duration::from_secs(1));
        assert_eq!(clock.now(), Duration::from_secs(2));
        clock.sleep_until(Duration::from_secs(5));
        assert_eq!(clock.now(), Duration::from_secs(5));
    }
}
