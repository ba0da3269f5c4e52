//! Methods and other declarations of C++ that have no fields: where they begin and end.

use super::super::source::Parsed;
use super::lexer::{Token, TokenKind};
use super::parser::Parser;

impl Parser<'_> {
    /// Whether parameters follow the name that is declared here: `int f(`, `Name(`, `~Name(`,
    /// `operator==(`; and not `int (*f)(`.
    pub fn is_method(&self) -> bool {
        let mut tokens = self.rest().iter().peekable();
        let mut previous: Option<&Token> = None;
        while let Some(token) = tokens.next() {
            match &token.kind {
                TokenKind::Word(word) if &**word == "operator" => return true,
                TokenKind::Punct("~") => return true,
                TokenKind::Punct(";" | "{" | "}" | "=" | ":" | ",") => return false,
                TokenKind::Punct("(") => {
                    let is_attribute = previous.and_then(|it| it.word()).is_none_or(|it| {
                        matches!(
                            &**it,
                            "__attribute__" | "alignas" | "_Alignas" | "decltype" | "__declspec"
                        )
                    });
                    let groups = tokens.peek().is_some_and(|it| it.is("*") || it.is("&"));
                    if !is_attribute {
                        return !groups;
                    }
                    skip_to(&mut tokens, ")");
                }
                TokenKind::Punct("[") => skip_to(&mut tokens, "]"),
                _ => {}
            }
            previous = Some(token);
        }
        false
    }

    /// A method with its body, or without one; a constructor's list of members may hold braces.
    pub fn skip_method(&mut self) -> Parsed<()> {
        let mut initialises = false;
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Punct(";") => {
                    self.position += 1;
                    return Ok(());
                }
                TokenKind::Punct("{") => {
                    let names = self.position.checked_sub(1).and_then(|it| self.tokens.get(it));
                    let of_member = initialises && names.is_some_and(|it| it.word().is_some());
                    self.bracket()?;
                    if !of_member {
                        self.take(";");
                        return Ok(());
                    }
                }
                TokenKind::Punct("(" | "[") => {
                    self.bracket()?;
                }
                TokenKind::Punct("}") => return Ok(()),
                TokenKind::Punct(":") => {
                    initialises = true;
                    self.position += 1;
                }
                _ => self.position += 1,
            }
        }
        Ok(())
    }

    /// To behind the semicolon, or behind a body and the semicolon that may follow it.
    pub fn skip_declaration(&mut self) -> Parsed<()> {
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Punct(";") => {
                    self.position += 1;
                    return Ok(());
                }
                TokenKind::Punct("{") => {
                    self.bracket()?;
                    self.take(";");
                    return Ok(());
                }
                TokenKind::Punct("(" | "[") => {
                    self.bracket()?;
                }
                TokenKind::Punct("}") => return Ok(()),
                _ => self.position += 1,
            }
        }
        Ok(())
    }
}

/// Goes behind the bracket that closes the one that was read last.
fn skip_to<'t>(tokens: &mut impl Iterator<Item = &'t Token>, close: &str) {
    let open = if close == ")" { "(" } else { "[" };
    let mut depth = 1usize;
    for token in tokens {
        if token.is(open) {
            depth += 1;
        } else if token.is(close) {
            depth -= 1;
        }
        if depth == 0 {
            return;
        }
    }
}
