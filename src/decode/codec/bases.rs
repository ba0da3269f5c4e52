//! Where the segments of one message begin, while it is read or written.

use super::plan::{Mark, Plan, Term, TermId};

/// Of one root, the segments whose fields terms speak of.
pub(super) const MAX_MARKS: usize = 16;

/// The bases of the marked segments, as far as they have been met.
/// One that has not is [`NOWHERE`]: as numbers they are laid out fast, for every message anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bases([u32; MAX_MARKS]);

/// No message is so long.
const NOWHERE: u32 = u32::MAX;

impl Default for Bases {
    fn default() -> Self {
        Self([NOWHERE; MAX_MARKS])
    }
}

impl Bases {
    #[inline]
    pub fn set(&mut self, mark: Mark, base: usize) {
        if let Some(kept) = self.0.get_mut(usize::from(mark.0)) {
            *kept = u32::try_from(base).unwrap_or(NOWHERE);
        }
    }

    /// Where the segment of a term's field begins.
    pub fn of(&self, term: &Term) -> Option<usize> {
        let base = *self.0.get(usize::from(term.mark?.0))?;
        (base != NOWHERE).then_some(base as usize)
    }

    /// What a term says in a message.
    pub fn value(&self, plan: &Plan, term: TermId, bytes: &[u8]) -> Option<i128> {
        let term = &plan.terms[term];
        let field = plan.number(term.field, self.of(term)?, bytes)?;
        Some(term.apply(field))
    }
}
