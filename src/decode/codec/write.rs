//! Named values to bytes, along a plan.

use std::ops::Range;

use super::error::EncodeError;
use super::plan::{ANONYMOUS, Form, Plan, Step};
use super::tag::{Choice, Tag};
use super::value::FieldValue;
use super::{Codec, MAX_ENCODED_LEN};
use crate::message::FieldKind;
use crate::schema::nearest;

type Fields = [(String, FieldValue)];

impl Codec {
    /// Appends one message to `out`. `value` is a [`FieldValue::Group`] of the message's fields.
    ///
    /// Fields that are not given are zero, and so is padding. A character tail gets its NUL and
    /// the padding that `sizeof` counts behind it; given as bytes, it is written as it stands.
    /// Of a union one member is given; several must agree. At the end of the message a union is
    /// as long as the longest given member.
    ///
    /// # Errors
    ///
    /// A name that no field has, and a value that does not go into its field. `out` is then as it
    /// was.
    pub fn encode(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        let outcome = self.append(value, out);
        if outcome.is_err() {
            out.truncate(start);
        }
        outcome
    }

    fn append(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Some(root) = self.plan.root(self.root_for(value)) else { return Ok(()) };
        let start = out.len();
        let mut writer = Writer {
            plan: &self.plan,
            name: &root.name,
            out,
            start,
            end: root.size,
            given: Vec::new(),
        };
        let FieldValue::Group(fields) = value else { return Err(not_a_group(&root.name, value)) };
        writer.known(root.steps.clone(), fields)?;
        writer.members(root.steps.clone(), 0, fields)?;
        let (end, given) = (writer.end, std::mem::take(&mut writer.given));
        writer.reserve(0, end)?;
        out.truncate(start.saturating_add(end));
        match &self.tag {
            Some(tag) => self.agree(tag, &given, out.get(start..).unwrap_or_default()),
            None => Ok(()),
        }
    }

    /// The struct that the value's tag chooses.
    fn root_for(&self, value: &FieldValue) -> usize {
        let Some(tag) = &self.tag else { return 0 };
        let given = self.plan.node(tag.step).and_then(|node| value.at(&node.path));
        let number = match given {
            Some(FieldValue::Integer(value)) => Some(*value),
            Some(FieldValue::Text(name)) => self.enumerator(tag.step, name),
            _ => None,
        };
        match number.and_then(|it| tag.choice(it)) {
            Some(Choice::Root(root)) => root,
            _ => 0,
        }
    }

    fn enumerator(&self, step: u32, name: &str) -> Option<i128> {
        match &self.plan.node(step)?.kind {
            FieldKind::Enum(names) => {
                names.enumerators.iter().find(|it| it.name == name).map(|it| it.value)
            }
            _ => None,
        }
    }

    /// Sees that the members given are those that the tag, as written, chooses.
    fn agree(&self, tag: &Tag, given: &[(u32, u32)], bytes: &[u8]) -> Result<(), EncodeError> {
        let Some(value) = tag.value(&self.plan, bytes) else { return Ok(()) };
        let Some(Choice::Member(chosen)) = tag.choice(value) else { return Ok(()) };
        let other = given.iter().find(|(union, it)| tag.rules(*union) && *it != chosen);
        match other {
            None => Ok(()),
            Some((_, member)) => Err(EncodeError::Case {
                path: self.plan.path(*member).unwrap_or_default().to_owned(),
                tag: value,
                chosen: self.plan.path(chosen).unwrap_or_default().to_owned(),
            }),
        }
    }
}

pub(super) struct Writer<'a> {
    pub plan: &'a Plan,
    name: &'a str,
    out: &'a mut Vec<u8>,
    /// Where the message starts in `out`.
    start: usize,
    /// Where it ends, as far as it is known; from its start.
    end: usize,
    /// The members given of each union.
    given: Vec<(u32, u32)>,
}

