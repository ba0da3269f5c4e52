//! Places the members of a record as Microsoft's compiler does, and clang for its target.
//!
//! Source: Microsoft, "x64 software conventions" and "C bit fields"; for attributes of gcc's, which
//! Microsoft's compiler has not, what clang does with `-target x86_64-pc-windows-msvc`. A bit-field
//! shares a storage unit with the one before it only where both types have one size, and each unit
//! is as large as its type.

use super::member::{Member, Placement, Rules, round_up};

/// Places `members` one after another, or over one another in a union.
pub(super) fn place(rules: &Rules, members: &[Member]) -> Placement {
    let pack = if rules.packed { Some(1) } else { rules.pack.filter(|&pack| pack <= 8) };
    let mut record =
        Record { union: rules.union, pack, size: 0, align: 1, required: 1, unit: None };
    let starts = members.iter().map(|member| record.add(member)).collect();
    record.finish(starts, rules.aligned.unwrap_or(1))
}

/// A record that grows; bytes.
struct Record {
    union: bool,
    pack: Option<u64>,
    size: u64,
    align: u64,
    /// What attributes demand; no packing lowers it.
    required: u64,
    /// The storage unit that the last bit-field left open.
    unit: Option<Unit>,
}

#[derive(Clone, Copy)]
struct Unit {
    /// Bytes.
    size: u64,
    /// Bits not yet taken.
    free: u64,
}

impl Record {
    fn add(&mut self, member: &Member) -> u64 {
        match member.bits {
            None => self.whole(member),
            Some(0) => self.zero_width(member),
            Some(width) => self.bit_field(member, u64::from(width)),
        }
    }

    fn whole(&mut self, member: &Member) -> u64 {
        self.unit = None;
        let required = member.explicit.unwrap_or(1).max(member.required);
        self.required = self.required.max(required);
        let align = self.capped(member, member.natural).max(required);
        self.align = self.align.max(align);
        if self.union {
            self.size = self.size.max(member.size);
            return 0;
        }
        let start = round_up(self.size, align);
        self.size = start + member.size;
        start * 8
    }

    fn bit_field(&mut self, member: &Member, width: u64) -> u64 {
        if self.union {
            self.unit = Some(Unit { size: member.size, free: 0 });
            self.size = self.size.max(member.size);
            return 0;
        }
        if let Some(unit) = &mut self.unit
            && unit.size == member.size
            && unit.free >= width
        {
            let start = self.size * 8 - unit.free;
            unit.free -= width;
            return start;
        }
        let align = self.bit_field_align(member);
        let start = round_up(self.size, align);
        self.align = self.align.max(align);
        self.size = start + member.size;
        self.unit = Some(Unit { size: member.size, free: (member.size * 8).saturating_sub(width) });
        start * 8
    }

    /// `int : 0` counts only behind another bit-field.
    fn zero_width(&mut self, member: &Member) -> u64 {
        if self.unit.take().is_some() {
            if self.union {
                self.size = self.size.max(member.size);
                return 0;
            }
            let align = self.bit_field_align(member);
            self.align = self.align.max(align);
            self.size = round_up(self.size, align);
        }
        if self.union { 0 } else { self.size * 8 }
    }

    fn bit_field_align(&self, member: &Member) -> u64 {
        let required = member.explicit.unwrap_or(1).max(member.required);
        self.capped(member, member.natural.max(required)).max(required)
    }

    fn capped(&self, member: &Member, align: u64) -> u64 {
        if member.packed { 1 } else { self.pack.map_or(align, |pack| pack.min(align)) }
    }

    fn finish(self, starts: Vec<u64>, aligned: u64) -> Placement {
        let required = self.required.max(aligned);
        let align = self.align.max(required);
        let rounding = self.pack.map_or(align, |pack| pack.min(align)).max(required);
        let mut size = round_up(round_up(self.size, self.align), rounding);
        if size == 0 {
            // An empty struct has four bytes, or its alignment where an attribute set that.
            size = if required >= 4 { align } else { 4 };
        }
        Placement { starts, size, align, required }
    }
}
