//! Macro definitions (C17 section 6.10.3 paragraphs 9 to 12, and GNU's named variadic parameters).
//!
//! What the platform's stand-ins define is *ambient*: it expands where the header has nothing of
//! its own, and no `#ifdef` sees it until the header includes what it stands for.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::source::Span;
use super::expand::Expansion;
use super::lexer::{Token, TokenKind};
use super::literal;

/// A `#define`.
#[derive(Clone, Debug)]
pub(super) struct Macro {
    /// `None` for an object macro.
    pub params: Option<Rc<Params>>,
    pub body: Rc<[Token]>,
    /// Its name, where it is defined.
    pub span: Span,
    /// Defined by the user's header, not by the system or the command line.
    pub user: bool,
    /// Defined by a stand-in that the header has not included.
    pub ambient: bool,
}

/// The parameters of a function macro.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Params {
    pub names: Vec<Rc<str>>,
    /// The last one takes all that is left: `...` or `args...`.
    pub variadic: bool,
}

/// The macros defined so far.
#[derive(Debug, Default)]
pub(super) struct Macros {
    by_name: HashMap<Rc<str>, Macro>,
    /// What `#pragma push_macro` keeps.
    pushed: HashMap<Rc<str>, Vec<Option<Macro>>>,
    /// What `__COUNTER__` is next.
    pub counter: Cell<u32>,
    /// A stand-in is being read, whose text is written with its own numbers.
    pub in_stand_in: bool,
}

/// Who defines a macro.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Definer {
    pub user: bool,
    pub ambient: bool,
}

/// What expansion may cost in all, tokens.
pub(super) const BUDGET: usize = 2_000_000;

/// Name of the parameter behind `...`.
pub(super) const VARIADIC: &str = "__VA_ARGS__";

impl Macro {
    /// The number that it is, where nothing but a stand-in defines it.
    pub fn ambient_number(&self) -> Option<i128> {
        match &*self.body {
            [Token { kind: TokenKind::Number(text), .. }]
                if self.ambient && self.params.is_none() =>
            {
                Some(literal::integer(text)?.value)
            }
            _ => None,
        }
    }
}

impl Macros {
    /// Defines what follows `#define`; `None` where that is no definition.
    pub fn define(&mut self, tokens: &[Token], by: Definer) -> Option<()> {
        let (name, rest) = tokens.split_first()?;
        let (params, body) = match rest.split_first() {
            Some((open, after)) if open.is("(") && !open.spaced => {
                let close = after.iter().position(|it| it.is(")"))?;
                (Some(params(after.get(..close)?)?.into()), after.get(close + 1..)?)
            }
            _ => (None, rest),
        };
        let Definer { user, ambient } = by;
        let definition = Macro { params, body: body.into(), span: name.span, user, ambient };
        self.by_name.insert(name.word()?.clone(), definition);
        Some(())
    }

    pub fn undefine(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// What a word expands to.
    pub fn named(&self, name: &str) -> Option<&Macro> {
        self.by_name.get(name)
    }

    /// Whether a name is replaced. An ambient number is so within the stand-ins alone: what they lay out
    /// with it must not depend on what the header includes or defines later.
    pub fn expands(&self, it: &Macro) -> bool {
        self.in_stand_in || it.ambient_number().is_none()
    }

    /// Whether `#ifdef` is true.
    pub fn is_defined(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|it| !it.ambient)
            || is_operator(name)
            || is_dynamic(name)
    }

    /// The number that an ambient macro is. Such names do not expand: the header may declare them.
    pub fn ambient(&self, name: &str) -> Option<i128> {
        self.by_name.get(name)?.ambient_number()
    }

    /// The header includes what this stand-in stands for.
    pub fn include(&mut self, file: u32) {
        let own = self.by_name.values_mut().filter(|it| it.span.file == file);
        own.for_each(|it| it.ambient = false);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Macro)> {
        self.by_name.iter()
    }

    /// `#pragma push_macro("name")`.
    pub fn push(&mut self, name: &str) {
        let now = self.by_name.get(name).cloned();
        self.pushed.entry(name.into()).or_default().push(now);
    }

    /// `#pragma pop_macro("name")`.
    pub fn pop(&mut self, name: &str) {
        match self.pushed.get_mut(name).and_then(Vec::pop) {
            Some(Some(before)) => {
                self.by_name.insert(name.into(), before);
            }
            Some(None) => self.undefine(name),
            None => {}
        }
    }

    /// Replaces the macros in `tokens`. Tokens of a macro's body have the place of its use, those of
    /// its arguments keep their own. Stops where `budget` is used up.
    pub fn expand(&self, tokens: &[Token], budget: &mut usize) -> Vec<Token> {
        let (mut output, open) = self.expand_open(tokens, budget);
        output.extend_from_slice(open);
        output
    }

    /// The same, up to a macro whose arguments do not end here: that and what follows it is given
    /// back, since the text may go on behind a directive.
    pub fn expand_open<'t>(
        &self,
        tokens: &'t [Token],
        budget: &mut usize,
    ) -> (Vec<Token>, &'t [Token]) {
        Expansion::new(self, budget).run(tokens)
    }
}

/// Operators of `#if` that count as defined.
pub(super) fn is_operator(name: &str) -> bool {
    matches!(
        name,
        "__has_include"
            | "__has_include_next"
            | "__has_attribute"
            | "__has_builtin"
            | "__has_c_attribute"
            | "__has_cpp_attribute"
    )
}

/// Macros whose value depends on where they stand.
pub(super) fn is_dynamic(name: &str) -> bool {
    matches!(name, "__LINE__" | "__FILE__" | "__COUNTER__" | "__INCLUDE_LEVEL__")
}

fn params(tokens: &[Token]) -> Option<Params> {
    let mut found = Params { names: Vec::new(), variadic: false };
    if tokens.is_empty() {
        return Some(found);
    }
    for param in tokens.split(|it| it.is(",")) {
        if found.variadic {
            return None;
        }
        let name = match param {
            [one] if one.is("...") => VARIADIC.into(),
            [Token { kind: TokenKind::Word(name), .. }, dots] if dots.is("...") => name.clone(),
            [one] => one.word()?.clone(),
            _ => return None,
        };
        found.variadic = param.last()?.is("...");
        found.names.push(name);
    }
    Some(found)
}
