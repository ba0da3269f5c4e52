//! Macros and their expansion (C17 section 6.10.3).
//!
//! A macro is not expanded within its own expansion, and all expansions share a budget, so that a
//! header made to explode stops early.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::source::Span;
use super::expression::balanced_len;
use super::lexer::{Token, TokenKind, lex};

/// A `#define`.
#[derive(Clone, Debug)]
pub(super) struct Macro {
    /// `None` for an object macro.
    pub params: Option<Vec<Rc<str>>>,
    pub body: Rc<[Token]>,
    /// Its name, where it is defined.
    pub span: Span,
    /// Defined by the user's header, not by the system or the command line.
    pub user: bool,
}

/// The macros defined so far.
#[derive(Debug, Default)]
pub(super) struct Macros(pub HashMap<Rc<str>, Macro>);

/// What expansion may cost in all, tokens.
pub(super) const BUDGET: usize = 2_000_000;

/// How deep expansions may nest.
const MAX_DEPTH: usize = 100;

/// Name of the parameter behind `...`.
const VARIADIC: &str = "__VA_ARGS__";

impl Macros {
    /// Defines what follows `#define`; `None` where that is no definition.
    pub fn define(&mut self, tokens: &[Token], user: bool) -> Option<()> {
        let (name, rest) = tokens.split_first()?;
        let (params, body) = match rest.split_first() {
            Some((open, after)) if open.is("(") && !open.spaced => {
                let close = after.iter().position(|it| it.is(")"))?;
                (Some(params(after.get(..close)?)?), after.get(close + 1..)?)
            }
            _ => (None, rest),
        };
        let definition = Macro { params, body: body.into(), span: name.span, user };
        self.0.insert(name.word()?.clone(), definition);
        Some(())
    }

    /// Replaces the macros in `tokens`. Tokens that come out of a macro have the place of its use.
    /// Stops where `budget` is used up.
    pub fn expand(&self, tokens: &[Token], budget: &mut usize) -> Vec<Token> {
        let mut expansion = Expansion { macros: self, budget, active: Vec::new() };
        let mut output = Vec::with_capacity(tokens.len());
        expansion.run(tokens, None, &mut output);
        output
    }
}

fn params(tokens: &[Token]) -> Option<Vec<Rc<str>>> {
    if tokens.is_empty() {
        return Some(Vec::new());
    }
    tokens
        .split(|it| it.is(","))
        .map(|param| match param {
            [one] if one.is("...") => Some(VARIADIC.into()),
            [one] => one.word().cloned(),
            _ => None,
        })
        .collect()
}

struct Expansion<'a> {
    macros: &'a Macros,
    budget: &'a mut usize,
    active: Vec<Rc<str>>,
}

impl Expansion<'_> {
    fn run(&mut self, mut tokens: &[Token], place: Option<Span>, output: &mut Vec<Token>) {
        while let Some((token, rest)) = tokens.split_first() {
            if *self.budget == 0 {
                return;
            }
            *self.budget -= 1;
            let span = place.unwrap_or(token.span);
            tokens = match self.invoke(token, rest, span, output) {
                Some(rest) => rest,
                None => {
                    output.push(Token { span, ..token.clone() });
                    rest
                }
            };
        }
    }

    /// Expands the macro that `token` names; gives what follows its arguments.
    fn invoke<'t>(
        &mut self,
        token: &Token,
        rest: &'t [Token],
        span: Span,
        output: &mut Vec<Token>,
    ) -> Option<&'t [Token]> {
        let (name, found) = self.definition(token.word()?)?;
        let start = output.len();
        let rest = match &found.params {
            None => {
                self.nested(name, &found.body, span, output);
                rest
            }
            Some(params) => {
                let (arguments, rest) = arguments(rest, params)?;
                let body = self.substitute(&found, params, &arguments);
                self.nested(name, &body, span, output);
                rest
            }
        };
        if let Some(first) = output.get_mut(start) {
            first.first_on_line = token.first_on_line;
            first.spaced = token.spaced;
        }
        Some(rest)
    }

    /// The macro that a word names, through object macros that only rename another.
    fn definition(&self, word: &Rc<str>) -> Option<(Rc<str>, Macro)> {
        let mut name = word.clone();
        let mut found = self.inactive(&name)?;
        for _ in 0..MAX_DEPTH {
            let (None, [Token { kind: TokenKind::Word(alias), .. }]) =
                (&found.params, &*found.body)
            else {
                break;
            };
            match self.inactive(alias) {
                Some(next) if next.params.is_some() => (name, found) = (alias.clone(), next),
                _ => break,
            }
        }
        Some((name, found.clone()))
    }

    fn inactive(&self, name: &Rc<str>) -> Option<&Macro> {
        let found = self.macros.0.get(name)?;
        (self.active.len() < MAX_DEPTH && !self.active.contains(name)).then_some(found)
    }

    fn nested(&mut self, name: Rc<str>, body: &[Token], span: Span, output: &mut Vec<Token>) {
        self.active.push(name);
        let start = output.len();
        self.run(body, Some(span), output);
        for token in output.iter_mut().skip(start) {
            token.first_on_line = false;
        }
        self.active.pop();
    }

    /// The body with its parameters replaced, `#` and `##` done.
    fn substitute(&mut self, found: &Macro, params: &[Rc<str>], given: &[&[Token]]) -> Vec<Token> {
        let argument = |token: &Token| {
            let word = token.word()?;
            given.get(params.iter().position(|it| it == word)?).copied()
        };
        let mut output: Vec<Token> = Vec::new();
        let mut body = found.body.iter().peekable();
        while let Some(token) = body.next() {
            if *self.budget == 0 {
                break;
            }
            *self.budget -= 1;
            if token.is("##") {
                let Some(next) = body.next() else { break };
                paste(&mut output, argument(next).unwrap_or(std::slice::from_ref(next)));
            } else if let Some(next) =
                body.peek().and_then(|it| argument(it)).filter(|_| token.is("#"))
            {
                let kind = TokenKind::Text(spelling(next).into_bytes().into());
                output.push(Token { kind, ..token.clone() });
                body.next();
            } else if let Some(argument) = argument(token) {
                if body.peek().is_some_and(|it| it.is("##")) {
                    *self.budget = self.budget.saturating_sub(argument.len());
                    output.extend_from_slice(argument);
                } else {
                    self.run(argument, None, &mut output);
                }
            } else {
                output.push(token.clone());
            }
        }
        output
    }
}

