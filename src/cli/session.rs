//! The captures that a command reads: opened, merged by time, with progress on a terminal.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use indicatif::ProgressBar;
use wirereel::{
    capture::{CaptureError, Format, Frame, Merge, Reader},
    decode::{Dissector, Found, Summary},
    flow::SinkResult,
    output::FrameTimes,
};

use super::{
    source::{is_pipe, is_stdin},
    terminal::progress,
    waiting::{Pause, Waiting},
};

/// Frames between two looks at the progress.
const PROGRESS_STEP: u64 = 1 << 16;

/// What is shown of it.
pub const PROGRESS: &str = "{spinner} {human_pos} frames, {per_sec}, {elapsed}";

/// What standard input is called in errors.
const STDIN: &str = "standard input";

/// Bytes of a pipe that are kept at most, where it must be read more than once: what is longer is
/// better saved by the user, who knows where there is room.
pub const MAX_KEPT: u64 = 16 << 30;

/// Captures that are read more than once: what cannot be, standard input or another pipe, is kept
/// in a file without a name, up to [`MAX_KEPT`] bytes.
pub struct Captures<'p> {
    paths: &'p [PathBuf],
    /// By path; `None` for a file that can be opened again.
    kept: Vec<Option<File>>,
}

/// One capture, and its file, open once more, where it can be read again.
pub struct Located {
    /// Its frames.
    pub reader: Reader,
    /// The file.
    pub file: Option<File>,
}

/// How captures are read.
#[derive(Clone, Default)]
pub struct Reading {
    /// Progress is shown on a terminal, since nothing else is written to it meanwhile.
    pub shows_progress: bool,
    /// Frames that are read at most.
    pub limit: Option<u64>,
    /// What is done before a pipe is waited for.
    pub pause: Pause,
}

/// Captures being read.
pub struct Session {
    source: Source,
    names: Vec<String>,
    is_fine: bool,
    frames: u64,
    limit: u64,
    progress: ProgressBar,
    /// Where the times of frames are noted, if anybody asks.
    times: Option<FrameTimes>,
}

enum Source {
    One { reader: Box<Reader>, error: Option<CaptureError> },
    Several(Merge),
}

/// Keeps what is read from a pipe.
struct Kept<R> {
    pipe: R,
    file: File,
    /// How much more may be kept.
    left: u64,
}

impl Reading {
    /// All of them, with progress or without.
    pub fn whole(shows_progress: bool) -> Self {
        Self { shows_progress, ..Self::default() }
    }
}

impl<R> Kept<R> {
    fn new(pipe: R, file: &File) -> io::Result<Self> {
        Ok(Self { pipe, file: file.try_clone()?, left: MAX_KEPT })
    }
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.pipe.read(buffer)?;
        let left = self.left.checked_sub(len as u64);
        self.left = left.ok_or_else(|| io::Error::other(too_long()))?;
        self.file.write_all(buffer.get(..len).unwrap_or_default())?;
        Ok(len)
    }
}

fn too_long() -> String {
    let gib = MAX_KEPT >> 30;
    format!(
        "it must be read twice, and no more than {gib} GiB of a pipe are kept: save it to a file"
    )
}

impl<'p> Captures<'p> {
    /// Captures by path; `-` is standard input.
    ///
    /// # Errors
    ///
    /// No file can be made to keep a pipe in.
    pub fn new(paths: &'p [PathBuf]) -> Result<Self> {
        let keep = |path: &PathBuf| match is_pipe(path) {
            true => Ok(Some(tempfile::tempfile()?)),
            false => Ok(None),
        };
        Ok(Self { paths, kept: paths.iter().map(keep).collect::<Result<_>>()? })
    }

    /// Opens them for the first time.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn open(&self, reading: &Reading) -> Result<Session> {
        Session::begin(self.paths, reading, &|path| {
            let Some(file) = self.kept_of(path) else { return Ok(Reader::open(path)?) };
            if is_stdin(path) {
                let pipe = Waiting::new(io::stdin(), &reading.pause);
                return Ok(Reader::named(STDIN, Kept::new(pipe, file)?)?);
            }
            let pipe = Waiting::new(open_pipe(path)?, &reading.pause);
            Ok(Reader::named(path.display().to_string(), Kept::new(pipe, file)?)?)
        })
    }

    /// Opens them again. What was read of a pipe till now is all there is.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn reopen(&self, reading: &Reading) -> Result<Session> {
        Session::begin(self.paths, reading, &|path| Ok(self.locate(path)?.reader))
    }

    /// Opens one of them again, such that its frames can be found by their place.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn locate(&self, path: &Path) -> Result<Located> {
        let Some(mut file) = self.kept_of(path) else { return Located::open(path) };
        file.rewind()?;
        let name = if is_stdin(path) { STDIN.to_owned() } else { path.display().to_string() };
        let reader = Reader::named(name, file.try_clone()?)?;
        Ok(Located { reader, file: Some(file.try_clone()?) })
    }

    fn kept_of(&self, path: &Path) -> Option<&File> {
        let mut all = self.paths.iter().zip(&self.kept);
        all.find(|(it, _)| *it == path).and_then(|(_, file)| file.as_ref())
    }
}

