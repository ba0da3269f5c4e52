//! `wirereel test --list`.

use std::{io::Write, path::PathBuf};

use anyhow::{Result, bail};
use serde_json::json;
use wirereel::fixture::{Listed, SuiteOptions, list};

use super::TestArgs;
use crate::cli::{args::ResultFormat, globals::Globals, terminal::stdout, verdict::Verdict};

/// Prints what would be run, and what would be skipped.
///
/// # Errors
///
/// No case has such a name; standard output cannot be written.
pub fn print(
    args: &TestArgs,
    cli: &Globals,
    cases: &[PathBuf],
    options: &SuiteOptions,
) -> Result<Verdict> {
    let mut out = stdout();
    let (mut count, mut broken, mut told) = (0_u64, false, Ok(()));
    list(&args.dir, cases, options, &mut |listed| {
        count = count.saturating_add(1);
        broken |= listed.run.is_none();
        if told.is_ok() {
            told = line(listed, args.format, cli, &mut out);
        }
    });
    told?;
    out.flush()?;
    if count == 0 {
        bail!("no case has a name with {}", args.name.join(" or "));
    }
    Ok(if broken { Verdict::Findings } else { Verdict::Clean })
}

fn line(
    listed: &Listed,
    format: ResultFormat,
    cli: &Globals,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let Listed { name, run, note } = listed;
    let run = run.map_or("broken", |it| it.name());
    match (format, note) {
        (ResultFormat::Json, _) => {
            writeln!(out, "{}", json!({"name": name, "run": run, "note": note}))
        }
        (ResultFormat::Text, None) => writeln!(out, "{name}  {run}"),
        (ResultFormat::Text, Some(note)) => {
            let doubt = cli.palette().doubt;
            writeln!(out, "{name}  {run}  {doubt}{note}{doubt:#}")
        }
    }
}
