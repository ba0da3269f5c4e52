//! Where a compiler puts each member of a struct: the ABIs, their rules of placement, and what lies
//! between the members.

mod alternatives;
mod bounds;
mod difference;
mod error;
mod holes;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod layout;
mod leaves;
mod member;
mod microsoft;
mod naming;
mod placement;
mod reading;
mod resolve;
mod resolved;
mod sysv;

pub use self::alternatives::{Alternative, Packing};
pub use self::bounds::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
pub use super::abi::{Abi, Primitive, UnknownAbi};
pub use super::byte_order::ByteOrder;
pub use difference::{MemberDifference, MemberFacts};
pub use error::{LayoutError, LayoutErrorKind};
pub use holes::Hole;
pub use layout::{Field, Layout, Role, Shape};
pub use leaves::Leaf;
pub(crate) use naming::last_word;
pub use reading::{FieldReading, Reading};
pub use resolved::{Bits, Part, PartId, PartKind, Repeat, ResolvedLayout};
