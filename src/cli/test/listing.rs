//! `wirereel test --list`.

use std::{io::Write, path::PathBuf};

use anyhow::{Result, bail};
use wirereel::fixture::report::{listed_json, listed_text};
use wirereel::fixture::{SuiteOptions, list};

use super::{TestArgs, no_such};
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
    let (mut broken, mut told) = (false, Ok(()));
    let mut unmatched: Vec<_> = args.name.iter().map(String::as_str).collect();
    list(&args.dir, cases, options, &mut |listed| {
        unmatched.retain(|it| !options.is_meant(it, &listed.name));
        broken |= listed.run.is_none();
        if told.is_ok() {
            told = match args.format {
                ResultFormat::Json => listed_json(listed, &mut out),
                ResultFormat::Text => listed_text(listed, cli.palette(), &mut out),
            };
        }
    });
    told?;
    out.flush()?;
    if !unmatched.is_empty() {
        bail!(no_such(options, &unmatched));
    }
    Ok(if broken { Verdict::Findings } else { Verdict::Clean })
}
