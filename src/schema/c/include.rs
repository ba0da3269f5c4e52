//! Where `#include` finds its files, and which of them were read.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::source::{SourceFile, Span};
use super::lexer::{Token, TokenKind};

/// The files read so far, and where to look for others.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: Vec<File>,
    include_dirs: Vec<PathBuf>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Rc<str>,
    /// Where its own includes are looked up first; `None` for text that is no file.
    folder: Option<PathBuf>,
    /// `#pragma once`.
    once: bool,
}

/// What `#include` names.
pub(super) struct Included {
    pub path: PathBuf,
    pub span: Span,
    /// `<name>`.
    pub system: bool,
}

/// What became of an `#include`.
pub(super) enum Found {
    /// The number of the file.
    File(u32),
    /// Read before, and marked `#pragma once`.
    Again,
    /// In none of the folders.
    Missing,
    /// There, but not to be read.
    Unreadable(String),
}

impl Sources {
    pub fn new(include_dirs: &[PathBuf]) -> Self {
        Self { files: Vec::new(), include_dirs: include_dirs.to_vec() }
    }

    /// Adds a text; gives its number. `folder` is where its includes are looked up.
    pub fn add(&mut self, path: &Path, text: &str, folder: Option<&Path>) -> u32 {
        let file = File {
            path: path.to_owned(),
            text: text.into(),
            folder: folder.map(Path::to_owned),
            once: false,
        };
        self.files.push(file);
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    pub fn text(&self, file: u32) -> Rc<str> {
        self.files.get(file as usize).map_or_else(|| "".into(), |it| it.text.clone())
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

    /// A file that lies where a system keeps its headers.
    pub fn is_system(&self, file: u32) -> bool {
        self.files.get(file as usize).is_some_and(|it| {
            ["/usr/include", "/usr/lib", "/usr/local/include"]
                .iter()
                .any(|dir| it.path.starts_with(dir))
        })
    }

    pub fn read_once(&mut self, file: u32) {
        if let Some(file) = self.files.get_mut(file as usize) {
            file.once = true;
        }
    }

    /// Finds `path` beside the file that includes it, then in the include folders.
    pub fn find(&mut self, path: &Path, from: u32, max_len: usize) -> Found {
        let beside = self.files.get(from as usize).and_then(|it| it.folder.as_deref());
        let folders: Vec<PathBuf> = beside
            .into_iter()
            .chain(self.include_dirs.iter().map(PathBuf::as_path))
            .map(|it| it.join(path))
            .collect();
        let Some(path) = folders.into_iter().find(|it| it.is_file()) else {
            return Found::Missing;
        };
        if let Some(index) = self.files.iter().position(|it| it.folder.is_some() && it.path == path)
        {
            let once = self.files.get(index).is_some_and(|it| it.once);
            return if once {
                Found::Again
            } else {
                Found::File(u32::try_from(index).unwrap_or(u32::MAX))
            };
        }
        match read(&path, max_len) {
            Ok(text) => Found::File(self.add(&path, &text, path.parent())),
            Err(error) => Found::Unreadable(error.to_string()),
        }
    }

    pub fn into_files(self) -> Vec<SourceFile> {
        self.files
            .into_iter()
            .map(|it| SourceFile { path: it.path, text: it.text.as_ref().to_owned() })
            .collect()
    }
}

/// Reads a text file of at most `max_len` bytes; bytes that are not UTF-8 are replaced.
pub(super) fn read(path: &Path, max_len: usize) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let limit = max_len as u64;
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_len {
        return Err(std::io::Error::other(format!("longer than {max_len} bytes")));
    }
    if !is_text(&bytes) {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "it is not text"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether bytes may be text, in whatever character set: no NUL, and hardly a control character.
fn is_text(bytes: &[u8]) -> bool {
    let is_control =
        |byte: u8| byte.is_ascii_control() && !matches!(byte, 0x08..=0x0d | 0x1a | 0x1b);
    let controls = bytes.iter().filter(|&&byte| is_control(byte)).count();
    !bytes.contains(&0) && controls <= bytes.len() / 20
}

/// `"name"` or `<name>`, as written: backslashes in it are no escapes.
pub(super) fn named(line: &[Token], sources: &Sources) -> Option<Included> {
    let first = line.first()?;
    let span = first.span;
    if let TokenKind::Text(text) = &first.kind {
        let written = sources
            .slice(span.file, span.start + 1, span.end.saturating_sub(1))
            .filter(|_| {
                sources.slice(span.file, span.start, span.start + 1).as_deref() == Some("\"")
            })
            .unwrap_or_else(|| String::from_utf8_lossy(text).into_owned());
        return Some(Included { path: written.into(), span, system: false });
    }
    let last = line.iter().find(|it| it.is(">")).filter(|_| first.is("<"))?.span;
    let path = sources.slice(span.file, span.end, last.start)?;
    Some(Included { path: path.trim().into(), span: Span { end: last.end, ..span }, system: true })
}

/// A header of the C library or of the system, which some write in quotes.
pub(super) fn is_standard(path: &Path) -> bool {
    const FOLDERS: [&str; 7] = ["sys", "netinet", "arpa", "net", "linux", "asm", "bits"];
    const NAMES: [&str; 24] = [
        "assert.h",
        "byteswap.h",
        "ctype.h",
        "endian.h",
        "errno.h",
        "fcntl.h",
        "float.h",
        "inttypes.h",
        "limits.h",
        "math.h",
        "netdb.h",
        "pthread.h",
        "signal.h",
        "stdalign.h",
        "stdarg.h",
        "stdbool.h",
        "stddef.h",
        "stdint.h",
        "stdio.h",
        "stdlib.h",
        "string.h",
        "time.h",
        "unistd.h",
        "features.h",
    ];
    let first = path.iter().next().and_then(|it| it.to_str()).unwrap_or_default();
    let nested = path.iter().count() > 1;
    if nested { FOLDERS.contains(&first) } else { NAMES.contains(&first) }
}
