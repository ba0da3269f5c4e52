//! Where the segments of one message begin, while it is read or written, and what terms say by that.

use super::plan::{Mark, Name, Operand, OperandId, Plan, Sequence, TermId};
use crate::schema::Expression;

/// Of one root, the segments whose fields terms speak of.
pub(super) const MAX_MARKS: usize = 32;

/// The bases of the marked segments, as far as they have been met.
/// One that has not is [`NOWHERE`]: as numbers they are laid out fast, for every message anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bases([u32; MAX_MARKS]);

/// No message is so long.
const NOWHERE: u32 = u32::MAX;

/// What terms are about: the bytes, and how many their frame has, where that is known.
#[derive(Clone, Copy)]
pub(super) struct View<'b> {
    pub bytes: &'b [u8],
    pub len: Option<usize>,
    /// What is left of these.
    pub rest: Option<usize>,
    /// Whether it goes to the port of its rule, where that is known.
    pub to_server: Option<bool>,
}

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

    /// Forgets a segment: that of another element, which is not there in this one.
    pub fn clear(&mut self, mark: Mark) {
        self.set(mark, NOWHERE as usize);
    }

    /// What is absent is nowhere, wherever it was in the element before.
    pub fn clear_all(&mut self, sequence: &Sequence) {
        for mark in sequence.segments.iter().filter_map(|it| it.mark) {
            self.clear(mark);
        }
    }

    /// Where the segment of a field begins.
    pub fn of(&self, operand: &Operand) -> Option<usize> {
        let base = *self.0.get(usize::from(operand.mark?.0))?;
        (base != NOWHERE).then_some(base as usize)
    }

    /// What a term says in a message. A field that is not there, because the message says so, counts as 0;
    /// one that the bytes do not reach has no value.
    pub fn value(&self, plan: &Plan, term: TermId, view: View<'_>) -> Option<i128> {
        self.value_of(plan, &plan.terms[term].expression, view)
    }

    /// The same of a part of a term.
    pub fn value_of(
        &self,
        plan: &Plan,
        expression: &Expression<Name>,
        view: View<'_>,
    ) -> Option<i128> {
        expression.evaluate(&mut |name| match name {
            Name::Field(operand) => self.field(plan, *operand, view.bytes),
            Name::Len => view.len.map(|it| it as i128),
            Name::Rest => view.rest.map(|it| it as i128),
            Name::ToServer => view.to_server.map(Into::into),
        })
    }

    /// The value of a field.
    pub fn field(&self, plan: &Plan, operand: OperandId, bytes: &[u8]) -> Option<i128> {
        let operand = &plan.operands[operand];
        match self.of(operand) {
            Some(base) => plan.number(operand.field, base, bytes),
            None => Some(0),
        }
    }

    /// The first field of a term that has no value, or of which another value would do: what an error is
    /// told of.
    pub fn blame<'p>(&self, plan: &'p Plan, term: TermId, bytes: &[u8]) -> Option<&'p Operand> {
        let operands = plan.operands_of(term);
        let mut unread = operands.clone().filter(|it| self.field(plan, *it, bytes).is_none());
        let found = unread.next().or_else(|| operands.clone().next())?;
        Some(&plan.operands[found])
    }
}
