//! Where two layouts of one message differ, member by member.

use std::collections::HashSet;

use super::super::byte_order::ByteOrder;
use super::layout::Role;
use super::resolved::{Bits, Part, PartId, PartKind, Repeat, ResolvedLayout};

/// A member that is not the same in two layouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDifference {
    /// Its path; empty for the message itself.
    pub path: String,
    /// In the first layout; `None` where it has none such.
    pub one: Option<MemberFacts>,
    /// In the second.
    pub other: Option<MemberFacts>,
}

/// What matters of a member on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFacts {
    /// From the start of the message, bytes.
    pub offset: u64,
    /// What `sizeof` counts of it, bytes; of a bit-field, the bytes that it touches.
    pub size: u64,
    /// Of a bit-field, the first bit and the width.
    pub bits: Option<(u64, u32)>,
    /// As C has it, without names of the program's: `uint32_t`, `unsigned char[11]`, `struct[2]`.
    pub kind: String,
}

impl MemberDifference {
    /// What differs: `missing` in the first layout, `extra` there, or some of `offset`, `size`, `bits`
    /// and `type`.
    pub fn aspects(&self) -> Vec<&'static str> {
        let (one, other) = match (&self.one, &self.other) {
            (Some(one), Some(other)) => (one, other),
            (None, _) => return vec!["missing"],
            (_, None) => return vec!["extra"],
        };
        let aspects = [
            ("offset", one.offset != other.offset),
            ("size", one.size != other.size),
            ("bits", one.bits != other.bits),
            ("type", one.kind != other.kind),
        ];
        aspects.into_iter().filter(|it| it.1).map(|it| it.0).collect()
    }
}

impl ResolvedLayout {
    /// The members that are elsewhere in another layout, of another size or type, or in one of them
    /// only; in this one's order, those that only the other has behind. Within a struct that is
    /// elsewhere as a whole, its members are not told again.
    pub fn differences(&self, other: &Self) -> Vec<MemberDifference> {
        let mut differences = Vec::new();
        let mut seen = HashSet::new();
        let whole = |it: &Self| it.part(Self::ROOT).map(|part| it.facts(Self::ROOT, part));
        let (one, two) = (whole(self), whole(other));
        if one != two {
            differences.push(MemberDifference { path: String::new(), one, other: two });
        }
        for (id, part) in self.fields().filter(|(_, it)| it.name.is_some()) {
            if !seen.insert(part.path.as_str()) {
                continue;
            }
            let found = other.find(&part.path);
            let (one, two) = (self.facts(id, part), found.map(|(id, it)| other.facts(id, it)));
            let moved = found.is_none_or(|(_, it)| other.within(it) != self.within(part));
            let differs = two.as_ref().is_none_or(|two| {
                one.offset != two.offset && moved
                    || (one.size, one.bits_within(), &one.kind)
                        != (two.size, two.bits_within(), &two.kind)
            });
            if differs {
                let path = part.path.clone();
                differences.push(MemberDifference { path, one: Some(one), other: two });
            }
        }
        for (id, part) in other.fields().filter(|(_, it)| it.name.is_some()) {
            if seen.insert(part.path.as_str()) {
                let (path, facts) = (part.path.clone(), other.facts(id, part));
                differences.push(MemberDifference { path, one: None, other: Some(facts) });
            }
        }
        differences
    }

    /// Bytes from the start of the record that it is a member of.
    fn within(&self, part: &Part) -> u64 {
        let start = self.part(part.parent).map_or(0, |it| it.offset);
        part.offset.saturating_sub(start)
    }

    /// What matters of a member on the wire.
    pub fn facts(&self, id: PartId, part: &Part) -> MemberFacts {
        // Compilers do not say that `unsigned id:32` is a bit-field where an integer lies the same.
        let is_whole =
            |it: &&Bits| it.first.is_multiple_of(8) && u64::from(it.width) == it.unit * 8;
        let bits = part.bits().filter(|it| !is_whole(it)).map(|it| (it.first, it.width));
        MemberFacts { offset: part.offset, size: part.len, bits, kind: self.kind(id, part) }
    }

