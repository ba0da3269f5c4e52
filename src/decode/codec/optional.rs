//! What is there only where fields say so.

use std::collections::HashSet;

use super::bases::Bases;
use super::error::EncodeError;
use super::fill::numbers_of;
use super::plan::{Name, SequenceId, StepId, TermId};
use super::write::{Fields, Writer};
use crate::schema::{BinaryOperator, Expression, UnaryOperator};

/// A step, and in which elements of the lists around it.
type Place = (StepId, Vec<usize>);

/// What of a message is there only where fields say so.
#[derive(Default)]
pub(super) struct Optionals {
    /// What is not given, and has to be there, as earlier tries found.
    pub needed: HashSet<Place>,
    /// Whether this try found more of it.
    pub is_short: bool,
    /// What was met, in the order of the message.
    met: Vec<Met>,
}

struct Met {
    step: StepId,
    present: TermId,
    is_there: bool,
    at: Vec<usize>,
    /// Where the segments were.
    bases: Bases,
}

impl Optionals {
    fn need(&mut self, met: &Met) {
        self.is_short |= self.needed.insert((met.step, met.at.clone()));
    }
}

impl Writer<'_> {
    /// What is given is there; so is what is not, where fields that are given, or told by others, say so.
    pub fn optional(
        &mut self,
        id: StepId,
        present: TermId,
        sequence: SequenceId,
        offset: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        self.end = offset;
        let is_there = self.has(id.next(), fields)
            || self.is_said(present) && self.said(present).is_some_and(|it| it != 0)
            || self.optionals.needed.contains(&(id, self.at.clone()));
        // What is not given is zero, also where nothing behind it is written yet.
        for operand in self.plan.operands_of(present) {
            let operand = &self.plan.operands[operand];
            let step = &self.plan.steps[operand.field];
            if let Some(base) = self.bases.of(operand) {
                self.reserve(base.saturating_add(step.offset), step.len)?;
            }
        }
        let (at, bases) = (self.at.clone(), self.bases);
        self.optionals.met.push(Met { step: id, present, is_there, at, bases });
        if is_there {
            if !self.hold(&self.plan.terms[present].expression)? {
                self.say(present, 1)?;
            }
            self.sees_present(id, present)?;
            return self.sequence(sequence, offset, fields);
        }
        self.bases.clear_all(&self.plan.sequences[sequence]);
        Ok(())
    }

    /// Sees, once all is written, that what is there is said to be, and what is not is not. What is said to be
    /// there by what stands behind it is noted, and the message written once more.
    pub fn sees_optionals(&mut self) -> Result<(), EncodeError> {
        let met = std::mem::take(&mut self.optionals.met);
        let now = self.bases;
        for it in met.iter().filter(|it| it.is_there) {
            self.bases = it.bases;
            self.sees_present(it.step, it.present)?;
            self.tell(it.present);
        }
        for it in met.iter().filter(|it| !it.is_there) {
            self.bases = it.bases;
            let said = self.said(it.present);
            let condition = &self.plan.terms[it.present].expression;
            if said == Some(0) || self.refute(condition)? && !self.is_given(it.present) {
                continue;
            }
            match said {
                Some(_) => self.optionals.need(it),
                None => self.say(it.present, 0)?,
            }
        }
        (self.bases, self.optionals.met) = (now, met);
        Ok(())
    }

    /// Has what is left out be there, where it has a field of a term that is to say something; whether there is such.
    pub fn needs_fields(&mut self, term: TermId) -> bool {
        let plan = self.plan;
        let fields: Vec<_> = plan.operands_of(term).map(|it| plan.operands[it].field).collect();
        let mut met = self.optionals.met.iter().rev();
        let has_one = |it: &&Met| {
            let within = plan.within(it.step);
            !it.is_there
                && self.at.starts_with(&it.at)
                && fields.iter().any(|it| within.contains(it))
        };
        let Some(left_out) = met.find(has_one) else { return false };
        let place = (left_out.step, left_out.at.clone());
        self.optionals.is_short |= self.optionals.needed.insert(place);
        true
    }

    /// Has a condition hold, part by part, unless its fields are given; `false` where it cannot.
    pub fn hold(&mut self, condition: &Expression<Name>) -> Result<bool, EncodeError> {
        if self.value_of(condition).is_some_and(|it| it != 0) {
            return Ok(true);
        }
        if let Expression::Binary(BinaryOperator::And, parts) = condition {
            let [left, right] = &**parts;
            return Ok(self.hold(left)? && self.hold(right)?);
        }
        if let Expression::Unary(UnaryOperator::Not, inner) = condition {
            return self.refute(inner);
        }
        let mut wanted = vec![1];
        numbers_of(condition, &mut wanted);
        self.settle(condition, &wanted)
    }

    /// Has a condition not hold, unless its fields are given; `false` where it cannot.
    pub fn refute(&mut self, condition: &Expression<Name>) -> Result<bool, EncodeError> {
        match condition {
            Expression::Unary(UnaryOperator::Not, inner) => self.hold(inner),
            _ => self.settle(condition, &[0]),
        }
    }

    /// Sees that what is written is not said to be missing by fields that are given.
    fn sees_present(&self, id: StepId, present: TermId) -> Result<(), EncodeError> {
        // Of a try that is not the last, what is said is not known yet.
        if self.optionals.is_short || self.varints.are_short() || self.said(present) != Some(0) {
            return Ok(());
        }
        let fields = self.plan.operands_of(present).map(|it| self.plan.operands[it].field);
        let by: Vec<_> = fields.map(|it| self.path(it)).collect();
        let path = self.plan.path(id).unwrap_or(self.name).to_owned();
        Err(EncodeError::Absent { path, by: by.join("`, `") })
    }
}
