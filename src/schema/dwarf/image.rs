//! An ELF file, of which only what is asked for is read.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use gimli::{DwarfPackageSections, DwarfSections, EndianSlice, RunTimeEndian, SectionId};
use object::{Object, ReadCache};

use super::error::ProgramError;
use super::machine::Machine;
use super::section;

/// How gimli reads here.
pub(super) type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// The bytes of an opened file, as far as they were read.
pub(super) type Cache = ReadCache<BufReader<File>>;

/// An ELF file.
pub(super) struct Image<'c> {
    file: object::File<'c, &'c Cache>,
}

/// A regular file, for [`Image::parse`].
pub(super) fn open(path: &Path) -> Result<Cache, ProgramError> {
    Ok(ReadCache::new(BufReader::new(File::open(path)?)))
}

impl<'c> Image<'c> {
    pub fn parse(cache: &'c Cache) -> Result<Self, ProgramError> {
        let file = object::File::parse(cache);
        Ok(Self { file: file.map_err(|error| ProgramError::Elf(error.to_string()))? })
    }

    pub fn machine(&self) -> Machine {
        Machine::of(&self.file)
    }

    pub fn endian(&self) -> RunTimeEndian {
        if self.file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big }
    }

    /// The bytes of a section; empty where it is not there.
    pub fn section(&self, name: &str) -> Result<Cow<'c, [u8]>, ProgramError> {
        section::bytes(&self.file, name)
    }

    /// The DWARF of a program or an object file.
    pub fn dwarf(&self) -> Result<DwarfSections<Cow<'c, [u8]>>, ProgramError> {
        DwarfSections::load(|id| self.wanted(id, Some(id.name())))
    }

    /// The DWARF of a `.dwo` file.
    pub fn dwo(&self) -> Result<DwarfSections<Cow<'c, [u8]>>, ProgramError> {
        DwarfSections::load(|id| self.wanted(id, id.dwo_name()))
    }

    /// The DWARF of a `.dwp` file.
    pub fn package(&self) -> Result<DwarfPackageSections<Cow<'c, [u8]>>, ProgramError> {
        DwarfPackageSections::load(|id| self.wanted(id, id.dwo_name()))
    }

    /// Types and macros need no places of code or data. The unit itself has an address.
    fn wanted(&self, id: SectionId, name: Option<&str>) -> Result<Cow<'c, [u8]>, ProgramError> {
        match (id, name) {
            (
                SectionId::DebugInfo
                | SectionId::DebugTypes
                | SectionId::DebugAbbrev
                | SectionId::DebugStr
                | SectionId::DebugStrOffsets
                | SectionId::DebugAddr
                | SectionId::DebugLineStr
                | SectionId::DebugLine
                | SectionId::DebugMacro
                | SectionId::DebugMacinfo
                | SectionId::DebugCuIndex
                | SectionId::DebugTuIndex,
                Some(name),
            ) => self.section(name),
            _ => Ok(Cow::Borrowed(&[])),
        }
    }
}

/// A slice as gimli wants it.
pub(super) fn slice(bytes: &[u8], endian: RunTimeEndian) -> Slice<'_> {
    EndianSlice::new(bytes, endian)
}
