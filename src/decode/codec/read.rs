//! Bytes to items, along a plan.

use super::bases::{Bases, View};
use super::number::BitField;
use super::plan::{Count, Form, Plan, Root, Segment, Sequence, Step, StepId, Steps};
use super::varint::{self, VarintError};
use crate::message::{ErrorKind, Item, Scalar};

/// Items of one message, over and above one for each field of the
/// [`FieldTable`](crate::message::FieldTable). A list that would go beyond it ends in an error of
/// kind [`ErrorKind::Limit`], and so does one of more elements, of which nothing is listed.
pub const MAX_ITEMS: usize = 1 << 16;

/// One message while it is read.
pub(super) struct Reader<'a> {
    pub plan: &'a Plan,
    /// `sizeof` of the whole.
    pub size: usize,
    /// Where the last field ends that is in any case.
    pub reach: usize,
    /// What there is to be read; within a frame, up to its end.
    pub bytes: &'a [u8],
    /// As far as `bytes` would be there, were all captured.
    pub wire_len: usize,
    pub items: &'a mut Vec<Item>,
    pub max_items: usize,
    /// What is read says how long it is, within the message.
    pub is_framed: bool,
    /// What is read lies in a part of the message that says how long it is: more than that does not mean
    /// that the message ends.
    pub in_part: bool,
    /// Where that part ends by what it says, whether the message has so much or not.
    pub part_end: usize,
    /// What is missing at the end of the frame reads as zeros.
    pub zeros: bool,
    /// It goes to the port of its rule.
    pub to_server: bool,
    /// Where the message starts, or the innermost frame.
    pub frame: usize,
    /// Elements that may still be read.
    pub elements_left: usize,
    pub bases: Bases,
    /// Where the message ends, or the open step that was read last, as far as it is known.
    pub end: usize,
    /// A character tail had no NUL.
    pub unterminated: bool,
    /// The message ended within its last array.
    pub partial: bool,
    /// What is read is not all that there is: no array is shorter because it ends.
    pub bounded: bool,
    /// What was met first that cannot be, though what follows can be read: a tag without a case, a part
    /// that does not have the length that it says.
    pub noted: Option<Failure>,
}

/// Why the walk ended early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    pub step: StepId,
    pub offset: usize,
    pub kind: ErrorKind,
}

impl Failure {
    /// A tag at a fixed place from the start of the message has no case.
    pub fn unknown(plan: &Plan, tag: StepId) -> Self {
        Self { step: tag, offset: plan.steps[tag].offset, kind: ErrorKind::UnknownCase }
    }
}

impl<'a> Reader<'a> {
    pub fn new(
        plan: &'a Plan,
        root: &Root,
        bytes: &'a [u8],
        wire_len: usize,
        items: &'a mut Vec<Item>,
    ) -> Self {
        let max_items = MAX_ITEMS.saturating_add(plan.table.nodes.len());
        Self {
            plan,
            size: root.size,
            reach: root.reach,
            bytes,
            wire_len,
            items,
            max_items,
            is_framed: false,
            in_part: false,
            part_end: usize::MAX,
            zeros: false,
            to_server: true,
            frame: 0,
            elements_left: max_items,
            bases: Bases::default(),
            end: root.size,
            unterminated: false,
            partial: false,
            bounded: false,
            noted: None,
        }
    }

    /// Reads a whole message.
    #[inline]
    pub fn root(&mut self, root: &Root) -> Result<(), Failure> {
        match root.length {
            None => self.segments(&self.plan.sequences[root.sequence], 0),
            Some(len) => self.whole_message(len, root.sequence),
        }
    }

    /// Reads a sequence within the message.
    #[inline(never)]
    pub fn sequence(&mut self, sequence: &'a Sequence, base: usize) -> Result<(), Failure> {
        self.segments(sequence, base)
    }

    /// Reads segment behind segment, each from where the one before ends. The message's own are
    /// read in place, as most messages have no other.
    #[inline(always)]
    fn segments(&mut self, sequence: &'a Sequence, mut base: usize) -> Result<(), Failure> {
        for segment in &sequence.segments {
            self.begin(segment, base);
            self.segment(segment, base)?;
            base = self.end;
        }
        Ok(())
    }

    #[inline(always)]
    pub fn begin(&mut self, segment: &Segment, base: usize) {
        if let Some(mark) = segment.mark {
            self.bases.set(mark, base);
        }
        self.end = base.saturating_add(segment.len);
    }

    #[inline(always)]
    pub fn segment(&mut self, segment: &'a Segment, base: usize) -> Result<(), Failure> {
        let first = match segment.ready.read_at(self.bytes, base, self.items) {
            true => segment.walked,
            false => segment.steps.start,
        };
        self.fields(first..segment.steps.end, base)
    }

