//! `wirereel listen`: receives, decodes and measures datagrams, and say why none come.

use anyhow::{Result, bail};
use clap::Args;
use wirereel::generate::Cast;

use super::{cast::cast_parser, globals::Globals, verdict::Verdict};

/// Receive, decode and measure datagrams, and say why none come
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel listen multicast --group 224.2.2.2:1989 -i lo -H proto.h --message msg_st")]
pub struct ListenArgs {
    /// How datagrams are addressed
    #[arg(value_name = "CAST", value_parser = cast_parser())]
    pub cast: Cast,
}

/// Runs it.
pub fn run(_args: &ListenArgs, _cli: &Globals) -> Result<Verdict> {
    bail!("not built yet")
}
