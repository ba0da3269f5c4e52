//! `wirereel decode`: the messages of a capture.

use std::path::PathBuf;

use anyhow::{bail, ensure};
use clap::{Args, ValueEnum};

use super::{Cli, Verdict, args::ProtocolArgs};

/// Print the messages of captures
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel decode capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel decode capture.pcap -H proto.h -T json
  wirereel decode capture.pcap -H proto.h -T fields -e name -e math
  tcpdump -w - udp port 1989 | wirereel decode - -H proto.h -V")]
pub struct DecodeArgs {
    /// pcap or pcapng, also compressed; - is standard input; several are merged by time
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,

    /// How messages are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: DecodeFormat,

    /// With -T fields: a field to print, such as math or point.x; repeatable
    #[arg(short = 'e', long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// Show the field tree and the bytes of each field
    #[arg(short = 'V', long)]
    pub tree: bool,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// How messages are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DecodeFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// A line a message, a header line whenever the columns change.
    Csv,
    /// The fields that -e names, separated by tabs.
    Fields,
}

/// Prints the messages of captures.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &DecodeArgs, _cli: &Cli) -> anyhow::Result<Verdict> {
    args.validate()?;
    let _options = args.protocols.options()?;
    bail!("decode is not connected")
}

impl DecodeArgs {
    fn validate(&self) -> anyhow::Result<()> {
        let by_field = self.format == DecodeFormat::Fields;
        ensure!(!by_field || !self.fields.is_empty(), "-T fields prints nothing without -e NAME");
        ensure!(by_field || self.fields.is_empty(), "-e NAME goes only with -T fields");
        ensure!(
            !self.tree || self.format == DecodeFormat::Text,
            "-V shows a tree of text: it goes only with -T text"
        );
        Ok(())
    }
}
