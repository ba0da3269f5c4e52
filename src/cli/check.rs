//! `wirereel check`: what is wrong with the traffic of a capture, and with the headers.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use clap::{Args, ValueEnum};
use wirereel::check::{Checker, Code, Finding, Policy};
use wirereel::decode::{Dissector, Found, Summary};
use wirereel::flow::Anomaly;
use wirereel::output::{
    findings_json, findings_sarif, findings_summary, findings_summary_json, findings_text,
};
use wirereel::profile::{CheckOptions, Protocols};

use super::{
    args::ProtocolArgs, captures::CaptureArgs, globals::Globals, session::Session,
    terminal::stdout, verdict::Verdict, waiting::Pause,
};

/// Find what is wrong with byte order, alignment, width, termination and framing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel check capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel check capture.pcap -H proto.h --strict --allow uninitialised
  wirereel check capture.pcap -H proto.h -T sarif > findings.sarif")]
pub struct CheckArgs {
    #[command(flatten)]
    pub captures: CaptureArgs,

    /// How findings are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: CheckFormat,

    #[command(flatten)]
    pub policy: PolicyArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Which findings count.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,

    /// A finding that is of no interest, such as uninitialised; repeatable
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = code)]
    pub allow: Vec<Code>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// One SARIF 2.1.0 document, for code hosts.
    Sarif,
}

/// Prints what is wrong with captures, and with the headers of their messages.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &CheckArgs, cli: &Globals) -> Result<Verdict> {
    // Before a capture is opened, which may be a pipe that does not end.
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let policy = args.policy.with(protocols.check())?;
    let shows_progress = cli.quiet || !io::stdout().is_terminal();
    let reading = args.captures.reading(shows_progress, Pause::default());
    let mut session = Session::open(args.captures.paths(), &reading)?;
    warn_of_useless(&protocols, cli)?;
    let (findings, summary) = check(&protocols, &mut session)?;
    let (findings, allowed) = policy.sift(findings);
    if !cli.quiet {
        args.print(&findings, &protocols, cli)?;
    }
    args.summarise(&findings, allowed, &summary, cli)?;
    session.finish()?;
    Ok(if policy.fails(&findings) { Verdict::Findings } else { Verdict::Clean })
}

/// Runs all checks over the frames of a session.
fn check(protocols: &Protocols, session: &mut Session) -> Result<(Vec<Finding>, Summary)> {
    let mut checker = Checker::new(protocols);
    let dissector = Dissector::new(protocols, false)?;
    let mut not_text = 0_u64;
    let mut summary = session.dissect(dissector, &mut |found| {
        if let Found::Message { captured, .. } = &found {
            not_text = not_text.saturating_add(captured.message.not_text());
        }
        checker.found(&found);
    });
    summary.note(Anomaly::Unchecked, checker.left_out());
    summary.note(Anomaly::NotText, not_text);
    Ok((checker.finish(&summary), summary))
}

/// What is wrong in a header is a finding, unless nothing can be found with it.
fn warn_of_useless(protocols: &Protocols, cli: &Globals) -> Result<()> {
    if protocols.require_messages().is_err() {
        return cli.diagnose(protocols);
    }
    cli.count_unused(protocols)?;
    let mut err = io::stderr().lock();
    for unfit in protocols.unfit() {
        writeln!(err, "wirereel: {unfit}")?;
    }
    Ok(())
}

impl PolicyArgs {
    /// What counts by these and by a profile.
    pub fn with(&self, profile: &CheckOptions) -> Result<Policy> {
        Ok(Policy::new(self.strict, self.allow.iter().copied(), profile)?)
    }
}

impl CheckArgs {
    fn print(&self, findings: &[Finding], protocols: &Protocols, cli: &Globals) -> Result<()> {
        let schemas = protocols.schemas();
        let mut out = stdout();
        match self.format {
            CheckFormat::Text => {
                let is_coloured = cli.is_coloured(&io::stdout());
                findings_text(findings, schemas, is_coloured, &mut out)?;
            }
            CheckFormat::Json => findings_json(findings, &mut out)?,
            CheckFormat::Sarif => {
                let capture = match self.captures.paths() {
                    [one] if one.as_os_str() != "-" => Some(one.to_string_lossy()),
                    _ => None,
                };
                findings_sarif(findings, schemas, capture.as_deref(), &mut out)?;
            }
        }
        Ok(out.flush()?)
    }

    fn summarise(
        &self,
        findings: &[Finding],
        allowed: usize,
        summary: &Summary,
        cli: &Globals,
    ) -> Result<()> {
        let mut err = io::stderr().lock();
        if self.format == CheckFormat::Json {
            return Ok(findings_summary_json(findings, allowed, summary, &mut err)?);
        }
        cli.summarise(summary, false)?;
        let palette = cli.err_palette();
        Ok(findings_summary(findings, allowed, palette, &mut err)?)
    }
}

fn code(name: &str) -> Result<Code, String> {
    name.parse::<Code>().map_err(|error| error.to_string())
}
