//! Which captures a command reads, and how far.

use std::{num::NonZeroU64, path::PathBuf, slice};

use clap::Args;

use super::{session::Reading, waiting::Pause};

/// Captures of which frames are read.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    #[command(flatten)]
    pub named: NamedArgs,

    #[command(flatten)]
    pub limit: LimitArgs,
}

/// Captures by name.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// pcap or pcapng, also compressed; - is standard input; several are merged by time
    #[arg(required_unless_present = "read", value_name = "CAPTURE")]
    captures: Vec<PathBuf>,

    /// The capture, named as tshark has it
    #[arg(short = 'r', long = "read", value_name = "FILE", conflicts_with = "captures")]
    read: Option<PathBuf>,
}

/// How much is read.
#[derive(Clone, Copy, Debug, Args)]
pub struct LimitArgs {
    /// Read no more than this many frames, of several captures together
    #[arg(short = 'c', long = "count", value_name = "FRAMES")]
    count: Option<NonZeroU64>,
}

impl NamedArgs {
    /// Their paths.
    pub fn paths(&self) -> &[PathBuf] {
        self.read.as_ref().map_or(&self.captures, slice::from_ref)
    }
}

impl CaptureArgs {
    /// Their paths.
    pub fn paths(&self) -> &[PathBuf] {
        self.named.paths()
    }

    /// How they are read.
    pub fn reading(&self, shows_progress: bool, pause: Pause) -> Reading {
        self.limit.reading(shows_progress, pause)
    }
}

impl LimitArgs {
    /// How captures are read.
    pub fn reading(self, shows_progress: bool, pause: Pause) -> Reading {
        Reading { shows_progress, limit: self.count.map(NonZeroU64::get), pause }
    }
}
