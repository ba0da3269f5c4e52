//! How the parser moves over its tokens, and evaluates those that are constants.

use super::lexer::expected;
use std::rc::Rc;

use super::super::abi::Abi;
use super::super::ctype::CType;
use super::super::source::{Diagnostic, Span};
use super::super::source::{Diagnostics, Parsed};
use super::description::Descriptions;
use super::expression::{self, Names};
use super::lexer::Token;
use super::parser::Parser;
use super::scope::Type;
use super::substitute::spelling;

/// How deep records and declarators may nest.
const MAX_DEPTH: u32 = 48;

impl<'t> Parser<'t> {
    pub fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.position)
    }

    pub fn peek_at(&self, ahead: usize) -> Option<&'t Token> {
        self.tokens.get(self.position + ahead)
    }

    pub fn peek_word(&self) -> Option<&'t Rc<str>> {
        self.peek()?.word()
    }

    pub fn rest(&self) -> &'t [Token] {
        self.tokens.get(self.position..).unwrap_or_default()
    }

    pub fn take(&mut self, punct: &str) -> bool {
        let found = self.peek().is_some_and(|it| it.is(punct));
        self.position += usize::from(found);
        found
    }

    pub fn expect(&mut self, punct: &str) -> Parsed<()> {
        if self.take(punct) { Ok(()) } else { Err(self.expected(&format!("`{punct}`"))) }
    }

    pub fn expected(&self, what: &str) -> Box<Diagnostic> {
        expected(what, self.peek(), self.end_span())
    }

    pub fn previous_span(&self) -> Span {
        let previous = self.position.checked_sub(1).and_then(|it| self.tokens.get(it));
        previous.map(|it| it.span).unwrap_or_default()
    }

    /// The end of the text.
    pub fn end_span(&self) -> Span {
        self.tokens.last().map(|it| Span { start: it.span.end, ..it.span }).unwrap_or_default()
    }

    /// Skips what is in the bracket that opens here; gives what is within.
    pub fn bracket(&mut self) -> Parsed<&'t [Token]> {
        let rest = self.rest();
        let opens = |it: &&Token| ["(", "[", "{"].iter().any(|open| it.is(open));
        let Some(open) = rest.first().filter(opens) else { return Err(self.expected("`(`")) };
        let Some(len) = expression::balanced_len(rest) else {
            return Err(Diagnostic::syntax(open.span, format!("this {open} is never closed")));
        };
        self.position += len;
        Ok(rest.get(1..len - 1).unwrap_or_default())
    }

    /// What was read from `start` on, as text.
    pub fn text_from(&self, start: usize) -> String {
        spelling(self.tokens.get(start..self.position).unwrap_or_default())
    }

    /// Runs `parse` one level deeper.
    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Diagnostic::syntax(
                self.peek().map_or(self.end_span(), |it| it.span),
                "declarations nest too deeply",
            ));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}

/// Constants.
impl Parser<'_> {
    /// The constant expression that stands here.
    pub fn constant(&mut self) -> Parsed<i128> {
        let end = self.end_span();
        let rest = self.rest();
        let (value, used) = expression::evaluate(rest, end, self)?;
        self.position += used;
        Ok(value.value)
    }

    /// The constant expression that `tokens` are.
    pub fn constant_in(&mut self, tokens: &[Token]) -> Parsed<i128> {
        let end = tokens.last().map_or(self.end_span(), |it| it.span);
        let (value, used) = expression::evaluate(tokens, end, self)?;
        match tokens.get(used) {
            Some(token) => Err(expected("`)`", Some(token), end)),
            None => Ok(value.value),
        }
    }

    /// The type that `tokens` name, if they name one.
    pub fn type_of(&mut self, tokens: &[Token]) -> Option<CType> {
        let first = tokens.first()?.word()?;
        let qualified = self.scope.cplusplus && tokens.get(1).is_some_and(|it| it.is("::"));
        if !self.begins_type(first) && !qualified {
            return None;
        }
        let scope = std::mem::take(&mut self.scope);
        let mut inner = Parser::new(tokens, Diagnostics::default(), scope, Descriptions::default());
        inner.depth = self.depth + 1;
        let parsed = inner.nested(|it| {
            let specifiers = it.specifiers()?;
            it.declarator(specifiers.ctype)
        });
        let complete = inner.position == tokens.len();
        self.scope = inner.scope;
        match self.scope.complete(parsed.ok()?.ctype) {
            Type::Known(ctype) if complete => Some(ctype),
            _ => None,
        }
    }
}

impl Names for Parser<'_> {
    fn constant(&self, name: &str) -> Option<i128> {
        self.scope.constant(name)
    }

    fn type_of(&mut self, tokens: &[Token]) -> Option<CType> {
        self.type_of_expression(tokens)
    }

    fn offset_of(&mut self, tokens: &[Token]) -> Option<u64> {
        Parser::offset_of(self, tokens)
    }

    fn address_of(&mut self, tokens: &[Token]) -> Option<u64> {
        Parser::address_of(self, tokens)
    }

    fn abi(&self) -> Abi {
        self.scope.abi
    }

    fn type_name(&mut self, tokens: &[Token]) -> Option<CType> {
        self.type_of(tokens)
    }

    fn unknown(&self, name: &str, span: Span) -> Box<Diagnostic> {
        if self.begins_type(name) {
            return Diagnostic::syntax(span, format!("expected a value, found `{name}`"));
        }
        self.scope.lacking.borrow_mut().push((name.to_owned(), span));
        let error = Diagnostic::syntax(span, format!("`{name}` is not defined"));
        error.help(format!("give it a value: -D {name}=VALUE"))
    }
}
