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

    /// Something else stands where `what` should; an undefined macro before it may be why. Behind a
    /// record's brace that is no matter of this declaration alone: the record stands, without what
    /// the macro would have said of it.
    pub fn unexpected_name(&self, start: usize, what: &str) -> Box<Diagnostic> {
        let error = self.expected(what);
        let start = start.max(self.position.saturating_sub(2));
        let tokens = self.tokens.get(start..=self.position).unwrap_or_default();
        let is_culprit = |it: &&Token| {
            it.word().is_some_and(|it| looks_like_attribute(it) && self.scope.named(it).is_none())
        };
        let Some(at) = tokens.iter().rposition(|it| is_culprit(&it)) else { return error };
        let Some(culprit) = tokens.get(at).and_then(Token::word) else { return error };
        let behind_brace = (start + at).checked_sub(1).and_then(|it| self.tokens.get(it));
        let mut error = match error.help {
            None => error.help(format!("`{culprit}` is not defined; {}", define(culprit))),
            Some(_) => error,
        };
        if behind_brace.is_some_and(|it| it.is("}")) {
            error.code = Code::UnknownAttribute;
        }
        error
    }

    /// A function or a variable that does not parse, mostly because of macros that are not defined,
    /// such as `API int f(void);`: no type is lost with it.
    pub fn loses_no_type(&self, start: usize) -> bool {
        let tokens = self.tokens.get(start..self.position).unwrap_or_default();
        let (mut depth, mut has_parameters, mut previous) = (0usize, false, None::<&Token>);
        for token in tokens {
            let is_odd = token.word().is_some_and(|it| matches!(&**it, "typedef" | "template"))
                || token.is("::")
                || matches!(token.kind, TokenKind::Stray(_));
            if depth == 0 && is_odd {
                return false;
            }
            if depth == 0 && token.is("{") {
                let opens_body = previous.is_some_and(|it| {
                    let is_macro = it.word().is_some_and(|it| looks_like_attribute(it));
                    it.is("=") || (has_parameters && (it.is(")") || is_macro))
                });
                if !opens_body {
                    return false;
                }
            }
            match token.kind {
                TokenKind::Punct("(" | "[" | "{") => depth += 1,
                TokenKind::Punct(")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            has_parameters |= depth == 0 && token.is(")");
            previous = Some(token);
        }
        let is_object = |it: &Token| {
            it.word().is_some_and(|it| matches!(&**it, "extern" | "static" | "inline"))
        };
        match tokens {
            [.., close, end] if close.is(")") && end.is(";") => true,
            [.., end] if end.is("}") => has_parameters,
            [.., end] => end.is(";") && tokens.iter().any(is_object),
            [] => false,
        }
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
    /// keyword in a line's first column behind the mistake, or in its place: what stands before it is then
    /// the mistake, such as a macro that is not defined.
    pub fn recover(&mut self, start: usize) {
        let mistake = self.position;
        let mut depth = 0usize;
        self.position = start;
        while let Some(token) = self.peek() {
            let column = !token.spaced && token.first_on_line;
            if self.position >= mistake
                && self.position > start
                && column
                && begins_declaration(token)
            {
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
