//! A layout flattened to what evidence is gathered from: integers, floating-point numbers, text,
//! and bytes that say nothing.
//!
//! Elements of an array belong to one field. Bit-fields and unions are bytes that say nothing.

use std::sync::Arc;

use crate::{
    profile::{FieldRules, Protocol},
    schema::{ByteOrder, EnumDef, Part, PartId, PartKind, Repeat, ResolvedLayout, Role},
};

/// Slots that are looked at; what comes behind them says nothing. A sender is judged in time that
/// grows with slots, messages ([`super::sample::MAX_DISTINCT`]) and layouts: some 512 x 100 x 12.
const MAX_SLOTS: usize = 512;

/// One element of a field in a layout.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The field, whatever the layout.
    pub field: PartId,
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
    /// What the profile says of each of the layout's fields.
    pub rules: Vec<FieldRules>,
    pub slots: Vec<Slot>,
    pub tail: Option<TailSlot>,
}

impl Slots {
    pub fn of(layout: &ResolvedLayout, protocol: &Protocol) -> Self {
        let rules = |part: &Part| protocol.fields.get(&part.path).cloned().unwrap_or_default();
        let rules = layout.fields().map(|(_, part)| rules(part)).collect();
        let mut slots = Self { rules, ..Self::default() };
        slots.add(layout, ResolvedLayout::ROOT, 0);
        slots
    }

    /// Adds what is in a part, of which `shift` bytes of elements lie in front of the first.
    fn add(&mut self, layout: &ResolvedLayout, id: PartId, shift: u64) {
        let Some(part) = layout.part(id) else { return };
        let members = layout.members(id);
        let slot = |len, kind| {
            let (offset, len) = (bytes(part.offset.saturating_add(shift)), bytes(len));
            Slot { field: id, offset, len, kind }
        };
        match (&part.kind, part.repeat) {
            (_, Repeat::ToEnd { stride, padding, .. }) => {
                let kind = tail_kind(part, members.map(|(_, it)| it).next());
                self.tail = Some(TailSlot { element: slot(stride, kind), pad: bytes(padding) });
            }
            (PartKind::Struct(_), _) => members.for_each(|(it, _)| self.add(layout, it, shift)),
            (PartKind::List, Repeat::Times { count, stride }) => {
                for index in 0..count {
                    let taken = self.slots.len();
                    let shift = shift.saturating_add(index.saturating_mul(stride));
                    members.clone().for_each(|(it, _)| self.add(layout, it, shift));
                    // Full, or of elements that have no slots.
                    if self.slots.len() == taken {
                        break;
                    }
                }
            }
            _ if part.len > 0 && self.slots.len() < MAX_SLOTS => {
                self.slots.push(slot(part.len, kind(part)));
            }
            _ => {}
        }
    }

    /// What the profile says of a field.
    pub fn rules(&self, field: PartId) -> Option<&FieldRules> {
        self.rules.get(field.index())
    }
}

fn kind(part: &Part) -> Kind {
    match (&part.kind, part.len) {
        (PartKind::Integer { signed, order, role }, 1 | 2 | 4 | 8) => {
            let names = match role {
                Role::Enum(names) => Some(names.clone()),
                _ => None,
            };
            Kind::Integer { signed: *signed, order: *order, names }
        }
        (PartKind::Float { order, .. }, 4 | 8) => Kind::Float { order: *order },
        (PartKind::Characters { text: true, .. }, _) => Kind::Text,
        _ => Kind::Opaque,
    }
}

/// Of one element.
fn tail_kind(tail: &Part, element: Option<&Part>) -> Kind {
    match (&tail.kind, element) {
        (PartKind::Characters { text: false, signed }, _) => {
            Kind::Integer { signed: *signed, order: ByteOrder::Big, names: None }
        }
        (_, Some(Part { kind: PartKind::Characters { .. }, .. })) => Kind::Opaque,
        (_, element) => kind(element.unwrap_or(tail)),
    }
}

fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX / 4)
}
