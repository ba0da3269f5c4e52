//! `wirereel info`: what a capture file is.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::{Cli, Verdict, args::ResultFormat};

/// Print what capture files are: format, link types, frames, times
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel info capture.pcapng
  wirereel info -T json a.pcap b.pcap.gz")]
pub struct InfoArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints what a capture file is.
///
/// # Errors
///
/// I/O, a capture cut short.
pub fn run(_args: &InfoArgs, _cli: &Cli) -> anyhow::Result<Verdict> {
    bail!("info is not connected")
}
