//! A header and what it declares.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use super::super::abi::Abi;
use super::super::constants::{Constants, NamedNumber};
use super::super::ctype::{CType, EnumDef, RecordDef};
#[cfg(feature = "dwarf")]
use super::super::dwarf::ProgramError;
use super::super::source::{Diagnostic, SourceFile, Span};
use super::class;
use super::expression::{self, Names};
use super::include::Sources;
use super::included;
use super::lexer::{Token, TokenKind};
use super::missing;
use super::parser::Parser;
use super::platform::BUILT_IN;
use super::predefined;
use super::preprocess::{MAX_LEN, Origin, Preprocessor};
use super::scope::{Declared, Scope, Tag, Type};
use super::text_record::TextRecord;
use super::text_record::has_conversion;

/// What stands outside the header and decides how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// `-I`: where `#include` looks, after the folder of the including file.
    pub include_dirs: Vec<PathBuf>,
    /// `-D`: macros and their values; of a function macro, the name with its parameters: `F(x)`.
    /// `-D NAME` alone means the value `1`.
    pub defines: Vec<(String, String)>,
    /// `--include`: files that are read before the header, as if it began with `#include "file"`.
    pub includes: Vec<PathBuf>,
    /// Whose compiler reads it: which of its `#if` hold, and what `sizeof` gives.
    pub abi: Abi,
}

/// A header that could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It is missing, not readable, or too long.
    #[error("cannot read the header {}: {source}", path.display())]
    Read {
        /// As the user named it.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no text, whatever the character set.
    #[error("{} is not a C header (not text)", path.display())]
    NotText {
        /// As the user named it.
        path: PathBuf,
    },
    /// It is a program that gives no types.
    #[cfg(feature = "dwarf")]
    #[error("cannot read types from {}: {source}", path.display())]
    Program {
        /// As the user named it.
        path: PathBuf,
        /// What is wrong with it.
        source: ProgramError,
    },
    /// The path names a folder, as `-H include/` does.
    #[error("cannot read the header {}: it is a directory", path.display())]
    Directory {
        /// As the user named it.
        path: PathBuf,
    },
}

/// What the values of macros may cost in all, tokens.
const CONSTANTS_BUDGET: usize = 200_000;

/// Where a span begins, as an editor names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// As the user or an `#include` named it.
    pub path: &'a Path,
    /// Its line, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
}

impl fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// The declarations of a header, and of what it includes.
///
/// ```
/// use wirereel::schema::{LoadOptions, Schema};
///
/// let text = "struct msg { char name[11]; int math; } __attribute__((packed));";
/// let schema = Schema::parse("proto.h", text, &LoadOptions::default());
/// assert!(schema.record("msg").is_some_and(|it| it.packed && it.fields.len() == 2));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The header, which is the first, and all that it includes; [`Span::file`] is an index.
    pub files: Vec<SourceFile>,
    /// What is wrong with it, in the order in which it was found.
    pub diagnostics: Vec<Diagnostic>,
    /// Its text records, as declared.
    pub text_records: Vec<TextRecord>,
    /// What a program was compiled for; `None` of a header, which is for any.
    pub abi: Option<Abi>,
    records: Vec<(String, Arc<RecordDef>)>,
    names: HashMap<String, Arc<RecordDef>>,
    constants: Constants,
    by_byte_order: Vec<Span>,
}

