//! Named values to bytes, along a plan.

use std::collections::HashMap;

use super::bases::{Bases, View};
use super::error::EncodeError;
use super::optional::Optionals;
use super::plan::{
    CasesId, Count, Form, Plan, Root, Segment, SequenceId, Step, StepId, Steps, TermId,
};
use super::shown;
use super::value::FieldValue;
use super::varint;
use crate::schema::Notation;

/// The longest message that is encoded, bytes.
pub const MAX_ENCODED_LEN: usize = 1 << 24;

pub(super) type Fields = [(String, FieldValue)];

/// One message while it is written. Offsets are from its start.
pub(super) struct Writer<'a> {
    pub plan: &'a Plan,
    pub name: &'a str,
    out: &'a mut Vec<u8>,
    /// Where the message starts in `out`.
    start: usize,
    /// Where the message ends, or the open step that was written last, as far as it is known.
    pub end: usize,
    pub bases: Bases,
    /// The fields that terms speak of, by their steps and offsets.
    pub told: HashMap<(StepId, usize), Told>,
    /// The members written of unions that a tag rules.
    pub chosen: Vec<Chosen>,
    /// Where the fields lie that are sums and are given.
    pub given_sums: Vec<usize>,
    /// Behind the last element of a list, what fills it up: where that ends, and how many bytes.
    pub filling: (usize, usize),
    /// Integers whose bytes depend on their value, and the value that an earlier try found that each has
    /// to have, in the order of the message.
    pub varints: Varints,
    pub optionals: Optionals,
    /// In which elements of the lists around it a step is.
    pub at: Vec<usize>,
}

/// What is settled of a field that says something of others.
#[derive(Default)]
pub(super) struct Told {
    pub bits: i128,
    /// By the user, whose word holds whatever else is written.
    pub is_given: bool,
}

pub(super) struct Chosen {
    pub cases: CasesId,
    pub member: StepId,
    /// Where its segments were.
    pub bases: Bases,
}

/// The varints of a message that are not given.
#[derive(Default)]
pub(super) struct Varints {
    /// What each is to be.
    pub wanted: Vec<u64>,
    /// Where each was written, and what it is.
    pub written: Vec<(usize, u64)>,
}

impl Varints {
    /// Whether one has another value than it was written with.
    pub fn are_short(&self) -> bool {
        let wanted = self.wanted.iter().copied().chain(std::iter::repeat(0));
        self.written.iter().zip(wanted).any(|(written, wanted)| written.1 != wanted)
    }
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub fn new(plan: &'a Plan, root: &'a Root, out: &'a mut Vec<u8>) -> Self {
        Self {
            plan,
            name: &root.name,
            start: out.len(),
            out,
            end: root.size,
            bases: Bases::default(),
            told: HashMap::new(),
            chosen: Vec::new(),
            given_sums: Vec::new(),
            filling: (0, 0),
            varints: Varints::default(),
            optionals: Optionals::default(),
            at: Vec::new(),
        }
    }

    /// The fields of a whole message.
    pub fn root(&mut self, root: &Root, value: &FieldValue) -> Result<(), EncodeError> {
        let fields = self.group(value, None)?;
        self.known(None, root.steps.clone(), fields)?;
        self.sequence(root.sequence, 0, fields)?;
        self.reserve(0, self.end)?;
        self.out.truncate(self.start.saturating_add(self.end));
        // The length of the whole message may be given otherwise than it is: that is how a sender lies.
        if let Some(len) = root.length.filter(|it| !self.is_given(*it)) {
            self.say(len, self.end)?;
        }
        if !self.optionals.is_short && !self.varints.are_short() {
            self.sees_optionals()?;
        }
        if self.optionals.is_short { Ok(()) } else { self.agree() }
    }

    /// Goes on with a message that is written, and starts there.
    pub fn resume(&mut self, start: usize) {
        self.start = start;
        self.end = self.out.len().saturating_sub(start);
    }

