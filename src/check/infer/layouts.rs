//! The layouts that a sender may have: as declared, packed and natural, for every ABI; equal ones
//! once.

use super::{drift::Change, slots::Slots};
use crate::{
    profile::Protocol,
    schema::{Abi, Hole, Packing, RecordDef, ResolvedLayout},
};

/// One layout that a sender may have.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub abi: Abi,
    pub packing: Packing,
    pub layout: ResolvedLayout,
    /// Bytes.
    pub size: usize,
    /// Where its last member begins, if that is an array within which a message may end, and the
    /// bytes of an element.
    pub open: Option<(usize, usize)>,
    pub slots: Slots,
    /// Between its members, up to a tail.
    pub holes: Vec<Hole>,
    /// Its messages say how long they are: no length is wrong.
    pub is_open: bool,
    /// Whether an integer has another size than declared.
    pub is_other_model: bool,
    /// In what it is another version of the struct than the declared one.
    pub drift: Option<Change>,
    /// How probable it is before any message is seen.
    pub prior: f64,
}

/// Probability that the sender's struct lies as declared, before its messages are seen. It matters
/// only where lengths agree: half of it tells 3 cases more of 4,726, and no other is wrong.
const AS_DECLARED: f64 = 0.7;

/// Every layout of a record, the declared one first.
pub(super) fn candidates(record: &RecordDef, protocol: &Protocol) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for alternative in record.alternatives("", protocol.abi) {
        let (packing, abi) = (alternative.packing, alternative.abi);
        let Ok(layout) = protocol.resolve(&alternative.layout) else { continue };
        let weight = match packing {
            Packing::Declared | Packing::Natural => 1.0,
            Packing::Packed => 0.5,
            Packing::AtMost(_) => 0.06,
        };
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
            open: open_end(&layout),
            layout,
            size,
            slots,
            holes,
            is_open: false,
            is_other_model,
            drift: None,
            prior: if abi == protocol.abi { weight } else { weight * 0.8 },
        });
    }
    share_prior(&mut found);
    found
}

impl Candidate {
    /// The one layout of a record whose messages say how long they are: its fields at fixed places, and
    /// whatever follows them. `None` where it has none.
    pub fn open(record: &RecordDef, protocol: &Protocol) -> Option<Self> {
        let declared = record.alternatives("", protocol.abi).next()?;
        let layout = protocol.resolve(&declared.layout).ok()?;
        let bytes = |it: u64| usize::try_from(it).unwrap_or(usize::MAX / 4);
        let end = layout.first_open().map_or(layout.size, |it| it.offset);
        let mut slots = Slots::of(&layout, protocol);
        slots.slots.retain(|it| it.offset.saturating_add(it.len) <= bytes(end));
        slots.tail = None;
        Some(Self {
            abi: declared.abi,
            packing: declared.packing,
            // No message has so many bytes.
            size: usize::MAX / 4,
            open: Some((bytes(end), 1)),
            layout,
            slots,
            holes: Vec::new(),
            is_open: true,
            is_other_model: false,
            drift: None,
            prior: 1.0,
        })
    }
}

/// Of a union the shortest member's end, and any length behind it.
fn open_end(layout: &ResolvedLayout) -> Option<(usize, usize)> {
    let min_len = layout.min_len();
    let bytes = |it: u64| usize::try_from(it).unwrap_or(usize::MAX / 4);
    let stride = layout.last_array().map_or(1, |(_, stride)| stride);
    (min_len < layout.size).then(|| (bytes(min_len), bytes(stride.max(1))))
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
