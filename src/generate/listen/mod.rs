//! What arrives, and what it comes to, by sender.
//!
//! A [`Listener`] receives on a thread of its own, decodes as a capture is decoded, and lends what
//! comes. Messages are measured by their own fields: [`Measured`] says which, [`Sequence`] what is
//! lost, twice or out of order, [`SenderFigures`] what a sender's messages come to.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod destinations;
mod distribution;
mod jitter;
mod listen_to;
mod listener;
mod measured;
mod outcome;
mod reception;
mod recording;
mod respond;
mod sender_figures;
mod senders;
mod sent_at;

pub use crate::flow::numbering::{Counts, Place, Sequence};
pub use destinations::Destinations;
pub use distribution::{Distribution, Step};
pub use jitter::Jitter;
pub use listen_to::{ListenTo, ListenToError};
pub use listener::{Event, ListenOptions, Listener};
pub use measured::{Measured, Number};
pub use outcome::{Heard, Rates};
pub use recording::Recording;
pub use respond::Respond;
pub use sender_figures::SenderFigures;
pub use senders::MAX_SENDERS;
pub use sent_at::{SentAt, TimeField};
