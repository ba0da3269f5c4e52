//! Structs, unions and enums (C17 sections 6.7.2.1 and 6.7.2.2).

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::super::byte_order::ByteOrder;
use super::super::ctype::{CType, EnumDef, FieldDef, FieldNotes, RecordDef, RecordKind};
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::attribute::Attributes;
use super::base::Class;
use super::class::empty_class;
use super::lexer::Token;
use super::parser::Parser;
use super::scope::{Declared, Tag, Type};
use super::specifiers::Specifiers;

/// A type whose body was just read.
#[derive(Clone, Debug)]
pub(super) enum Defined {
    Record(Arc<RecordDef>),
    Enum(Arc<EnumDef>),
}

/// Wider bit-fields are those of no type.
const MAX_BITS: i128 = 128;

impl Parser<'_> {
    /// `struct` or `union`, with or without a body.
    pub fn record(&mut self, kind: RecordKind) -> Parsed<(Type, Option<Defined>)> {
        let start = self.position;
        let keyword = self.peek();
        let description = self.description_of(start);
        self.position += 1;
        let mut attributes = self.attributes()?;
        let tag = self.tag();
        let behind_tag = self.position;
        attributes.extend(self.attributes()?);
        let has_base = self.scope.cplusplus && self.peek().is_some_and(|it| it.is(":"));
        let bases = if self.scope.cplusplus { self.class_head(tag.as_ref())? } else { Vec::new() };
        if !self.take("{") {
            let Some((tag, _)) = tag else { return Err(self.unexpected_name(start, "`{`")) };
            if self.peek().is_some_and(|it| it.is("{") || it.word().is_some())
                && self.peek_at(1).is_some_and(|it| it.is("{"))
            {
                return Err(self.unexpected_name(start, "`{`"));
            }
            self.declare_class(&tag);
            // They are of what is declared.
            self.position = behind_tag;
            return Ok((self.scope.complete(Type::Incomplete(tag)), None));
        }
        let outer = self.scope.path.len();
        if let Some((tag, _)) = tag.as_ref().filter(|_| self.scope.cplusplus) {
            self.scope.path.push(tag.clone());
        }
        let mut class = Class::new(tag.as_ref().map(|it| it.0.clone()), keyword, has_base);
        let base_count = bases.len();
        let fields = self.body(keyword, bases, &mut class);
        self.scope.path.truncate(outer);
        let mut fields = fields?;
        let close = self.peek();
        self.position += 1;
        attributes.extend(self.behind_brace()?);
        self.report_unknown(&attributes);
        if let Some((name, span)) = twice(&fields) {
            let text = format!("the member `{name}` is declared twice");
            return Err(Diagnostic::syntax(span, text));
        }
        count_in_order(&mut fields);
        if attributes.packed.is_none() && close.is_none_or(|it| it.pack == 0) {
            self.use_tails(&mut fields, base_count);
        }
        if let Some(order) = attributes.order {
            fields.iter_mut().for_each(|it| set_order(&mut it.ctype, order));
        }
        let record = Arc::new(RecordDef {
            kind,
            tag: tag.as_ref().map(|it| it.0.to_string()),
            typedef: false,
            fields,
            packed: attributes.packed.is_some(),
            pragma_pack: close.map(|it| it.pack).filter(|&it| it > 0).map(u32::from),
            aligned: attributes.aligned,
            description,
            span: join(keyword, close),
        });
        let span = tag.as_ref().map_or(record.span, |it| it.1);
        self.scope.record(&record).map_err(|text| Diagnostic::syntax(span, text))?;
        if class.leaves_tail() {
            self.scope.tails.insert(Arc::as_ptr(&record));
        }
        if let Some((tag, span)) = tag {
            let user = !keyword.is_some_and(|it| it.system);
            let name = self.scope.qualify(&tag);
            self.define_tag(name.clone(), span, Tag::Record(record.clone()), user)?;
            self.scope.records.push(Declared { name, record: record.clone(), user });
        }
        Ok((Type::Known(CType::Record(record.clone())), Some(Defined::Record(record))))
    }

    /// Members up to the closing brace, behind those of base classes.
    fn body(
        &mut self,
        keyword: Option<&Token>,
        mut fields: Vec<FieldDef>,
        class: &mut Class,
    ) -> Parsed<Vec<FieldDef>> {
        while !self.peek().is_some_and(|it| it.is("}")) {
            if self.peek().is_none() {
                let open = keyword.map_or(self.end_span(), |it| it.span);
                return Err(Diagnostic::syntax(open, "the closing brace is missing"));
            }
            if !self.scope.cplusplus || !self.class_member(class)? {
                let initialised = self.members(&mut fields)?;
                class.member(initialised);
            }
        }
        if self.scope.cplusplus && fields.is_empty() {
            fields.push(empty_class());
        }
        Ok(fields)
    }

    pub fn tag(&mut self) -> Option<(Rc<str>, Span)> {
        let token = self.peek()?;
        let word = token.word()?;
        self.position += 1;
        Some((word.clone(), token.span))
    }

    /// Attributes behind the closing brace: gcc's belong to the type, those in `[[…]]` do not.
    pub fn behind_brace(&mut self) -> Parsed<Attributes> {
        let mut found = Attributes::default();
        loop {
            let mut one = Attributes::default();
            let standard = self.peek().is_some_and(|it| it.is("["));
            if !self.attribute(&mut one)? {
                return Ok(found);
            }
            if standard {
                self.report_ignored(&one);
                one.packed = None;
                one.aligned = None;
            }
            found.extend(one);
        }
    }

    pub fn define_tag(&mut self, name: Rc<str>, span: Span, tag: Tag, user: bool) -> Parsed<()> {
        let before = self.scope.tags.insert(name.clone(), (tag.clone(), user));
        let is_declared = matches!(&before, Some((Tag::Enum(it), _)) if it.enumerators.is_empty());
        if let Some((earlier, true)) = before.clone().filter(|_| !is_declared) {
            self.scope.tags.insert(name.clone(), (earlier, true));
            return Err(Diagnostic::syntax(span, format!("`{name}` is defined twice"))
                .help("is the header included twice without a guard?"));
        }
        if before.is_some() {
            self.scope.records.retain(|it| it.user || it.name != name);
        }
        Ok(())
    }

    /// One declaration of members; whether it gives values to any.
    fn members(&mut self, fields: &mut Vec<FieldDef>) -> Parsed<bool> {
        if self.take(";") {
            return Ok(false);
        }
        let start = self.position;
        if self.peek_word().is_some_and(|it| matches!(&**it, "_Static_assert" | "static_assert")) {
            self.position += 1;
            self.bracket()?;
            return self.expect(";").map(|()| false);
        }
        let specifiers = self.specifiers()?;
        if self.peek().is_some_and(|it| it.is(";")) {
            let said = self.tokens.get(start).map(|it| it.span);
            return self.unnamed_member(specifiers, said, fields).map(|()| false);
        }
        let described = self.tokens.get(start).and_then(|it| self.descriptions.before(it.span));
        let said = self.tokens.get(start).and_then(|it| self.descriptions.words_before(it.span));
        let mut initialised = false;
        loop {
            let mut field = self.member(start, &specifiers)?;
            if self.scope.cplusplus {
                let before = self.position;
                self.skip_initializer();
                initialised |= self.position > before;
            }
            let inside = self.descriptions.behind(self.previous_span());
            let said_inside = self.descriptions.words_behind(self.previous_span());
            let ends = self.take(";");
            if !ends && !self.take(",") {
                return Err(self.unexpected_name(start, "`;`"));
            }
            let behind = self.descriptions.behind(self.previous_span());
            field.notes.description = behind.or(inside).or_else(|| described.clone());
            let said_behind = self.descriptions.words_behind(self.previous_span());
            field.notes.words = said_behind.or(said_inside).or_else(|| said.clone());
            fields.push(field);
            if ends {
                return Ok(initialised);
            }
        }
    }

    /// `struct { … };` within a record: its members are the record's own.
    fn unnamed_member(
        &mut self,
        found: Specifiers,
        first: Option<Span>,
        fields: &mut Vec<FieldDef>,
    ) -> Parsed<()> {
        let anonymous = match &found.defined {
            Some(Defined::Record(record)) => record.tag.is_none(),
            Some(Defined::Enum(_)) => false,
            None if found.kind.is_some() => false,
            None => return Err(self.expected("a member's name")),
        };
        let inside = self.descriptions.words_behind(self.previous_span());
        self.position += 1;
        let behind = self.descriptions.words_behind(self.previous_span());
        let before = first.and_then(|it| self.descriptions.words_before(it));
        if let (true, Type::Known(ctype)) = (anonymous, found.ctype) {
            let span = match &ctype {
                CType::Record(record) => record.span,
                _ => found.span,
            };
            let (packed, aligned) = (found.attributes.packed.is_some(), found.attributes.aligned);
            let mut field = FieldDef { packed, aligned, span, ..FieldDef::new(None, ctype) };
            field.notes.words = behind.or(inside).or(before);
            fields.push(field);
        }
        Ok(())
    }

    fn member(&mut self, start: usize, specifiers: &Specifiers) -> Parsed<FieldDef> {
        let begin = self.peek();
        let declarator = self.declarator(specifiers.ctype.clone())?;
        let bits = if self.take(":") { Some(self.width(&declarator.name)?) } else { None };
        let end = self.previous_span();
        let mut attributes = specifiers.attributes.clone();
        attributes.extend(declarator.attributes);
        attributes.extend(self.attributes()?);
        self.report_unknown(&attributes);
        if declarator.name.is_none() && bits.is_none() {
            return Err(self.unexpected_name(start, "a member's name"));
        }
        let ctype = self.member_type(declarator.ctype, specifiers, declarator.name.as_ref())?;
        if bits.is_some() && !is_integral(&ctype) {
            return Err(Diagnostic::syntax(end, "a bit-field has an integer type"));
        }
        let span = begin.map_or(end, |it| it.span);
        Ok(FieldDef {
            name: declarator.name.map(|it| it.0.to_string()),
            ctype: attributes.apply(ctype, self.scope.abi),
            bits,
            packed: attributes.packed.is_some(),
            aligned: attributes.aligned,
            notes: FieldNotes {
                meaning: specifiers.meaning,
                description: None,
                words: None,
                counter: attributes.counter,
            },
            span: if span.file == end.file {
                Span { end: end.end.max(span.end), ..span }
            } else {
                span
            },
        })
    }

    /// What describes the declaration in which the keyword at a position stands.
    fn description_of(&self, keyword: usize) -> Option<Arc<str>> {
        let mut first = keyword;
        while let Some(before) = first.checked_sub(1)
            && let Some(word) = self.tokens.get(before).and_then(Token::word)
            && matches!(&**word, "typedef" | "extern" | "static" | "const" | "volatile")
        {
            first = before;
        }
        self.descriptions.before(self.tokens.get(first)?.span)
    }

    /// The width of a bit-field, bits.
    fn width(&mut self, name: &Option<(Rc<str>, Span)>) -> Parsed<u32> {
        let span = self.peek().map_or(self.end_span(), |it| it.span);
        let value = self.constant()?;
        if !(0..=MAX_BITS).contains(&value) {
            return Err(Diagnostic::syntax(span, format!("a bit-field cannot have {value} bits")));
        }
        if let (0, Some((name, _))) = (value, name) {
            return Err(Diagnostic::syntax(span, format!("the bit-field `{name}` has no bits")));
        }
        Ok(u32::try_from(value).unwrap_or(0))
    }

    /// The type of a member, which must be known here.
    fn member_type(
        &self,
        found: Type,
        specifiers: &Specifiers,
        name: Option<&(Rc<str>, Span)>,
    ) -> Parsed<CType> {
        let span = name.map_or(specifiers.span, |it| it.1);
        match self.scope.complete(found) {
            Type::Known(CType::Void) => Err(Diagnostic::syntax(span, "a member cannot be `void`")),
            Type::Known(ctype) => Ok(ctype),
            Type::Function => Err(Diagnostic::syntax(span, "a member cannot be a function")),
            Type::Incomplete(tag) => {
                let kind = specifiers.kind.or(Some(RecordKind::Struct));
                Err(self.scope.unknown_type(kind, &tag, specifiers.span))
            }
            Type::Unknown(name) => Err(self.scope.unknown_type(None, &name, specifiers.span)),
        }
    }
}