    /// What terms are about.
    pub fn view(&self) -> View<'a> {
        let len = self.wire_len.checked_sub(self.frame);
        let rest = Some(self.wire_len.saturating_sub(self.end));
        View { bytes: self.bytes, len, rest, to_server: Some(self.to_server) }
    }

    /// Reads steps whose offsets count from `base`.
    fn fields(&mut self, steps: Steps, base: usize) -> Result<(), Failure> {
        let mut at = steps.start;
        while at < steps.end {
            let step = &self.plan.steps[at];
            self.field(at, step, base)?;
            at = step.end;
        }
        Ok(())
    }

    /// Kept small, so that a flat struct is read by one loop.
    #[inline]
    pub fn field(&mut self, id: StepId, step: &'a Step, base: usize) -> Result<(), Failure> {
        let offset = base.saturating_add(step.offset);
        match step.form {
            Form::Number(number) => {
                let input = self.bytes.get(offset..).unwrap_or_default();
                let Some(scalar) = number.read(input) else {
                    return self.missing(id, step, offset);
                };
                self.push(step, offset, step.len, scalar);
                Ok(())
            }
            Form::Span { may_end } => self.span(id, step, offset, may_end),
            Form::SpanTail { count: Some(term), .. } => self.span_of(id, step, offset, term),
            Form::SpanTail { padding, terminated, count: None } => {
                self.span_tail(id, step, offset, padding, terminated)
            }
            Form::Bits(field) => self.bits(id, step, offset, field),
            Form::Varint { max } => self.varint(id, step, offset, max),
            Form::SpanUntil { last } => self.span_until(id, step, offset, last),
            Form::Repeat { count: Count::ToEnd, .. } => self.tail(id, step, base, offset),
            _ => self.nested(id, step, base, offset),
        }
    }

    #[inline]
    fn span(
        &mut self,
        id: StepId,
        step: &Step,
        offset: usize,
        may_end: bool,
    ) -> Result<(), Failure> {
        if self.bytes.get(offset..offset.saturating_add(step.len)).is_none() {
            return match may_end && !self.bounded {
                true => self.rest(id, step, offset),
                false => self.missing(id, step, offset),
            };
        }
        self.push(step, offset, step.len, Scalar::Span);
        Ok(())
    }

    /// A field that the bytes do not hold whole: where zeros at the end are left out, it has the rest of
    /// them.
    #[cold]
    fn missing(&mut self, id: StepId, step: &Step, offset: usize) -> Result<(), Failure> {
        if !self.zeros || self.bytes.len() < self.wire_len {
            return Err(self.cut(id, offset));
        }
        let there = self.bytes.get(offset..).unwrap_or_default();
        let mut whole = [0; 16];
        whole.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
        let scalar = match step.form {
            Form::Number(number) => number.read(&whole),
            Form::Bits(bits) => whole.get(..step.len).map(|it| bits.read(it)),
            _ => Some(Scalar::Span),
        };
        let offset = offset.min(self.bytes.len());
        self.push(step, offset, there.len(), scalar.unwrap_or(Scalar::Unsigned(0)));
        Ok(())
    }

    /// Characters of which the message has fewer than declared.
    #[cold]
    fn rest(&mut self, id: StepId, step: &Step, offset: usize) -> Result<(), Failure> {
        let Some(rest) = self.bytes.get(offset..) else { return Err(self.cut(id, offset)) };
        self.push(step, offset, rest.len(), Scalar::Span);
        if self.bytes.len() < self.wire_len {
            return Err(self.cut(id, offset));
        }
        self.end_within(offset.saturating_add(rest.len()));
        Ok(())
    }

    /// The message ends within its last array.
    pub fn end_within(&mut self, end: usize) {
        (self.end, self.partial) = (end, true);
    }

    fn bits(
        &mut self,
        id: StepId,
        step: &Step,
        offset: usize,
        field: BitField,
    ) -> Result<(), Failure> {
        let touched = self.bytes.get(offset..offset.saturating_add(step.len));
        let Some(touched) = touched else { return self.missing(id, step, offset) };
        self.push(step, offset, step.len, field.read(touched));
        Ok(())
    }

    /// Characters to their first NUL, which counts among them, or to the end.
    fn span_tail(
        &mut self,
        id: StepId,
        step: &Step,
        offset: usize,
        padding: usize,
        terminated: bool,
    ) -> Result<(), Failure> {
        let Some(rest) = self.bytes.get(offset..) else { return Err(self.cut(id, offset)) };
        let nul = if terminated { memchr::memchr(0, rest) } else { None };
        let len = nul.map_or(rest.len(), |nul| nul.saturating_add(1));
        self.push(step, offset, len, Scalar::Span);
        self.end = offset.saturating_add(len);
        if nul.is_some() {
            if self.wire_len.saturating_sub(self.end) == padding {
                self.end = self.wire_len;
            }
        } else if self.bytes.len() < self.wire_len {
            return Err(self.cut(id, offset));
        } else {
            self.unterminated |= terminated;
        }
        Ok(())
    }

    #[inline(never)]
    fn varint(&mut self, id: StepId, step: &Step, offset: usize, max: u8) -> Result<(), Failure> {
        match varint::read(self.bytes.get(offset..).unwrap_or_default(), max) {
            Ok((value, len)) => {
                self.push(step, offset, len, Scalar::Unsigned(value));
                self.end = offset.saturating_add(len);
                Ok(())
            }
            Err(VarintError::Short) => Err(self.cut(id, offset)),
            Err(VarintError::Long) => Err(Failure { step: id, offset, kind: ErrorKind::Malformed }),
        }
    }

    /// Characters up to a value, which counts among them.
    #[inline(never)]
    fn span_until(
        &mut self,
        id: StepId,
        step: &Step,
        offset: usize,
        last: u8,
    ) -> Result<(), Failure> {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let Some(at) = memchr::memchr(last, rest) else { return Err(self.cut(id, offset)) };
        let len = at.saturating_add(1);
        self.push(step, offset, len, Scalar::Span);
        self.end = offset.saturating_add(len);
        Ok(())
    }

    #[inline(never)]
    fn tail(
        &mut self,
        id: StepId,
        step: &'a Step,
        base: usize,
        offset: usize,
    ) -> Result<(), Failure> {
        self.nested(id, step, base, offset)?;
        if self.bytes.len() < self.wire_len { Err(self.cut(id, self.end)) } else { Ok(()) }
    }

    /// Lists the item of a record or list, and what is in it.
    #[inline(never)]
    fn nested(
        &mut self,
        id: StepId,
        step: &'a Step,
        base: usize,
        offset: usize,
    ) -> Result<(), Failure> {
        let is_open = step.is_open();
        if is_open {
            self.end = step.stop().saturating_add(base);
        }
        let at = self.items.len();
        self.push(step, offset, 0, Scalar::Nested);
        let mut outcome = self.inner(id, step, base, offset);
        if step.node.is_none() {
            return outcome;
        }
        if is_understood(&outcome) && offset > self.bytes.len() {
            // Empty as it is, it lies beyond the end.
            outcome = Err(self.cut(id, offset));
        }
        let end = if is_open { self.end } else { offset.saturating_add(step.len).min(self.end) };
        let end = end.min(self.bytes.len());
        let next = self.items.len();
        if !is_understood(&outcome) && next == at.saturating_add(1) {
            // Nothing of it was there.
            self.items.truncate(at);
        } else if let Some(item) = self.items.get_mut(at) {
            item.len = end.saturating_sub(offset) as u32;
            item.end = next as u32;
        }
        outcome
    }

    fn inner(
        &mut self,
        id: StepId,
        step: &'a Step,
        base: usize,
        offset: usize,
    ) -> Result<(), Failure> {
        let steps = id.next()..step.end;
        match step.form {
            Form::Union { open, whole, cases } => {
                self.union(steps, base, offset, open, whole, cases)
            }
            Form::List { len, stride, may_end } => self.elements(id, offset, len, stride, may_end),
            Form::Sequence(sequence) => self.sequence(&self.plan.sequences[sequence], base),
            Form::Repeat { count, element, pad } => self.repeat(id, offset, count, element, pad),
            Form::Framed { len, sequence, zeros } => self.framed(id, offset, len, sequence, zeros),
            Form::Optional { present, sequence } => self.optional(present, sequence, offset),
            _ => self.fields(steps, base),
        }
    }

    #[inline]
    pub fn push(&mut self, step: &Step, offset: usize, len: usize, scalar: Scalar) {
        let Some(node) = step.node else { return };
        let (node, end) = (node.number(), (self.items.len() as u32).saturating_add(1));
        self.items.push(Item { node, offset: offset as u32, len: len as u32, end, scalar });
    }

    #[cold]
    pub fn cut(&self, step: StepId, offset: usize) -> Failure {
        let kind = match self.bytes.len() < self.wire_len {
            true => ErrorKind::Snapped,
            false => ErrorKind::Short,
        };
        Failure { step, offset, kind }
    }
}

/// Whether the bytes hold what is read; that a tag has no case is said at the end.
fn is_understood(outcome: &Result<(), Failure>) -> bool {
    outcome.as_ref().map_or_else(|it| it.kind == ErrorKind::UnknownCase, |()| true)
}
