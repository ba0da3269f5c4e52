//! Macros that a compiler kept (`-g3`; DWARF 5 section 6.3): those that stand for a value, with their
//! file and line.

use std::collections::HashSet;

use gimli::{
    AttributeValue, DebugMacroOffset, Dwarf, MacroEntry, MacroIter, Unit, constants as dw,
};

use super::image::Slice;
use super::name::text;
use super::node::Line;

/// Macros of one unit that are looked at.
const MAX_MACROS: usize = 1 << 17;

/// Lists of macros within one another.
const MAX_DEPTH: u32 = 8;

/// A macro without parameters.
pub(super) struct Macro {
    pub name: String,
    /// What it stands for.
    pub body: String,
    pub line: Line,
}

/// The macros of a unit that have a body and no parameters, as far as they can be read.
pub(super) fn of<'a>(dwarf: &Dwarf<Slice<'a>>, unit: &Unit<Slice<'a>>) -> Vec<Macro> {
    let mut reading =
        Reading { dwarf, unit, files: Vec::new(), seen: HashSet::new(), found: Vec::new() };
    if let Some(entries) = first(dwarf, unit) {
        // What comes behind a mistake is lost.
        let _ = reading.list(entries, 0);
    }
    reading.found
}

fn first<'a>(dwarf: &Dwarf<Slice<'a>>, unit: &Unit<Slice<'a>>) -> Option<MacroIter<Slice<'a>>> {
    let root = unit.entry(unit.header.root_offset()).ok()?;
    let of = |attribute| match root.attr_value(attribute)? {
        AttributeValue::DebugMacroRef(offset) => dwarf.macros(offset).ok(),
        AttributeValue::DebugMacinfoRef(offset) => dwarf.macinfo(offset).ok(),
        AttributeValue::SecOffset(offset) => dwarf.macros(DebugMacroOffset(offset)).ok(),
        _ => None,
    };
    [dw::DW_AT_macros, dw::DW_AT_GNU_macros, dw::DW_AT_macro_info].into_iter().find_map(of)
}

struct Reading<'r, 'a> {
    dwarf: &'r Dwarf<Slice<'a>>,
    unit: &'r Unit<Slice<'a>>,
    /// The file that is being read, and those that include it.
    files: Vec<u64>,
    /// Lists that were read before.
    seen: HashSet<usize>,
    found: Vec<Macro>,
}

impl<'a> Reading<'_, 'a> {
    fn list(&mut self, mut entries: MacroIter<Slice<'a>>, depth: u32) -> gimli::Result<()> {
        while let Some(entry) = entries.next()? {
            if self.found.len() == MAX_MACROS {
                break;
            }
            match entry {
                MacroEntry::Define { line, text } => {
                    let defined = text.string(self.unit.unit_ref(self.dwarf))?;
                    self.define(defined.slice(), line);
                }
                MacroEntry::StartFile { file, .. } => self.files.push(file),
                MacroEntry::EndFile => {
                    self.files.pop();
                }
                MacroEntry::Import { offset }
                    if depth < MAX_DEPTH && self.seen.insert(offset.0) =>
                {
                    let entries = self.dwarf.macros(offset)?;
                    self.list(entries, depth.saturating_add(1))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes in `NAME BODY`, found in a file: what stands in none is the compiler's own.
    fn define(&mut self, defined: &[u8], line: u64) {
        let Some(&file) = self.files.last() else { return };
        let space = memchr::memchr(b' ', defined).unwrap_or(defined.len());
        let (name, body) = defined.split_at(space);
        if name.contains(&b'(') || body.trim_ascii().is_empty() {
            return;
        }
        let body = String::from_utf8_lossy(body.trim_ascii()).replace(['\n', '\r'], " ");
        self.found.push(Macro { name: text(name), body, line: Line { file, line } });
    }
}
