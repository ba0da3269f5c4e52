//! C headers: declarations as written ([`Schema`]), and where a compiler puts each field
//! ([`Layout`]) for an [`Abi`].
//!
//! ```
//! use wirereel::schema::{Abi, Layout, LoadOptions, Schema};
//!
//! let text = "struct msg { char tag; long value; };";
//! let schema = Schema::parse("proto.h", text, &LoadOptions::default());
//! let msg = schema.record("msg").ok_or("no msg")?;
//! for (abi, size) in [(Abi::X86_64, 16), (Abi::I386, 8), (Abi::Win64, 8)] {
//!     assert_eq!(Layout::of(msg, "msg", abi)?.size, size);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod c;
pub mod layout;
mod nearest;

pub use c::{
    ArrayLen, CType, Code, Diagnostic, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, Level,
    LoadOptions, Position, RecordDef, RecordKind, Schema, SchemaError, SourceFile, Span,
    TextRecord,
};
pub use layout::{
    Abi, ByteOrder, Field, Hole, Layout, LayoutError, LayoutErrorKind, MAX_DEPTH, MAX_FIELDS,
    MAX_SIZE, Primitive, Role, Shape, Tail, UnknownAbi,
};
pub use nearest::nearest;
