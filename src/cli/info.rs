//! `wirereel info`: what a capture file is.

use std::{io::Write, path::Path};

use anyhow::Result;
use clap::Args;
use wirereel::{
    capture::{self, CaptureInfo, Reader},
    output::{write_info_json, write_info_text},
};

use super::{
    args::ResultFormat, captures::NamedArgs, globals::Globals, session::refuse, terminal::stdout,
    verdict::Verdict,
};

/// Print what capture files are: format, link types, frames, times
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel info capture.pcapng
  wirereel info -T json a.pcap b.pcap.gz")]
pub struct InfoArgs {
    #[command(flatten)]
    pub captures: NamedArgs,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints what capture files are, those with an error too; quietly, only the errors.
///
/// # Errors
///
/// I/O, a capture cut short.
pub fn run(args: &InfoArgs, cli: &Globals) -> Result<Verdict> {
    let mut out = stdout();
    let mut errors = Vec::new();
    for (index, path) in args.captures.paths().iter().enumerate() {
        let info = gather(path);
        match args.format {
            _ if cli.quiet => {}
            ResultFormat::Json => write_info_json(&mut out, &info)?,
            ResultFormat::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                write_info_text(&mut out, &info)?;
            }
        }
        errors.extend(info.error);
    }
    out.flush()?;
    refuse(errors)?;
    Ok(Verdict::Clean)
}

fn gather(path: &Path) -> CaptureInfo {
    if path.as_os_str() == "-" {
        CaptureInfo::gather("-", Reader::stdin())
    } else {
        capture::info(path)
    }
}
