//! Directives (C17 section 6.10): one stream of tokens out of a header and what it includes.
//!
//! Bounds: [`MAX_FILES`] inclusions, [`MAX_DEPTH`] deep, [`MAX_LEN`] bytes a file, and the budget of
//! [`super::macros`] for all tokens. What exceeds a bound is a diagnostic.

use super::super::source::{Diagnostic, Span};
use super::super::source::{Diagnostics, Parsed};
use super::conditional::Condition;
use super::expression;
use super::include::{self, Sources};
use super::lexer::expected;
use super::lexer::{Token, TokenKind, lex};
use super::macros::{BUDGET, Macros};

/// How deep includes may nest.
const MAX_DEPTH: usize = 50;
/// How many inclusions a header may make.
const MAX_FILES: u32 = 2_000;
/// The longest file that is read, bytes.
pub(super) const MAX_LEN: usize = 16 << 20;

/// Reads files, and gives the tokens of what they declare.
pub(super) struct Preprocessor {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    pub macros: Macros,
    pub output: Vec<Token>,
    pub budget: usize,
    pub conditions: Vec<Condition>,
    pack: u8,
    packs: Vec<u8>,
    /// The files that are being read, each included by the one before.
    open: Vec<u32>,
    inclusions: u32,
    exhausted: bool,
}

/// Whose declarations a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The compiler, or the system.
    System,
    /// `-D`.
    CommandLine,
    /// The user's header, and what it includes.
    User,
}

