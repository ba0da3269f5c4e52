//! Base classes: where they lie in their heirs (Itanium C++ ABI, section 2.4, as gcc has it).
//!
//! A base lies where it stands, as an anonymous struct does. One that is no plain struct, by what C++98
//! says, leaves its tail padding to its heir: its members stand there as the heir's own. One without
//! members takes no room. A virtual base, and one that is not known, is refused by its name.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::ctype::{CType, FieldDef, RecordDef};
use super::super::source::{Diagnostic, Parsed, Span};
use super::class::empty_class;
use super::lexer::Token;
use super::parser::Parser;
use super::scope::Type;

/// What is learnt of a class while its members are read.
#[derive(Debug, Default)]
pub(super) struct Class {
    name: Option<Rc<str>>,
    /// `private:` or `protected:` is in force.
    pub hides: bool,
    /// It is no plain struct: an heir's members begin where its own end.
    leaves_tail: bool,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or("this class"))
    }
}

impl Class {
    pub fn new(name: Option<Rc<str>>, keyword: Option<&Token>, has_base: bool) -> Self {
        let hides = keyword.and_then(Token::word).is_some_and(|it| &**it == "class");
        Self { name, hides, leaves_tail: has_base }
    }

    /// It has a member, with a value of its own where it is `initialised`.
    pub fn member(&mut self, initialised: bool) {
        self.leaves_tail |= self.hides || initialised;
    }

    /// It has this method: a constructor, destructor or assignment of its own makes it no plain struct.
    pub fn method(&mut self, tokens: &[Token]) {
        let is_word = |it: &Token, word: &str| it.word().is_some_and(|it| &**it == word);
        let name = self.name.as_deref().unwrap_or_default();
        let is_special = tokens.windows(2).any(|it| match it {
            [first, second] => {
                (is_word(first, name) && second.is("("))
                    || (is_word(first, "operator") && second.is("="))
            }
            _ => false,
        });
        let by_itself = match tokens {
            [.., equals, word, end] => {
                equals.is("=")
                    && end.is(";")
                    && (is_word(word, "default") || is_word(word, "delete"))
            }
            _ => false,
        };
        self.leaves_tail |= is_special && !by_itself;
    }

    pub fn leaves_tail(&self) -> bool {
        self.leaves_tail
    }
}

impl Parser<'_> {
    /// What may stand between a class's name and its body; gives the members that its bases make.
    pub fn class_head(&mut self, tag: Option<&(Rc<str>, Span)>) -> Parsed<Vec<FieldDef>> {
        if self.word_at(0, "final") {
            self.position += 1;
        }
        let mut fields = Vec::new();
        if !self.take(":") {
            return Ok(fields);
        }
        loop {
            while ["public", "private", "protected"].iter().any(|it| self.word_at(0, it)) {
                self.position += 1;
            }
            fields.extend(self.base(tag)?);
            if !self.take(",") {
                return Ok(fields);
            }
        }
    }

    fn base(&mut self, tag: Option<&(Rc<str>, Span)>) -> Parsed<Option<FieldDef>> {
        let start = self.position;
        let span = self.peek().map_or(self.end_span(), |it| it.span);
        let class = tag.map_or("this class", |it| &it.0);
        if self.word_at(0, "virtual") {
            let text =
                format!("`{class}` has a virtual base class, whose place no declaration tells");
            return Err(Diagnostic::syntax(span, text));
        }
        self.take("::");
        let found = self.qualified_type()?;
        match self.scope.complete(found) {
            Type::Known(CType::Record(record)) => Ok(Self::inherited(&record, span)),
            _ => {
                let base = self.text_from(start);
                let text =
                    format!("`{class}` has the base class `{base}`, which is not known here");
                let help = "declare the members of the base class in it, or as its first member";
                Err(Diagnostic::syntax(span, text).help(help))
            }
        }
    }

    /// A class without members takes no room in its heir.
    fn inherited(base: &Arc<RecordDef>, span: Span) -> Option<FieldDef> {
        let is_empty = base.fields.is_empty() || *base.fields == [empty_class()];
        let ctype = CType::Record(base.clone());
        (!is_empty).then(|| FieldDef { span, ..FieldDef::new(None, ctype) })
    }

    /// Puts the members of bases that leave their tails in the place of these, the first `bases` of
    /// `fields`. The heir must not be packed: its bases are laid out before it is.
    pub fn use_tails(&self, fields: &mut Vec<FieldDef>, bases: usize) {
        let joined = |it: FieldDef| match &it.ctype {
            CType::Record(base) if self.has_open_tail(base) => base.fields.clone(),
            _ => vec![it],
        };
        let heads: Vec<_> = fields.drain(..bases.min(fields.len())).flat_map(joined).collect();
        fields.splice(0..0, heads);
    }

    fn has_open_tail(&self, base: &Arc<RecordDef>) -> bool {
        let has_padding = !base.packed && base.pragma_pack.is_none() && base.aligned.is_none();
        let leaves_it = self.scope.tails.contains(&Arc::as_ptr(base));
        has_padding && leaves_it && self.scope.abi != Abi::Win64
    }
}
