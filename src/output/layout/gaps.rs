//! What no member of a struct covers, counted as pahole counts it: holes in bytes, holes in bits
//! behind bit-fields up to the end of the integers that hold them, and padding behind the last
//! member. A nested struct is solid; the padding at its end is told apart.

use crate::schema::{Part, PartId, PartKind, ResolvedLayout};

/// The gaps of one struct; those of a union are its padding alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// Before each member.
    pub(super) before: Vec<Gap>,
    /// Behind the last member, bytes.
    pub(super) padding: u64,
    /// Behind the last member where that is a bit-field, bits.
    pub(super) bit_padding: u64,
}

/// What lies between two members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) bits: u64,
    pub(super) bytes: u64,
}

/// Where the walk over the members is, bits.
#[derive(Default)]
struct Walk {
    /// Where the struct begins, bytes.
    start: u64,
    /// What is accounted for.
    seen: u64,
    /// The integer that holds the last bit-field: its size and its end.
    unit: Option<(u64, u64)>,
}

impl Gaps {
    pub(super) fn of(layout: &ResolvedLayout, record: PartId) -> Self {
        let Some(part) = layout.part(record) else { return Self::default() };
        let members = layout.members(record).map(|(_, member)| member);
        if matches!(part.kind, PartKind::Union(_)) {
            let end = members.map(Part::end).max().unwrap_or(part.offset);
            return Self { padding: part.end().saturating_sub(end), ..Self::default() };
        }
        let mut walk = Walk { start: part.offset, ..Walk::default() };
        let before = members.map(|it| walk.step(it)).collect();
        let end = part.len * 8;
        let unit_end = walk.unit.map_or(walk.seen, |(_, unit_end)| unit_end.min(end));
        let bit_padding = unit_end.saturating_sub(walk.seen);
        let padding = part.len.saturating_sub(walk.seen.max(unit_end) / 8);
        Self { before, padding, bit_padding }
    }

    /// How many members have bytes before them that nothing covers, and how many these are.
    pub(super) fn holes(&self) -> (usize, u64) {
        sum(self.before.iter().map(|it| it.bytes))
    }

    /// The same of bits.
    pub(super) fn bit_holes(&self) -> (usize, u64) {
        sum(self.before.iter().map(|it| it.bits))
    }
}

/// How many members are structs with padding at their end, and how many bytes that is.
pub(super) fn paddings(layout: &ResolvedLayout, record: PartId) -> (usize, u64) {
    sum(layout.members(record).map(|(id, _)| padding_within(layout, id)))
}

/// The padding at the end of a member that is a struct, bytes.
pub(super) fn padding_within(layout: &ResolvedLayout, member: PartId) -> u64 {
    match layout.part(member).map(|it| &it.kind) {
        Some(PartKind::Struct(_)) => Gaps::of(layout, member).padding,
        _ => 0,
    }
}

fn sum(gaps: impl Iterator<Item = u64>) -> (usize, u64) {
    gaps.filter(|len| *len > 0).fold((0, 0), |(count, sum), len| (count + 1, sum + len))
}

impl Walk {
    fn step(&mut self, member: &Part) -> Gap {
        let (start, width, unit) = match member.bits() {
            Some(bits) => (bits.first, u64::from(bits.width), Some(bits.unit)),
            None => (member.offset * 8, member.len * 8, None),
        };
        let start = start - self.start * 8;
        let mut gap = Gap::default();
        if let Some((_, unit_end)) = self.unit {
            let end = start.min(unit_end);
            gap.bits = end.saturating_sub(self.seen);
            self.seen = end.max(self.seen);
        }
        let Some(unit) = unit else {
            gap.bytes = (start / 8).saturating_sub(self.seen / 8);
            (self.seen, self.unit) = (start + width, None);
            return gap;
        };
        let size = (unit * 8).max(8);
        let unit = start / size * size;
        if self.seen < unit {
            gap.bytes = unit / 8 - self.seen / 8;
            self.seen = unit;
        }
        gap.bits += start.saturating_sub(self.seen);
        self.seen = start + width;
        // A wider integer that begins at the same place reaches further.
        let is_new = self.unit.is_none_or(|(old, end)| self.seen > end || size > old);
        if is_new {
            let end = unit + size;
            let end = if self.seen > end { end + size } else { end };
            self.unit = Some((size, end));
        }
        gap
    }
}
