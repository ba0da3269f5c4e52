//! What fields say of others: how many, how long, which case. Where they are not given, they are
//! filled in from what is written.

use super::error::EncodeError;
use super::plan::{CasesId, Form, Name, OperandId, Plan, SequenceId, StepId, TermId};
use super::read::MAX_ITEMS;
use super::value::FieldValue;
use super::write::{Chosen, Fields, Told, Writer};
use crate::schema::Expression;

impl Writer<'_> {
    /// A field is given, and holds.
    pub fn give(&mut self, field: StepId, offset: usize) {
        if self.plan.operands.as_slice().iter().any(|it| it.field == field) {
            self.told.insert((field, offset), Told { bits: -1, is_given: true });
        }
    }

    /// What a term says, as far as the message is written.
    pub fn said(&self, term: TermId) -> Option<i128> {
        self.bases.value(self.plan, term, self.view())
    }

    /// The same of what a term is, or a part of it.
    pub fn value_of(&self, expression: &Expression<Name>) -> Option<i128> {
        self.bases.value_of(self.plan, expression, self.view())
    }

    /// Whether a field of a term is given, or told by another.
    pub fn is_said(&self, term: TermId) -> bool {
        self.plan.operands_of(term).any(|it| self.told(it).is_some_and(|it| it.bits != 0))
    }

    /// What a term goes by is settled.
    pub fn tell(&mut self, term: TermId) {
        let plan = self.plan;
        let expression = &plan.terms[term].expression;
        for operand in plan.operands_of(term) {
            let it = &plan.operands[operand];
            let Some(base) = self.bases.of(it) else { continue };
            let offset = base.saturating_add(plan.steps[it.field].offset);
            let bits = expression.bits_of(&Name::Field(operand));
            self.told.entry((it.field, offset)).or_default().bits |= bits;
        }
    }

    /// Whether the user gives every field of a term that is there, and some are.
    pub fn is_given(&self, term: TermId) -> bool {
        let mut fields = self.plan.operands_of(term);
        let has_base = |it: &OperandId| self.bases.of(&self.plan.operands[*it]).is_some();
        let mut there = fields.by_ref().filter(has_base).peekable();
        there.peek().is_some() && there.all(|it| self.told(it).is_some_and(|it| it.is_given))
    }

    fn told(&self, operand: OperandId) -> Option<&Told> {
        let operand = &self.plan.operands[operand];
        let offset = self.plan.steps[operand.field].offset;
        self.told.get(&(operand.field, self.bases.of(operand)?.saturating_add(offset)))
    }

    /// Has a term say how many there are; where its fields are given, they have to.
    pub fn say(&mut self, term: TermId, wanted: usize) -> Result<(), EncodeError> {
        let wanted = i128::try_from(wanted).unwrap_or(i128::MAX);
        if self.settle(&self.plan.terms[term].expression, &[wanted])? {
            let said = self.said(term).filter(|it| *it != wanted && self.is_given(term));
            return match said {
                Some(said) => {
                    let (path, found) = (self.first_field(term), wanted);
                    Err(EncodeError::Contradicts { path, said, found })
                }
                None => Ok(()),
            };
        }
        if self.needs_fields(term) {
            return Ok(());
        }
        Err(EncodeError::Untold { path: self.first_field(term), wanted })
    }

    /// Has a term say how long a frame of at least some bytes is. As long as it says where its fields are
    /// given: there may be more than what is in it.
    pub fn say_frame(&mut self, term: TermId, written: usize) -> Result<usize, EncodeError> {
        let said = self.said(term).filter(|_| self.is_given(term));
        let said = said.and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
        let len = written.max(said);
        self.say(term, len)?;
        Ok(len)
    }

    /// The path of the first field of a term, for errors.
    fn first_field(&self, term: TermId) -> String {
        let field = self.plan.operands_of(term).next().map(|it| self.plan.operands[it].field);
        field.map_or_else(|| self.name.to_owned(), |it| self.path(it))
    }

    /// The bytes or elements that a term says of a field that is not given, where what it goes by is.
    pub fn amount_given(&self, id: StepId, term: TermId) -> Result<usize, EncodeError> {
        let said = self.said(term).filter(|_| self.is_said(term));
        match said.map(usize::try_from) {
            Some(Ok(len)) if len > MAX_ITEMS => {
                Err(EncodeError::TooLong { path: self.path(id), len, max: MAX_ITEMS })
            }
            Some(Ok(len)) => Ok(len),
            Some(Err(_)) | None => Ok(0),
        }
    }

    /// The member that the tags of a union choose, as far as the message is written.
    pub fn member_said(&self, cases: CasesId) -> Option<StepId> {
        let cases = &self.plan.cases[cases];
        let holds = |it| Ok(self.said(it).is_some_and(|it| it != 0));
        let case = cases.choose(|it| self.said(it).ok_or(()), holds).ok()?;
        case.map_or(cases.otherwise, |it| it.member)
    }

    /// Sees that tags that are given choose something.
    pub fn sees_case(&self, cases: CasesId) -> Result<(), EncodeError> {
        let cases = &self.plan.cases[cases];
        let Some(first) = cases.tags.first().filter(|it| self.is_said(**it)) else {
            return Ok(());
        };
        let holds = |it| Ok(self.said(it).is_some_and(|it| it != 0));
        match (cases.choose(|it| self.said(it).ok_or(()), holds), cases.otherwise) {
            (Ok(None), None) => {
                let path = self.first_field(*first);
                Err(EncodeError::NoCase { path, value: self.said(*first).unwrap_or(0) })
            }
            _ => Ok(()),
        }
    }

    /// Has tags choose a member, unless they are given, or are in the member itself;
    /// [`agree`](Self::agree) sees whether they do.
    pub fn choose(
        &mut self,
        union: StepId,
        cases: CasesId,
        member: StepId,
    ) -> Result<(), EncodeError> {
        self.chosen.push(Chosen { cases, member, bases: self.bases });
        if self.member_said(cases) == Some(member) {
            return Ok(());
        }
        let plan = self.plan;
        let within = plan.within(union);
        let all = &plan.cases[cases];
        let found = all.cases.iter().position(|it| it.member == Some(member));
        let choice = found.and_then(|it| all.cases.get(it));
        if choice.is_none() && all.otherwise != Some(member) {
            return Ok(());
        }
        let before = all.cases.get(..found.unwrap_or(all.cases.len())).unwrap_or_default();
        for (index, tag) in all.tags.iter().enumerate() {
            let mut fields = plan.operands_of(*tag).map(|it| plan.operands[it].field);
            if fields.any(|it| within.contains(&it)) {
                continue;
            }
            let any = i128::MIN..=i128::MAX;
            let values = choice.and_then(|it| it.values.get(index)).unwrap_or(&any);
            // An end may not be a number that the field can say; what it is masked with is.
            let mut wanted: Vec<_> = self.said(*tag).into_iter().collect();
            wanted.extend([*values.start(), *values.end()]);
            numbers_of(&plan.terms[*tag].expression, &mut wanted);
            // What the cases before have is theirs, where it is not the other tags that tell.
            let theirs: Vec<_> = before.iter().filter_map(|it| it.values.get(index)).collect();
            wanted.extend(theirs.iter().filter_map(|it| it.end().checked_add(1)));
            wanted.extend(theirs.iter().filter_map(|it| it.start().checked_sub(1)));
            wanted.retain(|it| values.contains(it));
            wanted.sort_by_key(|it| theirs.iter().any(|values| values.contains(it)));
            self.settle(&plan.terms[*tag].expression, &wanted)?;
        }
        Ok(())
    }

    /// The tags of a record, by name, that are not given and choose the members that are: what goes by them may
    /// stand before the members.
    pub fn tags_of(&self, sequence: SequenceId, fields: &Fields) -> Vec<(String, FieldValue)> {
        let plan = self.plan;
        let mut told: Vec<(String, FieldValue)> = Vec::new();
        let segments = plan.sequences[sequence].segments.iter();
        let own = segments.flat_map(|it| plan.children(it.steps.clone()));
        let own: Vec<_> = own.map(|it| it.0).collect();
        for union in own.iter().flat_map(|it| self.union_in(*it)) {
            let Form::Union { cases: Some(cases), .. } = plan.steps[union].form else { continue };
            let cases = &plan.cases[cases];
            let given = plan.children(plan.within(union)).map(|it| it.0);
            let inner = match plan.node(union) {
                Some(node) => match fields.iter().find(|it| it.0 == node.name) {
                    Some((_, FieldValue::Group(inner))) => inner.as_slice(),
                    _ => continue,
                },
                None => fields,
            };
            let member = given.into_iter().find(|it| self.has(*it, inner));
            let Some(choice) =
                member.and_then(|it| cases.cases.iter().find(|c| c.member == Some(it)))
            else {
                continue;
            };
            for (tag, values) in cases.tags.iter().zip(&choice.values) {
                let Expression::Name(Name::Field(operand)) = plan.terms[*tag].expression else {
                    continue;
                };
                let field = plan.operands[operand].field;
                let Some(node) = plan.node(field).filter(|_| own.contains(&field)) else {
                    continue;
                };
                let is_known = fields.iter().chain(&told).any(|it| it.0 == node.name);
                let value = *values.start();
                if !is_known && value > i128::MIN {
                    told.push((node.name.clone(), FieldValue::Integer(value)));
                }
            }
        }
        told
    }

    /// The union that a step is, or that there is in steps without a name around it.
    fn union_in(&self, step: StepId) -> Option<StepId> {
        let plan = self.plan;
        match (plan.steps[step].form, plan.steps[step].node) {
            (Form::Union { .. }, _) => Some(step),
            (Form::Optional { .. } | Form::Framed { .. }, None) => self.union_in(step.next()),
            _ => None,
        }
    }

    /// Sees that the members written are those that the tags, as written, choose.
    pub fn agree(&mut self) -> Result<(), EncodeError> {
        let path = |step| self.plan.path(step).unwrap_or_default().to_owned();
        let now = self.bases;
        for Chosen { cases, member, bases } in std::mem::take(&mut self.chosen) {
            self.bases = bases;
            let chosen = self.member_said(cases);
            let has_case = chosen.is_some() || self.plan.cases[cases].otherwise.is_none();
            if chosen == Some(member) || !has_case {
                continue;
            }
            if self.plan.cases[cases].cases.iter().any(|it| it.member == Some(member)) {
                self.sees_case(cases)?;
            }
            let cases = &self.plan.cases[cases];
            let Some(tag) = cases.tags.first().and_then(|it| self.said(*it)) else { continue };
            let is_known =
                cases.cases.iter().any(|it| it.values.first().is_some_and(|it| it.contains(&tag)));
            if chosen.is_none() && !is_known {
                continue;
            }
            let chosen = chosen.map_or_else(|| "nothing".to_owned(), path);
            return Err(EncodeError::Case { path: path(member), tag, chosen });
        }
        self.bases = now;
        Ok(())
    }

    /// Has a term, or a part of it, say the first of these that it can, unless its fields are given; whether
    /// it does.
    pub fn settle(
        &mut self,
        expression: &Expression<Name>,
        wanted: &[i128],
    ) -> Result<bool, EncodeError> {
        let plan = self.plan;
        let all = Plan::operands_in(expression);
        let has_base = |it: &OperandId| self.bases.of(&plan.operands[*it]).is_some();
        let fields: Vec<_> = all.clone().filter(has_base).collect();
        let is_told = |it: &OperandId| self.told(*it).is_some_and(|it| it.is_given);
        let open: Vec<_> = fields.iter().copied().filter(|it| !is_told(it)).collect();
        if open.is_empty() {
            // The user's word holds, whatever else is written; what says nothing of itself cannot be wrong.
            // What is not there counts as 0.
            let is_right = || self.value_of(expression).is_none_or(|it| wanted.contains(&it));
            return Ok(!fields.is_empty() || all.count() == 0 || is_right());
        }
        for wanted in wanted {
            for operand in &open {
                if self.set(expression, *operand, *wanted)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Has a term of fields at fixed places say the first of these that it can; whether it does. Those that
    /// are given hold.
    pub fn settle_placed(
        &mut self,
        term: TermId,
        wanted: &[i128],
        is_given: &impl Fn(StepId) -> bool,
    ) -> Result<bool, EncodeError> {
        for operand in self.plan.operands_of(term) {
            let operand = &self.plan.operands[operand];
            let Some(mark) = operand.mark else { continue };
            self.bases.set(mark, 0);
            if is_given(operand.field) {
                self.give(operand.field, self.plan.steps[operand.field].offset);
            }
        }
        self.settle(&self.plan.terms[term].expression, wanted)
    }

    /// Gives a field the value with which a term says what is wanted, where it has not been told otherwise.
    fn set(
        &mut self,
        expression: &Expression<Name>,
        operand: OperandId,
        wanted: i128,
    ) -> Result<bool, EncodeError> {
        let plan = self.plan;
        let it = &plan.operands[operand];
        let Some(base) = self.bases.of(it) else { return Ok(false) };
        let step = &plan.steps[it.field];
        let offset = base.saturating_add(step.offset);
        if let Form::Varint { .. } = step.form {
            return Ok(self.set_varint(expression, operand, wanted, offset));
        }
        self.reserve(offset, step.len)?;
        let field = plan.number(it.field, base, self.message()).unwrap_or(0);
        let solution = self.solution(expression, operand, field, wanted);
        let Some(solution) = solution else { return Ok(false) };
        let bits = expression.bits_of(&Name::Field(operand));
        let (min, max) = match step.form {
            Form::Number(number) => number.range(),
            Form::Bits(bits) => bits.range(),
            _ => return Ok(false),
        };
        if !(min..=max).contains(&solution) {
            return Ok(false);
        }
        let told = self.told.entry((it.field, offset)).or_default();
        if told.bits & bits != 0 && solution != field {
            return Ok(false);
        }
        told.bits |= bits;
        let target = self.reserve(offset, step.len)?;
        match step.form {
            Form::Number(number) => number.write(solution as u64, target),
            Form::Bits(bits) => bits.write(solution as u64, target),
            _ => {}
        }
        Ok(true)
    }

    /// The value of a field, which has another now, with which a term says what is wanted.
    fn solution(
        &self,
        expression: &Expression<Name>,
        operand: OperandId,
        now: i128,
        wanted: i128,
    ) -> Option<i128> {
        let bytes = self.view().bytes;
        let mut value = |it: &Name| match it {
            Name::Field(other) => self.bases.field(self.plan, *other, bytes),
            Name::Len | Name::Rest | Name::ToServer => None,
        };
        expression.solve(&Name::Field(operand), now, wanted, &mut value)
    }

    /// A varint takes as many bytes as its value needs: what it has to be is noted, and the message written
    /// once more where that is another number of bytes.
    fn set_varint(
        &mut self,
        expression: &Expression<Name>,
        operand: OperandId,
        wanted: i128,
        offset: usize,
    ) -> bool {
        let now = self.bases.field(self.plan, operand, self.message()).unwrap_or(0);
        let solved = self.solution(expression, operand, now, wanted);
        let Some(solution) = solved.and_then(|it| u64::try_from(it).ok()) else { return false };
        let written = self.varints.written.iter_mut().find(|it| it.0 == offset);
        match written {
            Some(written) => {
                written.1 = solution;
                true
            }
            None => false,
        }
    }
}

/// The numbers in an expression: that which a field is masked with is one that makes it true.
pub(super) fn numbers_of<N>(expression: &Expression<N>, numbers: &mut Vec<i128>) {
    match expression {
        Expression::Number(number) => numbers.push(*number),
        Expression::Name(_) => {}
        Expression::Unary(_, operand) => numbers_of(operand, numbers),
        Expression::Binary(_, operands) => {
            operands.iter().for_each(|it| numbers_of(it, numbers));
        }
    }
}
