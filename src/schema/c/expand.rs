//! Macro expansion (C17 section 6.10.3.1 to 6.10.3.4), as gcc does it.
//!
//! A macro's body is read as if it stood in the text, so that it may take its arguments from behind
//! itself; until all of it is read its name stays as it is, and never expands again. All expansions
//! share a budget, so that a header made to explode stops early.

use std::rc::Rc;

use super::super::source::Span;
use super::lexer::{Token, TokenKind};
use super::macros::{Macro, Macros, is_dynamic};
use super::substitute::{self, Arguments};

/// How deep arguments may nest in arguments, and bodies in bodies.
const MAX_DEPTH: usize = 200;

pub(super) struct Expansion<'a> {
    macros: &'a Macros,
    budget: &'a mut usize,
    /// What is read before the text goes on, the innermost last.
    contexts: Vec<Context>,
}

/// Tokens that stand in for others.
struct Context {
    tokens: Rc<[Token]>,
    at: usize,
    /// The macro whose body it is; `None` for an argument, beyond which nothing is read.
    name: Option<Rc<str>>,
}

/// What `name(` was followed by.
enum Call {
    /// The arguments and the commas between them, and all that was read.
    Complete { given: Vec<Vec<Token>>, commas: Vec<Token>, read: Vec<Token> },
    /// No parenthesis: the name stands for itself.
    Name,
    /// The text ends within: what was read.
    Open(Vec<Token>),
}

impl<'a> Expansion<'a> {
    pub fn new(macros: &'a Macros, budget: &'a mut usize) -> Self {
        Self { macros, budget, contexts: Vec::new() }
    }

    /// Expands the text; what is left begins with a macro whose arguments do not end in it.
    pub fn run(mut self, text: &[Token]) -> (Vec<Token>, &[Token]) {
        let mut output = Vec::with_capacity(text.len());
        let mut at = 0;
        while self.afford(1) {
            let begin = at;
            let Some(token) = self.next(text, &mut at) else { break };
            let is_text = self.contexts.is_empty();
            if !self.step(token, text, &mut at, is_text, &mut output) {
                // The arguments of this macro are still to come.
                return (output, text.get(begin..).unwrap_or_default());
            }
        }
        (output, &[])
    }

    /// Takes in one token; `false` where it is a macro of the text whose arguments do not end.
    fn step(
        &mut self,
        token: Token,
        text: &[Token],
        at: &mut usize,
        is_text: bool,
        output: &mut Vec<Token>,
    ) -> bool {
        let Some(name) = token.word().filter(|_| !token.painted).cloned() else {
            output.push(token);
            return true;
        };
        if is_dynamic(&name) {
            output.push(self.dynamic(&token, &name));
            return true;
        }
        let macros = self.macros;
        let Some(found) = macros.named(&name).filter(|it| macros.expands(it)) else {
            output.push(token);
            return true;
        };
        let is_active = self.contexts.iter().any(|it| it.name.as_ref() == Some(&name));
        if is_active || self.contexts.len() >= MAX_DEPTH {
            output.push(Token { painted: true, ..token });
            return true;
        }
        let arguments = match &found.params {
            None => None,
            Some(params) => match self.call(text, at) {
                Call::Open(_) if is_text => return false,
                Call::Open(read) => {
                    output.push(token);
                    output.extend(read);
                    return true;
                }
                Call::Name => {
                    output.push(token);
                    return true;
                }
                Call::Complete { given, commas, read } => {
                    let shared = Arguments::new(params, given, commas);
                    if shared.is_none() {
                        // Too few or too many: what stands there stays.
                        output.push(Token { painted: true, ..token });
                        self.push(read, "".into(), None);
                        return true;
                    }
                    shared
                }
            },
        };
        let body = substitute::body(found, arguments, self);
        self.push(body, name, Some(&token));
        true
    }

    /// Reads `body` next, in place of what stood at a token.
    fn push(&mut self, mut body: Vec<Token>, name: Rc<str>, at: Option<&Token>) {
        for token in &mut body {
            token.first_on_line = false;
        }
        if let Some(at) = at {
            if let Some(first) = body.first_mut() {
                first.first_on_line = at.first_on_line;
                first.spaced = at.spaced;
            }
            // What the body's own tokens are is where the macro is used.
            for token in body.iter_mut().filter(|it| it.span == OF_BODY) {
                token.span = at.span;
            }
        }
        self.contexts.push(Context { tokens: body.into(), at: 0, name: Some(name) });
    }