    fn kind(&self, id: PartId, part: &Part) -> String {
        let dimension = match part.repeat {
            Repeat::Once => String::new(),
            Repeat::Times { count, .. } => format!("[{count}]"),
            Repeat::Said { .. } | Repeat::ToEnd { .. } => "[]".to_owned(),
        };
        match &part.kind {
            PartKind::Struct(_) => "struct".to_owned(),
            PartKind::Union(_) => "union".to_owned(),
            PartKind::Hole => String::new(),
            PartKind::List => {
                let of = self.members(id).next().map(|(id, it)| self.kind(id, it));
                let of = of.unwrap_or_default();
                // The outermost dimension comes first.
                match of.split_once('[') {
                    Some((base, rest)) => format!("{base}{dimension}[{rest}"),
                    None => format!("{of}{dimension}"),
                }
            }
            PartKind::Integer { signed, order, role } => {
                let little = if *order == ByteOrder::Little { ", little-endian" } else { "" };
                format!("{}{little}", integer(part.len, *signed, role))
            }
            PartKind::Varint { .. } => "varint".to_owned(),
            PartKind::Bits(bits) => integer(bits.unit, bits.signed, &bits.role),
            PartKind::Float { .. } => match part.len {
                4 => "float".to_owned(),
                8 => "double".to_owned(),
                _ => "long double".to_owned(),
            },
            PartKind::Characters { signed, .. } => {
                format!("{}{dimension}", if *signed { "char" } else { "unsigned char" })
            }
        }
    }
}

impl MemberFacts {
    /// The place of a bit-field in its first byte.
    fn bits_within(&self) -> Option<(u64, u32)> {
        self.bits.map(|(first, width)| (first % 8, width))
    }
}

fn integer(size: u64, signed: bool, role: &Role) -> String {
    match role {
        Role::Boolean => "_Bool".to_owned(),
        Role::Pointer => "pointer".to_owned(),
        Role::Enum(_) => "enum".to_owned(),
        Role::Number | Role::Character | Role::Byte => {
            let bits = size.saturating_mul(8);
            format!("{}int{bits}_t", if signed { "" } else { "u" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Abi, LoadOptions, Schema};
    use super::super::{Layout, Reading};
    use super::*;

    fn layout(text: &str) -> ResolvedLayout {
        let schema = Schema::parse("proto.h", text, &LoadOptions::default());
        let layout = Layout::of(schema.record("m").unwrap(), "m", Abi::X86_64).unwrap();
        layout.resolve(&Reading::default()).unwrap()
    }

    /// Path and aspects of each difference.
    fn told(one: &str, other: &str) -> Vec<String> {
        let differences = layout(one).differences(&layout(other));
        differences.iter().map(|it| format!("{}:{}", it.path, it.aspects().join("+"))).collect()
    }

    #[test]
    fn what_differs_is_told_member_by_member() {
        let one = "struct m { char name[11]; int math; };";
        assert!(told(one, one).is_empty());
        for (other, expected) in [
            (
                "struct m { char name[11]; int math; } __attribute__((packed));",
                &[":size", "math:offset"][..],
            ),
            ("struct m { char name[11]; unsigned math; };", &["math:type"]),
            ("struct m { char name[11]; };", &[":size", "math:extra"]),
            ("struct m { char name[11]; int math; int chinese; };", &[":size", "chinese:missing"]),
            ("struct m { char name[12]; int math; };", &["name:size+type"]),
            ("struct m { unsigned char name[11]; int math; };", &["name:type"]),
            ("struct m { char name[11]; int math:8; };", &[":size", "math:offset+size+bits"]),
            ("struct m { char name[11]; int math:32; };", &[]),
        ] {
            assert_eq!(told(one, other), expected, "{other}");
        }
    }

    #[test]
    fn what_moves_with_its_struct_is_told_once() {
        let inner = "struct p { int x; short y; };";
        let one = format!("{inner} struct m {{ int a; struct p p[2]; }};");
        let other = format!("{inner} struct m {{ int a, b; struct p p[2]; }};");
        assert_eq!(told(&one, &other), [":size", "p:offset", "b:missing"]);
        let inner = "struct p { int x; int y; };";
        let other = format!("{inner} struct m {{ int a; struct p p[2]; }};");
        assert_eq!(told(&one, &other), ["p.y:size+type"]);
    }
}
