//! How long a peer may pause within what it says, learnt from itself: where nothing decodes a
//! conversation, who has begun to answer and is quiet for longer has answered.
//!
//! The estimate is that of TCP's retransmission timer (RFC 6298 section 2), of two times: from the
//! question to the first bytes of its answer, and between the pieces of one answer. The larger
//! counts, within [`FLOOR`] and [`CEILING`].

use std::time::Duration;

use tokio::time::Instant;

use super::patience::later;

/// A kernel may hold an acknowledgement back for 40 ms (Linux, TCP_DELACK_MIN), and a peer that
/// has not turned Nagle's algorithm off the rest of its answer with it (RFC 9293 section 3.7.4).
pub(super) const FLOOR: Duration = Duration::from_millis(50);

/// What TCP waits where it knows nothing (RFC 6298 section 2.1).
pub(super) const CEILING: Duration = Duration::from_secs(1);

/// What is known of a peer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rhythm {
    latency: Estimate,
    gap: Estimate,
}

/// One peer, listened to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening {
    pub rhythm: Rhythm,
    /// How long the recorded peer paused within what is under way.
    pub pause: Duration,
    /// When it was told something last, or could begin.
    asked: Instant,
    /// When it spoke last since.
    heard: Option<Instant>,
}

/// A smoothed time and its variation; `None` before the first.
#[derive(Clone, Copy, Debug, Default)]
struct Estimate(Option<(Duration, Duration)>);

impl Rhythm {
    /// An answer began so long after what it answers.
    pub fn began(&mut self, after: Duration) {
        self.latency.learn(after);
    }

    /// The next piece of an answer came so long after the one before.
    pub fn paused(&mut self, by: Duration) {
        self.gap.learn(by);
    }

    /// For how long it is quiet when it has answered.
    pub fn quiet(self) -> Duration {
        self.latency.bound().max(self.gap.bound()).clamp(FLOOR, CEILING)
    }
}

impl Listening {
    /// Begins to listen to a peer of which that is known.
    pub fn new(now: Instant, rhythm: Rhythm) -> Self {
        Self { rhythm, pause: Duration::ZERO, asked: now, heard: None }
    }

    /// The peer is told something, so that it is its turn.
    pub fn ask(&mut self, now: Instant) {
        (self.asked, self.heard) = (now, None);
    }

    /// The peer has spoken.
    pub fn hear(&mut self, now: Instant) {
        match self.heard.replace(now) {
            None => self.rhythm.began(now.saturating_duration_since(self.asked)),
            Some(before) => self.rhythm.paused(now.saturating_duration_since(before)),
        }
    }

    /// When it has been quiet for so long that it has said all, if no more comes; the recorded one
    /// had by `due`. Who may take `timeout` for all of it needs no more for a part.
    pub fn quiet(&self, due: Option<Instant>, timeout: Duration) -> Instant {
        let quiet = self.rhythm.quiet().min(timeout);
        let heard = self.heard.unwrap_or(self.asked);
        let by_itself = later(heard, quiet.saturating_add(self.pause).min(timeout));
        due.map_or(by_itself, |due| later(due, quiet).max(by_itself))
    }
}

impl Estimate {
    fn learn(&mut self, time: Duration) {
        self.0 = Some(match self.0 {
            None => (time, time / 2),
            Some((smoothed, variation)) => {
                let variation = variation / 4 * 3 + smoothed.abs_diff(time) / 4;
                (smoothed / 8 * 7 + time / 8, variation)
            }
        });
    }

    fn bound(self) -> Duration {
        let bound = |(smoothed, variation): (Duration, Duration)| {
            smoothed.saturating_add(variation.saturating_mul(4))
        };
        self.0.map_or(Duration::ZERO, bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn who_is_fast_is_waited_for_no_longer_than_kernels_hold_back() {
        let mut rhythm = Rhythm::default();
        assert_eq!(rhythm.quiet(), FLOOR);
        (0..100).for_each(|_| rhythm.began(Duration::from_micros(80)));
        assert_eq!(rhythm.quiet(), FLOOR);
    }

    #[test]
    fn who_is_slow_or_pauses_is_waited_for_longer_up_to_the_ceiling() {
        let mut rhythm = Rhythm::default();
        rhythm.began(millis(80));
        assert_eq!(rhythm.quiet(), millis(240));
        // What has become steady is known better.
        (0..100).for_each(|_| rhythm.began(millis(80)));
        assert!((millis(79)..millis(90)).contains(&rhythm.quiet()), "{rhythm:?}");
        rhythm.paused(millis(100));
        assert_eq!(rhythm.quiet(), millis(300));
        rhythm.paused(Duration::from_secs(9));
        assert_eq!(rhythm.quiet(), CEILING);
        rhythm.began(Duration::MAX);
        rhythm.began(Duration::MAX);
        assert_eq!(rhythm.quiet(), CEILING);
    }

    #[test]
    fn who_has_spoken_is_quiet_from_then_on_and_may_pause_as_the_recorded_one() {
        let begin = Instant::now();
        let timeout = millis(2000);
        let mut peer = Listening::new(begin, Rhythm::default());
        assert_eq!(peer.quiet(None, timeout), begin + FLOOR);
        peer.ask(begin + millis(10));
        peer.hear(begin + millis(90));
        assert_eq!(peer.quiet(None, timeout), begin + millis(90 + 240));
        peer.pause = millis(500);
        assert_eq!(peer.quiet(None, timeout), begin + millis(90 + 740));
        // The recorded one would only begin then.
        assert_eq!(peer.quiet(Some(begin + millis(1000)), timeout), begin + millis(1240));
        assert_eq!(peer.quiet(None, millis(100)), begin + millis(190));
        // Spoken to again, it has its time from then on.
        peer.ask(begin + millis(3000));
        assert_eq!(peer.quiet(None, timeout), begin + millis(3740));
    }
}
