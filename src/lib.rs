//! wirereel reads packet captures and the C headers of the programs that made the traffic, decodes
//! every message by the layout that the compiler gave it, says what is wrong with it, and plays the
//! traffic again through live sockets.
//!
//! The rooms, in the order in which data passes through them:
//!
//! - [`capture`]: a file, or standard input, to [`capture::Frame`]s.
//! - [`schema`]: C header text to a [`schema::Schema`], and a [`schema::Layout`] for each ABI.
//! - [`profile`]: which traffic is which message, and what C cannot say.
//! - [`decode`]: frames to packets, payloads and [`decode::Message`]s.
//! - [`check`]: packets and messages to [`check::Finding`]s on byte order, padding and the like.
//! - [`net`]: live sockets: batches of datagrams, deadlines, the clock.
//! - [`replay`]: a capture to a [`replay::Plan`], and either side of it played to a live peer, with
//!   a [`replay::Outcome`].
//! - [`output`]: any of it as text, JSON or CSV on a writer.
//! - [`fixture`]: captures with what they must decode to.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod capture;
pub mod check;
pub mod comparison;
pub mod decode;
pub mod fixture;
pub mod flow;
pub mod message;
#[cfg(feature = "net")]
pub mod net;
pub mod output;
pub mod packet;
pub mod profile;
#[cfg(feature = "replay")]
pub mod replay;
pub mod schema;
