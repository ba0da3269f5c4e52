//! C headers: declarations as written ([`Schema`]), and where a compiler puts each field
//! ([`Layout`]) for an [`Abi`].
//!
//! The only room that holds the C grammar. A header goes through it in this order: [`Schema::load`]
//! reads it, the lexer splits it into tokens with spans, the preprocessor follows its directives and
//! expands its macros, and the parser takes the declarations one after another.

mod abi;
mod attribute;
mod builtin;
mod conditional;
mod ctype;
mod cursor;
mod declarator;
mod expression;
mod header;
mod holes;
mod include;
mod layout;
mod layout_error;
mod lexer;
mod literal;
mod macros;
mod microsoft;
mod nearest;
mod parser;
mod placement;
mod preprocess;
mod record;
mod scope;
mod source;
mod specifiers;
mod spelling;
mod sysv;
mod text_record;

pub use abi::{Primitive, UnknownAbi};
pub use ctype::{
    ArrayLen, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef, RecordKind,
};
pub use header::{LoadOptions, Position, Schema, SchemaError};
pub use holes::Hole;
pub use layout::{Abi, ByteOrder, Field, Layout, Role, Shape, Tail};
pub use layout_error::{LayoutError, LayoutErrorKind};
pub use nearest::nearest;
pub use placement::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
pub use source::{Code, Diagnostic, Level, SourceFile, Span};
pub use text_record::TextRecord;
