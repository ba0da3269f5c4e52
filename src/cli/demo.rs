//! `wirereel demo`: the bundled captures, decoded, checked and replayed to servers of its own.

mod checking;
mod decoding;
mod peer;
mod replaying;

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use wirereel::{
    decode::{Dissector, Found, Summary},
    profile::{Options, Protocols},
};

use super::{Cli, Verdict, args::ResultFormat, session::Session, terminal::stdout};

/// Decode, check and replay the bundled captures; needs nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel demo
  wirereel demo -T json")]
pub struct DemoArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// A capture that the program carries.
#[derive(Clone, Copy)]
struct Bundled {
    file: &'static str,
    bytes: &'static [u8],
}

/// Where scenes are shown.
struct Stage<'a> {
    cli: &'a Cli,
    format: ResultFormat,
    protocols: Protocols,
    out: Box<dyn Write>,
    scenes: usize,
}

/// Shows all scenes. What differs or is wrong in them is meant to be.
///
/// # Errors
///
/// I/O; no socket on loopback.
pub fn run(args: &DemoArgs, cli: &Cli) -> Result<Verdict> {
    let mut stage = Stage {
        cli,
        format: args.format,
        protocols: Protocols::load(&Options { builtin: true, ..Options::default() })?,
        out: if cli.quiet { Box::new(io::sink()) } else { stdout() },
        scenes: 0,
    };
    let mut total = decoding::show(&mut stage)?;
    total.add(&checking::show(&mut stage)?);
    replaying::show(&mut stage)?;
    stage.out.flush()?;
    cli.summarise(&total, args.format == ResultFormat::Json)?;
    Ok(Verdict::Clean)
}

impl Stage<'_> {
    /// Begins a scene: for people with its title, and the capture that it is of.
    fn begin(&mut self, title: &str, file: &str) -> io::Result<()> {
        if self.format == ResultFormat::Json {
            return Ok(());
        }
        if self.scenes > 0 {
            writeln!(self.out)?;
        }
        self.scenes += 1;
        let strong = self.cli.palette().strong;
        writeln!(self.out, "{strong}{title}{strong:#}\n  captures/{file}")
    }
}

impl Bundled {
    /// Decodes all of it, and lends what is found.
    fn dissect(
        self,
        protocols: &Protocols,
        take: &mut impl FnMut(Found<'_>) -> io::Result<()>,
    ) -> Result<Summary> {
        let mut session = Session::bundled(self.file, self.bytes)?;
        let summary = session.dissect(Dissector::new(protocols, true)?, take)?;
        session.finish()?;
        Ok(summary)
    }
}
