//! The server's side of a capture, played to live clients.
//!
//! Datagrams and bytes of TCP are answered in the order of the capture; HTTP by what is asked for.
//! A client that differs from the recording is answered as far as the recording allows, and
//! reported.

mod echo;
mod listener;
mod options;
mod piece;
mod raw;
mod sent;
mod service;
mod udp;
mod web;

use std::future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::time;

pub use options::{Listen, ServeOptions, Workers};
pub use web::MAX_UNDONE;

use super::{Outcome, Plan, ReplayError, Stop};
use crate::net::raise_descriptor_limit;
use crate::profile::Protocols;

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
