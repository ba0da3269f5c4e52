//! wirereel reads packet captures and the C headers of the programs that made the traffic, and
//! decodes every message by the layout that the compiler gave it.
//!
//! The rooms, in the order in which data passes through them:
//!
//! - [`capture`]: a file, or standard input, to [`capture::Frame`]s.
//! - [`schema`]: C header text to a [`schema::Schema`], and a [`schema::Layout`] for each ABI.
//! - [`profile`]: which traffic is which message, and what C cannot say.
//! - [`decode`]: frames to packets, payloads and [`decode::Message`]s.
//! - [`net`]: live sockets: batches of datagrams, deadlines, the clock.
//! - [`replay`]: the traffic of a capture, played again through live sockets.
//! - [`output`]: any of it as text, JSON or CSV on a writer.
//! - [`fixture`]: captures with what they must decode to.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod capture;
pub mod check;
pub mod decode;
pub mod fixture;
pub mod net;
pub mod output;
pub mod profile;
pub mod replay;
pub mod schema;
