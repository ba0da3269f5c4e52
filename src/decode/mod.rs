//! Payloads to messages: the codec of structs, text records, HTTP; which of them reads what, and
//! all conversations of a capture.
//!
//! Nothing on the wire can panic here or exhaust memory: no indexing, no unchecked arithmetic,
//! every table has a stated bound, and what a bound drops is counted.
//!
//! ```
//! use wirereel::capture::Reader;
//! use wirereel::decode::{Dissector, Found};
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options::default())?;
//! let mut dissector = Dissector::new(&protocols, false)?;
//! let mut said = Vec::new();
//! let mut note = |found: Found<'_>| {
//!     if let Found::Message { captured, .. } = found {
//!         said.push(format!("{} {}", captured.stream, captured.message.name));
//!     }
//! };
//! let mut reader = Reader::open("captures/ok_http_keepalive.pcap".as_ref())?;
//! while let Some(frame) = reader.next_frame()? {
//!     dissector.push(&frame, None, &mut note);
//! }
//! let summary = dissector.finish(&mut note);
//! assert_eq!(said, ["0 request", "0 response", "0 request", "0 response"]);
//! assert_eq!(summary.streams.of(wirereel::packet::Transport::Tcp), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod block;
mod choice;
pub mod codec;
mod codecs;
mod conversation;
mod conversations;
mod cut;
mod decoders;
#[cfg(test)]
mod dialogue;
mod dissector;
mod duplex;
mod exchange;
mod fitting;
pub mod follow;
mod found;
mod framing_fault;
pub mod http;
pub mod lines;
pub mod live;
mod numbers;
mod pairs;
mod recognition;
pub mod record_stream;
pub mod resp;
mod selection;
mod standard;
pub mod stream;
mod summary;
mod talk;
mod tally;
pub mod text;
mod unread;
#[cfg(feature = "comparison")]
pub mod websocket;

pub use choice::{Choice, Choosing};
pub use conversation::Conversation;
pub use conversations::Conversations;
pub use dissector::Dissector;
pub use exchange::{MAX_EXCHANGES, MAX_REMEMBERED, PairCounts, PairFigures};
pub use found::{Carriers, Found};
pub use framing_fault::{FramingFault, FramingFaults};
pub use numbers::{MAX_NUMBERED, NumberFigures};
pub use summary::{FlowSummary, Summary};
pub use unread::{NoMessage, Unread};
