//! Where a compiler puts each field of a record: offsets, sizes, alignment, bit positions.

use std::sync::Arc;

use super::{EnumDef, RecordKind, Span};

/// Which byte of an integer comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Most significant first: network byte order.
    Big,
    /// Least significant first.
    Little,
}

/// A compiler's rules for sizes, alignment and bit-fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Abi {
    /// System V x86-64 (LP64).
    X86_64,
    /// System V i386 (ILP32): 8-byte types aligned to 4 in structs.
    I386,
    /// Microsoft x64 (LLP64), with Microsoft's bit-fields.
    Win64,
    /// Arm EABI (ILP32).
    Arm,
    /// AArch64 (LP64).
    Aarch64,
    /// s390x (LP64), big-endian.
    S390x,
}

/// A struct or union as one ABI lays it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Tag or typedef; empty where it is anonymous.
    pub name: String,
    /// Struct or union.
    pub kind: RecordKind,
    /// `sizeof`, bytes.
    pub size: u64,
    /// `_Alignof`, bytes.
    pub align: u64,
    /// Members, in declared order; unnamed bit-fields are left out, anonymous records are not.
    pub fields: Vec<Field>,
    /// Where it is declared.
    pub span: Span,
}

/// One member of a [`Layout`].
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `None` for an anonymous struct or union.
    pub name: Option<String>,
    /// From the start of the record, bytes. For a bit-field: the first byte that holds a bit of it.
    pub offset: u64,
    /// Bit-fields: the first bit and the width, bits. On little-endian ABIs bits are counted from
    /// the least significant bit of byte 0 of the record upwards; on big-endian ones from the
    /// most significant bit of byte 0.
    pub bits: Option<(u64, u32)>,
    /// What lies there.
    pub shape: Shape,
    /// The declarator.
    pub span: Span,
}

/// What the bytes of a field are.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An integer of 1, 2, 4, 8 or 16 bytes.
    Integer {
        /// Bytes.
        size: u64,
        /// Signed.
        signed: bool,
        /// Fixed by the type (`__be16`); else the protocol's.
        order: Option<ByteOrder>,
        /// What it stands for.
        role: Role,
    },
    /// A floating-point number of `size` bytes, of which the first `significant` count
    /// (`long double` of x86: 16 or 12, and 10).
    Float {
        /// Bytes.
        size: u64,
        /// Bytes that carry the number.
        significant: u64,
    },
    /// A nested record.
    Record(Arc<Layout>),
    /// `len` elements of `stride` bytes each.
    Array {
        /// What one element is.
        element: Box<Shape>,
        /// How many.
        len: u64,
        /// Bytes from one to the next.
        stride: u64,
    },
    /// A variable tail: `name[]`, `name[0]` or a last `name[1]`.
    Tail {
        /// What one element is.
        element: Box<Shape>,
        /// Bytes from one to the next.
        stride: u64,
        /// Elements that `sizeof` counts: 0 or 1.
        counted: u64,
    },
}

/// What an integer stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A number.
    Number,
    /// `char`, `signed char`, `unsigned char` and their typedefs: text where they stand in arrays.
    Character,
    /// `_Bool`.
    Boolean,
    /// An address.
    Pointer,
    /// A value of an enum.
    Enum(Arc<EnumDef>),
}
