//! What is there only where fields say so.

use super::error::EncodeError;
use super::fill::numbers_of;
use super::plan::{Name, SequenceId, StepId, TermId};
use super::write::{Fields, Writer};
use crate::schema::{BinaryOperator, Expression};

impl Writer<'_> {
    /// What is given is there, and what is not is where what says so is given.
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
            || self.is_said(present) && self.said(present).is_some_and(|it| it != 0);
        self.present(present, is_there)?;
        if is_there {
            self.sees_present(id, present)?;
            return self.sequence(sequence, offset, fields);
        }
        self.bases.clear_all(&self.plan.sequences[sequence]);
        Ok(())
    }

    /// Has a term say that something is there, or is not, unless its fields are given.
    fn present(&mut self, term: TermId, is_there: bool) -> Result<(), EncodeError> {
        let plan = self.plan;
        // What is not given is zero, also where nothing behind it is written yet.
        for operand in plan.operands_of(term) {
            let operand = &plan.operands[operand];
            let step = &plan.steps[operand.field];
            if let Some(base) = self.bases.of(operand) {
                self.reserve(base.saturating_add(step.offset), step.len)?;
            }
        }
        let condition = &plan.terms[term].expression;
        let holds = match is_there {
            true => self.hold(condition)?,
            false => self.said(term) == Some(0) || self.settle(condition, &[0])?,
        };
        if holds { Ok(()) } else { self.say(term, is_there.into()) }
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
        let mut wanted = vec![1];
        numbers_of(condition, &mut wanted);
        self.settle(condition, &wanted)
    }

    /// Sees that what is written is not said to be missing by fields that are given.
    fn sees_present(&self, id: StepId, present: TermId) -> Result<(), EncodeError> {
        if self.said(present) != Some(0) {
            return Ok(());
        }
        let fields = self.plan.operands_of(present).map(|it| self.plan.operands[it].field);
        let by: Vec<_> = fields.map(|it| self.path(it)).collect();
        let path = self.plan.path(id).unwrap_or(self.name).to_owned();
        Err(EncodeError::Absent { path, by: by.join("`, `") })
    }
}
