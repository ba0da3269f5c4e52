//! From what a profile says of a field to the parts that stand for it.
//!
//! Arrays become as long as they are said to be, bytes the structs that a case names, a list of type,
//! length and value a list of records: what reads, checks, writes and shows a message needs to know
//! nothing of how a profile says it.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::expression::{BinaryOperator, Expression};
use super::super::nearest::nearest;
use super::super::source::Span;
use super::bind::Scope;
use super::error::LayoutErrorKind as Kind;
use super::layout::{Field, Role, Shape};
use super::resolve::{Resolver, Site};
use super::resolved::{Part, PartId, PartKind, Repeat};
use super::words::{
    Amount, BytesForm, Choice, ChoiceCase, ChoiceTarget, ElementForm, PartAmount, PartCase,
    PartChoice, PartWords, Reference, WordError, Words,
};

/// The member of chosen bytes that has no struct.
const BYTES: &str = "bytes";

/// Any value of a tag.
const ANY: RangeInclusive<i128> = i128::MIN..=i128::MAX;

/// What an array is of.
#[derive(Clone, Copy)]
struct Elements<'s> {
    element: &'s Shape,
    stride: u64,
    /// As declared.
    count: u64,
}

impl<'s> Elements<'s> {
    fn of(shape: &'s Shape) -> Option<Self> {
        match shape {
            Shape::Array { element, len, stride } => {
                Some(Self { element, stride: *stride, count: *len })
            }
            Shape::Tail { element, stride, counted } => {
                Some(Self { element, stride: *stride, count: *counted })
            }
            _ => None,
        }
    }

    fn are_bytes(&self) -> bool {
        matches!(
            self.element,
            Shape::Integer { size: 1, role: Role::Character | Role::Byte | Role::Number, .. }
        )
    }

    fn said(&self) -> Repeat {
        Repeat::Said { counted: self.count, stride: self.stride }
    }

    fn len(&self) -> u64 {
        self.count.saturating_mul(self.stride)
    }
}

