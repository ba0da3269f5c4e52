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
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Good to know.
    Note,
    /// Suspicious.
    Warning,
    /// Wrong.
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
    /// What it is about.
    pub code: Code,
    /// How grave.
    pub level: Level,
    /// One line, no final stop.
    pub text: String,
    /// Where.
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
