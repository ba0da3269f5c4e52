//! `wirereel layout`: where a compiler puts the fields of a header's structs.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{bail, ensure};
use clap::Args;
use wirereel::{
    output::{LayoutReport, diagnostics},
    profile::ProfileError,
    schema::{Abi, Level, RecordDef, Schema},
};

use super::{
    Cli, Verdict,
    args::{IncludeArgs, ResultFormat, abi_parser},
    terminal::stdout,
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

    /// The ABI that is shown whole; of the others what differs
    #[arg(long, value_name = "NAME", value_parser = abi_parser(), default_value = "x86_64")]
    pub abi: Abi,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints layouts, and on stderr what is wrong in the header.
///
/// # Errors
///
/// A header that cannot be read, a message that it does not declare or that has no layout; I/O.
pub fn run(args: &LayoutArgs, cli: &Cli) -> anyhow::Result<Verdict> {
    let schema = Schema::load(&args.header, &args.include.options())?;
    let mut stderr = io::stderr().lock();
    let coloured = cli.is_coloured(&stderr);
    diagnostics(&schema.diagnostics, &schema.files, coloured, &mut stderr)?;
    let palette = cli.palette();
    let mut out = stdout();
    let records = args.records(&schema)?;
    if records.is_empty() {
        writeln!(stderr, "wirereel: {} declares no struct or union", args.header.display())?;
    }
    let mut has_errors = schema.diagnostics.iter().any(|it| it.level == Level::Error);
    for (index, (name, record)) in records.into_iter().enumerate() {
        let report = match LayoutReport::new(record, name, args.abi) {
            Ok(report) => report,
            Err(error) => {
                let span = error.span.unwrap_or(record.span);
                let place = schema.position(span).map_or_else(String::new, |it| format!("{it}: "));
                let refusal = format!("{place}{name} has no layout: {error}");
                ensure!(args.message.is_none(), refusal);
                writeln!(stderr, "wirereel: {refusal}")?;
                has_errors = true;
                continue;
            }
        };
        match args.format {
            _ if cli.quiet => {}
            ResultFormat::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                report.write_text(palette, &mut out)?;
            }
            ResultFormat::Json => report.write_json(&mut out)?,
        }
    }
    out.flush()?;
    Ok(if has_errors { Verdict::Findings } else { Verdict::Clean })
}

impl LayoutArgs {
    /// The struct or union that is asked for, else all.
    fn records<'a>(&'a self, schema: &'a Schema) -> anyhow::Result<Vec<(&'a str, &'a RecordDef)>> {
        let Some(name) = &self.message else {
            return Ok(schema.records().map(|(name, record)| (name, &**record)).collect());
        };
        match (schema.record(name), schema.text_record(name)) {
            (Some(record), _) => Ok(vec![(name, record)]),
            (None, Some(_)) => bail!("{name} is a text record: it has no layout"),
            (None, None) => {
                let header = vec![self.header.display().to_string()];
                Err(ProfileError::unknown_message(name, header, schema.messages()).into())
            }
        }
    }
}
