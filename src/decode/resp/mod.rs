//! RESP2 and RESP3, the protocol of Redis and of those that speak like it, over one TCP
//! conversation (redis.io/docs/latest/develop/reference/protocol-spec).
//!
//! A client sends commands: arrays of strings, or a line of words. A server sends replies, which
//! nest, and pushes. [`Resp`] takes both sides' bytes as they arrive, cut anyhow. Each reply has
//! the number of the command that it answers; what no command asked for has none.
//!
//! Bounds: a line of [`MAX_LINE`] bytes; [`MAX_STRING`] bytes of a string and [`MAX_KEPT`] of a
//! message in memory, [`MAX_ITEMS`] items and [`MAX_DEPTH`] aggregates within each other. What is
//! not kept is counted and digested. A gap within a string is known to lie there; elsewhere it
//! loses the framing of its side, which is found again at the next line that may begin a message,
//! and the pairing.

mod fields;
mod header;
mod incoming;
mod pairing;
mod reading;
mod recognition;

pub use fields::{is_resp, messages, table};
pub use header::{Kind, MAX_DECLARED, MAX_DECLARED_LEN};
pub use incoming::{MAX_KEPT, MAX_LINE, MAX_STRING};
pub(super) use reading::words;
pub use reading::{MAX_DEPTH, MAX_ITEMS};
pub(super) use recognition::{Resemblance, is_reply, resembles};

use super::duplex::Duplex;
use incoming::Incoming;

/// The decoder of one conversation.
pub type Resp = Duplex<Incoming>;

#[cfg(test)]
mod tests;
