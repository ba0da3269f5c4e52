//! What is odd in a capture, by name; and what is odd in a TCP connection, counted.

/// What was noticed in packets that may still have given a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Anomaly {
    /// A checksum is wrong, and offload does not explain it.
    WrongChecksum,
    /// A payload that was not captured whole.
    Snapped,
    /// A datagram that arrived in fragments.
    Fragmented,
    /// A conversation that gave way to another.
    Forgotten,
    /// A message of a sender beyond those that are checked.
    Unchecked,
    /// A field of text whose bytes are not UTF-8.
    NotText,
    /// [`TcpAnomalies::retransmitted`].
    Retransmitted,
    /// [`TcpAnomalies::out_of_order`].
    OutOfOrder,
    /// [`TcpAnomalies::conflicting_bytes`].
    ConflictingByte,
    /// [`TcpAnomalies::missing_bytes`].
    MissingByte,
    /// [`TcpAnomalies::bounds_hit`].
    BoundHit,
    /// [`TcpAnomalies::after_close`].
    AfterClose,
    /// [`TcpAnomalies::stray`].
    Stray,
}

impl Anomaly {
    /// The name in summaries and in the list of conversations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongChecksum => "wrong checksum",
            Self::Snapped => "snapped",
            Self::Fragmented => "fragmented",
            Self::Forgotten => "conversation forgotten to keep the table bounded",
            Self::NotText => "field of text that is not UTF-8",
            Self::Unchecked => "message of a further sender, not checked",
            Self::Retransmitted => "TCP segment retransmitted",
            Self::OutOfOrder => "TCP segment out of order",
            Self::ConflictingByte => "TCP byte that contradicts the one that came first",
            Self::MissingByte => "TCP byte missing from the capture",
            Self::BoundHit => "TCP gap given up to keep memory bounded",
            Self::AfterClose => "TCP segment behind the end of its side",
            Self::Stray => "TCP segment of another connection between its ports",
        }
    }
}

/// What reassembly noticed in a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpAnomalies {
    /// Segments whose bytes had all been seen.
    pub retransmitted: u64,
    /// Segments that arrived before one that precedes them.
    pub out_of_order: u64,
    /// Bytes of a retransmission or an overlap that differ from those that arrived first.
    pub conflicting_bytes: u64,
    /// Bytes that the capture lacks.
    pub missing_bytes: u64,
    /// Gaps given up since a bound was reached.
    pub bounds_hit: u64,
    /// Segments after the end of their side.
    pub after_close: u64,
    /// Segments of another connection between the same ports: what they acknowledge this one never
    /// sent.
    pub stray: u64,
}

impl TcpAnomalies {
    /// Adds what was noticed in another connection.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.retransmitted, other.retransmitted),
            (&mut self.out_of_order, other.out_of_order),
            (&mut self.conflicting_bytes, other.conflicting_bytes),
            (&mut self.missing_bytes, other.missing_bytes),
            (&mut self.bounds_hit, other.bounds_hit),
            (&mut self.after_close, other.after_close),
            (&mut self.stray, other.stray),
        ];
        for (total, count) in pairs {
            *total = total.saturating_add(count);
        }
    }

    /// What each count is of, and the count.
    pub fn counts(&self) -> [(Anomaly, u64); 7] {
        [
            (Anomaly::Retransmitted, self.retransmitted),
            (Anomaly::OutOfOrder, self.out_of_order),
            (Anomaly::ConflictingByte, self.conflicting_bytes),
            (Anomaly::MissingByte, self.missing_bytes),
            (Anomaly::BoundHit, self.bounds_hit),
            (Anomaly::AfterClose, self.after_close),
            (Anomaly::Stray, self.stray),
        ]
    }
}
