//! A decoded message: named fields with their values and byte spans, where in the capture it was,
//! the names by which its parts are asked for, and the filter over them.
//!
//! Every decoder gives this shape, and every writer, check and comparison takes it.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod captured;
mod error;
mod field;
pub mod filter;
mod header_field;
mod items;
mod marks;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod message;
mod name;
mod node_id;
mod walk;

pub use captured::Captured;
pub use error::{DecodeError, ErrorKind};
pub use field::FieldValue;
pub use header_field::HeaderName;
pub(crate) use items::Items;
pub use marks::{Mark, Marks};
pub(crate) use message::text;
pub use message::{FieldKind, FieldTable, Item, Message, Node, Request, Scalar, Value};
pub use name::{End, FieldRef, IpVersion, Known, Owner, Place, UnknownField};
pub(crate) use node_id::NodeId;
pub use walk::Siblings;
