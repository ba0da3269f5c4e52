//! Where results and summaries go, and whether they are coloured.

use std::io::{self, BufWriter, IsTerminal, LineWriter, Write};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use wirereel::{
    decode::{FlowSummary, Summary},
    output::{
        Palette, diagnostics, flow_summary_json, flow_summary_text, summary_json, summary_text,
    },
    profile::Protocols,
};

use super::Cli;

/// Bytes gathered before they are written, where nobody watches.
const BUFFER: usize = 1 << 16;

impl Cli {
    /// Colours for standard output.
    pub fn palette(&self) -> Palette {
        Palette::new(self.is_coloured(&io::stdout()))
    }

    /// Colours for standard error.
    pub fn err_palette(&self) -> Palette {
        Palette::new(self.is_coloured(&io::stderr()))
    }

    /// Writes the closing summary to standard error.
    ///
    /// # Errors
    ///
    /// Standard error cannot be written.
    pub fn summarise(&self, summary: &Summary, as_json: bool) -> Result<()> {
        let mut err = io::stderr().lock();
        if as_json {
            summary_json(summary, &mut err)?;
        } else {
            summary_text(summary, self.err_palette(), &mut err)?;
        }
        Ok(())
    }

    /// Writes the closing summary of conversations to standard error.
    ///
    /// # Errors
    ///
    /// Standard error cannot be written.
    pub fn summarise_flows(&self, summary: &FlowSummary, as_json: bool) -> Result<()> {
        let mut err = io::stderr().lock();
        if as_json {
            flow_summary_json(summary, &mut err)?;
        } else {
            flow_summary_text(summary, self.err_palette(), &mut err)?;
        }
        Ok(())
    }

    /// Writes what is wrong in the user's headers to standard error.
    ///
    /// # Errors
    ///
    /// Standard error cannot be written; the headers declare no message, and nothing else names
    /// one.
    pub fn diagnose(&self, protocols: &Protocols) -> Result<()> {
        let mut err = io::stderr().lock();
        let is_coloured = self.is_coloured(&io::stderr());
        for schema in protocols.schemas() {
            diagnostics(&schema.diagnostics, &schema.files, is_coloured, &mut err)?;
        }
        for unfit in protocols.unfit() {
            writeln!(err, "wirereel: {unfit}")?;
        }
        Ok(protocols.require_messages()?)
    }
}

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

struct Stdout(io::StdoutLock<'static>);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

/// Keeps the kind: a closed pipe is no error, and what was interrupted is tried again.
fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
}
