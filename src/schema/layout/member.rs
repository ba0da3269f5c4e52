//! What the placing of members goes by, and gives.

/// What attributes and pragmas say of a whole record; bytes.
pub(super) struct Rules {
    pub(super) union: bool,
    pub(super) packed: bool,
    pub(super) pack: Option<u64>,
    pub(super) aligned: Option<u64>,
}

/// A member as the placing of members sees it; bytes, bit-field widths in bits.
pub(super) struct Member {
    pub(super) size: u64,
    /// Alignment of its type.
    pub(super) align: u64,
    /// Alignment of its type without an `aligned` typedef.
    pub(super) natural: u64,
    /// Alignment that attributes of its type demand, 1 without.
    pub(super) required: u64,
    /// Its own `aligned`.
    pub(super) explicit: Option<u64>,
    /// Packed by itself or by its record.
    pub(super) packed: bool,
    pub(super) bits: Option<u32>,
    pub(super) named: bool,
}

/// Where the members are.
pub(super) struct Placement {
    /// The first bit of each member.
    pub(super) starts: Vec<u64>,
    pub(super) size: u64,
    pub(super) align: u64,
    /// Alignment that attributes demand (Microsoft).
    pub(super) required: u64,
}

/// The next multiple of `align`.
pub(super) fn round_up(value: u64, align: u64) -> u64 {
    value.div_ceil(align) * align
}
