//! The traffic of a capture, played again through live sockets: as the clients to a live server,
//! or as the server to live clients.
//!
//! The kernel owns sequence numbers: sockets are real, packets are never forged. Nothing is sent
//! to an address that the caller did not name. A [`Plan`] holds references into the capture, and
//! payload is read again when it is due.
//!
//! The only room that names `tokio`.

mod client;
mod cuts;
mod datagrams;
mod destinations;
mod error;
mod idle;
mod leaving_out;
pub mod limits;
mod options;
mod outcome;
mod patience;
mod payload;
mod plan;
mod planner;
mod preflight;
mod recording;
mod rhythm;
mod schedule;
mod script;
pub mod server;
mod stop;

pub use crate::comparison::{Difference, Volume};
pub use client::{Progress, play};
pub use cuts::MAX_CUTS;
pub use datagrams::MAX_CONVERSATIONS;
pub use destinations::{Destination, Destinations, Servers};
pub use error::ReplayError;
pub use idle::Clocked;
pub use limits::{Limit, Limits};
pub use options::{Expect, Expectation, GroupOptions, Options, Pace, Timing};
pub use outcome::{Lateness, MAX_DIFFERENCES, Outcome, Skipped};
pub use payload::{Payloads, READ_AHEAD, Span, Window};
pub use plan::{Action, Conversation, Plan, Step};
pub use preflight::{Preflight, Traffic};
pub use recording::{RecordedConnection, Recording};
pub use schedule::{Datagram, Entries, Schedule};
pub use script::MAX_PARTS;
pub use stop::{Signal, Stop};
