//! Where a compiler puts each member of a struct: the ABIs, their rules of placement, and what lies
//! between the members.

mod alternatives;
mod bind;
mod bounds;
mod difference;
mod error;
mod flags;
mod holes;
mod known;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod layout;
mod leaves;
mod member;
mod microsoft;
mod naming;
mod notation;
mod placement;
mod reading;
mod resolve;
mod resolved;
mod scale;
mod speak;
mod sysv;
mod words;

pub use self::alternatives::{Alternative, Packing};
pub use self::bind::TO_SERVER;
pub use self::bounds::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
pub use super::abi::{Abi, Primitive, UnknownAbi};
pub use super::byte_order::ByteOrder;
pub use difference::{MemberDifference, MemberFacts};
pub use error::{LayoutError, LayoutErrorKind};
pub use flags::{Flag, Flags, UnknownFlag};
pub use holes::Hole;
pub use layout::{Field, Layout, Role, Shape};
pub use leaves::Leaf;
pub(crate) use naming::last_word;
pub use notation::{Notation, Place, Show};
pub use reading::{FieldReading, Reading, WholeBytes};
pub use resolved::{Bits, Part, PartCounter, PartId, PartKind, Repeat, ResolvedLayout};
pub use scale::{Quantity, Scale};
pub use words::{
    Amount, BytesForm, Choice, ChoiceCase, ChoiceTarget, ElementForm, PartAmount, PartCase,
    PartChoice, PartWords, Reference, WordError, Words,
};
