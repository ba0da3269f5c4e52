//! What is odd in a TCP connection, counted.

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
    pub fn named(&self) -> [(&'static str, u64); 7] {
        [
            ("TCP segment retransmitted", self.retransmitted),
            ("TCP segment out of order", self.out_of_order),
            ("TCP byte that contradicts the one that came first", self.conflicting_bytes),
            ("TCP byte missing from the capture", self.missing_bytes),
            ("TCP gap given up to keep memory bounded", self.bounds_hit),
            ("TCP segment behind the end of its side", self.after_close),
            ("TCP segment of another connection between its ports", self.stray),
        ]
    }
}
