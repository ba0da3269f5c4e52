//! Declarations (C17 section 6.7), one after another, out of the preprocessor's tokens.
//!
//! A declaration that does not parse is one diagnostic; parsing goes on at the next one. What is no
//! type (prototypes, functions, variables) is skipped.

use std::rc::Rc;
use std::sync::Arc;

use super::super::ctype::CType;
use super::super::meaning::Meaning;
use super::super::source::Diagnostic;
use super::super::source::{Diagnostics, Parsed};
use super::attribute::Attributes;
use super::declarator::Declarator;
use super::description::Descriptions;
use super::lexer::{Token, TokenKind};
use super::record::Defined;
use super::recovery::{begins_declaration, looks_like_attribute, means_packed};
use super::scope::{Declared, Scope, Type};
use super::specifiers::{Specifiers, Storage};

/// Where in the tokens the parser is, and what it has learnt.
pub(super) struct Parser<'t> {
    pub tokens: &'t [Token],
    pub position: usize,
    pub scope: Scope,
    pub diagnostics: Diagnostics,
    pub descriptions: Descriptions,
    /// Records and parentheses that are open.
    pub depth: u32,
    /// `extern "C" {` and `namespace x {` that are open: how long [`Scope::path`] was before.
    pub open: Vec<usize>,
    /// Within a declaration whose array lengths do not matter.
    pub skips_lengths: bool,
}

impl<'t> Parser<'t> {
    pub fn new(
        tokens: &'t [Token],
        diagnostics: Diagnostics,
        scope: Scope,
        descriptions: Descriptions,
    ) -> Self {
        Self {
            tokens,
            position: 0,
            scope,
            diagnostics,
            descriptions,
            depth: 0,
            open: Vec::new(),
            skips_lengths: false,
        }
    }

    /// Parses all declarations.
    pub fn run(&mut self) {
        let mut recovered = false;
        while self.position < self.tokens.len() {
            let start = self.position;
            if recovered && self.take("}") {
                continue;
            }
            self.depth = 0;
            self.skips_lengths = false;
            let outcome = self.external();
            recovered = outcome.is_err();
            if let Err(error) = outcome {
                self.recover(start);
                if !self.loses_no_type(start) && !self.is_function(start) {
                    self.diagnostics.push(error);
                }
            }
            // Whatever happens, each round reads a token.
            self.position = self.position.max(start + 1);
        }
    }

    /// One declaration at the top level.
    fn external(&mut self) -> Parsed<()> {
        let Some(token) = self.peek() else { return Ok(()) };
        if self.take(";") {
            return Ok(());
        }
        if !self.open.is_empty() && self.take("}") {
            let before = self.open.pop().unwrap_or_default();
            self.scope.path.truncate(before);
            return Ok(());
        }
        let word = token.word().map_or("", |it| it);
        match word {
            "extern" if matches!(self.peek_at(1).map(|it| &it.kind), Some(TokenKind::Text(_))) => {
                self.position += 2;
                if self.take("{") {
                    self.open.push(self.scope.path.len());
                }
                Ok(())
            }
            "_Static_assert" | "static_assert" | "__asm__" | "asm" | "__asm" => {
                self.position += 1;
                while self.peek().is_some_and(|it| it.word().is_some()) {
                    self.position += 1;
                }
                self.bracket()?;
                self.expect(";")
            }
            _ if self.scope.cplusplus && self.class_declaration()? => Ok(()),
            _ => self.declaration(),
        }
    }

    pub fn declaration(&mut self) -> Parsed<()> {
        let start = self.position;
        let mut specifiers = self.specifiers()?;
        if specifiers.defined.is_some() {
            self.report_ignored(&specifiers.attributes);
        }
        if self.take(";") {
            return Ok(());
        }
        if self.lacks_semicolon(&specifiers) {
            let text = "expected `;` behind the closing brace";
            self.diagnostics.push(Diagnostic::syntax(self.previous_span(), text));
            return Ok(());
        }
        self.skips_lengths = specifiers.storage != Storage::Typedef;
        loop {
            let declarator = self.declarator(specifiers.ctype.clone())?;
            if declarator.ctype == Type::Function && self.function_body()? {
                return Ok(());
            }
            let initialiser = self.position;
            self.skip_initializer();
            if specifiers.constant {
                self.take_constant(&declarator, initialiser);
            }
            if !self.peek().is_some_and(|it| it.is(";") || it.is(",")) {
                return Err(self.unexpected_name(start, "`;`"));
            }
            self.declare(&mut specifiers, declarator)?;
            if self.take(";") {
                return Ok(());
            }
            self.position += 1;
        }
    }

