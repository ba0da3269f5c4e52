//! Input that comes as it is sent: what was printed is shown before anybody waits for more.
//!
//! Who reads a pipe asks whether there is anything to be read. If not, whatever is gathered for
//! standard output is written first: once for each wait, so that a pipe which is always full costs
//! nothing but the question, and a file not even that.

use std::{
    io::{self, BufWriter, IsTerminal, Read, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    source::is_pipe,
    terminal::{BUFFER, Each, Stdout, stdout},
};

/// A pipe, before whose silence standard output is flushed.
pub struct Waiting<R> {
    pipe: R,
    pause: Pause,
}

/// Flushes standard output, where there is one to be flushed.
#[derive(Clone, Default)]
pub struct Pause(Option<Arc<Mutex<Gathered>>>);

/// What is gathered for standard output.
struct Gathered {
    out: BufWriter<Stdout<io::Stdout>>,
    /// What the last flush came to, if it has not been told.
    failure: Option<io::Error>,
}

/// The end of it that is written to.
struct Shared(Arc<Mutex<Gathered>>);

/// Standard output for what is found in captures, and what their readers are to do before they
/// wait. With `each` whatever is written is shown at once.
pub fn output(captures: &[PathBuf], each: bool) -> (Box<dyn Write>, Pause) {
    if each {
        return (Box::new(Each(Stdout(io::stdout().lock()))), Pause::default());
    }
    if io::stdout().is_terminal() || !captures.iter().any(|it| is_pipe(it)) {
        return (stdout(), Pause::default());
    }
    let out = BufWriter::with_capacity(BUFFER, Stdout(io::stdout()));
    let shared = Arc::new(Mutex::new(Gathered { out, failure: None }));
    (Box::new(Shared(Arc::clone(&shared))), Pause(Some(shared)))
}

impl<R> Waiting<R> {
    /// A pipe that is read as it comes.
    pub fn new(pipe: R, pause: &Pause) -> Self {
        Self { pipe, pause: pause.clone() }
    }
}

#[cfg(unix)]
impl<R: Read + std::os::fd::AsFd> Read for Waiting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Where nothing can be written, there is nobody to read on for: whoever writes is told.
        if self.pause.is_wanted() && is_silent(&self.pipe) && !self.pause.take() {
            return Ok(0);
        }
        self.pipe.read(buffer)
    }
}

#[cfg(not(unix))]
impl<R: Read> Read for Waiting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.pause.take() {
            return Ok(0);
        }
        self.pipe.read(buffer)
    }
}

/// Whether reading would wait. What cannot be asked is not waited for.
#[cfg(unix)]
fn is_silent(pipe: &impl std::os::fd::AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::new(pipe, PollFlags::IN)];
    matches!(poll(&mut asked, Some(&Timespec::default())), Ok(0))
}

impl Pause {
    fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Writes what is gathered; whether that went well.
    fn take(&self) -> bool {
        let Some(gathered) = &self.0 else { return true };
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.failure = gathered.out.flush().err();
        gathered.failure.is_none()
    }
}

impl Shared {
    fn with<T>(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match gathered.failure.take() {
            Some(failure) => Err(failure),
            None => write(&mut gathered.out),
        }
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|out| out.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|out| out.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|out| out.flush())
    }
}
