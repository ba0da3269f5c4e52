//! Every place of a message at which a field lies, the elements of arrays one by one.

use std::ops::ControlFlow::{self, Continue};

use super::resolved::{Part, PartId, PartKind, Repeat, ResolvedLayout};

/// A field at one of its places.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'l> {
    /// The field, or the element that stands for all of an array.
    pub id: PartId,
    /// What is declared of it.
    pub part: &'l Part,
    /// From the start of the message, bytes.
    pub offset: u64,
}

impl ResolvedLayout {
    /// Lends each place, in declared order, until `take` breaks. A union is one, whatever its
    /// members, and so is a variable tail.
    pub fn each_leaf<'l>(&'l self, take: &mut impl FnMut(Leaf<'l>) -> ControlFlow<()>) {
        let _ = self.leaves_in(Self::ROOT, 0, take);
    }

    /// Those in a part of which `shift` bytes of elements lie in front of the first; how many.
    fn leaves_in<'l>(
        &'l self,
        id: PartId,
        shift: u64,
        take: &mut impl FnMut(Leaf<'l>) -> ControlFlow<()>,
    ) -> ControlFlow<(), u64> {
        let Some(part) = self.part(id) else { return Continue(0) };
        let mut lent: u64 = 0;
        match (&part.kind, part.repeat) {
            (PartKind::Struct(_), Repeat::Once) => {
                for (member, _) in self.members(id) {
                    lent = lent.saturating_add(self.leaves_in(member, shift, take)?);
                }
            }
            (PartKind::List, Repeat::Times { count, stride }) => {
                for index in 0..count {
                    let shift = shift.saturating_add(index.saturating_mul(stride));
                    let before = lent;
                    for (element, _) in self.members(id) {
                        lent = lent.saturating_add(self.leaves_in(element, shift, take)?);
                    }
                    // Elements in which nothing lies may be very many.
                    if lent == before {
                        break;
                    }
                }
            }
            _ => {
                take(Leaf { id, part, offset: part.offset.saturating_add(shift) })?;
                lent = 1;
            }
        }
        Continue(lent)
    }
}
