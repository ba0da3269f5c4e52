//! From what a unit describes to types of C.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use gimli::UnitSectionOffset;

use super::super::byte_order::ByteOrder;
use super::super::ctype::{ArrayLen, CType, EnumDef, Enumerator, RecordDef};
use super::super::layout::Layout;
use super::super::meaning::Meaning;
use super::super::source::Span;
use super::basic::{by_name, opaque};
use super::catalogue::{Catalogue, Naming};
use super::machine::Machine;
use super::macros;
use super::name::{field_name, text};
use super::node::{ArrayNode, Dimension, EnumNode, Line, Link, MemberNode, Node, RecordNode};
use super::origin::is_system;
use super::placed::{PlacedMember, PlacedRecord, SourceLine};
use super::source_path::source_path;
use super::unit::TypeUnit;
use super::world::World;

/// Types within one another, typedefs and qualifiers counted; more than the bounds of layouts let
/// pass.
const MAX_DEPTH: u32 = 200;

/// Records whose type is remembered; more than one unit has.
const MAX_DONE: usize = 1 << 20;

type Site = (UnitSectionOffset, usize);

/// The types of one file's units.
pub(super) struct Types<'w, 'a> {
    world: &'w World<'a>,
    catalogue: &'w mut Catalogue,
    machine: Machine,
    /// Where a record has no declaration in C, `None`; so while it is being made, since none holds itself.
    records: HashMap<Site, Option<Arc<RecordDef>>>,
    enums: HashMap<Site, CType>,
    files: HashMap<(UnitSectionOffset, u64), Option<u32>>,
    /// The source files of the skeleton, where the unit is beside its program.
    skeleton: &'w [String],
}

impl<'w, 'a> Types<'w, 'a> {
    pub fn new(
        world: &'w World<'a>,
        catalogue: &'w mut Catalogue,
        machine: Machine,
        skeleton: &'w [String],
    ) -> Self {
        let (records, enums, files) = Default::default();
        Self { world, catalogue, machine, records, enums, files, skeleton }
    }

    /// Takes in all that a unit names. `label` is what the unit is called, empty where it is not.
    pub fn unit(&mut self, unit: &Rc<TypeUnit<'a>>, label: &str) {
        let label = (!label.is_empty()).then(|| self.catalogue.unit(label));
        for &offset in &unit.named {
            match unit.node(offset) {
                Some(Node::Record(node)) if !node.declaration || node.signature.is_some() => {
                    self.name_record(unit, offset, node, label);
                }
                Some(Node::Enum(node)) if !node.declaration => {
                    self.enumeration(unit, offset, node, 0);
                }
                Some(Node::Alias { name: Some(name), of: Some(of), .. }) => {
                    self.name_alias(unit, name, *of, label);
                }
                _ => {}
            }
        }
        if self.records.len() > MAX_DONE {
            self.records.clear();
        }
    }

    /// Takes in the macros of a unit, where the compiler kept them (`-g3`).
    pub fn macros(&mut self, unit: &Rc<TypeUnit<'a>>) {
        for found in macros::of(&self.world.dwarf, &unit.unit) {
            let line = self.line(unit, found.line);
            let file = line.and_then(|it| self.catalogue.listing.path(it.file));
            if !is_system(file, None, found.name.as_bytes()) {
                self.catalogue.add_macro(found.name, found.body, line);
            }
        }
    }

    fn name_record(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        offset: usize,
        node: &RecordNode<'a>,
        label: Option<u32>,
    ) {
        let Some(name) = node.name.filter(|_| !node.artificial) else { return };
        let Some(record) = self.record(unit, offset, 0) else { return };
        let scope: Vec<String> = node.scope.iter().map(|it| text(it)).collect();
        let line = node.line.and_then(|it| self.line(unit, it));
        let file = line.and_then(|it| self.catalogue.listing.path(it.file));
        let user = !is_system(file, scope.first().map(String::as_str), name);
        let file = file.unwrap_or_default().to_owned();
        // Units share a type unit: it has no name.
        let label = label.unwrap_or_else(|| self.catalogue.unit(&file));
        let naming = Naming { name: text(name), scope, unit: label, user, listed: true };
        self.catalogue.name(naming, record);
    }

