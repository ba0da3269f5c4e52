//! What the user asks of generated traffic: where to, what, how fast, and what comes back.

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::generate::like::Learned;
use wirereel::generate::mistake::Mistake;
use wirereel::generate::recipe::{FieldPath, Recipe, SenderRecipe, ValueRecipe, setting};
use wirereel::generate::sending::{Echo, Key, ReplyOptions};
use wirereel::generate::{Asked, Cast, Destination, Groups, destination};
use wirereel::net::{Interface, Pace, interfaces};
use wirereel::profile::Protocols;

use crate::cli::replay::arguments::Switch;
use crate::cli::value::{address, count, duration, rate, reaching};

/// Messages a second, where nothing says how many.
const RATE: f64 = 1.0;

/// Where messages go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
pub struct DestinationArgs {
    /// The host, or the broadcast address; for broadcast also :PORT, for the interface's own
    #[arg(long, value_name = "ADDR:PORT", value_parser = reaching)]
    pub to: Option<SocketAddr>,

    /// The group, or several whose addresses follow each other, one message to each in turn:
    /// 224.2.2.2:1989, [ff05::7]:1989, 224.2.2.2+10:1989
    #[arg(long, value_name = "GROUP[+N]:PORT")]
    pub group: Option<Groups>,

    /// The interface that messages leave by, by name or address
    #[arg(short, long, value_name = "IF")]
    pub interface: Option<String>,

    /// The address that messages come from; port 0 is any
    #[arg(long, value_name = "ADDR:PORT", value_parser = address)]
    pub from: Option<SocketAddr>,

    /// Hops [default: 1 for groups]
    #[arg(long, value_name = "HOPS", value_parser = clap::value_parser!(u32).range(0..=255))]
    pub ttl: Option<u32>,

    /// Whether members of a group on this host receive it too [default: on]
    #[arg(long, value_name = "SWITCH", value_enum)]
    pub loopback: Option<Switch>,
}

/// What messages hold.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// The message: of a header, or a protocol of the profile [default: the only one]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["recipe", "like"])]
    pub message: Option<String>,

    /// What a field holds; what is not set is zero: name=Alan, math=0..100, seq=counter(1, 1),
    /// at=now(us), kind=choice(1, 2:3), text=text(3..10), pad=bytes(4), point.x=5, recs[0]=7; repeatable
    #[arg(long, value_name = "FIELD=RECIPE", value_parser = setting)]
    pub set: Vec<(FieldPath, ValueRecipe)>,

    /// A file that says the same and more: several messages in turn or by weight, several senders
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,

    /// Learn the recipe from a capture
    #[arg(long, value_name = "CAPTURE", conflicts_with = "recipe")]
    pub like: Option<PathBuf>,

    /// Print the recipe as a file, to be edited and given to --recipe; send nothing
    #[arg(long)]
    pub print_recipe: bool,

    /// A mistake that senders make, made on purpose: byte-order, padding, terminator, type-width, length,
    /// uninitialised, trailing, group-join; of one field by KIND=FIELD; repeatable
    #[arg(long, value_name = "KIND[=FIELD]")]
    pub mistake: Vec<Mistake>,

    /// Makes two runs alike [default: another one each time]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// How fast, how many and how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "Speed")]
pub struct PaceArgs {
    /// Messages a second [default: by the recipe's gaps, else 1]
    #[arg(short, long, value_name = "N", value_parser = rate, group = "speed")]
    pub pps: Option<f64>,

    /// Megabits of payload a second
    #[arg(short = 'M', long, value_name = "N", value_parser = rate, group = "speed")]
    pub mbps: Option<f64>,

    /// As fast as the kernel takes messages
    #[arg(short, long, group = "speed")]
    pub topspeed: bool,

    /// Messages to send [default: until Ctrl-C]
    #[arg(long, value_name = "N", value_parser = count)]
    pub count: Option<u64>,

    /// How long the run may take: 10s, 500ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,

    /// How often the --count messages are sent, from the first again; 0 is for ever
    #[arg(short = 'l', long = "loop", value_name = "N", default_value_t = 1, requires = "count")]
    pub loops: u64,
}

/// What comes back.
#[derive(Debug, Args)]
#[command(next_help_heading = "Answers")]
pub struct AnswerArgs {
    /// Await an answer to each message, and measure round trips; fail if one is missing
    #[arg(long, conflicts_with = "write")]
    pub expect_reply: bool,

    /// The field that an answer repeats of its message [default: the profile's echo; else answers
    /// come in order]
    #[arg(long, value_name = "FIELD", requires = "expect_reply")]
    pub counter: Option<String>,

    /// How long an answer, or room in a full buffer, may take
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub timeout: Duration,
}

