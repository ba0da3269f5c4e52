//! The client's side of UDP: one socket for each captured client, in one thread.
//!
//! Where no answer is waited for, datagrams leave in batches of what is due (`one_way`). Where the
//! capture has answers, and they are expected, conversations wait for theirs without holding each
//! other up (`dialogue`).

mod answers;
mod dialogue;
mod one_way;
mod run;
mod sockets;
mod talk;
mod tally;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::run::Run;
use self::sockets::Sockets;
use self::tally::Tally;
use crate::net::{Clock, MonotonicClock, Pace};
use crate::profile::Protocols;
use crate::replay::{Options, Outcome, Plan, ReplayError, Stop, Timing};

/// Enough for the first pages and the first socket.
const LEAD: Duration = Duration::from_millis(2);

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
