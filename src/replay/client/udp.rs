//! The client's side of UDP: one socket for each captured client, in one thread.
//!
//! Where no answer is waited for, datagrams leave in batches of what is due (`one_way`). Where the
//! capture has answers, and they are expected, conversations wait for theirs without holding each
//! other up (`dialogue`).

mod dialogue;
mod one_way;
mod sockets;
mod talk;
mod tally;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::sockets::Sockets;
use self::tally::Tally;
use crate::net::{Clock, MonotonicClock, Pace};
use crate::profile::Protocols;
use crate::replay::{ConversationId, Expect, Options, Outcome, Plan, ReplayError, Stop, Timing};

/// What is played, and how.
#[derive(Clone, Copy)]
struct Run<'r> {
    plan: &'r Plan,
    protocols: &'r Protocols,
    options: &'r Options,
    clock: &'r dyn Clock,
    /// When the first step is due.
    begin: Duration,
    /// Stopped by the user, or out of time.
    is_over: &'r dyn Fn() -> bool,
    /// Is told how many datagrams have left since it was told last.
    progress: &'r dyn Fn(u64),
}

/// Plays the datagrams of the clients. `progress` is told how many have left since it was told
/// last.
///
/// # Errors
///
/// Payload that cannot be read again, an interface that is not there, a protocol that no codec can
/// read. What one datagram or one client runs into is counted instead.
pub(super) fn play(
    plan: &Plan,
    protocols: &Protocols,
    options: &Options,
    stop: &Stop,
    progress: &dyn Fn(u64),
) -> Result<Outcome, ReplayError> {
    let clock = MonotonicClock::new();
    let begin = clock.now().saturating_add(lead(options));
    let end = options.duration.map(|it| begin.saturating_add(it));
    let is_over = || stop.is_requested() || end.is_some_and(|end| clock.now() >= end);
    play_by(Run { plan, protocols, options, clock: &clock, begin, is_over: &is_over, progress })
}

/// How long before its first step a run begins to read, and to open sockets.
fn lead(options: &Options) -> Duration {
    match (options.pace, options.timing) {
        (Pace::Top, _) | (_, Timing::Reply) => Duration::ZERO,
        _ => LEAD,
    }
}

fn play_by(run: Run<'_>) -> Result<Outcome, ReplayError> {
    let mut tally = Tally::new(run.progress, run.options.recording.as_ref())?;
    let mut sockets = Sockets::new(run.plan, run.options, &mut tally)?;
    match run.has_answers(&sockets) {
        true => dialogue::play(run, &mut sockets, &mut tally)?,
        false => one_way::play(run, &mut sockets, &mut tally)?,
    }
    let duration = run.clock.now().saturating_sub(run.begin);
    tally.outcome.interrupted |= (run.is_over)();
    sockets.drain(&mut tally)?;
    Ok(tally.into_outcome(duration))
}

impl Run<'_> {
    /// Whether anything is to be waited for.
    fn has_answers(&self, sockets: &Sockets) -> bool {
        let is_answered = |index| sockets.destination(index).is_some() && self.answers(index) > 0;
        let mut all = (0..).zip(&self.plan.conversations).map(|(index, _)| ConversationId(index));
        self.options.expectation.expect != Expect::None && all.any(is_answered)
    }

    /// How many answers the capture has in a conversation.
    fn answers(&self, conversation: ConversationId) -> u64 {
        let known = self.plan.conversation(conversation).filter(|it| !it.transport.is_stream());
        let traffic = self.plan.preflight.traffic.get(conversation.index());
        let traffic = traffic.filter(|_| known.is_some());
        traffic.map_or(0, |it| it.server.messages)
    }

    /// How many datagrams both sides have in a conversation.
    fn datagrams(&self, conversation: ConversationId) -> u64 {
        let traffic = self.plan.preflight.traffic.get(conversation.index());
        traffic.map_or(0, |it| it.client.messages.saturating_add(it.server.messages))
    }

    /// Whether the plan is played once more after so many times, if anything was sent.
    fn goes_on(&self, passes: u64, sent: bool) -> bool {
        sent && !(self.is_over)() && (self.options.loops == 0 || passes < self.options.loops)
    }

    /// Whether so many datagrams are all that the user wants.
    fn is_enough(&self, datagrams: u64) -> bool {
        self.options.limit.is_some_and(|limit| datagrams >= limit)
    }
}

/// Why a datagram is not sent that went to a port which the server had opened for its client.
/// Enough for the first pages and the first socket.
const LEAD: Duration = Duration::from_millis(2);