    /// The next token, of the innermost body that has one, else of the text.
    fn next(&mut self, text: &[Token], at: &mut usize) -> Option<Token> {
        while let Some(context) = self.contexts.last_mut() {
            if let Some(token) = context.tokens.get(context.at) {
                context.at += 1;
                return Some(token.clone());
            }
            context.name.as_ref()?;
            self.contexts.pop();
        }
        let token = text.get(*at)?;
        *at += 1;
        Some(token.clone())
    }

    /// The arguments behind a function macro's name.
    fn call(&mut self, text: &[Token], at: &mut usize) -> Call {
        match self.opens(text, *at) {
            Some(true) => {}
            Some(false) => return Call::Name,
            None => return Call::Open(Vec::new()),
        }
        let mut read: Vec<Token> = self.next(text, at).into_iter().collect();
        let mut commas = Vec::new();
        let mut depth = 0usize;
        while let Some(token) = self.next(text, at) {
            if !self.afford(1) {
                break;
            }
            match token.kind {
                TokenKind::Punct(")") if depth == 0 => {
                    let (given, commas) = parted(&read, &commas);
                    read.push(token);
                    return Call::Complete { given, commas, read };
                }
                TokenKind::Punct(",") if depth == 0 => commas.push(read.len()),
                TokenKind::Punct("(") => depth += 1,
                TokenKind::Punct(")") => depth -= 1,
                _ => {}
            }
            read.push(token);
        }
        Call::Open(read)
    }

    /// Whether a parenthesis comes next; `None` at the end.
    fn opens(&self, text: &[Token], at: usize) -> Option<bool> {
        for context in self.contexts.iter().rev() {
            if let Some(token) = context.tokens.get(context.at) {
                return Some(token.is("("));
            }
            context.name.as_ref()?;
        }
        text.get(at).map(|it| it.is("("))
    }

    /// An argument, all its macros replaced.
    pub fn argument(&mut self, tokens: &[Token]) -> Vec<Token> {
        if self.contexts.len() >= MAX_DEPTH {
            return tokens.to_vec();
        }
        let depth = self.contexts.len();
        self.contexts.push(Context { tokens: tokens.into(), at: 0, name: None });
        let mut output = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while let Some(token) = self.next(&[], &mut at) {
            if !self.afford(1) {
                break;
            }
            self.step(token, &[], &mut at, false, &mut output);
        }
        self.contexts.truncate(depth);
        output
    }

    /// Takes `cost` from what expansions may cost.
    pub fn afford(&mut self, cost: usize) -> bool {
        let enough = *self.budget >= cost.max(1);
        *self.budget = self.budget.saturating_sub(cost);
        enough
    }

    fn dynamic(&self, token: &Token, name: &str) -> Token {
        let counter = &self.macros.counter;
        let kind = match name {
            "__FILE__" => TokenKind::Text(Rc::new([])),
            "__COUNTER__" => {
                let number = counter.replace(counter.get().wrapping_add(1));
                TokenKind::Number(number.to_string().into())
            }
            // Lines serve to make names differ: the byte at which it stands does so too.
            _ => TokenKind::Number((token.span.start + 1).to_string().into()),
        };
        Token { kind, ..token.clone() }
    }
}

/// The arguments between an opening parenthesis and the end, and the commas at those places.
fn parted(read: &[Token], commas: &[usize]) -> (Vec<Vec<Token>>, Vec<Token>) {
    let starts = std::iter::once(1).chain(commas.iter().map(|it| it + 1));
    let ends = commas.iter().copied().chain(std::iter::once(read.len()));
    let parts = starts.zip(ends).map(|(start, end)| read.get(start..end).unwrap_or_default());
    let commas = commas.iter().filter_map(|&it| read.get(it)).cloned();
    (parts.map(<[Token]>::to_vec).collect(), commas.collect())
}

/// The place of a body's own tokens, until it is known where the macro is used.
pub(super) const OF_BODY: Span = Span { file: u32::MAX, start: 0, end: 0 };

impl Macro {
    /// What `#define` says, each token without a place of its own.
    pub fn template(&self) -> impl Iterator<Item = Token> {
        self.body.iter().map(|it| Token { span: OF_BODY, ..it.clone() })
    }
}

#[cfg(test)]
#[path = "expand_tests.rs"]
mod tests;