impl DestinationArgs {
    /// The interface that is named.
    ///
    /// # Errors
    ///
    /// There is none of that name or address.
    pub fn interface(&self) -> Result<Option<Interface>> {
        Ok(self.interface.as_deref().map(destination::interface).transpose()?)
    }

    /// Where messages go. Frames may be of networks that this host is not on.
    ///
    /// # Errors
    ///
    /// None is named, or one that is not of this kind.
    pub fn of(&self, cast: Cast, by: Option<&Interface>, is_paper: bool) -> Result<Destination> {
        let all = interfaces();
        Ok(match (cast, self.to, self.group) {
            (Cast::Multicast, Some(to), _) => {
                bail!("--to {to}: multicast goes to a group: name it by --group GROUP:PORT")
            }
            (Cast::Multicast, None, Some(groups)) => Destination::groups(groups, by)?,
            (Cast::Multicast, None, None) => {
                bail!("no group: name one by --group 224.2.2.2:1989")
            }
            (_, _, Some(groups)) => {
                bail!("--group {groups}: a group is sent to by `generate multicast`")
            }
            (_, None, None) => bail!("no destination: name one by --to ADDR:PORT"),
            (Cast::Unicast, Some(to), None) => Destination::host(to, by, &all)?,
            (Cast::Broadcast, Some(to), None) if is_paper && by.is_none() => {
                Destination::everybody(to)?
            }
            (Cast::Broadcast, Some(to), None) => Destination::broadcast(to, by, &all)?,
        })
    }

    /// Whether this host's members receive too.
    pub fn is_loopback(&self) -> Option<bool> {
        self.loopback.map(|it| it == Switch::On)
    }
}

impl MessageArgs {
    /// The recipe. What is not learned of a capture is told.
    ///
    /// # Errors
    ///
    /// A file or a capture that cannot be read.
    pub fn recipe(&self, protocols: &Protocols) -> Result<Recipe> {
        let asked = Asked {
            message: self.message.clone(),
            set: self.set.clone(),
            recipe: self.recipe.clone(),
            like: self.like.clone(),
            mistakes: self.mistake.clone(),
        };
        Ok(asked.recipe(protocols, &mut told)?)
    }
}

fn told(Learned { answers, left_out, .. }: &Learned) {
    if *answers > 0 {
        eprintln!("wirereel: {answers} answers in the capture are left out: senders are learned");
    }
    if *left_out > 0 {
        eprintln!("wirereel: {left_out} datagrams of further senders are left out");
    }
}

impl PaceArgs {
    /// How fast.
    pub fn pace(&self, recipe: &Recipe) -> Pace {
        match (self.pps, self.mbps, self.topspeed) {
            (Some(pps), ..) => Pace::PacketsPerSecond(pps),
            (_, Some(mbps), _) => Pace::Mbps(mbps),
            (.., true) => Pace::Top,
            _ if recipe.gap.is_some() => Pace::default(),
            _ => Pace::PacketsPerSecond(RATE),
        }
    }

    /// Messages of all passes, if they end.
    pub fn total(&self) -> Option<u64> {
        self.count.filter(|_| self.loops > 0).map(|it| it.saturating_mul(self.loops))
    }

    /// Whether the run ends by itself.
    pub fn is_bounded(&self) -> bool {
        self.total().is_some() || self.duration.is_some()
    }

    /// Refuses a file without an end.
    ///
    /// # Errors
    ///
    /// As it says.
    pub fn require_end(&self, file: Option<&Path>, recipe: &Recipe) -> Result<()> {
        let has_done = |it: &SenderRecipe| it.count.is_some();
        let ends = !recipe.senders.is_empty() && recipe.senders.iter().all(has_done);
        match file {
            Some(path) if !self.is_bounded() && !ends => {
                bail!("-w {}: how much? --count or --duration says", path.display())
            }
            _ => Ok(()),
        }
    }
}

impl AnswerArgs {
    /// What tells which message an answer belongs to.
    ///
    /// # Errors
    ///
    /// A field that no message has.
    pub fn echo(&self, protocols: &Protocols, recipe: &Recipe) -> Result<Option<Echo>> {
        match self.expect_reply {
            true => Ok(Echo::new(protocols, recipe, self.counter.as_deref())?),
            false => Ok(None),
        }
    }

    /// How answers are awaited, if they are.
    pub fn replies<'k>(&self, key: Option<&'k Key<'k>>) -> Option<ReplyOptions<'k>> {
        self.expect_reply.then_some(ReplyOptions { patience: self.timeout, key })
    }
}

/// Another one each time, short enough to be typed.
pub fn seed() -> u64 {
    RandomState::new().hash_one(0) & u64::from(u32::MAX)
}