impl<'a> Writer<'a> {
    /// Sees that the steps of `range` have all these fields.
    fn known(&self, range: Range<u32>, fields: &Fields) -> Result<(), EncodeError> {
        let is_known = |name: &str| self.names(range.clone()).any(|it| it == name);
        match fields.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(self.unknown_field(range.clone(), name)),
            None => Ok(()),
        }
    }

    fn members(
        &mut self,
        range: Range<u32>,
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let plan = self.plan;
        for (index, step) in plan.children(range) {
            self.member(index, step, base, fields)?;
        }
        Ok(())
    }

    /// Writes a step from the fields of the record that it is in.
    fn member(
        &mut self,
        index: u32,
        step: &Step,
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        if step.node == ANONYMOUS {
            return self.record(index, step, base, fields);
        }
        let name = self.plan.node(index).map_or("", |node| &node.name);
        match fields.iter().find(|(it, _)| it == name) {
            Some((_, value)) => self.field(index, step, base, value),
            None => self.absent(index, step, base),
        }
    }

    /// What a message ends with says how long it is, also where it is not given.
    fn absent(&mut self, index: u32, step: &Step, base: usize) -> Result<(), EncodeError> {
        match step.form {
            Form::SpanTail { terminated: true, .. } => {
                self.field(index, step, base, &FieldValue::Text(String::new()))
            }
            Form::SpanTail { terminated: false, .. } => {
                self.field(index, step, base, &FieldValue::Bytes(Vec::new()))
            }
            Form::Tail { .. } => self.field(index, step, base, &FieldValue::List(Vec::new())),
            Form::Group { open: true } | Form::Union { open: true } => {
                self.record(index, step, base, &[])
            }
            _ => Ok(()),
        }
    }

    fn field(
        &mut self,
        index: u32,
        step: &Step,
        base: usize,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let offset = base.saturating_add(step.offset);
        match step.form {
            Form::Number(number) => {
                let word = self.number_word(index, number, value)?;
                number.write(word, self.reserve(offset, step.len)?);
                Ok(())
            }
            Form::Bits(bits) => {
                let word = self.integer(index, bits.range(), value)?;
                bits.write(word, self.reserve(offset, step.len)?);
                Ok(())
            }
            Form::Span => {
                let bytes = self.characters(index, Some(step.len), value)?;
                let target = self.reserve(offset, step.len)?;
                target.fill(0);
                target.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
                Ok(())
            }
            Form::SpanTail { padding, terminated } => {
                self.span_tail(index, offset, padding, terminated, value)
            }
            Form::Group { .. } | Form::Union { .. } => {
                let fields = self.group(value, index)?;
                self.known(index.saturating_add(1)..step.end, fields)?;
                self.record(index, step, base, fields)
            }
            Form::List { len, stride } => self.list(index, offset, Some(len), stride, value),
            Form::Tail { stride } => self.list(index, offset, None, stride, value),
        }
    }

    fn record(
        &mut self,
        index: u32,
        step: &Step,
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let members = index.saturating_add(1)..step.end;
        match step.form {
            Form::Union { open } => self.union(index, step, base, open, fields),
            Form::Group { open } => {
                if open {
                    self.end = base.saturating_add(step.offset).saturating_add(step.len);
                }
                self.members(members, base, fields)
            }
            _ => Ok(()),
        }
    }

    fn union(
        &mut self,
        index: u32,
        step: &Step,
        base: usize,
        open: bool,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let plan = self.plan;
        let members: Vec<_> = plan
            .children(index.saturating_add(1)..step.end)
            .filter(|(member, _)| self.is_given(*member, fields))
            .collect();
        let mut furthest = None;
        for (member, it) in &members {
            self.given.push((index, *member));
            if open {
                self.end = base.saturating_add(it.offset).saturating_add(it.len);
            }
            self.member(*member, it, base, fields)?;
            furthest = furthest.max(Some(self.end));
        }
        if open {
            let whole = base.saturating_add(step.offset).saturating_add(step.len);
            self.end = furthest.unwrap_or(whole);
        }
        if members.len() > 1 { self.agreeing(index, &members, base, fields) } else { Ok(()) }
    }

    /// Members agree where writing each again changes nothing.
    fn agreeing(
        &mut self,
        union: u32,
        members: &[(u32, &Step)],
        base: usize,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let end = self.end;
        let given = self.given.len();
        let before = self.out.clone();
        for (member, step) in members {
            self.member(*member, step, base, fields)?;
            if *self.out != before {
                let path = self.path(union);
                return Err(EncodeError::Members { path });
            }
        }
        self.end = end;
        self.given.truncate(given);
        Ok(())
    }

    fn list(
        &mut self,
        index: u32,
        offset: usize,
        len: Option<usize>,
        stride: usize,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let FieldValue::List(elements) = value else {
            return Err(self.kind(index, "a list", value));
        };
        if let Some(max) = len.filter(|&max| max < elements.len()) {
            return Err(EncodeError::TooLong { path: self.path(index), len: elements.len(), max });
        }
        let first = index.saturating_add(1);
        let Some(element) = self.plan.step(first) else { return Ok(()) };
        let mut base = offset;
        for value in elements {
            self.reserve(base, stride)?;
            self.field(first, element, base, value)?;
            base = base.saturating_add(stride);
        }
        if len.is_none() {
            self.end = base;
        }
        Ok(())
    }

    fn span_tail(
        &mut self,
        index: u32,
        offset: usize,
        padding: usize,
        terminated: bool,
        value: &FieldValue,
    ) -> Result<(), EncodeError> {
        let mut bytes = self.characters(index, None, value)?;
        if terminated && !matches!(value, FieldValue::Bytes(_)) {
            bytes.push(0);
        }
        let padded = terminated && bytes.last() == Some(&0);
        self.reserve(offset, bytes.len())?.copy_from_slice(&bytes);
        self.end = offset.saturating_add(bytes.len());
        if padded {
            self.end = self.end.saturating_add(padding);
        }
        Ok(())
    }

    /// `len` bytes at `offset` of the message, which grows by zeros where it must.
    fn reserve(&mut self, offset: usize, len: usize) -> Result<&mut [u8], EncodeError> {
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

    fn group<'v>(&self, value: &'v FieldValue, index: u32) -> Result<&'v Fields, EncodeError> {
        match value {
            FieldValue::Group(fields) => Ok(fields),
            _ => Err(not_a_group(&self.path(index), value)),
        }
    }

    fn is_given(&self, member: u32, fields: &Fields) -> bool {
        let end = self.plan.step(member).map_or(member, |step| step.end);
        self.names(member..end).any(|name| fields.iter().any(|(it, _)| it == name))
    }

    /// The names of the fields in a record, those in anonymous records within it included.
    fn names(&self, range: Range<u32>) -> impl Iterator<Item = &'a str> + use<'a> {
        let plan = self.plan;
        let mut at = range.start;
        std::iter::from_fn(move || {
            while at < range.end {
                let (index, step) = (at, plan.step(at)?);
                if step.node != ANONYMOUS {
                    at = step.end;
                    return plan.node(index).map(|node| node.name.as_str());
                }
                at = at.saturating_add(1);
            }
            None
        })
    }

    fn unknown_field(&self, range: Range<u32>, name: &str) -> EncodeError {
        let nearest = nearest(name, self.names(range.clone()));
        let parent = range.start.checked_sub(1).and_then(|it| self.plan.node(it));
        let path = match parent.filter(|node| !node.path.is_empty()) {
            Some(node) => format!("{}.{name}", node.path),
            None => name.to_owned(),
        };
        EncodeError::UnknownField { path, nearest }
    }

    pub fn path(&self, index: u32) -> String {
        self.plan.node(index).map_or(self.name, |node| &node.path).to_owned()
    }
}

fn not_a_group(path: &str, value: &FieldValue) -> EncodeError {
    EncodeError::Kind { path: path.to_owned(), expected: "a group", found: value.kind() }
}
