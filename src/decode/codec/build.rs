//! Putting a plan together: steps one by one, segments as records close, marks at the end.

use super::bases::MAX_MARKS;
use super::error::CodecError;
use super::plan::{
    Count, Form, Mark, Name, Operand, Plan, Segment, Sequence, SequenceId, Step, StepId, Steps,
    Term, TermId,
};
use super::ready::Ready;
use crate::message::{NodeId, Scalar};
use crate::schema::Expression;

/// Items of all segments together that are kept ready; of segments beyond, the fields are walked.
const MAX_READY: usize = 1 << 16;

impl Plan {
    /// Begins a step, which [`close`](Self::close) completes once what is within it is there.
    pub fn begin(&mut self, node: Option<NodeId>, offset: usize, len: usize) -> StepId {
        let end = self.steps.next().next();
        self.steps.push(Step { node, end, offset, len, reach: offset, form: Form::Group })
    }

    /// Completes a step.
    pub fn close(&mut self, id: StepId, reach: usize, form: Form) {
        let end = self.steps.next();
        let step = &mut self.steps[id];
        (step.end, step.reach, step.form) = (end, reach, form);
    }

    /// What the steps in a record make of it.
    pub fn record(&mut self, id: StepId) -> Form {
        let steps = id.next()..self.steps.next();
        let is_open = self.children(steps.clone()).any(|(_, step)| step.is_open());
        if !is_open {
            return Form::Group;
        }
        let len = self.steps[id].stop();
        Form::Sequence(self.sequence(steps, Some(len)))
    }

    /// What the one step in a list makes of it, `stride` being the bytes of an element that has
    /// always as many.
    pub fn repeat(&mut self, id: StepId, count: Count, stride: usize, pad: u8) -> Form {
        let element = self.sequence(id.next()..self.steps.next(), Some(stride));
        Form::Repeat { count, element, pad }
    }

    /// What is in a step is there where the term is not zero.
    pub fn optional(&mut self, id: StepId, present: TermId) -> Form {
        let sequence = self.sequence(id.next()..self.steps.next(), None);
        Form::Optional { present, sequence }
    }

    /// A field, in the expression of a term.
    pub fn operand(&mut self, field: StepId) -> Expression<Name> {
        Expression::Name(Name::Field(self.operands.push(Operand { field, mark: None })))
    }

    /// A number that fields say.
    pub fn term(&mut self, expression: Expression<Name>) -> TermId {
        let fields = expression.names().into_iter().filter_map(|it| match it {
            Name::Field(operand) => Some(self.operands[*operand].field),
            Name::Len | Name::Rest | Name::ToServer => None,
        });
        let last = fields.max();
        self.terms.push(Term { expression, last })
    }

    /// What is in a step takes as many bytes as the term says.
    pub fn frame(&mut self, id: StepId, len: TermId, zeros: bool) -> Form {
        let sequence = self.sequence(id.next()..self.steps.next(), None);
        Form::Framed { len, sequence, zeros }
    }

    /// Cuts steps into segments, each up to an open step. `size` is what `sizeof` says of a
    /// sequence that is one segment.
    pub fn sequence(&mut self, steps: Steps, size: Option<usize>) -> SequenceId {
        let mut segments = Vec::new();
        let (mut start, mut len) = (steps.start, 0_usize);
        let mut parts = Vec::new();
        for (id, step) in self.children(steps.clone()) {
            len = len.max(step.stop());
            if step.is_open() {
                parts.push((start..step.end, len, Some(id)));
                (start, len) = (step.end, 0);
            }
        }
        if start < steps.end || parts.is_empty() {
            parts.push((start..steps.end, len, None));
        }
        for (steps, len, open) in parts {
            let (ready, walked) = self.ready(steps.clone());
            segments.push(Segment { steps, len, open, mark: None, ready, walked });
        }
        if let ([only], Some(size)) = (segments.as_mut_slice(), size) {
            only.len = size;
        }
        self.sequences.push(Sequence { segments })
    }

    /// Marks the segments whose fields terms speak of. The plan is complete then.
    pub fn mark(&mut self) -> Result<(), CodecError> {
        let mut marks = vec![0_u8; self.roots.as_slice().len()];
        for id in self.operands.ids() {
            let field = self.operands[id].field;
            let root = self.roots.as_slice().iter().position(|it| it.steps.contains(&field));
            let Some(next) = root.and_then(|root| marks.get_mut(root)) else { continue };
            let segments = self.sequences.iter_mut().flat_map(|it| &mut it.segments);
            let around = segments.filter(|it| it.steps.contains(&field));
            // Of two that begin at the same step the one within is the shorter.
            let depth = |it: &&mut Segment| (it.steps.start, std::cmp::Reverse(it.steps.end));
            let Some(innermost) = around.max_by_key(depth) else { continue };
            let mark = *innermost.mark.get_or_insert(Mark(*next));
            if mark == Mark(*next) {
                *next = next.saturating_add(1);
            }
            if usize::from(mark.0) >= MAX_MARKS {
                let message = self.name().to_owned();
                return Err(CodecError::TooManyParts { message, max: MAX_MARKS });
            }
            self.operands[id].mark = Some(mark);
        }
        Ok(())
    }

    /// The first steps of a segment, as many as are kept ready, and the first that is not.
    fn ready(&mut self, steps: Steps) -> (Ready, StepId) {
        let (mut ready, mut walked) = (Ready::default(), steps.start);
        for (id, step) in self.children(steps) {
            let (len, count) = (ready.len, ready.count());
            if self.prepare(&mut ready, id, 0).is_none() {
                ready.len = len;
                ready.truncate(count);
                break;
            }
            walked = step.end;
        }
        self.ready_items = self.ready_items.saturating_add(ready.count());
        (ready, walked)
    }

    /// Adds a step and what is in it; `None` where it does not lie alike in every message, or is
    /// too much.
    fn prepare(&self, ready: &mut Ready, id: StepId, base: usize) -> Option<()> {
        let step = &self.steps[id];
        let offset = base.checked_add(step.offset)?;
        ready.len = ready.len.max(offset.checked_add(step.len)?);
        let at = ready.count();
        match (step.form, step.node) {
            (Form::Number(number), Some(node)) => ready.number(node, offset, step.len, number)?,
            (Form::Bits(bits), Some(node)) => ready.bits(node, offset, step.len, bits)?,
            (Form::Span { .. }, Some(node)) => ready.add(node, offset, step.len, Scalar::Span)?,
            (Form::Group | Form::List { .. }, Some(node)) => {
                ready.add(node, offset, step.len, Scalar::Nested)?;
            }
            (Form::Group, None) => {}
            _ => return None,
        }
        match step.form {
            Form::Group => self
                .children(self.within(id))
                .try_for_each(|(member, _)| self.prepare(ready, member, base))?,
            Form::List { len, stride, .. } => (0..len).try_for_each(|element| {
                self.prepare(ready, id.next(), offset.checked_add(element.checked_mul(stride)?)?)
            })?,
            _ => {}
        }
        if step.node.is_some() {
            ready.close(at);
        }
        (ready.count().checked_add(self.ready_items)? <= MAX_READY).then_some(())
    }
}
