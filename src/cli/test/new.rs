//! `wirereel test --new`: a case made of a capture.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::Path,
    process,
};

use anyhow::{Context, Result, bail};
use clap::{ArgAction, Args};
use serde_json::json;
use wirereel::fixture::draft::{Capture, Draft, DraftError, Drafted};
use wirereel::fixture::redact::{Key, Redaction};
use wirereel::profile::Protocols;
use wirereel::replay::Stop;

use super::TestArgs;
use crate::cli::{
    again::Again,
    args::{ProtocolArgs, ResultFormat},
    globals::Globals,
    terminal::stdout,
    verdict::Verdict,
};

/// Bytes of a capture from which on it is told that it is large for a repository.
const LARGE: u64 = 1 << 20;

/// How a case is made.
#[derive(Debug, Args)]
#[command(next_help_heading = "A new case")]
pub struct NewArgs {
    /// Make a case of a capture: the folder NAME in DIR, with the frames that its messages need, the
    /// headers with what they include, and what must come. It is run once, and passes
    #[arg(
        long,
        num_args = 2,
        value_names = ["NAME", "CAPTURE"],
        action = ArgAction::Set,
        conflicts_with_all = ["name", "list", "update", "jobs", "fail_fast", "tap", "junit", "slowest"]
    )]
    pub new: Option<Vec<OsString>>,

    /// Only messages that a filter in Wireshark's syntax lets pass
    #[arg(short = 'Y', long = "filter", value_name = "FILTER")]
    pub filter: Option<String>,

    /// Replace addresses and text as redact does; what nothing decodes is blanked
    #[arg(long)]
    pub redact: bool,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

impl NewArgs {
    /// Refuses what says how a case is made where none is.
    ///
    /// # Errors
    ///
    /// The first such option.
    pub fn refuse_alone(&self) -> Result<()> {
        let own = [("-Y", self.filter.is_some()), ("--redact", self.redact)];
        let own = own.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name);
        match own.or_else(|| self.protocols.first_given()) {
            Some(option) => bail!(
                "{option} is for a new case, with --new NAME CAPTURE; a case that is there says in its \
                 test.toml how it is decoded"
            ),
            None => Ok(()),
        }
    }
}

/// Makes a case.
///
/// # Errors
///
/// Bad arguments, I/O, a name that is there, a capture without a message that is wanted; a capture cut
/// short, after the case was made of what came before.
pub fn run(args: &TestArgs, [name, path]: [&OsString; 2], cli: &Globals) -> Result<Verdict> {
    let name = name.to_str().context("--new: the name of a case is UTF-8")?;
    let options = args.new.protocols.options()?;
    let protocols = Protocols::load(&options)?;
    cli.diagnose(&protocols)?;
    let redaction = match args.new.redact {
        true => Some(Redaction {
            key: Key::random()?,
            fields: Vec::new(),
            keep: Vec::new(),
            blank_unknown: true,
        }),
        false => None,
    };
    let draft = Draft {
        name,
        options: &options,
        protocols: &protocols,
        filter: args.new.filter.as_deref(),
        redaction: redaction.as_ref(),
    };
    let path = Path::new(path);
    let again = Again::new(path)?;
    let stop = Stop::default();
    stop.on_signal(|signal| process::exit(signal.exit_code().into()))?;
    let capture = Capture { path, open: &|| again.open() };
    let drafted = match draft.write(&args.dir, &capture, &stop) {
        Ok(drafted) => drafted,
        Err(error @ DraftError::Stopped) => {
            writeln!(io::stderr().lock(), "wirereel: {error}")?;
            return Ok(stop.signal().map_or(Verdict::Clean, Verdict::Stopped));
        }
        Err(error) => return Err(error.into()),
    };
    let len = fs::metadata(drafted.dir.join(&drafted.capture)).map_or(0, |it| it.len());
    if !cli.quiet {
        match args.format {
            ResultFormat::Text => text(args, name, &drafted, len, cli)?,
            ResultFormat::Json => object(name, &drafted)?,
        }
    }
    remark(args, &drafted, len)?;
    match drafted.cut {
        Some(cut) => bail!("{cut}; the case is made of what came before"),
        None => Ok(Verdict::Clean),
    }
}

/// What was written, and what to do next.
fn text(args: &TestArgs, name: &str, drafted: &Drafted, len: u64, cli: &Globals) -> Result<()> {
    let mut out = stdout();
    let strong = cli.palette().strong;
    let dir = drafted.dir.display().to_string();
    writeln!(out, "{strong}{dir}{strong:#}: written, and it passes")?;
    let names: Vec<_> = drafted.files.iter().map(|it| it.display().to_string()).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    for name in &names {
        writeln!(out, "{}", format!("  {name:width$}  {}", told(name, drafted, len)).trim_end())?;
    }
    let of = match args.dir == Path::new("fixtures") {
        true => String::new(),
        false => format!(" {}", shell(&args.dir.display().to_string())),
    };
    writeln!(out, "next: wirereel test{of} --name {}", shell(name))?;
    writeln!(out, "      git add {}", shell(&dir))?;
    Ok(out.flush()?)
}

/// What is to be said of a file.
fn told(name: &str, drafted: &Drafted, len: u64) -> String {
    let [kept, of] = drafted.frames;
    let messages = plural(drafted.messages, "message");
    let findings = drafted.findings.map(|it| plural(it, "finding"));
    match (name, drafted.is_whole) {
        (name, _) if name == drafted.capture => {
            format!("{kept} of {of} frames, {len} bytes")
        }
        ("expected.jsonl" | "expected.messages.jsonl", _) => messages,
        ("expected.findings.jsonl", _) => findings.unwrap_or_default(),
        ("test.toml", false) => format!("{messages}, described by [[expect]]"),
        _ => String::new(),
    }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn object(name: &str, drafted: &Drafted) -> Result<()> {
    let [kept, of] = drafted.frames;
    let files: Vec<_> = drafted.files.iter().map(|it| it.display().to_string()).collect();
    let line = json!({
        "name": name,
        "dir": drafted.dir.display().to_string(),
        "files": files,
        "frames": {"kept": kept, "of": of},
        "messages": drafted.messages,
        "findings": drafted.findings,
        "whole": drafted.is_whole,
    });
    let mut out = stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// What the user may not expect.
fn remark(args: &TestArgs, drafted: &Drafted, len: u64) -> Result<()> {
    let mut err = io::stderr().lock();
    for (protocol, count) in &drafted.others {
        let count = plural(usize::try_from(*count).unwrap_or(usize::MAX), "message");
        writeln!(err, "left out: {count} of {protocol}, whose traffic no -d names")?;
    }
    if drafted.drops_filter {
        let filter = args.new.filter.as_deref().unwrap_or_default();
        writeln!(
            err,
            "left out of test.toml: -Y '{filter}', which asks for what is another in the case; its \
             capture holds nothing else"
        )?;
    }
    if let Some(redacted) = &drafted.redacted {
        writeln!(err, "redacted: {} addresses, and text", redacted.addresses)?;
        if !redacted.unknown.is_empty() {
            writeln!(err, "blanked: {}", redacted.unknown)?;
        }
    }
    if len >= LARGE {
        writeln!(err, "the capture is large for a repository: -Y FILTER leaves messages out")?;
    }
    Ok(())
}

/// A word as a shell reads it.
fn shell(word: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || "-_./".contains(it);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
