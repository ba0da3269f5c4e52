//! What fields say of others: how many, how long, which case. Where they are not given, they are
//! filled in from what is written.

use super::error::EncodeError;
use super::plan::{CasesId, Form, StepId, TermId};
use super::write::{Chosen, Told, Writer};

impl Writer<'_> {
    /// A field is given, and holds.
    pub fn give(&mut self, field: StepId, offset: usize) {
        if self.plan.terms.as_slice().iter().any(|term| term.field == field) {
            self.told.insert((field, offset), Told { bits: -1, is_given: true });
        }
    }

    /// What a term says, as far as the message is written.
    pub fn said(&self, term: TermId) -> Option<i128> {
        self.bases.value(self.plan, term, self.message())
    }

    /// Has a term say how many there are, unless its field is given.
    pub fn say(&mut self, term: TermId, wanted: usize) -> Result<(), EncodeError> {
        let wanted = i128::try_from(wanted).unwrap_or(i128::MAX);
        match self.settle(term, std::iter::once(wanted))? {
            true => Ok(()),
            false => {
                Err(EncodeError::Untold { path: self.path(self.plan.terms[term].field), wanted })
            }
        }
    }

    /// Has a tag choose a member, unless it is given, or is in the member itself;
    /// [`agree`](Self::agree) sees whether it does.
    pub fn choose(
        &mut self,
        union: StepId,
        cases: CasesId,
        member: StepId,
    ) -> Result<(), EncodeError> {
        let plan = self.plan;
        let it = &plan.cases[cases];
        let term = &plan.terms[it.tag];
        let Some(base) = self.bases.of(term) else { return Ok(()) };
        self.chosen.push(Chosen { cases, member, base });
        if plan.within(union).contains(&term.field) {
            return Ok(());
        }
        let now = self.said(it.tag).filter(|tag| it.member(*tag) == Some(member));
        self.settle(it.tag, now.into_iter().chain(it.tags_of(member, term.mask)))?;
        Ok(())
    }

    /// Sees that the members written are those that the tag, as written, chooses.
    pub fn agree(&self) -> Result<(), EncodeError> {
        let path = |step| self.plan.path(step).unwrap_or_default().to_owned();
        for Chosen { cases, member, base } in &self.chosen {
            let cases = &self.plan.cases[*cases];
            let term = &self.plan.terms[cases.tag];
            let field = self.plan.number(term.field, *base, self.message());
            let Some(tag) = field.map(|field| term.apply(field)) else { continue };
            if let Some(choice) = cases.find(tag).filter(|it| it.member != Some(*member)) {
                let chosen = choice.member.map_or_else(|| "nothing".to_owned(), path);
                return Err(EncodeError::Case { path: path(*member), tag, chosen });
            }
        }
        Ok(())
    }

    /// Has a term say the first of these that it can, unless its field is given; whether it does.
    fn settle(
        &mut self,
        term: TermId,
        mut wanted: impl Iterator<Item = i128>,
    ) -> Result<bool, EncodeError> {
        let plan = self.plan;
        let term = &plan.terms[term];
        let Some(base) = self.bases.of(term) else { return Ok(true) };
        let step = &plan.steps[term.field];
        let offset = base.saturating_add(step.offset);
        self.reserve(offset, step.len)?;
        let field = plan.number(term.field, base, self.message()).unwrap_or(0);
        let told = self.told.entry((term.field, offset)).or_default();
        if told.bits & term.mask != 0 {
            return Ok(told.is_given || wanted.any(|it| it == term.apply(field)));
        }
        told.bits |= term.mask;
        let (min, max) = match step.form {
            Form::Number(number) => number.range(),
            Form::Bits(bits) => bits.range(),
            _ => return Ok(false),
        };
        let possible = |wanted| term.invert(wanted, field).filter(|it| (min..=max).contains(it));
        let Some(value) = wanted.find_map(possible) else { return Ok(false) };
        let target = self.reserve(offset, step.len)?;
        match step.form {
            Form::Number(number) => number.write(value as u64, target),
            Form::Bits(bits) => bits.write(value as u64, target),
            _ => {}
        }
        Ok(true)
    }
}
