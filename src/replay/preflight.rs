//! What is known of a plan before anything is sent: how much it is, and what it leaves out.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Limits, Skipped};
use crate::capture::CaptureError;
use crate::flow::StreamCounts;
use crate::replay::Volume;

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
    pub(super) fn measure(&mut self, datagrams: u64) {
        let Self { traffic, .. } = self;
        self.conversations = traffic.len() as u64;
        self.datagrams = datagrams;
        self.bytes = traffic.iter().map(|it| it.client.bytes.saturating_add(it.server.bytes)).sum();
        self.duration = traffic.iter().map(|it| it.end).max().unwrap_or_default();
    }
}

/// Counts by reason.
#[derive(Debug, Default)]
pub(super) struct Reasons(BTreeMap<&'static str, u64>);

/// Why a conversation of TCP is not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Neither SYN nor its answer was captured.
    MidStream,
    /// Bytes of the client are missing.
    ClientGap,
    /// The client's segments were not captured whole.
    ClientSnapped,
    /// It had to give way before it ended.
    Evicted,
    /// The server did not accept it.
    NotEstablished,
    /// Nothing happens in it.
    Empty,
    /// It would make the plan too large.
    TooLarge,
}

impl Fault {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MidStream => "TCP conversation that began before the capture: no SYN",
            Self::ClientGap => "TCP conversation whose client's bytes are missing from the capture",
            Self::ClientSnapped => "TCP conversation whose client's segments are snapped",
            Self::Evicted => "TCP conversation that had to give way to others before its end",
            Self::NotEstablished => "TCP connection that was not accepted",
            Self::Empty => "TCP connection in which nothing happens",
            Self::TooLarge => "TCP conversation too large for the plan",
        }
    }
}

impl Reasons {
    pub const DATAGRAM_SNAPPED: &'static str = "UDP datagram that is snapped";
    pub const DATAGRAM_TOO_LONG: &'static str = "UDP datagram longer than UDP carries";
    pub const ANSWER_ALONE: &'static str = "UDP answer to a datagram that is not replayed";
    pub const TOO_MANY: &'static str = "UDP conversation beyond those that a plan holds";
    pub const DATAGRAM_OVERSIZE: &'static str = "UDP datagram too long for a frame of 1500 bytes";
    pub const SERVER_GAP: &'static str = "TCP byte of a server missing from the capture";
    pub const DATAGRAM_AGAIN: &'static str = "UDP datagram that was captured at another place too";
    pub const SEGMENT_AGAIN: &'static str = "TCP segment that was captured at another place too";
    pub const FRAGMENT_AGAIN: &'static str = "IP fragment that was captured at another place too";
    pub const NO_ADDRESS: &'static str = "packet between ends without an IP address";
    pub const TCP_NOT_CHOSEN: &'static str = "TCP conversation that was not chosen";
    pub const UDP_NOT_CHOSEN: &'static str = "UDP conversation that was not chosen";
    pub const FORGOTTEN: &'static str = "UDP conversation that is a new one if it went on";

    pub fn count(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            let known = self.0.entry(reason).or_default();
            *known = known.saturating_add(count);
        }
    }

    /// The most frequent first.
    pub fn into_list(self) -> Vec<Skipped> {
        let skipped = |(reason, count): (&str, u64)| Skipped { reason: reason.to_owned(), count };
        let mut list: Vec<_> = self.0.into_iter().map(skipped).collect();
        list.sort_by_key(|it| std::cmp::Reverse(it.count));
        list
    }
}

/// Whether IP must fragment a datagram on Ethernet.
pub(super) fn is_oversize(len: usize, is_ipv4: bool) -> bool {
    let [ipv4, ipv6] = UNFRAGMENTED;
    len > if is_ipv4 { ipv4 } else { ipv6 }
}
