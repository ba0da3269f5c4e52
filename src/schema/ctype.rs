//! C types as declared, before any ABI gives them sizes.

use std::sync::Arc;

use super::byte_order::ByteOrder;
use super::meaning::Meaning;
use super::source::Span;

/// A C type as it is declared, typedefs resolved; its size is up to an ABI.
#[derive(Clone, Debug, PartialEq)]
pub enum CType {
    /// `void`; only behind a pointer.
    Void,
    /// An integer; `order` is fixed by types such as `__be16`, `__le32`.
    Int {
        /// Which of them; the size may be up to the ABI.
        kind: IntKind,
        /// The byte order that the type itself fixes.
        order: Option<ByteOrder>,
    },
    /// A floating-point number, in the format that the ABI has for it.
    Float(FloatKind),
    /// An enumeration, whose integer type follows from its values.
    Enum(Arc<EnumDef>),
    /// A struct or a union.
    Record(Arc<RecordDef>),
    /// A pointer: to what does not matter, since no address of the sender's is of use.
    Pointer,
    /// An array; a multi-dimensional one is an array of arrays.
    Array(Box<CType>, ArrayLen),
    /// A typedef with `__attribute__((aligned(N)))`: alignment in bytes.
    Aligned(Box<CType>, u32),
}

/// How many elements an array has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayLen {
    /// `[N]`, zero included.
    Fixed(u64),
    /// `[]`: as many as the message has room for.
    Flexible,
}

/// The integer types whose size or alignment an ABI may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntKind {
    /// `_Bool`.
    Bool,
    /// `char`, whose sign the ABI decides.
    Char,
    /// `signed char`, `int8_t`.
    SignedChar,
    /// `unsigned char`, `uint8_t`, `u_char`, `__u8`.
    UnsignedChar,
    /// `short`.
    Short,
    /// `unsigned short`.
    UnsignedShort,
    /// `int`.
    Int,
    /// `unsigned int`.
    UnsignedInt,
    /// `long`.
    Long,
    /// `unsigned long`.
    UnsignedLong,
    /// `long long`.
    LongLong,
    /// `unsigned long long`.
    UnsignedLongLong,
    /// `__int128`.
    Int128,
    /// `unsigned __int128`.
    UnsignedInt128,
    /// `int16_t` to `int64_t`, `__le32` and the like: a fixed number of bits.
    Fixed {
        /// 16, 32 or 64.
        bits: u8,
        /// Whether it has a sign.
        signed: bool,
    },
    /// `size_t`.
    Size,
    /// `ssize_t`.
    SignedSize,
    /// `ptrdiff_t`, `intptr_t`.
    PtrDiff,
    /// `uintptr_t`.
    UnsignedPtr,
    /// `time_t`.
    Time,
    /// `off_t`.
    Off,
    /// `wchar_t`.
    WideChar,
}

/// The floating-point types of C (C17 section 6.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatKind {
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// `long double`.
    LongDouble,
    /// `_Float16`: half of a `float`.
    Half,
    /// `_Float128`, `__float128`.
    Quad,
}

/// An `enum`: names for values (C17 section 6.7.2.2).
#[derive(Clone, Debug, PartialEq)]
pub struct EnumDef {
    /// Its tag; where it has none, the typedef that names it.
    pub tag: Option<String>,
    /// Its names, in declared order.
    pub enumerators: Vec<Enumerator>,
    /// `__attribute__((packed))`: as small as its values allow.
    pub packed: bool,
    /// The integer type that it is declared to have: `enum e : uint8_t`.
    pub underlying: Option<IntKind>,
    /// From its keyword to its closing brace.
    pub span: Span,
}

/// One name of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Enumerator {
    /// As declared: a constant of the whole header.
    pub name: String,
    /// The value that is written there, else one more than the last.
    pub value: i128,
}

/// How the members of a record lie (C17 section 6.7.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Fields one after another.
    Struct,
    /// Fields over one another.
    Union,
}

/// A `struct` or a `union`.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDef {
    /// How its members lie.
    pub kind: RecordKind,
    /// Its tag; where it has none, the typedef that names it.
    pub tag: Option<String>,
    /// `tag` is the typedef that names it.
    pub typedef: bool,
    /// Its members, in declared order.
    pub fields: Vec<FieldDef>,
    /// `__attribute__((packed))`: members without padding between them.
    pub packed: bool,
    /// The `#pragma pack(N)` in force at its closing brace, bytes.
    pub pragma_pack: Option<u32>,
    /// `__attribute__((aligned(N)))`, bytes.
    pub aligned: Option<u32>,
    /// The comment that describes it.
    pub description: Option<Arc<str>>,
    /// From its keyword to its closing brace.
    pub span: Span,
}

impl RecordDef {
    /// The members that a layout lists: all but unnamed bit-fields.
    pub fn placed(&self) -> impl Iterator<Item = &FieldDef> {
        self.fields.iter().filter(|it| it.bits.is_none() || it.name.is_some())
    }
}

/// A member of a struct or union.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDef {
    /// `None` for an anonymous struct or union, and for an unnamed bit-field.
    pub name: Option<String>,
    /// Its type, with the dimensions of its declarator; of a bit-field, the declared one.
    pub ctype: CType,
    /// Width of a bit-field, bits.
    pub bits: Option<u32>,
    /// `__attribute__((packed))` on the member itself.
    pub packed: bool,
    /// `__attribute__((aligned(N)))` or `_Alignas(N)` on the member itself, bytes.
    pub aligned: Option<u32>,
    /// What is said of it beside its type and its place.
    pub notes: FieldNotes,
    /// Its declarator, without the type.
    pub span: Span,
}

impl FieldDef {
    /// A whole member of which nothing else is said.
    pub fn new(name: Option<String>, ctype: CType) -> Self {
        let (notes, span) = (FieldNotes::default(), Span::default());
        Self { name, ctype, bits: None, packed: false, aligned: None, notes, span }
    }
}

/// What is said of a member beside its type and its place: nothing of it moves a byte.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldNotes {
    /// What the name of its type says, or of that of its elements.
    pub meaning: Option<Meaning>,
    /// The comment that describes it, on one line.
    pub description: Option<Arc<str>>,
    /// What a comment says of it in the words of a profile: `/* wr: count = "n" */`.
    pub words: Option<Arc<str>>,
    /// `counted_by`: the member that says how much of it there is.
    pub counter: Option<Counter>,
}

/// The member that says how much of an array there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// A member of the record, or of one that it stands in without a name between.
    pub member: String,
    /// `__counted_by_be`, `__counted_by_le`: the order that the member has.
    pub order: Option<ByteOrder>,
    /// It counts bytes, not elements: `sized_by`.
    pub bytes: bool,
}
