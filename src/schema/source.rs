//! Source text, spans in it, and what is said about them.

use std::path::PathBuf;

/// One header file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As the user or an `#include` named it.
    pub path: PathBuf,
    /// The text; bytes that are not UTF-8 replaced.
    pub text: String,
}

/// Bytes of one source file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Index into the schema's files.
    pub file: u32,
    /// The first byte, counted from 0.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Good to know; changes no exit code.
    Note,
    /// Suspicious; fails where the user is strict.
    Warning,
    /// Wrong; fails, unless no message that is used needs it.
    Error,
}

/// What a header diagnostic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A declaration that does not parse, or that refers to what is not declared.
    Syntax,
    /// An attribute that gcc ignores, such as `__attribute__((pack))`; or `struct {…} PACKED;`
    /// with `PACKED` undefined, which declares a variable.
    UnknownAttribute,
}

/// Something wrong in a header, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What it is about, by the name that JSON has.
    pub code: Code,
    /// Whether it fails.
    pub level: Level,
    /// One line, no final stop.
    pub text: String,
    /// The words that it is about.
    pub span: Span,
    /// What to do about it, one line.
    pub help: Option<String>,
}

impl Code {
    /// The name in JSON and in front of diagnostics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownAttribute => "unknown-attribute",
        }
    }
}

/// What was parsed, or the one thing to say about it.
pub(in crate::schema) type Parsed<T> = Result<T, Box<Diagnostic>>;

impl Diagnostic {
    /// Whether it is about a declaration that gives no message, so that none in use needs it.
    pub fn is_of_unused(&self) -> bool {
        self.code == Code::Syntax
    }

    /// A declaration that does not parse.
    pub(in crate::schema) fn syntax(span: Span, text: impl Into<String>) -> Box<Self> {
        Self::error(Code::Syntax, span, text)
    }

    pub(in crate::schema) fn error(code: Code, span: Span, text: impl Into<String>) -> Box<Self> {
        Box::new(Self { code, level: Level::Error, text: text.into(), span, help: None })
    }

    pub(in crate::schema) fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }
}

/// Everything that is said about a header, as much of it as anyone reads.
#[derive(Debug, Default)]
pub(in crate::schema) struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Said before the rest is dropped; a file that is no header would never end.
    const MAX: usize = 100;

    pub fn push(&mut self, diagnostic: Box<Diagnostic>) {
        if self.0.len() < Self::MAX && !self.0.contains(&diagnostic) {
            self.0.push(*diagnostic);
        }
    }
}
