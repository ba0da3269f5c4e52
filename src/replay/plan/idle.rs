//! Times of a plan in which nothing happens, cut to a limit.
//!
//! All that happens later happens so much sooner: the order stays, and what lies nearer together
//! than the limit keeps its distance. No more than [`MAX_CUTS`](super::cuts::MAX_CUTS) times are cut.

use super::cuts::Cuts;
use std::time::Duration;

use super::plan::Plan;
use super::schedule::Datagram;
use crate::flow::Side;
use crate::replay::ReplayError;

/// What waits for its recorded time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocked {
    /// All that the capture has.
    All,
    /// Conversations that begin, and datagrams: steps of TCP go by the answers before them.
    Datagrams,
    /// Conversations that begin, and datagrams of a client that follow no answer.
    Starts,
}

impl Plan {
    /// Cuts idle times to `limit`, between things that wait for their time. Returns how much that
    /// is in all.
    ///
    /// # Errors
    ///
    /// The datagrams' schedule cannot be read.
    pub fn cut_idle(&mut self, limit: Duration, clocked: Clocked) -> Result<Duration, ReplayError> {
        let mut streams = self.times_of_streams(clocked);
        streams.sort_unstable();
        let mut streams = streams.into_iter().peekable();
        let mut datagrams = self.schedule.entries();
        let mut answered = vec![false; self.conversations.len()];
        let mut next = || {
            while let Some(datagram) = datagrams.next_entry()? {
                if is_clocked(datagram, clocked, &mut answered) {
                    return Ok::<_, ReplayError>(Some(datagram.at));
                }
            }
            Ok(None)
        };
        let (mut cuts, mut now, mut datagram) = (Cuts::default(), Duration::ZERO, next()?);
        loop {
            let at = match (streams.peek().copied(), datagram) {
                (None, None) => break,
                (Some(stream), Some(at)) if at < stream => at,
                (Some(stream), _) => stream,
                (None, Some(at)) => at,
            };
            match streams.next_if_eq(&at) {
                Some(_) => {}
                None => datagram = next()?,
            }
            cuts.step(now, at, limit);
            now = now.max(at);
        }
        drop(datagrams);
        Ok(self.cut(cuts))
    }

    /// When what the conversations of TCP have waits for its time.
    fn times_of_streams(&self, clocked: Clocked) -> Vec<Duration> {
        let streams = self.conversations.iter().filter(|it| it.transport.is_stream());
        let times = streams.flat_map(|it| {
            let steps = if clocked == Clocked::All { it.steps.as_slice() } else { &[] };
            std::iter::once(it.start).chain(steps.iter().map(|step| step.at))
        });
        times.collect()
    }

    fn cut(&mut self, cuts: Cuts) -> Duration {
        for conversation in &mut self.conversations {
            conversation.start = cuts.at(conversation.start);
            conversation.steps.iter_mut().for_each(|it| it.at = cuts.at(it.at));
        }
        let preflight = &mut self.preflight;
        preflight.traffic.iter_mut().for_each(|it| it.end = cuts.at(it.end));
        preflight.duration = cuts.at(preflight.duration);
        let all = cuts.all();
        self.schedule.cut(cuts);
        all
    }
}

/// Whether a datagram waits for its time. `answered` are the conversations whose last one was the
/// server's.
fn is_clocked(datagram: Datagram, clocked: Clocked, answered: &mut [bool]) -> bool {
    let Datagram { conversation, side, .. } = datagram;
    let is_answer = side == Side::Server;
    let before = answered.get_mut(conversation.index());
    let follows_answer = before.is_some_and(|it| std::mem::replace(it, is_answer));
    clocked != Clocked::Starts || !(is_answer || follows_answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_order_and_their_distance_within_the_limit() {
        let millis = Duration::from_millis;
        let mut cuts = Cuts::default();
        for [before, at] in [[0, 0], [0, 100], [100, 1000], [1000, 1100], [1100, 5000]] {
            cuts.step(millis(before), millis(at), millis(200));
        }
        for (time, expected) in [
            (0, 0),
            (100, 100),
            (250, 250),
            // From here to the next thing that happens nothing does.
            (300, 300),
            (700, 300),
            (1000, 300),
            (1100, 400),
            (1299, 599),
            (4999, 600),
            (5000, 600),
            (6000, 1600),
        ] {
            assert_eq!(cuts.at(millis(time)), millis(expected), "{time}");
        }
        assert_eq!(cuts.all(), millis(4400));
    }

    #[test]
    fn without_idle_times_nothing_is_cut() {
        let mut cuts = Cuts::default();
        cuts.step(Duration::ZERO, Duration::from_secs(5), Duration::from_secs(5));
        assert_eq!((cuts.at(Duration::MAX), cuts.all()), (Duration::MAX, Duration::ZERO));
    }

    #[test]
    fn datagrams_that_follow_an_answer_wait_for_it_alone() {
        let span = crate::replay::Span { offset: 0, len: 1, is_spooled: false };
        let mut answered = [false; 2];
        for (conversation, side, expected) in [
            (0, Side::Client, true),
            (0, Side::Client, true),
            (0, Side::Server, false),
            (1, Side::Client, true),
            (0, Side::Client, false),
            (0, Side::Client, true),
        ] {
            let conversation = crate::replay::ConversationId(conversation);
            let datagram = Datagram { at: Duration::ZERO, conversation, side, port: None, span };
            assert_eq!(is_clocked(datagram, Clocked::Starts, &mut answered), expected);
            for clocked in [Clocked::All, Clocked::Datagrams] {
                assert!(is_clocked(datagram, clocked, &mut [false; 2]));
            }
        }
    }
}
