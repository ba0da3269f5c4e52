//! Frames to messages: packet headers, flows, and the decoders of what they carry.
//!
//! Nothing on the wire can panic here or exhaust memory: no indexing, no unchecked arithmetic,
//! every table has a stated bound, and what a bound drops is counted.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod anomalies;
mod beginning;
mod block;
pub mod build;
mod captured;
mod checksum;
pub mod codec;
mod conversation;
mod conversations;
mod cut;
#[cfg(test)]
mod dialogue;
mod dissector;
mod error;
mod field;
pub mod filter;
mod first_bytes;
pub mod flow;
pub mod follow;
pub mod fragments;
mod framing_fault;
mod half;
mod header_field;
mod headers;
mod history;
pub mod http;
mod items;
pub mod lines;
pub mod live;
mod marks;
mod membership;
mod message;
mod name;
pub mod packet;
mod pairs;
mod plain;
pub mod reassembly;
pub mod record_stream;
pub mod resp;
mod selection;
mod sides;
pub mod stream;
mod stream_decoder;
pub mod streams;
mod summary;
mod talk;
mod tally;
pub mod text;
mod untold;
mod waiting;
mod walk;
mod withheld;

pub use captured::{Captured, Transport};
pub use conversation::Conversation;
pub use conversations::Conversations;
pub use dissector::{Carriers, Dissector, Found};
pub use error::{DecodeError, ErrorKind};
pub use field::FieldValue;
pub use framing_fault::{FramingFault, FramingFaults};
pub use header_field::HeaderName;
pub use marks::{Mark, Marks};
pub use membership::Membership;
pub use message::{FieldKind, FieldTable, Item, Message, Node, Request, Scalar, Value};
pub use name::{End, FieldRef, IpVersion, Known, Owner, Place, UnknownField};
pub use summary::{FlowSummary, Summary};
pub use walk::Siblings;
