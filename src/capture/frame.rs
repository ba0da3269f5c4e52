//! One captured frame.

use super::{LinkType, Timestamp};

/// One frame of a capture. Borrows the reader's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Position in the capture, from 1, as Wireshark's frame.number.
    pub number: u64,
    /// When it was captured; a pcapng simple packet block has no time.
    pub time: Option<Timestamp>,
    /// The pcapng interface within its section, from 0; 0 for pcap.
    pub interface: u32,
    /// What `data` begins with: the link header's kind.
    pub link_type: LinkType,
    /// Its bytes, from the link header on, as far as they were captured.
    pub data: &'a [u8],
    /// Length on the wire, bytes; more than `data.len()` where the capture was snapped.
    pub orig_len: u32,
}

impl<'a> Frame<'a> {
    /// A whole frame of Ethernet, as a program makes it.
    pub fn ethernet(number: u64, time: Timestamp, data: &'a [u8]) -> Self {
        Self {
            number,
            time: Some(time),
            interface: 0,
            link_type: LinkType::Ethernet,
            data,
            orig_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
        }
    }

    /// Whether the capture kept only the first bytes of the frame.
    pub fn is_snapped(&self) -> bool {
        usize::try_from(self.orig_len).is_ok_and(|len| len > self.data.len())
    }
}
