//! Text records: messages described by a format such as `"Stamp:%lld\n"`.
//!
//! A format is compiled once ([`TextFormat::new`]) and read as `scanf` reads it (C17 section
//! 7.21.6.2), with two differences that a stream of records needs:
//!
//! - The literal behind the last conversion, white space included, ends the record and stands
//!   there byte for byte. White space within the format does not reach beyond that end, unless it
//!   is written with it. A format without such a literal describes one record, up to the close.
//! - What only `printf` knows is understood as what it writes: a width with the flags `-`, `+`,
//!   `#`, space or `0`, or with a precision, is a least width, and `-` leaves blanks behind.
//!
//! A record is at most [`MAX_RECORD_LEN`] bytes.

mod conversion;
mod encode;
mod format;
mod scan;
mod stream;
mod token;

#[cfg(test)]
mod tests;

pub use encode::TextEncodeError;
pub use format::{TextFormat, TextFormatError};
pub use stream::TextStream;

/// The longest record, its end included, bytes. What comes behind it is passed over, up to the
/// next end.
pub const MAX_RECORD_LEN: usize = 64 * 1024;