impl Resolver<'_> {
    /// A field of which something is said.
    pub fn spoken(
        &mut self,
        field: &Field,
        words: &Arc<Words>,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let unfit = |what| Err(place.word(WordError::Unfit(what)));
        if field.bits.is_some() {
            return unfit("a whole field, not with bits of one");
        }
        let shape = &field.shape;
        if let Some((word, goes_with)) = idle(words, shape) {
            return Err(place.word(WordError::UnfitWord { word, goes_with }));
        }
        let is_framed = words.length.is_some() || matches!(words.amount, Some(Amount::Bytes(_)));
        let stop = is_framed.then(|| place.offset.saturating_add(shape.size())).or(place.stop);
        let is_union =
            matches!(shape, Shape::Record(it) if it.kind == super::super::ctype::RecordKind::Union);
        let is_record = matches!(shape, Shape::Record(_));
        let id = match (&words.form, &words.choice, Elements::of(shape)) {
            (Some(BytesForm::Varint), None, Some(bytes)) if bytes.are_bytes() => {
                let kind = PartKind::Varint { role: place.role(&Role::Number) };
                self.leaf(kind, Repeat::Once, bytes.len(), place)?
            }
            (Some(BytesForm::List(form)), choice, Some(bytes)) if bytes.are_bytes() => {
                return self.element_list(form, choice.as_ref(), words, bytes, place);
            }
            (Some(_), ..) => return unfit("an array of bytes"),
            (None, Some(choice), Some(bytes)) if bytes.are_bytes() => {
                self.choice_of_bytes(choice, bytes, place)?
            }
            (None, Some(_), _) if is_union => self.shape(shape, Site { stop, ..place })?,
            (None, Some(_), _) => return unfit("a union or an array of bytes"),
            (None, None, Some(it)) if words.length.is_some() && it.element.record().is_none() => {
                return unfit("a record, or an array of records");
            }
            (None, None, Some(it)) if words.amount.is_some() => {
                self.list(it.element, it.said(), words.length.is_some(), place)?
            }
            (None, None, Some(it)) if words.length.is_some() => {
                // Elements of a length of their own, up to the end.
                self.list(it.element, it.said(), true, place)?
            }
            (None, None, None) if is_framed && !is_record => {
                return unfit("a record or an array");
            }
            (None, None, None)
                if matches!(
                    words.amount,
                    Some(
                        Amount::Count(_)
                            | Amount::Value(_)
                            | Amount::Until(_)
                            | Amount::While(_)
                            | Amount::End
                    )
                ) =>
            {
                return unfit("an array");
            }
            (None, None, _) => self.shape(shape, Site { stop, framed: is_framed, ..place })?,
        };
        self.spoken.push((id, words.clone()));
        Ok(id)
    }

    /// Bytes that are one of several structs.
    fn choice_of_bytes(
        &mut self,
        choice: &Choice,
        bytes: Elements<'_>,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let stop = Some(place.offset.saturating_add(bytes.len()));
        let kind = PartKind::Union(String::new());
        let id = self.add(kind, bytes.said(), bytes.len(), Site { stop, ..place })?;
        self.cases(id, choice, place)?;
        Ok(id)
    }

    /// The members that stand for the cases of bytes.
    fn cases(&mut self, union: PartId, choice: &Choice, place: Site<'_>) -> Result<(), Kind> {
        let mut known: Vec<&str> = Vec::new();
        for case in &choice.cases {
            let (ChoiceTarget::Record(name, layout), false) = (
                &case.is,
                matches!(&case.is, ChoiceTarget::Record(name, _) if known.contains(&name.as_str())),
            ) else {
                continue;
            };
            known.push(name);
            let path = within(place.path, name);
            let said = (self.reading.of)(&path);
            let order = said.order.unwrap_or(place.order);
            let stop = Some(place.offset.saturating_add(layout.size));
            let depth = place.depth.saturating_add(1);
            if depth > super::bounds::MAX_DEPTH {
                return Err(Kind::TooDeep);
            }
            let site = Site {
                name: Some(name),
                path: &path,
                parent: union,
                order,
                said: &said,
                stop,
                depth,
                ..place
            };
            let member = self.record(layout, site)?;
            self.adopt(union, member);
        }
        let path = within(place.path, BYTES);
        let kind = PartKind::Characters { text: false, signed: false };
        let repeat = Repeat::ToEnd { counted: 0, stride: 1, padding: 0 };
        let stop = Some(place.offset);
        let site = Site { name: Some(BYTES), path: &path, parent: union, stop, ..place };
        let member = self.add(kind, repeat, 0, site)?;
        self.adopt(union, member);
        Ok(())
    }

    /// A list of type, length and value.
    fn element_list(
        &mut self,
        form: &ElementForm,
        choice: Option<&Choice>,
        words: &Arc<Words>,
        bytes: Elements<'_>,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let list =
            self.add(PartKind::List, bytes.said(), bytes.len(), Site { stop: None, ..place })?;
        let head = form.tag.unwrap_or(0).saturating_add(form.length);
        let inner = Site { name: None, parent: list, stop: None, ..place };
        let element = self.add(PartKind::Struct(String::new()), Repeat::Once, head, inner)?;
        self.adopt(list, element);
        let inner = Site { parent: element, ..inner };
        let tag = form.tag.map(|len| self.head_integer("type", len, 0, inner)).transpose()?;
        let length = self.head_integer("length", form.length, form.tag.unwrap_or(0), inner)?;
        let present = tag.and_then(|tag| form.has_value(tag));
        self.say(length, PartWords { present: present.clone(), ..PartWords::default() });
        let offset = place.offset.saturating_add(head);
        let value = match choice {
            None => {
                let path = within(place.path, "value");
                let kind =
                    PartKind::Characters { text: place.text.unwrap_or(false), signed: false };
                let repeat = Repeat::Said { counted: 0, stride: 1 };
                let site = Site { name: Some("value"), path: &path, offset, ..inner };
                self.add(kind, repeat, 0, site)?
            }
            Some(choice) => {
                let site = Site { name: None, offset, stop: Some(offset), ..inner };
                let repeat = Repeat::Said { counted: 0, stride: 1 };
                let id = self.add(PartKind::Union(String::new()), repeat, 0, site)?;
                self.cases(id, choice, Site { offset, ..inner })?;
                id
            }
        };
        self.adopt(element, value);
        let amount = Some(PartAmount::Bytes(form.value_len(length)));
        let chosen = choice.zip(tag).map(|(choice, tag)| {
            let any = ChoiceCase { values: vec![ANY], when: None, is: ChoiceTarget::Bytes };
            let cases = choice.cases.iter().chain([&any]).cloned().collect();
            (cases, tag)
        });
        let choice = match chosen {
            Some((cases, tag)) => {
                let tags = vec![Expression::Name(Reference::Part(tag))];
                Some(self.bind_cases(value, tags, cases)?)
            }
            None => None,
        };
        self.say(value, PartWords { amount, present, choice, ..PartWords::default() });
        let until = form.end.zip(tag).map(|(end, tag)| compare(BinaryOperator::Equal, tag, end));
        let amount = match words.amount {
            None => Some(PartAmount::End),
            // What is said is found once all parts are there.
            Some(_) => None,
        };
        self.say(list, PartWords { amount, until, pad: form.pad, ..PartWords::default() });
        self.spoken.push((list, words.clone()));
        Ok(list)
    }

    fn head_integer(
        &mut self,
        name: &str,
        len: u64,
        offset: u64,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let path = within(place.path, name);
        let said = (self.reading.of)(&path);
        let order = said.order.unwrap_or(place.order);
        let offset = place.offset.saturating_add(offset);
        let parent = place.parent;
        let site = Site { name: Some(name), path: &path, order, said: &said, offset, ..place };
        let kind = PartKind::Integer { signed: false, order, role: site.role(&Role::Number) };
        let id = self.leaf(kind, Repeat::Once, len, site)?;
        self.adopt(parent, id);
        Ok(id)
    }

    fn say(&mut self, id: PartId, words: PartWords) {
        if let Some(part) = self.parts.get_mut(id.index()) {
            part.words = Some(Box::new(words));
        }
    }

    /// Looks up the names in all that was said.
    pub fn bind(&mut self) -> Result<(), Kind> {
        for (id, words) in std::mem::take(&mut self.spoken) {
            self.bind_words(id, &words).map_err(|error| self.word(id, error))?;
        }
        Ok(())
    }

    fn bind_words(&mut self, id: PartId, words: &Words) -> Result<(), WordError> {
        let scope = Scope { parts: &self.parts, of: id, within: false };
        let Some(part) = self.parts.get(id.index()) else { return Ok(()) };
        let element = part.children.first().copied().filter(|_| part.kind == PartKind::List);
        let mut bound = part.words.as_deref().cloned().unwrap_or_default();
        bound.pad = bound.pad.max(words.pad);
        bound.zeros |= words.zeros;
        bound.present = match &words.present {
            Some(present) => Some(scope.bind(present)?),
            None => bound.present,
        };
        let own = Scope { within: true, ..scope };
        match &words.amount {
            None => {}
            Some(Amount::Count(count)) => {
                bound.amount = Some(PartAmount::Count(scope.bind(count)?))
            }
            Some(Amount::Bytes(bytes)) => {
                bound.amount = Some(PartAmount::Bytes(scope.bind(bytes)?))
            }
            Some(Amount::End) => bound.amount = Some(PartAmount::End),
            Some(Amount::While(goes_on)) => {
                bound.amount = Some(PartAmount::While(scope.bind(goes_on)?));
            }
            Some(Amount::Until(last)) => bound.until = Some(own.bind(last)?),
            Some(Amount::Value(value)) => bound.until = Some(self.until(id, element, *value)?),
        }
        let length = match &words.length {
            Some(length) => {
                let of = element.unwrap_or(id);
                Some((of, Scope { of, ..own }.bind(length)?))
            }
            None => None,
        };
        if element.is_some() && bound.amount.is_none() && bound.until.is_none() && length.is_some()
        {
            bound.amount = Some(PartAmount::End);
        }
        if let (Some(choice), None) = (&words.choice, &words.form) {
            let tags = choice.tags.iter().map(|it| scope.bind(it)).collect::<Result<_, _>>()?;
            let cases = choice.cases.clone();
            bound.choice = Some(self.bind_choice(id, tags, cases)?);
        }
        match length {
            Some((of, length)) if of == id => bound.length = Some(length),
            Some((of, length)) => {
                let words = PartWords { length: Some(length), ..PartWords::default() };
                self.say(of, words);
            }
            None => {}
        }
        self.say(id, bound);
        Ok(())
    }

    /// An element of this value is the last.
    fn until(
        &self,
        id: PartId,
        element: Option<PartId>,
        value: i128,
    ) -> Result<Expression<Reference>, WordError> {
        let kind = |id: PartId| self.parts.get(id.index()).map(|it| &it.kind);
        match (kind(id), element.map(|it| (it, kind(it)))) {
            (Some(PartKind::Characters { .. }), _) if (0..=255).contains(&value) => {
                Ok(Expression::Number(value))
            }
            (_, Some((element, Some(PartKind::Integer { .. })))) => {
                Ok(compare(BinaryOperator::Equal, element, value))
            }
            _ => Err(WordError::Unfit("an array of numbers or bytes")),
        }
    }

    fn bind_cases(
        &self,
        union: PartId,
        tags: Vec<Expression<Reference>>,
        cases: Vec<ChoiceCase>,
    ) -> Result<PartChoice, Kind> {
        self.bind_choice(union, tags, cases).map_err(|error| self.word(union, error))
    }

    /// An error of a part.
    fn word(&self, id: PartId, error: WordError) -> Kind {
        let part = self.parts.get(id.index());
        let path = part.map_or_else(String::new, |it| it.path.clone());
        let span = part.map_or_else(Span::default, |it| it.span);
        Kind::Word { path, error: Box::new(error), span }
    }

    fn bind_choice(
        &self,
        union: PartId,
        tags: Vec<Expression<Reference>>,
        cases: Vec<ChoiceCase>,
    ) -> Result<PartChoice, WordError> {
        let scope = Scope { parts: &self.parts, of: union, within: false };
        let mut bound = PartChoice { tags, ..PartChoice::default() };
        for case in cases {
            let member = match &case.is {
                ChoiceTarget::Nothing => None,
                ChoiceTarget::Bytes => Some(self.member(union, BYTES)?),
                ChoiceTarget::Member { name, like } if self.is_of_bytes(union) => {
                    let (name, nearest) = (name.clone(), like.clone());
                    return Err(WordError::NoStruct { name, nearest });
                }
                ChoiceTarget::Member { name, .. } | ChoiceTarget::Record(name, _) => {
                    Some(self.member(union, name)?)
                }
            };
            let when = case.when.as_ref().map(|it| scope.bind(it)).transpose()?;
            bound.cases.push(PartCase { values: case.values, when, member });
        }
        // A union of the header has no such member.
        bound.otherwise = self.member(union, BYTES).ok().filter(|_| self.is_of_bytes(union));
        Ok(bound)
    }

    /// Whether a union stands for bytes.
    fn is_of_bytes(&self, union: PartId) -> bool {
        self.parts.get(union.index()).is_some_and(Part::is_bytes)
    }

    /// A member of a union by its name, or that of its struct.
    fn member(&self, union: PartId, name: &str) -> Result<PartId, WordError> {
        let members = self.parts.get(union.index()).map(|it| it.children.as_slice());
        let members = members.unwrap_or_default().iter();
        let parts = members.filter_map(|it| Some((*it, self.parts.get(it.index())?)));
        let named = parts.clone().find(|(_, it)| it.name.as_deref() == Some(name));
        let found = named.or_else(|| parts.clone().find(|(_, it)| it.record() == Some(name)));
        found.map(|it| it.0).ok_or_else(|| {
            let known = parts.flat_map(|(_, it)| it.name.as_deref().into_iter().chain(it.record()));
            WordError::UnknownCase { name: name.to_owned(), nearest: nearest(name, known) }
        })
    }
}

