//! Types as debug data describe them, each a node that refers to others by its place.

/// Where a type is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Link {
    /// In the same unit, by its offset there.
    Here(usize),
    /// In `.debug_info`, by its offset there.
    Elsewhere(usize),
    /// In a type unit, by its signature (DWARF 5 section 7.32).
    Signature(u64),
    /// In a file beside this one (dwz), which is not read.
    Lost,
}

/// A type, names as they lie in the file.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Basic(Basic<'a>),
    /// A pointer or reference.
    Pointer,
    /// A typedef, or a qualifier, which has no name.
    Alias {
        name: Option<&'a [u8]>,
        of: Option<Link>,
        align: Option<u32>,
    },
    Array(ArrayNode),
    Enum(EnumNode<'a>),
    Record(RecordNode<'a>),
    /// What has a size at most.
    Opaque {
        size: Option<u64>,
    },
}

/// A base type (DWARF 5 section 5.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Basic<'a> {
    pub name: &'a [u8],
    pub encoding: gimli::DwAte,
    /// Bytes.
    pub size: u64,
    /// The order of its bytes, where it has one of its own.
    pub endianity: gimli::DwEnd,
}

/// An array, outermost dimension first.
#[derive(Clone, Debug)]
pub(super) struct ArrayNode {
    pub of: Option<Link>,
    pub dimensions: Vec<Dimension>,
    /// Bytes, where its elements do not say: those of a packed array of Ada's.
    pub size: Option<u64>,
    /// Its elements do not lie one behind the other.
    pub strided: bool,
}

/// How long one dimension of an array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Fixed(u64),
    /// `[]`.
    Open,
    /// What a variable says.
    Variable,
}

/// An enumeration.
#[derive(Clone, Debug)]
pub(super) struct EnumNode<'a> {
    pub name: Option<&'a [u8]>,
    /// Bytes.
    pub size: Option<u64>,
    /// Its integer type.
    pub of: Option<Link>,
    /// Declared with that type: an `enum class` of C++, an enum of Rust.
    pub class: bool,
    pub values: Vec<(&'a [u8], i128)>,
    pub line: Option<Line>,
    /// Named only: `enum e;`.
    pub declaration: bool,
}

/// A struct, union or class.
#[derive(Clone, Debug)]
pub(super) struct RecordNode<'a> {
    pub union: bool,
    pub name: Option<&'a [u8]>,
    /// Names of what it is in, outermost first: namespaces, classes.
    pub scope: Vec<&'a [u8]>,
    /// Bytes.
    pub size: Option<u64>,
    pub align: Option<u32>,
    pub members: Vec<MemberNode<'a>>,
    pub line: Option<Line>,
    /// Named only; its definition is elsewhere.
    pub declaration: bool,
    /// The type unit that defines it.
    pub signature: Option<u64>,
    /// Where its members are is known only when the program runs, or depends on a value: virtual
    /// bases, the variants of an enum of Rust's.
    pub dynamic: bool,
    /// Made by the compiler.
    pub artificial: bool,
}

/// A member, or a base class, which has no name.
#[derive(Clone, Debug)]
pub(super) struct MemberNode<'a> {
    pub name: Option<&'a [u8]>,
    pub of: Option<Link>,
    pub place: Place,
    pub align: Option<u32>,
    pub line: Option<Line>,
}

/// Where a member is, as it is said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Bytes from the start of its record.
    pub offset: u64,
    /// Of a bit-field, bits.
    pub width: Option<u64>,
    /// `DW_AT_data_bit_offset`: bits from the start of its record.
    pub first_bit: Option<u64>,
    /// `DW_AT_bit_offset`, up to DWARF 3: bits from the most significant one of its unit.
    pub from_top: Option<i64>,
    /// Bytes of that unit, where it is not its type's.
    pub unit: Option<u64>,
}

/// File and line of a declaration: the file by its number in the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub file: u64,
    pub line: u64,
}

impl Place {
    /// The first bit from the start of the record, counted from the least significant bit of byte
    /// 0 upwards, on big-endian machines from the most significant one. `size` is that of the
    /// member's type, bytes.
    pub fn first_bit(&self, size: u64, big: bool) -> Option<u64> {
        let start = self.offset.checked_mul(8)?;
        if let Some(first) = self.first_bit {
            return start.checked_add(first);
        }
        let (Some(top), Some(width)) = (self.from_top, self.width) else { return Some(start) };
        let unit = self.unit.unwrap_or(size).checked_mul(8)?;
        // A packed bit-field may reach beyond its unit: then the offset is negative.
        let within = if big {
            top
        } else {
            i64::try_from(unit).ok()?.checked_sub(top)?.checked_sub_unsigned(width)?
        };
        start.checked_add_signed(within)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    /// `unsigned a:3, b:7` behind a `char`, as both generations of DWARF say it.
    #[test]
    fn bit_fields_are_where_either_attribute_puts_them() {
        let old = |from_top, width| Place {
            from_top: Some(from_top),
            width: Some(width),
            ..Place::default()
        };
        for (place, big, expected) in [
            (old(21, 3), false, 8),
            (old(14, 7), false, 11),
            (old(8, 3), true, 8),
            (old(11, 7), true, 11),
            (Place { first_bit: Some(11), width: Some(7), ..Place::default() }, false, 11),
            (Place { offset: 4, unit: Some(2), ..old(0, 16) }, false, 32),
            (Place { offset: 5, ..Place::default() }, true, 40),
        ] {
            assert_eq!(place.first_bit(4, big), Some(expected), "{place:?}");
        }
        // Bits 25 to 63 of an 8-byte unit that ends at bit 61.
        assert_eq!(Place { unit: Some(8), ..old(-3, 39) }.first_bit(8, false), Some(28));
        assert_eq!(old(i64::MIN, 1).first_bit(4, false), None);
    }
}
