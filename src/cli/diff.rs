//! `wirereel diff`: what two captures, or a capture and an expectation, differ in.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::Value;
use wirereel::capture::CaptureError;
use wirereel::comparison::Expectation;
use wirereel::fixture::diff::{
    DiffOptions, Expected, Outcome, TOLD, diff_captures, diff_lines, lines_of,
};
use wirereel::fixture::report::{diff_json, diff_summary_json, diff_summary_text, diff_text};
use wirereel::profile::{Options, Protocols};

use super::{
    again::Again,
    args::{ProtocolArgs, ResultFormat},
    globals::Globals,
    session::refuse,
    source::is_stdin,
    terminal::stdout,
    value,
    verdict::Verdict,
};

/// Compare two captures by message and field
///
/// Conversations are paired by what is said in them, and their messages in order, so that one that is
/// missing is one difference. Ports, times and the order across conversations do not count unless that
/// is asked for. Of HTTP, status, method, target, Content-Type and the decoded body are compared.
/// In place of a capture there may be an expectation of a fixture case, or the case's folder: then its
/// header and rules are taken where none are given.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel diff before.pcap after.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel diff before.pcap after.pcapng -H proto.h --ignore stamp --tolerance value=2
  wirereel diff fixtures/grades after.pcap
  wirereel diff before.pcap after.pcap -T json --times=5ms --order")]
pub struct DiffArgs {
    /// What is expected: a capture, - for standard input, an expected.jsonl, or the folder of a case
    #[arg(value_name = "A")]
    pub expected: PathBuf,

    /// What came: the same
    #[arg(value_name = "B")]
    pub actual: PathBuf,

    /// How differences are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    /// Only messages that a filter in Wireshark's syntax lets pass
    #[arg(short = 'Y', long = "filter", value_name = "FILTER")]
    pub filter: Option<String>,

    /// A field that may differ: value, msg_st.math, corners[1].x, body, bytes; repeatable
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// By how much a number may differ; repeatable
    #[arg(long, value_name = "FIELD=AMOUNT", value_parser = value::amount)]
    pub tolerance: Vec<(String, f64)>,

    /// A header field of HTTP to compare too; repeatable
    #[arg(long = "http-header", value_name = "NAME", value_delimiter = ',')]
    pub http_headers: Vec<String>,

    /// Compare ports too
    #[arg(long)]
    pub ports: bool,

    /// Compare times too, from the first message of each conversation: by so much they may differ
    #[arg(
        long,
        value_name = "LEEWAY",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1ms",
        value_parser = value::duration
    )]
    pub times: Option<Duration>,

    /// Compare the order across conversations too
    #[arg(long)]
    pub order: bool,

    /// Print so many differences, and count the others
    #[arg(long, value_name = "N", default_value_t = TOLD)]
    pub max: usize,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// What is compared, of either side.
enum Source {
    Capture(Again),
    Lines(Box<Expected>),
}

/// Prints what differs.
///
/// # Errors
///
/// Bad arguments, I/O, what is neither a capture nor an expectation, a capture cut short.
pub fn run(args: &DiffArgs, cli: &Globals) -> Result<Verdict> {
    let pipes = [&args.expected, &args.actual].into_iter().filter(|it| is_stdin(it)).count();
    ensure!(pipes < 2, "- names standard input, which can be read only once");
    let named = [Expected::read(&args.expected)?, Expected::read(&args.actual)?];
    let protocols = Protocols::load(&args.loaded(&named)?)?;
    cli.diagnose(&protocols)?;
    // What a case ignores may be anything that a line has.
    args.expectation().check(&protocols)?;
    let options = args.options(&named);
    let [one, other] = named;
    let sources = [Source::new(one, &args.expected)?, Source::new(other, &args.actual)?];
    let mut outcome = compare(&sources, &protocols, &options)?;
    let mut out = stdout();
    match args.format {
        _ if cli.quiet => {}
        ResultFormat::Text => diff_text(&outcome, cli.palette(), &mut out)?,
        ResultFormat::Json => diff_json(&outcome, &mut out)?,
    }
    out.flush()?;
    let mut err = io::stderr().lock();
    match args.format {
        ResultFormat::Text => diff_summary_text(&outcome, cli.err_palette(), &mut err)?,
        ResultFormat::Json => diff_summary_json(&outcome, &mut err)?,
    }
    refuse(std::mem::take(&mut outcome.cut))?;
    Ok(if outcome.is_alike() { Verdict::Clean } else { Verdict::Findings })
}

fn compare(sources: &[Source; 2], protocols: &Protocols, options: &DiffOptions) -> Result<Outcome> {
    if let [Source::Capture(one), Source::Capture(other)] = sources {
        return Ok(diff_captures([&|| one.open(), &|| other.open()], protocols, options)?);
    }
    let [one, other] = sources;
    let (one, cut) = one.lines(protocols, options)?;
    let (other, also_cut) = other.lines(protocols, options)?;
    let outcome = diff_lines([one, other], options)?;
    Ok(Outcome { cut: cut.into_iter().chain(also_cut).collect(), ..outcome })
}

impl Source {
    fn new(expected: Option<Expected>, path: &Path) -> Result<Self> {
        Ok(match expected {
            Some(it) => Self::Lines(Box::new(it)),
            None => Self::Capture(Again::new(path)?),
        })
    }

    fn lines(
        &self,
        protocols: &Protocols,
        options: &DiffOptions,
    ) -> Result<(Vec<Value>, Option<CaptureError>)> {
        match self {
            Self::Lines(it) => Ok((it.lines.clone(), None)),
            Self::Capture(it) => Ok(lines_of(&|| it.open(), protocols, options.filter.as_deref())?),
        }
    }
}

impl DiffArgs {
    /// Which traffic is which message: as the arguments say; where they say nothing, as a case does.
    fn loaded(&self, named: &[Option<Expected>; 2]) -> Result<Options> {
        let ProtocolArgs { headers, rules, profile, .. } = &self.protocols;
        let says_none = headers.is_empty() && rules.is_empty() && profile.is_none();
        let of_case = named.iter().flatten().find_map(Expected::protocols);
        match of_case.filter(|_| says_none) {
            Some(options) => Ok(options.clone()),
            None => self.protocols.options(),
        }
    }

    fn expectation(&self) -> Expectation {
        Expectation {
            ignore: self.ignore.clone(),
            tolerance: self.tolerance.clone(),
            headers: self.http_headers.clone(),
            ..Expectation::default()
        }
    }

    fn options(&self, named: &[Option<Expected>; 2]) -> DiffOptions {
        let trials: Vec<_> = named.iter().flatten().filter_map(|it| it.trial.as_ref()).collect();
        let ignore = trials.iter().flat_map(|it| &it.ignore).filter(|it| *it != "time");
        let tolerance = trials.iter().flat_map(|it| &it.tolerance);
        let mut expectation = self.expectation();
        expectation.ignore.extend(ignore.cloned());
        expectation.tolerance.extend(tolerance.cloned());
        DiffOptions {
            expectation,
            filter: self.filter.clone().or_else(|| trials.iter().find_map(|it| it.filter.clone())),
            ports: self.ports,
            times: self.times,
            order: self.order,
            told: self.max,
        }
    }
}
