//! The types of one unit, collected in one pass over its entries.

use std::collections::HashMap;

use gimli::{
    AttributeValue, DebuggingInformationEntry, Dwarf, Operation, Unit, UnitHeader, UnitOffset,
    UnitSectionOffset, constants as dw,
};

use super::image::Slice;
use super::node::{
    ArrayNode, Basic, Dimension, EnumNode, Line, Link, MemberNode, Node, Place, RecordNode,
};

type Entry<'a> = DebuggingInformationEntry<Slice<'a>>;

/// What a unit describes.
pub(super) struct TypeUnit<'a> {
    pub unit: Unit<Slice<'a>>,
    /// By their offset in the unit.
    nodes: HashMap<usize, Node<'a>>,
    /// The offsets of what has a name, and of enums, in order.
    pub named: Vec<usize>,
    /// The typedef of each record and enum without a name, by their offset.
    typedefs: HashMap<usize, &'a [u8]>,
}

/// An entry whose children are being read.
#[derive(Clone, Copy)]
enum Open<'a> {
    /// A type, by its offset.
    Type(usize, Option<&'a [u8]>),
    /// A namespace.
    Scope(Option<&'a [u8]>),
    /// What its children have nothing to do with.
    Other,
}

impl<'a> TypeUnit<'a> {
    /// Reads a unit. What comes behind a mistake in it is lost; the mistake is given too.
    pub fn read(
        dwarf: &Dwarf<Slice<'a>>,
        header: UnitHeader<Slice<'a>>,
    ) -> gimli::Result<(Self, Option<gimli::Error>)> {
        let unit = dwarf.unit(header)?;
        let mut reading = Reading {
            dwarf,
            unit: &unit,
            nodes: HashMap::new(),
            named: Vec::new(),
            open: Vec::new(),
        };
        let mistake = reading.all().err();
        let Reading { nodes, named, .. } = reading;
        let typedefs = typedefs(&nodes, &named);
        Ok((Self { unit, nodes, named, typedefs }, mistake))
    }

    /// How many types it describes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it describes none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The typedef that names what has no name itself.
    pub fn typedef(&self, offset: usize) -> Option<&'a [u8]> {
        self.typedefs.get(&offset).copied()
    }

    pub fn node(&self, offset: usize) -> Option<&Node<'a>> {
        self.nodes.get(&offset)
    }

    /// Where the unit is: different for each of a file.
    pub fn place(&self) -> UnitSectionOffset {
        self.unit.header.offset()
    }
}

/// Of several the first.
fn typedefs<'a>(nodes: &HashMap<usize, Node<'a>>, named: &[usize]) -> HashMap<usize, &'a [u8]> {
    let mut typedefs = HashMap::new();
    for node in named.iter().filter_map(|it| nodes.get(it)) {
        if let Node::Alias { name: Some(name), of: Some(Link::Here(of)), .. } = node {
            typedefs.entry(*of).or_insert(*name);
        }
    }
    typedefs
}

struct Reading<'r, 'a> {
    dwarf: &'r Dwarf<Slice<'a>>,
    unit: &'r Unit<Slice<'a>>,
    nodes: HashMap<usize, Node<'a>>,
    named: Vec<usize>,
    /// From the unit itself down.
    open: Vec<Open<'a>>,
}