    /// The body of a function, with what stands before it: declarations of its parameters (C89), or
    /// what C++ has there. `false` where there is none.
    fn function_body(&mut self) -> Parsed<bool> {
        let next = self.peek();
        if next.is_none_or(|it| it.is(";") || it.is(",") || it.is("=")) {
            return Ok(false);
        }
        let start = self.position;
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Punct("{") => {
                    self.bracket()?;
                    return Ok(true);
                }
                TokenKind::Punct("(" | "[") => {
                    self.bracket()?;
                }
                TokenKind::Punct("}") => break,
                TokenKind::Punct(";") if self.scope.cplusplus => break,
                _ => self.position += 1,
            }
        }
        self.position = start;
        Ok(false)
    }

    /// `constexpr int n = 4`: the name stands for its value.
    fn take_constant(&mut self, declarator: &Declarator, initialiser: usize) {
        let Some((name, _)) = &declarator.name else { return };
        let tokens = self.tokens.get(initialiser..self.position).unwrap_or_default();
        let value = match tokens {
            [open, inside @ .., close] if open.is("{") && close.is("}") => inside,
            [equals, rest @ ..] if equals.is("=") => rest,
            _ => return,
        };
        if let Ok(value) = self.constant_in(value) {
            let name = self.scope.qualify(name);
            self.scope.enumerator_order.push(name.clone());
            self.scope.enumerators.insert(name, value);
        }
    }

    /// Takes in one declarator of a typedef; of a variable, only the trap that it may be.
    fn declare(&mut self, specifiers: &mut Specifiers, declarator: Declarator) -> Parsed<()> {
        let Some((name, span)) = declarator.name else { return Err(self.expected("a name")) };
        let unpacked = specifiers.is_unpacked_record();
        if specifiers.storage != Storage::Typedef {
            if unpacked && looks_like_attribute(&name) {
                self.report_undefined(&name, span, "variable");
            }
            return Ok(());
        }
        if unpacked && means_packed(&name) {
            self.report_undefined(&name, span, "type");
        }
        self.report_unknown(&declarator.attributes);
        self.report_ignored(&declarator.attributes);
        let mut attributes = specifiers.attributes.clone();
        attributes.extend(declarator.attributes);
        let named = self.name_anonymous(&name, specifiers, declarator.ctype);
        self.typedef(name, named, &attributes, specifiers.meaning);
        Ok(())
    }

    /// `struct s { … }` and then, on another line, the next declaration: the record stands, and
    /// only the semicolon is missing.
    fn lacks_semicolon(&self, specifiers: &Specifiers) -> bool {
        let next = self.peek().is_none_or(|it| it.first_on_line && begins_declaration(it));
        next && specifiers.defined.is_some() && specifiers.storage != Storage::Typedef
    }

    fn typedef(
        &mut self,
        name: Rc<str>,
        ctype: Type,
        attributes: &Attributes,
        meaning: Option<Meaning>,
    ) {
        let ctype = match ctype {
            Type::Known(it) => {
                let it = attributes.apply(it, self.scope.abi);
                Type::Known(match attributes.aligned {
                    Some(align) => CType::Aligned(Box::new(it), align),
                    None => it,
                })
            }
            other => other,
        };
        if let Some(meaning) = Meaning::of_typedef(&name).or(meaning) {
            self.scope.meanings.insert(name.clone(), meaning);
        }
        let name = self.scope.qualify(&name);
        self.scope.declare(name, ctype);
    }

    /// A record or enum without a tag is known by its typedef.
    fn name_anonymous(&mut self, name: &Rc<str>, specifiers: &mut Specifiers, ctype: Type) -> Type {
        match (&specifiers.defined, &ctype) {
            (Some(Defined::Record(record)), Type::Known(CType::Record(same)))
                if Arc::ptr_eq(record, same) && record.tag.is_none() =>
            {
                let mut named = (**record).clone();
                named.tag = Some(name.to_string());
                named.typedef = true;
                let named = Arc::new(named);
                // It was taken in before, under no name; this cannot fail where that did not.
                let _ = self.scope.record(&named);
                let declared = Declared {
                    name: self.scope.qualify(name),
                    record: named.clone(),
                    user: !specifiers.system,
                };
                self.scope.records.push(declared);
                let ctype = Type::Known(CType::Record(named.clone()));
                specifiers.defined = Some(Defined::Record(named));
                specifiers.ctype = ctype.clone();
                ctype
            }
            (Some(Defined::Enum(names)), Type::Known(CType::Enum(same)))
                if Arc::ptr_eq(names, same) && names.tag.is_none() =>
            {
                let mut named = (**names).clone();
                named.tag = Some(name.to_string());
                let named = Arc::new(named);
                let ctype = Type::Known(CType::Enum(named.clone()));
                specifiers.defined = Some(Defined::Enum(named));
                specifiers.ctype = ctype.clone();
                ctype
            }
            _ => ctype,
        }
    }

    pub fn skip_initializer(&mut self) {
        if self.scope.cplusplus && self.peek().is_some_and(|it| it.is("{")) {
            let _ = self.bracket();
            return;
        }
        if !self.take("=") {
            return;
        }
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Punct(";" | ",") => return,
                TokenKind::Punct("(" | "[" | "{") if self.bracket().is_ok() => {}
                _ => self.position += 1,
            }
        }
    }
}
