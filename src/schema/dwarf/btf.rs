//! BTF, the types of kernels and BPF programs (Linux Documentation/bpf/btf.rst): no lines of source,
//! and no units, each type there once.

use std::sync::Arc;

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;
use super::super::c::Schema;
use super::super::ctype::{ArrayLen, CType, EnumDef, Enumerator, RecordDef};
use super::super::meaning::Meaning;
use super::super::source::Span;
use super::basic::{by_name, opaque};
use super::btf_table::{Kind, Member, Table, Type};
use super::catalogue::{Catalogue, Naming};
use super::error::ProgramError;
use super::machine::Machine;
use super::name::{field_name, text};
use super::node::Basic;
use super::placed::{PlacedMember, PlacedRecord};

/// Types within one another, typedefs and qualifiers counted.
const MAX_DEPTH: u32 = 200;

/// What the types of a `.BTF` section declare.
pub(super) fn load(bytes: &[u8], machine: Machine) -> Result<Schema, ProgramError> {
    let table = Table::read(bytes).map_err(ProgramError::Btf)?;
    Ok(of_table(&table, machine))
}

/// What a file declares that is nothing but BTF, as `/sys/kernel/btf/vmlinux` is. It says its byte order, but
/// no ABI: how wide a `long` is tells how wide addresses are.
pub(super) fn load_bare(bytes: &[u8]) -> Result<Schema, ProgramError> {
    let table = Table::read(bytes).map_err(ProgramError::Btf)?;
    let order = if table.big { ByteOrder::Big } else { ByteOrder::Little };
    let long = table.types.iter().find_map(|it| match it.kind {
        Kind::Int { .. } if matches!(it.name, b"long unsigned int" | b"unsigned long") => {
            Some(it.size)
        }
        _ => None,
    });
    let abi = Abi::generic(if long == Some(4) { 4 } else { 8 }, order);
    Ok(of_table(&table, Machine { abi, paired: false }))
}

fn of_table(table: &Table<'_>, machine: Machine) -> Schema {
    let mut catalogue = Catalogue::new(machine.abi);
    let unit = catalogue.unit("");
    let count = table.types.len();
    let mut types = Types {
        table,
        machine,
        catalogue: &mut catalogue,
        records: vec![None; count],
        typedefs: typedefs(table),
    };
    for (index, it) in table.types.iter().enumerate() {
        let id = index.saturating_add(1);
        let naming = |listed| Naming {
            name: text(it.name),
            scope: Vec::new(),
            unit,
            user: !it.name.starts_with(b"__va_list"),
            listed,
        };
        match &it.kind {
            Kind::Record { .. } if !it.name.is_empty() => {
                if let Some(record) = types.record(id, 0) {
                    types.catalogue.name(naming(true), record);
                }
            }
            Kind::Enum { .. } => {
                types.enumeration(id);
            }
            Kind::Alias { of } if !it.name.is_empty() => {
                let Some(CType::Record(record)) = types.ctype(*of, 0) else { continue };
                let is_own = types.typedef(*of) == Some(it.name);
                types.catalogue.name(naming(is_own), record);
            }
            _ => {}
        }
    }
    catalogue.finish()
}

/// The typedef of each type without a name, by its number less one.
fn typedefs<'t>(table: &Table<'t>) -> Vec<Option<&'t [u8]>> {
    let mut typedefs = vec![None; table.types.len()];
    for it in &table.types {
        let Kind::Alias { of } = it.kind else { continue };
        let slot = of.checked_sub(1).and_then(|of| typedefs.get_mut(of));
        if let (Some(slot @ None), false) = (slot, it.name.is_empty()) {
            *slot = Some(it.name);
        }
    }
    typedefs
}

struct Types<'t, 'b> {
    table: &'t Table<'b>,
    machine: Machine,
    catalogue: &'t mut Catalogue,
    /// Inner `None` where C cannot declare it; so while it is being made.
    records: Vec<Option<Option<Arc<RecordDef>>>>,
    typedefs: Vec<Option<&'b [u8]>>,
}

impl<'t, 'b> Types<'t, 'b> {
    fn found(&self, id: usize) -> Option<&'t Type<'b>> {
        self.table.types.get(id.checked_sub(1)?)
    }

