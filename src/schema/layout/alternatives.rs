//! How a struct may lie elsewhere than its header says: at a sender that packs it, or does not, or
//! whose compiler is of another ABI; and with its numbers in the other byte order.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::ctype::{CType, FieldDef, RecordDef};
use super::layout::Layout;
use super::notation::{Notation, Place};
use super::resolved::{Part, PartId, PartKind, ResolvedLayout};

/// How a compiler packs a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As the header says.
    Declared,
    /// With the ABI's own alignment.
    Natural,
    /// Without holes.
    Packed,
    /// With no alignment above so many bytes, as `#pragma pack` has it.
    AtMost(u8),
}

impl Packing {
    /// Each, the declared one first.
    pub const ALL: [Self; 5] =
        [Self::Declared, Self::Natural, Self::Packed, Self::AtMost(4), Self::AtMost(2)];
}

/// One way in which a struct may lie.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// How it is packed.
    pub packing: Packing,
    /// Whose compiler it is.
    pub abi: Abi,
    /// Where its members are.
    pub layout: Layout,
}

impl RecordDef {
    /// Every way in which a compiler may lay it out, by packing, and each for all ABIs, `own` first.
    /// Many of them put the members in the same places. `name` is the layouts'.
    pub fn alternatives(&self, name: &str, own: Abi) -> impl Iterator<Item = Alternative> {
        Packing::ALL.into_iter().flat_map(move |packing| {
            let record = match packing {
                Packing::Declared => self.clone(),
                other => self.repacked(other),
            };
            let abis = std::iter::once(own).chain(Abi::ALL);
            let of = |abi| Some((abi, Layout::of(&record, name, abi).ok()?));
            let laid: Vec<_> = abis.filter_map(of).collect();
            laid.into_iter().map(move |(abi, layout)| Alternative { packing, abi, layout })
        })
    }

    /// The record with all its attributes of packing set one way, nested records included.
    fn repacked(&self, packing: Packing) -> Self {
        let fields = self.fields.iter().map(|field| FieldDef {
            ctype: repacked_type(&field.ctype, packing),
            packed: false,
            ..field.clone()
        });
        let (packed, pragma_pack) = match packing {
            Packing::AtMost(most) => (false, Some(u32::from(most))),
            other => (other == Packing::Packed, None),
        };
        Self { fields: fields.collect(), packed, pragma_pack, ..self.clone() }
    }
}

fn repacked_type(ctype: &CType, packing: Packing) -> CType {
    match ctype {
        CType::Record(record) => CType::Record(Arc::new(record.repacked(packing))),
        CType::Array(element, len) => CType::Array(Box::new(repacked_type(element, packing)), *len),
        CType::Aligned(inner, align) => {
            CType::Aligned(Box::new(repacked_type(inner, packing)), *align)
        }
        other => other.clone(),
    }
}

impl ResolvedLayout {
    /// Whether a layout of the same declaration has all its fields in the same places.
    pub fn lies_as(&self, other: &Self) -> bool {
        let place = |part: &Part| {
            let bits = part.bits().map(|it| (it.first, it.order));
            (part.offset, part.len, part.repeat, bits)
        };
        let own = self.fields().map(|(_, part)| place(part));
        self.size == other.size && own.eq(other.fields().map(|(_, part)| place(part)))
    }

    /// The same with the numbers among some parts in the other byte order. Of bit-fields only those
    /// of whole bytes have one.
    pub fn swapped(&self, is_swapped: impl Fn(PartId, &Part) -> bool) -> Self {
        let mut swapped = self.clone();
        let mut offsets = HashSet::new();
        for (id, part) in (0..).map(PartId).zip(&mut swapped.parts) {
            let is_swapped = is_swapped(id, part);
            match &mut part.kind {
                PartKind::Integer { order, .. } | PartKind::Float { order, .. } if is_swapped => {
                    *order = order.other();
                    offsets.insert(part.offset);
                }
                PartKind::Bits(bits) if is_swapped && bits.is_whole_bytes() => {
                    bits.order = bits.order.other();
                }
                _ => {}
            }
        }
        for part in &mut swapped.parts {
            let start = part.offset;
            let is_in = |it: &Place| offsets.contains(&start.saturating_add(it.offset.into()));
            let places = part.notation.iter_mut().flat_map(Notation::places);
            places.filter(|it| is_in(it)).for_each(|it| it.order = it.order.other());
        }
        swapped
    }
}
