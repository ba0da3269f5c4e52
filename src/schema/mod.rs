//! C headers: declarations as written ([`Schema`]), and where a compiler puts each field
//! ([`Layout`]) for an [`Abi`].

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
