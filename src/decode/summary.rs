//! What a run came to: the counts of the closing summary.

use std::collections::BTreeMap;

use super::exchange::PairCounts;
use super::numbers::NumberFigures;
use super::unread::NoMessage;
use crate::flow::{Anomaly, StreamCounts};
use crate::packet::{Transport, Undecoded};

/// Counts over all frames of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Frames read.
    pub frames: u64,
    /// Messages decoded, those with an error included.
    pub messages: u64,
    /// Messages that the filter let pass, where there was one.
    pub matched: Option<u64>,
    /// Messages per protocol and message name.
    pub protocols: BTreeMap<(String, String), u64>,
    /// Frames and payloads that gave no message, by reason.
    pub undecoded: BTreeMap<NoMessage, u64>,
    /// Requests and answers, where a profile pairs them.
    pub pairs: PairCounts,
    /// What was noticed in packets that may still have given a message.
    pub anomalies: BTreeMap<Anomaly, u64>,
    /// How many conversations have a number, those that ICMP only quotes included.
    pub streams: StreamCounts,
    /// The rules of the command line of whose ports there was no packet, as they are written.
    pub idle_rules: Vec<String>,
}

/// Counts over all frames of a run that looks at conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowSummary {
    /// Frames read.
    pub frames: u64,
    /// Conversations, by transport.
    pub conversations: BTreeMap<Transport, u64>,
    /// Frames that are of none, by reason.
    pub undecoded: BTreeMap<Undecoded, u64>,
    /// What the numbers of messages came to, by sender whatever the conversation, where a profile says
    /// that they have some.
    pub numbers: Vec<NumberFigures>,
    /// Messages whose numbers were not looked at: those of senders beyond
    /// [`MAX_NUMBERED`](super::MAX_NUMBERED).
    pub unnumbered: u64,
    /// Requests and answers of all conversations, where a profile pairs them.
    pub pairs: PairCounts,
    /// How many conversations have a number, those that ICMP only quotes included.
    pub streams: StreamCounts,
}

impl FlowSummary {
    pub(super) fn conversation(&mut self, transport: Transport) {
        let count = self.conversations.entry(transport).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn undecoded(&mut self, reason: Undecoded, frames: u64) {
        if frames > 0 {
            let count = self.undecoded.entry(reason).or_default();
            *count = count.saturating_add(frames);
        }
    }
}

impl Summary {
    /// Adds to what was noticed, if it was.
    pub fn note(&mut self, anomaly: Anomaly, count: u64) {
        if count > 0 {
            let total = self.anomalies.entry(anomaly).or_default();
            *total = total.saturating_add(count);
        }
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        self.frames = self.frames.saturating_add(other.frames);
        self.messages = self.messages.saturating_add(other.messages);
        self.matched = match (self.matched, other.matched) {
            (Some(one), Some(another)) => Some(one.saturating_add(another)),
            (one, another) => one.or(another),
        };
        self.streams = self.streams.plus(other.streams);
        self.idle_rules.retain(|rule| other.idle_rules.contains(rule));
        self.pairs.add(&other.pairs);
        add_counts(&mut self.protocols, &other.protocols);
        add_counts(&mut self.undecoded, &other.undecoded);
        add_counts(&mut self.anomalies, &other.anomalies);
    }
}

fn add_counts<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, others: &BTreeMap<K, u64>) {
    for (key, count) in others {
        let total = counts.entry(key.clone()).or_default();
        *total = total.saturating_add(*count);
    }
}