    /// The typedef that names what has no name itself.
    fn typedef(&self, id: usize) -> Option<&'b [u8]> {
        let found = self.found(id).filter(|it| it.name.is_empty());
        found.and(self.typedefs.get(id.checked_sub(1)?).copied().flatten())
    }

    fn ctype(&mut self, id: usize, depth: u32) -> Option<CType> {
        let found = self.found(id).filter(|_| depth < MAX_DEPTH)?;
        let depth = depth.saturating_add(1);
        match &found.kind {
            Kind::Int { encoding, .. } | Kind::Float { encoding } => {
                let (name, size, encoding) = (found.name, found.size, *encoding);
                let endianity = gimli::DW_END_default;
                Some(Basic { name, encoding, size, endianity }.ctype(self.machine))
            }
            Kind::Pointer => Some(CType::Pointer),
            Kind::Alias { of } => {
                let inner = self.ctype(*of, depth)?;
                let name = std::str::from_utf8(found.name).ok();
                let named = name.and_then(|it| by_name(it, &inner, self.machine));
                Some(named.unwrap_or(inner))
            }
            Kind::Array { of, len } => {
                let element = self.ctype(*of, depth)?;
                Some(CType::Array(Box::new(element), ArrayLen::Fixed(u64::from(*len))))
            }
            Kind::Enum { .. } => self.enumeration(id),
            Kind::Record { .. } => match self.record(id, depth) {
                Some(record) => Some(CType::Record(record)),
                None => Some(opaque(found.size)),
            },
            Kind::Other => None,
        }
    }

    fn enumeration(&mut self, id: usize) -> Option<CType> {
        let found = self.found(id)?;
        let Kind::Enum { values } = &found.kind else { return None };
        let values = values.iter();
        let enumerators: Vec<_> =
            values.map(|(name, value)| Enumerator { name: text(name), value: *value }).collect();
        self.catalogue.constants(&enumerators);
        let name = Some(found.name).filter(|it| !it.is_empty()).or_else(|| self.typedef(id));
        let (tag, packed, underlying) = (name.map(text), false, None);
        let def = EnumDef { tag, enumerators, packed, underlying, span: Span::default() };
        let ctype = self.catalogue.enumeration(def, found.size, false, None);
        Some(ctype.unwrap_or_else(|| opaque(found.size)))
    }

    fn record(&mut self, id: usize, depth: u32) -> Option<Arc<RecordDef>> {
        let index = id.checked_sub(1)?;
        if let Some(known) = self.records.get(index)? {
            return known.clone();
        }
        *self.records.get_mut(index)? = Some(None);
        let record = self.place(id, depth);
        *self.records.get_mut(index)? = Some(record.clone());
        record
    }

    fn place(&mut self, id: usize, depth: u32) -> Option<Arc<RecordDef>> {
        let found = self.found(id)?;
        let Kind::Record { union, members } = &found.kind else { return None };
        let typedef = self.typedef(id);
        let name = Some(found.name).filter(|it| !it.is_empty());
        let size = found.size;
        let mut placed = Vec::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            let next = members.get(index.saturating_add(1)).filter(|_| !union);
            let end = next.map_or(size.saturating_mul(8), |it| it.first_bit);
            placed.extend(self.member(member, end, depth));
        }
        if let (Some(last), false) = (placed.last_mut(), *union) {
            open_end(last, size);
        }
        let record = PlacedRecord {
            union: *union,
            name: name.or(typedef).map(text),
            typedef: name.is_none() && typedef.is_some(),
            size,
            align: None,
            members: placed,
            line: None,
        };
        self.catalogue.record(&record)
    }

    /// A member; what has no known type is bytes up to `end`, counted in bits.
    fn member(&mut self, member: &Member<'b>, end: u64, depth: u32) -> Option<PlacedMember> {
        let ctype = self.ctype(member.of, depth.saturating_add(1)).or_else(|| {
            let room = end.checked_sub(member.first_bit)? / 8;
            (room > 0).then(|| opaque(room))
        })?;
        // An integer of its own says that it is a bit-field, where the member does not.
        let (skip, width) = match self.behind(member.of, 0).map(|it| &it.kind) {
            _ if member.width > 0 => (0, Some(member.width)),
            Some(Kind::Int { skip, bits: Some(bits), .. }) => (*skip, Some(*bits)),
            _ => (0, None),
        };
        Some(PlacedMember {
            name: (!member.name.is_empty()).then(|| field_name(member.name)),
            ctype,
            first_bit: member.first_bit.checked_add(u64::from(skip))?,
            width,
            align: None,
            meaning: self.meaning(member.of, 0),
            line: None,
        })
    }

    /// What the typedefs say through which a type is named, also that of an array's elements.
    fn meaning(&self, id: usize, depth: u32) -> Option<Meaning> {
        let found = self.found(id).filter(|_| depth < MAX_DEPTH)?;
        let depth = depth.saturating_add(1);
        match found.kind {
            Kind::Alias { of } => {
                let own = std::str::from_utf8(found.name).ok().and_then(Meaning::of_typedef);
                own.or_else(|| self.meaning(of, depth))
            }
            Kind::Array { of, .. } => self.meaning(of, depth),
            _ => None,
        }
    }

    /// What is behind typedefs and qualifiers.
    fn behind(&self, id: usize, depth: u32) -> Option<&'t Type<'b>> {
        let found = self.found(id)?;
        match found.kind {
            Kind::Alias { of } if depth < MAX_DEPTH => self.behind(of, depth.saturating_add(1)),
            _ => Some(found),
        }
    }
}

/// A last array without elements is one of any length: BTF has `[]` and `[0]` alike.
fn open_end(last: &mut PlacedMember, size: u64) {
    if let CType::Array(_, len @ ArrayLen::Fixed(0)) = &mut last.ctype
        && last.first_bit / 8 <= size
    {
        *len = ArrayLen::Flexible;
    }
}
