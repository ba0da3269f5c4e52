//! What C++ writes around plain structs: namespaces, classes, methods, aliases, constants. Methods and
//! templates are passed over; what would change a layout, such as a virtual method, is refused by its
//! name.

use std::rc::Rc;
use std::sync::Arc;

use super::super::ctype::{ArrayLen, CType, EnumDef, FieldDef, IntKind};
use super::super::source::{Code, Diagnostic, Level, Parsed, Span};
use super::base::Class;
use super::lexer::{Token, TokenKind};
use super::parser::Parser;
use super::scope::{Tag, Type};

/// What tells C++ from C, in a file whose name does not.
pub(super) fn is_cplusplus(tokens: &[Token]) -> bool {
    tokens.windows(3).any(|it| {
        let [first, second, third] = it else { return false };
        let word = |it: &Token, words: &[&str]| it.word().is_some_and(|it| words.contains(&&**it));
        let is_name = second.word().is_some();
        match first.word().map_or("", |it| it) {
            "namespace" => second.is("{") || (is_name && (third.is("{") || third.is("::"))),
            "enum" => word(second, &["class", "struct"]) && third.word().is_some(),
            "class" => is_name && first.first_on_line && (third.is("{") || third.is(":")),
            "template" => first.first_on_line && second.is("<"),
            "using" => first.first_on_line && is_name && (third.is("=") || third.word().is_some()),
            "public" | "private" | "protected" => first.first_on_line && second.is(":"),
            "std" => second.is("::"),
            _ => false,
        }
    })
}

/// An empty class has a byte, so that two of them differ (ISO/IEC 14882, [class.pre]).
pub(super) fn empty_class() -> FieldDef {
    let byte = CType::Int { kind: IntKind::UnsignedChar, order: None };
    FieldDef { bits: Some(8), ..FieldDef::new(None, byte) }
}