impl Preprocessor {
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            diagnostics: Diagnostics::default(),
            macros: Macros::default(),
            output: Vec::new(),
            budget: BUDGET,
            conditions: Vec::new(),
            pack: 0,
            packs: Vec::new(),
            open: Vec::new(),
            inclusions: 0,
            exhausted: false,
        }
    }

    /// Reads the file of that number.
    pub fn file(&mut self, file: u32, origin: Origin) {
        let text = self.sources.text(file);
        if self.budget == 0 {
            return;
        }
        let lexed = lex(&text, file);
        self.budget = self.budget.saturating_sub(lexed.tokens.len().max(text.len() / 16));
        if let Some(span) = lexed.unterminated {
            self.diagnostics.push(Diagnostic::syntax(span, "this comment never ends"));
        }
        // A file closes what it opens: those of the file that includes it are out of its reach. It
        // is read only where they are active.
        let outer = std::mem::take(&mut self.conditions);
        self.open.push(file);
        self.lines(&lexed.tokens, origin);
        self.open.pop();
        for condition in std::mem::replace(&mut self.conditions, outer) {
            let error = Diagnostic::syntax(condition.span, "this `#if` has no `#endif`");
            self.diagnostics.push(error);
        }
    }

    fn lines(&mut self, mut tokens: &[Token], mut origin: Origin) {
        while !tokens.is_empty() {
            let is_directive = |it: &Token| it.first_on_line && it.is("#");
            let (chunk, rest) = if tokens.first().is_some_and(is_directive) {
                cut(tokens, 1, |it| it.first_on_line)
            } else {
                cut(tokens, 0, is_directive)
            };
            tokens = rest;
            match chunk.split_first() {
                Some((hash, line)) if is_directive(hash) => {
                    if let Err(error) = self.directive(hash, line, &mut origin) {
                        self.diagnostics.push(error);
                    }
                }
                _ if self.active() => self.text(chunk, origin),
                _ => {}
            }
        }
    }

    pub fn active(&self) -> bool {
        self.conditions.last().is_none_or(|it| it.active)
    }

    /// Lines that are no directive.
    fn text(&mut self, tokens: &[Token], origin: Origin) {
        let expanded = self.expand(tokens);
        let mut rest = expanded.as_slice();
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            if let Some(len) = self.pragma_operator(token, after) {
                rest = after.get(len..).unwrap_or_default();
                continue;
            }
            let system = origin == Origin::System;
            self.output.push(Token { system, pack: self.pack, ..token.clone() });
        }
    }

    pub fn expand(&mut self, tokens: &[Token]) -> Vec<Token> {
        let expanded = self.macros.expand(tokens, &mut self.budget);
        if let (0, false, Some(token)) = (self.budget, self.exhausted, tokens.first()) {
            self.exhausted = true;
            let error = Diagnostic::syntax(token.span, "the header expands to too many tokens");
            self.diagnostics.push(error);
        }
        expanded
    }

    /// `_Pragma("pack(1)")`, or Microsoft's `__pragma(pack(push, 1))`.
    fn pragma_operator(&mut self, token: &Token, after: &[Token]) -> Option<usize> {
        let word = token.word().filter(|it| matches!(&***it, "_Pragma" | "__pragma"))?;
        let len = expression::balanced_len(after)
            .filter(|_| after.first().is_some_and(|it| it.is("(")))?;
        let inside = after.get(1..len - 1)?;
        match inside {
            [Token { kind: TokenKind::Text(text), .. }] if &**word == "_Pragma" => {
                let tokens = lex(&String::from_utf8_lossy(text), token.span.file).tokens;
                self.pragma(&tokens);
            }
            _ => self.pragma(inside),
        }
        Some(len)
    }

    fn directive(&mut self, hash: &Token, line: &[Token], origin: &mut Origin) -> Parsed<()> {
        let Some((name, rest)) = line.split_first() else { return Ok(()) };
        if let TokenKind::Number(_) = name.kind {
            *origin = line_marker(rest).unwrap_or(*origin);
            return Ok(());
        }
        let Some(word) = name.word() else { return Ok(()) };
        if self.conditional(word, name.span, rest)? || !self.active() {
            return Ok(());
        }
        match &**word {
            "define" => self.define(name, rest, *origin == Origin::User)?,
            "undef" => {
                if let Some(word) = rest.first().and_then(Token::word) {
                    self.macros.0.remove(word);
                }
            }
            "include" | "include_next" | "import" => self.include(hash, rest, *origin)?,
            "pragma" => self.pragma(rest),
            "error" => {
                let text = self.sources.line_after(name.span);
                return Err(Diagnostic::syntax(name.span, format!("#error {text}")));
            }
            _ => {}
        }
        Ok(())
    }

    fn define(&mut self, name: &Token, line: &[Token], user: bool) -> Parsed<()> {
        let defined = self.macros.define(line, user);
        defined.ok_or_else(|| expected("a macro's name", line.first(), name.span))
    }

    fn include(&mut self, hash: &Token, line: &[Token], origin: Origin) -> Parsed<()> {
        let expanded;
        let line = if line.first().and_then(Token::word).is_some() {
            expanded = self.expand(line);
            &expanded
        } else {
            line
        };
        let Some(name) = include::named(line, &self.sources) else {
            return Err(expected("a file's name", line.first(), hash.span));
        };
        let found = self.sources.find(&name.path, hash.span.file, MAX_LEN);
        match found {
            include::Found::Again => Ok(()),
            include::Found::File(file) => self.included(file, name.span, origin),
            include::Found::Missing if name.system || include::is_standard(&name.path) => Ok(()),
            include::Found::Missing => Err(Diagnostic::syntax(
                name.span,
                format!("cannot find the included file \"{}\"", name.path.display()),
            )
            .help("name its folder with -I")),
            include::Found::Unreadable(why) => {
                let path = name.path.display();
                Err(Diagnostic::syntax(name.span, format!("cannot read \"{path}\": {why}")))
            }
        }
    }

    fn included(&mut self, file: u32, span: Span, origin: Origin) -> Parsed<()> {
        self.inclusions += 1;
        if self.open.len() >= MAX_DEPTH || self.inclusions > MAX_FILES {
            return Err(if self.open.contains(&file) {
                Diagnostic::syntax(span, "this file includes itself without end")
                    .help("guard it with `#pragma once`, or with `#ifndef` and `#define`")
            } else {
                Diagnostic::syntax(span, "includes nest too deeply")
            });
        }
        let system = self.sources.is_system(file);
        self.file(file, if system { Origin::System } else { origin });
        Ok(())
    }

    fn pragma(&mut self, line: &[Token]) {
        let [name, arguments @ ..] = line else { return };
        match name.word().map(|it| &**it) {
            Some("once") => self.sources.read_once(name.span.file),
            Some("pack") => {
                let arguments = self.expand(arguments);
                self.set_pack(&arguments);
            }
            _ => {}
        }
    }

    /// `pack(1)`, `pack(push, 1)`, `pack(push, label, 1)`, `pack(pop)`, `pack()`.
    fn set_pack(&mut self, arguments: &[Token]) {
        let mut value = None;
        let mut word = None;
        for token in arguments {
            match &token.kind {
                TokenKind::Word(it) if word.is_none() => word = Some(it.clone()),
                TokenKind::Number(it) => {
                    value = it.parse::<u8>().ok().filter(|it| [0, 1, 2, 4, 8, 16].contains(it))
                }
                _ => {}
            }
        }
        match word.as_deref() {
            Some("push") => self.packs.push(self.pack),
            Some("pop") => self.pack = self.packs.pop().unwrap_or(0),
            Some(_) => return,
            None => {}
        }
        if value.is_some() || word.is_none() {
            self.pack = value.unwrap_or(0);
        }
    }
}

/// Splits before the first token, from `skip` on, of which `ends` is true.
fn cut(tokens: &[Token], skip: usize, ends: impl Fn(&Token) -> bool) -> (&[Token], &[Token]) {
    let len = tokens.iter().skip(skip).position(ends).map_or(tokens.len(), |it| it + skip);
    tokens.split_at_checked(len).unwrap_or((tokens, &[]))
}

/// `# 1 "file" 2 3` of `gcc -E`: flag 3 says that the system's declarations follow.
fn line_marker(rest: &[Token]) -> Option<Origin> {
    let (name, flags) = rest.split_first()?;
    let TokenKind::Text(_) = name.kind else { return None };
    let system = flags.iter().any(|it| matches!(&it.kind, TokenKind::Number(it) if &**it == "3"));
    Some(if system { Origin::System } else { Origin::User })
}
