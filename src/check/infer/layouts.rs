//! The layouts that a sender may have: as declared, packed and natural, for every ABI; equal ones
//! once.

use std::sync::Arc;

use super::slots::Slots;
use crate::{
    profile::Protocol,
    schema::{Abi, CType, FieldDef, Hole, Layout, RecordDef, ResolvedLayout},
};

/// How the sender's compiler packed the struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As the header says.
    Declared,
    /// Without holes.
    Packed,
    /// With the ABI's own alignment.
    Natural,
}

/// One layout that a sender may have.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub abi: Abi,
    pub packing: Packing,
    pub layout: ResolvedLayout,
    /// Bytes.
    pub size: usize,
    pub slots: Slots,
    /// Between its members, up to a tail.
    pub holes: Vec<Hole>,
    /// Whether an integer has another size than declared.
    pub is_other_model: bool,
    /// How probable it is before any message is seen.
    pub prior: f64,
}

/// Probability that the sender's struct lies as declared, before its messages are seen. It matters
/// only where lengths agree: half of it tells 3 cases more of 4,726, and no other is wrong.
const AS_DECLARED: f64 = 0.7;

/// Every layout of a record, the declared one first.
pub(super) fn candidates(record: &RecordDef, protocol: &Protocol) -> Vec<Candidate> {
    let packed = repacked(record, true);
    let natural = repacked(record, false);
    let abis = || std::iter::once(protocol.abi).chain(Abi::ALL);
    let mut found: Vec<Candidate> = Vec::new();
    let choices = [
        (Packing::Declared, record, 1.0),
        (Packing::Natural, &natural, 1.0),
        (Packing::Packed, &packed, 0.5),
    ];
    for (packing, record, weight) in choices {
        for abi in abis() {
            let layout = Layout::of(record, "", abi).and_then(|it| protocol.resolve(&it));
            let Ok(layout) = layout else { continue };
            let slots = Slots::of(&layout, protocol);
            let size = usize::try_from(layout.size).unwrap_or(usize::MAX / 4);
            let same = |it: &&mut Candidate| it.size == size && places(&it.slots) == places(&slots);
            if let Some(same) = found.iter_mut().find(same) {
                same.prior += if abi == protocol.abi { 0.0 } else { weight * 0.2 };
                continue;
            }
            let is_other_model = found.first().is_some_and(|it| sizes(&it.slots) != sizes(&slots));
            // Behind a tail its elements take the place of padding.
            let tail = layout.tail().map_or(u64::MAX, |(_, it)| it.offset);
            let holes = layout.holes().into_iter().filter(|it| it.offset < tail).collect();
            found.push(Candidate {
                abi,
                packing,
                layout,
                size,
                slots,
                holes,
                is_other_model,
                prior: if abi == protocol.abi { weight } else { weight * 0.5 },
            });
        }
    }
    share_prior(&mut found);
    found
}

fn share_prior(found: &mut [Candidate]) {
    let total: f64 = found.iter().skip(1).map(|it| it.prior).sum();
    let is_alone = found.len() == 1;
    for (index, it) in found.iter_mut().enumerate() {
        it.prior = match (index, is_alone) {
            (0, true) => 1.0,
            (0, false) => AS_DECLARED,
            _ => (1.0 - AS_DECLARED) * it.prior / total,
        };
    }
}

fn places(slots: &Slots) -> impl PartialEq {
    let tail = slots.tail.as_ref().map(|it| (it.element.offset, it.element.len, it.pad));
    (slots.slots.iter().map(|it| (it.offset, it.len)).collect::<Vec<_>>(), tail)
}

fn sizes(slots: &Slots) -> Vec<usize> {
    slots.slots.iter().map(|it| it.len).collect()
}

/// The record with all its attributes of packing set one way, nested records included.
fn repacked(record: &RecordDef, packed: bool) -> RecordDef {
    let fields = record.fields.iter().map(|field| FieldDef {
        ctype: repacked_type(&field.ctype, packed),
        packed: false,
        ..field.clone()
    });
    RecordDef { fields: fields.collect(), packed, pragma_pack: None, ..record.clone() }
}

fn repacked_type(ctype: &CType, packed: bool) -> CType {
    match ctype {
        CType::Record(record) => CType::Record(Arc::new(repacked(record, packed))),
        CType::Array(element, len) => CType::Array(Box::new(repacked_type(element, packed)), *len),
        CType::Aligned(inner, align) => {
            CType::Aligned(Box::new(repacked_type(inner, packed)), *align)
        }
        other => other.clone(),
    }
}