    /// A typedef of a record: the name of one without, else another.
    fn name_alias(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        name: &'a [u8],
        of: Link,
        label: Option<u32>,
    ) {
        let Some((unit, offset)) = self.record_behind(unit, of, 0) else { return };
        let Some(Node::Record(node)) = unit.node(offset) else { return };
        let Some(record) = self.record(&unit, offset, 0) else { return };
        let names_it = node.name.is_none() && unit.typedef(offset).is_none_or(|it| it == name);
        let line = node.line.and_then(|it| self.line(&unit, it));
        let file = line.and_then(|it| self.catalogue.listing.path(it.file));
        let user = !is_system(file, None, name);
        let file = file.unwrap_or_default().to_owned();
        let label = label.unwrap_or_else(|| self.catalogue.unit(&file));
        let naming =
            Naming { name: text(name), scope: Vec::new(), unit: label, user, listed: names_it };
        self.catalogue.name(naming, record);
    }

    /// The record behind typedefs and qualifiers.
    fn record_behind(
        &self,
        unit: &Rc<TypeUnit<'a>>,
        link: Link,
        depth: u32,
    ) -> Option<(Rc<TypeUnit<'a>>, usize)> {
        let (unit, offset) = self.world.follow(unit, link)?;
        match unit.node(offset)? {
            Node::Record(_) => Some((unit, offset)),
            Node::Alias { of: Some(of), .. } if depth < MAX_DEPTH => {
                self.record_behind(&unit, *of, depth.saturating_add(1))
            }
            _ => None,
        }
    }

    /// `None` for what has no bytes that are known: functions, `void`, what is only declared.
    fn ctype(&mut self, from: &Rc<TypeUnit<'a>>, link: Link, depth: u32) -> Option<CType> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (unit, offset) = self.world.follow(from, link)?;
        let depth = depth.saturating_add(1);
        match unit.node(offset)? {
            Node::Basic(basic) => Some(basic.ctype(self.machine)),
            Node::Pointer => Some(CType::Pointer),
            Node::Alias { name, of, align } => {
                let inner = self.ctype(&unit, (*of)?, depth)?;
                let named = name.and_then(|it| std::str::from_utf8(it).ok());
                let named = named.and_then(|it| by_name(it, &inner, self.machine));
                let ctype = named.unwrap_or(inner);
                Some(match align {
                    Some(align) => CType::Aligned(Box::new(ctype), *align),
                    None => ctype,
                })
            }
            Node::Array(array) => {
                let ctype = self.array(&unit, array, depth);
                ctype.or_else(|| array.size.map(opaque))
            }
            Node::Enum(node) => self.enumeration(&unit, offset, node, depth),
            Node::Record(node) => match self.record(&unit, offset, depth) {
                Some(record) => Some(CType::Record(record)),
                None => node.size.map(opaque),
            },
            Node::Opaque { size } => size.map(opaque),
        }
    }

    fn array(&mut self, unit: &Rc<TypeUnit<'a>>, array: &ArrayNode, depth: u32) -> Option<CType> {
        if array.strided {
            return None;
        }
        let mut ctype = self.ctype(unit, array.of?, depth)?;
        for (index, dimension) in array.dimensions.iter().enumerate().rev() {
            let len = match dimension {
                Dimension::Fixed(len) => ArrayLen::Fixed(*len),
                Dimension::Open if index == 0 => ArrayLen::Flexible,
                Dimension::Open | Dimension::Variable => return None,
            };
            ctype = CType::Array(Box::new(ctype), len);
        }
        Some(ctype)
    }

