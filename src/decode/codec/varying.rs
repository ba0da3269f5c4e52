//! Reading lists, frames and unions: what is repeated, what a length frames, what a tag chooses.
//!
//! What the bytes say of themselves is believed as far as the bytes go: elements end with the
//! message or its frame, and with [`MAX_ITEMS`](super::read::MAX_ITEMS).

use super::plan::{CasesId, Choice, Count, Sequence, SequenceId, Step, StepId, Steps, TermId};
use super::read::{Failure, Reader};
use crate::message::{ErrorKind, Scalar};

/// What the tag of a union says.
enum Chosen<'a> {
    /// There is none, or it is not in the bytes.
    Untold,
    Case(&'a Choice),
    /// The tag's value has no case.
    Unknown(TermId),
}

impl<'a> Reader<'a> {
    pub fn elements(
        &mut self,
        list: StepId,
        offset: usize,
        declared: usize,
        stride: usize,
        may_end: bool,
    ) -> Result<(), Failure> {
        let id = list.next();
        let element = &self.plan.steps[id];
        let count = match may_end && !self.bounded {
            true => self.whole(list, element, offset, declared, stride)?,
            false => declared,
        };
        let mut base = offset;
        for _ in 0..count {
            self.begin_element(list, base)?;
            self.field(id, element, base)?;
            base = base.saturating_add(stride);
        }
        if count < declared {
            self.end_within(base);
        }
        Ok(())
    }

    /// How many elements of a last array the message has, on the wire: padding behind the last one
    /// need not be there.
    fn whole(
        &self,
        list: StepId,
        element: &Step,
        offset: usize,
        declared: usize,
        stride: usize,
    ) -> Result<usize, Failure> {
        let Some(there) = self.wire_len.checked_sub(offset) else {
            return Err(self.cut(list, offset));
        };
        let behind = there.checked_sub(element.reach);
        let more = behind.map(|it| it.checked_div(stride).unwrap_or(declared));
        Ok(more.map_or(0, |it| it.saturating_add(1)).min(declared))
    }

    pub fn repeat(
        &mut self,
        list: StepId,
        offset: usize,
        count: Count,
        element: SequenceId,
    ) -> Result<(), Failure> {
        self.end = offset;
        let element = &self.plan.sequences[element];
        let stride = element.fixed_len();
        let count = match (count, stride) {
            (Count::Exactly(count), _) => Some(count),
            (Count::Said(term), _) => Some(self.amount(term)?),
            (Count::ToEnd, Some(stride)) => {
                Some(self.bytes.len().saturating_sub(offset).checked_div(stride).unwrap_or(0))
            }
            (Count::ToEnd, None) => None,
        };
        let outcome = match count {
            Some(count) => self.counted(list, element, offset, count),
            None => self.up_to_end(list, element, offset),
        };
        if let (Some(count), Some(stride)) = (count, stride) {
            self.end = offset.saturating_add(count.saturating_mul(stride));
        }
        outcome
    }

    fn counted(
        &mut self,
        list: StepId,
        element: &'a Sequence,
        offset: usize,
        count: usize,
    ) -> Result<(), Failure> {
        let mut base = offset;
        for _ in 0..count {
            self.begin_element(list, base)?;
            self.sequence(element, base)?;
            base = self.end;
        }
        Ok(())
    }

    /// Elements of any lengths, as long as there are bytes.
    fn up_to_end(
        &mut self,
        list: StepId,
        element: &'a Sequence,
        offset: usize,
    ) -> Result<(), Failure> {
        let mut base = offset;
        while base < self.bytes.len() {
            self.begin_element(list, base)?;
            self.sequence(element, base)?;
            if self.end <= base {
                // What takes no bytes could be there any number of times.
                return Err(Failure { step: list, offset: base, kind: ErrorKind::Malformed });
            }
            base = self.end;
        }
        Ok(())
    }

    fn begin_element(&mut self, list: StepId, offset: usize) -> Result<(), Failure> {
        let left = self.elements_left.checked_sub(1);
        match left.filter(|_| self.items.len() < self.max_items) {
            Some(left) => {
                self.elements_left = left;
                Ok(())
            }
            None => Err(Failure { step: list, offset, kind: ErrorKind::Limit }),
        }
    }

    /// What is within sees no more than its frame, and what follows begins behind that.
    pub fn framed(
        &mut self,
        id: StepId,
        offset: usize,
        len: TermId,
        sequence: SequenceId,
    ) -> Result<(), Failure> {
        self.end = offset;
        let end = offset.saturating_add(self.amount(len)?);
        let (bytes, wire_len) = (self.bytes, self.wire_len);
        self.bytes = bytes.get(..end).unwrap_or(bytes);
        self.wire_len = wire_len.min(end);
        let outcome = self.sequence(&self.plan.sequences[sequence], offset);
        (self.bytes, self.wire_len, self.end) = (bytes, wire_len, end);
        match end > bytes.len() {
            true => outcome.and(Err(self.cut(id, bytes.len()))),
            false => outcome,
        }
    }

