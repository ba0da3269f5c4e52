//! What is printed and written of trials as they end.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use anyhow::{Context, Result};
use wirereel::fixture::report::{Junit, report_json, report_text, tap_line, tap_plan};
use wirereel::fixture::{Report, SuiteOptions, Totals};
use wirereel::output::Palette;

use super::TestArgs;
use crate::cli::{args::ResultFormat, globals::Globals, terminal::stdout};

/// Prints trials.
pub struct Printer<'a> {
    args: &'a TestArgs,
    options: &'a SuiteOptions,
    is_quiet: bool,
    shows_all: bool,
    palette: Palette,
    out: Box<dyn Write>,
    junit: Option<(File, Junit)>,
    count: u64,
    /// Names that were asked for and that none has had so far.
    unmatched: Vec<&'a str>,
}

impl<'a> Printer<'a> {
    /// A printer; a file that cannot be written is known before anything is run.
    ///
    /// # Errors
    ///
    /// Such a file.
    pub fn new(args: &'a TestArgs, options: &'a SuiteOptions, cli: &Globals) -> Result<Self> {
        let create = |path| File::create(path).map(|file| (file, Junit::default()));
        let junit = args.junit.as_ref().map(create).transpose();
        Ok(Self {
            args,
            options,
            is_quiet: cli.quiet,
            shows_all: cli.verbose,
            palette: cli.palette(),
            out: stdout(),
            junit: junit.with_context(|| format!("cannot write {}", path_of(args)))?,
            count: 0,
            unmatched: args.name.iter().map(String::as_str).collect(),
        })
    }

    /// Tells of one, at once.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written.
    pub fn take(&mut self, report: &Report) -> io::Result<()> {
        self.count = self.count.saturating_add(1);
        self.unmatched.retain(|it| !self.options.is_meant(it, &report.name));
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

    /// The names that were asked for and that none has had.
    pub fn unmatched(&self) -> &[&'a str] {
        &self.unmatched
    }

    /// All have been told. The file is written whether or not somebody reads standard output.
    ///
    /// # Errors
    ///
    /// What cannot be written.
    pub fn finish(mut self, totals: &Totals) -> Result<()> {
        if let Some((file, junit)) = self.junit.take() {
            let mut file = BufWriter::new(file);
            let written = junit.write(&mut file).and_then(|()| file.flush());
            written.with_context(|| format!("cannot write {}", path_of(self.args)))?;
        }
        if self.args.tap && !self.is_quiet {
            tap_plan(totals, &mut self.out)?;
        }
        Ok(self.out.flush()?)
    }
}

fn path_of(args: &TestArgs) -> String {
    args.junit.as_ref().map(|it| it.display().to_string()).unwrap_or_default()
}