/// The arguments in parentheses at the head of `tokens`, as many as there are parameters.
fn arguments<'t>(
    tokens: &'t [Token],
    params: &[Rc<str>],
) -> Option<(Vec<&'t [Token]>, &'t [Token])> {
    tokens.first().filter(|it| it.is("("))?;
    let len = balanced_len(tokens)?;
    let inside = tokens.get(1..len - 1)?;
    let mut arguments = Vec::new();
    let (mut start, mut depth) = (0, 0i32);
    for (index, token) in inside.iter().enumerate() {
        match token.kind {
            TokenKind::Punct("(" | "[" | "{") => depth += 1,
            TokenKind::Punct(")" | "]" | "}") => depth -= 1,
            TokenKind::Punct(",") if depth == 0 => {
                let variadic = params.get(arguments.len()).is_some_and(|it| &**it == VARIADIC);
                if !variadic {
                    arguments.push(inside.get(start..index)?);
                    start = index + 1;
                }
            }
            _ => {}
        }
    }
    arguments.push(inside.get(start..)?);
    Some((arguments, tokens.get(len..)?))
}

/// `##`: joins the last token with the first of `right`.
fn paste(output: &mut Vec<Token>, right: &[Token]) {
    let Some((first, others)) = right.split_first() else { return };
    match output.pop() {
        Some(left) => {
            let joined =
                spelling(std::slice::from_ref(&left)) + &spelling(std::slice::from_ref(first));
            let tokens = lex(&joined, 0).tokens;
            output.extend(tokens.into_iter().map(|it| Token { kind: it.kind, ..left.clone() }));
        }
        None => output.push(first.clone()),
    }
    output.extend_from_slice(others);
}

/// Tokens as text.
fn spelling(tokens: &[Token]) -> String {
    let mut text = String::new();
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && (token.spaced || token.first_on_line) {
            text.push(' ');
        }
        match &token.kind {
            TokenKind::Word(it) | TokenKind::Number(it) => text.push_str(it),
            TokenKind::Text(it) => text.push_str(&format!("\"{}\"", it.escape_ascii())),
            TokenKind::Character(it) => text.push_str(&it.to_string()),
            TokenKind::Punct(it) => text.push_str(it),
            TokenKind::Stray(it) => text.push(*it),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(definitions: &[&str], text: &str) -> String {
        let mut macros = Macros::default();
        for definition in definitions {
            assert!(macros.define(&lex(definition, 0).tokens, true).is_some(), "{definition}");
        }
        let mut budget = 10_000;
        let tokens = macros.expand(&lex(text, 0).tokens, &mut budget);
        tokens.iter().map(|it| spelling(std::slice::from_ref(it))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn expansions() {
        for (definitions, text, expected) in [
            (&["A 1", "B A + A"][..], "B C", "1 + 1 C"),
            (&["A B", "B A"], "A B", "A B"),
            (
                &["MAX(a, b) ((a) > (b) ? (a) : (b))"],
                "MAX(1, (2, 3))",
                "( ( 1 ) > ( ( 2 , 3 ) ) ? ( 1 ) : ( ( 2 , 3 ) ) )",
            ),
            (&["F (x)"], "F", "( x )"),
            (&["F(x) x"], "F + F(F(1))", "F + 1"),
            (&["G F", "F(x) [x]"], "G(2)", "[ 2 ]"),
            (&["CAT(a, b) a##b", "S(x) #x"], "CAT(uint, 8_t) S(a + b)", "uint8_t \"a + b\""),
            (&["V(f, ...) f __VA_ARGS__"], "V(a, b, c)", "a b , c"),
            (&["EMPTY"], "a EMPTY b", "a b"),
        ] {
            assert_eq!(expanded(definitions, text), expected, "{definitions:?} {text}");
        }
    }

    #[test]
    fn an_explosion_stops_at_the_budget() {
        let definitions: Vec<String> =
            (1..60).map(|n| format!("A{n} A{} A{}", n - 1, n - 1)).collect();
        let mut macros = Macros::default();
        for definition in &definitions {
            macros.define(&lex(definition, 0).tokens, true);
        }
        macros.define(&lex("A0", 0).tokens, true);
        let mut budget = 100_000;
        assert_eq!(macros.expand(&lex("A59", 0).tokens, &mut budget), []);
        assert_eq!(budget, 0);
    }
}
