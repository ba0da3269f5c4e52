//! `wirereel test`: the cases of a folder, judged.

mod listing;
mod new;
mod printer;

use std::{
    env, fs,
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
    process,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use wirereel::fixture::{self, Mode, SuiteOptions, Totals, discover, run_suite};

use self::{new::NewArgs, printer::Printer};
use super::{args::ResultFormat, globals::Globals, terminal::progress, verdict::Verdict};

/// What is shown of the progress.
const PROGRESS: &str = "{spinner} {human_pos} of {human_len} cases, {elapsed}  {msg}";

/// Run fixture cases: captures with what must come of them
///
/// A case is a folder with test.toml, a capture and expected.jsonl. What differs is told by
/// message and field.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel test
  wirereel test fixtures --name dgram -j 4
  wirereel test --junit report.xml
  wirereel test --new grades capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel test fixtures/grades --update")]
pub struct TestArgs {
    /// The folder of the cases, or a case
    #[arg(value_name = "DIR", default_value = "fixtures")]
    pub dir: PathBuf,

    /// Only cases whose name holds this text; repeatable
    #[arg(short = 'n', long, value_name = "TEXT")]
    pub name: Vec<String>,

    /// Only cases whose name is that text, and not those that hold it
    #[arg(long, requires = "name")]
    pub exact: bool,

    /// Print the names of cases, and run none
    #[arg(long, conflicts_with_all = ["tap", "junit", "fail_fast", "slowest"])]
    pub list: bool,

    /// Make what comes the expectation, and show what that changes: the old value and the new one, by
    /// message and field. What is as it was is not written, nor is [[expect]] in test.toml; where CI is
    /// true in the environment, no expectation that is missing
    #[arg(long, conflicts_with = "list")]
    pub update: bool,

    /// Cases at once [default: one a processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Begin nothing behind the first failure
    #[arg(long)]
    pub fail_fast: bool,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    /// Print results in the Test Anything Protocol
    #[arg(long, conflicts_with = "format")]
    pub tap: bool,

    /// Write results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Print the slowest cases, so many of them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub slowest: usize,

    // Last, since its headings hold for whatever follows.
    #[command(flatten)]
    pub new: NewArgs,
}

/// Judges the cases of a folder, or makes one.
///
/// # Errors
///
/// A folder that cannot be read or has no cases, I/O; as [`new::run`].
pub fn run(args: &TestArgs, cli: &Globals) -> Result<Verdict> {
    if let Some([name, capture]) = args.new.new.as_deref() {
        return new::run(args, [name, capture], cli);
    }
    args.new.refuse_alone()?;
    let cases = discover(&args.dir)?;
    if cases.is_empty() {
        bail!("{}: no cases: no folder in it has a test.toml", args.dir.display());
    }
    let options = args.options();
    if args.list {
        return listing::print(args, cli, &cases, &options);
    }
    let (stop, processes) = (options.stop.clone(), options.processes.clone());
    // What is made for cases lies in one folder: whoever is killed leaves nothing either.
    let scratch = tempfile::tempdir().context("no folder for temporary files")?;
    let _ = tempfile::env::override_temp_dir(scratch.path());
    let folder = scratch.path().to_owned();
    stop.on_signal(move |signal| {
        processes.kill();
        // Nothing is left to be told where it cannot be.
        let _ = fs::remove_dir_all(folder);
        process::exit(signal.exit_code().into())
    })?;
    let bar = progress(true, PROGRESS);
    bar.set_length(cases.len() as u64);
    let mut printer = Printer::new(args, &options, cli)?;
    let mut told = Ok(());
    let totals = run_suite(&args.dir, &cases, &options, &mut |report| {
        bar.set_position(report.case as u64);
        bar.set_message(report.name.clone());
        if told.is_ok() {
            told = bar.suspend(|| printer.take(report));
        }
        if told.is_err() {
            options.stop.request();
        }
    });
    bar.finish_and_clear();
    let unmatched = printer.unmatched().to_vec();
    printer.finish(&totals)?;
    told?;
    args.summarise(&totals, cli)?;
    verdict(&totals, &options, &unmatched)
}

impl TestArgs {
    fn options(&self) -> SuiteOptions {
        SuiteOptions {
            jobs: self.jobs,
            names: self.name.clone(),
            is_exact: self.exact,
            fail_fast: self.fail_fast,
            mode: match self.update {
                true if is_ci() => Mode::RenewExisting,
                true => Mode::Renew,
                false => Mode::Judge,
            },
            ..SuiteOptions::default()
        }
    }

    fn summarise(&self, totals: &Totals, cli: &Globals) -> Result<()> {
        let mut err = io::stderr().lock();
        match self.format {
            ResultFormat::Json => fixture::report::totals_json(totals, self.slowest, &mut err)?,
            ResultFormat::Text => {
                fixture::report::slowest_text(totals, self.slowest, &mut err)?;
                if self.update && totals.renewed == 0 && totals.failed == 0 {
                    writeln!(err, "no expectation was written: what came is what they say")?;
                }
                fixture::report::totals_text(totals, cli.err_palette(), &mut err)?;
            }
        }
        Ok(err.flush()?)
    }
}

/// A name that is misspelt would leave out what it was to run; of a run cut short nobody knows.
fn verdict(totals: &Totals, options: &SuiteOptions, unmatched: &[&str]) -> Result<Verdict> {
    if let Some(signal) = options.stop.signal() {
        return Ok(Verdict::Stopped(signal));
    }
    if !unmatched.is_empty() && !totals.is_cut_short {
        bail!(no_such(options, unmatched));
    }
    Ok(if totals.failed > 0 { Verdict::Findings } else { Verdict::Clean })
}

/// Whether nobody watches, as services of continuous integration say it.
fn is_ci() -> bool {
    env::var("CI").is_ok_and(|it| it == "true" || it == "1")
}

fn no_such(options: &SuiteOptions, unmatched: &[&str]) -> String {
    let how = if options.is_exact { "the name" } else { "a name with" };
    format!("no case has {how} {}", unmatched.join(" or "))
}
