//! Payloads to messages: the codec of structs, text records, HTTP; which of them reads what, and
//! all conversations of a capture.
//!
//! Nothing on the wire can panic here or exhaust memory: no indexing, no unchecked arithmetic,
//! every table has a stated bound, and what a bound drops is counted.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod block;
mod choice;
pub mod codec;
mod conversation;
mod conversations;
mod cut;
#[cfg(test)]
mod dialogue;
mod dissector;
mod duplex;
pub mod follow;
mod framing_fault;
pub mod http;
pub mod lines;
pub mod live;
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
pub mod websocket;

pub use choice::{Choice, Choosing};
pub use conversation::Conversation;
pub use conversations::Conversations;
pub use dissector::{Carriers, Dissector, Found};
pub use framing_fault::{FramingFault, FramingFaults};
pub use summary::{FlowSummary, Summary};
pub use unread::{NoMessage, Unread};
