//! Directives (C17 section 6.10): one stream of tokens out of a header and what it includes.
//!
//! Bounds: [`MAX_FILES`] inclusions, [`MAX_DEPTH`] deep, [`MAX_LEN`] bytes a file, and the budget of
//! [`super::macros`] for all tokens. What exceeds a bound is a diagnostic.

use super::super::abi::Abi;
use super::super::source::{Diagnostic, Level, Span};
use super::super::source::{Diagnostics, Parsed};
use super::conditional::Condition;
use super::description::Descriptions;
use super::include::{self, Sources};
use super::included::{Included, is_configuration, is_standard};
use super::lexer::expected;
use super::lexer::{Token, TokenKind, lex};
use super::macros::{BUDGET, Definer, Macros};
use super::pragma::Packs;

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
    /// From `#if` to `#endif`, where it is about byte order.
    pub by_byte_order: Vec<Span>,
    /// Whose compiler it is.
    pub abi: Abi,
    pub packs: Packs,
    /// The comments that describe what they stand beside.
    pub descriptions: Descriptions,
    /// What is included and not found.
    pub missing: Vec<Included>,
    /// A macro whose arguments go on behind a directive.
    pending: Vec<Token>,
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
    /// What stands in for the system's headers.
    StandIn,
    /// `-D`.
    CommandLine,
    /// The user's header, and what it includes.
    User,
}

impl Preprocessor {
    pub fn new(sources: Sources, abi: Abi) -> Self {
        Self {
            sources,
            diagnostics: Diagnostics::default(),
            macros: Macros::default(),
            output: Vec::new(),
            budget: BUDGET,
            conditions: Vec::new(),
            by_byte_order: Vec::new(),
            abi,
            packs: Packs::default(),
            descriptions: Descriptions::default(),
            missing: Vec::new(),
            pending: Vec::new(),
            open: Vec::new(),
            inclusions: 0,
            exhausted: false,
        }
    }

    /// Reads the file of that number.
    pub fn file(&mut self, file: u32, origin: Origin) {
        if self.budget == 0 {
            return;
        }
        let lexed = self.sources.lexed(file);
        self.descriptions.add(file, &lexed.comments);
        let len = self.sources.text(file).len();
        self.budget = self.budget.saturating_sub(lexed.tokens.len().max(len / 16));
        if let Some(span) = lexed.unterminated {
            self.diagnostics.push(Diagnostic::syntax(span, "this comment never ends"));
        }
        // A file closes what it opens: those of the file that includes it are out of its reach. It
        // is read only where they are active.
        let outer = std::mem::take(&mut self.conditions);
        self.open.push(file);
        self.macros.in_stand_in = origin == Origin::StandIn;
        self.lines(&lexed.tokens, origin);
        self.flush(origin);
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
        let joined;
        let tokens = if self.pending.is_empty() {
            tokens
        } else {
            joined = [std::mem::take(&mut self.pending).as_slice(), tokens].concat();
            &joined
        };
        let (expanded, open) = self.macros.expand_open(tokens, &mut self.budget);
        self.pending = open.to_vec();
        self.check_budget(tokens);
        self.emit(&expanded, origin);
    }

    /// The text ends: a macro without its arguments stands for itself.
    fn flush(&mut self, origin: Origin) {
        let open = std::mem::take(&mut self.pending);
        self.emit(&open, origin);
    }

    fn emit(&mut self, mut rest: &[Token], origin: Origin) {
        let system = matches!(origin, Origin::System | Origin::StandIn);
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            if let Some(len) = self.pragma_operator(token, after) {
                rest = after.get(len..).unwrap_or_default();
                continue;
            }
            self.output.push(Token { system, pack: self.packs.now(), ..token.clone() });
        }
    }

    pub fn expand(&mut self, tokens: &[Token]) -> Vec<Token> {
        let expanded = self.macros.expand(tokens, &mut self.budget);
        self.check_budget(tokens);
        expanded
    }

    fn check_budget(&mut self, tokens: &[Token]) {
        if let (0, false, Some(token)) = (self.budget, self.exhausted, tokens.first()) {
            self.exhausted = true;
            let error = Diagnostic::syntax(token.span, "the header expands to too many tokens");
            self.diagnostics.push(error);
        }
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
            "define" => self.define(name, rest, *origin)?,
            "undef" => {
                if let Some(word) = rest.first().and_then(Token::word) {
                    self.macros.undefine(word);
                }
            }
            "include" | "import" => self.include(hash, rest, *origin, false)?,
            "include_next" => self.include(hash, rest, *origin, true)?,
            "pragma" => self.pragma(rest),
            "error" => {
                let text = self.sources.line_after(name.span);
                return Err(Diagnostic::syntax(name.span, format!("#error {text}")));
            }
            _ => {}
        }
        Ok(())
    }

    fn define(&mut self, name: &Token, line: &[Token], origin: Origin) -> Parsed<()> {
        if let Some(counting) = counting(name.span, line) {
            return self.define(name, &counting, origin);
        }
        let by = Definer { user: origin == Origin::User, ambient: origin == Origin::StandIn };
        let defined = self.macros.define(line, by);
        defined.ok_or_else(|| expected("a macro's name", line.first(), name.span))
    }

    fn include(&mut self, hash: &Token, line: &[Token], origin: Origin, next: bool) -> Parsed<()> {
        let expanded;
        let line = if line.first().and_then(Token::word).is_some() {
            expanded = self.expand(line);
            &expanded
        } else {
            line
        };
        let Some(name) = include::named(line, &self.sources, next) else {
            return Err(expected("a file's name", line.first(), hash.span));
        };
        match self.sources.find(&name, hash.span.file, MAX_LEN) {
            include::Found::Again => Ok(()),
            include::Found::File(file) => self.included(file, name.span, origin),
            include::Found::StandIn(file) => {
                self.macros.include(file);
                Ok(())
            }
            include::Found::Missing if name.system || is_standard(&name.path) => {
                if origin == Origin::User {
                    self.missing.push(name);
                }
                Ok(())
            }
            include::Found::Missing => {
                self.missing.push(name.clone());
                Err(not_found(&name))
            }
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
}

/// `#define __counted_by(m)`, with which headers of the kernel hide an attribute from compilers that lack
/// it, as the attribute that it hides.
fn counting(span: Span, line: &[Token]) -> Option<Vec<Token>> {
    let [name, open, _, close] = line else { return None };
    let word = name.word().filter(|_| open.is("(") && close.is(")"))?;
    let is_meant =
        matches!(&**word, "__counted_by" | "__counted_by_be" | "__counted_by_le" | "__sized_by");
    let text = format!("{word}(m) __attribute__(({word}(m)))");
    is_meant.then(|| {
        let tokens = lex(&text, span.file).tokens.into_iter();
        tokens.map(|it| Token { span: name.span, ..it }).collect()
    })
}

/// What is said of `"name"`; a file that only configures is no loss of declarations.
fn not_found(name: &Included) -> Box<Diagnostic> {
    let text = format!("cannot find the included file {name}");
    let error = Diagnostic::syntax(name.span, text).help("name its folder with -I");
    let is_configuration = is_configuration(&name.path);
    Box::new(Diagnostic {
        level: if is_configuration { Level::Warning } else { error.level },
        ..*error
    })
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
