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

pub use fields::{MAX_WORDS, differ_in_words, is_lines, messages, table};
pub use incoming::{MAX_DATA, MAX_LINE, MAX_LINES, MAX_REPLY};
pub(super) use text::is_text;

use super::duplex::Duplex;
use incoming::Incoming;

/// The decoder of one conversation.
pub type Lines = Duplex<Incoming>;

#[cfg(test)]
mod tests;
