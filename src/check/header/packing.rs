//! What a compiler leaves between the members of a struct that is not packed.

use super::super::code::Code;
use super::{Finding, HeaderMessage, Survey, Within, by_abi, bytes, listed, names};
use crate::schema::{Abi, Hole, PartId, RecordDef, Repeat, ResolvedLayout};

const HELP: &str = "write `__attribute__((packed))` behind its closing brace, or \
                    `#pragma pack(push, 1)` before it and `#pragma pack(pop)` behind";

/// What matters of a layout on the wire.
#[derive(PartialEq)]
struct Extent {
    size: u64,
    holes: Vec<Hole>,
    places: Vec<(u64, Option<u64>)>,
}

impl Extent {
    fn of(layout: &ResolvedLayout, record: PartId) -> Option<Self> {
        let part = layout.part(record)?;
        let places = layout.members(record).map(|(_, it)| {
            let first_bit = it.bits().map(|it| it.first - part.offset * 8);
            (it.offset - part.offset, first_bit)
        });
        let places = places.collect();
        let mut holes = layout.own_holes(record);
        let mut size = part.len;
        // A flexible tail begins within what `sizeof` counts behind the other members.
        let last = layout.members(record).last().map(|(_, it)| it);
        if let Some(tail) = last.filter(|it| matches!(it.repeat, Repeat::ToEnd { counted: 0, .. }))
        {
            size = tail.offset - part.offset;
            holes.retain(|it| it.offset < size);
        }
        Some(Self { size, holes, places })
    }

    /// `20 bytes, a hole of 1 byte at offset 11`.
    fn text(&self) -> String {
        let holes = self.holes.iter();
        let holes: Vec<_> =
            holes.map(|it| format!("{} at offset {}", bytes(it.len), it.offset)).collect();
        match holes.len() {
            0 => bytes(self.size),
            1 => format!("{}, a hole of {}", bytes(self.size), listed(&holes)),
            _ => format!("{}, holes of {}", bytes(self.size), listed(&holes)),
        }
    }
}

impl Survey<'_, '_> {
    /// A struct that packing would change, on any ABI.
    pub(super) fn packing(&mut self, record: &RecordDef, within: &Within<'_>) {
        if record.packed {
            return;
        }
        let packed = RecordDef { packed: true, ..record.clone() };
        let packed = HeaderMessage { record: &packed, ..self.message };
        let extents = self.layouts.iter().filter_map(|(abi, layout)| {
            let packed = Extent::of(&packed.layout(*abi)?, ResolvedLayout::ROOT)?;
            Some((*abi, Extent::of(layout, within.part?)?, packed))
        });
        let changed: Vec<_> = extents.filter(|(_, natural, packed)| natural != packed).collect();
        if !changed.is_empty() {
            self.not_packed(record, within.path, changed);
        }
    }

    fn not_packed(&mut self, record: &RecordDef, path: &str, changed: Vec<(Abi, Extent, Extent)>) {
        let Some((abi, natural, packed)) = changed.first() else { return };
        let on = if *abi == Abi::X86_64 { String::new() } else { format!(" on {abi}") };
        let heading = match (&record.tag, path.strip_suffix('.')) {
            (Some(tag), _) => format!("`{tag}`"),
            (None, Some(path)) => format!("the type of `{path}`"),
            (None, None) => format!("`{}`", self.message.name),
        };
        let text = if natural.size == packed.size {
            format!("{heading} is not packed: its members lie elsewhere{on} than packed")
        } else {
            let size = bytes(natural.size);
            format!("{heading} is not packed: {size}{on}, where its members take {}", packed.size)
        };
        let hole = natural.holes.first().copied();
        let groups = by_abi(changed.into_iter().map(|(abi, natural, _)| (abi, natural)));
        let notes = groups.iter().map(|(it, abis)| format!("{}: {}", names(abis), it.text()));
        let finding = Finding {
            field: path.strip_suffix('.').map(str::to_owned),
            offset: hole.map(|it| it.offset),
            len: hole.map(|it| it.len),
            notes: notes.collect(),
            help: Some(HELP.to_owned()),
            ..self.finding(Code::NotPacked, text, record.span)
        };
        self.findings.push(finding);
    }
}
