//! The headers that were read, and the messages they declare.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::options::Options;
use super::source::Source;
use super::{Declared, Format, ProfileError, bundled, lessons};
use crate::schema::{
    self, Abi, EnumDef, Layout, LayoutErrorKind, LoadOptions, Reading, RecordDef, Schema, Span,
    nearest,
};

/// Headers by number: each file is read once.
#[derive(Debug)]
pub(super) struct Headers {
    schemas: Vec<Schema>,
    /// Where each came from.
    origins: Vec<Origin>,
    /// Those of `-H`, in its order.
    given: Vec<usize>,
    how: LoadOptions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    File(PathBuf),
    Lesson(String),
    Bundled(String),
}

/// A message as a header declares it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub name: String,
    pub declared: Declared,
    definition: Definition,
}

/// Where a message is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place<'a> {
    /// A file, and the byte in it.
    File(&'a Path, u32),
    /// A program without lines of source: which, and the declaration's number there.
    Program(usize, u32),
}

#[derive(Clone, Debug)]
enum Definition {
    Record(Arc<RecordDef>),
    Text(Vec<u8>),
}

impl Message {
    /// How its bytes are read; `headers` says where it stands, if they cannot be.
    pub fn format(
        &self,
        headers: &Headers,
        abi: Abi,
        reading: &Reading<'_>,
    ) -> Result<Format, ProfileError> {
        match &self.definition {
            Definition::Text(format) => Ok(Format::Text(format.clone())),
            Definition::Record(record) => Layout::of(record, &self.name, abi)
                .and_then(|layout| layout.resolve(reading))
                .map(|layout| Format::Record(Arc::new(layout)))
                .map_err(|source| {
                    if let LayoutErrorKind::Word { path, error, span } = source.kind {
                        let place = headers.position(self.declared, Some(span));
                        return ProfileError::Word { path, place, source: error };
                    }
                    let place = headers.position(self.declared, source.span);
                    ProfileError::Layout {
                        place,
                        message: self.name.clone(),
                        abi,
                        source: Box::new(source),
                    }
                }),
        }
    }
}

impl Headers {
    pub fn new(options: &Options) -> Self {
        let how = LoadOptions {
            include_dirs: options.include_dirs.clone(),
            defines: options.defines.clone(),
            includes: options.includes.clone(),
            abi: options.abi.unwrap_or_default(),
        };
        Self { schemas: Vec::new(), origins: Vec::new(), given: Vec::new(), how }
    }

    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// What a header was compiled for that is a program.
    pub fn abi(&self, schema: usize) -> Option<Abi> {
        self.schemas.get(schema)?.abi
    }

    /// Whether a header is part of the program.
    pub fn is_built_in(&self, schema: usize) -> bool {
        matches!(self.origins.get(schema), Some(Origin::Lesson(_) | Origin::Bundled(_)))
    }

    /// Reads a header of `-H`, for the ABI that was asked for.
    pub fn give(&mut self, path: &Path, asked: Option<Abi>) -> Result<(), ProfileError> {
        let schema = self.load(Source::Dir(Path::new("")), path)?;
        self.check_abi(schema, asked)?;
        if !self.given.contains(&schema) {
            self.given.push(schema);
        }
        Ok(())
    }

    /// Makes sure that a program is not to be read as another's.
    pub fn check_abi(&self, schema: usize, asked: Option<Abi>) -> Result<(), ProfileError> {
        match (self.abi(schema), asked) {
            (Some(abi), Some(asked)) if abi != asked => {
                let program = self.paths(&[schema]).concat();
                Err(ProfileError::ProgramAbi { program, abi, asked })
            }
            _ => Ok(()),
        }
    }

    /// Reads a header, unless it is there.
    pub fn load(
        &mut self,
        source: Source<'_>,
        name: impl AsRef<Path>,
    ) -> Result<usize, ProfileError> {
        let name = name.as_ref();
        let origin = match source {
            Source::Dir(dir) => Origin::File(dir.join(name)),
            Source::Lessons => Origin::Lesson(name.to_string_lossy().into_owned()),
            Source::Bundled => Origin::Bundled(name.to_string_lossy().into_owned()),
        };
        if let Some(index) = self.origins.iter().position(|it| *it == origin) {
            return Ok(index);
        }
        let schema = match &origin {
            Origin::File(path) => schema::load(path, &self.how)?,
            // What the user defines is meant for the user's headers.
            Origin::Lesson(name) => {
                let text = lessons::header(name).unwrap_or_default();
                Schema::parse_bare(name, text)
            }
            Origin::Bundled(name) => {
                let text = bundled::header(name).unwrap_or_default();
                Schema::parse(name, text, &LoadOptions::default())
            }
        };
        self.schemas.push(schema);
        self.origins.push(origin);
        Ok(self.origins.len().saturating_sub(1))
    }

