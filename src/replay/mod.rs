//! The traffic of a capture, played again through live sockets: as the clients to a live server,
//! or as the server to live clients.
//!
//! The kernel owns sequence numbers: sockets are real, packets are never forged. Nothing is sent
//! to an address that the caller did not name. A [`Plan`] holds references into the capture, and
//! payload is read again when it is due.
//!
//! The only room that names `tokio`.
//!
//! ```
//! use std::{fs::File, io::Write, net::TcpListener, thread, time::Duration};
//! use wirereel::capture::Reader;
//! use wirereel::profile::{self, Protocols};
//! use wirereel::replay::{Destinations, Options, Plan, Stop, play};
//!
//! let path = "captures/ok_webdl.pcap";
//! let plan = Plan::read(Reader::open(path.as_ref())?, Some(File::open(path)?), &mut |_| {})?;
//! assert_eq!(plan.conversations.len(), 1);
//!
//! // A server that has something else to say.
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let destinations = Destinations { to: Some(listener.local_addr()?), ..Destinations::default() };
//! thread::spawn(move || listener.accept()?.0.write_all(b"nothing"));
//!
//! let options = Options { destinations, timeout: Duration::from_secs(20), ..Options::default() };
//! let protocols = Protocols::load(&profile::Options::default())?;
//! let outcome = play(&plan, &protocols, &options, &Stop::default(), &|_| {})?;
//! assert_eq!((outcome.matched, outcome.sent.messages), (0, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod destinations;
mod error;
mod fault;
pub mod limits;
mod options;
mod outcome;
mod patience;
mod plan;
mod planner;
mod reason;
mod recording;
mod rhythm;
pub mod server;
mod stop;

pub use crate::comparison::{Difference, Volume};
pub use client::{Progress, play};
pub use destinations::{Destination, Destinations, Servers};
pub use error::ReplayError;
pub use options::{Expect, Expectation, GroupOptions, Options, Pace, Timing};
pub use outcome::{Lateness, MAX_DIFFERENCES, Outcome};
pub use plan::{
    Action, Clocked, Conversation, ConversationId, Datagram, Entries, Limit, Limits,
    MAX_CONVERSATIONS, MAX_CUTS, MAX_PARTS, Payloads, Plan, Preflight, READ_AHEAD, Schedule, Span,
    Step, Traffic, Window,
};
pub use reason::{Reason, Skipped};
pub use recording::{RecordedConnection, Recording};
pub use stop::{Signal, Stop};
