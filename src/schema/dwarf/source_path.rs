//! The source files of a unit, as its line table numbers them (DWARF 5 section 6.2.4.1).

use gimli::{Dwarf, Unit};

use super::image::Slice;
use super::name::text;

/// Files of a unit that are looked at, where all are wanted.
const MAX_FILES: u64 = 1 << 16;

/// A source file as the compiler was given it: relative to where it ran, if it was.
pub(super) fn source_path<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
    file: u64,
) -> Option<String> {
    let header = unit.line_program.as_ref()?.header();
    let file = header.file(file)?;
    let string = |value| dwarf.attr_string(unit, value).ok();
    let name = text(string(file.path_name())?.slice());
    let dir = file.directory(header).and_then(string).map(|it| text(it.slice()));
    let here = unit.comp_dir.map(|it| text(it.slice()));
    Some(match dir {
        Some(dir) if !name.starts_with('/') && Some(&dir) != here.as_ref() => {
            format!("{dir}/{name}")
        }
        _ => name,
    })
}

/// All source files, by their number.
pub(super) fn source_paths<'a>(dwarf: &Dwarf<Slice<'a>>, unit: &Unit<Slice<'a>>) -> Vec<String> {
    let Some(program) = &unit.line_program else { return Vec::new() };
    let count = program.header().file_names().len() as u64;
    let path = |file| source_path(dwarf, unit, file).unwrap_or_default();
    // Up to DWARF 4 the first is number 1.
    (0..=count.min(MAX_FILES)).map(path).collect()
}
