//! Places the members of a record as gcc does for System V ABIs and for Arm's.
//!
//! Sources: System V psABI, "Aggregates and unions" and "Bit-fields"; AAPCS32 section 8.1.8; where
//! they are silent (packed, `#pragma pack`) what gcc and clang do. On big-endian ABIs the same
//! bit positions are counted from the most significant bit.

use super::member::{Member, Placement, Rules, round_up};

/// Places `members` one after another, or over one another in a union.
pub(super) fn place(rules: &Rules, members: &[Member], align_unnamed: bool) -> Placement {
    let mut record = Record { at: 0, end: 0, align: rules.aligned.unwrap_or(1) };
    let mut starts = Vec::with_capacity(members.len());
    for member in members {
        if rules.union {
            record.at = 0;
        }
        let start = match member.bits {
            None => record.whole(rules, member),
            Some(0) => record.zero_width(member, align_unnamed),
            Some(width) => record.bit_field(rules, member, u64::from(width), align_unnamed),
        };
        starts.push(start);
        record.end = record.end.max(record.at);
    }
    let size = round_up(record.end.div_ceil(8), record.align);
    Placement { starts, size, align: record.align, required: 1 }
}

/// A record that grows; positions in bits, alignment in bytes.
struct Record {
    at: u64,
    end: u64,
    align: u64,
}

impl Record {
    fn whole(&mut self, rules: &Rules, member: &Member) -> u64 {
        let own = member.explicit.unwrap_or(1);
        let align = if member.packed { own } else { own.max(member.align) };
        let align = rules.pack.map_or(align, |pack| pack.min(align));
        self.align = self.align.max(align);
        let start = round_up(self.at, align * 8);
        self.at = start + member.size * 8;
        start
    }

    /// `int : 0` ends the storage unit; neither packing has a say in it.
    fn zero_width(&mut self, member: &Member, align_unnamed: bool) -> u64 {
        let align = member.explicit.unwrap_or(1).max(member.align);
        if align_unnamed {
            self.align = self.align.max(align);
        }
        self.at = round_up(self.at, align * 8);
        self.at
    }

    fn bit_field(&mut self, rules: &Rules, member: &Member, width: u64, all: bool) -> u64 {
        let own = member.explicit.map(|own| rules.pack.map_or(own, |pack| pack.min(own)));
        let unit = member.align * 8;
        let mut start = own.map_or(self.at, |own| round_up(self.at, own * 8));
        // A bit-field may not touch more units of its type's alignment than its type does.
        let touched = (start % unit + width).div_ceil(unit);
        let tight = member.packed || rules.pack.is_some();
        if !tight && touched > member.size * 8 / unit {
            start = round_up(start, unit);
        }
        if member.named || all {
            let by_type = match rules.pack {
                Some(pack) => pack.min(member.align),
                None if member.packed => 1,
                None => member.align,
            };
            self.align = self.align.max(by_type).max(own.unwrap_or(1));
        }
        self.at = start + width;
        start
    }
}
