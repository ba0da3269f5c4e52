//! HTTP bodies as files: one file a body, in one folder.
//!
//! A body is spooled until its message is complete, since its name and coding come with it. At
//! most [`MAX_MEMORY`] bytes wait in memory over all bodies; the rest is in hidden files of the
//! folder. No file is open between two calls, so any number of bodies may be under way. Nothing
//! that is in the folder is overwritten.
//!
//! A body of which bytes are missing has `.partial` behind its name, and marks: `gap` (its file
//! holds zeros there, and ends at a gap that brings them over [`MAX_HOLES`]), `cut-short`,
//! `encoding-damaged`, `encoding-too-long` and `encoding-window-too-large` (intact as far as is known,
//! and decoded as far as the bounds of [`encoding`](crate::decode::http::encoding) allow).
//! `encoding-unknown` and `encoding-too-many` mark a body that is left as it was.

mod export;
mod name;
mod rows;
mod spool;

pub use export::ExportError;
pub use name::MAX_NAME;
pub use spool::MAX_HOLES;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use self::spool::{Body, Spool};
use crate::decode::http::encoding::{ContentEncoding, NotRead, Undone};
use crate::decode::http::{header_values, target};
use crate::decode::stream::StreamEvent;
use crate::flow::Side;
use crate::message::{Mark, Message};
use crate::packet::StreamId;

/// Bytes of bodies that wait in memory: 32 MiB.
pub const MAX_MEMORY: usize = 32 << 20;

/// Names whose next number is known; beyond, numbers are found by trying.
const MAX_KNOWN_NAMES: usize = 1 << 16;

/// Writes the bodies of conversations into a folder.
#[derive(Debug)]
pub struct ObjectWriter {
    folder: PathBuf,
    raw: bool,
    under_way: HashMap<(StreamId, Side), Spool>,
    waiting: usize,
    spooled: u64,
    next_number: HashMap<String, u32>,
}

/// A body that was written: a row of the listing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Object {
    /// The frame that completed it.
    pub frame: u64,
    /// Its conversation, as Wireshark's tcp.stream.
    pub stream: StreamId,
    /// `request` or `response`.
    pub message: &'static str,
    /// The Host field of the request.
    pub host: Option<String>,
    /// Of the request.
    pub target: Option<String>,
    /// The Content-Type field of the message.
    pub content_type: Option<String>,
    /// Of the file, bytes.
    pub len: u64,
    /// Of the file, lower-case hex.
    pub sha256: String,
    /// Its name within the folder.
    pub file: String,
    /// What is odd about it.
    pub marks: Vec<&'static str>,
}

/// Counts and digests what is written through it.
struct Measured<W> {
    out: W,
    len: u64,
    digest: Sha256,
}

