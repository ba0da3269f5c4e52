//! The traffic of a capture, played again through live sockets: as the clients to a live server,
//! or as the server to live clients.
//!
//! The kernel owns sequence numbers: sockets are real, packets are never forged. Nothing is sent
//! to an address that the caller did not name. A [`Plan`] holds references into the capture, and
//! payload is read again when it is due.
//!
//! The only room that names `tokio`.

mod client;
pub mod comparison;
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
mod reason;
mod recording;
mod rhythm;
mod schedule;
mod script;
pub mod server;
mod stop;
mod websocket;

pub use client::{Progress, play};
pub use comparison::{Comparator, Compared, Comparison};
pub use datagrams::MAX_CONVERSATIONS;
pub use destinations::{Destination, Destinations, Servers};
pub use error::ReplayError;
pub use idle::{Clocked, MAX_CUTS};
pub use limits::{Limit, Limits};
pub use options::{Expect, Expectation, GroupOptions, Options, Pace, Timing};
pub use outcome::{Difference, Lateness, MAX_DIFFERENCES, Outcome, Volume};
pub use payload::{Payloads, READ_AHEAD, Span, Window};
pub use plan::{Action, Conversation, ConversationId, Plan, Step};
pub use preflight::{Preflight, Traffic};
pub use reason::{Reason, Skipped};
pub use recording::{RecordedConnection, Recording};
pub use schedule::{Datagram, Entries, Schedule};
pub use script::MAX_PARTS;
pub use stop::{Signal, Stop};
