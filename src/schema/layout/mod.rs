//! Where a compiler puts each member of a struct: the ABIs, their rules of placement, and what lies
//! between the members.

mod abi;
mod error;
mod holes;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod layout;
mod microsoft;
mod placement;
mod sysv;

pub use abi::{Abi, Primitive, UnknownAbi};
pub use error::{LayoutError, LayoutErrorKind};
pub use holes::Hole;
pub use layout::{ByteOrder, Field, Layout, Role, Shape, Tail};
pub use placement::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