    fn enumeration(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        offset: usize,
        node: &EnumNode<'a>,
        depth: u32,
    ) -> Option<CType> {
        let site = (unit.place(), offset);
        if let Some(known) = self.enums.get(&site) {
            return Some(known.clone());
        }
        let of = node.of.and_then(|of| self.ctype(unit, of, depth));
        let values = node.values.iter();
        let enumerators: Vec<_> =
            values.map(|(name, value)| Enumerator { name: text(name), value: *value }).collect();
        self.catalogue.constants(&enumerators);
        let size = match (node.size, &of) {
            (Some(size), _) => size,
            (None, Some(of)) => self.catalogue.measure.of(of)?.size,
            (None, None) => return None,
        };
        let tag = node.name.or_else(|| unit.typedef(offset)).map(text);
        let underlying = match of {
            Some(CType::Int { kind, .. }) => Some(kind),
            _ => None,
        };
        let span = Span::default();
        let def = EnumDef { tag, enumerators, packed: false, underlying, span };
        let line = node.line.and_then(|it| self.line(unit, it));
        let ctype = self.catalogue.enumeration(def, size, node.class, line);
        let ctype = ctype.unwrap_or_else(|| opaque(size));
        self.enums.insert(site, ctype.clone());
        Some(ctype)
    }

    fn record(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        offset: usize,
        depth: u32,
    ) -> Option<Arc<RecordDef>> {
        let site = (unit.place(), offset);
        if let Some(known) = self.records.get(&site) {
            return known.clone();
        }
        self.records.insert(site, None);
        let record = self.place_record(unit, offset, depth);
        self.records.insert(site, record.clone());
        record
    }

    fn place_record(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        offset: usize,
        depth: u32,
    ) -> Option<Arc<RecordDef>> {
        let Some(Node::Record(node)) = unit.node(offset) else { return None };
        if let Some(signature) = node.signature {
            let (unit, offset) = self.world.follow(unit, Link::Signature(signature))?;
            return self.record(&unit, offset, depth.saturating_add(1));
        }
        if node.dynamic || node.declaration {
            return None;
        }
        let size = node.size?;
        let typedef = unit.typedef(offset).filter(|_| node.name.is_none());
        let line = node.line.and_then(|it| self.line(unit, it));
        let mut placed = PlacedRecord {
            union: node.union,
            name: node.name.or(typedef).map(text),
            typedef: typedef.is_some(),
            size,
            align: node.align,
            members: Vec::with_capacity(node.members.len()),
            line,
        };
        let mut members: Vec<_> =
            node.members.iter().filter_map(|it| self.member(unit, it, depth)).collect();
        if !node.union {
            members.sort_by_key(|it| it.1.first_bit);
            self.mend_whole_bit_fields(&mut members);
        }
        let starts: Vec<_> = members.iter().skip(1).map(|it| it.1.first_bit).collect();
        let mut starts = starts.into_iter();
        for (known, member) in members {
            let end = starts.next().filter(|_| !node.union).unwrap_or(size.saturating_mul(8));
            let room = end.saturating_sub(member.first_bit) / 8;
            placed.members.extend(self.fitted(known, member, room));
        }
        self.catalogue.record(&placed)
    }

    /// Says where bit-fields as wide as their type are that do not begin a byte: clang gives the byte
    /// that they begin in, as if they were none, though it holds the end of the bit-field before.
    fn mend_whole_bit_fields(&self, members: &mut [(bool, PlacedMember)]) {
        let mut end: u64 = 0;
        for (_, member) in members {
            let size = self.catalogue.measure.of(&member.ctype).map_or(0, |it| it.size);
            let bits = size.saturating_mul(8);
            let overlap = end.saturating_sub(member.first_bit);
            let is_integer = matches!(member.ctype, CType::Int { .. } | CType::Enum(_));
            if member.width.is_none() && is_integer && (1..8).contains(&overlap) {
                member.first_bit = end;
                member.width = u32::try_from(bits).ok();
            }
            end = match member.width {
                Some(width) => member.first_bit.saturating_add(u64::from(width)),
                None => 0,
            };
        }
    }

