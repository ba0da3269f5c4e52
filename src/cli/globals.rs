//! Options of every command, and what they decide: colour, closing summaries.

use std::io::{self, Write};

use anstream::{AutoStream, stream::RawStream};
use anyhow::Result;
use clap::{Args, ColorChoice};
use wirereel::{
    decode::{FlowSummary, Summary},
    output::{
        Palette, diagnostics, flow_summary_json, flow_summary_text, summary_json, summary_text,
        unused_declarations,
    },
    profile::Protocols,
};

const GLOBAL: &str = "Global options";

/// What any command takes.
#[derive(Debug, Args)]
pub struct Globals {
    /// Colour in text output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    pub color: ColorChoice,

    /// Do all the work, print only the closing summary
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,

    /// Show the chain of causes of an error
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub verbose: bool,
}

impl Globals {
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
        let needed = protocols.require_messages();
        let mut err = io::stderr().lock();
        let is_coloured = self.is_coloured(&io::stderr());
        let is_whole = self.verbose || needed.is_err();
        for schema in protocols.schemas() {
            let said = schema.diagnostics.iter();
            let shown = said.filter(|it| is_whole || !it.is_of_unused()).cloned();
            let shown: Vec<_> = shown.collect();
            diagnostics(&shown, &schema.files, is_coloured, &mut err)?;
            if !is_whole {
                unused_declarations(schema, &mut err)?;
            }
        }
        for unfit in protocols.unfit() {
            writeln!(err, "wirereel: {unfit}")?;
        }
        Ok(needed?)
    }

    /// Writes to standard error how many declarations of the user's headers do not parse, which is
    /// no message's concern; what is wrong with them where the user asks for more.
    ///
    /// # Errors
    ///
    /// Standard error cannot be written.
    pub fn count_unused(&self, protocols: &Protocols) -> Result<()> {
        let mut err = io::stderr().lock();
        let is_coloured = self.is_coloured(&io::stderr());
        for schema in protocols.schemas() {
            if self.verbose {
                let unused = schema.diagnostics.iter().filter(|it| it.is_of_unused()).cloned();
                let unused: Vec<_> = unused.collect();
                diagnostics(&unused, &schema.files, is_coloured, &mut err)?;
            } else {
                unused_declarations(schema, &mut err)?;
            }
        }
        Ok(())
    }

    /// Whether text on a stream is coloured: as `--color` says, else as `NO_COLOR`, the terminal
    /// and the like do.
    pub fn is_coloured(&self, stream: &impl RawStream) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}