impl Schema {
    /// Reads a header and what it includes.
    ///
    /// # Errors
    ///
    /// Where the file itself cannot be read. What is wrong in it is in [`Schema::diagnostics`].
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, SchemaError> {
        if path.is_dir() {
            return Err(SchemaError::Directory { path: path.to_owned() });
        }
        let text = included::read(path, MAX_LEN).map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::InvalidData => SchemaError::NotText { path },
                _ => SchemaError::Read { path, source },
            }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self::read(path, &text, Some(folder), options, true))
    }

    /// Reads a header from memory. Includes are looked up in [`LoadOptions::include_dirs`] alone.
    pub fn parse(name: &str, text: &str, options: &LoadOptions) -> Self {
        Self::read(Path::new(name), text, None, options, true)
    }

    /// Reads a header from memory that needs nothing of the platform but its integers: what stands in for
    /// the system's headers takes longer to read than such a header.
    pub(crate) fn parse_bare(name: &str, text: &str) -> Self {
        Self::read(Path::new(name), text, None, &LoadOptions::default(), false)
    }

    /// A struct or union, by its tag or typedef.
    pub fn record(&self, name: &str) -> Option<&Arc<RecordDef>> {
        self.names.get(name)
    }

    /// The structs and unions that the user's files name, each once, as declared: by tag, or where
    /// there is none by typedef.
    pub fn records(&self) -> impl Iterator<Item = (&str, &Arc<RecordDef>)> {
        self.records.iter().map(|(name, record)| (name.as_str(), record))
    }

    /// Every struct and union by its name, those of the system's headers among them, in the order of
    /// their names.
    pub fn every_record(&self) -> Vec<(&str, &Arc<RecordDef>)> {
        let mut all: Vec<_> = self.names.iter().map(|(name, it)| (name.as_str(), it)).collect();
        all.sort_by_key(|it| it.0);
        all
    }

    /// A string macro that holds a conversion.
    pub fn text_record(&self, name: &str) -> Option<&TextRecord> {
        self.text_records.iter().find(|it| it.name == name)
    }

    /// The names of all that may be a message: records, then text records.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        let texts = self.text_records.iter().map(|it| it.name.as_str());
        self.records.iter().map(|it| it.0.as_str()).chain(texts)
    }

    /// The value of an enumerator, or of a macro that is an integer.
    pub fn constant(&self, name: &str) -> Option<i128> {
        self.constants.get(name)
    }

    /// Every name of a number, as declared: enumerators, then macros.
    pub fn numbers(&self) -> Vec<NamedNumber<'_>> {
        self.constants.numbers()
    }

    /// The enum of a tag or typedef, or all enumerators and integer macros whose names match, `*` being
    /// any characters and `?` any one; in declared order, the enumerators first.
    pub fn enumeration(&self, pattern: &str) -> Option<Arc<EnumDef>> {
        self.constants.named(pattern)
    }

    /// What [`enumeration`](Self::enumeration) can name.
    pub fn enumerations(&self) -> impl Iterator<Item = &str> {
        self.constants.names()
    }

    /// The enumerators and the macros that are an integer, by name, in no order.
    pub fn constants(&self) -> impl Iterator<Item = (&str, i128)> {
        self.constants.iter()
    }

    /// Whether a span is in what stands for the system's headers, and not in a file of the user.
    pub fn is_built_in(&self, span: Span) -> bool {
        self.files.get(span.file as usize).is_some_and(|it| it.path.starts_with(BUILT_IN))
    }

    /// Whether what stands there is declared for machines of one byte order, and otherwise for others:
    /// `#if __BYTE_ORDER == __LITTLE_ENDIAN`.
    pub fn is_by_byte_order(&self, span: Span) -> bool {
        let holds =
            |it: &Span| it.file == span.file && it.start <= span.start && span.end <= it.end;
        self.by_byte_order.iter().any(holds)
    }

    /// Where a span begins.
    pub fn position(&self, span: Span) -> Option<Position<'_>> {
        let file = self.files.get(span.file as usize)?;
        let before = file.text.get(..span.start as usize)?;
        let line_start = before.rfind('\n').map_or(0, |it| it + 1);
        let column = before.get(line_start..)?.chars().count() + 1;
        Some(Position { path: &file.path, line: before.matches('\n').count() + 1, column })
    }

    fn read(
        path: &Path,
        text: &str,
        folder: Option<&Path>,
        options: &LoadOptions,
        with_platform: bool,
    ) -> Self {
        let mut sources = Sources::new(&options.include_dirs);
        let main = sources.add_main(path, text, folder);
        let is_cplusplus = is_cplusplus(path);
        let compiler = predefined::header(options.abi, is_cplusplus);
        let compiler = sources.add(&Path::new(BUILT_IN).join("compiler.h"), &compiler, None);
        let stand_ins = sources.add_stand_ins();
        let command_line = command_line(options);
        // Its includes are looked for in the working directory.
        let here = folder.map(|_| Path::new(""));
        let command_line = sources.add(Path::new("<command line>"), &command_line, here);
        let mut preprocessor = Preprocessor::new(sources, options.abi);
        preprocessor.file(compiler, Origin::System);
        for stand_in in stand_ins.into_iter().filter(|_| with_platform) {
            preprocessor.file(stand_in, Origin::StandIn);
        }
        preprocessor.file(command_line, Origin::CommandLine);
        preprocessor.file(main, Origin::User);
        Self::from_tokens(preprocessor)
    }

    fn from_tokens(mut preprocessor: Preprocessor) -> Self {
        let tokens = std::mem::take(&mut preprocessor.output);
        let diagnostics = std::mem::take(&mut preprocessor.diagnostics);
        let mut scope = Scope::new(&preprocessor);
        scope.cplusplus =
            preprocessor.macros.is_defined("__cplusplus") || class::is_cplusplus(&tokens);
        let descriptions = std::mem::take(&mut preprocessor.descriptions);
        let mut parser = Parser::new(&tokens, diagnostics, scope, descriptions);
        parser.run();
        let mut schema = Self { records: named(&parser.scope.records), ..Self::default() };
        schema.read_names(&parser);
        schema.read_macros(&preprocessor, &mut parser);
        let lacking = parser.scope.lacking.take();
        let mut diagnostics = std::mem::take(&mut parser.diagnostics);
        schema.by_byte_order = std::mem::take(&mut preprocessor.by_byte_order);
        schema.files = preprocessor.sources.into_files();
        missing::fold(&mut diagnostics, &preprocessor.missing, &lacking, &schema.files);
        schema.diagnostics = diagnostics.0;
        schema
    }

    /// Tags and typedefs that name a record.
    fn read_names(&mut self, parser: &Parser<'_>) {
        self.names.extend(self.records.iter().cloned());
        for (name, (tag, _)) in &parser.scope.tags {
            match tag {
                Tag::Record(record) => _ = self.names.insert(name.to_string(), record.clone()),
                Tag::Enum(names) => self.constants.add_enum(name.to_string(), names),
            }
        }
        for (name, ctype) in &parser.scope.typedefs {
            let Type::Known(ctype) = parser.scope.complete(ctype.clone()) else { continue };
            if let Some(record) = record_of(&ctype) {
                self.names.insert(name.to_string(), record.clone());
            } else if let CType::Enum(names) = &ctype {
                self.constants.add_enum(name.to_string(), names);
            }
        }
        for name in &parser.scope.enumerator_order {
            if let Some(value) = parser.scope.enumerators.get(name) {
                self.constants.add(name.to_string(), *value);
            }
        }
    }

    /// The user's macros that are a text record or an integer.
    fn read_macros(&mut self, preprocessor: &Preprocessor, parser: &mut Parser<'_>) {
        let mut budget = CONSTANTS_BUDGET;
        let macros = &preprocessor.macros;
        let user = macros.iter().filter(|it| it.1.user && it.1.params.is_none());
        let mut user: Vec<_> = user.collect();
        user.sort_by_key(|it| it.1.span);
        for (name, found) in user {
            let tokens = macros.expand(&found.body, &mut budget);
            if let Some(format) = joined(&tokens).filter(|it| has_conversion(it)) {
                let record = TextRecord { name: name.to_string(), format, span: found.span };
                self.text_records.push(record);
            } else if let Some(value) = integer(&tokens, found.span, parser) {
                self.constants.add_macro(name.to_string(), value);
            }
        }
        self.text_records.sort_by_key(|it| it.span);
    }
}

