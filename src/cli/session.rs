//! The captures that a command reads: opened, merged by time, with progress on a terminal.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use wirereel::{
    capture::{CaptureError, Frame, Merge, Reader},
    decode::{Captured, Found},
};

/// Frames between two looks at the progress.
const PROGRESS_STEP: u64 = 1 << 16;

/// Captures being read.
pub struct Session {
    source: Source,
    names: Vec<String>,
    frames: u64,
    progress: ProgressBar,
}

enum Source {
    One { reader: Box<Reader>, error: Option<CaptureError> },
    Several(Merge),
}

impl Session {
    /// Opens captures; `-` is standard input. `shows_progress` says whether nothing else is
    /// written to the terminal meanwhile.
    ///
    /// # Errors
    ///
    /// The first capture that cannot be opened.
    pub fn open(paths: &[PathBuf], shows_progress: bool) -> Result<Self> {
        if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
            bail!("- names standard input, which can be read only once");
        }
        let mut readers = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
        let source = match (readers.pop(), readers.is_empty()) {
            (Some(reader), true) => Source::One { reader: Box::new(reader), error: None },
            (last, _) => Source::Several(Merge::new(readers.into_iter().chain(last).map(Ok))),
        };
        let names = paths.iter().map(|path| path.display().to_string()).collect();
        Ok(Self { source, names, frames: 0, progress: progress(shows_progress) })
    }

    /// The next frame, and its file's name where several are read.
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
        let mut errors = errors.into_iter();
        let Some(first) = errors.next() else { return Ok(()) };
        let others = errors.map(|error| format!("; {error}")).collect::<String>();
        if others.is_empty() { Err(first.into()) } else { bail!("{first}{others}") }
    }
}

/// Prints each message that is found, up to the first that cannot be written; `written` keeps
/// why.
pub fn each_message<'w>(
    written: &'w mut io::Result<()>,
    print: &'w mut dyn FnMut(&Captured<'_>) -> io::Result<()>,
) -> impl FnMut(Found<'_>) + 'w {
    move |found| {
        if let Found::Message { captured, .. } = found
            && written.is_ok()
        {
            *written = print(captured);
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open(path: &Path) -> Result<Reader, CaptureError> {
    if is_stdin(path) { Reader::stdin() } else { Reader::open(path) }
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
