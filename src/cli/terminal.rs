//! Where results and progress go.

use std::io::{self, BufWriter, IsTerminal, LineWriter, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Bytes gathered before they are written, where nobody watches.
pub const BUFFER: usize = 1 << 16;

/// Standard output: line by line where someone watches, else in large pieces. Its errors say that
/// they are its.
pub fn stdout() -> Box<dyn Write> {
    let stdout = io::stdout();
    let is_watched = stdout.is_terminal();
    let stdout = Stdout(stdout.lock());
    if is_watched {
        Box::new(LineWriter::new(stdout))
    } else {
        Box::new(BufWriter::with_capacity(BUFFER, stdout))
    }
}

/// Progress on standard error, if that is a terminal and nothing else is written to one.
pub fn progress(is_shown: bool, template: &str) -> ProgressBar {
    if !is_shown || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Standard output, whose errors say that they are its.
pub struct Stdout<W>(pub W);

/// What is written is shown at once.
pub struct Each<W>(pub W);

impl<W: Write> Write for Stdout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

impl<W: Write> Write for Each<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.0.write(bytes)?;
        self.0.flush()?;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Keeps the kind: a closed pipe is no error, and what was interrupted is tried again.
fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
}
