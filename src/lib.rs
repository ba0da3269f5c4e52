//! wirereel reads packet captures and the C headers of the programs that made the traffic, decodes
//! every message by the layout that the compiler gave it, says what is wrong with it, and plays the
//! traffic again through live sockets.
//!
//! ```
//! use wirereel::capture::Reader;
//! use wirereel::decode::{Dissector, Found};
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options {
//!     headers: vec!["tests/peers/dgram-basic/proto.h".into()],
//!     rules: vec!["udp.port==1989,msg_st".parse()?],
//!     ..Options::default()
//! })?;
//! let mut dissector = Dissector::new(&protocols, false)?;
//! let mut names = Vec::new();
//! let mut keep = |found: Found<'_>| {
//!     if let Found::Message { captured, .. } = found
//!         && let Some(name) = captured.message.get("name").and_then(|it| it.as_str())
//!     {
//!         names.push(name.to_owned());
//!     }
//! };
//! let mut reader = Reader::open("captures/ok_dgram_basic.pcap".as_ref())?;
//! while let Some(frame) = reader.next_frame()? {
//!     dissector.push(&frame, None, &mut keep);
//! }
//! dissector.finish(&mut keep);
//! assert_eq!(names, ["Alan", "Grace", ""]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms, in the order in which data passes through them:
//!
//! - [`capture`]: a file, or standard input, to [`capture::Frame`]s.
//! - [`schema`]: C header text to a [`schema::Schema`], and a [`schema::Layout`] for each ABI.
//! - [`profile`]: which traffic is which message, and what C cannot say.
//! - [`packet`]: a frame to a [`packet::Packet`]: addresses, ports, payload; and back to a frame.
//! - [`flow`]: packets to numbered conversations, fragments joined, the bytes of TCP in order.
//! - [`message`]: what a decoder gives, a [`message::Message`] of named fields; the filter over it.
//! - [`decode`]: payloads to messages, by layout or as HTTP, RESP and lines; a whole capture in one
//!   [`decode::Dissector`].
//! - [`check`]: packets and messages to [`check::Finding`]s on byte order, padding and the like.
//! - `comparison` (feature `comparison`): conversations as recorded and as they came, by field.
//! - `net` (feature `net`): live sockets: batches of datagrams, deadlines, the clock.
//! - `replay` (feature `replay`): a capture to a plan, and either side of it played to a live peer.
//! - `generate` (feature `generate`): traffic by recipe, what of it arrives, and why nothing does.
//! - [`output`]: any of it as text, JSON or CSV on a writer.
//! - `fixture` (feature `fixture`): captures as tests, each with what must come of it; captures redacted,
//!   and reduced.
//!
//! # Features
//!
//! The default, `cli`, is the program, and includes the others. To decode, check and print what a
//! capture holds needs none of them:
//!
//! ```toml
//! wirereel = { version = "0.1", default-features = false }
//! ```
//!
//! - `regex`: `matches` in filters, which are refused without it.
//! - `brotli`: bodies of HTTP that are compressed as `br`, undone; they stay as they are without it.
//! - `net`: the room `net`.
//! - `comparison`: the room `comparison`; includes `regex` and `brotli`.
//! - `fixture`: the room `fixture`; includes `replay`. `libtest`: its cases as tests of `cargo test`.
//! - `replay`: the room `replay`; includes `net` and `comparison`.
//! - `generate`: the room `generate`; includes `net`.
//! - `redact`: captures made fit to be shared, in `fixture::redact`.
//! - `reduce`: the smallest capture that still shows it, in `fixture::reduce`; includes `redact`.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod capture;
pub mod check;
#[cfg(feature = "comparison")]
pub mod comparison;
pub mod decode;
#[cfg(feature = "fixture")]
pub mod fixture;
pub mod flow;
#[cfg(feature = "generate")]
pub mod generate;
pub mod message;
#[cfg(feature = "net")]
pub mod net;
pub mod output;
pub mod packet;
pub mod profile;
#[cfg(feature = "replay")]
pub mod replay;
pub mod schema;
