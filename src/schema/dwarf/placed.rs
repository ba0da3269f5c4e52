//! A record as debug data describe it: each member with its place.

use super::super::ctype::CType;
use super::super::meaning::Meaning;

/// A struct or union, its members where the compiler put them.
#[derive(Clone, Debug)]
pub(super) struct PlacedRecord {
    pub union: bool,
    /// Tag; where it has none, the typedef that names it.
    pub name: Option<String>,
    /// `name` is the typedef that names it.
    pub typedef: bool,
    /// Bytes.
    pub size: u64,
    /// Alignment that the source demands, bytes.
    pub align: Option<u32>,
    /// By their place; those of a union as declared.
    pub members: Vec<PlacedMember>,
    pub line: Option<SourceLine>,
}

/// A member at its place.
#[derive(Clone, Debug)]
pub(super) struct PlacedMember {
    pub name: Option<String>,
    pub ctype: CType,
    /// Its first bit, as [`Field::bits`](super::super::layout::Field::bits) counts.
    pub first_bit: u64,
    /// Of a bit-field, bits.
    pub width: Option<u32>,
    /// Alignment that the source demands, bytes.
    pub align: Option<u32>,
    /// What the name of its type says of its values.
    pub meaning: Option<Meaning>,
    pub line: Option<SourceLine>,
}

/// A line of a source file, by its number in the [`Listing`](super::listing::Listing); from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceLine {
    pub file: u32,
    pub line: u32,
}
