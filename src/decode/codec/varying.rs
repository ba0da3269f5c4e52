//! Reading lists, frames and unions: what is repeated, what a length frames, what a tag chooses.
//!
//! What the bytes say of themselves is believed as far as the bytes go: elements end with the
//! message or its frame, and with [`MAX_ITEMS`](super::read::MAX_ITEMS).

use super::plan::{
    Cases, CasesId, Choice, Count, Name, Sequence, SequenceId, Step, StepId, Steps, TermId,
};
use super::read::{Failure, Reader};
use crate::message::{ErrorKind, Scalar};

/// What the tag of a union says.
enum Chosen<'a> {
    /// There is none, or it is not in the bytes.
    Untold,
    Case(&'a Choice),
    /// The tag's value has no case.
    Unknown(&'a Cases),
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
        pad: u8,
    ) -> Result<(), Failure> {
        self.end = offset;
        let element = &self.plan.sequences[element];
        let stride = element.fixed_len().filter(|_| pad <= 1);
        let count_of = count;
        let count = match (count, stride) {
            (Count::Exactly(count), _) => Some(count),
            (Count::Said(term), _) => Some(self.amount(term, list, offset)?),
            (Count::ToEnd, Some(stride)) => {
                Some(self.bytes.len().saturating_sub(offset).checked_div(stride).unwrap_or(0))
            }
            (Count::ToEnd | Count::Until { .. } | Count::While(_), _) => None,
        };
        let outcome = match count {
            Some(count) => self.counted(list, element, offset, count, pad),
            None => self.open_ended(list, element, offset, count_of, pad),
        };
        if let (Some(count), Some(stride)) = (count, stride) {
            self.end = offset.saturating_add(count.saturating_mul(stride));
        }
        if let (Count::Said(term), true) = (count_of, self.end > self.part_end) {
            return Err(self.failure(term, ErrorKind::Malformed));
        }
        // At the end of the message it is left over; in a frame nothing would tell.
        let is_part = count_of == Count::ToEnd && self.is_framed && self.end < self.bytes.len();
        if outcome.is_ok() && stride.is_some() && is_part && self.bytes.len() == self.wire_len {
            return Err(self.cut(list, self.end));
        }
        outcome
    }

    fn counted(
        &mut self,
        list: StepId,
        element: &'a Sequence,
        offset: usize,
        count: usize,
        pad: u8,
    ) -> Result<(), Failure> {
        let mut base = offset;
        for _ in 0..count {
            self.begin_element(list, base)?;
            self.sequence(element, base)?;
            self.fill_up(base, pad);
            base = self.end;
        }
        Ok(())
    }

    /// Elements of any lengths: as long as there are bytes, up to the one for which a term is not zero, or as
    /// long as one is not.
    fn open_ended(
        &mut self,
        list: StepId,
        element: &'a Sequence,
        offset: usize,
        count: Count,
        pad: u8,
    ) -> Result<(), Failure> {
        let mut base = offset;
        while self.goes_on(list, count, base)? {
            self.begin_element(list, base)?;
            self.sequence(element, base)?;
            if self.end <= base {
                // What takes no bytes could be there any number of times.
                return Err(Failure { step: list, offset: base, kind: ErrorKind::Malformed });
            }
            if let Count::Until { last, .. } = count
                && self.term(last)? != 0
            {
                return Ok(());
            }
            self.fill_up(base, pad);
            base = self.end;
        }
        Ok(())
    }

    /// Whether another element follows.
    fn goes_on(&mut self, list: StepId, count: Count, base: usize) -> Result<bool, Failure> {
        let has_more = base < self.bytes.len();
        match count {
            Count::While(goes_on) => Ok(self.term(goes_on)? != 0),
            Count::Until { lax: false, .. } if !has_more => Err(self.cut(list, base)),
            _ => Ok(has_more),
        }
    }

    /// What stands behind an element that takes a multiple of some bytes; the last may do without.
    fn fill_up(&mut self, base: usize, pad: u8) {
        if pad > 1 {
            self.end = padded(base, self.end, pad).min(self.bytes.len().max(self.end));
        }
    }

    /// The value of a term.
    fn term(&self, term: TermId) -> Result<i128, Failure> {
        let value = self.bases.value(self.plan, term, self.view());
        value.ok_or_else(|| self.failure(term, ErrorKind::Malformed))
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

    /// A message that says how long it is.
    pub fn whole_message(&mut self, len: TermId, sequence: SequenceId) -> Result<(), Failure> {
        self.frame(self.plan.steps.first(), 0, (len, sequence, false), false)
    }

    /// A part of the message that says how long it is. Where what is in it does not fit, what follows is read
    /// all the same: its end is known.
    pub fn framed(
        &mut self,
        id: StepId,
        offset: usize,
        len: TermId,
        sequence: SequenceId,
        zeros: bool,
    ) -> Result<(), Failure> {
        self.frame(id, offset, (len, sequence, zeros), true)
    }

    /// What is within sees no more than its frame, and what follows begins behind that.
    fn frame(
        &mut self,
        id: StepId,
        offset: usize,
        (len, sequence, zeros): (TermId, SequenceId, bool),
        is_part: bool,
    ) -> Result<(), Failure> {
        let (bytes, wire_len, part_end) = (self.bytes, self.wire_len, self.part_end);
        let outer = (self.frame, self.zeros, self.is_framed, self.in_part);
        (self.frame, self.zeros, self.is_framed) = (offset, false, true);
        self.in_part |= is_part;
        self.forget(id, len);
        let sequence = &self.plan.sequences[sequence];
        let mut end = None;
        let outcome = self.within_frame(len, sequence, offset, zeros, &mut end);
        (self.bytes, self.wire_len, self.part_end) = (bytes, wire_len, part_end);
        (self.frame, self.zeros, self.is_framed, self.in_part) = outer;
        let Some(end) = end else { return outcome };
        self.end = end;
        // A tag without a case has its own error; where the frame ends is known all the same.
        let failure = outcome.err().filter(|it| it.kind != ErrorKind::UnknownCase);
        let lies = || self.failure(len, ErrorKind::Malformed);
        if end > bytes.len() {
            let kind = if end > wire_len { ErrorKind::Short } else { ErrorKind::Snapped };
            if end > part_end {
                // It is what is around it that ends, not the message.
                return Err(lies());
            }
            // What has no name is told by what says how long it is.
            let step = match self.plan.steps[id].node {
                Some(_) => id,
                None => self.failure(len, kind).step,
            };
            return Err(failure.unwrap_or(Failure { step, offset: bytes.len(), kind }));
        }
        let Some(failure) = failure else { return Ok(()) };
        let is_said = self.plan.operands_of(len).next().is_some();
        match failure.kind {
            // It says that it ends before what says so: it says nothing.
            ErrorKind::Short if end < self.fixed_end(sequence, offset) => Err(lies()),
            ErrorKind::Short if is_part && is_said => {
                let lie = lies();
                self.noted.get_or_insert(lie);
                Ok(())
            }
            ErrorKind::Malformed if is_part => {
                self.noted.get_or_insert(failure);
                Ok(())
            }
            _ => Err(failure),
        }
    }

    /// Where the fields end that are in any case at the start of a sequence.
    fn fixed_end(&self, sequence: &Sequence, offset: usize) -> usize {
        let first = sequence.segments.first().map(|it| it.steps.clone());
        let steps = first.into_iter().flat_map(|it| self.plan.children(it));
        let fixed = steps.filter(|(_, it)| !it.is_open()).map(|(_, it)| it.reach).max();
        offset.saturating_add(fixed.unwrap_or(0))
    }

    /// Reads a sequence whose length is said in it, or before it: `end` is set once it is known.
    fn within_frame(
        &mut self,
        len: TermId,
        sequence: &'a Sequence,
        offset: usize,
        zeros: bool,
        end: &mut Option<usize>,
    ) -> Result<(), Failure> {
        let last = self.plan.terms[len].last;
        let mut base = offset;
        for segment in &sequence.segments {
            self.begin(segment, base);
            let fixed_up_to = segment.open.unwrap_or(segment.steps.end);
            if end.is_none() && last.is_none_or(|it| it < fixed_up_to) {
                *end = Some(self.limit(len, offset)?);
                // What is missing beyond the end of all bytes is no zero that was left out.
                self.zeros = zeros && end.is_some_and(|it| it == self.bytes.len());
            }
            self.segment(segment, base)?;
            base = self.end;
        }
        if end.is_none() {
            *end = Some(self.limit(len, offset)?);
        }
        match *end {
            // It says that it ends within what it has in any case.
            Some(end) if end < base && end >= offset && !self.zeros => {
                Err(self.failure(len, ErrorKind::Malformed))
            }
            _ => Ok(()),
        }
    }

    /// Cuts what there is to be read to a frame.
    fn limit(&mut self, len: TermId, offset: usize) -> Result<usize, Failure> {
        // What is left counts from where the record begins.
        let now = std::mem::replace(&mut self.end, offset);
        let said = self.bases.value(self.plan, len, self.view());
        self.end = now;
        let Some(said) = said else {
            // Its own fields are not there.
            let kind = match self.bytes.len() < self.wire_len {
                true => ErrorKind::Snapped,
                false => ErrorKind::Short,
            };
            return Err(self.failure(len, kind));
        };
        let said = usize::try_from(said);
        let said = said.map_err(|_| self.failure(len, ErrorKind::Malformed))?;
        let end = offset.saturating_add(said);
        if self.in_part {
            self.part_end = self.part_end.min(end);
        }
        self.bytes = self.bytes.get(..end).unwrap_or(self.bytes);
        self.wire_len = self.wire_len.min(end);
        Ok(end)
    }

    /// Forgets where the fields of a term were in the element before.
    fn forget(&mut self, id: StepId, term: TermId) {
        let within = self.plan.within(id);
        let plan = self.plan;
        plan.terms[term].expression.each_name(&mut |name| {
            let Name::Field(operand) = name else { return };
            let operand = &plan.operands[*operand];
            if let (true, Some(mark)) = (within.contains(&operand.field), operand.mark) {
                self.bases.clear(mark);
            }
        });
    }

    /// What is there where a term is not zero.
    pub fn optional(
        &mut self,
        present: TermId,
        sequence: SequenceId,
        offset: usize,
    ) -> Result<(), Failure> {
        self.end = offset;
        let sequence = &self.plan.sequences[sequence];
        let is_there = self.bases.value(self.plan, present, self.view());
        if is_there.ok_or_else(|| self.failure(present, ErrorKind::Malformed))? != 0 {
            return self.sequence(sequence, offset);
        }
        self.bases.clear_all(sequence);
        Ok(())
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
        self.end = offset;
        let len = self.amount(term, id, offset)?;
        self.end = offset.saturating_add(len);
        if self.end > self.part_end {
            // It is what is around it that ends, not the message.
            return Err(self.failure(term, ErrorKind::Malformed));
        }
        if self.bytes.get(offset..self.end).is_none() {
            // What there is of it.
            if let Some(rest) = self.bytes.get(offset..).filter(|it| !it.is_empty()) {
                self.push(step, offset, rest.len(), Scalar::Span);
            }
            return Err(self.cut(id, offset));
        }
        self.push(step, offset, len, Scalar::Span);
        Ok(())
    }

    /// What a term says of bytes or elements.
    fn amount(&self, term: TermId, step: StepId, offset: usize) -> Result<usize, Failure> {
        let amount = self.bases.value(self.plan, term, self.view());
        let amount = amount.and_then(|it| usize::try_from(it).ok());
        amount.ok_or_else(|| match self.plan.operands_of(term).next() {
            Some(_) => self.failure(term, ErrorKind::Malformed),
            // No field says it: what is left is less than there has to be behind it.
            None => self.cut(step, offset),
        })
    }

    fn chosen(&self, cases: Option<CasesId>) -> Chosen<'a> {
        let Some(cases) = cases.map(|id| &self.plan.cases[id]) else { return Chosen::Untold };
        let value = |it| self.bases.value(self.plan, it, self.view());
        let holds = |it| Ok(value(it).is_some_and(|it| it != 0));
        match cases.choose(|it| value(it).ok_or(()), holds) {
            Err(()) => Chosen::Untold,
            Ok(Some(choice)) => Chosen::Case(choice),
            Ok(None) => Chosen::Unknown(cases),
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
            Chosen::Unknown(cases) => match (cases.otherwise, cases.tags.first()) {
                (Some(otherwise), Some(tag)) => {
                    let unknown = self.failure(*tag, ErrorKind::UnknownCase);
                    self.noted.get_or_insert(unknown);
                    Some(Some(otherwise))
                }
                (_, Some(tag)) => return self.up_to_tag(steps, base, offset, open, *tag),
                (_, None) => None,
            },
        };
        // Where it has a size of its own, no member says where it ends.
        let sized = self.end;
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
        } else {
            self.end = sized;
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
        self.noted.get_or_insert(unknown);
        self.end = if open { offset } else { self.end };
        let mut members = plan.children(steps);
        let tag = plan.terms[term].last;
        let within = |at: StepId, it: &Step| tag.filter(|tag| (at..it.end).contains(tag));
        if let Some((member, it, tag)) =
            members.find_map(|(at, it)| Some((at, it, within(at, it)?)))
        {
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
    pub fn failure(&self, term: TermId, kind: ErrorKind) -> Failure {
        let (offset, step) = match self.bases.blame(self.plan, term, self.bytes) {
            Some(operand) => {
                let base = self.bases.of(operand).unwrap_or(self.end);
                let offset = base.saturating_add(self.plan.steps[operand.field].offset);
                (offset, operand.field)
            }
            None => (self.end, self.plan.steps.first()),
        };
        Failure { step, offset, kind }
    }
}

/// Where an element ends that is filled up to a multiple of some bytes.
pub(super) fn padded(base: usize, end: usize, pad: u8) -> usize {
    let len = end.saturating_sub(base);
    let pad = usize::from(pad.max(1));
    base.saturating_add(len.div_ceil(pad).saturating_mul(pad))
}
