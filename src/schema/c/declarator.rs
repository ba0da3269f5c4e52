//! Declarators (C17 section 6.7.6): pointers, arrays, functions around a name.

use std::rc::Rc;

use super::super::ctype::{ArrayLen, CType};
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::attribute::Attributes;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::scope::Type;

/// A name, if there is one, and the type it gets.
#[derive(Debug)]
pub(super) struct Declarator {
    pub name: Option<(Rc<str>, Span)>,
    pub ctype: Type,
    /// Behind the name.
    pub attributes: Attributes,
}

impl Parser<'_> {
    /// Reads a declarator, of a name or abstract, for a thing of type `base`.
    pub fn declarator(&mut self, base: Type) -> Parsed<Declarator> {
        let mut attributes = Attributes::default();
        let base = self.pointers(base, &mut attributes)?;
        if self.is_grouped() {
            return self.grouped(base, attributes);
        }
        let name = self.name();
        let ctype = self.suffixes(base)?;
        self.trailing(&mut attributes)?;
        Ok(Declarator { name, ctype, attributes })
    }

    fn pointers(&mut self, mut base: Type, attributes: &mut Attributes) -> Parsed<Type> {
        loop {
            if self.take("*") || (self.scope.cplusplus && (self.take("&") || self.take("&&"))) {
                base = Type::Known(CType::Pointer);
            } else if self.peek_word().is_some_and(|it| self.is_qualifier(it)) {
                self.position += 1;
            } else if !self.attribute(attributes)? {
                return Ok(base);
            }
        }
    }

    /// A parenthesis that groups, and does not hold parameters.
    fn is_grouped(&self) -> bool {
        let Some([open, next]) = self.rest().get(..2) else { return false };
        open.is("(")
            && match &next.kind {
                TokenKind::Punct(it) => matches!(*it, "*" | "(" | "["),
                TokenKind::Word(it) => !self.begins_type(it),
                _ => false,
            }
    }

    /// `(*name)(…)`: what stands behind the parenthesis binds first.
    fn grouped(&mut self, base: Type, mut attributes: Attributes) -> Parsed<Declarator> {
        let inside = self.position + 1;
        self.bracket()?;
        let base = self.suffixes(base)?;
        self.trailing(&mut attributes)?;
        let end = self.position;
        self.position = inside;
        let mut found = self.nested(|it| it.declarator(base))?;
        self.expect(")")?;
        self.position = end;
        found.attributes.extend(attributes);
        Ok(found)
    }

    fn name(&mut self) -> Option<(Rc<str>, Span)> {
        let token = self.peek()?;
        let word = token.word().filter(|it| !is_keyword(it))?;
        self.position += 1;
        Some((word.clone(), token.span))
    }

    fn suffixes(&mut self, base: Type) -> Parsed<Type> {
        if self.peek().is_some_and(|it| it.is("(")) {
            self.bracket()?;
            return Ok(Type::Function);
        }
        let mut lens = Vec::new();
        while self.peek().is_some_and(|it| it.is("[")) && !self.is_standard_attribute() {
            let span = self.peek().map_or(self.end_span(), |it| it.span);
            lens.push((self.length()?, Span { end: self.previous_span().end, ..span }));
        }
        let mut ctype = base;
        for (len, span) in lens.into_iter().rev() {
            let Type::Known(element) = ctype else { return Ok(ctype) };
            if element == CType::Void || matches!(element, CType::Array(_, ArrayLen::Flexible)) {
                return Err(Diagnostic::syntax(span, "an array of elements without a size"));
            }
            let array = self.scope.array(element, len);
            ctype = Type::Known(array.map_err(|text| Diagnostic::syntax(span, text))?);
        }
        Ok(ctype)
    }

    fn is_standard_attribute(&self) -> bool {
        self.peek_at(1).is_some_and(|it| it.is("["))
    }

    /// `[N]` or `[]`.
    fn length(&mut self) -> Parsed<ArrayLen> {
        if self.skips_lengths {
            self.bracket()?;
            return Ok(ArrayLen::Flexible);
        }
        self.expect("[")?;
        if self.take("]") {
            return Ok(ArrayLen::Flexible);
        }
        let span = self.peek().map_or(self.end_span(), |it| it.span);
        let value = self.constant()?;
        self.expect("]")?;
        match u64::try_from(value) {
            Ok(len) => Ok(ArrayLen::Fixed(len)),
            Err(_) => {
                Err(Diagnostic::syntax(span, format!("an array cannot have {value} elements")))
            }
        }
    }

    /// `__asm__("name")` and attributes.
    fn trailing(&mut self, attributes: &mut Attributes) -> Parsed<()> {
        loop {
            if self.peek_word().is_some_and(|it| matches!(&**it, "__asm__" | "asm" | "__asm")) {
                self.position += 1;
                self.bracket()?;
            } else if !self.attribute(attributes)? {
                return Ok(());
            }
        }
    }
}

/// A word that names nothing.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "typedef"
            | "struct"
            | "union"
            | "enum"
            | "extern"
            | "static"
            | "inline"
            | "const"
            | "volatile"
            | "char"
            | "short"
            | "int"
            | "long"
            | "float"
            | "double"
            | "signed"
            | "unsigned"
            | "void"
            | "sizeof"
            | "return"
            | "if"
            | "else"
            | "for"
            | "while"
            | "do"
            | "switch"
            | "case"
            | "default"
            | "break"
            | "continue"
            | "goto"
            | "_Bool"
            | "_Static_assert"
            | "__attribute__"
            | "__asm__"
            | "_Alignas"
    )
}
