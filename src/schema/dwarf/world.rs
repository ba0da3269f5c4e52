//! All units of one file, found by their place or signature, and what links between them lead to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gimli::{DebugTypeSignature, Dwarf, DwarfPackage, UnitHeader, UnitSectionOffset, UnitType};

use super::image::Slice;
use super::node::Link;
use super::unit::TypeUnit;

/// Types of units that are kept because others refer to them; then these are read again.
const MAX_KEPT: usize = 1 << 20;

/// The units of one file.
pub(super) struct World<'a> {
    pub dwarf: Dwarf<Slice<'a>>,
    /// All compilation units by their offset, in order.
    pub units: Vec<(usize, UnitHeader<Slice<'a>>)>,
    /// Units of one type each.
    pub type_units: Vec<UnitHeader<Slice<'a>>>,
    /// Type units by signature, with the offset of their type.
    signatures: HashMap<u64, (UnitHeader<Slice<'a>>, usize)>,
    /// Where type units are, if it is one of a package.
    package: Option<&'a DwarfPackage<Slice<'a>>>,
    /// What else is wrong with the headers of units.
    pub mistake: Option<gimli::Error>,
    kept: RefCell<Kept<'a>>,
}

#[derive(Default)]
struct Kept<'a> {
    units: HashMap<UnitSectionOffset, Rc<TypeUnit<'a>>>,
    types: usize,
}

impl<'a> World<'a> {
    pub fn new(dwarf: Dwarf<Slice<'a>>, package: Option<&'a DwarfPackage<Slice<'a>>>) -> Self {
        let mut world = Self {
            dwarf,
            units: Vec::new(),
            type_units: Vec::new(),
            signatures: HashMap::new(),
            package,
            mistake: None,
            kept: RefCell::default(),
        };
        world.mistake = world.find_units().err();
        world
    }

    /// What comes behind a mistake cannot be found.
    fn find_units(&mut self) -> gimli::Result<()> {
        let mut types = self.dwarf.type_units();
        while let Some(header) = types.next()? {
            self.add(header);
        }
        let mut units = self.dwarf.units();
        while let Some(header) = units.next()? {
            self.add(header);
        }
        Ok(())
    }

    fn add(&mut self, header: UnitHeader<Slice<'a>>) {
        match header.type_() {
            UnitType::Type { type_signature, type_offset }
            | UnitType::SplitType { type_signature, type_offset } => {
                self.type_units.push(header);
                self.signatures.entry(type_signature.0).or_insert((header, type_offset.0));
            }
            _ => {
                if let Some(offset) = header.debug_info_offset() {
                    self.units.push((offset.0, header));
                }
            }
        }
    }

    /// Where a link of a unit leads to.
    pub fn follow(&self, from: &Rc<TypeUnit<'a>>, link: Link) -> Option<(Rc<TypeUnit<'a>>, usize)> {
        match link {
            Link::Here(offset) => Some((from.clone(), offset)),
            Link::Elsewhere(offset) => {
                let behind = self.units.partition_point(|(start, _)| *start <= offset);
                let (start, header) = self.units.get(behind.checked_sub(1)?)?;
                let within = offset.checked_sub(*start)?;
                if from.unit.header.debug_info_offset().is_some_and(|it| it.0 == *start) {
                    return Some((from.clone(), within));
                }
                Some((self.kept(&self.dwarf, *header)?, within))
            }
            Link::Signature(signature) => self.type_unit(signature),
            Link::Lost => None,
        }
    }

    fn type_unit(&self, signature: u64) -> Option<(Rc<TypeUnit<'a>>, usize)> {
        if let Some((header, offset)) = self.signatures.get(&signature) {
            return Some((self.kept(&self.dwarf, *header)?, *offset));
        }
        let package = self.package?;
        let dwarf = package.find_tu(DebugTypeSignature(signature), &self.dwarf).ok()??;
        let mut units = dwarf.units();
        let mut types = dwarf.type_units();
        let header = match units.next() {
            Ok(Some(header)) => header,
            _ => types.next().ok()??,
        };
        match header.type_() {
            UnitType::SplitType { type_offset, .. } | UnitType::Type { type_offset, .. } => {
                let (unit, _) = TypeUnit::read(&dwarf, header).ok()?;
                Some((Rc::new(unit), type_offset.0))
            }
            _ => None,
        }
    }

    /// A unit that another refers to.
    fn kept(
        &self,
        dwarf: &Dwarf<Slice<'a>>,
        header: UnitHeader<Slice<'a>>,
    ) -> Option<Rc<TypeUnit<'a>>> {
        let place = header.offset();
        let mut kept = self.kept.borrow_mut();
        if let Some(unit) = kept.units.get(&place) {
            return Some(unit.clone());
        }
        let (unit, _) = TypeUnit::read(dwarf, header).ok()?;
        let unit = Rc::new(unit);
        if kept.types > MAX_KEPT {
            *kept = Kept::default();
        }
        kept.types = kept.types.saturating_add(unit.len());
        kept.units.insert(place, unit.clone());
        Some(unit)
    }
}
