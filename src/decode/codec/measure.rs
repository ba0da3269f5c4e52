//! How long a message is, before all of it is there, along a plan.

use memchr::memchr;

use super::bases::Bases;
use super::plan::{Count, Form, Plan, RootId, Sequence, SequenceId, StepId, TermId};
use super::read::MAX_ITEMS;

/// The longest message of a stream, bytes. A length that says more is absurd.
pub const MAX_STREAMED_LEN: usize = 1 << 20;

/// How far the message at the start of some bytes reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent<'c> {
    /// So many bytes.
    Bytes(usize),
    /// It cannot be told before so many bytes are there.
    Needs(usize),
    /// To the first NUL, which counts among its bytes, at or behind an offset.
    Nul(usize),
    /// To the end of the stream.
    Close,
    /// It cannot be told: the field at a path has a value that says nothing, or is absurd.
    Unknown {
        /// The tag, or the length.
        path: &'c str,
        /// Of the field, bytes.
        offset: usize,
        /// The bytes that can be read all the same.
        len: usize,
        /// It is the tag, whose value has no case.
        is_tag: bool,
    },
}

/// One message while it is measured.
pub(super) struct Measure<'c, 'b> {
    plan: &'c Plan,
    bytes: &'b [u8],
    /// The message's tag, and its value.
    tag: Option<(StepId, i128)>,
    /// What counts the elements of a tail.
    length: Option<StepId>,
    bases: Bases,
    elements_left: usize,
}

impl<'c, 'b> Measure<'c, 'b> {
    /// `tag` is the message's own, with its value; `length` counts the elements of a tail.
    pub fn new(
        plan: &'c Plan,
        bytes: &'b [u8],
        tag: Option<(StepId, i128)>,
        length: Option<StepId>,
    ) -> Self {
        Self { plan, bytes, tag, length, bases: Bases::default(), elements_left: MAX_ITEMS }
    }

