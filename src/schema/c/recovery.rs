//! What is said of a declaration that does not parse, and where the next one begins.

use super::super::source::{Code, Diagnostic, Span};
use super::lexer::{Token, TokenKind};
use super::parser::Parser;

impl Parser<'_> {
    /// `struct s { … } PACKED;` declares a variable named `PACKED`.
    pub fn report_undefined(&mut self, name: &str, span: Span, what: &str) {
        let text = format!("`{name}` is not defined, so this declares a {what} of that name");
        let error = Diagnostic::error(Code::UnknownAttribute, span, text);
        self.diagnostics.push(error.help(define(name)));
    }

    /// Something else stands where `what` should; an undefined macro before it may be why.
    pub fn unexpected_name(&self, start: usize, what: &str) -> Box<Diagnostic> {
        let error = self.expected(what);
        let start = start.max(self.position.saturating_sub(2));
        let culprit = self
            .tokens
            .get(start..=self.position)
            .unwrap_or_default()
            .iter()
            .rev()
            .filter_map(Token::word)
            .find(|it| looks_like_attribute(it) && self.scope.named(it).is_none());
        match culprit {
            Some(culprit) if error.help.is_none() => {
                error.help(format!("`{culprit}` is not defined; {}", define(culprit)))
            }
            _ => error,
        }
    }

    /// A prototype with macros that are not defined, such as `API int f(void);`: no type is lost
    /// with it.
    pub fn is_prototype(&self, start: usize) -> bool {
        let tokens = self.tokens.get(start..self.position).unwrap_or_default();
        let odd = |it: &Token| {
            let word = it.word().is_some_and(|it| matches!(&**it, "typedef" | "template"));
            word || it.is("{") || it.is("::") || matches!(it.kind, TokenKind::Stray(_))
        };
        matches!(tokens, [.., close, end] if close.is(")") && end.is(";"))
            && !tokens.iter().any(odd)
    }

    /// A function of C++ that is not understood, such as an operator or a method: no type is lost
    /// with it.
    pub fn is_function(&self, start: usize) -> bool {
        let tokens = self.tokens.get(start..self.position).unwrap_or_default();
        let head = tokens.iter().take_while(|it| !it.is("{") && !it.is(";"));
        let is_odd = |it: &Token| {
            it.word().is_some_and(|it| {
                matches!(&**it, "struct" | "class" | "union" | "enum" | "typedef" | "using")
            })
        };
        let head: Vec<_> = head.collect();
        self.scope.cplusplus
            && head.iter().any(|it| it.is("("))
            && !head.first().is_some_and(|it| is_odd(it))
    }

    /// Goes to where the next declaration begins: behind this one's semicolon or body, or to a
    /// keyword in a line's first column behind the mistake.
    pub fn recover(&mut self, start: usize) {
        let mistake = self.position;
        let mut depth = 0usize;
        self.position = start;
        while let Some(token) = self.peek() {
            let column = !token.spaced && token.first_on_line;
            if self.position > mistake.max(start) && column && begins_declaration(token) {
                return;
            }
            self.position += 1;
            match token.kind {
                TokenKind::Punct("{") => depth += 1,
                TokenKind::Punct("}") => {
                    depth = depth.saturating_sub(1);
                    let ends = self.peek().is_none_or(|it| it.first_on_line && !it.is(";"));
                    if depth == 0 && ends && self.position > mistake {
                        return;
                    }
                }
                TokenKind::Punct(";") if depth == 0 && self.position > mistake => return,
                _ => {}
            }
        }
    }
}

/// A keyword that begins a declaration.
pub(super) fn begins_declaration(token: &Token) -> bool {
    const WORDS: [&str; 6] = ["typedef", "struct", "union", "enum", "extern", "static"];
    token.word().is_some_and(|it| WORDS.contains(&&**it))
}

/// A name that is written as macros are, or that speaks of packing.
pub(super) fn looks_like_attribute(name: &str) -> bool {
    let upper = name.chars().any(|it| it.is_ascii_uppercase())
        && name.chars().all(|it| !it.is_ascii_lowercase());
    upper || means_packed(name)
}

/// A name that some headers give to `__attribute__((packed))`.
pub(super) fn means_packed(name: &str) -> bool {
    let plain = name.trim_matches('_').to_ascii_lowercase();
    ["pack", "packed", "attr_packed", "attribute_packed", "gcc_packed", "packed_struct"]
        .contains(&plain.as_str())
}

pub(super) fn define(name: &str) -> String {
    format!("define it: -D {name}='__attribute__((packed))'")
}
