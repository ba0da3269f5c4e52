//! How long a message is, before all of it is there, along a plan.

use memchr::memchr;

use super::bases::{Bases, View};
use super::plan::{
    CasesId, Count, Form, Name, Plan, RootId, Segment, Sequence, SequenceId, StepId, TermId,
};
use super::read::MAX_ITEMS;
use super::varint::{self, VarintError};
use super::varying::padded;
use crate::message::ErrorKind;

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
        /// A tag's value has no case; a length is less than there has to be, or more than is kept.
        kind: ErrorKind,
    },
}

/// One message while it is measured.
pub(super) struct Measure<'c, 'b> {
    plan: &'c Plan,
    bytes: &'b [u8],
    /// A tag of the message, and its value, where that is known before the bytes are.
    tag: Option<(StepId, i128)>,
    /// It goes to the port of its rule.
    to_server: bool,
    bases: Bases,
    elements_left: usize,
}

impl<'c, 'b> Measure<'c, 'b> {
    /// `tag` is the message's own, with its value.
    pub fn new(
        plan: &'c Plan,
        bytes: &'b [u8],
        to_server: bool,
        tag: Option<(StepId, i128)>,
    ) -> Self {
        let bases = Bases::default();
        Self { plan, bytes, tag, to_server, bases, elements_left: MAX_ITEMS }
    }