    pub fn root(mut self, root: RootId) -> Result<usize, Extent<'c>> {
        self.sequence(self.plan.roots[root].sequence, 0, true)
    }

    /// Where a sequence ends; `last`: nothing follows it.
    fn sequence(&mut self, id: SequenceId, base: usize, last: bool) -> Result<usize, Extent<'c>> {
        let Sequence { segments } = &self.plan.sequences[id];
        let (mut base, mut left) = (base, segments.len());
        for segment in segments {
            left = left.saturating_sub(1);
            if let Some(mark) = segment.mark {
                self.bases.set(mark, base);
            }
            base = match segment.open {
                Some(open) => self.open(open, base, last && left == 0)?,
                None => base.saturating_add(segment.len),
            };
        }
        Ok(base)
    }

    fn open(&mut self, id: StepId, base: usize, last: bool) -> Result<usize, Extent<'c>> {
        let step = &self.plan.steps[id];
        let offset = base.saturating_add(step.offset);
        match step.form {
            Form::SpanTail { count: Some(term), .. } => {
                self.amount(term, offset, 1).map(|(end, _)| end)
            }
            Form::SpanTail { terminated, .. } => self.tail(offset, 1, terminated, last),
            Form::Sequence(sequence) => self.sequence(sequence, base, last),
            Form::Framed { len, .. } => self.amount(len, offset, 1).map(|(end, _)| end),
            Form::Repeat { count, element } => self.repeat(count, element, offset, last),
            Form::Union { cases: Some(cases), open: true, .. } => {
                let tag = self.plan.cases[cases].tag;
                let value = match self.tag {
                    Some((step, value)) if step == self.plan.terms[tag].field => value,
                    _ => self.value(tag)?,
                };
                let Some(choice) = self.plan.cases[cases].find(value) else {
                    return Err(self.unknown(tag, true));
                };
                let within = self.plan.within(id);
                match choice.member.filter(|it| within.contains(it)) {
                    Some(member) => self.open(member, base, last),
                    None => Ok(offset),
                }
            }
            _ => Ok(base.saturating_add(step.stop())),
        }
    }

    fn repeat(
        &mut self,
        count: Count,
        element: SequenceId,
        offset: usize,
        last: bool,
    ) -> Result<usize, Extent<'c>> {
        let stride = self.plan.sequences[element].fixed_len();
        let count = match (count, stride) {
            (Count::Said(term), _) => {
                let (end, count) = self.amount(term, offset, stride.unwrap_or(0))?;
                if stride.is_some() {
                    return Ok(end);
                }
                count
            }
            (Count::Exactly(count), Some(stride)) => {
                return Ok(offset.saturating_add(count.saturating_mul(stride)));
            }
            (Count::Exactly(count), None) => count,
            (Count::ToEnd, _) => return self.tail(offset, stride.unwrap_or(0), false, last),
        };
        let mut end = offset;
        for _ in 0..count {
            let left = self.elements_left.checked_sub(1).filter(|_| end <= MAX_STREAMED_LEN);
            // What is too long to be kept is left to the receiver, who says so.
            let Some(left) = left else { return Ok(usize::MAX) };
            self.elements_left = left;
            end = self.sequence(element, end, false)?;
        }
        Ok(end)
    }

    /// What lies at the end of a message, which only a length in it, or its bytes, can tell.
    fn tail(
        &self,
        offset: usize,
        stride: usize,
        terminated: bool,
        last: bool,
    ) -> Result<usize, Extent<'c>> {
        let Some(length) = self.length else {
            if !terminated {
                return Err(Extent::Close);
            }
            if last {
                return Err(Extent::Nul(offset));
            }
            let nul = memchr(0, self.bytes.get(offset..).unwrap_or_default());
            let end = nul.map(|it| offset.saturating_add(it).saturating_add(1));
            return end.ok_or(Extent::Needs(self.bytes.len().max(offset).saturating_add(1)));
        };
        let needed = self.plan.steps[length].stop().max(offset);
        if self.bytes.len() < needed {
            return Err(Extent::Needs(needed));
        }
        let count = self.plan.number(length, 0, self.bytes);
        let end = count.and_then(|count| end_of(offset, count, stride));
        end.ok_or_else(|| unknown(self.plan, length, 0, needed, false))
    }

    /// Where as many things of `stride` bytes as a term says end, and how many there are.
    fn amount(
        &self,
        term: TermId,
        offset: usize,
        stride: usize,
    ) -> Result<(usize, usize), Extent<'c>> {
        let amount = self.value(term)?;
        let end = end_of(offset, amount, stride);
        end.zip(usize::try_from(amount).ok()).ok_or_else(|| self.unknown(term, false))
    }

    fn value(&self, term: TermId) -> Result<i128, Extent<'c>> {
        let value = self.bases.value(self.plan, term, self.bytes);
        value.ok_or_else(|| Extent::Needs(self.needed(term)))
    }

    fn unknown(&self, term: TermId, is_tag: bool) -> Extent<'c> {
        let it = &self.plan.terms[term];
        let base = self.bases.of(it).unwrap_or(0);
        unknown(self.plan, it.field, base, self.needed(term), is_tag)
    }

    /// The bytes up to the field of a term.
    fn needed(&self, term: TermId) -> usize {
        let it = &self.plan.terms[term];
        self.bases.of(it).unwrap_or(0).saturating_add(self.plan.steps[it.field].stop())
    }
}

fn end_of(offset: usize, count: i128, stride: usize) -> Option<usize> {
    let len = usize::try_from(count).ok()?.checked_mul(stride)?;
    offset.checked_add(len).filter(|&end| end <= MAX_STREAMED_LEN)
}

pub(super) fn unknown(
    plan: &Plan,
    step: StepId,
    base: usize,
    len: usize,
    is_tag: bool,
) -> Extent<'_> {
    let offset = base.saturating_add(plan.steps[step].offset);
    Extent::Unknown { path: plan.path(step).unwrap_or_default(), offset, len, is_tag }
}
