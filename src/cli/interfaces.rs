//! `wirereel interfaces`: the interfaces of this host.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use wirereel::{
    net::{host::joined_groups, interfaces},
    output::{interfaces_json, interfaces_text},
};

use super::{args::ResultFormat, globals::Globals, terminal::stdout, verdict::Verdict};

/// Show the interfaces of this host: addresses, flags, groups
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel interfaces
  wirereel interfaces -T json")]
pub struct InterfacesArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints them, in the order of their numbers.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn run(args: &InterfacesArgs, cli: &Globals) -> Result<Verdict> {
    let mut interfaces = interfaces();
    interfaces.sort_by_key(|it| it.index);
    let joined = joined_groups().unwrap_or_default();
    let mut out = stdout();
    match args.format {
        _ if cli.quiet => {}
        ResultFormat::Json => interfaces_json(&interfaces, &joined, &mut out)?,
        ResultFormat::Text => interfaces_text(&interfaces, &joined, cli.palette(), &mut out)?,
    }
    out.flush()?;
    Ok(Verdict::Clean)
}