impl<'a> Reading<'_, 'a> {
    fn all(&mut self) -> gimli::Result<()> {
        let mut entries = self.unit.entries_raw(None)?;
        let mut entry = DebuggingInformationEntry::null();
        while !entries.is_empty() {
            if !entries.read_entry(&mut entry)? {
                self.open.pop();
                continue;
            }
            let opened = self.entry(&entry);
            if entry.has_children() {
                self.open.push(opened);
            }
        }
        Ok(())
    }

    /// Takes an entry in; what its children are to it.
    fn entry(&mut self, entry: &Entry<'a>) -> Open<'a> {
        let offset = entry.offset().0;
        let name = self.name(entry);
        let node = match entry.tag() {
            dw::DW_TAG_base_type => self.basic(entry, name),
            dw::DW_TAG_unspecified_type
            | dw::DW_TAG_pointer_type
            | dw::DW_TAG_reference_type
            | dw::DW_TAG_rvalue_reference_type => Node::Pointer,
            dw::DW_TAG_ptr_to_member_type | dw::DW_TAG_subroutine_type => {
                Node::Opaque { size: unsigned(entry, dw::DW_AT_byte_size) }
            }
            dw::DW_TAG_typedef | dw::DW_TAG_template_alias => self.alias(entry, name),
            dw::DW_TAG_const_type
            | dw::DW_TAG_volatile_type
            | dw::DW_TAG_restrict_type
            | dw::DW_TAG_atomic_type
            | dw::DW_TAG_immutable_type
            | dw::DW_TAG_shared_type
            | dw::DW_TAG_packed_type
            // A range of Ada's or Pascal's has the bytes of its type.
            | dw::DW_TAG_subrange_type
                if !self.is_dimension(entry) =>
            {
                self.alias(entry, None)
            }
            dw::DW_TAG_array_type => Node::Array(ArrayNode {
                of: self.link(entry, dw::DW_AT_type),
                dimensions: Vec::new(),
                size: unsigned(entry, dw::DW_AT_byte_size),
                strided: entry.has_attr(dw::DW_AT_byte_stride)
                    || entry.has_attr(dw::DW_AT_bit_stride),
            }),
            dw::DW_TAG_enumeration_type => self.enumeration(entry, name),
            dw::DW_TAG_structure_type
            | dw::DW_TAG_class_type
            | dw::DW_TAG_interface_type
            | dw::DW_TAG_union_type => self.record(entry, name),
            _ => return self.part(entry, name),
        };
        if name.is_some() || matches!(node, Node::Enum(_)) {
            self.named.push(offset);
        }
        self.nodes.insert(offset, node);
        Open::Type(offset, name)
    }

    /// What is part of a type, or holds types.
    fn part(&mut self, entry: &Entry<'a>, name: Option<&'a [u8]>) -> Open<'a> {
        match entry.tag() {
            dw::DW_TAG_namespace | dw::DW_TAG_module => return Open::Scope(name),
            dw::DW_TAG_member => self.member(entry, name),
            dw::DW_TAG_inheritance => self.base(entry),
            dw::DW_TAG_variant_part => {
                if let Some(Node::Record(record)) = self.parent() {
                    record.dynamic = true;
                }
            }
            dw::DW_TAG_enumerator => {
                let value = entry.attr_value(dw::DW_AT_const_value).and_then(|it| constant(&it));
                if let (Some(name), Some(value), Some(Node::Enum(parent))) =
                    (name, value, self.parent())
                {
                    parent.values.push((name, value));
                }
            }
            dw::DW_TAG_subrange_type => {
                let dimension = dimension(entry);
                if let Some(Node::Array(array)) = self.parent() {
                    array.dimensions.push(dimension);
                }
            }
            _ => {}
        }
        Open::Other
    }

    fn parent(&mut self) -> Option<&mut Node<'a>> {
        match self.open.last() {
            Some(Open::Type(offset, _)) => self.nodes.get_mut(offset),
            _ => None,
        }
    }

    fn is_dimension(&mut self, entry: &Entry<'a>) -> bool {
        entry.tag() == dw::DW_TAG_subrange_type && matches!(self.parent(), Some(Node::Array(_)))
    }

    fn basic(&self, entry: &Entry<'a>, name: Option<&'a [u8]>) -> Node<'a> {
        let encoding = match entry.attr_value(dw::DW_AT_encoding) {
            Some(AttributeValue::Encoding(encoding)) => encoding,
            _ => gimli::DwAte(0),
        };
        let endianity = match entry.attr_value(dw::DW_AT_endianity) {
            Some(AttributeValue::Endianity(order)) => order,
            _ => dw::DW_END_default,
        };
        let size = unsigned(entry, dw::DW_AT_byte_size).unwrap_or(0);
        Node::Basic(Basic { name: name.unwrap_or_default(), encoding, size, endianity })
    }

    fn alias(&self, entry: &Entry<'a>, name: Option<&'a [u8]>) -> Node<'a> {
        let align = alignment(entry);
        Node::Alias { name, of: self.link(entry, dw::DW_AT_type), align }
    }

    fn enumeration(&self, entry: &Entry<'a>, name: Option<&'a [u8]>) -> Node<'a> {
        Node::Enum(EnumNode {
            name,
            size: unsigned(entry, dw::DW_AT_byte_size),
            of: self.link(entry, dw::DW_AT_type),
            class: flag(entry, dw::DW_AT_enum_class),
            values: Vec::new(),
            line: line(entry),
            declaration: flag(entry, dw::DW_AT_declaration),
        })
    }

    fn record(&self, entry: &Entry<'a>, name: Option<&'a [u8]>) -> Node<'a> {
        let scope = self.open.iter().filter_map(|it| match it {
            Open::Type(_, name) | Open::Scope(name) => *name,
            Open::Other => None,
        });
        Node::Record(RecordNode {
            union: entry.tag() == dw::DW_TAG_union_type,
            name,
            scope: scope.collect(),
            size: unsigned(entry, dw::DW_AT_byte_size),
            align: alignment(entry),
            members: Vec::new(),
            line: line(entry),
            declaration: flag(entry, dw::DW_AT_declaration),
            signature: match entry.attr_value(dw::DW_AT_signature) {
                Some(AttributeValue::DebugTypesRef(signature)) => Some(signature.0),
                _ => None,
            },
            dynamic: false,
            artificial: flag(entry, dw::DW_AT_artificial),
        })
    }

    fn member(&mut self, entry: &Entry<'a>, name: Option<&'a [u8]>) {
        // `static` in a class of C++'s: no part of its objects.
        if flag(entry, dw::DW_AT_external) || flag(entry, dw::DW_AT_declaration) {
            return;
        }
        let offset = offset(entry);
        let member = MemberNode {
            name,
            of: self.link(entry, dw::DW_AT_type),
            place: Place {
                offset: offset.unwrap_or(0),
                width: unsigned(entry, dw::DW_AT_bit_size),
                first_bit: unsigned(entry, dw::DW_AT_data_bit_offset),
                from_top: signed(entry, dw::DW_AT_bit_offset),
                unit: unsigned(entry, dw::DW_AT_byte_size),
            },
            align: alignment(entry),
            line: line(entry),
        };
        let Some(Node::Record(record)) = self.parent() else { return };
        record.dynamic |= offset.is_none();
        record.members.push(member);
    }

    /// A base class lies in its heir as an anonymous struct does in its own.
    fn base(&mut self, entry: &Entry<'a>) {
        let (of, offset) = (self.link(entry, dw::DW_AT_type), offset(entry));
        let Some(Node::Record(record)) = self.parent() else { return };
        record.dynamic |= offset.is_none() || entry.has_attr(dw::DW_AT_virtuality);
        let place = Place { offset: offset.unwrap_or(0), ..Place::default() };
        record.members.push(MemberNode { name: None, of, place, align: None, line: None });
    }

    fn name(&self, entry: &Entry<'a>) -> Option<&'a [u8]> {
        let value = entry.attr_value(dw::DW_AT_name)?;
        let name = self.dwarf.attr_string(self.unit, value).ok()?.slice();
        (!name.is_empty()).then_some(name)
    }

    fn link(&self, entry: &Entry<'a>, attribute: gimli::DwAt) -> Option<Link> {
        Some(match entry.attr_value(attribute)? {
            AttributeValue::UnitRef(UnitOffset(offset)) => Link::Here(offset),
            AttributeValue::DebugInfoRef(offset) => Link::Elsewhere(offset.0),
            AttributeValue::DebugTypesRef(signature) => Link::Signature(signature.0),
            _ => Link::Lost,
        })
    }
}

