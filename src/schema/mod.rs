//! C headers: declarations as written ([`Schema`]), and where a compiler puts each field
//! ([`Layout`]) for an [`Abi`].
//!
//! The only room that holds the C grammar.

mod abi;
mod ctype;
mod holes;
mod layout;
mod layout_error;
mod microsoft;
mod placement;
mod source;
mod sysv;

pub use abi::{Primitive, UnknownAbi};
pub use ctype::{
    ArrayLen, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef, RecordKind,
};
pub use holes::Hole;
pub use layout::{Abi, ByteOrder, Field, Layout, Role, Shape, Tail};
pub use layout_error::{LayoutError, LayoutErrorKind};
pub use placement::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
pub use source::{Code, Diagnostic, Level, SourceFile, Span};
