//! What is printed and written of trials as they end.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use anyhow::{Context, Result};
use wirereel::fixture::report::{Junit, report_json, report_text, tap_line, tap_plan};
use wirereel::fixture::{Report, Totals};
use wirereel::output::Palette;

use super::TestArgs;
use crate::cli::{args::ResultFormat, globals::Globals, terminal::stdout};

/// Prints trials.
pub struct Printer<'a> {
    args: &'a TestArgs,
    is_quiet: bool,
    shows_all: bool,
    palette: Palette,
    out: Box<dyn Write>,
    junit: Option<(File, Junit)>,
    count: u64,
}

impl<'a> Printer<'a> {
    /// A printer; a file that cannot be written is known before anything is run.
    ///
    /// # Errors
    ///
    /// Such a file.
    pub fn new(args: &'a TestArgs, cli: &Globals) -> Result<Self> {
        let create = |path| File::create(path).map(|file| (file, Junit::default()));
        let junit = args.junit.as_ref().map(create).transpose();
        let path = || args.junit.as_ref().map(|it| it.display().to_string()).unwrap_or_default();
        Ok(Self {
            args,
            is_quiet: cli.quiet,
            shows_all: cli.verbose,
            palette: cli.palette(),
            out: stdout(),
            junit: junit.with_context(|| format!("cannot write {}", path()))?,
            count: 0,
        })
    }

    /// Tells of one, at once.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written.
    pub fn take(&mut self, report: &Report) -> io::Result<()> {
        self.count = self.count.saturating_add(1);
        if let Some((_, junit)) = &mut self.junit {
            junit.add(report);
        }
        match self.args.format {
            _ if self.is_quiet => return Ok(()),
            _ if self.args.tap => tap_line(self.count, report, &mut self.out)?,
            ResultFormat::Json => report_json(report, &mut self.out)?,
            ResultFormat::Text => {
                report_text(report, self.shows_all, self.palette, &mut self.out)?;
            }
        }
        self.out.flush()
    }

    /// All have been told.
    ///
    /// # Errors
    ///
    /// What cannot be written.
    pub fn finish(mut self, totals: &Totals) -> Result<()> {
        if self.args.tap && !self.is_quiet {
            tap_plan(totals, &mut self.out)?;
        }
        self.out.flush()?;
        if let Some((file, junit)) = self.junit {
            let mut file = BufWriter::new(file);
            junit.write(&mut file)?;
            file.flush()?;
        }
        Ok(())
    }
}
