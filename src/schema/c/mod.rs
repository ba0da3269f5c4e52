//! The C grammar: header text to declarations as written.
//!
//! A header goes through it in this order: [`Schema::load`] reads it, the lexer splits it into
//! tokens with spans, the preprocessor follows its directives and expands its macros, and the parser
//! takes the declarations one after another.

mod attribute;
mod base;
mod builtin;
mod class;
mod conditional;
mod cursor;
mod declarator;
mod description;
mod enumeration;
mod expand;
mod expression;
mod header;
mod include;
mod included;
mod lexer;
mod literal;
mod macros;
mod measured;
mod method;
mod missing;
mod mode;
mod number;
mod operand;
mod parser;
mod platform;
mod pragma;
mod predefined;
mod preprocess;
mod record;
mod recovery;
mod scope;
mod specifiers;
mod spelling;
mod substitute;
mod text_record;

pub use super::ctype::{
    ArrayLen, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef, RecordKind,
};
pub use super::source::{Code, Diagnostic, Level, SourceFile, Span};
#[cfg(feature = "dwarf")]
pub(in crate::schema) use builtin::{BasicWords, exact, platform};
#[cfg(feature = "dwarf")]
pub(in crate::schema) use header::ProgramParts;
pub use header::{LoadOptions, Position, Schema, SchemaError};
pub use text_record::TextRecord;
