//! Answers against those of the capture, by message and field.
//!
//! A conversation is decoded twice, both sides each time: as the capture has it, and as it goes
//! through the live sockets. Messages of the side that is judged are paired in order. One waits
//! for its counterpart, with the fields that are compared; bodies pass through. A conversation
//! that nothing decodes is compared by bytes: what the side says between two steps of the other is
//! one answer then.
//!
//! Interim responses of HTTP (1xx) are waited for, but not compared. Behind the 101 of a WebSocket
//! its messages are compared, whatever frames they come in. Behind bytes that the capture
//! lacks between messages nothing more can be compared in a conversation.
//!
//! Bounds: [`MAX_WAITING`] answers with [`MAX_WAITING_LEN`] bytes, [`MAX_AHEAD`] bytes where
//! bytes are compared, [`MAX_OF_ANSWER`] differences of an answer, [`MAX_OF_CONVERSATION`] of a
//! conversation; what is beyond is counted.

mod answer;
mod body;
mod bytes;
mod common_runs;
mod comparator;
mod criteria;
mod difference;
mod error;
mod expectation;
mod fields;
mod half;
mod http;
mod json;
#[cfg(feature = "fixture")]
mod judge;
mod ledger;
mod line_turns;
mod multipart;
mod standing;
#[cfg(test)]
mod tests;
mod turns;
mod unequal;
mod websocket;

pub use answer::{MAX_WAITING, MAX_WAITING_LEN};
pub use body::{Body, MAX_ENCODED, MAX_IN_MEMORY, MAX_PLAIN, Passing};
pub use bytes::MAX_AHEAD;
pub use comparator::{Comparator, Comparison, Parties};
pub use difference::{Compared, Difference, MAX_OF_ANSWER, MAX_OF_CONVERSATION, Volume};
pub use error::ComparisonError;
pub use expectation::{Expect, Expectation};
pub use standing::Standing;

#[cfg(feature = "fixture")]
pub(crate) use common_runs::{alike, common_runs};
#[cfg(feature = "fixture")]
pub(crate) use judge::{Judge, Kept, Likeness, described};
#[cfg(feature = "fixture")]
pub(crate) use websocket::WebSocketSide;
