//! One captured frame, its time and its link type.
//!
//! Link types are numbered as in the LINKTYPE registry (draft-ietf-opsawg-pcaplinktype).

/// Nanoseconds since 1970-01-01T00:00:00Z. Covers 1677 to 2262; times outside saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// What a frame begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// BSD loopback: address family in the byte order of the capturing host (0).
    Null,
    /// IEEE 802.3 (1).
    Ethernet,
    /// An IPv4 or IPv6 header (101; 12 and 14 in old files).
    Raw,
    /// OpenBSD loopback: address family in network byte order (108).
    Loop,
    /// Linux cooked capture (113).
    LinuxSll,
    /// An IPv4 header (228).
    Ipv4,
    /// An IPv6 header (229).
    Ipv6,
    /// Linux cooked capture, version 2 (276).
    LinuxSll2,
    /// Any other, by its number.
    Other(u16),
}

/// One frame of a capture. Borrows the reader's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Position in the capture, from 1, as Wireshark's frame.number.
    pub number: u64,
    /// When it was captured; a pcapng simple packet block has no time.
    pub time: Option<Timestamp>,
    /// The pcapng interface within its section, from 0; 0 for pcap.
    pub interface: u32,
    /// What `data` begins with.
    pub link_type: LinkType,
    /// The captured bytes.
    pub data: &'a [u8],
    /// Length on the wire, bytes; more than `data.len()` where the capture was snapped.
    pub orig_len: u32,
}
