//! `#pragma` and `_Pragma` (C17 section 6.10.6 and 6.10.9): what they say of packing, of files and of
//! macros. All others change no layout.

use super::expression;
use super::lexer::{Token, TokenKind, lex};
use super::preprocess::Preprocessor;

/// `#pragma pack`: what is in force, and what waits below it (GCC manual, "Structure-Layout
/// Pragmas"; Microsoft's documentation of `pack`).
#[derive(Debug, Default)]
pub(super) struct Packs {
    now: u8,
    below: Vec<(Option<String>, u8)>,
}

impl Packs {
    /// Bytes; 0 where there is none.
    pub fn now(&self) -> u8 {
        self.now
    }

    /// `(1)`, `()`, `(push)`, `(push, 1)`, `(push, label, 1)`, `(pop)`, `(pop, label)`, `(pop, 1)`.
    fn set(&mut self, arguments: &[Token]) {
        let mut words = arguments.iter().filter_map(Token::word).map(|it| &**it);
        let value = arguments.iter().find_map(|it| match &it.kind {
            TokenKind::Number(it) => {
                it.parse::<u8>().ok().filter(|it| [0, 1, 2, 4, 8, 16].contains(it))
            }
            _ => None,
        });
        match words.next() {
            Some("push") => self.below.push((words.next().map(str::to_owned), self.now)),
            Some("pop") => self.pop(words.next()),
            Some(_) => return,
            None => self.now = 0,
        }
        if let Some(value) = value {
            self.now = value;
        }
    }

    /// To the push of that label, if there is one; without a label, one step.
    fn pop(&mut self, label: Option<&str>) {
        let depth = match label {
            None => self.below.len().checked_sub(1),
            Some(label) => self.below.iter().rposition(|it| it.0.as_deref() == Some(label)),
        };
        match depth.map(|it| self.below.split_off(it)) {
            Some(popped) => self.now = popped.first().map_or(0, |it| it.1),
            None if label.is_none() => self.now = 0,
            None => {}
        }
    }
}

impl Preprocessor {
    /// What stands behind `#pragma`.
    pub fn pragma(&mut self, line: &[Token]) {
        let [name, arguments @ ..] = line else { return };
        match name.word().map(|it| &**it) {
            Some("once") => self.sources.read_once(name.span.file),
            Some("pack") => {
                let arguments = self.expand(arguments);
                self.packs.set(&arguments);
            }
            Some("push_macro") => of_named(arguments, |it| self.macros.push(it)),
            Some("pop_macro") => of_named(arguments, |it| self.macros.pop(it)),
            // `#pragma GCC pack` is none; `GCC push_options` and the like move no field.
            _ => {}
        }
    }

    /// `_Pragma("pack(1)")`, or Microsoft's `__pragma(pack(push, 1))`: how many tokens follow its name.
    pub fn pragma_operator(&mut self, token: &Token, after: &[Token]) -> Option<usize> {
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
}

/// The macro that `("name")` names.
fn of_named(arguments: &[Token], then: impl FnOnce(&str)) {
    if let [open, Token { kind: TokenKind::Text(name), .. }, ..] = arguments
        && open.is("(")
    {
        then(&String::from_utf8_lossy(name));
    }
}
