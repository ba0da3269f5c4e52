//! What a user may ask of a replay.

use std::time::Duration;

use super::{Destinations, Recording};
pub use crate::comparison::{Expect, Expectation};
pub use crate::net::Pace;

/// Where to, how fast and how long, and what answers must be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the client's side is played to.
    pub destinations: Destinations,
    /// What a step waits for.
    pub timing: Timing,
    /// How fast steps follow each other.
    pub pace: Pace,
    /// What answers must be.
    pub expectation: Expectation,
    /// How long an answer may take; also a connection's beginning and its end.
    pub timeout: Duration,
    /// Conversations at once, instead of as they overlapped in the capture.
    pub concurrency: Option<usize>,
    /// How often the plan is played; 0 is for ever.
    pub loops: u64,
    /// Datagrams to send, or conversations to play, at most.
    pub limit: Option<u64>,
    /// How long the run may take.
    pub duration: Option<Duration>,
    /// What HTTP's Host field becomes.
    pub host: Option<String>,
    /// How datagrams to groups and to everybody leave.
    pub group: GroupOptions,
    /// Where what is sent and received is written.
    pub recording: Option<Recording>,
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// Its recorded time, and the answer that preceded it.
    #[default]
    Recorded,
    /// The answer that preceded it.
    Reply,
}

/// How datagrams to groups and to everybody leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupOptions {
    /// The interface, by name or by address.
    pub interface: Option<String>,
    /// Hops; the kernel's 1 where it is not given.
    pub ttl: Option<u32>,
    /// Members on this host receive them too; the kernel does so unless told otherwise.
    pub loopback: Option<bool>,
}

impl Default for Options {
    /// Once, as recorded, compared by field; an answer may take five seconds.
    fn default() -> Self {
        Self {
            destinations: Destinations::default(),
            timing: Timing::default(),
            pace: Pace::default(),
            expectation: Expectation::default(),
            timeout: Duration::from_secs(5),
            concurrency: None,
            loops: 1,
            limit: None,
            duration: None,
            host: None,
            group: GroupOptions::default(),
            recording: None,
        }
    }
}
