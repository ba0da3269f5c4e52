//! `wirereel demo`: the bundled captures, decoded.

use anyhow::bail;
use clap::Args;

use super::{Cli, Verdict, args::ResultFormat};

/// Decode the bundled captures of every lesson protocol; needs nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel demo
  wirereel demo -T json")]
pub struct DemoArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Decodes the bundled captures.
///
/// # Errors
///
/// I/O.
pub fn run(_args: &DemoArgs, _cli: &Cli) -> anyhow::Result<Verdict> {
    bail!("demo is not connected")
}