impl Parser<'_> {
    /// Reads a declaration that only C++ has; `false` where another stands here.
    pub fn class_declaration(&mut self) -> Parsed<bool> {
        let word = self.peek_word().cloned().unwrap_or_else(|| "".into());
        match &*word {
            "inline" if self.word_at(1, "namespace") => {
                self.position += 1;
                self.namespace(true)?;
            }
            "namespace" => self.namespace(false)?,
            "template" => self.template()?,
            "using" => self.using()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `namespace a::b {`, `namespace {`, `namespace a = b;`.
    fn namespace(&mut self, is_inline: bool) -> Parsed<()> {
        self.position += 1;
        self.attributes()?;
        let before = self.scope.path.len();
        let mut names = Vec::new();
        while let Some(token) = self.peek() {
            match &token.kind {
                TokenKind::Word(name) => names.push(name.clone()),
                TokenKind::Punct("::") => {}
                _ => break,
            }
            self.position += 1;
        }
        if self.peek().is_some_and(|it| it.is("=")) {
            return self.skip_declaration();
        }
        self.expect("{")?;
        if is_inline {
            self.scope.inline.extend(names);
        } else {
            self.scope.path.extend(names);
        }
        self.open.push(before);
        Ok(())
    }

    /// A template has no layout before it is used.
    fn template(&mut self) -> Parsed<()> {
        let span = self.peek().map_or(self.end_span(), |it| it.span);
        let text = "templates are passed over: they have no layout of their own";
        let note = Diagnostic {
            code: Code::Syntax,
            level: Level::Note,
            text: text.to_owned(),
            span,
            help: None,
        };
        if !self.diagnostics.0.iter().any(|it| it.text == text) {
            self.diagnostics.push(Box::new(note));
        }
        self.position += 1;
        self.angles();
        self.skip_declaration()
    }

    /// `using name = type;`, `using namespace a;`, `using a::name;`.
    fn using(&mut self) -> Parsed<()> {
        self.position += 1;
        let name = self.peek_word().cloned();
        self.position += usize::from(name.is_some());
        let attributes = self.attributes()?;
        let Some(name) = name.filter(|_| self.take("=")) else { return self.skip_declaration() };
        let specifiers = self.specifiers()?;
        let declarator = self.declarator(specifiers.ctype)?;
        self.expect(";")?;
        let ctype = match declarator.ctype {
            Type::Known(it) => Type::Known(attributes.apply(it, self.scope.abi)),
            other => other,
        };
        let name = self.scope.qualify(&name);
        self.scope.declare(name, ctype);
        Ok(())
    }

    /// `struct name;`: from here on the name is a type.
    pub fn declare_class(&mut self, tag: &Rc<str>) {
        if self.scope.cplusplus && self.scope.named(tag).is_none() {
            let name = self.scope.qualify(tag);
            self.scope.typedefs.insert(name, Type::Incomplete(tag.clone()));
        }
    }

    /// `enum name : type;`: its size is known before its names are.
    pub fn declare_enum(&mut self, tag: &Rc<str>, kind: IntKind, span: Span) {
        let name = self.scope.qualify(tag);
        let def = EnumDef {
            tag: Some(tag.to_string()),
            enumerators: Vec::new(),
            packed: false,
            underlying: Some(kind),
            span,
        };
        self.scope.tags.entry(name).or_insert((Tag::Enum(Arc::new(def)), true));
    }

    /// Reads what a class has beside its fields; `false` where a field stands here.
    pub fn class_member(&mut self, class: &mut Class) -> Parsed<bool> {
        let word = self.peek_word().cloned().unwrap_or_else(|| "".into());
        match &*word {
            "public" | "private" | "protected" if self.peek_at(1).is_some_and(|it| it.is(":")) => {
                class.hides = &*word != "public";
                self.position += 2;
            }
            "using" => self.using()?,
            "template" => self.template()?,
            "friend" => self.skip_declaration()?,
            "virtual" => {
                let span = self.peek().map_or(self.end_span(), |it| it.span);
                let text = format!("`{class}` has virtual methods, which add a hidden pointer");
                return Err(Diagnostic::syntax(span, text));
            }
            _ if self.is_method() => {
                let start = self.position;
                self.skip_method()?;
                class.method(self.tokens.get(start..self.position).unwrap_or_default());
            }
            "static" | "typedef" => {
                let skipped = std::mem::replace(&mut self.skips_lengths, false);
                let declared = self.declaration();
                self.skips_lengths = skipped;
                declared?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A type by its name, with the namespaces and arguments that it has.
    pub fn qualified_type(&mut self) -> Parsed<Type> {
        let mut name = String::new();
        while let Some(word) = self.peek_word() {
            name.push_str(word);
            self.position += 1;
            let goes_on = self.peek().is_some_and(|it| it.is("::"))
                && self.peek_at(1).is_some_and(|it| it.word().is_some());
            if !goes_on {
                break;
            }
            name.push_str("::");
            self.position += 1;
        }
        if self.peek().is_some_and(|it| it.is("<")) {
            let arguments = self.angles();
            return Ok(self.template_type(&name, &arguments));
        }
        if matches!(name.as_str(), "std::byte") {
            let kind = IntKind::UnsignedChar;
            return Ok(Type::Known(CType::Int { kind, order: None }));
        }
        let plain = name.strip_prefix("std::").unwrap_or(&name);
        Ok(match self.scope.named(&name).or_else(|| self.scope.named(plain)) {
            Some(named) => self.scope.complete(named),
            None => Type::Unknown(name.as_str().into()),
        })
    }

    /// `std::array<type, n>` lies as `type[n]`; of other templates nothing is known.
    fn template_type(&mut self, name: &str, arguments: &[Token]) -> Type {
        let array = |it: &mut Self| -> Option<CType> {
            let comma = arguments.iter().rposition(|it| it.is(","))?;
            let element = it.type_of(arguments.get(..comma)?)?;
            let len = it.constant_in(arguments.get(comma + 1..)?).ok()?;
            let len = ArrayLen::Fixed(u64::try_from(len).ok()?);
            it.scope.array(element, len).ok()
        };
        let is_array = matches!(name, "std::array" | "array");
        let known = if is_array { array(self) } else { None };
        known.map_or_else(|| Type::Unknown(format!("{name}<…>").into()), Type::Known)
    }

    /// Reads `<…>`; gives what is within.
    fn angles(&mut self) -> Vec<Token> {
        let start = self.position + 1;
        let mut depth = 0i32;
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Punct("<") => depth += 1,
                TokenKind::Punct(">") => depth -= 1,
                TokenKind::Punct(">>") => depth -= 2,
                TokenKind::Punct(";" | "{") => break,
                _ => {}
            }
            self.position += 1;
            if depth <= 0 {
                break;
            }
        }
        let end = self.position.saturating_sub(1).max(start);
        self.tokens.get(start..end).unwrap_or_default().to_vec()
    }

    pub fn word_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).and_then(Token::word).is_some_and(|it| &**it == word)
    }
}
