//! What is known of a plan before anything is sent: how much it is, and what it leaves out.

use std::time::Duration;

use super::limit::Limits;
use crate::capture::CaptureError;
use crate::comparison::Volume;
use crate::flow::StreamCounts;
use crate::replay::reason::Skipped;

/// The longest datagrams that a frame of 1,500 bytes takes, by IP version 4 and 6.
const UNFRAGMENTED: [usize; 2] = [1472, 1452];

/// What a plan comes to.
#[derive(Debug, Default)]
pub struct Preflight {
    /// Conversations that will be replayed.
    pub conversations: u64,
    /// UDP datagrams of both sides.
    pub datagrams: u64,
    /// Payload of both sides, bytes.
    pub bytes: u64,
    /// From the first thing that happens to the last.
    pub duration: Duration,
    /// What the capture has and the plan has not, and why.
    pub skipped: Vec<Skipped>,
    /// What may make a replay differ from the capture, and how often.
    pub notes: Vec<Skipped>,
    /// What cannot work when it is played, where that was asked for: by [`Limits::find`].
    pub limits: Limits,
    /// Facts of each conversation, in the order of the plan's conversations.
    pub traffic: Vec<Traffic>,
    /// How many streams of the capture have a number, whether or not they are replayed.
    pub streams: StreamCounts,
    /// What ended the capture before its time; the plan has what came before.
    pub error: Option<CaptureError>,
}

/// How much a conversation has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Of the client: datagrams, or steps that send; and their bytes.
    pub client: Volume,
    /// Of the server.
    pub server: Volume,
    /// The server answered from other ports than the one that was asked, which the client went on
    /// with; only in UDP.
    pub has_other_ports: bool,
    /// When its last step or datagram was, since the first conversation of the plan began.
    pub end: Duration,
}

impl Preflight {
    /// Adds the traffic of the conversations up.
    pub(in crate::replay) fn measure(&mut self, datagrams: u64) {
        let Self { traffic, .. } = self;
        self.conversations = traffic.len() as u64;
        self.datagrams = datagrams;
        self.bytes = traffic.iter().map(|it| it.client.bytes.saturating_add(it.server.bytes)).sum();
        self.duration = traffic.iter().map(|it| it.end).max().unwrap_or_default();
    }
}

/// Whether IP must fragment a datagram on Ethernet.
pub(in crate::replay) fn is_oversize(len: usize, is_ipv4: bool) -> bool {
    let [ipv4, ipv6] = UNFRAGMENTED;
    len > if is_ipv4 { ipv4 } else { ipv6 }
}
