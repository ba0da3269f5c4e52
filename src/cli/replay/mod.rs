//! `wirereel replay`: the clients of a capture, played to a live server.

pub mod arguments;

use std::{
    collections::HashMap,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::capture::{Frame, Reader};
use wirereel::decode::Conversations;
use wirereel::flow::Side;
use wirereel::output::{
    ObjectWriter, outcome_json, outcome_text, plan_json, plan_text, preflight_json, preflight_text,
};
use wirereel::packet::{StreamId, Transport};
use wirereel::profile::Protocols;
use wirereel::replay;
use wirereel::replay::{Destinations, Limits, Options, Outcome, Plan, Recording, Skipped, Stop};

use self::arguments::{
    DestinationArgs, ExpectationArgs, RecordingArgs, SpeedArgs, require_servers,
};
use super::{
    args::{ProtocolArgs, ResultFormat},
    choosing::{ChoiceArgs, require_streams},
    globals::Globals,
    session::{Located, PROGRESS},
    terminal::{progress, stdout},
    verdict::Verdict,
};

/// Frames between two looks at the progress.
const PROGRESS_STEP: u64 = 1 << 16;
/// What is shown of what was played.
const PLAYED: &str = "{spinner} {human_pos} played, {per_sec}, {elapsed}";

/// Play the clients of a capture to a live server, and compare its answers
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel replay capture.pcap --dry-run
  wirereel replay web.pcap --to 127.0.0.1:8080 --host localhost
  wirereel replay capture.pcap --to 10.0.0.2:1989 -x 2 -l 10
  wirereel replay mixed.pcap --map :80=127.0.0.1:8080 -Y 'http.request'
  wirereel replay mixed.pcap --to 127.0.0.1:1989 --stream tcp:3,udp:0..5
  wirereel replay capture.pcap --map 224.2.2.2:1989=224.7.7.7:1989 -i lo --expect none
  wirereel replay stamps.pcap --to 127.0.0.1:1989 --ignore value -T json")]
pub struct ReplayArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,

    /// Print what would be replayed and what would not; send nothing
    #[arg(long)]
    pub dry_run: bool,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    #[command(flatten)]
    pub choice: ChoiceArgs,

    #[command(flatten)]
    pub destination: DestinationArgs,

    #[command(flatten)]
    pub speed: SpeedArgs,

    #[command(flatten)]
    pub comparison: ExpectationArgs,

    #[command(flatten)]
    pub recording: RecordingArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// What conversations were decoded as.
type Names = HashMap<(Transport, StreamId), String>;

/// Plays the clients of a capture, or says what would be played.
///
/// # Errors
///
/// Bad arguments, I/O, nothing to replay, nothing sent, a capture cut short.
pub fn run(args: &ReplayArgs, cli: &Globals) -> Result<Verdict> {
    // Before a capture is opened, which may be a pipe that does not end.
    if !args.dry_run {
        args.destination.require_any()?;
        args.recording.require_other(&args.capture)?;
    }
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let ReplayArgs { destination, speed, comparison, .. } = args;
    let mut options = arguments::options(destination, speed, comparison)?;
    options.expectation.check(&protocols)?;
    let (mut plan, names) = args.plan(&protocols, cli)?;
    args.aim(&mut plan, &options.destinations)?;
    speed.cut_idle(&mut plan, comparison.expect, cli.quiet)?;
    if args.dry_run {
        plan.preflight.limits = Limits::find(&plan)?;
        args.print_plan(&plan, &names, cli)?;
        require_something(&plan, &args.capture, "replay")?;
        return finish(plan, Verdict::Clean);
    }
    require_something(&plan, &args.capture, "replay")?;
    let folder = tempfile::tempdir()?;
    let recorded = args.recording.recorded(folder.path());
    options.recording = recorded.as_deref().map(Recording::create).transpose()?;
    let stop = Stop::default();
    let mut outcome = play(&plan, &protocols, &options, &stop)?;
    // What was played is told even where it could not be kept.
    let kept = args.keep(recorded.as_deref(), &options, &protocols);
    let verdict = match stop.signal().filter(|_| outcome.interrupted) {
        Some(signal) => Ok(Verdict::Stopped(signal)),
        None => args.verdict(&plan, &outcome),
    };
    complete(&mut outcome, &plan, cli);
    args.print_outcome(&outcome, cli)?;
    kept?;
    finish(plan, verdict?)
}

/// Plays a plan, until it ends or is stopped by a signal; the second ends the program.
fn play(plan: &Plan, protocols: &Protocols, options: &Options, stop: &Stop) -> Result<Outcome> {
    stop.on_signal(|signal| process::exit(signal.exit_code().into()))?;
    let bar = progress(true, PLAYED);
    let outcome = replay::play(plan, protocols, options, stop, &|count| bar.inc(count))?;
    bar.finish_and_clear();
    Ok(outcome)
}

/// Reads what is chosen of a capture, whose frames are lent as well, and shows how far that is.
///
/// # Errors
///
/// What is no filter, numbers that the capture does not have, headers without a message, I/O, no
/// capture.
pub fn read_plan(
    path: &Path,
    choice: &ChoiceArgs,
    protocols: &Protocols,
    cli: &Globals,
    sink: &mut dyn FnMut(&Frame<'_>),
) -> Result<Plan> {
    let (choice, Located { reader, file }) = choice.open_located(path, protocols)?;
    cli.diagnose(protocols)?;
    let bar = progress(true, PROGRESS);
    let plan = Plan::read_chosen(reader, file, &choice, &mut |frame| {
        if frame.number.is_multiple_of(PROGRESS_STEP) {
            bar.set_position(frame.number);
        }
        sink(frame);
    })?;
    bar.finish_and_clear();
    require_streams(choice.streams(), plan.preflight.streams, &[path.to_path_buf()])?;
    Ok(plan)
}

/// Refuses a plan in which there is nothing to do.
///
/// # Errors
///
/// That, and what was left out.
pub fn require_something(plan: &Plan, capture: &Path, verb: &str) -> Result<()> {
    if !plan.conversations.is_empty() {
        return Ok(());
    }
    let told = |it: &Skipped| format!("{} ({})", it.reason, it.count);
    let reasons: Vec<_> = plan.preflight.skipped.iter().map(told).collect();
    let reasons = if reasons.is_empty() { "no frames".to_owned() } else { reasons.join(", ") };
    bail!("{}: nothing to {verb}: {reasons}", capture.display())
}

/// Adds what the plan left out, and leaves but the summary where no more is to be printed.
pub fn complete(outcome: &mut Outcome, plan: &Plan, cli: &Globals) {
    for Skipped { reason, count } in &plan.preflight.skipped {
        outcome.skip(reason.clone(), *count);
    }
    if cli.quiet {
        outcome.differences.clear();
    }
}

/// What ended the capture before its time is told last.
///
/// # Errors
///
/// It.
pub fn finish(plan: Plan, verdict: Verdict) -> Result<Verdict> {
    plan.preflight.error.map_or(Ok(verdict), |error| Err(error.into()))
}

impl ReplayArgs {
    /// Reads the capture. Names are wanted only where the plan is printed.
    fn plan(&self, protocols: &Protocols, cli: &Globals) -> Result<(Plan, Names)> {
        let mut conversations = match self.dry_run {
            true => Some(Conversations::new(protocols)?),
            false => None,
        };
        let mut names = Names::new();
        let mut name = |it: wirereel::decode::Conversation| {
            names.extend(it.protocol.map(|protocol| ((it.transport, it.stream), protocol)));
        };
        let plan = read_plan(&self.capture, &self.choice, protocols, cli, &mut |frame| {
            if let Some(conversations) = &mut conversations {
                conversations.push(frame, &mut name);
            }
        })?;
        conversations.into_iter().flat_map(|it| it.finish().0).for_each(name);
        Ok((plan, names))
    }

    /// Leaves out what has no destination, where destinations are named.
    fn aim(&self, plan: &mut Plan, destinations: &Destinations) -> Result<()> {
        let is_chosen = self.choice.filter.is_some() || !self.choice.numbers.streams.is_empty();
        // Nothing chosen may be left of a server that is named rightly.
        if !is_chosen && !plan.conversations.is_empty() {
            require_servers(plan, destinations)?;
        }
        if !destinations.map.is_empty() {
            plan.leave_out_unnamed(destinations)?;
        }
        Ok(())
    }

    /// Completes the recording, and takes the objects out of it.
    fn keep(
        &self,
        recorded: Option<&Path>,
        options: &Options,
        protocols: &Protocols,
    ) -> Result<()> {
        if let Some(recording) = &options.recording {
            recording.finish()?;
        }
        if let (Some(recorded), Some(folder)) = (recorded, &self.recording.objects) {
            let mut writer = ObjectWriter::new(folder, false)?;
            writer.export(&mut Reader::open(recorded)?, protocols, Side::Server, &mut |_| {})?;
        }
        Ok(())
    }

    /// What a run came to.
    ///
    /// # Errors
    ///
    /// Nothing was sent, and nothing says why.
    fn verdict(&self, plan: &Plan, outcome: &Outcome) -> Result<Verdict> {
        let is_as_recorded = outcome.differed == 0
            && outcome.missing == 0
            && !outcome.skipped.iter().any(Skipped::is_failure);
        let has_to_send = plan.preflight.traffic.iter().any(|it| it.client.messages > 0);
        let is_idle = outcome.sent.messages == 0 && outcome.received.messages == 0;
        if is_idle && is_as_recorded && (has_to_send || outcome.conversations == 0) {
            bail!("nothing was sent");
        }
        let is_late = self.speed.max_lateness.filter(|max| outcome.lateness.max > *max);
        if let Some(max) = is_late {
            let latest = outcome.lateness.max;
            writeln!(io::stderr(), "wirereel: a step was {latest:?} late, more than {max:?}")?;
        }
        let is_clean = is_as_recorded && is_late.is_none();
        Ok(if is_clean { Verdict::Clean } else { Verdict::Findings })
    }

    /// The outcome is result and closing summary in one.
    fn print_outcome(&self, outcome: &Outcome, cli: &Globals) -> Result<()> {
        let mut out = stdout();
        match self.format {
            ResultFormat::Text => outcome_text(outcome, cli.palette(), &mut out)?,
            ResultFormat::Json => outcome_json(outcome, &mut out)?,
        }
        Ok(out.flush()?)
    }

    fn print_plan(&self, plan: &Plan, names: &Names, cli: &Globals) -> Result<()> {
        let name = |it: &replay::Conversation| names.get(&(it.transport, it.stream)).cloned();
        let mut out = stdout();
        match self.format {
            _ if cli.quiet => {}
            ResultFormat::Text => plan_text(plan, name, cli.palette(), &mut out)?,
            ResultFormat::Json => plan_json(plan, name, &mut out)?,
        }
        out.flush()?;
        let mut err = io::stderr().lock();
        match self.format {
            ResultFormat::Text => preflight_text(&plan.preflight, cli.err_palette(), &mut err)?,
            ResultFormat::Json => preflight_json(&plan.preflight, &mut err)?,
        }
        Ok(())
    }
}
