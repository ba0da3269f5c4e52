//! From a declared record to its [`Layout`]: gives each type its size, lets the ABI place the
//! members, and keeps hostile declarations within bounds.
//!
//! Every size stays below [`MAX_SIZE`] and every nesting below [`MAX_DEPTH`], so that offsets in
//! bits cannot overflow. Each record is placed once, however often it is used.

use super::bounds::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
use super::member::{Member, Rules};
use std::collections::HashMap;
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::ctype::{ArrayLen, CType, FieldDef, IntKind, RecordDef, RecordKind};
use super::error::{LayoutError, LayoutErrorKind as Kind};
use super::layout::{Field, Layout, Role, Shape};
use super::{microsoft, sysv};

/// Largest alignment, bytes; gcc's own bound.
const MAX_ALIGN: u32 = 1 << 28;

impl Layout {
    /// The layout that `abi` gives `record`. A nested record that ends it keeps its variable tail;
    /// elsewhere such a tail is a plain array.
    ///
    /// # Errors
    /// What no compiler for `abi` accepts, and what is beyond [`super::bounds::MAX_SIZE`],
    /// [`super::bounds::MAX_DEPTH`] or [`super::bounds::MAX_FIELDS`].
    pub fn of(record: &RecordDef, name: &str, abi: Abi) -> Result<Self, LayoutError> {
        let placed = Engine { abi, done: HashMap::new() }.record(record, true, 0)?;
        Ok(Self { name: name.to_owned(), ..Arc::unwrap_or_clone(placed.layout) })
    }
}

/// Where an array stands.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// At the end of the message: it may be a variable tail.
    Tail,
    /// At the end of a record that is not at the end.
    End,
    /// Before something else.
    Inner,
}

struct Engine {
    abi: Abi,
    /// By the record's address, and whether it stands at the end of the message.
    done: HashMap<(*const RecordDef, bool), Placed>,
}

#[derive(Clone)]
struct Placed {
    layout: Arc<Layout>,
    required: u64,
    fields: u64,
}

/// A type with its size; as in [`Member`].
struct Type {
    size: u64,
    align: u64,
    natural: u64,
    required: u64,
    /// How many fields it holds.
    fields: u64,
    shape: Shape,
}

impl Engine {
    fn record(&mut self, def: &RecordDef, tail: bool, depth: u32) -> Result<Placed, LayoutError> {
        let key = (std::ptr::from_ref(def), tail);
        if let Some(placed) = self.done.get(&key) {
            return Ok(placed.clone());
        }
        let whole = |kind: Kind| LayoutError::from(kind).at(def.span);
        let rules = rules(def).map_err(whole)?;
        let mut members = Vec::with_capacity(def.fields.len());
        let mut shapes = Vec::with_capacity(def.fields.len());
        let mut fields = 0_u64;
        for (index, field) in def.fields.iter().enumerate() {
            let position = position(def, index, tail);
            let it = self.type_of(&field.ctype, position, depth);
            let it = it.map_err(|error| error.within(field))?;
            fields = fields.saturating_add(it.fields);
            let checked = member(def, field, it);
            let (member, shape) = checked.map_err(|kind| LayoutError::from(kind).within(field))?;
            members.push(member);
            shapes.push(shape);
            if fields > MAX_FIELDS {
                return Err(whole(Kind::TooManyFields));
            }
        }
        let placement = match self.abi {
            Abi::Win64 => microsoft::place(&rules, &members),
            abi => sysv::place(&rules, &members, abi.aligns_unnamed_bit_fields()),
        };
        if placement.size > MAX_SIZE {
            return Err(whole(Kind::TooLarge));
        }
        let layout = Layout {
            name: def.tag.clone().unwrap_or_default(),
            kind: def.kind,
            size: placement.size,
            align: placement.align,
            fields: named_fields(def, &placement.starts, shapes),
            span: def.span,
        };
        // clang: the whole alignment of a record that bears the attribute is demanded.
        let required = if rules.aligned.is_some() { placement.align } else { placement.required };
        let placed = Placed { layout: Arc::new(layout), required, fields };
        self.done.insert(key, placed.clone());
        Ok(placed)
    }

    fn type_of(&mut self, ctype: &CType, at: Position, depth: u32) -> Result<Type, LayoutError> {
        if depth >= MAX_DEPTH {
            return Err(Kind::TooDeep.into());
        }
        match ctype {
            CType::Void => Err(Kind::Void.into()),
            CType::Int { kind, order } => {
                let it = self.abi.integer(*kind).ok_or(Kind::NoSuchType { abi: self.abi })?;
                let (size, signed) = (it.size, it.signed);
                let shape =
                    Shape::Integer { size, signed, order: *order, role: integer_role(*kind) };
                Ok(Type::basic(size, it.align, shape))
            }
            CType::Float(kind) => {
                let (it, significant) = self.abi.float(*kind);
                Ok(Type::basic(it.size, it.align, Shape::Float { size: it.size, significant }))
            }
            CType::Enum(def) => {
                let it = self.abi.enumeration(def).ok_or(Kind::EnumTooWide)?;
                let (size, signed) = (it.size, it.signed);
                let role = Role::Enum(Arc::clone(def));
                let shape = Shape::Integer { size, signed, order: None, role };
                Ok(Type::basic(size, it.align, shape))
            }
            CType::Pointer => {
                let it = self.abi.pointer();
                let (size, signed, role) = (it.size, it.signed, Role::Pointer);
                let shape = Shape::Integer { size, signed, order: None, role };
                Ok(Type::basic(size, it.align, shape))
            }
            CType::Record(def) => {
                let placed = self.record(def, at == Position::Tail, depth + 1)?;
                let Placed { layout, required, fields } = placed;
                let (size, align) = (layout.size, layout.align);
                let shape = Shape::Record(layout);
                Ok(Type { size, align, natural: align, required, fields: fields + 1, shape })
            }
            CType::Array(element, len) => self.array(element, *len, at, depth),
            CType::Aligned(inner, align) => {
                let it = self.type_of(inner, at, depth + 1)?;
                let align = alignment(*align)?;
                Ok(Type { align, required: it.required.max(align), ..it })
            }
        }
    }

