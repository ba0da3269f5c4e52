//! The traffic of a capture, played again through live sockets: as the clients to a live server,
//! or as the server to live clients.
//!
//! The kernel owns sequence numbers: sockets are real, packets are never forged. Nothing is sent
//! to an address that the caller did not name. A [`Plan`] holds references into the capture, and
//! payload is read again when it is due.
//!
//! The only room that names `tokio`.

mod error;
mod outcome;
mod payload;
mod plan;

pub use error::ReplayError;
pub use outcome::{Difference, Lateness, Outcome, Skipped, Volume};
pub use payload::{Payloads, Span};
pub use plan::{Action, Conversation, Step};
