//! Lines of text over one TCP conversation: commands and replies that CRLF or LF ends, as SMTP,
//! FTP, POP3, IMAP, NNTP, IRC, memcached and many others have them.
//!
//! [`Lines`] takes both sides' bytes as they arrive, cut anyhow. Each line of the client is a
//! command and each line of the server a reply, with its words; replies with a code that go on,
//! and the values and figures of memcached up to `END`, are one reply. What a line of memcached
//! announces is its block of data: just as many bytes as it says, with CRLF behind them; where
//! there is none, these bytes are lines again. Binary data behind lines is passed over.
//!
//! Bounds: a line of [`MAX_LINE`] bytes, [`MAX_WORDS`] of its words; [`MAX_DATA`] bytes of a block
//! in memory, the rest being counted and digested; [`MAX_LINES`] lines and [`MAX_REPLY`] bytes of
//! a reply, which then goes on as another.

mod dialect;
mod fields;
mod incoming;
mod pairing;
mod text;

pub use fields::{differ_in_words, is_lines, messages, offset_in_message, table};
pub(super) use text::is_text;

use super::stream::{Output, StreamEvent};
use crate::flow::Sides;
use crate::flow::{Input, Side};
use incoming::{Context, Incoming};
use pairing::Pairing;

/// Bytes of a line, its end included. The rest of a longer one is passed over.
pub const MAX_LINE: usize = 64 << 10;

/// Words of a line that are told apart; the rest is one.
pub const MAX_WORDS: usize = 256;

/// Bytes of a block of data that are kept.
pub const MAX_DATA: usize = 64 << 10;

/// Lines that are joined to one reply.
pub const MAX_LINES: usize = 1024;

/// Bytes of such a reply, before what its last line adds.
pub const MAX_REPLY: usize = 1 << 20;

/// The decoder of one conversation.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    sides: Sides<Incoming>,
    pairing: Pairing,
}

impl Lines {
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
            Input::Close { clean } => incoming.close(clean, &mut cx),
        }
    }
}

#[cfg(test)]
mod tests;