    /// A message of one header by its tag, typedef or macro.
    pub fn message(&self, schema: usize, name: &str) -> Result<Message, ProfileError> {
        self.find(schema, name).ok_or_else(|| {
            if let Some(ambiguous) = self.ambiguous(&[schema], name) {
                return ambiguous;
            }
            let known = self.names(schema);
            let known = known.iter().map(String::as_str);
            ProfileError::unknown_message(name, self.paths(&[schema]), known)
        })
    }

    /// The names of one header's messages.
    pub fn names(&self, schema: usize) -> Vec<String> {
        let names = self.schemas.get(schema).into_iter().flat_map(Schema::messages);
        names.map(str::to_owned).collect()
    }

    /// How a struct or union of one header lies; `None` where it declares none of that name.
    pub fn record_layout(
        &self,
        schema: usize,
        name: &str,
        abi: Abi,
    ) -> Result<Option<Layout>, ProfileError> {
        let Some(message) = self.find(schema, name) else { return Ok(None) };
        let Definition::Record(record) = &message.definition else { return Ok(None) };
        Layout::of(record, name, abi).map(Some).map_err(|source| {
            let place = self.position(message.declared, source.span);
            ProfileError::Layout { place, message: name.to_owned(), abi, source: Box::new(source) }
        })
    }

    /// The struct or union of one header that is called most like something.
    pub fn record_like(&self, schema: usize, name: &str) -> Option<String> {
        let records = self.schemas.get(schema)?.records();
        nearest(name, records.map(|(known, _)| known))
    }

    /// The bytes of a struct or union of one header.
    pub fn size(&self, schema: usize, name: &str, abi: Abi) -> Option<u64> {
        self.record_layout(schema, name, abi).ok()?.map(|it| it.size)
    }

    /// An enumerator or an integer macro of one header.
    pub fn constant(&self, schema: usize, name: &str) -> Option<i128> {
        self.schemas.get(schema)?.constant(name)
    }

    /// The names for a field's values that a profile means: an enum, or all that match.
    pub fn enumeration(&self, schema: usize, pattern: &str) -> Result<Arc<EnumDef>, ProfileError> {
        let schema = self.schemas.get(schema);
        schema.and_then(|it| it.enumeration(pattern)).ok_or_else(|| {
            let known = schema.into_iter().flat_map(Schema::enumerations);
            let nearest = nearest(pattern, known);
            ProfileError::UnknownNames { pattern: pattern.to_owned(), nearest }
        })
    }

    /// The names of those.
    pub fn constants(&self, schema: usize) -> impl Iterator<Item = &str> {
        self.schemas.get(schema).into_iter().flat_map(Schema::constants).map(|it| it.0)
    }

    /// A message of the given headers, or of those among them that `header` names.
    pub fn given_message(
        &self,
        header: Option<&str>,
        name: &str,
    ) -> Result<Option<Message>, ProfileError> {
        let among = self.given_headers(header);
        if let (Some(header), true) = (header, among.is_empty()) {
            // Or a unit of a program.
            let name = format!("{header}:{name}");
            if let found @ Some(_) = self.given.iter().find_map(|&it| self.find(it, &name)) {
                return Ok(found);
            }
            return Err(ProfileError::UnknownHeader {
                name: header.to_owned(),
                given: self.paths(&self.given),
            });
        }
        let found: Vec<_> = among.iter().filter_map(|&schema| self.find(schema, name)).collect();
        let [first, others @ ..] = found.as_slice() else {
            return self.ambiguous(&among, name).map_or(Ok(None), Err);
        };
        if others.iter().all(|it| self.place(it) == self.place(first)) {
            return Ok(Some(first.clone()));
        }
        let schemas: Vec<_> = found.iter().map(|it| it.declared.schema).collect();
        Err(ProfileError::Ambiguous { name: name.to_owned(), headers: self.paths(&schemas) })
    }

    /// What is wrong with a name that units of a program give to different records.
    fn ambiguous(&self, among: &[usize], name: &str) -> Option<ProfileError> {
        let schemas = among.iter().filter_map(|&it| self.schemas.get(it));
        let units: Vec<_> = schemas.flat_map(|it| it.units_of(name)).map(str::to_owned).collect();
        let name = name.to_owned();
        (!units.is_empty()).then_some(ProfileError::Ambiguous { name, headers: units })
    }

