//! `#if` and its kin (C17 section 6.10.1).

use super::super::ctype::CType;
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::expression::{self, Names};
use super::lexer::expected;
use super::lexer::{Token, TokenKind};
use super::preprocess::Preprocessor;

/// An `#if` that is open.
pub(super) struct Condition {
    pub span: Span,
    /// The lines that follow count.
    pub active: bool,
    /// A branch was taken, or the whole `#if` does not count.
    pub decided: bool,
}

impl Preprocessor {
    /// `#if` and its kin; `false` where the directive is another.
    pub fn conditional(&mut self, word: &str, span: Span, line: &[Token]) -> Parsed<bool> {
        match word {
            "if" | "ifdef" | "ifndef" => {
                let outer = self.active();
                let value = if outer { self.condition(word, span, line) } else { Ok(false) };
                let active = *value.as_ref().unwrap_or(&false);
                self.conditions.push(Condition { span, active, decided: active || !outer });
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
                value?;
            }
            "else" => match self.conditions.last_mut() {
                Some(last) => {
                    last.active = !last.decided;
                    last.decided = true;
                }
                None => return Err(Diagnostic::syntax(span, "`#else` without `#if`")),
            },
            "endif" => {
                if self.conditions.pop().is_none() {
                    return Err(Diagnostic::syntax(span, "`#endif` without `#if`"));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn condition(&mut self, word: &str, span: Span, line: &[Token]) -> Parsed<bool> {
        let named = line.first().and_then(Token::word);
        match word {
            "ifdef" => Ok(named.is_some_and(|it| self.macros.0.contains_key(it))),
            "ifndef" => Ok(named.is_some_and(|it| !self.macros.0.contains_key(it))),
            _ => {
                let line = self.queries(line);
                let tokens = self.expand(&line);
                let (value, used) = expression::evaluate(&tokens, span, &mut Directive)?;
                match tokens.get(used) {
                    Some(_) => Err(expected("the line's end", tokens.get(used), span)),
                    None => Ok(value.value != 0),
                }
            }
        }
    }

    /// Replaces `defined X`, `__has_include(X)` and the like by numbers.
    fn queries(&self, mut line: &[Token]) -> Vec<Token> {
        let mut output = Vec::new();
        while let Some((token, rest)) = line.split_first() {
            line = rest;
            let word = token.word().map_or("", |it| it);
            if word != "defined" && !word.starts_with("__has_") {
                output.push(token.clone());
                continue;
            }
            let bracketed = rest.first().is_some_and(|it| it.is("("));
            let len =
                if bracketed { expression::balanced_len(rest).unwrap_or(rest.len()) } else { 1 };
            let name = rest.get(usize::from(bracketed)).and_then(Token::word);
            let yes = match word {
                "defined" => name.is_some_and(|it| self.macros.0.contains_key(it)),
                "__has_attribute" => true,
                _ => false,
            };
            line = rest.get(len..).unwrap_or_default();
            let kind = TokenKind::Number(if yes { "1" } else { "0" }.into());
            output.push(Token { kind, ..token.clone() });
        }
        output
    }
}

/// Names in `#if`: what is no macro is zero.
struct Directive;

impl Names for Directive {
    fn constant(&self, name: &str) -> Option<i128> {
        match name {
            "BYTE_ORDER" | "LITTLE_ENDIAN" => Some(1234),
            "BIG_ENDIAN" => Some(4321),
            _ => Some(i128::from(name == "true")),
        }
    }

    fn type_name(&mut self, _: &[Token]) -> Option<CType> {
        None
    }

    fn unknown(&self, name: &str, span: Span) -> Box<Diagnostic> {
        Diagnostic::syntax(span, format!("`{name}` has no value"))
    }
}
