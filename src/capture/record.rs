//! What pcap and pcapng readers find alike: one frame's facts, and where in the buffer it is.

use std::ops::Range;

use super::{LinkType, Timestamp};

/// The longest record that is read, bytes: a frame in pcap, a block in pcapng. Network frames stay
/// under 256 KiB; 8 MiB leaves room for captures of other buses.
pub const MAX_RECORD_LEN: usize = 8 << 20;

/// One frame, still in its input's buffer.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub time: Option<Timestamp>,
    pub interface: u32,
    pub link_type: LinkType,
    pub orig_len: u32,
    /// In the buffer; valid until more is read.
    pub data: Range<usize>,
}

impl Record {
    /// The same record, found `distance` further on in the buffer.
    pub fn moved_by(mut self, distance: usize) -> Self {
        self.data.start = self.data.start.saturating_add(distance);
        self.data.end = self.data.end.saturating_add(distance);
        self
    }
}
