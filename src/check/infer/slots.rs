//! A layout flattened to what evidence is gathered from: integers, floating-point numbers, text,
//! and bytes that say nothing.
//!
//! Elements of an array belong to one field. Bit-fields of whole bytes are integers; others, and
//! unions, are bytes that say nothing.

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;

use crate::{
    profile::{FieldRules, Protocol},
    schema::{
        ByteOrder, EnumDef, Leaf, Notation, Part, PartId, PartKind, Repeat, ResolvedLayout, Role,
    },
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
    /// A message may end within it.
    pub may_end: bool,
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
        let measured = |id: PartId| match layout.element(id)?.1.notation {
            Some(Notation::Scale(ref scale)) => Some(scale.clone()),
            _ => None,
        };
        let rules = layout
            .fields()
            .map(|(id, part)| FieldRules { measured: measured(id), ..rules(part) })
            .collect();
        let mut slots = Self { rules, tail: tail_of(layout), ..Self::default() };
        layout.each_leaf(&mut |leaf| slots.take(leaf));
        slots
    }

    fn take(&mut self, leaf: Leaf<'_>) -> ControlFlow<()> {
        let Leaf { id: field, part, offset } = leaf;
        if self.slots.len() >= MAX_SLOTS {
            return Break(());
        }
        if part.len > 0 && !matches!(part.repeat, Repeat::ToEnd { .. }) {
            let (offset, len) = (bytes(offset), bytes(part.len));
            let is_union = matches!(part.kind, PartKind::Union(_));
            let may_end = part.may_end_within() || is_union && part.at_end;
            // Whether a sum is right is told by adding up; what it looks like tells nothing.
            let is_sum = self.rules(field).is_some_and(|it| it.checksum.algorithm.is_some());
            let kind = if is_sum { Kind::Opaque } else { kind(part) };
            self.slots.push(Slot { field, offset, len, may_end, kind });
        }
        Continue(())
    }

    /// What the profile says of a field.
    pub fn rules(&self, field: PartId) -> Option<&FieldRules> {
        self.rules.get(field.index())
    }
}

fn kind(part: &Part) -> Kind {
    match (&part.kind, part.len) {
        (PartKind::Integer { signed, order, role }, 1..=8) => {
            Kind::Integer { signed: *signed, order: *order, names: names_of(role) }
        }
        (PartKind::Bits(bits), 1 | 2 | 4 | 8) if bits.is_whole_bytes() => {
            Kind::Integer { signed: bits.signed, order: bits.order, names: names_of(&bits.role) }
        }
        (PartKind::Float { order, .. }, 4 | 8) => Kind::Float { order: *order },
        (PartKind::Characters { text: true, .. }, _) => Kind::Text,
        _ => Kind::Opaque,
    }
}

fn names_of(role: &Role) -> Option<Arc<EnumDef>> {
    match role {
        Role::Enum(names) => Some(names.clone()),
        _ => None,
    }
}

fn tail_of(layout: &ResolvedLayout) -> Option<TailSlot> {
    let (field, part) = layout.tail()?;
    let Repeat::ToEnd { stride, padding, .. } = part.repeat else { return None };
    let kind = tail_kind(part, layout.members(field).map(|(_, it)| it).next());
    let (offset, len) = (bytes(part.offset), bytes(stride));
    let element = Slot { field, offset, len, may_end: true, kind };
    Some(TailSlot { element, pad: bytes(padding) })
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
