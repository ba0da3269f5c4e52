//! One conversation: all packets between two endpoints of one transport.

use super::exchange::PairFigures;
use super::numbers::NumberFigures;
use crate::capture::Timestamp;
use crate::flow::Anomaly;
use crate::packet::{Endpoint, StreamId, Transport};

/// What a conversation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// What carried it.
    pub transport: Transport,
    /// Its number, from 0, as Wireshark's udp.stream or tcp.stream.
    pub stream: StreamId,
    /// The sender of its first packet.
    pub a: Endpoint,
    /// The other endpoint.
    pub b: Endpoint,
    /// Packets from `a` to `b`, and from `b` to `a`.
    pub packets: [u64; 2],
    /// Bytes of their frames as they were on the wire, in the same order.
    pub bytes: [u64; 2],
    /// Time of the first packet that has one.
    pub first: Option<Timestamp>,
    /// Time of the last packet that has one.
    pub last: Option<Timestamp>,
    /// What decoded it.
    pub protocol: Option<String>,
    /// What the numbers of its messages came to, by sender and field, where a profile says that they
    /// have some.
    pub numbers: Vec<NumberFigures>,
    /// What its requests came to, where a profile pairs them with their answers.
    pub pairs: Option<PairFigures>,
    /// What was not as it should be, and how often.
    pub anomalies: Vec<(Anomaly, u64)>,
}
