//! Declaration specifiers (C17 section 6.7 paragraph 1): storage class, type, qualifiers.

use std::rc::Rc;

use super::super::ctype::RecordKind;
use super::super::meaning::Meaning;
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::attribute::Attributes;
use super::builtin::BasicWords;
use super::lexer::Token;
use super::parser::Parser;
use super::record::Defined;
use super::scope::Type;

/// What a declaration declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    Typedef,
    /// A variable, a function, a member.
    Object,
}

/// What stands before the first declarator.
#[derive(Debug)]
pub(super) struct Specifiers {
    pub storage: Storage,
    pub ctype: Type,
    /// Attributes of what is declared, not of the record's type.
    pub attributes: Attributes,
    /// The record or enum whose body stands here.
    pub defined: Option<Defined>,
    /// The word `struct` or `union` stands before the type's name.
    pub kind: Option<RecordKind>,
    /// What the name of the type says of values.
    pub meaning: Option<Meaning>,
    /// The system declares it.
    pub system: bool,
    /// `constexpr`, or `const` of C++: what it is initialised with is a constant.
    pub constant: bool,
    /// The type.
    pub span: Span,
}

impl Specifiers {
    /// A record whose body stands here, and which nothing packs.
    pub fn is_unpacked_record(&self) -> bool {
        matches!(&self.defined, Some(Defined::Record(it)) if !it.packed && it.pragma_pack.is_none())
    }
}

impl Parser<'_> {
    /// Reads the specifiers that stand here.
    pub fn specifiers(&mut self) -> Parsed<Specifiers> {
        let first = self.peek();
        let mut found = Specifiers {
            storage: Storage::Object,
            ctype: Type::Function,
            attributes: Attributes::default(),
            defined: None,
            kind: None,
            meaning: None,
            system: first.is_some_and(|it| it.system),
            constant: false,
            span: first.map_or(self.end_span(), |it| it.span),
        };
        let mut basic = BasicWords::default();
        let mut typed = false;
        loop {
            if self.attribute(&mut found.attributes)? {
                continue;
            }
            let Some(token) = self.peek() else { break };
            if self.scope.cplusplus && token.is("::") && !typed {
                self.position += 1;
                continue;
            }
            let Some(word) = token.word() else { break };
            let has_basic = basic != BasicWords::default();
            let is_atomic = &**word == "_Atomic" && self.peek_at(1).is_some_and(|it| it.is("("));
            if self.scope.cplusplus && &**word == "auto" {
                (found.ctype, typed) = (Type::Unknown(word.clone()), true);
                self.position += 1;
            } else if !is_atomic && self.storage(word, &mut found) {
                self.position += 1;
            } else if !typed && basic.add(word) {
                found.span = token.span;
                self.position += 1;
            } else if typed || has_basic {
                break;
            } else {
                typed = true;
                found.span = token.span;
                self.specified(word, &mut found)?;
            }
        }
        if basic != BasicWords::default() {
            let ctype = basic.ctype();
            let error = || Diagnostic::syntax(found.span, "these words make no type together");
            found.ctype = Type::Known(ctype.ok_or_else(error)?);
        } else if !typed {
            return Err(self.expected("a type"));
        }
        Ok(found)
    }

    /// Storage classes, function specifiers and qualifiers.
    fn storage(&self, word: &str, found: &mut Specifiers) -> bool {
        match word {
            "typedef" => found.storage = Storage::Typedef,
            "constexpr" | "constinit" => found.constant = true,
            "const" if self.scope.cplusplus => found.constant = true,
            "extern" | "static" | "auto" | "register" | "inline" | "__inline" | "__inline__"
            | "_Noreturn" | "_Thread_local" | "__thread" | "thread_local" | "__extension__" => {}
            "mutable" | "explicit" | "typename" | "consteval" if self.scope.cplusplus => {}
            _ => return self.is_qualifier(word),
        }
        true
    }

    pub fn is_qualifier(&self, word: &str) -> bool {
        matches!(
            word,
            "const"
                | "volatile"
                | "restrict"
                | "__const"
                | "__const__"
                | "__volatile"
                | "__volatile__"
                | "__restrict"
                | "__restrict__"
                | "__ptr64"
                | "__cdecl"
                | "__stdcall"
                | "WINAPI"
                | "__unaligned"
                | "_Atomic"
        )
    }

    /// A type that is one name, or a record or an enum.
    fn specified(&mut self, word: &Rc<str>, found: &mut Specifiers) -> Parsed<()> {
        match &**word {
            "struct" | "union" => {
                let kind = if &**word == "struct" { RecordKind::Struct } else { RecordKind::Union };
                found.kind = Some(kind);
                (found.ctype, found.defined) = self.nested(|it| it.record(kind))?;
            }
            "class" if self.scope.cplusplus => {
                found.kind = Some(RecordKind::Struct);
                (found.ctype, found.defined) = self.nested(|it| it.record(RecordKind::Struct))?;
            }
            "enum" => (found.ctype, found.defined) = self.enumeration()?,
            "typeof" | "__typeof__" | "__typeof" | "typeof_unqual" | "__typeof_unqual__"
            | "decltype" | "_Atomic" => {
                self.position += 1;
                let inside = self.bracket()?;
                let ctype = self.type_of(inside).or_else(|| self.type_of_expression(inside));
                found.ctype = match ctype {
                    Some(ctype) => Type::Known(ctype),
                    None => Type::Unknown(word.clone()),
                };
            }
            "_BitInt" | "_ExtInt" => {
                let start = self.position;
                self.position += 1;
                self.bracket()?;
                found.ctype = Type::Unknown(self.text_from(start).into());
            }
            _ if self.scope.cplusplus => {
                let start = self.position;
                found.ctype = self.qualified_type()?;
                let last = self.tokens.get(start..self.position).unwrap_or_default().last();
                found.meaning = last.and_then(Token::word).and_then(|it| self.scope.meaning(it));
            }
            _ => {
                found.meaning = self.scope.meaning(word);
                self.position += 1;
                found.ctype = match self.scope.named(word) {
                    Some(named) => self.scope.complete(named),
                    None => Type::Unknown(word.clone()),
                };
            }
        }
        Ok(())
    }

    /// Whether a type's name may begin with this word.
    pub fn begins_type(&self, word: &str) -> bool {
        (word == "class" && self.scope.cplusplus)
            || matches!(
                word,
                "struct"
                    | "union"
                    | "enum"
                    | "typeof"
                    | "__typeof__"
                    | "__typeof"
                    | "__extension__"
                    | "_Atomic"
                    | "_BitInt"
            )
            || BasicWords::default().add(word)
            || self.is_qualifier(word)
            || self.scope.named(word).is_some()
    }
}
