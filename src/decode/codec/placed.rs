//! Numbers that fields at fixed places from the start of a message say: its tags, its length, what is in
//! every message of its protocol.

use super::error::CodecError;
use super::measure::{Extent, MAX_STREAMED_LEN, unknown};
use super::plan::{Form, Name, Plan, StepId, TermId};
use crate::message::ErrorKind;

/// A term that can be read before anything else is.
#[derive(Clone, Debug)]
pub(super) struct PlacedTerm {
    pub term: TermId,
    /// Its fields, in the order of the message.
    fields: Vec<StepId>,
    /// The bytes up to the last of them.
    needed: usize,
}

impl PlacedTerm {
    /// `None` where one of its fields has no fixed place in the message.
    pub fn new(plan: &Plan, term: TermId) -> Option<Self> {
        let own = plan.roots.as_slice().first()?;
        let placed = plan.placed(own.steps.clone());
        let operands = plan.operands_of(term);
        let mut fields: Vec<_> = operands.map(|it| plan.operands[it].field).collect();
        let is_placed = |it: &StepId| {
            placed.contains(it) && !matches!(plan.steps[*it].form, Form::Varint { .. })
        };
        if fields.iter().any(|it| !is_placed(it)) {
            return None;
        }
        fields.sort();
        let needed = fields.iter().map(|it| plan.steps[*it].stop()).max().unwrap_or(0);
        Some(Self { term, fields, needed })
    }

    /// What it says; `None` where its fields are not in the bytes, or say nothing.
    #[inline]
    pub fn value(&self, plan: &Plan, bytes: &[u8], to_server: bool) -> Option<i128> {
        plan.terms[self.term].expression.evaluate(&mut |name| match name {
            Name::Field(operand) => plan.number(plan.operands[*operand].field, 0, bytes),
            Name::Len | Name::Rest => Some(bytes.len() as i128),
            Name::ToServer => Some(to_server.into()),
        })
    }

    /// The bytes that it takes to read it.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// The field that an error is told of.
    pub fn field(&self) -> Option<StepId> {
        self.fields.first().copied()
    }

    /// The error that the term, as a length or a tag, says nothing.
    pub fn unknown<'c>(&self, plan: &'c Plan, kind: ErrorKind) -> Extent<'c> {
        match self.field() {
            Some(field) => unknown(plan, field, 0, self.needed, kind),
            None => Extent::Close,
        }
    }

    /// How far a message reaches that has it as its length.
    pub fn extent<'c>(&self, plan: &'c Plan, bytes: &[u8]) -> Extent<'c> {
        if bytes.len() < self.needed {
            return Extent::Needs(self.needed);
        }
        let said = self.value(plan, bytes, true).and_then(|it| usize::try_from(it).ok());
        // A message ends behind its length, and none is longer than is kept.
        match said.filter(|it| *it >= self.needed) {
            Some(len) if len <= MAX_STREAMED_LEN => Extent::Bytes(len),
            Some(_) => self.unknown(plan, ErrorKind::Limit),
            None => self.unknown(plan, ErrorKind::Malformed),
        }
    }
}

/// The place that an expression needs.
pub(super) fn placed(plan: &Plan, term: TermId, path: &str) -> Result<PlacedTerm, CodecError> {
    PlacedTerm::new(plan, term).ok_or_else(|| CodecError::NotPlaced {
        message: plan.name().to_owned(),
        expression: path.to_owned(),
    })
}