/// A word that would say nothing of a field of this shape, and what it goes with.
fn idle(words: &Words, shape: &Shape) -> Option<(&'static str, &'static str)> {
    let elements = Elements::of(shape);
    let are_bytes = elements.as_ref().is_some_and(Elements::are_bytes);
    let is_framed = words.length.is_some() || matches!(words.amount, Some(Amount::Bytes(_)));
    let is_said = words.amount.is_some() || words.length.is_some();
    let is_list = matches!(words.form, Some(BytesForm::List(_)));
    match words.amount {
        Some(Amount::While(_)) if are_bytes && !is_list => {
            Some(("while", "an array of records, or of numbers of more than a byte"))
        }
        Some(Amount::Until(_)) if are_bytes && !is_list => {
            Some(("until", "an array of records, where it is a condition"))
        }
        _ if words.pad > 1 && (elements.is_none() || are_bytes || !is_said) => Some((
            "pad",
            "an array of records or numbers of which another word says how much there is",
        )),
        _ if words.zeros && (!is_framed || !matches!(shape, Shape::Record(_))) => {
            Some(("zeros", "a record of which `bytes` or `length` says how long it is"))
        }
        _ => None,
    }
}

impl ElementForm {
    /// Where an element has length and value; `None`: always.
    fn has_value(&self, tag: PartId) -> Option<Expression<Reference>> {
        let without = self.single.iter().chain(&self.end);
        let differs = without.map(|it| compare(BinaryOperator::Unequal, tag, *it));
        differs.reduce(|all, it| binary(BinaryOperator::And, all, it))
    }

    /// The bytes of the value.
    fn value_len(&self, length: PartId) -> Expression<Reference> {
        let length = Expression::Name(Reference::Part(length));
        let bytes = match self.unit {
            0 | 1 => length,
            unit => binary(BinaryOperator::Times, length, Expression::Number(unit.into())),
        };
        let head = self.tag.unwrap_or(0).saturating_add(self.length);
        match self.counts_all {
            true => binary(BinaryOperator::Minus, bytes, Expression::Number(head.into())),
            false => bytes,
        }
    }
}

fn compare(operator: BinaryOperator, tag: PartId, value: i128) -> Expression<Reference> {
    binary(operator, Expression::Name(Reference::Part(tag)), Expression::Number(value))
}

fn binary<N>(operator: BinaryOperator, left: Expression<N>, right: Expression<N>) -> Expression<N> {
    Expression::Binary(operator, Box::new([left, right]))
}

fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Site<'_> {
    /// An error of the field that stands here.
    pub fn word(&self, error: WordError) -> Kind {
        Kind::Word { path: self.path.to_owned(), error: Box::new(error), span: self.span }
    }
}
