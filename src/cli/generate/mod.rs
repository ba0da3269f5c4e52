//! `wirereel generate`: sends the messages of a header by recipe, to a host, to everybody or to a group.

pub mod arguments;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::capture::{Timestamp, WriteFormat, Writer};
use wirereel::generate::frames::{self, FrameOptions, FrameSender, FramesOutcome};
use wirereel::generate::recipe::{Made, Maker, Recipe};
use wirereel::generate::sending::{self, Key, SendOptions, SenderOptions, SendingOutcome};
use wirereel::generate::{Cast, Destination, GenerateError, why};
use wirereel::net::{Interface, Leaving};
use wirereel::output::{generated_json, generated_text, written_json, written_text};
use wirereel::profile::Protocols;
use wirereel::replay::Stop;

use self::arguments::{AnswerArgs, DestinationArgs, MessageArgs, PaceArgs, seed};
use super::{
    args::{ProtocolArgs, ResultFormat},
    cast::cast_parser,
    globals::Globals,
    terminal::{progress, stdout},
    verdict::Verdict,
};

/// What is shown of what was sent.
const SENT: &str = "{spinner} {human_pos} messages, {per_sec}, {elapsed}";

/// Send the messages of a header by recipe, to a host, to everybody or to a group
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel generate unicast --to 127.0.0.1:1989 -H proto.h --set name=Alan --set math=0..100 -p 1000 --count 10000
  wirereel generate broadcast --to 255.255.255.255:1989 -i eth0 -H proto.h --message msg_st
  wirereel generate broadcast --to :1989 -i eth0 -H proto.h --message msg_st
  wirereel generate multicast --group 224.2.2.2:1989 -i lo -H proto.h --message msg_st --set 'math=counter'
  wirereel generate multicast --group 224.2.2.2+10:1989 --recipe course.toml --duration 10s
  wirereel generate unicast --to 10.0.0.2:1989 --like capture.pcap -w traffic.pcap --seed 7 --count 1000
  wirereel generate unicast --to 10.0.0.2:1989 -H proto.h --expect-reply --count 100 -T json")]
pub struct GenerateArgs {
    /// How datagrams are addressed
    #[arg(value_name = "CAST", value_parser = cast_parser())]
    pub cast: Cast,

    /// Write the same traffic as frames into a capture, and send nothing: pcap where the name ends
    /// so, else pcapng
    #[arg(short, long, value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// How the outcome is printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    #[command(flatten)]
    pub destination: DestinationArgs,

    #[command(flatten)]
    pub messages: MessageArgs,

    #[command(flatten)]
    pub pace: PaceArgs,

    #[command(flatten)]
    pub answers: AnswerArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// What is sent, and where to.
struct Traffic<'p> {
    protocols: &'p Protocols,
    recipe: Recipe,
    seed: u64,
    by: Option<Interface>,
    destination: Destination,
}

/// Sends messages, or writes them as frames.
///
/// # Errors
///
/// Bad arguments, I/O, messages that do not fit, nothing sent.
pub fn run(args: &GenerateArgs, cli: &Globals) -> Result<Verdict> {
    let mut protocols = Protocols::load(&args.protocols.options()?)?;
    cli.diagnose(&protocols)?;
    let mut recipe = args.messages.recipe(&protocols)?;
    recipe.include(&mut protocols)?;
    if args.messages.print_recipe {
        return args.print_recipe(&protocols, &recipe);
    }
    args.pace.require_end(args.write.as_deref(), &recipe)?;
    let by = args.destination.interface()?;
    let destination = args.destination.of(args.cast, by.as_ref(), args.write.is_some())?;
    if args.messages.like.is_some() {
        forget_addresses(&mut recipe, args.write.is_none(), destination.is_ipv6());
    }
    let seed = args.messages.seed.or(recipe.seed).unwrap_or_else(seed);
    let traffic = Traffic { protocols: &protocols, recipe, seed, by, destination };
    let stop = Stop::default();
    stop.on_signal(|signal| process::exit(signal.exit_code().into()))?;
    match &args.write {
        Some(path) => args.write_frames(&traffic, path, &stop, cli),
        None => args.send(&traffic, &stop, cli),
    }
}

