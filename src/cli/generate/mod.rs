//! `wirereel generate`: sends the messages of a header by recipe, to a host, to everybody or to a group.

use anyhow::{Result, bail};
use clap::Args;
use wirereel::generate::Cast;

use super::{cast::cast_parser, globals::Globals, verdict::Verdict};

/// Send the messages of a header by recipe, to a host, to everybody or to a group
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel generate multicast --group 224.2.2.2:1989 -i lo -H proto.h --message msg_st")]
pub struct GenerateArgs {
    /// How datagrams are addressed
    #[arg(value_name = "CAST", value_parser = cast_parser())]
    pub cast: Cast,
}

/// Runs it.
pub fn run(_args: &GenerateArgs, _cli: &Globals) -> Result<Verdict> {
    bail!("not built yet")
}