/// A name that two members have; those of anonymous records are the record's own.
fn twice(fields: &[FieldDef]) -> Option<(&str, Span)> {
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    member_names(fields, &mut names);
    names.into_iter().find(|(name, _)| !seen.insert(*name))
}

fn member_names<'f>(fields: &'f [FieldDef], names: &mut Vec<(&'f str, Span)>) {
    for field in fields {
        match (&field.name, field.ctype.record()) {
            (Some(name), _) => names.push((name, field.span)),
            (None, Some(inner)) => member_names(&inner.fields, names),
            (None, None) => {}
        }
    }
}

fn is_integral(ctype: &CType) -> bool {
    match ctype {
        CType::Int { .. } | CType::Enum(_) => true,
        CType::Aligned(inner, _) => is_integral(inner),
        _ => false,
    }
}

/// `__counted_by_be(n)` says the order of `n`, where its type does not.
fn count_in_order(fields: &mut [FieldDef]) {
    let counters: Vec<_> = fields.iter().filter_map(|it| it.notes.counter.clone()).collect();
    for counter in counters {
        let named = |it: &&mut FieldDef| it.name.as_deref() == Some(counter.member.as_str());
        if let (Some(order), Some(field)) = (counter.order, fields.iter_mut().find(named)) {
            set_order(&mut field.ctype, order);
        }
    }
}

/// `scalar_storage_order` reaches through arrays, not into nested records.
fn set_order(ctype: &mut CType, value: ByteOrder) {
    match ctype {
        CType::Int { order, .. } => *order = order.or(Some(value)),
        CType::Array(inner, _) | CType::Aligned(inner, _) => set_order(inner, value),
        _ => {}
    }
}

/// From one token to another of the same file.
pub(super) fn join(first: Option<&Token>, last: Option<&Token>) -> Span {
    match (first, last) {
        (Some(first), Some(last)) if first.span.file == last.span.file => {
            Span { end: last.span.end.max(first.span.end), ..first.span }
        }
        (Some(one), _) | (None, Some(one)) => one.span,
        (None, None) => Span::default(),
    }
}
