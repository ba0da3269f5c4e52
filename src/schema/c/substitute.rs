//! A macro's body with its arguments in it: `#`, `##`, `__VA_OPT__` (C17 section 6.10.3.1 to 6.10.3.3,
//! C23 section 6.10.5.1), and GNU's `, ## __VA_ARGS__`.

use std::rc::Rc;

use super::expand::Expansion;
use super::expression::balanced_len;
use super::lexer::{Token, TokenKind, lex};
use super::macros::{Macro, Params};

/// What a call gives for each parameter.
#[derive(Default)]
pub(super) struct Arguments {
    params: Rc<Params>,
    given: Vec<Vec<Token>>,
    /// Each with its macros replaced, once that was needed.
    expanded: Vec<Option<Vec<Token>>>,
}

impl Arguments {
    /// Shares out what stood between the parentheses; `None` where the number is wrong.
    pub fn new(
        params: &Rc<Params>,
        mut given: Vec<Vec<Token>>,
        mut commas: Vec<Token>,
    ) -> Option<Self> {
        let wanted = params.names.len();
        if wanted == 0 && matches!(given.as_slice(), [one] if one.is_empty()) {
            given.clear();
        }
        if params.variadic {
            // The call may leave the last one out, with its comma.
            if given.len() + 1 == wanted {
                given.push(Vec::new());
            }
            while given.len() > wanted {
                let last = given.pop()?;
                let rest = given.last_mut()?;
                rest.extend(commas.pop());
                rest.extend(last);
            }
        }
        let expanded = vec![None; wanted];
        (given.len() == wanted).then(|| Self { params: params.clone(), given, expanded })
    }

    fn index(&self, token: &Token) -> Option<usize> {
        let word = token.word()?;
        self.params.names.iter().position(|it| it == word)
    }

    fn is_variadic(&self, index: usize) -> bool {
        self.params.variadic && index + 1 == self.params.names.len()
    }

    fn given(&self, index: usize) -> &[Token] {
        self.given.get(index).map_or(&[], Vec::as_slice)
    }

    fn last(&self) -> usize {
        self.params.names.len().saturating_sub(1)
    }
}

/// The body of `found` in place of its use.
pub(super) fn body(
    found: &Macro,
    arguments: Option<Arguments>,
    expansion: &mut Expansion<'_>,
) -> Vec<Token> {
    let template: Vec<Token> = found.template().collect();
    let mut arguments = arguments.unwrap_or_default();
    let is_function = found.params.is_some();
    Filler { arguments: &mut arguments, expansion, is_function }.fill(&template)
}

/// What is made so far.
#[derive(Default)]
struct Output {
    tokens: Vec<Token>,
    /// Where the last operand begins: `##` joins with that, even if it is empty.
    last: usize,
    /// `##` stood last.
    joins: bool,
}

impl Output {
    fn operand(&mut self, mut tokens: Vec<Token>, spaced: bool) {
        if let Some(first) = tokens.first_mut() {
            first.spaced = spaced;
        }
        if std::mem::take(&mut self.joins) {
            self.join(tokens);
        } else {
            self.last = self.tokens.len();
            self.tokens.extend(tokens);
        }
    }

    /// `##`: the last token of the left with the first of the right.
    fn join(&mut self, right: Vec<Token>) {
        if self.tokens.len() <= self.last || right.is_empty() {
            self.tokens.extend(right);
            return;
        }
        let mut right = right.into_iter();
        let (left, first) = (self.tokens.pop(), right.next());
        if let (Some(left), Some(first)) = (left, first) {
            let joined = spelling(std::slice::from_ref(&left)) + &spelling(&[first]);
            let made = lex(&joined, 0).tokens.into_iter();
            self.tokens.extend(made.map(|it| Token {
                kind: it.kind,
                painted: false,
                ..left.clone()
            }));
        }
        self.tokens.extend(right);
    }
}

/// Puts arguments into a template.
struct Filler<'f, 'a> {
    arguments: &'f mut Arguments,
    expansion: &'f mut Expansion<'a>,
    /// A function macro, in which `#` is an operator.
    is_function: bool,
}

impl Filler<'_, '_> {
    fn fill(&mut self, template: &[Token]) -> Vec<Token> {
        let mut output = Output::default();
        let mut rest = template;
        while let Some((token, after)) = rest.split_first() {
            if !self.expansion.afford(1) {
                break;
            }
            let used = if token.is("##") {
                output.joins = true;
                0
            } else {
                self.operand(token, after, &mut output)
            };
            rest = after.get(used..).unwrap_or_default();
        }
        output.tokens
    }

    /// Takes in what begins with `token`; how many tokens behind it belong to it.
    fn operand(&mut self, token: &Token, after: &[Token], output: &mut Output) -> usize {
        let next = after.first();
        let named = next.and_then(|it| self.arguments.index(it));
        if let Some(index) = named.filter(|_| self.is_function && token.is("#")) {
            let text = spelling(self.arguments.given(index)).into_bytes();
            let kind = TokenKind::Text(text.into());
            output.operand(vec![Token { kind, ..token.clone() }], token.spaced);
            return 1;
        }
        if let Some(len) = self.optional_len(token, after) {
            let inside = after.get(1..len - 1).unwrap_or_default();
            let is_there = !self.expanded(self.arguments.last()).is_empty();
            let part = if is_there { self.fill(inside) } else { Vec::new() };
            output.operand(part, token.spaced);
            return len;
        }
        let joins_next = next.is_some_and(|it| it.is("##"));
        if joins_next && token.is(",") && self.rest_behind_comma(token, after, output) {
            return 2;
        }
        let operand = match self.arguments.index(token) {
            None => vec![token.clone()],
            Some(index) if output.joins || joins_next => self.arguments.given(index).to_vec(),
            Some(index) => self.expanded(index),
        };
        if self.expansion.afford(operand.len()) {
            output.operand(operand, token.spaced);
        }
        0
    }

    /// GNU: `, ## args` loses its comma where there are no such arguments, and joins nothing.
    fn rest_behind_comma(&mut self, comma: &Token, after: &[Token], output: &mut Output) -> bool {
        let next = after.get(1).and_then(|it| self.arguments.index(it));
        let Some(index) = next.filter(|&it| self.arguments.is_variadic(it)) else { return false };
        let given = self.expanded(index);
        if !given.is_empty() {
            output.operand(vec![comma.clone()], comma.spaced);
            output.operand(given, false);
        }
        true
    }

    /// How many tokens the parentheses of `__VA_OPT__` span.
    fn optional_len(&self, token: &Token, after: &[Token]) -> Option<usize> {
        let is_it = token.word().is_some_and(|it| &**it == "__VA_OPT__");
        let opens = after.first().is_some_and(|it| it.is("("));
        if is_it && opens && self.arguments.params.variadic { balanced_len(after) } else { None }
    }

    /// An argument with its macros replaced.
    fn expanded(&mut self, index: usize) -> Vec<Token> {
        if let Some(Some(known)) = self.arguments.expanded.get(index) {
            return known.clone();
        }
        let expanded = self.expansion.argument(self.arguments.given(index));
        if let Some(place) = self.arguments.expanded.get_mut(index) {
            *place = Some(expanded.clone());
        }
        expanded
    }
}

/// Tokens as text.
pub(super) fn spelling(tokens: &[Token]) -> String {
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
