//! A decoded message: named fields with their values and byte spans, where in the capture it was,
//! the names by which its parts are asked for, and the filter over them.
//!
//! Every decoder gives this shape, and every writer, check and comparison takes it.
//!
//! ```
//! use wirereel::capture::Reader;
//! use wirereel::decode::{Dissector, Found};
//! use wirereel::message::filter::Filter;
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options::default())?;
//! let mut dissector = Dissector::new(&protocols, false)?;
//! let filter = Filter::parse("http.request.method == \"GET\"", &dissector.known())?;
//! let mut requests = 0;
//! let mut reader = Reader::open("captures/ok_http_keepalive.pcap".as_ref())?;
//! while let Some(frame) = reader.next_frame()? {
//!     dissector.push(&frame, None, &mut |found| {
//!         if let Found::Message { captured, .. } = found {
//!             requests += usize::from(filter.matches(captured));
//!         }
//!     });
//! }
//! assert_eq!(requests, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod apart;
mod captured;
pub mod common_fields;
mod error;
mod field_ref;
mod field_value;
mod field_view;
pub mod filter;
mod header_field;
mod items;
mod marks;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod message;
mod node_id;
mod owned;
mod property;
mod resolve;
mod shown;
mod span;
mod walk;

pub use apart::{Apart, Omitted};
pub use captured::{Captured, Carrier};
pub use error::{DecodeError, ErrorKind};
pub use field_ref::{FieldRef, Owner};
pub use field_value::FieldValue;
pub use field_view::FieldView;
pub use header_field::HeaderName;
pub(crate) use items::Items;
pub use marks::{Mark, Marks};
pub(crate) use message::text;
pub use message::{Between, FieldKind, FieldTable, Item, Message, Node, Request, Scalar, Value};
pub(crate) use node_id::NodeId;
#[cfg(feature = "comparison")]
pub(crate) use owned::Parts;
pub use owned::{OwnedCaptured, OwnedMessage};
pub use property::{Column, IpVersion, Property, PropertyKind, Remark, Values};
pub use resolve::{Known, UnknownField};
pub(crate) use shown::{AF_INET, AF_INET6, NTP_EPOCH, unit};
pub use shown::{Moment, Shown};
pub use span::Span;
pub use walk::Siblings;
