//! The C grammar: header text to declarations as written.
//!
//! A header goes through it in this order: [`Schema::load`] reads it, the lexer splits it into
//! tokens with spans, the preprocessor follows its directives and expands its macros, and the parser
//! takes the declarations one after another.

mod attribute;
mod builtin;
mod conditional;
mod ctype;
mod cursor;
mod declarator;
mod expression;
mod header;
mod include;
mod lexer;
mod literal;
mod macros;
mod parser;
mod preprocess;
mod record;
mod scope;
mod source;
mod specifiers;
mod spelling;
mod text_record;

pub use ctype::{
    ArrayLen, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef, RecordKind,
};
pub use header::{LoadOptions, Position, Schema, SchemaError};
pub use source::{Code, Diagnostic, Level, SourceFile, Span};
pub use text_record::TextRecord;
