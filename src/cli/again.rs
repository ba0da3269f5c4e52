//! One capture that is read more than once: a pipe is kept in a file first.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use tempfile::NamedTempFile;
use wirereel::capture::{CaptureError, Reader};

use super::session::MAX_KEPT;
use super::source::{is_pipe, is_stdin};

/// A capture that can be opened again.
pub struct Again {
    path: PathBuf,
    /// What errors call it.
    name: String,
    kept: Option<NamedTempFile>,
}

impl Again {
    /// The capture at a path; `-` is standard input.
    ///
    /// # Errors
    ///
    /// A pipe that cannot be read or kept, or that is longer than [`MAX_KEPT`].
    pub fn new(path: &Path) -> Result<Self> {
        let name =
            if is_stdin(path) { "standard input".into() } else { path.display().to_string() };
        if !is_pipe(path) {
            return Ok(Self { path: path.to_owned(), name, kept: None });
        }
        let pipe: Box<dyn Read> = match is_stdin(path) {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(path)?),
        };
        let mut kept = NamedTempFile::new()?;
        let len = io::copy(&mut pipe.take(MAX_KEPT.saturating_add(1)), kept.as_file_mut())?;
        ensure!(len <= MAX_KEPT, "{name} is too long to be kept: save it to a file");
        Ok(Self { path: kept.path().to_owned(), name, kept: Some(kept) })
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn open(&self) -> Result<Reader, CaptureError> {
        match self.kept {
            None => Reader::open(&self.path),
            Some(_) => {
                let file = File::open(&self.path);
                let file =
                    file.map_err(|cause| CaptureError::Open { file: self.name.clone(), cause })?;
                Reader::named(self.name.clone(), file)
            }
        }
    }
}