fn unsigned(entry: &Entry<'_>, attribute: gimli::DwAt) -> Option<u64> {
    entry.attr_value(attribute)?.udata_value()
}

/// A number that may be negative. One of less than 8 bytes without a form of its own counts from 0, as gcc
/// writes them; clang writes all 8 of a negative one.
fn signed(entry: &Entry<'_>, attribute: gimli::DwAt) -> Option<i64> {
    match entry.attr_value(attribute)? {
        AttributeValue::Sdata(value) => Some(value),
        value => Some(value.udata_value()?.cast_signed()),
    }
}

fn constant(value: &AttributeValue<Slice<'_>>) -> Option<i128> {
    match value {
        AttributeValue::Sdata(value) => Some(i128::from(*value)),
        // 128 bits, as for an enum of `__int128`.
        AttributeValue::Data16(value) => i128::try_from(*value).ok(),
        value => value.udata_value().map(i128::from),
    }
}

fn flag(entry: &Entry<'_>, attribute: gimli::DwAt) -> bool {
    matches!(entry.attr_value(attribute), Some(AttributeValue::Flag(true)))
}

/// Alignment that the source demands, bytes; what is no power of two is none.
fn alignment(entry: &Entry<'_>) -> Option<u32> {
    let align = u32::try_from(unsigned(entry, dw::DW_AT_alignment)?).ok()?;
    align.is_power_of_two().then_some(align)
}

