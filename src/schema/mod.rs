//! C headers: declarations as written ([`Schema`]), and where a compiler puts each field
//! ([`Layout`]) for an [`Abi`].
//!
//! The only room that holds the C grammar.

mod ctype;
mod layout;
mod source;

pub use ctype::{
    ArrayLen, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef, RecordKind,
};
pub use layout::{Abi, ByteOrder, Field, Layout, Role, Shape};
pub use source::{Code, Diagnostic, Level, SourceFile, Span};