    /// As many characters as a term says.
    #[inline(never)]
    pub fn span_of(
        &mut self,
        id: StepId,
        step: &Step,
        offset: usize,
        term: TermId,
    ) -> Result<(), Failure> {
        let len = self.amount(term)?;
        self.end = offset.saturating_add(len);
        if self.bytes.get(offset..self.end).is_none() {
            return Err(self.cut(id, offset));
        }
        self.push(step, offset, len, Scalar::Span);
        Ok(())
    }

    /// What a term says of bytes or elements.
    fn amount(&self, term: TermId) -> Result<usize, Failure> {
        let amount = self.bases.value(self.plan, term, self.bytes);
        let amount = amount.and_then(|it| usize::try_from(it).ok());
        amount.ok_or_else(|| self.failure(term, ErrorKind::Malformed))
    }

    fn chosen(&self, cases: Option<CasesId>) -> Chosen<'a> {
        let Some(cases) = cases.map(|id| &self.plan.cases[id]) else { return Chosen::Untold };
        let Some(tag) = self.bases.value(self.plan, cases.tag, self.bytes) else {
            return Chosen::Untold;
        };
        match cases.find(tag) {
            Some(choice) => Chosen::Case(choice),
            None => Chosen::Unknown(cases.tag),
        }
    }

    /// Reads the member that the tag chooses, or every member that the bytes can hold.
    pub fn union(
        &mut self,
        steps: Steps,
        base: usize,
        offset: usize,
        open: bool,
        whole: bool,
        cases: Option<CasesId>,
    ) -> Result<(), Failure> {
        let plan = self.plan;
        let chosen = match self.chosen(cases) {
            Chosen::Untold => None,
            Chosen::Case(choice) => Some(choice.member),
            Chosen::Unknown(tag) => return self.up_to_tag(steps, base, offset, open, tag),
        };
        let mut furthest = None;
        let mut left_out = None;
        for (member, it) in plan.children(steps) {
            if let Some(chosen) = chosen {
                if chosen != Some(member) {
                    continue;
                }
            } else if base.saturating_add(it.reach) > self.bytes.len() {
                left_out = left_out.or(Some(member));
                continue;
            }
            if open {
                self.end = base.saturating_add(it.stop());
            }
            self.field(member, it, base)?;
            furthest = furthest.max(Some(self.end));
        }
        if open {
            self.end = furthest.unwrap_or(offset);
            if whole && self.wire_len == self.size {
                self.end = self.wire_len;
            }
        }
        let snapped = self.bytes.len() < self.wire_len;
        match left_out {
            Some(member) if furthest.is_none() || snapped => Err(self.cut(member, offset)),
            _ => Ok(()),
        }
    }

    /// The tag's value is unknown: of the union it is in, the fields up to the tag are read; of
    /// any other, nothing. Behind an open one nothing can be read.
    fn up_to_tag(
        &mut self,
        steps: Steps,
        base: usize,
        offset: usize,
        open: bool,
        term: TermId,
    ) -> Result<(), Failure> {
        let plan = self.plan;
        let unknown = self.failure(term, ErrorKind::UnknownCase);
        self.unknown.get_or_insert(unknown);
        self.end = if open { offset } else { self.end };
        let tag = plan.terms[term].field;
        let mut members = plan.children(steps);
        if let Some((member, it)) = members.find(|(at, it)| (*at..it.end).contains(&tag)) {
            let (bytes, wire_len) = (self.bytes, self.wire_len);
            let reach = base.saturating_add(plan.steps[tag].reach);
            self.bytes = bytes.get(..reach).unwrap_or(bytes);
            (self.wire_len, self.bounded) = (self.bytes.len(), true);
            // It ends early by intent: the error of the message is the unknown tag.
            let _ = self.field(member, it, base);
            self.end = self.bytes.len();
            (self.bytes, self.wire_len, self.bounded) = (bytes, wire_len, false);
        }
        if open { Err(unknown) } else { Ok(()) }
    }

    /// At the field that a term speaks of.
    #[cold]
    fn failure(&self, term: TermId, kind: ErrorKind) -> Failure {
        let term = &self.plan.terms[term];
        let base = self.bases.of(term).unwrap_or(self.end);
        let offset = base.saturating_add(self.plan.steps[term.field].offset);
        Failure { step: term.field, offset, kind }
    }
}
