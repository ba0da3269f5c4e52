//! `wirereel interfaces`: the interfaces of this host.

use anyhow::{Result, bail};
use clap::Args;

use super::{args::ResultFormat, globals::Globals, verdict::Verdict};

/// Show the interfaces of this host: addresses, flags, memberships
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel interfaces
  wirereel interfaces -T json")]
pub struct InterfacesArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints them.
pub fn run(_args: &InterfacesArgs, _cli: &Globals) -> Result<Verdict> {
    bail!("not built yet")
}