impl Located {
    /// Opens a capture, and once more if it is a file.
    ///
    /// # Errors
    ///
    /// It cannot be opened, or is no capture.
    pub fn open(path: &Path) -> Result<Self> {
        if is_stdin(path) {
            return Ok(Self { reader: Reader::stdin()?, file: None });
        }
        let file = match path.metadata() {
            Ok(facts) if facts.is_file() => File::open(path).ok(),
            _ => None,
        };
        let reader = match &file {
            Some(file) => Reader::named(path.display().to_string(), file.try_clone()?)?,
            // A pipe, or what cannot be opened: the reader says why.
            None => Reader::open(path)?,
        };
        Ok(Self { reader, file })
    }
}

impl Session {
    /// Opens captures; `-` is standard input.
    ///
    /// # Errors
    ///
    /// The first capture that cannot be opened.
    pub fn open(paths: &[PathBuf], reading: &Reading) -> Result<Self> {
        Self::begin(paths, reading, &|path| {
            if is_stdin(path) {
                return Ok(Reader::named(STDIN, Waiting::new(io::stdin(), &reading.pause))?);
            }
            if !is_pipe(path) {
                return Ok(Reader::open(path)?);
            }
            let pipe = Waiting::new(open_pipe(path)?, &reading.pause);
            Ok(Reader::named(path.display().to_string(), pipe)?)
        })
    }

    /// Opens a capture that the program carries. Messages say that they are from it.
    ///
    /// # Errors
    ///
    /// It is no capture.
    pub fn bundled(name: &str, bytes: &'static [u8]) -> Result<Self> {
        let reader = Reader::named(name, Cursor::new(bytes))?;
        let source = Source::Several(Merge::new([Ok(reader)]));
        Ok(Self::of(source, vec![name.to_owned()], false, &Reading::default()))
    }

    fn begin(
        paths: &[PathBuf],
        reading: &Reading,
        open: &dyn Fn(&Path) -> Result<Reader>,
    ) -> Result<Self> {
        if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
            bail!("- names standard input, which can be read only once");
        }
        let mut readers = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>>>()?;
        let is_coarse = |it: &Reader| matches!(it.format(), Format::Pcap | Format::PcapModified);
        let is_fine = !readers.iter().all(is_coarse);
        let source = match (readers.pop(), readers.is_empty()) {
            (Some(reader), true) => Source::One { reader: Box::new(reader), error: None },
            (last, _) => Source::Several(Merge::new(readers.into_iter().chain(last).map(Ok))),
        };
        let names = paths.iter().map(|path| path.display().to_string()).collect();
        Ok(Self::of(source, names, is_fine, reading))
    }

    fn of(source: Source, names: Vec<String>, is_fine: bool, reading: &Reading) -> Self {
        let limit = reading.limit.unwrap_or(u64::MAX);
        let progress = progress(reading.shows_progress, PROGRESS);
        Self { source, names, is_fine, frames: 0, limit, progress, times: None }
    }

    /// Lends all frames, each with its file's name where several are read, until `take` says to
    /// stop; gives what it said.
    pub fn each<R: SinkResult>(
        &mut self,
        mut take: impl FnMut(&Frame<'_>, Option<&str>) -> R,
    ) -> R {
        let times = self.times.clone();
        while let Some((file, frame)) = self.next_frame() {
            if let Some(times) = &times {
                times.note(&frame, file);
            }
            if let ControlFlow::Break(stopped) = take(&frame, file).flow() {
                return stopped;
            }
        }
        R::GO_ON
    }

    #[inline]
    fn next_frame(&mut self) -> Option<(Option<&str>, Frame<'_>)> {
        if self.frames >= self.limit {
            return None;
        }
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

    /// Decodes all frames, and lends what is found, until `take` says to stop; gives what it said,
    /// with what the frames came to.
    pub fn dissect<R: SinkResult>(
        &mut self,
        mut dissector: Dissector<'_>,
        take: &mut impl FnMut(Found<'_>) -> R,
    ) -> R::With<Summary> {
        match self.each(|frame, file| dissector.push(frame, file, take)).flow() {
            ControlFlow::Continue(()) => dissector.finish(take),
            ControlFlow::Break(stopped) => stopped.with(dissector.summary()),
        }
    }

    /// Notes the times of all frames, for who prints those that count from others.
    pub fn note_times(&mut self) -> FrameTimes {
        self.times.get_or_insert_default().clone()
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
        refuse(self.into_errors())
    }

    /// All frames have been read, and will be once more.
    ///
    /// # Errors
    ///
    /// What could not be read: the next time it may be. All else is met again, and told then.
    pub fn give_way(self) -> Result<()> {
        let mut errors = self.into_errors();
        errors.retain(|it| matches!(it, CaptureError::Read { .. }));
        refuse(errors)
    }

    fn into_errors(self) -> Vec<CaptureError> {
        self.progress.finish_and_clear();
        match self.source {
            Source::One { error, .. } => error.into_iter().collect(),
            Source::Several(merge) => merge.into_errors(),
        }
    }
}

fn open_pipe(path: &Path) -> Result<File, CaptureError> {
    File::open(path).map_err(|cause| CaptureError::Open { file: path.display().to_string(), cause })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_of_a_pipe_is_kept_up_to_the_bound() {
        let mut file = tempfile::tempfile().unwrap();
        let mut kept = Kept::new(&b"one two"[..], &file).unwrap();
        kept.left = 5;
        let mut buffer = [0; 4];
        assert_eq!(kept.read(&mut buffer).unwrap(), 4);
        let error = kept.read(&mut buffer).unwrap_err().to_string();
        assert_eq!(
            error,
            "it must be read twice, and no more than 16 GiB of a pipe are kept: save it to a file"
        );
        let mut all = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut all).unwrap();
        assert_eq!(all, "one ");
    }
}