    /// Every struct and union of the given headers, once each.
    pub fn given_messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        let mut seen = HashSet::new();
        for &schema in &self.given {
            for name in self.names(schema) {
                let Some(message) = self.find(schema, &name) else { continue };
                let is_record = matches!(message.definition, Definition::Record(_));
                if is_record && seen.insert(self.place(&message)) {
                    messages.push(message);
                }
            }
        }
        messages
    }

    /// The given headers that declare no message.
    pub fn given_without_messages(&self) -> Vec<String> {
        let is_bare =
            |it: &usize| self.schemas.get(*it).is_some_and(|it| it.messages().next().is_none());
        let bare: Vec<_> = self.given.iter().copied().filter(is_bare).collect();
        self.paths(&bare)
    }

    /// The names of messages in the given headers, or in those that `header` names.
    pub fn given_names(&self, header: Option<&str>) -> Vec<String> {
        self.given_headers(header).into_iter().flat_map(|schema| self.names(schema)).collect()
    }

    /// The given headers as they were given, or those that `header` names.
    pub fn given_paths(&self, header: Option<&str>) -> Vec<String> {
        self.paths(&self.given_headers(header))
    }

    /// `proto.h` and `include/proto.h` both name `src/include/proto.h`.
    fn given_headers(&self, header: Option<&str>) -> Vec<usize> {
        let is_meant = |schema: &usize| match (header, self.origins.get(*schema)) {
            (None, _) => true,
            (Some(header), Some(Origin::File(path))) => path.ends_with(header),
            (Some(_), _) => false,
        };
        self.given.iter().copied().filter(is_meant).collect()
    }

    fn find(&self, schema: usize, name: &str) -> Option<Message> {
        let of = self.schemas.get(schema)?;
        let (span, definition) = match (of.record(name), of.text_record(name)) {
            (Some(record), _) => (record.span, Definition::Record(record.clone())),
            (None, Some(text)) => (text.span, Definition::Text(text.format.clone())),
            (None, None) => return None,
        };
        let declared = Declared { schema, span };
        Some(Message { name: name.to_owned(), declared, definition })
    }

    /// The declaration itself: two headers may include the same file. Of a program it may have none,
    /// and is told by its number there.
    fn place(&self, message: &Message) -> Place<'_> {
        let Declared { schema, span } = message.declared;
        let files = self.schemas.get(schema).map(|it| it.files.as_slice()).unwrap_or_default();
        match files.get(span.file as usize) {
            Some(file) => Place::File(file.path.as_path(), span.start),
            None => Place::Program(schema, span.start),
        }
    }

    /// The name of a message; behind that of its header where another given header declares another
    /// of that name.
    pub fn telling_name(&self, message: &Message) -> String {
        let others = self.given.iter().filter_map(|&it| self.find(it, &message.name));
        let is_shared = others.into_iter().any(|it| self.place(&it) != self.place(message));
        match self.origins.get(message.declared.schema) {
            Some(Origin::File(path)) if is_shared => {
                format!("{}:{}", self.telling_end(path).display(), message.name)
            }
            _ => message.name.clone(),
        }
    }

    /// The fewest last parts of a header's path that are of no other given header: they are the same
    /// wherever the headers lie.
    fn telling_end<'h>(&self, path: &'h Path) -> &'h Path {
        let ends = path.ancestors().skip(1).map(|it| path.strip_prefix(it).unwrap_or(path));
        let mut ends = ends.filter(|it| !it.as_os_str().is_empty());
        ends.find(|it| self.given_headers(it.to_str()).len() == 1).unwrap_or(path)
    }

    /// The first syntax error of the given headers that `header` names, with its place.
    pub fn first_mistake(&self, header: Option<&str>) -> Option<String> {
        let given = self.given_headers(header).into_iter();
        let mut schemas = given.filter_map(|it| self.schemas.get(it));
        schemas.find_map(|schema| {
            let is_grave =
                |it: &&crate::schema::Diagnostic| it.level == crate::schema::Level::Error;
            let mistake = schema.diagnostics.iter().find(is_grave)?;
            Some(format!("{}: {}", schema.position(mistake.span)?, mistake.text))
        })
    }

    /// File, line and column of a span in the header of a declaration, or of that itself.
    fn position(&self, declared: Declared, span: Option<Span>) -> String {
        let schema = self.schemas.get(declared.schema);
        let position = schema.and_then(|it| it.position(span.unwrap_or(declared.span)));
        position.map_or_else(String::new, |it| it.to_string())
    }

    fn paths(&self, schemas: &[usize]) -> Vec<String> {
        let origins = schemas.iter().filter_map(|&it| self.origins.get(it));
        origins
            .map(|it| match it {
                Origin::File(path) => path.display().to_string(),
                Origin::Lesson(name) | Origin::Bundled(name) => name.clone(),
            })
            .collect()
    }
}