impl ObjectWriter {
    /// A writer into a folder, which is made where it is missing. With `raw` the bodies keep their
    /// content-encoding.
    ///
    /// # Errors
    ///
    /// The folder cannot be made.
    pub fn new(folder: impl Into<PathBuf>, raw: bool) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|it| spool::at(&folder, it))?;
        Ok(Self {
            folder,
            raw,
            under_way: HashMap::new(),
            waiting: 0,
            spooled: 0,
            next_number: HashMap::new(),
        })
    }

    /// Takes what a conversation's decoder found in a frame; gives the object that it completed.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn push(
        &mut self,
        frame: u64,
        stream: StreamId,
        event: &StreamEvent<'_>,
    ) -> io::Result<Option<Object>> {
        match *event {
            StreamEvent::Body { side, bytes, .. } => {
                self.spool(stream, side, |spool, path| spool.put(bytes, path))?;
            }
            StreamEvent::BodyGap { side, len } => {
                self.spool(stream, side, |spool, path| spool.skip(len, path))?;
            }
            StreamEvent::Message { side, message } => {
                if let Some(spool) = self.under_way.remove(&(stream, side)) {
                    self.waiting = self.waiting.saturating_sub(spool.waiting());
                    return self.complete(frame, stream, side, &message, spool).map(Some);
                }
            }
            StreamEvent::Skipped { .. } => {}
        }
        Ok(None)
    }

    /// Gives up the bodies of a conversation that are under way.
    pub fn forget(&mut self, stream: StreamId) {
        for side in [Side::Client, Side::Server] {
            if let Some(spool) = self.under_way.remove(&(stream, side)) {
                self.waiting = self.waiting.saturating_sub(spool.waiting());
            }
        }
    }

    /// Lets a body grow, and keeps what waits in memory within its bound.
    fn spool(
        &mut self,
        stream: StreamId,
        side: Side,
        grow: impl FnOnce(&mut Spool, &mut dyn FnMut() -> PathBuf) -> io::Result<()>,
    ) -> io::Result<()> {
        let Self { folder, under_way, waiting, spooled, .. } = self;
        let mut path = || hidden(folder, spooled);
        let spool = under_way.entry((stream, side)).or_insert_with(Spool::new);
        let before = spool.waiting();
        let grown = grow(spool, &mut path);
        *waiting = waiting.saturating_sub(before).saturating_add(spool.waiting());
        grown?;
        if *waiting > MAX_MEMORY {
            for spool in under_way.values_mut() {
                spool.flush(&mut path)?;
            }
            *waiting = 0;
        }
        Ok(())
    }

    fn complete(
        &mut self,
        frame: u64,
        stream: StreamId,
        side: Side,
        message: &Message<'_>,
        spool: Spool,
    ) -> io::Result<Object> {
        let first = |name| header_values(message, name).next();
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (host, target) = match side {
            Side::Client => (first("host").map(lossy), target(message).map(lossy)),
            Side::Server => match message.request {
                Some(request) => (Some(request.host.to_owned()), Some(request.target.to_owned())),
                None => (None, None),
            },
        };
        let content_type = first("content-type");
        let mut object = Object {
            frame,
            stream,
            message: if side == Side::Client { "request" } else { "response" },
            host: host.filter(|it| !it.is_empty()),
            content_type: content_type.map(lossy),
            len: 0,
            sha256: String::new(),
            file: name::of(target.as_deref().unwrap_or_default().as_bytes(), content_type),
            target,
            marks: message.marks.names().collect(),
        };
        let is_partial =
            message.marks.contains(Mark::Gap) || message.marks.contains(Mark::CutShort);
        self.write(&mut object, encoding(message, self.raw), is_partial, spool)?;
        Ok(object)
    }

    /// Writes the file; fills in what depends on it.
    fn write(
        &mut self,
        object: &mut Object,
        encoding: Result<ContentEncoding, NotRead>,
        is_partial: bool,
        spool: Spool,
    ) -> io::Result<()> {
        let encoding = encoding.unwrap_or_else(|why| {
            object.marks.push(why.mark());
            ContentEncoding::default()
        });
        let (body, len, digest) = spool.finish()?;
        let (body, len, digest, undone) = match encoding.is_identity() {
            true => (body, len, digest, Undone::Whole),
            false => self.decode(&encoding, body, len)?,
        };
        object.marks.extend(undone.mark());
        object.len = len;
        object.sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        object.file = self.reserve(&object.file, is_partial || undone != Undone::Whole)?;
        body.place(&self.folder.join(&object.file))
    }

    /// Undoes a body's coding into another hidden file.
    fn decode(
        &mut self,
        encoding: &ContentEncoding,
        body: Body,
        len: u64,
    ) -> io::Result<(Body, u64, [u8; 32], Undone)> {
        let path = hidden(&self.folder, &mut self.spooled);
        let out = io::BufWriter::new(spool::create(&path)?);
        let mut out = Measured { out, len: 0, digest: Sha256::new() };
        let undone = body.consume(|encoded| {
            let undone = encoding.undo(encoded, len, &mut out)?;
            out.flush()?;
            Ok(undone)
        });
        match undone {
            Ok(undone) => Ok((Body::File(path), out.len, out.digest.finalize().into(), undone)),
            Err(error) => {
                _ = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    /// Makes an empty file of that name, or of the first like it that is free.
    fn reserve(&mut self, name: &str, is_partial: bool) -> io::Result<String> {
        let suffix = if is_partial { ".partial" } else { "" };
        let key = format!("{name}{suffix}");
        let first = self.next_number.get(&key).copied().unwrap_or(0);
        for number in first..=u32::MAX {
            let file = format!("{}{suffix}", name::numbered(name, number));
            match spool::create(&self.folder.join(&file)) {
                Ok(_) => {
                    if self.next_number.len() >= MAX_KNOWN_NAMES {
                        self.next_number.clear();
                    }
                    self.next_number.insert(key, number.saturating_add(1));
                    return Ok(file);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{key}: no name is left")))
    }
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.digest.update(bytes.get(..len).unwrap_or_default());
        self.len = self.len.saturating_add(len as u64);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The codings to undo.
fn encoding(message: &Message<'_>, raw: bool) -> Result<ContentEncoding, NotRead> {
    match raw {
        true => Ok(ContentEncoding::default()),
        false => ContentEncoding::read(header_values(message, "content-encoding")),
    }
}

/// A name that no other file has.
fn hidden(folder: &Path, spooled: &mut u64) -> PathBuf {
    *spooled = spooled.saturating_add(1);
    folder.join(format!(".wirereel-{}-{spooled}", std::process::id()))
}

#[cfg(test)]
mod tests;