fn line(entry: &Entry<'_>) -> Option<Line> {
    let file = match entry.attr_value(dw::DW_AT_decl_file)? {
        AttributeValue::FileIndex(file) => file,
        value => value.udata_value()?,
    };
    Some(Line { file, line: unsigned(entry, dw::DW_AT_decl_line)? })
}

/// Where a member begins, bytes: 0 where nothing is said. `None` where it is computed when the program
/// runs. DWARF 2 has it in an expression.
fn offset(entry: &Entry<'_>) -> Option<u64> {
    let Some(value) = entry.attr_value(dw::DW_AT_data_member_location) else { return Some(0) };
    if let Some(offset) = value.udata_value() {
        return Some(offset);
    }
    let expression = value.exprloc_value()?;
    let encoding = gimli::Encoding { address_size: 8, format: gimli::Format::Dwarf32, version: 4 };
    let mut operations = expression.operations(encoding);
    let offset = match operations.next().ok()?? {
        Operation::PlusConstant { value } | Operation::UnsignedConstant { value } => value,
        _ => return None,
    };
    matches!(operations.next(), Ok(None)).then_some(offset)
}

fn dimension(entry: &Entry<'_>) -> Dimension {
    let (count, upper) =
        (entry.attr_value(dw::DW_AT_count), entry.attr_value(dw::DW_AT_upper_bound));
    match (count, upper) {
        (None, None) => Dimension::Open,
        (Some(count), _) => match (count.udata_value(), count) {
            (Some(count), _) => Dimension::Fixed(count),
            // So says clang of `[]`.
            (None, AttributeValue::Sdata(-1)) => Dimension::Open,
            _ => Dimension::Variable,
        },
        (None, Some(upper)) => {
            let lower = signed(entry, dw::DW_AT_lower_bound).unwrap_or(0);
            bounds(lower, &upper).map_or(Dimension::Variable, Dimension::Fixed)
        }
    }
}

/// -1 in four bytes.
const NONE_32: u64 = u32::MAX as u64;

/// Elements between two bounds; an upper one of all ones is that of `[0]`.
fn bounds(lower: i64, upper: &AttributeValue<Slice<'_>>) -> Option<u64> {
    let upper = match upper {
        AttributeValue::Sdata(upper) => *upper,
        upper => match upper.udata_value()? {
            // No array is as long as this would be.
            NONE_32 | u64::MAX => -1,
            upper => i64::try_from(upper).ok()?,
        },
    };
    u64::try_from(upper.checked_sub(lower)?.checked_add(1)?.max(0)).ok()
}
