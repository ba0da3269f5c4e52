//! `#if` and its kin (C17 section 6.10.1).

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;
use super::super::ctype::CType;
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::attribute::is_known;
use super::expression::{self, Names};
use super::include;
use super::lexer::expected;
use super::lexer::{Token, TokenKind};
use super::macros::{Macros, is_operator};
use super::preprocess::Preprocessor;

/// An `#if` that is open.
pub(super) struct Condition {
    pub span: Span,
    /// The lines that follow count.
    pub active: bool,
    /// A branch was taken, or the whole `#if` does not count.
    pub decided: bool,
    /// One of its branches is for machines of one byte order.
    pub by_byte_order: bool,
}

impl Preprocessor {
    /// `#if` and its kin; `false` where the directive is another.
    pub fn conditional(&mut self, word: &str, span: Span, line: &[Token]) -> Parsed<bool> {
        match word {
            "if" | "ifdef" | "ifndef" => {
                let outer = self.active();
                let value = if outer { self.condition(word, span, line) } else { Ok(false) };
                let active = *value.as_ref().unwrap_or(&false);
                let decided = active || !outer;
                let by_byte_order = asks_byte_order(line);
                self.conditions.push(Condition { span, active, decided, by_byte_order });
                value?;
            }
            "elif" | "elifdef" | "elifndef" => {
                let decided = self.conditions.last().is_none_or(|it| it.decided);
                let value = if decided {
                    Ok(false)
                } else {
                    self.condition(word.trim_start_matches("el"), span, line)
                };
                let Some(last) = self.conditions.last_mut() else {
                    return Err(Diagnostic::syntax(span, format!("`#{word}` without `#if`")));
                };
                last.active = *value.as_ref().unwrap_or(&false);
                last.decided |= last.active;
                last.by_byte_order |= asks_byte_order(line);
                value?;
            }
            "else" => match self.conditions.last_mut() {
                Some(last) => {
                    last.active = !last.decided;
                    last.decided = true;
                }
                None => return Err(Diagnostic::syntax(span, "`#else` without `#if`")),
            },
            "endif" => match self.conditions.pop() {
                Some(closed) if closed.by_byte_order && closed.span.file == span.file => {
                    self.by_byte_order.push(Span { end: span.end, ..closed.span });
                }
                Some(_) => {}
                None => return Err(Diagnostic::syntax(span, "`#endif` without `#if`")),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn condition(&mut self, word: &str, span: Span, line: &[Token]) -> Parsed<bool> {
        let named = line.first().and_then(Token::word);
        match word {
            "ifdef" => Ok(named.is_some_and(|it| self.macros.is_defined(it))),
            "ifndef" => Ok(named.is_some_and(|it| !self.macros.is_defined(it))),
            _ => {
                let line = self.queries(line);
                let tokens = self.expand(&line);
                // Macros may have made further ones.
                let tokens = self.queries(&tokens);
                let mut names = Directive { abi: self.abi, macros: &self.macros };
                let (value, used) = expression::evaluate(&tokens, span, &mut names)?;
                match tokens.get(used) {
                    Some(_) => Err(expected("the line's end", tokens.get(used), span)),
                    None => Ok(value.value != 0),
                }
            }
        }
    }

    /// Replaces `defined X`, `__has_include(X)` and the like by numbers.
    fn queries(&mut self, mut line: &[Token]) -> Vec<Token> {
        let mut output = Vec::new();
        while let Some((token, rest)) = line.split_first() {
            line = rest;
            let word = token.word().map_or("", |it| it);
            if word != "defined" && !is_operator(word) {
                output.push(token.clone());
                continue;
            }
            let bracketed = rest.first().is_some_and(|it| it.is("("));
            if !bracketed && word != "defined" {
                output.push(token.clone());
                continue;
            }
            let len =
                if bracketed { expression::balanced_len(rest).unwrap_or(rest.len()) } else { 1 };
            let inside = if bracketed { 1..len.saturating_sub(1) } else { 0..1 };
            let inside = rest.get(inside).unwrap_or_default();
            let value = self.query(word, inside, token.span.file);
            line = rest.get(len..).unwrap_or_default();
            let kind = TokenKind::Number(value.to_string().into());
            output.push(Token { kind, painted: true, ..token.clone() });
        }
        output
    }

    /// The value of one of these operators.
    fn query(&mut self, operator: &str, operand: &[Token], file: u32) -> u32 {
        let name = operand.last().and_then(Token::word);
        let yes = match operator {
            "defined" => name.is_some_and(|it| self.macros.is_defined(it)),
            "__has_include" | "__has_include_next" => {
                let operand = if operand.first().is_some_and(|it| it.word().is_some()) {
                    self.expand(operand)
                } else {
                    operand.to_vec()
                };
                let next = operator == "__has_include_next";
                let included = include::named(&operand, &self.sources, next);
                included.is_some_and(|it| self.sources.has(&it, file))
            }
            "__has_attribute" => name.is_some_and(|it| is_known(it)),
            "__has_builtin" => name.is_some_and(|it| it.starts_with("__builtin_")),
            _ => {
                return name.filter(|it| is_known(it)).map_or(0, |it| match it.trim_matches('_') {
                    "nodiscard" | "maybe_unused" | "deprecated" | "fallthrough" | "noreturn" => {
                        202_311
                    }
                    _ => 1,
                });
            }
        };
        yes.into()
    }
}

/// Whether a condition is about byte order, by the names that compilers and systems have for it:
/// `__BYTE_ORDER__`, `__LITTLE_ENDIAN_BITFIELD`, `WORDS_BIGENDIAN`, `_BIT_FIELDS_HTOL`. What keeps a file
/// from being read twice ends in `_H` and is none.
fn asks_byte_order(line: &[Token]) -> bool {
    const NAMES: [&str; 3] = ["ENDIAN", "BYTE_ORDER", "BIT_FIELDS"];
    let is_one = |it: &str| NAMES.iter().any(|name| it.contains(name));
    let is_guard = |it: &str| it.trim_end_matches('_').ends_with("_H");
    line.iter().filter_map(Token::word).any(|it| is_one(it) && !is_guard(it))
}

/// Names in `#if`: what is no macro is zero.
struct Directive<'m> {
    abi: Abi,
    macros: &'m Macros,
}

impl Names for Directive<'_> {
    fn constant(&self, name: &str) -> Option<i128> {
        match name {
            "BYTE_ORDER" if self.abi.byte_order() == ByteOrder::Big => Some(4321),
            "BYTE_ORDER" | "LITTLE_ENDIAN" => Some(1234),
            "BIG_ENDIAN" => Some(4321),
            "true" | "linux" | "unix" => Some(1),
            _ => Some(self.macros.ambient(name).unwrap_or(0)),
        }
    }

    fn type_name(&mut self, _: &[Token]) -> Option<CType> {
        None
    }

    fn type_of(&mut self, _: &[Token]) -> Option<CType> {
        None
    }

    fn offset_of(&mut self, _: &[Token]) -> Option<u64> {
        None
    }

    fn address_of(&mut self, _: &[Token]) -> Option<u64> {
        None
    }

    fn unknown(&self, name: &str, span: Span) -> Box<Diagnostic> {
        Diagnostic::syntax(span, format!("`{name}` has no value"))
    }

    fn abi(&self) -> Abi {
        self.abi
    }
}
