//! Where a compiler puts each field of a record: offsets, sizes, alignment, bit positions.
//!
//! `abi.rs` knows the basic types, `placement.rs` walks the declaration, `sysv.rs` and
//! `microsoft.rs` place members, `holes.rs` finds the bytes that no member covers.

use super::super::byte_order::ByteOrder;
use std::sync::Arc;

use super::super::ctype::{EnumDef, FieldNotes, RecordKind};
use super::super::source::Span;

/// A struct or union as one ABI lays it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Tag or typedef; empty where it is anonymous.
    pub name: String,
    /// How its members lie.
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

impl Field {
    /// Bytes that it takes of its record; a bit-field, the bytes that it touches.
    pub fn len(&self) -> u64 {
        match self.bits {
            Some((first, width)) => (first % 8 + u64::from(width)).div_ceil(8),
            None => self.shape.size(),
        }
    }

    /// Whether it takes no bytes, as `name[0]` does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shape {
    /// The record that it is, or whose array it is.
    pub fn record(&self) -> Option<&Layout> {
        match self {
            Self::Record(layout) => Some(layout),
            Self::Array { element, .. } | Self::Tail { element, .. } => element.record(),
            _ => None,
        }
    }

    /// What `sizeof` counts of it, bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Integer { size, .. } | Self::Float { size, .. } => *size,
            Self::Record(layout) => layout.size,
            Self::Array { len, stride, .. } => len * stride,
            Self::Tail { stride, counted, .. } => counted * stride,
        }
    }
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
    /// What is said of it beside that.
    pub notes: FieldNotes,
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
        /// Whether it has a sign.
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
    /// A record within the record; its offsets are its own.
    Record(Arc<Layout>),
    /// `len` elements of `stride` bytes each.
    Array {
        /// What one element is.
        element: Box<Shape>,
        /// How many there are, 0 included.
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
    /// A number, to be read as one.
    Number,
    /// `char` and its typedefs: text where they stand in arrays.
    Character,
    /// `signed char`, `unsigned char` and their typedefs, such as `uint8_t`: bytes where they stand in
    /// arrays, unless the field's name or the profile says that they are text.
    Byte,
    /// `_Bool`.
    Boolean,
    /// An address, which means nothing to a receiver.
    Pointer,
    /// A value of an enum.
    Enum(Arc<EnumDef>),
}
