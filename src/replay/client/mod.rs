//! The client's side of a capture, played to live servers.
//!
//! Each transport has its own threads, because its clock differs: datagrams leave at absolute
//! deadlines ([`udp`]), conversations of TCP wait for their answers ([`tcp`]).

mod connection;
mod conversation;
mod cursor;
mod host;
mod lanes;
mod part;
mod progress;
mod starts;
mod tally;
mod tcp;
#[cfg(test)]
mod tests;
mod transfer;
mod udp;
mod worker;

use std::{panic, thread};

use tokio::time::Instant;

pub use progress::Progress;

use super::{Options, Outcome, Plan, ReplayError, Stop};
use crate::net::raise_descriptor_limit;
use crate::profile::Protocols;

/// Plays the client's side of a plan to the servers that `options` name, compares what they
/// answer with the recording, and returns when all has been played or `stop` is asked for. The
/// process may then have as many open files as the system allows it.
///
/// # Errors
///
/// Payload that cannot be read again, protocols that no decoder can be made for, what is to be
/// ignored and names nothing, and what the kernel refuses to the whole run. What a single conversation runs into is counted in the
/// outcome.
pub fn play(
    plan: &Plan,
    protocols: &Protocols,
    options: &Options,
    stop: &Stop,
    progress: &Progress<'_>,
) -> Result<Outcome, ReplayError> {
    options.expectation.check(protocols)?;
    // Every captured client has a socket of its own.
    raise_descriptor_limit();
    let streams = || {
        tcp::play(part::Part {
            conversations: &plan.conversations,
            payloads: &plan.payloads,
            protocols,
            options,
            stop,
            progress,
            begin: Instant::now(),
        })
    };
    let has = |is_stream| plan.conversations.iter().any(|it| it.transport.is_stream() == is_stream);
    let datagrams = || udp::play(plan, protocols, options, stop, &|count| progress(count));
    match (has(false), has(true)) {
        (true, true) => play_both(datagrams, streams, stop),
        (true, false) => datagrams(),
        (false, _) => streams(),
    }
}

type Played = Result<Outcome, ReplayError>;

/// Plays both at once; where one cannot go on, the other ends too.
fn play_both(
    datagrams: impl FnOnce() -> Played + Send,
    streams: impl FnOnce() -> Played,
    stop: &Stop,
) -> Played {
    let or_stop = |played: Played| played.inspect_err(|_| stop.request());
    let (datagrams, streams) = thread::scope(|scope| {
        let datagrams = scope.spawn(|| or_stop(datagrams()));
        let streams = or_stop(streams());
        (datagrams.join().unwrap_or_else(|panic| panic::resume_unwind(panic)), streams)
    });
    let mut outcome = datagrams?;
    outcome.add(streams?);
    Ok(outcome)
}
