//! What a profile says of a part, as steps around it: it may be absent, take as many bytes as it says, be
//! repeated, be one of several.

use super::compile::{Based, Compiler, bytes};
use super::error::CodecError;
use super::leaf::characters;
use super::plan::{Cases, Choice, Count, Form, StepId};
use crate::message::FieldKind;
use crate::schema::{
    Expression, Part, PartAmount, PartChoice, PartId, PartKind, PartWords, Reference, Repeat,
};

impl Compiler {
    /// Adds a part and what is said of it; gives its reach, which is where it starts: none of it need be
    /// there.
    pub fn spoken(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        words: &PartWords,
    ) -> Result<usize, CodecError> {
        let offset = based.offset(part);
        let Some(present) = &words.present else {
            return self.sized(based, id, part, words);
        };
        let present = self.term(present);
        let step = self.around(offset, part);
        // What is within counts from where it starts itself.
        let inner = Based { base: part.offset, ..based };
        self.sized(inner, id, part, words)?;
        let form = self.plan.optional(step, present);
        self.plan.close(step, offset, form);
        Ok(offset)
    }

    /// A part that is there.
    fn sized(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        words: &PartWords,
    ) -> Result<usize, CodecError> {
        let offset = based.offset(part);
        let is_record = matches!(part.kind, PartKind::Struct(_));
        match (&words.length, &words.amount, &part.kind) {
            (Some(length), ..) if is_record => self.record_of(based, id, part, length, words.zeros),
            (None, Some(PartAmount::Bytes(len)), _) if is_record => {
                self.record_of(based, id, part, len, words.zeros)
            }
            (None, Some(PartAmount::Bytes(len)), PartKind::List | PartKind::Union(_)) => {
                let len = self.term(len);
                let step = self.around(offset, part);
                let inner = Based { base: part.offset, ..based };
                self.repeated(inner, id, part, words)?;
                let form = self.plan.frame(step, len, false);
                self.plan.close(step, offset, form);
                Ok(offset)
            }
            _ => self.repeated(based, id, part, words),
        }
    }

    /// A record that says how long it is.
    fn record_of(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        length: &Expression<Reference>,
        zeros: bool,
    ) -> Result<usize, CodecError> {
        let step = self.begin(based, id, part, FieldKind::Group)?;
        self.plan.records.insert(step, part.record().unwrap_or_default().to_owned());
        self.members(Based { base: part.offset, ..based }, id, part)?;
        let length = self.term(length);
        let form = self.plan.frame(step, length, zeros);
        self.plan.close(step, based.offset(part), form);
        Ok(based.offset(part))
    }

    fn repeated(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        words: &PartWords,
    ) -> Result<usize, CodecError> {
        match (&part.kind, &words.choice) {
            (PartKind::Union(_), Some(choice)) => self.chosen(based, id, part, choice),
            (PartKind::Characters { text, .. }, _)
                if matches!(part.repeat, Repeat::Said { .. }) =>
            {
                let form = self.characters(words);
                self.open(based, id, part, (characters(*text), form))
            }
            (PartKind::List, _) if matches!(part.repeat, Repeat::Said { .. }) => {
                self.elements(based, id, part, words)
            }
            _ => self.plain(based, id, part),
        }
    }

    fn characters(&mut self, words: &PartWords) -> Form {
        match (&words.until, &words.amount) {
            (Some(Expression::Number(last)), _) => {
                Form::SpanUntil { last: u8::try_from(*last).unwrap_or(0) }
            }
            (_, Some(PartAmount::Count(count) | PartAmount::Bytes(count))) => {
                let count = Some(self.term(count));
                Form::SpanTail { padding: 0, terminated: false, count }
            }
            // As many as there are: a NUL among them ends the text, not the bytes.
            _ => Form::SpanTail { padding: 0, terminated: false, count: None },
        }
    }

    fn elements(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        words: &PartWords,
    ) -> Result<usize, CodecError> {
        let offset = based.offset(part);
        let Repeat::Said { stride, .. } = part.repeat else { return Ok(offset) };
        let said = match &words.amount {
            Some(PartAmount::Count(count)) => Some(Count::Said(self.term(count))),
            Some(PartAmount::While(goes_on)) => Some(Count::While(self.term(goes_on))),
            Some(PartAmount::Bytes(_) | PartAmount::End) | None => None,
        };
        let step = self.begin(based, id, part, FieldKind::List)?;
        self.element(based, id, part)?;
        let count = match (&words.until, said) {
            (Some(last), _) => Count::Until { last: self.term(last), lax: words.amount.is_some() },
            (None, said) => said.unwrap_or(Count::ToEnd),
        };
        let pad = u8::try_from(words.pad).unwrap_or(1).max(1);
        let form = self.plan.repeat(step, count, bytes(stride), pad);
        self.plan.close(step, offset, form);
        Ok(offset)
    }

    /// A union of which the tags choose a member.
    fn chosen(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        choice: &PartChoice,
    ) -> Result<usize, CodecError> {
        let offset = based.offset(part);
        let tags = choice.tags.iter().map(|it| self.term(it)).collect();
        let step = match part.name {
            Some(_) => self.begin(based, id, part, FieldKind::Group)?,
            None => self.around(offset, part),
        };
        let reach = self.members(based, id, part)?;
        let member = |it: PartId| self.member_step(step, it);
        let mut cases = Vec::new();
        for case in &choice.cases {
            let member = case.member.and_then(member);
            cases.push((case.values.clone(), member, case.when.as_ref()));
        }
        let otherwise = choice.otherwise.and_then(member);
        let whens: Vec<_> = cases.iter().map(|it| it.2.map(|it| self.term(it))).collect();
        let cases = cases.into_iter().zip(whens);
        let cases = cases.map(|((values, member, _), when)| Choice { values, when, member });
        let cases = Cases { tags, cases: cases.collect(), otherwise };
        let cases = Some(self.plan.cases.push(cases));
        let open = part.at_end || part.is_bytes() || !self.is_fixed(step);
        let form = Form::Union { open, whole: false, cases };
        self.plan.close(step, if open { offset } else { reach }, form);
        Ok(if open { offset } else { reach })
    }

    /// Whether all members have fixed places.
    pub fn is_fixed(&self, union: StepId) -> bool {
        let steps = union.next()..self.plan.steps.next();
        self.plan.children(steps).all(|(_, it)| !it.is_open())
    }

    /// The step of a member directly within a union: there may be others around its own.
    fn member_step(&self, union: StepId, part: PartId) -> Option<StepId> {
        let own = *self.steps.get(&part)?;
        let mut members = self.plan.children(union.next()..self.plan.steps.next());
        members.find(|(id, it)| (*id..it.end).contains(&own)).map(|it| it.0)
    }

    /// Begins a step without a name around a part.
    fn around(&mut self, offset: usize, part: &Part) -> StepId {
        self.plan.begin(None, offset, bytes(part.len))
    }
}
