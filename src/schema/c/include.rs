//! Where `#include` finds its files, and which of them were read.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::source::{SourceFile, Span};
use super::included::{Included, is_standard, read};
use super::lexer::{Lexed, Token, TokenKind, lex};
use super::platform::{self, BUILT_IN};
use super::substitute::spelling;

/// How many folders above that of the including file are looked into.
const MAX_ABOVE: usize = 6;

/// The files read so far, and where to look for others.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: Vec<File>,
    include_dirs: Vec<PathBuf>,
    /// What stands in for the system's headers, by the name that `#include` has.
    stand_ins: HashMap<&'static str, u32>,
    /// By path, as first named.
    read: HashMap<PathBuf, u32>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Rc<str>,
    /// Split when it was first needed.
    lexed: Option<Rc<Lexed>>,
    /// Where its own includes are looked up first; `None` for text that is no file.
    folder: Option<PathBuf>,
    /// Which of the include folders it was found in.
    dir: Option<usize>,
    /// The file itself, whatever path leads to it; looked up when `#pragma once` needs it.
    identity: Option<PathBuf>,
    /// `#pragma once`.
    once: bool,
}

/// What became of an `#include`.
pub(super) enum Found {
    /// The number of the file.
    File(u32),
    /// Read before, and marked `#pragma once`.
    Again,
    /// A header of the system, which this built-in file stands in for.
    StandIn(u32),
    /// In none of the folders.
    Missing,
    /// There, but not to be read.
    Unreadable(String),
}

impl Sources {
    pub fn new(include_dirs: &[PathBuf]) -> Self {
        Self { include_dirs: include_dirs.to_vec(), ..Self::default() }
    }

