//! Enums (C17 section 6.7.2.2; C23 section 6.7.3.3 for those of a declared type).

use std::sync::Arc;

use super::super::ctype::{CType, EnumDef, Enumerator, IntKind};
use super::super::source::Parsed;
use super::attribute::Attributes;
use super::parser::Parser;
use super::record::{Defined, join};
use super::scope::{Tag, Type};

impl Parser<'_> {
    /// `enum`, with or without a body.
    pub fn enumeration(&mut self) -> Parsed<(Type, Option<Defined>)> {
        let start = self.position;
        let keyword = self.peek();
        self.position += 1;
        let is_scoped = self.scope.cplusplus
            && self.peek_word().is_some_and(|it| matches!(&**it, "class" | "struct"));
        self.position += usize::from(is_scoped);
        let mut attributes = self.attributes()?;
        let tag = self.tag();
        attributes.extend(self.attributes()?);
        // `enum color : 3;` is an unnamed bit-field; a type follows where the colon gives one.
        let typed = self.peek_at(1).is_some_and(|it| it.word().is_some());
        let underlying =
            if typed && self.take(":") { Some(self.specifiers()?.ctype) } else { None };
        if !self.take("{") {
            let Some((tag, _)) = tag else { return Err(self.unexpected_name(start, "`{`")) };
            if let Some(kind) = integer(underlying.as_ref()).or(is_scoped.then_some(IntKind::Int)) {
                self.declare_enum(&tag, kind, join(keyword, keyword));
            }
            return Ok((self.scope.complete(Type::Incomplete(tag)), None));
        }
        let outer = self.scope.path.len();
        if let Some((tag, _)) = tag.as_ref().filter(|_| is_scoped) {
            self.scope.path.push(tag.clone());
        }
        let enumerators = self.enumerators();
        self.scope.path.truncate(outer);
        let enumerators = enumerators?;
        let close = self.peek();
        self.expect("}")?;
        attributes.extend(self.behind_brace()?);
        self.report_unknown(&attributes);
        let underlying = integer(underlying.as_ref()).or(is_scoped.then_some(IntKind::Int));
        let names = Arc::new(EnumDef {
            tag: tag.as_ref().map(|it| it.0.to_string()),
            enumerators,
            packed: attributes.packed.is_some(),
            underlying,
            span: join(keyword, close),
        });
        if let Some((tag, span)) = tag {
            let user = !keyword.is_some_and(|it| it.system);
            let tag = self.scope.qualify(&tag);
            self.define_tag(tag, span, Tag::Enum(names.clone()), user)?;
        }
        let ctype = Type::Known(CType::Enum(names.clone()));
        Ok((ctype, Some(Defined::Enum(names))))
    }

    fn enumerators(&mut self) -> Parsed<Vec<Enumerator>> {
        let mut list = Vec::new();
        let mut next = 0i128;
        while !self.peek().is_some_and(|it| it.is("}")) {
            let Some(name) = self.peek_word().cloned() else {
                return Err(self.expected("an enumerator's name"));
            };
            self.position += 1;
            let mut ignored = Attributes::default();
            while self.attribute(&mut ignored)? {}
            let value = if self.take("=") { self.constant()? } else { next };
            next = value.saturating_add(1);
            let qualified = self.scope.qualify(&name);
            self.scope.enumerator_order.push(qualified.clone());
            self.scope.enumerators.insert(qualified, value);
            list.push(Enumerator { name: name.to_string(), value });
            if !self.take(",") && !self.peek().is_some_and(|it| it.is("}")) {
                let error = self.expected("`,` or `}`");
                return Err(match self.peek() {
                    Some(it) if it.is(";") => error.help("commas separate the names of an enum"),
                    _ => error,
                });
            }
        }
        Ok(list)
    }
}

/// The integer type that an enum is declared with.
fn integer(underlying: Option<&Type>) -> Option<IntKind> {
    match underlying {
        Some(Type::Known(CType::Int { kind, .. })) => Some(*kind),
        _ => None,
    }
}