    pub fn root(mut self, root: RootId) -> Result<usize, Extent<'c>> {
        let root = &self.plan.roots[root];
        match root.length {
            Some(len) => self.framed(len, root.sequence, 0),
            None => self.sequence(root.sequence, 0, true),
        }
    }

    /// Where a sequence ends; `last`: nothing follows it.
    fn sequence(&mut self, id: SequenceId, base: usize, last: bool) -> Result<usize, Extent<'c>> {
        let Sequence { segments } = &self.plan.sequences[id];
        let (mut base, mut left) = (base, segments.len());
        for segment in segments {
            left = left.saturating_sub(1);
            base = self.segment(segment, base, last && left == 0)?;
        }
        Ok(base)
    }

    fn segment(
        &mut self,
        segment: &'c Segment,
        base: usize,
        last: bool,
    ) -> Result<usize, Extent<'c>> {
        if let Some(mark) = segment.mark {
            self.bases.set(mark, base);
        }
        match segment.open {
            Some(open) => self.open(open, base, last),
            None => Ok(base.saturating_add(segment.len)),
        }
    }

    /// Where something ends that says so itself.
    fn framed(
        &mut self,
        len: TermId,
        sequence: SequenceId,
        offset: usize,
    ) -> Result<usize, Extent<'c>> {
        let last = self.plan.terms[len].last;
        let mut base = offset;
        for segment in &self.plan.sequences[sequence].segments {
            if let Some(mark) = segment.mark {
                self.bases.set(mark, base);
            }
            if last.is_none_or(|it| it < segment.open.unwrap_or(segment.steps.end)) {
                break;
            }
            base = self.segment(segment, base, false)?;
        }
        let said = self.value(len)?;
        end_of(offset, said, 1).ok_or_else(|| self.unknown(len, absurd(said)))
    }

    fn open(&mut self, id: StepId, base: usize, last: bool) -> Result<usize, Extent<'c>> {
        let step = &self.plan.steps[id];
        let offset = base.saturating_add(step.offset);
        match step.form {
            Form::SpanTail { count: Some(term), .. } => {
                self.amount(term, offset, 1).map(|(end, _)| end)
            }
            Form::SpanTail { terminated, .. } => self.tail(offset, terminated, last),
            Form::SpanUntil { last } => self.up_to(last, offset),
            Form::Varint { max } => self.varint(id, offset, max),
            Form::Sequence(sequence) => self.sequence(sequence, base, last),
            Form::Framed { len, sequence, .. } => self.framed(len, sequence, offset),
            Form::Optional { present, sequence } => match self.value(present)? {
                0 => {
                    self.bases.clear_all(&self.plan.sequences[sequence]);
                    Ok(offset)
                }
                _ => self.sequence(sequence, offset, last),
            },
            Form::Repeat { count, element, pad } => {
                self.repeat((count, pad), element, offset, last)
            }
            Form::Union { cases: Some(cases), open: true, .. } => {
                let within = self.plan.within(id);
                match self.choice(cases)?.filter(|it| within.contains(it)) {
                    Some(member) => self.open(member, base, last),
                    None => Ok(offset),
                }
            }
            _ => Ok(base.saturating_add(step.stop())),
        }
    }

    /// The member that tags choose.
    fn choice(&self, cases: CasesId) -> Result<Option<StepId>, Extent<'c>> {
        let cases = &self.plan.cases[cases];
        let value = |tag| match self.tag {
            Some((step, value)) if Some(step) == self.plan.terms[tag].last => Ok(value),
            _ => self.value(tag),
        };
        if let Some(case) = cases.choose(value, |it| Ok(self.value(it)? != 0))? {
            return Ok(case.member);
        }
        match (cases.otherwise, cases.tags.first()) {
            (Some(otherwise), _) => Ok(Some(otherwise)),
            (None, Some(tag)) => Err(self.unknown(*tag, ErrorKind::UnknownCase)),
            (None, None) => Ok(None),
        }
    }

    /// Characters up to a value.
    fn up_to(&self, last: u8, offset: usize) -> Result<usize, Extent<'c>> {
        let found = memchr(last, self.bytes.get(offset..).unwrap_or_default());
        let end = found.map(|it| offset.saturating_add(it).saturating_add(1));
        end.ok_or(Extent::Needs(self.bytes.len().max(offset).saturating_add(1)))
    }

    fn varint(&self, id: StepId, offset: usize, max: u8) -> Result<usize, Extent<'c>> {
        match varint::read(self.bytes.get(offset..).unwrap_or_default(), max) {
            Ok((_, len)) => Ok(offset.saturating_add(len)),
            Err(VarintError::Short) => {
                Err(Extent::Needs(self.bytes.len().max(offset).saturating_add(1)))
            }
            Err(VarintError::Long) => {
                let base = offset.saturating_sub(self.plan.steps[id].offset);
                let needed = offset.saturating_add(max.into());
                Err(unknown(self.plan, id, base, needed, ErrorKind::Malformed))
            }
        }
    }

    fn repeat(
        &mut self,
        (count, pad): (Count, u8),
        element: SequenceId,
        offset: usize,
        last: bool,
    ) -> Result<usize, Extent<'c>> {
        let stride = self.plan.sequences[element].fixed_len().filter(|_| pad <= 1);
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
            (Count::ToEnd, _) => return self.tail(offset, false, last),
            // What takes the end of its frame for its own has no other.
            (Count::Until { lax: true, .. }, _) => return self.tail(offset, false, last),
            (Count::Until { last, lax: false }, _) => {
                return self.until(element, offset, last, pad);
            }
            // What is left is known once all is there.
            (Count::While(_), _) => return self.tail(offset, false, last),
        };
        let mut end = offset;
        for _ in 0..count {
            match self.next_element(element, end)? {
                Some(next) => end = padded(end, next, pad),
                None => return Ok(usize::MAX),
            }
        }
        Ok(end)
    }

    /// Elements up to the one for which the term is not zero.
    fn until(
        &mut self,
        element: SequenceId,
        offset: usize,
        last: TermId,
        pad: u8,
    ) -> Result<usize, Extent<'c>> {
        let mut base = offset;
        loop {
            let Some(end) = self.next_element(element, base)?.filter(|it| *it > base) else {
                return Ok(usize::MAX);
            };
            if self.value(last)? != 0 {
                return Ok(end);
            }
            base = padded(base, end, pad);
        }
    }

    /// Where one more element ends; `None` where what is so long is not kept, which is left to the
    /// receiver to say.
    fn next_element(
        &mut self,
        element: SequenceId,
        base: usize,
    ) -> Result<Option<usize>, Extent<'c>> {
        let left = self.elements_left.checked_sub(1).filter(|_| base <= MAX_STREAMED_LEN);
        let Some(left) = left else { return Ok(None) };
        self.elements_left = left;
        self.sequence(element, base, false).map(Some)
    }

    /// What lies at the end of a message, which only its bytes can tell.
    fn tail(&self, offset: usize, terminated: bool, last: bool) -> Result<usize, Extent<'c>> {
        if !terminated {
            return Err(Extent::Close);
        }
        if last {
            return Err(Extent::Nul(offset));
        }
        self.up_to(0, offset)
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
        end.zip(usize::try_from(amount).ok()).ok_or_else(|| self.unknown(term, absurd(amount)))
    }

    fn value(&self, term: TermId) -> Result<i128, Extent<'c>> {
        let view =
            View { bytes: self.bytes, len: None, rest: None, to_server: Some(self.to_server) };
        let value = self.bases.value(self.plan, term, view);
        value.ok_or_else(|| match self.needed(term) {
            needed if needed > self.bytes.len() => Extent::Needs(needed),
            // How much there is, only the end can tell.
            _ if self.goes_by_len(term) => Extent::Close,
            // All that it names is there, and it has no value.
            _ => self.unknown(term, ErrorKind::Malformed),
        })
    }

    fn goes_by_len(&self, term: TermId) -> bool {
        let names = self.plan.terms[term].expression.names();
        names.iter().any(|it| matches!(it, Name::Len | Name::Rest))
    }

    fn unknown(&self, term: TermId, kind: ErrorKind) -> Extent<'c> {
        match self.bases.blame(self.plan, term, self.bytes) {
            Some(it) => {
                let base = self.bases.of(it).unwrap_or(0);
                unknown(self.plan, it.field, base, self.needed(term), kind)
            }
            None => Extent::Close,
        }
    }

    /// The bytes up to the last field of a term.
    fn needed(&self, term: TermId) -> usize {
        let mut needed = 0_usize;
        self.plan.terms[term].expression.each_name(&mut |name| {
            let Name::Field(operand) = name else { return };
            let operand = &self.plan.operands[*operand];
            let base = self.bases.of(operand).unwrap_or(0);
            let step = &self.plan.steps[operand.field];
            let stop = match step.form {
                Form::Varint { .. } => step.offset,
                _ => step.stop(),
            };
            needed = needed.max(base.saturating_add(stop));
        });
        needed
    }
}

fn end_of(offset: usize, count: i128, stride: usize) -> Option<usize> {
    let len = usize::try_from(count).ok()?.checked_mul(stride)?;
    offset.checked_add(len).filter(|&end| end <= MAX_STREAMED_LEN)
}

/// What is wrong with a length or a count that cannot be: it is less than nothing, or more than is kept.
fn absurd(said: i128) -> ErrorKind {
    if said < 0 { ErrorKind::Malformed } else { ErrorKind::Limit }
}

pub(super) fn unknown(
    plan: &Plan,
    step: StepId,
    base: usize,
    len: usize,
    kind: ErrorKind,
) -> Extent<'_> {
    let offset = base.saturating_add(plan.steps[step].offset);
    Extent::Unknown { path: plan.path(step).unwrap_or_default(), offset, len, kind }
}