    /// The message as it is, for terms.
    pub fn view(&self) -> View<'_> {
        View { bytes: self.message(), len: None, rest: None, to_server: None }
    }

    pub fn sequence(
        &mut self,
        sequence: SequenceId,
        mut base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let told = self.tags_of(sequence, fields);
        let fields = if told.is_empty() { fields } else { &[fields, &told].concat() };
        for segment in &self.plan.sequences[sequence].segments {
            self.begin(segment, base);
            self.members(segment.steps.clone(), base, fields)?;
            base = self.end;
        }
        Ok(())
    }

    pub fn begin(&mut self, segment: &Segment, base: usize) {
        if let Some(mark) = segment.mark {
            self.bases.set(mark, base);
        }
        self.end = base.saturating_add(segment.len);
    }

    fn members(&mut self, steps: Steps, base: usize, fields: &Fields) -> Result<(), EncodeError> {
        let plan = self.plan;
        for (id, step) in plan.children(steps) {
            self.member(id, step, base, fields)?;
        }
        Ok(())
    }

    /// Writes a step from the fields of the record that it is in.
    fn member(
        &mut self,
        id: StepId,
        step: &Step,
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        if step.node.is_none() {
            return self.record(id, step, base, fields);
        }
        let name = self.plan.node(id).map_or("", |node| &node.name);
        match fields.iter().find(|(it, _)| it == name) {
            Some((_, value)) => self.field(id, step, base, value),
            None => self.absent(id, step, base),
        }
    }

    /// What is open says how long it is, also where it is not given.
    pub fn absent(&mut self, id: StepId, step: &Step, base: usize) -> Result<(), EncodeError> {
        match step.form {
            Form::SpanTail { terminated: true, count: None, .. } => {
                self.field(id, step, base, &FieldValue::Text(String::new()))
            }
            Form::SpanTail { count, .. } => {
                let len = count.map_or(Ok(0), |it| self.amount_given(id, it))?;
                self.field(id, step, base, &FieldValue::Bytes(vec![0; len]))
            }
            Form::SpanUntil { last } => self.field(id, step, base, &FieldValue::Bytes(vec![last])),
            Form::Varint { .. } => self.own_varint(base.saturating_add(step.offset)),
            Form::Repeat { count, element, pad } => {
                let least = match count {
                    Count::Exactly(count) => count,
                    Count::Said(term) => self.amount_given(id, term)?,
                    Count::ToEnd | Count::Until { .. } | Count::While(_) => 0,
                };
                let offset = base.saturating_add(step.offset);
                self.repeat(
                    id,
                    offset,
                    (count, pad),
                    element,
                    (&FieldValue::List(Vec::new()), least),
                )
            }
            _ if step.is_open() => self.record(id, step, base, &[]),
            Form::Union { cases: Some(cases), .. } => self.sees_case(cases),
            _ => Ok(()),
        }
    }

    pub fn field(
        &mut self,
        id: StepId,
        step: &Step,
        base: usize,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let offset = base.saturating_add(step.offset);
        if step.node.is_some_and(|it| self.plan.sums.contains(&it.number())) {
            self.given_sums.push(offset);
        }
        match step.form {
            Form::Number(number) => {
                let word = self.number_word(id, number, value)?;
                number.write(word, self.reserve(offset, step.len)?);
                self.give(id, offset);
                Ok(())
            }
            Form::Bits(bits) => {
                let word = self.integer(id, bits.range(), value)?;
                bits.write(word, self.reserve(offset, step.len)?);
                self.give(id, offset);
                Ok(())
            }
            Form::Span { may_end } => {
                let bytes = self.characters(id, Some(step.len), value)?;
                let len = match may_end && !self.is_padded(id, value) {
                    true => bytes.len(),
                    false => step.len,
                };
                if len < step.len {
                    self.end = offset.saturating_add(len);
                }
                let target = self.reserve(offset, len)?;
                target.fill(0);
                target.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
                Ok(())
            }
            Form::Varint { max } => self.varint(id, offset, max, value),
            Form::SpanUntil { last } => {
                let mut bytes = self.characters(id, None, value)?.into_owned();
                if bytes.last() != Some(&last) {
                    bytes.push(last);
                }
                if bytes.iter().rev().skip(1).any(|it| *it == last) {
                    return Err(EncodeError::Ends { path: self.path(id), value: last });
                }
                let target = self.reserve(offset, bytes.len())?;
                target.copy_from_slice(&bytes);
                self.end = offset.saturating_add(bytes.len());
                Ok(())
            }
            Form::SpanTail { count: Some(term), .. } => {
                let bytes = self.characters(id, None, value)?;
                let target = self.reserve(offset, bytes.len())?;
                target.copy_from_slice(&bytes);
                self.end = offset.saturating_add(bytes.len());
                self.say(term, bytes.len())
            }
            Form::SpanTail { padding, terminated, count: None } => {
                self.span_tail(id, offset, padding, terminated, value)
            }
            Form::List { len, stride, may_end } => {
                self.list(id, offset, len, stride, value)?;
                if let (FieldValue::List(elements), true) = (value, may_end)
                    && elements.len() < len
                {
                    self.end = offset.saturating_add(elements.len().saturating_mul(stride));
                }
                Ok(())
            }
            Form::Repeat { count, element, pad } => {
                let least = match count {
                    Count::Exactly(count) => count,
                    // As many as the user says, where that is more than what is given.
                    Count::Said(term) if self.is_given(term) => self.amount_given(id, term)?,
                    _ => 0,
                };
                self.repeat(id, offset, (count, pad), element, (value, least))
            }
            Form::Group
            | Form::Union { .. }
            | Form::Sequence(_)
            | Form::Optional { .. }
            | Form::Framed { .. } => {
                if let (FieldValue::Text(text), Some(notation)) = (value, self.notation(id)) {
                    // Of a record in hex that is open the digits say how long it is.
                    let is_free = step.is_open() && *notation == Notation::Bytes;
                    let len = if is_free { shown::hex_len(text) } else { step.len };
                    if is_free {
                        self.end = offset.saturating_add(len);
                    }
                    let target = self.reserve(offset, len)?;
                    target.fill(0);
                    return match shown::bytes(notation, text, target) {
                        Some(()) => Ok(()),
                        None => Err(self.kind(id, shown::expected(notation), value)),
                    };
                }
                let fields = self.group(value, Some(id))?;
                self.known(Some(id), id.next()..step.end, fields)?;
                self.record(id, step, base, fields)
            }
        }
    }

    fn record(
        &mut self,
        id: StepId,
        step: &Step,
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        match step.form {
            Form::Union { open, cases, .. } => self.union(id, step, base, open, cases, fields),
            Form::Sequence(sequence) => self.sequence(sequence, base, fields),
            Form::Framed { len, sequence, zeros } => {
                self.framed(len, sequence, zeros, base.saturating_add(step.offset), fields)
            }
            Form::Optional { present, sequence } => {
                self.optional(id, present, sequence, base.saturating_add(step.offset), fields)
            }
            _ => self.members(id.next()..step.end, base, fields),
        }
    }

    /// A frame is as long as its length says where that is given, if what is in it fits.
    fn framed(
        &mut self,
        len: TermId,
        sequence: SequenceId,
        zeros: bool,
        offset: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        self.sequence(sequence, offset, fields)?;
        self.reserve(offset, self.end.saturating_sub(offset))?;
        if zeros {
            self.leave_out_zeros(offset);
        }
        self.leave_out_filling(len, offset);
        let len = self.say_frame(len, self.end.saturating_sub(offset))?;
        self.end = offset.saturating_add(len);
        Ok(())
    }

    /// What fills up the last element may be missing: where a length that is given says so, it is.
    fn leave_out_filling(&mut self, len: TermId, offset: usize) {
        let (at, filling) = self.filling;
        let own = self.end.saturating_sub(filling);
        let said = self.said(len).filter(|_| self.is_said(len) && at == self.end);
        let said = said.and_then(|it| usize::try_from(it).ok());
        if let Some(end) = said.map(|it| offset.saturating_add(it))
            && filling > 0
            && (own..self.end).contains(&end)
        {
            self.end = end;
            self.out.truncate(self.start.saturating_add(end));
        }
    }

    /// Zeros at the end of what begins at an offset are not sent, but for its first byte.
    fn leave_out_zeros(&mut self, offset: usize) {
        let written = self.message().get(offset..self.end).unwrap_or_default();
        let len = written.iter().rposition(|it| *it != 0).map_or(1, |it| it.saturating_add(1));
        self.end = offset.saturating_add(len.min(written.len()));
        self.out.truncate(self.start.saturating_add(self.end));
    }

    /// A varint that is given.
    fn varint(
        &mut self,
        id: StepId,
        offset: usize,
        max: u8,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let bits = u32::from(max).saturating_mul(7).min(64);
        let most = 1_i128.checked_shl(bits).unwrap_or(i128::MAX).saturating_sub(1);
        let word = self.integer(id, (0, most), value)?;
        self.put_varint(offset, word)?;
        self.give(id, offset);
        Ok(())
    }

    /// One that is not: as an earlier try found that it has to be.
    fn own_varint(&mut self, offset: usize) -> Result<(), EncodeError> {
        let at = self.varints.written.len();
        let value = self.varints.wanted.get(at).copied().unwrap_or(0);
        self.varints.written.push((offset, value));
        self.put_varint(offset, value)
    }

    fn put_varint(&mut self, offset: usize, value: u64) -> Result<(), EncodeError> {
        let bytes = varint::write(value);
        self.reserve(offset, bytes.len())?.copy_from_slice(&bytes);
        self.end = offset.saturating_add(bytes.len());
        Ok(())
    }

    fn union(
        &mut self,
        id: StepId,
        step: &Step,
        base: usize,
        open: bool,
        cases: Option<CasesId>,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let members = self.members_of(id, step, cases, fields);
        let sized = self.end;
        let mut furthest = None;
        for (member, it) in &members {
            if open {
                self.end = base.saturating_add(it.stop());
            }
            self.member(*member, it, base, fields)?;
            furthest = furthest.max(Some(self.end));
            if let Some(cases) = cases {
                self.choose(id, cases, *member)?;
            }
        }
        if let Some(cases) = cases.filter(|_| members.is_empty()) {
            self.sees_case(cases)?;
        }
        if open {
            // What a tag says is nothing takes no bytes.
            let nothing = if cases.is_some() { step.offset } else { step.stop() };
            self.end = furthest.unwrap_or(base.saturating_add(nothing));
        } else {
            self.end = sized;
        }
        if members.len() > 1 { self.agreeing(id, &members, base, fields) } else { Ok(()) }
    }

    /// The members that are given. Where none is, a union that has no length of its own is what
    /// its tag says.
    fn members_of(
        &self,
        id: StepId,
        step: &Step,
        cases: Option<CasesId>,
        fields: &Fields,
    ) -> Vec<(StepId, &'a Step)> {
        let plan = self.plan;
        let members = || plan.children(id.next()..plan.steps[id].end);
        let given: Vec<_> = members().filter(|(it, _)| self.has(*it, fields)).collect();
        let said = cases.filter(|_| given.is_empty() && step.is_open());
        let said = said.and_then(|cases| self.member_said(cases));
        match said {
            Some(said) => members().filter(|(it, _)| *it == said).collect(),
            None => given,
        }
    }

    /// Members agree where writing each again changes nothing.
    fn agreeing(
        &mut self,
        union: StepId,
        members: &[(StepId, &Step)],
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let (end, chosen) = (self.end, self.chosen.len());
        let before = self.out.clone();
        for (member, step) in members {
            self.member(*member, step, base, fields)?;
            if *self.out != before {
                return Err(EncodeError::Members { path: self.path(union) });
            }
        }
        self.end = end;
        self.chosen.truncate(chosen);
        Ok(())
    }

    fn list(
        &mut self,
        id: StepId,
        offset: usize,
        len: usize,
        stride: usize,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let elements = self.elements(id, Some(len), value)?;
        let element = &self.plan.steps[id.next()];
        let mut base = offset;
        for value in elements {
            self.reserve(base, stride)?;
            self.field(id.next(), element, base, value)?;
            base = base.saturating_add(stride);
        }
        Ok(())
    }

    fn span_tail(
        &mut self,
        id: StepId,
        offset: usize,
        padding: usize,
        terminated: bool,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let bytes = self.characters(id, None, value)?;
        let ends = terminated && !matches!(value, FieldValue::Bytes(_));
        let padded = terminated && (ends || bytes.last() == Some(&0));
        let len = bytes.len().saturating_add(usize::from(ends));
        let target = self.reserve(offset, len)?;
        target.fill(0);
        target.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
        self.end = offset.saturating_add(len);
        if padded {
            self.end = self.end.saturating_add(padding);
        }
        Ok(())
    }

    /// `len` bytes at `offset` of the message, which grows by zeros where it must.
    pub fn reserve(&mut self, offset: usize, len: usize) -> Result<&mut [u8], EncodeError> {
        let end = offset.saturating_add(len);
        if end > MAX_ENCODED_LEN {
            let path = self.name.to_owned();
            return Err(EncodeError::TooLarge { path, max: MAX_ENCODED_LEN });
        }
        let (from, to) = (self.start.saturating_add(offset), self.start.saturating_add(end));
        if self.out.len() < to {
            self.out.resize(to, 0);
        }
        Ok(self.out.get_mut(from..to).unwrap_or_default())
    }

    /// The message as far as it is written.
    pub fn message(&self) -> &[u8] {
        self.out.get(self.start..).unwrap_or_default()
    }
}