    /// A member, and whether its type is known: else it has no type yet.
    fn member(
        &mut self,
        unit: &Rc<TypeUnit<'a>>,
        node: &MemberNode<'a>,
        depth: u32,
    ) -> Option<(bool, PlacedMember)> {
        let ctype = node.of.and_then(|of| self.ctype(unit, of, depth.saturating_add(1)));
        let known = ctype.is_some();
        let ctype = ctype.unwrap_or(CType::Void);
        let size = self.catalogue.measure.of(&ctype).map_or(0, |it| it.size);
        let big = self.machine.abi.byte_order() == ByteOrder::Big;
        let member = PlacedMember {
            name: node.name.map(field_name),
            first_bit: node.place.first_bit(size, big)?,
            width: node.place.width.map(u32::try_from).transpose().ok()?,
            // gcc says the alignment of a typedef again of the member.
            align: node.align.filter(|_| !matches!(ctype, CType::Aligned(..))),
            ctype,
            meaning: node.of.and_then(|of| self.meaning(unit, of, 0)),
            line: node.line.and_then(|it| self.line(unit, it)),
        };
        Some((known, member))
    }

    /// What the typedefs say through which a type is named, also that of an array's elements.
    fn meaning(&self, from: &Rc<TypeUnit<'a>>, link: Link, depth: u32) -> Option<Meaning> {
        let (unit, offset) = self.world.follow(from, link).filter(|_| depth < MAX_DEPTH)?;
        let depth = depth.saturating_add(1);
        match unit.node(offset)? {
            Node::Alias { name, of, .. } => {
                let name = name.and_then(|it| std::str::from_utf8(it).ok());
                let own = name.and_then(Meaning::of_typedef);
                own.or_else(|| self.meaning(&unit, (*of)?, depth))
            }
            Node::Array(array) => self.meaning(&unit, array.of?, depth),
            _ => None,
        }
    }

    /// A member that has `room` bytes up to the next: bytes where its type is not known, and without
    /// its padding where another member uses that, as heirs do in C++. `None` for what has none.
    fn fitted(&mut self, known: bool, member: PlacedMember, room: u64) -> Option<PlacedMember> {
        if !known {
            let takes_bytes = member.width.is_none() && room > 0;
            return takes_bytes.then(|| PlacedMember { ctype: opaque(room), ..member });
        }
        let CType::Record(record) = &member.ctype else { return Some(member) };
        if member.name.is_none() && record.fields.is_empty() {
            return None;
        }
        let size = self.catalogue.measure.of(&member.ctype)?.size;
        if size <= room {
            return Some(member);
        }
        let short = self.shortened(record.clone(), room)?;
        Some(PlacedMember { ctype: CType::Record(short), ..member })
    }

    /// A record of which the padding at the end belongs to what comes behind.
    fn shortened(&mut self, record: Arc<RecordDef>, size: u64) -> Option<Arc<RecordDef>> {
        let layout = Layout::of(&record, "", self.machine.abi).ok()?;
        let members = record.placed().zip(&layout.fields).map(|(declared, field)| PlacedMember {
            name: declared.name.clone(),
            ctype: declared.ctype.clone(),
            first_bit: field.bits.map_or(field.offset.saturating_mul(8), |it| it.0),
            width: declared.bits,
            align: None,
            meaning: declared.notes.meaning,
            line: None,
        });
        let placed = PlacedRecord {
            union: false,
            name: record.tag.clone(),
            typedef: record.typedef,
            size,
            align: None,
            members: members.collect(),
            line: None,
        };
        self.catalogue.record(&placed)
    }

    fn line(&mut self, unit: &Rc<TypeUnit<'a>>, line: Line) -> Option<SourceLine> {
        let key = (unit.place(), line.file);
        let file = match self.files.get(&key) {
            Some(known) => *known,
            None => {
                let own = unit.unit.line_program.is_some();
                let path = match usize::try_from(line.file) {
                    Ok(file) if !own => self.skeleton.get(file).cloned(),
                    _ => source_path(&self.world.dwarf, &unit.unit, line.file),
                };
                let file = path.map(|it| self.catalogue.listing.file(&it));
                self.files.insert(key, file);
                file
            }
        };
        let line = u32::try_from(line.line).ok().filter(|&it| it > 0)?;
        Some(SourceLine { file: file?, line })
    }
}
