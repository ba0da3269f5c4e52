//! Debug data beside the program (`-gsplit-dwarf`, DWARF 5 section 7.3.2): a `.dwo` file for each unit, or
//! a `.dwp` file of them all.

use std::path::{Path, PathBuf};

use gimli::{Dwarf, DwarfPackage, Unit};

use super::error::ProgramError;
use super::image::{self, Image, Slice, slice};
use super::name::text;
use super::source_path::source_paths;
use super::walk::Walk;
use super::world::World;

/// Where the split units of a program are.
pub(super) struct Split<'p> {
    program: &'p Path,
    package: Option<&'p DwarfPackage<Slice<'p>>>,
    /// The first file that is not there.
    pub missing: Option<String>,
    /// How many are not.
    pub lost: usize,
}

/// Where the package of a program is, if it has one.
pub(super) fn package_path(program: &Path) -> PathBuf {
    let mut path = program.as_os_str().to_owned();
    path.push(".dwp");
    PathBuf::from(path)
}

impl<'p> Split<'p> {
    pub fn new(program: &'p Path, package: Option<&'p DwarfPackage<Slice<'p>>>) -> Self {
        Self { program, package, missing: None, lost: 0 }
    }

    /// Reads the unit that a skeleton stands for.
    pub fn unit<'a>(
        &mut self,
        skeleton: &Unit<Slice<'a>>,
        parent: &Dwarf<Slice<'a>>,
        walk: &mut Walk<'_>,
    ) -> Result<(), ProgramError> {
        let files = source_paths(parent, skeleton);
        if let (Some(package), Some(id)) = (self.package, skeleton.dwo_id) {
            // What a split unit takes of its program is addresses, which types have none of.
            if let Some(dwarf) = package.find_cu(id, &Dwarf::default())? {
                return walk.units(&World::new(dwarf, Some(package)), &files, None);
            }
        }
        let value = skeleton.dwo_name().ok().flatten();
        let name = value.and_then(|it| parent.attr_string(skeleton, it).ok());
        let name = name.map(|it| text(it.slice())).unwrap_or_default();
        let folder = skeleton.comp_dir.map(|it| text(it.slice())).unwrap_or_default();
        let places = self.places(&folder, &name);
        let Some(cache) = places.iter().find_map(|it| image::open(it).ok()) else {
            self.missing.get_or_insert(name);
            self.lost = self.lost.saturating_add(1);
            return Ok(());
        };
        let image = Image::parse(&cache)?;
        let sections = image.dwo()?;
        let endian = image.endian();
        let mut dwarf = sections.borrow(|it| slice(it, endian));
        dwarf.file_type = gimli::DwarfFileType::Dwo;
        let world = World::new(dwarf, None);
        if !is_of(&world, skeleton) {
            return Err(ProgramError::OtherBuild { name });
        }
        walk.units(&world, &files, None)
    }

    /// Where a `.dwo` file may be: where it was made, or where the program is now.
    fn places(&self, folder: &str, name: &str) -> Vec<PathBuf> {
        let beside = self.program.parent().unwrap_or(Path::new(""));
        let mut places = vec![Path::new(folder).join(name), beside.join(name)];
        places.extend(Path::new(name).file_name().map(|it| beside.join(it)));
        places
    }
}

/// Whether a file has the unit of a skeleton, and not that of another build.
fn is_of(world: &World<'_>, skeleton: &Unit<Slice<'_>>) -> bool {
    let mut units = world.units.iter().filter_map(|(_, it)| world.dwarf.unit(*it).ok());
    units.any(|it| it.dwo_id == skeleton.dwo_id)
}
