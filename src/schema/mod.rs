//! C headers, and programs in their place: declarations as written ([`Schema`]), and where a compiler
//! puts each field ([`Layout`]) for an [`Abi`].
//!
//! What both speak of lies here: the types that a header can declare, the spans that say where, and
//! what each ABI says of the basic ones.
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

mod abi;
mod byte_order;
pub mod c;
pub mod checksum;
mod constants;
mod ctype;
#[cfg(feature = "dwarf")]
mod dwarf;
mod expression;
pub mod layout;
mod load;
mod meaning;
mod nearest;
mod source;

pub use abi::{Abi, Primitive, UnknownAbi};
pub use byte_order::ByteOrder;
pub use c::{LoadOptions, Position, Schema, SchemaError, TextRecord};
pub use constants::NamedNumber;
pub use ctype::{
    ArrayLen, CType, Counter, EnumDef, Enumerator, FieldDef, FieldNotes, FloatKind, IntKind,
    RecordDef, RecordKind,
};
#[cfg(feature = "dwarf")]
pub use dwarf::ProgramError;
pub use expression::{BinaryOperator, Expression, ExpressionError, Operand, UnaryOperator};
pub(crate) use layout::last_word;
pub use layout::{
    Alternative, Amount, Bits, BytesForm, Choice, ChoiceCase, ChoiceTarget, ElementForm, Field,
    FieldReading, Flag, Flags, Hole, Layout, LayoutError, LayoutErrorKind, Leaf, MAX_DEPTH,
    MAX_FIELDS, MAX_SIZE, MemberDifference, MemberFacts, Notation, Packing, Part, PartAmount,
    PartCase, PartChoice, PartCounter, PartId, PartKind, PartWords, Place, Quantity, Reading,
    Reference, Repeat, ResolvedLayout, Role, Scale, Shape, Show, TO_SERVER, UnknownFlag,
    WholeBytes, WordError, Words,
};
pub use load::load;
pub use meaning::Meaning;
pub use nearest::nearest;
pub use source::{Code, Diagnostic, Level, SourceFile, Span};
