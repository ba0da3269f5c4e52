//! What a run came to: the counts of the closing summary.

use std::collections::BTreeMap;

/// Counts over all frames of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Frames read.
    pub frames: u64,
    /// Messages decoded, those with an error included.
    pub messages: u64,
    /// Messages per protocol and message name.
    pub protocols: BTreeMap<(String, String), u64>,
    /// Frames and payloads that gave no message, by reason.
    pub undecoded: BTreeMap<&'static str, u64>,
    /// What was noticed in packets that may still have given a message.
    pub anomalies: BTreeMap<&'static str, u64>,
}
