//! A layout flattened to what evidence is gathered from: integers, floating-point numbers, text,
//! and bytes that say nothing.
//!
//! Every layout of a record gives the same fields in the same order, so that an index names a
//! field whatever the layout. Elements of an array belong to one field. Bit-fields and unions are
//! bytes that say nothing.

use std::sync::Arc;

use crate::{
    profile::{FieldRules, Protocol},
    schema::{ByteOrder, EnumDef, Field, Layout, RecordKind, Role, Shape, Span},
};

/// Slots that are looked at; what comes behind them says nothing. A sender is judged in time that
/// grows with slots, messages ([`super::sample::MAX_DISTINCT`]) and layouts: some 512 x 100 x 12.
const MAX_SLOTS: usize = 512;

/// A field, whatever the layout.
#[derive(Clone, Debug)]
pub(super) struct FieldInfo {
    /// As in a profile: `point.x`.
    pub path: String,
    /// Its declarator.
    pub span: Span,
    pub rules: FieldRules,
}

/// One element of a field in a layout.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Index of its field.
    pub field: usize,
    /// Bytes from the start of the message.
    pub offset: usize,
    /// Bytes.
    pub len: usize,
    pub kind: Kind,
}

/// What the bytes of a slot are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Integer { signed: bool, order: ByteOrder, names: Option<Arc<EnumDef>> },
    Float { order: ByteOrder },
    Text,
    Opaque,
}

/// The variable tail of a layout.
#[derive(Clone, Debug)]
pub(super) struct TailSlot {
    /// Its first element; the field, the offset and the length of one.
    pub element: Slot,
    /// Bytes behind the tail that `sizeof` counts and no member covers.
    pub pad: usize,
}

/// A layout's slots in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    pub fields: Vec<FieldInfo>,
    pub slots: Vec<Slot>,
    pub tail: Option<TailSlot>,
}

impl Slots {
    pub fn of(layout: &Layout, protocol: &Protocol) -> Self {
        let mut slots = Self::default();
        let place = Place { path: "", offset: 0, order: protocol.order, text: true };
        slots.members(layout, place, protocol);
        if let (Some(tail), Some(slot)) = (layout.tail(), &mut slots.tail) {
            let end = tail.offset + tail.counted * tail.stride;
            slot.pad = bytes(layout.size.saturating_sub(end));
        }
        slots
    }

    fn members(&mut self, layout: &Layout, place: Place<'_>, protocol: &Protocol) {
        for field in &layout.fields {
            let path = match (&field.name, place.path) {
                (None, path) => path.to_owned(),
                (Some(name), "") => name.clone(),
                (Some(name), path) => format!("{path}.{name}"),
            };
            let rules = protocol.fields.get(&path).cloned().unwrap_or_default();
            let host = protocol.abi.byte_order();
            let order = rules.byte_order.map_or(place.order, |it| it.resolve(host));
            let text = rules.text.unwrap_or(place.text);
            let offset = place.offset + bytes(field.offset);
            let inner = Place { path: &path, offset, order, text };
            let index = self.fields.len();
            self.fields.push(FieldInfo { path: path.clone(), span: field.span, rules });
            match field_shape(field) {
                Some(shape) => self.shape(index, shape, inner, protocol),
                None => self.push(index, offset, bytes(field.len()), Kind::Opaque),
            }
        }
    }

    fn shape(&mut self, field: usize, shape: &Shape, place: Place<'_>, protocol: &Protocol) {
        let len = bytes(shape.size());
        match shape {
            Shape::Integer { .. } | Shape::Float { .. } => {
                self.push(field, place.offset, len, scalar(shape, place.order));
            }
            Shape::Record(layout) if layout.kind == RecordKind::Struct => {
                self.members(layout, place, protocol);
            }
            Shape::Array { element, .. } if is_character(element) => {
                let kind = if place.text { Kind::Text } else { Kind::Opaque };
                self.push(field, place.offset, len, kind);
            }
            Shape::Array { element, len, stride } => {
                for index in 0..bytes(*len).min(MAX_SLOTS) {
                    if self.slots.len() >= MAX_SLOTS {
                        break;
                    }
                    let offset = place.offset + index * bytes(*stride);
                    self.element(field, element, Place { offset, ..place }, protocol, index == 0);
                }
            }
            Shape::Tail { element, stride, .. } => {
                let kind = match (&**element, is_character(element) && place.text) {
                    (_, true) => Kind::Text,
                    (it @ (Shape::Integer { .. } | Shape::Float { .. }), _) => {
                        scalar(it, place.order)
                    }
                    _ => Kind::Opaque,
                };
                let element = Slot { field, offset: place.offset, len: bytes(*stride), kind };
                self.tail = Some(TailSlot { element, pad: 0 });
            }
            Shape::Record(_) => self.push(field, place.offset, len, Kind::Opaque),
        }
    }

    /// The first element of an array of records names the fields, the others join them.
    fn element(
        &mut self,
        field: usize,
        shape: &Shape,
        place: Place<'_>,
        protocol: &Protocol,
        is_first: bool,
    ) {
        if is_first || shape.record().is_none() {
            return self.shape(field, shape, place, protocol);
        }
        let mut inner = Self::default();
        inner.shape(0, shape, place, protocol);
        let first = field + 1;
        self.slots.extend(inner.slots.into_iter().map(|it| Slot { field: it.field + first, ..it }));
    }

    fn push(&mut self, field: usize, offset: usize, len: usize, kind: Kind) {
        if len > 0 && self.slots.len() < MAX_SLOTS {
            self.slots.push(Slot { field, offset, len, kind });
        }
    }
}

#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    offset: usize,
    order: ByteOrder,
    text: bool,
}

/// `None` for a bit-field.
fn field_shape(field: &Field) -> Option<&Shape> {
    field.bits.is_none().then_some(&field.shape)
}

fn scalar(shape: &Shape, order: ByteOrder) -> Kind {
    match shape {
        Shape::Integer { size: 1 | 2 | 4 | 8, signed, order: fixed, role } => {
            let names = match role {
                Role::Enum(names) => Some(names.clone()),
                _ => None,
            };
            Kind::Integer { signed: *signed, order: fixed.unwrap_or(order), names }
        }
        Shape::Float { size: 4 | 8, .. } => Kind::Float { order },
        _ => Kind::Opaque,
    }
}

fn is_character(shape: &Shape) -> bool {
    matches!(shape, Shape::Integer { size: 1, role: Role::Character, .. })
}

fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX / 4)
}
