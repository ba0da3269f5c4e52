//! What the user asks of a replay: where to, how fast, and what answers must be.

use std::{
    collections::HashMap,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use wirereel::replay::{
    Clocked, Destination, Destinations, Expect, Expectation, GroupOptions, Options, Pace, Plan,
    Servers, Timing,
};

use crate::cli::excerpt::is_same_file;
use crate::cli::value::{address, amount, count, duration, mapping, rate};

/// Where the traffic goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
pub struct DestinationArgs {
    /// Where the clients' traffic goes; nothing is sent to an address that is not named
    #[arg(long, value_name = "ADDR:PORT", value_parser = address)]
    pub to: Option<SocketAddr>,

    /// Where that of some servers of the capture goes, before --to: 10.0.0.2:80=127.0.0.1:8080,
    /// 10.0.0.2=127.0.0.1 (all its ports, kept), :80=:8080 (of any address, to 127.0.0.1);
    /// repeatable, the closest holds; without --to, servers that none names are left out
    #[arg(long, value_name = "OLD=NEW", value_parser = mapping)]
    pub map: Vec<(Servers, Destination)>,

    /// What the Host field of HTTP requests becomes
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,

    /// The interface for broadcast and multicast, by name or address
    #[arg(short, long, value_name = "IF")]
    pub interface: Option<String>,

    /// Hops of multicast datagrams [default: 1]
    #[arg(long, value_name = "HOPS", value_parser = clap::value_parser!(u32).range(0..=255))]
    pub ttl: Option<u32>,

    /// Whether members of a group on this host receive it too [default: on]
    #[arg(long, value_name = "SWITCH", value_enum)]
    pub loopback: Option<Switch>,
}

/// How fast, how often and how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "Speed")]
pub struct SpeedArgs {
    /// What a step waits for beside the answer that precedes it: its recorded time, or nothing
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub timing: TimingName,

    /// So many times as fast as recorded
    #[arg(short = 'x', long, value_name = "N", value_parser = rate, group = "speed")]
    pub multiplier: Option<f64>,

    /// Datagrams a second
    #[arg(short, long, value_name = "N", value_parser = rate, group = "speed")]
    pub pps: Option<f64>,

    /// Megabits of payload a second
    #[arg(short = 'M', long, value_name = "N", value_parser = rate, group = "speed")]
    pub mbps: Option<f64>,

    /// As fast as the kernel takes datagrams
    #[arg(short, long, group = "speed")]
    pub topspeed: bool,

    /// How often the capture is played; 0 is for ever
    #[arg(short = 'l', long = "loop", value_name = "N", default_value_t = 1)]
    pub loops: u64,

    /// Datagrams to send, or conversations to play, at most
    #[arg(short = 'L', long, value_name = "N", value_parser = count)]
    pub limit: Option<u64>,

    /// How long the run may take: 10s, 500ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,

    /// How long a connection, an answer or a close may take
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub timeout: Duration,

    /// How long nothing may happen: what is idle for longer is cut [default: 5s with --timing reply]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_gap: Option<Duration>,

    /// TCP conversations at once, instead of as they overlapped in the capture
    #[arg(long, value_name = "N", value_parser = count)]
    pub concurrency: Option<u64>,

    /// Fail if a step was later than that
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_lateness: Option<Duration>,
}

/// What the other side must send.
#[derive(Debug, Args)]
#[command(next_help_heading = "Comparison")]
pub struct ExpectationArgs {
    /// How closely messages are compared
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub expect: ExpectName,

    /// What may differ: a field such as value or http.header.date, a place among bytes such as
    /// bytes:4..8; repeatable, beside the profile's
    #[arg(long, value_name = "FIELD")]
    pub ignore: Vec<String>,

    /// A regular expression: what it matches in bytes and text may differ; repeatable
    #[arg(long, value_name = "REGEX")]
    pub ignore_pattern: Vec<String>,

    /// A header field of HTTP to compare beside status, Content-Type and body; repeatable
    #[arg(long, value_name = "NAME")]
    pub compare_header: Vec<String>,

    /// By how much a number may differ; repeatable
    #[arg(long, value_name = "FIELD=AMOUNT", value_parser = amount)]
    pub tolerance: Vec<(String, f64)>,
}

/// What becomes of answers beside their comparison.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recording")]
pub struct RecordingArgs {
    /// Record what was sent and received into a new capture
    #[arg(short, long, value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// Write the bodies of the answers into a folder
    #[arg(long, value_name = "DIR")]
    pub objects: Option<PathBuf>,
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TimingName {
    /// Its recorded time, and the answer that precedes it.
    #[default]
    Recorded,
    /// The answer that precedes it.
    Reply,
}

/// How closely answers are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExpectName {
    /// By message and field; of HTTP by status, Content-Type and decoded body.
    #[default]
    Fields,
    /// Byte by byte.
    Exact,
    /// An answer must come; of HTTP with the same status.
    Status,
    /// No answer is waited for.
    None,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

impl DestinationArgs {
    /// Where to.
    ///
    /// # Errors
    ///
    /// A server that is to become two others.
    pub fn destinations(&self) -> Result<Destinations> {
        Ok(Destinations { to: self.to, map: map(&self.map)? })
    }

    /// Refuses what names no destination at all.
    ///
    /// # Errors
    ///
    /// As it says.
    pub fn require_any(&self) -> Result<()> {
        if self.to.is_none() && self.map.is_empty() {
            bail!("no destination: name one by --to ADDR:PORT, or look first with --dry-run");
        }
        Ok(())
    }

    fn group(&self) -> GroupOptions {
        GroupOptions {
            interface: self.interface.clone(),
            ttl: self.ttl,
            loopback: self.loopback.map(|it| it == Switch::On),
        }
    }
}

/// What servers become, by their names.
///
/// # Errors
///
/// Servers that are to become two others.
pub fn map(named: &[(Servers, Destination)]) -> Result<HashMap<Servers, Destination>> {
    let mut map = HashMap::new();
    for &(old, new) in named {
        if let Some(other) = map.insert(old, new).filter(|other| *other != new) {
            bail!("--map: {old} cannot become both {other} and {new}");
        }
    }
    Ok(map)
}

/// Refuses names of servers that a plan does not have.
///
/// # Errors
///
/// The first of them.
pub fn require_servers(plan: &Plan, destinations: &Destinations) -> Result<()> {
    let mut named: Vec<_> = destinations.map.keys().collect();
    named.sort_unstable();
    let is_nowhere = |it: &&Servers| !plan.conversations.iter().any(|own| it.has(own.server));
    match named.into_iter().find(is_nowhere) {
        Some(Servers::One(old)) => {
            bail!("--map: {old} is no server of a conversation that can be replayed")
        }
        Some(old) => bail!("--map: {old} names no server of a conversation that can be replayed"),
        None => Ok(()),
    }
}

impl SpeedArgs {
    /// Cuts idle times of a plan, and says how much.
    ///
    /// # Errors
    ///
    /// The plan's datagrams cannot be read.
    pub fn cut_idle(&self, plan: &mut Plan, expect: ExpectName, quiet: bool) -> Result<()> {
        const BY_REPLY: Duration = Duration::from_secs(5);
        let by_reply = (self.timing == TimingName::Reply).then_some(BY_REPLY);
        let Some(limit) = self.max_gap.or(by_reply) else {
            return Ok(());
        };
        // So long as it is played; at top speed there is none.
        let recorded = match self.pace() {
            Pace::Recorded(speed) => Duration::try_from_secs_f64(limit.as_secs_f64() * speed),
            Pace::PacketsPerSecond(_) | Pace::Mbps(_) => Ok(limit),
            Pace::Top => return Ok(()),
        };
        let clocked = match (self.timing, expect) {
            (TimingName::Recorded, _) => Clocked::All,
            (TimingName::Reply, ExpectName::None) => Clocked::Datagrams,
            (TimingName::Reply, _) => Clocked::Starts,
        };
        let cut = plan.cut_idle(recorded.unwrap_or(Duration::MAX), clocked)?;
        if !cut.is_zero() && !quiet {
            let told = "of idle time left out: nothing waits longer than";
            writeln!(io::stderr(), "wirereel: {cut:.3?} {told} {limit:?} (--max-gap)")?;
        }
        Ok(())
    }

    fn pace(&self) -> Pace {
        match (self.multiplier, self.pps, self.mbps, self.topspeed) {
            (Some(multiplier), ..) => Pace::Recorded(multiplier),
            (_, Some(pps), ..) => Pace::PacketsPerSecond(pps),
            (_, _, Some(mbps), _) => Pace::Mbps(mbps),
            (.., true) => Pace::Top,
            _ => Pace::default(),
        }
    }
}

impl RecordingArgs {
    /// Refuses to write over the capture that is played.
    ///
    /// # Errors
    ///
    /// The two are one file.
    pub fn require_other(&self, capture: &Path) -> Result<()> {
        match &self.write {
            Some(path) if is_same_file(path, capture) => {
                bail!("-w {}: that is the capture to be read", path.display())
            }
            _ => Ok(()),
        }
    }

    /// Where what passes is recorded, if it is: also for objects, which are taken from there.
    pub fn recorded(&self, scratch: &Path) -> Option<PathBuf> {
        let of_objects = || self.objects.as_ref().map(|_| scratch.join("answers.pcapng"));
        self.write.clone().or_else(of_objects)
    }
}

impl TimingName {
    /// As the replay room names it.
    pub fn timing(self) -> Timing {
        match self {
            Self::Recorded => Timing::Recorded,
            Self::Reply => Timing::Reply,
        }
    }
}

impl ExpectationArgs {
    /// What the replay room is asked for; what the profile ignores is added there.
    pub fn expectation(&self) -> Expectation {
        Expectation {
            expect: match self.expect {
                ExpectName::Fields => Expect::Fields,
                ExpectName::Exact => Expect::Exact,
                ExpectName::Status => Expect::Status,
                ExpectName::None => Expect::None,
            },
            ignore: self.ignore.clone(),
            ignore_patterns: self.ignore_pattern.clone(),
            headers: self.compare_header.clone(),
            tolerance: self.tolerance.clone(),
        }
    }
}

/// What the replay room is asked for.
///
/// # Errors
///
/// As [`DestinationArgs::destinations`].
pub fn options(
    destination: &DestinationArgs,
    speed: &SpeedArgs,
    comparison: &ExpectationArgs,
) -> Result<Options> {
    Ok(Options {
        destinations: destination.destinations()?,
        timing: speed.timing.timing(),
        pace: speed.pace(),
        expectation: comparison.expectation(),
        timeout: speed.timeout,
        concurrency: speed.concurrency.map(|it| usize::try_from(it).unwrap_or(usize::MAX)),
        loops: speed.loops,
        limit: speed.limit,
        duration: speed.duration,
        host: destination.host.clone(),
        group: destination.group(),
        recording: None,
    })
}