    /// Adds a text; gives its number. `folder` is where its includes are looked up.
    pub fn add(&mut self, path: &Path, text: &str, folder: Option<&Path>) -> u32 {
        let file = File {
            path: path.to_owned(),
            text: text.into(),
            lexed: None,
            folder: folder.map(Path::to_owned),
            dir: None,
            identity: None,
            once: false,
        };
        self.files.push(file);
        let number = u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX);
        if folder.is_some() {
            self.read.insert(path.to_owned(), number);
        }
        number
    }

    /// Adds the header itself. It lies in an include folder where its path says so.
    pub fn add_main(&mut self, path: &Path, text: &str, folder: Option<&Path>) -> u32 {
        let number = self.add(path, text, folder);
        let dirs = self.include_dirs.iter().enumerate().filter(|(_, dir)| path.starts_with(dir));
        let dir = dirs.max_by_key(|(_, dir)| dir.iter().count()).map(|it| it.0);
        if let Some(file) = self.files.last_mut() {
            file.dir = dir;
        }
        number
    }

    /// Adds the files that stand in for the system's; gives their numbers.
    pub fn add_stand_ins(&mut self) -> Vec<u32> {
        let add = |it: &platform::StandIn| {
            let number = self.add(&Path::new(BUILT_IN).join(it.name), it.text, None);
            self.stand_ins.extend(it.headers.iter().map(|&header| (header, number)));
            number
        };
        platform::STAND_INS.iter().map(add).collect()
    }

    pub fn text(&self, file: u32) -> Rc<str> {
        self.files.get(file as usize).map_or_else(|| "".into(), |it| it.text.clone())
    }

    /// The tokens of a file.
    pub fn lexed(&mut self, file: u32) -> Rc<Lexed> {
        let Some(found) = self.files.get_mut(file as usize) else { return Rc::default() };
        found.lexed.get_or_insert_with(|| lex(&found.text, file).into()).clone()
    }

    /// The rest of the line behind a span.
    pub fn line_after(&self, span: Span) -> String {
        let text = self.text(span.file);
        let rest = text.get(span.end as usize..).unwrap_or_default();
        rest.lines().next().unwrap_or_default().trim().to_owned()
    }

    pub fn slice(&self, file: u32, start: u32, end: u32) -> Option<String> {
        self.text(file).get(start as usize..end as usize).map(str::to_owned)
    }

    /// A file that lies where a system keeps its headers: `/usr/include`, `/usr/lib/gcc/…/include`,
    /// `/usr/s390x-linux-gnu/include`.
    pub fn is_system(&self, file: u32) -> bool {
        self.files.get(file as usize).is_some_and(|it| {
            it.path.starts_with("/usr") && it.path.iter().any(|it| it == "include")
        })
    }

    /// `#pragma once`, by whatever path the file is named again.
    pub fn read_once(&mut self, file: u32) {
        if let Some(file) = self.files.get_mut(file as usize) {
            file.once = true;
            file.identity = fs::canonicalize(&file.path).ok();
        }
    }

    /// Finds what `from` includes.
    pub fn find(&mut self, name: &Included, from: u32, max_len: usize) -> Found {
        let found = self.look_up(name, from);
        let stand_in = self.stand_in(&name.path).filter(|_| found.is_none());
        if let Some(file) = stand_in {
            return Found::StandIn(file);
        }
        let above = || Some((self.look_above(name, from)?, None));
        let Some((path, dir)) = found.or_else(above) else { return Found::Missing };
        if let Some(&number) = self.read.get(&path) {
            let once = self.files.get(number as usize).is_some_and(|it| it.once);
            return if once { Found::Again } else { Found::File(number) };
        }
        if self.is_once(&path) {
            return Found::Again;
        }
        match read(&path, max_len) {
            Ok(text) => {
                let number = self.add(&path, &text, path.parent());
                if let Some(file) = self.files.last_mut() {
                    file.dir = dir;
                }
                Found::File(number)
            }
            Err(error) => Found::Unreadable(error.to_string()),
        }
    }

    /// Whether an `#include` of this would find something.
    pub fn has(&self, name: &Included, from: u32) -> bool {
        self.look_up(name, from).is_some()
            || self.stand_in(&name.path).is_some()
            || is_standard(&name.path)
            || self.look_above(name, from).is_some()
    }

    /// A path, and the include folder that it is in. `"name"` is looked for beside the file that
    /// includes it, then in the include folders; `<name>` in these, and beside it where nothing else
    /// is there for it.
    fn look_up(&self, name: &Included, from: u32) -> Option<(PathBuf, Option<usize>)> {
        let from = self.files.get(from as usize);
        let first = match from.and_then(|it| it.dir).filter(|_| name.next) {
            Some(dir) => dir + 1,
            None => 0,
        };
        let beside = from.and_then(|it| it.folder.as_deref()).filter(|_| !name.next);
        let beside = || {
            let path = beside?.join(&name.path);
            path.is_file().then_some((path, from?.dir))
        };
        let in_dirs = || {
            let dirs = self.include_dirs.iter().enumerate().skip(first);
            let mut found = dirs.map(|(index, dir)| (dir.join(&name.path), Some(index)));
            found.find(|(path, _)| path.is_file())
        };
        if !name.system {
            return beside().or_else(in_dirs);
        }
        let stands_in = self.stand_in(&name.path).is_some() || is_standard(&name.path);
        in_dirs().or_else(|| if stands_in { None } else { beside() })
    }

    /// A file below a folder that leads to the one that includes it, as in a tree of sources that is
    /// compiled from its root: `a/b.h`, named in `a/c/d.h`. Of names in `<…>` only those of the same tree
    /// count.
    fn look_above(&self, name: &Included, from: u32) -> Option<PathBuf> {
        let folder = self.files.get(from as usize)?.folder.as_deref().filter(|_| !name.next)?;
        let first = name.path.iter().next().filter(|it| *it != "..")?;
        if name.path.is_absolute() || name.path.iter().count() < 2 {
            return None;
        }
        let folder =
            fs::canonicalize(if folder == Path::new("") { Path::new(".") } else { folder });
        let folder = folder.ok()?;
        let above = folder.ancestors().skip(1).take(MAX_ABOVE);
        let is_of_tree = |it: &&Path| {
            let within = folder.strip_prefix(it).ok().and_then(|it| it.iter().next());
            !name.system || within == Some(first)
        };
        let found =
            above.filter(is_of_tree).map(|it| it.join(&name.path)).find(|it| it.is_file())?;
        // As the user would name it.
        let here = std::env::current_dir().ok();
        let short = here.and_then(|it| Some(found.strip_prefix(it).ok()?.to_owned()));
        Some(short.unwrap_or(found))
    }

    fn stand_in(&self, name: &Path) -> Option<u32> {
        self.stand_ins.get(name.to_str()?).copied()
    }

    /// Whether this is a file that was read by another path, and is marked `#pragma once`.
    fn is_once(&self, path: &Path) -> bool {
        let mut marked = self.files.iter().filter_map(|it| it.identity.as_deref()).peekable();
        if marked.peek().is_none() {
            return false;
        }
        fs::canonicalize(path).is_ok_and(|path| marked.any(|it| it == path))
    }

    pub fn into_files(self) -> Vec<SourceFile> {
        self.files
            .into_iter()
            .map(|it| SourceFile { path: it.path, text: it.text.as_ref().to_owned() })
            .collect()
    }
}

/// `"name"` or `<name>`, as written: backslashes in it are no escapes.
pub(super) fn named(line: &[Token], sources: &Sources, next: bool) -> Option<Included> {
    let first = line.first()?;
    let span = first.span;
    if let TokenKind::Text(text) = &first.kind {
        let written = sources
            .slice(span.file, span.start + 1, span.end.saturating_sub(1))
            .filter(|_| {
                sources.slice(span.file, span.start, span.start + 1).as_deref() == Some("\"")
            })
            .unwrap_or_else(|| String::from_utf8_lossy(text).into_owned());
        return Some(Included { path: written.into(), span, system: false, next });
    }
    let last = line.iter().find(|it| it.is(">")).filter(|_| first.is("<"))?.span;
    let inside = line.iter().skip(1).take_while(|it| !it.is(">"));
    let path = match sources.slice(span.file, span.end, last.start) {
        Some(written) if last.start >= span.end && last.file == span.file => written,
        // Made by macros: their tokens side by side.
        _ => spelling(&inside.cloned().collect::<Vec<_>>()),
    };
    let span =
        if last.file == span.file { Span { end: last.end.max(span.end), ..span } } else { span };
    Some(Included { path: path.trim().into(), span, system: true, next })
}
