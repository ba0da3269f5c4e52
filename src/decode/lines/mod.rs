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

pub use fields::{differ_in_words, is_lines, messages, table};
pub(super) use text::is_text;

use super::duplex::Duplex;
use incoming::Incoming;

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

/// The reasons of [`StreamEvent::Skipped`](super::stream::StreamEvent::Skipped).
pub mod reason {
    /// A line that lacks bytes in the capture.
    pub const GAP: &str = "line of text around a gap";
    /// Behind the longest line.
    pub const TOO_LONG: &str = "rest of a line of text that is too long";
    /// A side that turned binary.
    pub const BINARY: &str = "binary data behind lines of text";
    /// A side that turned to TLS.
    pub const TLS: &str = "TLS behind lines of text";
}

/// The decoder of one conversation.
pub type Lines = Duplex<Incoming>;

#[cfg(test)]
mod tests;
