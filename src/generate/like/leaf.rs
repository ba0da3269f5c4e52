//! A message's fields one by one, each with its path: what is learned is learned of these.

use crate::decode::codec::FieldValue;
use crate::generate::recipe::FieldPath;
use crate::schema::{Notation, Part, PartId, PartKind, ResolvedLayout, Role};

use super::integers::Width;

/// Fields and elements of one message; what has more is kept as bytes.
pub(super) const MAX_LEAVES: usize = 1024;

/// A field that has no further fields in it, or an element of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    pub path: FieldPath,
    pub kind: LeafKind,
    pub value: FieldValue,
    /// In the variable tail, which has as many elements as are named.
    pub is_in_tail: bool,
}

/// What its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeafKind {
    /// An integer; whether its bytes have an order.
    Integer {
        width: Width,
        is_ordered: bool,
    },
    /// An integer that is given by what it measures.
    Scaled,
    /// A floating-point number of so many bytes.
    Float(u64),
    /// A number with names.
    Enum,
    Text,
    Bytes,
}

/// Leaves of each union one member: the longest, whose bytes are those of all. Others would be made
/// to contradict it.
pub(super) fn prune(layout: &ResolvedLayout, value: &mut FieldValue) {
    prune_in(layout, ResolvedLayout::ROOT, value);
}

fn prune_in(layout: &ResolvedLayout, id: PartId, value: &mut FieldValue) {
    match value {
        FieldValue::List(elements) => {
            let Some((element, _)) = layout.members(id).next() else { return };
            elements.iter_mut().for_each(|it| prune_in(layout, element, it));
        }
        FieldValue::Group(fields) => prune_group(layout, id, fields),
        _ => {}
    }
}

fn prune_group(layout: &ResolvedLayout, id: PartId, fields: &mut Vec<(String, FieldValue)>) {
    let has = |part: &Part, fields: &[(String, FieldValue)]| {
        part.name.as_ref().is_some_and(|name| fields.iter().any(|(it, _)| it == name))
    };
    let is_union = layout.part(id).is_some_and(|it| matches!(it.kind, PartKind::Union(_)));
    if is_union {
        let given = layout.members(id).filter(|(_, part)| has(part, fields));
        // Of equally long ones the first.
        let longest = given.rev().max_by_key(|(_, part)| part.len);
        if let Some(kept) = longest.map(|(it, _)| it) {
            for (_, part) in layout.members(id).filter(|(it, _)| *it != kept) {
                fields.retain(|(name, _)| part.name.as_ref() != Some(name));
            }
        }
    }
    for (member, part) in layout.members(id) {
        match &part.name {
            None => prune_group(layout, member, fields),
            Some(name) => {
                if let Some((_, value)) = fields.iter_mut().find(|(it, _)| it == name) {
                    prune_in(layout, member, value);
                }
            }
        }
    }
}

/// Appends the leaves of a message, in declared order; false where there are too many.
pub(super) fn leaves(layout: &ResolvedLayout, value: &FieldValue, out: &mut Vec<Leaf>) -> bool {
    out.clear();
    leaves_in(layout, ResolvedLayout::ROOT, None, value, out);
    let tail = layout.tail().and_then(|(_, it)| it.name.as_ref().map(|_| it.path.as_str()));
    for leaf in out.iter_mut() {
        let path = leaf.path.without_indexes();
        let rest = tail.and_then(|tail| path.strip_prefix(tail));
        leaf.is_in_tail = rest.is_some_and(|it| it.is_empty() || it.starts_with('.'));
    }
    out.len() <= MAX_LEAVES
}

fn leaves_in(
    layout: &ResolvedLayout,
    id: PartId,
    path: Option<&FieldPath>,
    value: &FieldValue,
    out: &mut Vec<Leaf>,
) {
    if out.len() > MAX_LEAVES {
        return;
    }
    match (value, path) {
        (FieldValue::Group(fields), _) => {
            for (member, part) in layout.members(id) {
                let Some(name) = &part.name else {
                    leaves_in(layout, member, path, value, out);
                    continue;
                };
                if let Some((_, value)) = fields.iter().find(|(it, _)| it == name) {
                    let path = path.map_or_else(|| FieldPath::of(name), |it| it.member(name));
                    leaves_in(layout, member, Some(&path), value, out);
                }
            }
        }
        (FieldValue::List(elements), Some(path)) => {
            let Some((element, _)) = layout.members(id).next() else { return };
            for (index, value) in elements.iter().enumerate() {
                leaves_in(layout, element, Some(&path.element(index)), value, out);
            }
        }
        (_, Some(path)) => {
            let Some(kind) = layout.part(id).map(kind) else { return };
            let (path, value) = (path.clone(), value.clone());
            out.push(Leaf { path, kind, value, is_in_tail: false });
        }
        (_, None) => {}
    }
}

fn kind(part: &Part) -> LeafKind {
    let is_integer = matches!(part.kind, PartKind::Integer { .. } | PartKind::Bits(_));
    match (&part.kind, part.len) {
        _ if let (true, Some(Notation::Scale(scale))) = (is_integer, &part.notation)
            && !scale.is_raw() =>
        {
            LeafKind::Scaled
        }
        (PartKind::Integer { role: Role::Enum(_), .. }, _) => LeafKind::Enum,
        (PartKind::Bits(bits), _) if matches!(bits.role, Role::Enum(_)) => LeafKind::Enum,
        (PartKind::Integer { signed, .. }, len @ 1..=8) => {
            let bits = if len == 8 { 64 } else { 8 * len as u32 };
            LeafKind::Integer { width: Width { bits, signed: *signed }, is_ordered: len > 1 }
        }
        (PartKind::Bits(bits), _) => LeafKind::Integer {
            width: Width { bits: bits.width, signed: bits.signed },
            is_ordered: false,
        },
        (PartKind::Float { .. }, len @ (4 | 8)) => LeafKind::Float(len),
        (PartKind::Characters { text: true, .. }, _) => LeafKind::Text,
        _ => LeafKind::Bytes,
    }
}
