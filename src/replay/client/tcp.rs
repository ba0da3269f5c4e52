//! The client's side of TCP: conversations spread over threads, and what they came to added up.

use super::part::Part;
use std::num::NonZero;
use std::{io, thread};

use tokio::runtime::{self, Runtime};
use tokio::sync::Barrier;

use super::lanes::Room;
use super::starts::{Agenda, Starts};
use super::tally::Tally;
use super::worker::Worker;
use crate::replay::ReplayError;
use crate::replay::options::Options;
use crate::replay::outcome::Outcome;

/// Threads at most: the server wants some of the machine too, where it runs beside.
const MAX_THREADS: usize = 4;

/// Fewer conversations are not worth another thread. At 32 of them a second thread gained half as
/// much again, on two cores that a server shared.
const CONVERSATIONS_A_THREAD: usize = 16;

/// Plays the TCP conversations.
///
/// # Errors
///
/// Payload that cannot be read again, no runtime, protocols that no decoder can be made for. What
/// one conversation runs into is counted instead.
pub(super) fn play(part: Part<'_>) -> Result<Outcome, ReplayError> {
    let Options { loops, limit, concurrency, .. } = *part.options;
    let agenda = Agenda::new(part.conversations, loops, limit);
    let concurrency = concurrency.map(|it| it.max(1));
    let threads = threads(&agenda, concurrency);
    let barrier = Barrier::new(threads);
    // All of them before the first connection, which may get the last descriptor.
    let runtimes: Result<Vec<_>, _> = (0..threads).map(|_| runtime()).collect();
    let mut runtimes = runtimes.map_err(ReplayError::Runtime)?.into_iter().enumerate();
    let share = |(thread, runtime): (usize, Runtime)| {
        let concurrency = concurrency.map(|all| share(all, thread, threads));
        let room = Room { concurrency, barrier: &barrier };
        let played = play_share(part, &runtime, agenda.share(thread, threads), room);
        // The others end too: what cannot be read by one is not there for them.
        played.inspect_err(|_| part.stop.request())
    };
    let tallies = thread::scope(|scope| {
        let share = &share;
        let first = runtimes.next();
        let others: Vec<_> = runtimes.map(|it| scope.spawn(move || share(it))).collect();
        let mut tallies: Vec<_> = first.map(share).into_iter().collect();
        tallies.extend(
            others
                .into_iter()
                .map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
        );
        tallies
    });
    let mut sum = Tally::new()?;
    for tally in tallies {
        sum.add(tally?);
    }
    let mut outcome = sum.into_outcome();
    outcome.duration = part.begin.elapsed();
    outcome.interrupted |= agenda.is_limited();
    Ok(outcome)
}

fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_current_thread().enable_io().enable_time().build()
}

/// What one of several threads plays.
fn play_share(
    part: Part<'_>,
    runtime: &Runtime,
    starts: Starts<'_>,
    room: Room<'_>,
) -> Result<Tally, ReplayError> {
    let worker = Worker::new(part)?;
    // Conversations take turns of their own, so that the runtime's budget for one task, which they
    // all are, would only make them spin.
    runtime.block_on(tokio::task::coop::unconstrained(worker.run(starts, room)))?;
    Ok(worker.into_tally())
}

/// How many threads share the conversations.
fn threads(agenda: &Agenda, concurrency: Option<usize>) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let total = usize::try_from(agenda.total()).unwrap_or(usize::MAX);
    let at_once = concurrency.map_or(agenda.len(), |it| it.min(total));
    cores.min(MAX_THREADS).min(at_once.div_ceil(CONVERSATIONS_A_THREAD)).max(1)
}

/// A thread's part of a number.
fn share(all: usize, thread: usize, threads: usize) -> usize {
    let rest = all.checked_rem(threads).unwrap_or(0);
    all.checked_div(threads).unwrap_or(all).saturating_add(usize::from(thread < rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nobody_is_left_without() {
        for (all, threads) in [(1, 1), (2, 2), (7, 2), (1000, 3)] {
            let shares: Vec<usize> = (0..threads).map(|it| share(all, it, threads)).collect();
            assert_eq!(shares.iter().sum::<usize>(), all);
            assert!(shares.iter().all(|it| *it > 0), "{shares:?}");
        }
    }
}
