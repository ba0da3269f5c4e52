//! What no member of a struct covers, counted as pahole counts it: holes in bytes, holes in bits
//! behind bit-fields up to the end of the integers that hold them, and padding behind the last
//! member. A nested struct is solid; the padding at its end is told apart.

use crate::schema::{Field, Layout, RecordKind, Shape};

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
    /// What is accounted for.
    seen: u64,
    /// The integer that holds the last bit-field: its size and its end.
    unit: Option<(u64, u64)>,
}

impl Gaps {
    pub(super) fn of(layout: &Layout) -> Self {
        if layout.kind == RecordKind::Union {
            let end = layout.fields.iter().map(|it| it.offset + it.len()).max().unwrap_or(0);
            return Self { padding: layout.size.saturating_sub(end), ..Self::default() };
        }
        let mut walk = Walk::default();
        let before = layout.fields.iter().map(|it| walk.step(it)).collect();
        let end = layout.size * 8;
        let unit_end = walk.unit.map_or(walk.seen, |(_, unit_end)| unit_end.min(end));
        let bit_padding = unit_end.saturating_sub(walk.seen);
        let padding = layout.size.saturating_sub(walk.seen.max(unit_end) / 8);
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
pub(super) fn paddings(layout: &Layout) -> (usize, u64) {
    sum(layout.fields.iter().map(padding_within))
}

/// The padding at the end of a member that is a struct, bytes.
pub(super) fn padding_within(field: &Field) -> u64 {
    match &field.shape {
        Shape::Record(inner) if inner.kind == RecordKind::Struct => Gaps::of(inner).padding,
        _ => 0,
    }
}

fn sum(gaps: impl Iterator<Item = u64>) -> (usize, u64) {
    gaps.filter(|len| *len > 0).fold((0, 0), |(count, sum), len| (count + 1, sum + len))
}

impl Walk {
    fn step(&mut self, field: &Field) -> Gap {
        let (start, width) = match field.bits {
            Some((first, width)) => (first, u64::from(width)),
            None => (field.offset * 8, field.len() * 8),
        };
        let mut gap = Gap::default();
        if let Some((_, unit_end)) = self.unit {
            let end = start.min(unit_end);
            gap.bits = end.saturating_sub(self.seen);
            self.seen = end.max(self.seen);
        }
        if field.bits.is_none() {
            gap.bytes = (start / 8).saturating_sub(self.seen / 8);
            (self.seen, self.unit) = (start + width, None);
            return gap;
        }
        let size = (field.shape.size() * 8).max(8);
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
