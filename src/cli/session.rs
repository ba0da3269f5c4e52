//! The captures that a command reads: opened, merged by time, with progress on a terminal.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use wirereel::{
    capture::{CaptureError, Format, Frame, Merge, Reader},
    decode::{Dissector, Found, Summary},
};

/// Frames between two looks at the progress.
const PROGRESS_STEP: u64 = 1 << 16;

/// What standard input is called in errors.
const STDIN: &str = "standard input";

/// Captures that are read more than once: standard input is kept in a file without a name.
pub struct Captures<'p> {
    paths: &'p [PathBuf],
    stdin: Option<File>,
}

/// Captures being read.
pub struct Session {
    source: Source,
    names: Vec<String>,
    is_fine: bool,
    frames: u64,
    progress: ProgressBar,
}

enum Source {
    One { reader: Box<Reader>, error: Option<CaptureError> },
    Several(Merge),
}

/// Keeps what is read from standard input.
struct Kept(File);

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = io::stdin().read(buffer)?;
        self.0.write_all(buffer.get(..len).unwrap_or_default())?;
        Ok(len)
    }
}

impl<'p> Captures<'p> {
    /// Captures by path; `-` is standard input.
    ///
    /// # Errors
    ///
    /// No file can be made to keep standard input in; another pipe, which cannot be read again.
    pub fn new(paths: &'p [PathBuf]) -> Result<Self> {
        let is_pipe = |path: &&PathBuf| {
            path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir()) && !is_stdin(path)
        };
        if let Some(path) = paths.iter().find(is_pipe) {
            bail!("{} can be read only once: give it as standard input", path.display());
        }
        let has_stdin = paths.iter().any(|path| is_stdin(path));
        let stdin = if has_stdin { Some(tempfile::tempfile()?) } else { None };
        Ok(Self { paths, stdin })
    }

    /// Opens them for the first time.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn open(&self, shows_progress: bool) -> Result<Session> {
        Session::begin(self.paths, shows_progress, || {
            let Some(file) = &self.stdin else { return Ok(Reader::stdin()?) };
            Ok(Reader::named(STDIN, Kept(file.try_clone()?))?)
        })
    }

    /// Opens them again. What was read of standard input till now is all there is.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn reopen(&self, shows_progress: bool) -> Result<Session> {
        Session::begin(self.paths, shows_progress, || {
            let Some(mut file) = self.stdin.as_ref() else { return Ok(Reader::stdin()?) };
            file.rewind()?;
            Ok(Reader::named(STDIN, file.try_clone()?)?)
        })
    }
}

impl Session {
    /// Opens captures; `-` is standard input. `shows_progress` says whether nothing else is
    /// written to the terminal meanwhile.
    ///
    /// # Errors
    ///
    /// The first capture that cannot be opened.
    pub fn open(paths: &[PathBuf], shows_progress: bool) -> Result<Self> {
        Self::begin(paths, shows_progress, || Ok(Reader::stdin()?))
    }

    fn begin(
        paths: &[PathBuf],
        shows_progress: bool,
        stdin: impl Fn() -> Result<Reader>,
    ) -> Result<Self> {
        if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
            bail!("- names standard input, which can be read only once");
        }
        let open = |path: &PathBuf| match is_stdin(path) {
            true => stdin(),
            false => Ok(Reader::open(path)?),
        };
        let mut readers = paths.iter().map(open).collect::<Result<Vec<_>>>()?;
        let is_coarse = |it: &Reader| matches!(it.format(), Format::Pcap | Format::PcapModified);
        let is_fine = !readers.iter().all(is_coarse);
        let source = match (readers.pop(), readers.is_empty()) {
            (Some(reader), true) => Source::One { reader: Box::new(reader), error: None },
            (last, _) => Source::Several(Merge::new(readers.into_iter().chain(last).map(Ok))),
        };
        let names = paths.iter().map(|path| path.display().to_string()).collect();
        Ok(Self { source, names, is_fine, frames: 0, progress: progress(shows_progress) })
    }

    /// The next frame, and its file's name where several are read.
    #[inline]
    pub fn next_frame(&mut self) -> Option<(Option<&str>, Frame<'_>)> {
        self.frames += 1;
        if self.frames.is_multiple_of(PROGRESS_STEP) {
            self.progress.set_position(self.frames);
        }
        match &mut self.source {
            Source::One { reader, error } => match reader.next_frame() {
                Ok(frame) => frame.map(|frame| (None, frame)),
                Err(end) => {
                    *error = Some(end);
                    None
                }
            },
            Source::Several(merge) => {
                let (index, frame) = merge.next_frame()?;
                Some((self.names.get(index).map(String::as_str), frame))
            }
        }
    }

    /// Decodes all frames, and lends what is found, up to the first error that `take` gives.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn dissect(
        &mut self,
        mut dissector: Dissector<'_>,
        take: &mut impl FnMut(Found<'_>) -> io::Result<()>,
    ) -> io::Result<Summary> {
        let mut taken = Ok(());
        while let Some((file, frame)) = self.next_frame() {
            dissector.push(&frame, file, &mut while_ok(&mut taken, take));
            if taken.is_err() {
                break;
            }
        }
        let summary = dissector.finish(&mut while_ok(&mut taken, take));
        taken.map(|()| summary)
    }

    /// Whether times may be finer than microseconds.
    pub fn is_fine(&self) -> bool {
        self.is_fine
    }

    /// Whether messages must say which file they are from.
    pub fn is_several(&self) -> bool {
        matches!(self.source, Source::Several(_))
    }

    /// All frames have been read.
    ///
    /// # Errors
    ///
    /// What ended a capture before its time.
    pub fn finish(self) -> Result<()> {
        self.progress.finish_and_clear();
        let errors = match self.source {
            Source::One { error, .. } => error.into_iter().collect(),
            Source::Several(merge) => merge.into_errors(),
        };
        refuse(errors)
    }
}

/// What ended captures before their time, as one error, if anything did.
///
/// # Errors
///
/// All that is given, on one line.
pub fn refuse(errors: Vec<CaptureError>) -> Result<()> {
    let mut errors = errors.into_iter();
    let Some(first) = errors.next() else { return Ok(()) };
    let others = errors.map(|error| format!("; {error}")).collect::<String>();
    if others.is_empty() { Err(first.into()) } else { bail!("{first}{others}") }
}

/// Lends what is found, up to the first error; `taken` keeps it.
pub fn while_ok<'w>(
    taken: &'w mut io::Result<()>,
    take: &'w mut impl FnMut(Found<'_>) -> io::Result<()>,
) -> impl FnMut(Found<'_>) + 'w {
    move |found| {
        if taken.is_ok()
            && let Err(error) = take(found)
        {
            *taken = Err(error);
        }
    }
}

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn progress(is_shown: bool) -> ProgressBar {
    if !is_shown || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {human_pos} frames, {per_sec}, {elapsed}");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
