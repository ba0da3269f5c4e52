//! `wirereel layout`: where a compiler puts the fields of a header's structs.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use wirereel::schema::Abi;

use super::{
    Cli, Verdict,
    args::{IncludeArgs, ResultFormat, abi_parser},
};

/// Print offsets, holes and sizes of a header's structs for each ABI
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel layout proto.h
  wirereel layout proto.h msg_st --abi i386
  wirereel layout proto.h -D 'PACKED=__attribute__((packed))' -T json")]
pub struct LayoutArgs {
    /// The C header
    #[arg(value_name = "HEADER")]
    pub header: PathBuf,

    /// A struct or union of it, by tag or typedef; without one, all
    #[arg(value_name = "MESSAGE")]
    pub message: Option<String>,

    #[command(flatten)]
    pub include: IncludeArgs,

    /// Only this ABI; repeatable
    #[arg(long = "abi", value_name = "NAME", value_parser = abi_parser())]
    pub abis: Vec<Abi>,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints layouts.
///
/// # Errors
///
/// A header that cannot be read, a message that it does not declare; I/O.
pub fn run(_args: &LayoutArgs, _cli: &Cli) -> anyhow::Result<Verdict> {
    bail!("layout is not connected")
}