/// The addresses of a capture's senders are kept in frames that go between such addresses; they are no
/// addresses of this host.
fn forget_addresses(recipe: &mut Recipe, is_live: bool, is_ipv6: bool) {
    for sender in &mut recipe.senders {
        sender.from = sender.from.filter(|it| !is_live && it.is_ipv6() == is_ipv6);
    }
}

impl GenerateArgs {
    /// Prints the recipe as a file, if messages can be made by it.
    fn print_recipe(&self, protocols: &Protocols, recipe: &Recipe) -> Result<Verdict> {
        Maker::new(protocols, recipe, 0)?;
        let mut out = stdout();
        out.write_all(recipe.to_toml().as_bytes())?;
        out.flush()?;
        Ok(Verdict::Clean)
    }

    fn send(&self, traffic: &Traffic<'_>, stop: &Stop, cli: &Globals) -> Result<Verdict> {
        let mut passes = Passes::new(traffic, self.pace.count)?;
        sending::require_fit(passes.maker.max_len(), traffic.destination)?;
        let echo = self.answers.echo(traffic.protocols, &traffic.recipe)?;
        let key = echo.as_ref().map(|echo| |bytes: &[u8]| echo.key(bytes));
        let options = SendOptions {
            destination: traffic.destination,
            leaving: Leaving {
                interface: traffic.by.clone(),
                ttl: self.destination.ttl,
                loopback: self.destination.is_loopback(),
            },
            senders: sending::senders(&traffic.recipe, self.destination.from)?,
            pace: self.pace.pace(&traffic.recipe),
            count: self.pace.total(),
            duration: self.pace.duration,
            timeout: self.answers.timeout,
            replies: self.answers.replies(key.as_ref().map(|it| it as &Key<'_>)),
        };
        self.warn(traffic, cli)?;
        let bar = progress(true, SENT);
        let mut make = |now: Timestamp, out: &mut Vec<u8>| passes.next(now, out);
        let outcome =
            sending::send(&options, &mut make, &|| stop.is_requested(), &|it| bar.inc(it))?;
        bar.finish_and_clear();
        self.print_outcome(&outcome, traffic.seed, cli)?;
        self.verdict(outcome, stop)
    }

    /// Says where messages end at a router.
    fn warn(&self, traffic: &Traffic<'_>, cli: &Globals) -> Result<()> {
        let to: Vec<_> = traffic.destination.addresses().iter().map(SocketAddr::ip).collect();
        let why = why::sender(&to, self.destination.ttl, traffic.by.as_ref());
        match why.filter(|_| !cli.quiet) {
            Some(why) => Ok(writeln!(io::stderr(), "wirereel: {}; {}", why.evidence, why.cure)?),
            None => Ok(()),
        }
    }

    fn write_frames(
        &self,
        traffic: &Traffic<'_>,
        path: &Path,
        stop: &Stop,
        cli: &Globals,
    ) -> Result<Verdict> {
        let mut passes = Passes::new(traffic, self.pace.count)?;
        sending::require_fit(passes.maker.max_len(), traffic.destination)?;
        let is_ipv6 = traffic.destination.is_ipv6();
        let source = |(index, it): (usize, SenderOptions)| {
            let address = frames::source(index, it.from, traffic.by.as_ref(), is_ipv6);
            FrameSender { address, joins: it.joins }
        };
        let senders = sending::senders(&traffic.recipe, self.destination.from)?;
        let options = FrameOptions {
            destination: traffic.destination,
            senders: senders.into_iter().enumerate().map(source).collect(),
            hops: self.destination.ttl.and_then(|it| u8::try_from(it).ok()),
            pace: self.pace.pace(&traffic.recipe),
            count: self.pace.total(),
            duration: self.pace.duration,
        };
        options.require_one_family()?;
        let mut writer = Writer::create(path, format_of(path))?;
        let bar = progress(true, SENT);
        let mut make = |now: Timestamp, out: &mut Vec<u8>| passes.next(now, out);
        let halted = || stop.is_requested();
        let written = frames::write(&options, &mut make, &mut writer, &halted, &|it| bar.inc(it));
        bar.finish_and_clear();
        // What was written is whole, also where it ended early.
        writer.finish()?;
        let outcome = written?;
        self.print_written(&outcome, path, traffic.seed, cli)?;
        match stop.signal().filter(|_| outcome.interrupted) {
            Some(signal) => Ok(Verdict::Stopped(signal)),
            None if outcome.messages == 0 => bail!("nothing was written"),
            None => Ok(Verdict::Clean),
        }
    }

    /// What a run came to. Where nothing else ends it, the user does.
    ///
    /// # Errors
    ///
    /// Nothing was sent, and why; what ended the run.
    fn verdict(&self, outcome: SendingOutcome, stop: &Stop) -> Result<Verdict> {
        let is_failure = outcome.is_failure();
        let reason = outcome.sent.faults.first().map(|(it, _)| format!(": {it}"));
        let hint = match (self.cast, &self.destination.interface) {
            (Cast::Multicast, None) => "; name the interface by -i",
            _ => "",
        };
        if let Some(failure) = outcome.failure {
            return Err(failure.into());
        }
        if outcome.sent.datagrams == 0 {
            bail!("nothing was sent{}{hint}", reason.unwrap_or_default());
        }
        let is_cut_short = outcome.interrupted && self.pace.is_bounded();
        match stop.signal().filter(|_| is_cut_short) {
            Some(signal) => Ok(Verdict::Stopped(signal)),
            None if is_failure => Ok(Verdict::Findings),
            None => Ok(Verdict::Clean),
        }
    }

    /// The outcome is result and closing summary in one.
    fn print_outcome(&self, outcome: &SendingOutcome, seed: u64, cli: &Globals) -> Result<()> {
        let mut out = stdout();
        match self.format {
            ResultFormat::Text => generated_text(outcome, seed, cli.palette(), &mut out)?,
            ResultFormat::Json => generated_json(outcome, seed, &mut out)?,
        }
        Ok(out.flush()?)
    }

    fn print_written(
        &self,
        outcome: &FramesOutcome,
        path: &Path,
        seed: u64,
        cli: &Globals,
    ) -> Result<()> {
        let (file, mut out) = (path.display().to_string(), stdout());
        match self.format {
            ResultFormat::Text => written_text(outcome, &file, seed, cli.palette(), &mut out)?,
            ResultFormat::Json => written_json(outcome, &file, seed, &mut out)?,
        }
        Ok(out.flush()?)
    }
}

/// The messages of a recipe, from the first again after each pass.
struct Passes<'t> {
    traffic: &'t Traffic<'t>,
    maker: Maker,
    /// Messages of a pass, and those that are left of this one.
    count: Option<u64>,
    left: u64,
}

impl<'t> Passes<'t> {
    fn new(traffic: &'t Traffic<'t>, count: Option<u64>) -> Result<Self, GenerateError> {
        let maker = Maker::new(traffic.protocols, &traffic.recipe, traffic.seed)?;
        Ok(Self { traffic, maker, count, left: count.unwrap_or_default() })
    }

    fn next(&mut self, now: Timestamp, out: &mut Vec<u8>) -> Result<Option<Made>, GenerateError> {
        if let Some(count) = self.count {
            if self.left == 0 {
                *self = Self::new(self.traffic, Some(count))?;
            }
            self.left = self.left.saturating_sub(1);
        }
        self.maker.next(now, out)
    }
}

fn format_of(path: &Path) -> WriteFormat {
    match path.extension().is_some_and(|it| it.eq_ignore_ascii_case("pcap")) {
        true => WriteFormat::Pcap,
        false => WriteFormat::Pcapng,
    }
}
