//! Options of every command, and what they decide: colour, closing summaries.

use std::io::{self, Write};

use anstream::{AutoStream, stream::RawStream};
use anyhow::Result;
use clap::{Args, ColorChoice};
use wirereel::{
    decode::{FlowSummary, Summary},
    output::{
        Palette, diagnostics, flow_summary_json, flow_summary_text, summary_json, summary_text,
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
