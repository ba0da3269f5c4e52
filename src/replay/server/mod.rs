//! The server's side of a capture, played to live clients.
//!
//! Datagrams and bytes of TCP are answered in the order of the capture; HTTP by what is asked for.
//! A client that differs from the recording is answered as far as the recording allows, and
//! reported.

mod echo;
mod listener;
mod raw;
mod sent;
mod service;
mod udp;
mod web;

use std::future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::time;

pub use web::MAX_UNDONE;

use super::{Outcome, Plan, ReplayError, Stop, Timing};
use crate::net::raise_descriptor_limit;
use crate::profile::Protocols;
use crate::replay::Expectation;

/// Bytes that are read at once, from a client and from the capture.
const PIECE: u32 = 16 << 10;

/// What a user may ask of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServeOptions {
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// How many clients are served at once.
    pub workers: Workers,
    /// End when each recorded conversation has been played.
    pub once: bool,
    /// Whether answers come as late as they did, or at once.
    pub timing: Timing,
    /// What clients must send.
    pub expectation: Expectation,
    /// Parameters of the query that do not count when HTTP requests are told apart; `*` is all.
    pub ignore_query: Vec<String>,
    /// How long a client may be silent where the recorded one was not.
    pub timeout: Duration,
    /// How long to serve.
    pub duration: Option<Duration>,
}

/// An address to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Port 0 lets the kernel choose.
    pub at: SocketAddr,
    /// The captured servers that are played there; none stands for all that no other address is
    /// for.
    pub servers: Vec<SocketAddr>,
}

/// How many clients of TCP are served at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workers {
    /// One; the next waits.
    Sequential,
    /// All of them.
    #[default]
    PerConnection,
    /// So many; the next waits.
    Pool(NonZeroUsize),
}

/// Serves until each conversation has been played (`once`), the duration is over or `stop` is
/// requested. `ready` is told the addresses, once all are bound. The process may then have as many
/// open files as the system allows it.
///
/// # Errors
///
/// An address cannot be bound, no server of the capture is played anywhere, what is to be ignored
/// names nothing, or the capture cannot be read again.
pub fn serve(
    plan: &Plan,
    protocols: &Protocols,
    options: &ServeOptions,
    stop: &Stop,
    ready: &mut dyn FnMut(&[SocketAddr]),
) -> Result<Outcome, ReplayError> {
    options.expectation.check(protocols)?;
    // Every client has a socket of its own.
    raise_descriptor_limit();
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ReplayError::Runtime)?;
    raise_descriptor_limit();
    let begun = Instant::now();
    let listeners = listener::Listeners::new(plan, protocols, options, stop)?;
    let mut outcome = runtime.block_on(async {
        tokio::pin! {
            let run = listeners.run(ready);
        }
        tokio::select! {
            outcome = &mut run => outcome,
            () = over(options.duration) => {
                stop.request();
                run.await
            }
        }
    })?;
    outcome.duration = begun.elapsed();
    // Who serves until he is told was not cut short.
    outcome.interrupted = options.once && stop.is_requested();
    Ok(outcome)
}

/// Waits until the time is over; for ever, if there is none.
async fn over(duration: Option<Duration>) {
    match duration {
        Some(duration) => time::sleep(duration).await,
        None => future::pending().await,
    }
}
