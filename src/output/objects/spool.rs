//! A body until it is complete: in memory while it is small, then in a file of its own, which is
//! open only while something is written to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of one body that wait in memory.
pub(super) const MAX_WAITING: usize = 256 << 10;

/// Bytes that are not known, of one body, for which its file holds zeros.
pub const MAX_HOLES: u64 = 64 << 20;

/// A body as far as it has come.
#[derive(Debug)]
pub(super) struct Spool {
    waiting: Vec<u8>,
    file: Option<PathBuf>,
    len: u64,
    holes: u64,
    digest: Sha256,
}

/// A body that is complete.
pub(super) enum Body {
    Memory(Vec<u8>),
    File(PathBuf),
}

impl Spool {
    pub fn new() -> Self {
        Self { waiting: Vec::new(), file: None, len: 0, holes: 0, digest: Sha256::new() }
    }

    /// Bytes in memory.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes bytes; `path` gives a name for a file where one is needed.
    pub fn put(&mut self, bytes: &[u8], path: impl FnOnce() -> PathBuf) -> io::Result<()> {
        if self.holes > MAX_HOLES {
            return Ok(());
        }
        self.len = self.len.saturating_add(bytes.len() as u64);
        self.digest.update(bytes);
        if self.waiting.len().saturating_add(bytes.len()) <= MAX_WAITING {
            self.waiting.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush(path)?;
        if bytes.len() > MAX_WAITING {
            self.append(bytes)
        } else {
            self.waiting.extend_from_slice(bytes);
            Ok(())
        }
    }

    /// Stands zeros in for bytes that are not known. Behind more than [`MAX_HOLES`] nothing more
    /// is taken.
    pub fn skip(&mut self, len: u64, mut path: impl FnMut() -> PathBuf) -> io::Result<()> {
        self.holes = self.holes.saturating_add(len);
        if self.holes > MAX_HOLES {
            return Ok(());
        }
        const ZEROS: &[u8] = &[0; 4096];
        let mut left = usize::try_from(len).unwrap_or(usize::MAX);
        while left > 0 {
            let part = ZEROS.get(..left).unwrap_or(ZEROS);
            self.put(part, &mut path)?;
            left = left.saturating_sub(part.len());
        }
        Ok(())
    }

    /// Writes what is in memory to the file.
    pub fn flush(&mut self, path: impl FnOnce() -> PathBuf) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            let path = path();
            create(&path)?;
            self.file = Some(path);
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.append(&waiting)
    }

    /// The body, its length and its digest.
    pub fn finish(mut self) -> io::Result<(Body, u64, [u8; 32])> {
        let digest = self.digest.finalize_reset().into();
        let waiting = std::mem::take(&mut self.waiting);
        if self.file.is_none() {
            return Ok((Body::Memory(waiting), self.len, digest));
        }
        self.append(&waiting)?;
        let file = self.file.take().unwrap_or_default();
        Ok((Body::File(file), self.len, digest))
    }

    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let mut file = OpenOptions::new().append(true).open(path).map_err(|it| at(path, it))?;
        file.write_all(bytes).map_err(|it| at(path, it))
    }
}

impl Drop for Spool {
    /// A body that is given up leaves no file.
    fn drop(&mut self) {
        if let Some(path) = &self.file {
            _ = fs::remove_file(path);
        }
    }
}

impl Body {
    /// Writes the body to a file that is there and empty.
    pub fn place(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => fs::write(path, bytes).map_err(|it| at(path, it)),
            Self::File(spooled) => fs::rename(spooled, path).map_err(|it| at(path, it)),
        }
    }

    /// Lets `read` see it, and removes its file.
    pub fn consume<T>(
        self,
        read: impl FnOnce(&mut dyn io::BufRead) -> io::Result<T>,
    ) -> io::Result<T> {
        match self {
            Self::Memory(bytes) => read(&mut &bytes[..]),
            Self::File(path) => {
                let result = File::open(&path).and_then(|file| read(&mut BufReader::new(file)));
                _ = fs::remove_file(&path);
                result.map_err(|it| at(&path, it))
            }
        }
    }
}

/// Creates a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path).map_err(|it| at(path, it))
}

/// Says where an error happened.
pub(super) fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