    fn array(
        &mut self,
        element: &CType,
        len: ArrayLen,
        at: Position,
        depth: u32,
    ) -> Result<Type, LayoutError> {
        let it = self.type_of(element, Position::Inner, depth + 1)?;
        let (len, variable) = match len {
            ArrayLen::Fixed(len) => (len, len <= 1),
            ArrayLen::Flexible if at == Position::Inner => return Err(Kind::NotLast.into()),
            ArrayLen::Flexible => (0, true),
        };
        let stride = it.size;
        let size = stride.checked_mul(len).filter(|&size| size <= MAX_SIZE);
        let size = size.filter(|_| len <= MAX_SIZE).ok_or(Kind::TooLarge)?;
        let element = Box::new(it.shape);
        let shape = if variable && at == Position::Tail {
            Shape::Tail { element, stride, counted: len }
        } else {
            Shape::Array { element, len, stride }
        };
        let Type { align, required, fields, .. } = it;
        Ok(Type { size, align, natural: align, required, fields, shape })
    }
}

impl Type {
    fn basic(size: u64, align: u64, shape: Shape) -> Self {
        Self { size, align, natural: align, required: 1, fields: 1, shape }
    }
}

fn integer_role(kind: IntKind) -> Role {
    match kind {
        IntKind::Bool => Role::Boolean,
        IntKind::Char => Role::Character,
        IntKind::SignedChar | IntKind::UnsignedChar => Role::Byte,
        _ => Role::Number,
    }
}

fn rules(def: &RecordDef) -> Result<Rules, Kind> {
    Ok(Rules {
        union: def.kind == RecordKind::Union,
        packed: def.packed,
        // gcc ignores any other number.
        pack: def.pragma_pack.filter(|pack| matches!(pack, 1 | 2 | 4 | 8 | 16)).map(u64::from),
        aligned: def.aligned.map(alignment).transpose()?,
    })
}

fn alignment(align: u32) -> Result<u64, Kind> {
    if align.is_power_of_two() && align <= MAX_ALIGN {
        Ok(u64::from(align))
    } else {
        Err(Kind::Alignment { align })
    }
}

/// Only the last member of a struct can be a tail; in a union at the end, what ends a member that
/// is a record.
fn position(def: &RecordDef, index: usize, tail: bool) -> Position {
    let last = index + 1 == def.fields.len();
    match def.kind {
        RecordKind::Struct if !last => Position::Inner,
        RecordKind::Struct if tail => Position::Tail,
        RecordKind::Union if tail && def.fields.get(index).is_some_and(is_record) => Position::Tail,
        _ => Position::End,
    }
}

fn is_record(field: &FieldDef) -> bool {
    let mut ctype = &field.ctype;
    while let CType::Aligned(inner, _) = ctype {
        ctype = inner;
    }
    matches!(ctype, CType::Record(_))
}

fn member(def: &RecordDef, field: &FieldDef, it: Type) -> Result<(Member, Shape), Kind> {
    if let Some(width) = field.bits {
        check_bit_field(field, width, &it)?;
    }
    let member = Member {
        size: it.size,
        align: it.align,
        natural: it.natural,
        required: it.required,
        explicit: field.aligned.map(alignment).transpose()?,
        packed: def.packed || field.packed,
        bits: field.bits,
        named: field.name.is_some(),
    };
    Ok((member, it.shape))
}

fn check_bit_field(field: &FieldDef, width: u32, it: &Type) -> Result<(), Kind> {
    let Shape::Integer { size, role, .. } = &it.shape else { return Err(Kind::BitFieldType) };
    let limit = match role {
        Role::Pointer => return Err(Kind::BitFieldType),
        Role::Boolean => 1,
        _ => size * 8,
    };
    if u64::from(width) > limit || (width == 0 && field.name.is_some()) {
        return Err(Kind::BitFieldWidth { width, limit });
    }
    Ok(())
}

fn named_fields(def: &RecordDef, starts: &[u64], shapes: Vec<Shape>) -> Vec<Field> {
    let members = def.fields.iter().zip(starts).zip(shapes);
    let shown = members.filter(|((field, _), _)| field.bits.is_none() || field.name.is_some());
    let fields = shown.map(|((field, &start), shape)| Field {
        name: field.name.clone(),
        offset: start / 8,
        bits: field.bits.map(|width| (start, width)),
        shape,
        notes: field.notes.clone(),
        span: field.span,
    });
    fields.collect()
}

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;
