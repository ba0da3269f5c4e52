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

pub use fields::{is_resp, messages, offset_in_message, table};
pub use header::{Kind, MAX_DECLARED, MAX_DECLARED_LEN};
pub use incoming::{MAX_KEPT, MAX_LINE, MAX_STRING};
pub(super) use reading::words;
pub use reading::{MAX_DEPTH, MAX_ITEMS};
pub(super) use recognition::{Resemblance, is_reply, resembles};

use super::stream::{Output, StreamEvent};
use crate::flow::Sides;
use crate::flow::{Input, Side};
use incoming::{Context, Incoming};
use pairing::Pairing;

/// The decoder of one conversation.
#[derive(Clone, Debug, Default)]
pub struct Resp {
    sides: Sides<Incoming>,
    pairing: Pairing,
}

impl Resp {
    /// At the start of a conversation.
    pub fn new() -> Self {
        Self::default()
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        self.sides.of(side).is_between_messages()
    }

    /// Takes what arrives on one side, in the order of the conversation; lends what it completes.
    pub fn push(&mut self, side: Side, input: Input<'_>, sink: &mut dyn FnMut(StreamEvent<'_>)) {
        let Self { sides, pairing } = self;
        let mut cx = Context { pairing, output: Output { side, sink } };
        let incoming = sides.of_mut(side);
        match input {
            Input::Bytes(bytes) => incoming.bytes(bytes, &mut cx),
            Input::Gap(0) => {}
            Input::Gap(len) => incoming.gap(len, &mut cx),
            Input::Close { .. } => incoming.close(&mut cx),
        }
    }
}

#[cfg(test)]
mod tests;