/// What a program declares, as [`Schema`] has it.
#[cfg(feature = "dwarf")]
pub(in crate::schema) struct ProgramParts {
    pub abi: Abi,
    pub files: Vec<SourceFile>,
    pub diagnostics: Vec<Diagnostic>,
    pub text_records: Vec<TextRecord>,
    pub records: Vec<(String, Arc<RecordDef>)>,
    pub names: HashMap<String, Arc<RecordDef>>,
    pub constants: Constants,
}

#[cfg(feature = "dwarf")]
impl Schema {
    pub(in crate::schema) fn of_program(parts: ProgramParts) -> Self {
        let ProgramParts { abi, files, diagnostics, text_records, records, names, constants } =
            parts;
        let abi = Some(abi);
        Self { files, diagnostics, text_records, abi, records, names, constants, ..Self::default() }
    }
}

/// A name by which C++ headers go.
fn is_cplusplus(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    matches!(extension, "hpp" | "hh" | "hxx" | "h++" | "H" | "ipp" | "cpp" | "cc" | "cxx")
}

/// `-D` and `--include` options as the text of a header.
fn command_line(options: &LoadOptions) -> String {
    let define = |(name, value): &(String, String)| {
        format!("#define {name} {}\n", value.replace(['\n', '\r'], " "))
    };
    let include = |path: &PathBuf| format!("#include \"{}\"\n", path.display());
    let defines = options.defines.iter().map(define);
    defines.chain(options.includes.iter().map(include)).collect()
}

/// The user's records, each once; those of C++ without their namespaces, where no two are alike.
fn named(declared: &[Declared]) -> Vec<(String, Arc<RecordDef>)> {
    let user = || declared.iter().filter(|it| it.user);
    let mut alike: HashMap<&str, usize> = HashMap::new();
    user().for_each(|it| *alike.entry(last(&it.name)).or_default() += 1);
    let name = |it: &Declared| match alike.get(last(&it.name)) {
        Some(1) => last(&it.name).to_owned(),
        _ => it.name.to_string(),
    };
    user().map(|it| (name(it), it.record.clone())).collect()
}

/// A name without its namespaces.
fn last(name: &str) -> &str {
    name.rsplit_once("::").map_or(name, |it| it.1)
}

fn record_of(ctype: &CType) -> Option<&Arc<RecordDef>> {
    match ctype {
        CType::Record(record) => Some(record),
        CType::Aligned(inner, _) => record_of(inner),
        _ => None,
    }
}

/// String literals that stand side by side.
fn joined(tokens: &[Token]) -> Option<Vec<u8>> {
    let inside = match tokens {
        [open, inside @ .., close] if open.is("(") && close.is(")") => inside,
        _ => tokens,
    };
    inside.iter().try_fold(Vec::new(), |mut bytes, token| match &token.kind {
        TokenKind::Text(text) => {
            bytes.extend_from_slice(text);
            Some(bytes)
        }
        _ => None,
    })
}

fn integer(tokens: &[Token], span: Span, names: &mut impl Names) -> Option<i128> {
    let (value, used) = expression::evaluate(tokens, span, names).ok()?;
    (used == tokens.len()).then_some(value.value)
}
