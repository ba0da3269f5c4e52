//! What a compiler leaves between the members of a struct that is not packed.

use super::super::code::Code;
use super::{Finding, Layouts, Survey, by_abi, bytes, listed, names};
use crate::schema::RecordDef;
use crate::schema::{Abi, Hole, Layout};

const HELP: &str = "write `__attribute__((packed))` behind its closing brace, or \
                    `#pragma pack(push, 1)` before it and `#pragma pack(pop)` behind";

/// What matters of a layout on the wire.
#[derive(PartialEq)]
struct Extent {
    size: u64,
    holes: Vec<Hole>,
    places: Vec<(u64, Option<(u64, u32)>)>,
}

impl Extent {
    fn of(layout: &Layout) -> Self {
        Self {
            size: layout.size,
            holes: layout.own_holes(),
            places: layout.fields.iter().map(|it| (it.offset, it.bits)).collect(),
        }
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
    pub(super) fn packing(&mut self, record: &RecordDef, layouts: &Layouts, path: &str) {
        if record.packed {
            return;
        }
        let packed = RecordDef { packed: true, ..record.clone() };
        let name = record.tag.as_deref().unwrap_or_default();
        let mut changed = Vec::new();
        for (abi, layout) in layouts {
            let Ok(packed) = Layout::of(&packed, name, *abi) else { continue };
            let (natural, packed) = (Extent::of(layout), Extent::of(&packed));
            if natural != packed {
                changed.push((*abi, natural, packed));
            }
        }
        if !changed.is_empty() {
            self.not_packed(record, path, changed);
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
