//! A program in place of a header: its DWARF, else its BTF.

use std::path::Path;

use gimli::{EndianSlice, Section};

use super::super::c::Schema;
use super::super::source::Level;
use super::btf;
use super::catalogue::Catalogue;
use super::error::ProgramError;
use super::image::{self, Image, slice};
use super::machine::Machine;
use super::split::{Split, package_path};
use super::walk::Walk;
use super::world::World;

/// Bytes of `.debug_info` from which on BTF is read in its place, where a program has both: a kernel's
/// DWARF repeats every type thousands of times, its BTF has each once.
const MAX_BESIDE_BTF: usize = 128 << 20;

/// What a program declares.
///
/// # Errors
///
/// It cannot be read, has no debug data, or none of them can be understood. What is wrong with some
/// of them is in [`Schema::diagnostics`].
pub(super) fn load(path: &Path) -> Result<Schema, ProgramError> {
    let cache = image::open(path)?;
    let image = Image::parse(&cache)?;
    let machine = image.machine();
    let sections = image.dwarf()?;
    let endian = image.endian();
    let dwarf = sections.borrow(|it| slice(it, endian));
    let types = image.section(".BTF")?;
    let len = dwarf.debug_info.reader().len();
    let has_dwarf = len > 0 || !dwarf.debug_types.reader().is_empty();
    if !types.is_empty() && (!has_dwarf || len > MAX_BESIDE_BTF) {
        return btf::load(&types, machine);
    }
    if !has_dwarf {
        return Err(ProgramError::NoDebugData);
    }
    let package_cache = image::open(&package_path(path)).ok();
    let package_image = package_cache.as_ref().map(Image::parse).transpose()?;
    let package_sections = package_image.as_ref().map(Image::package).transpose()?;
    let nothing = EndianSlice::new(&[], endian);
    let package = package_sections.as_ref();
    let package = package.map(|it| it.borrow(|it| slice(it, endian), nothing)).transpose()?;
    let mut split = Split::new(path, package.as_ref());
    let mut catalogue = Catalogue::new(machine.abi);
    read(&World::new(dwarf, None), machine, &mut split, &mut catalogue)?;
    Ok(catalogue.finish())
}

fn read(
    world: &World<'_>,
    machine: Machine,
    split: &mut Split<'_>,
    catalogue: &mut Catalogue,
) -> Result<(), ProgramError> {
    let mut walk = Walk { catalogue, machine, mistake: None };
    walk.units(world, &[], Some(split))?;
    let mistake = walk.mistake;
    if let Some(name) = split.missing.take() {
        if catalogue.is_empty() {
            return Err(ProgramError::Split { name });
        }
        let others = match split.lost.saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more are not"),
        };
        let text = format!("{name} is not there{others}: its types are missing");
        catalogue.complain(Level::Warning, text, Some("keep it beside the program"));
    }
    match mistake {
        Some(mistake) if catalogue.is_empty() => Err(mistake.into()),
        _ => Ok(()),
    }
}
