//! Numbers of headers at an offset, in network byte order.

/// The byte at an offset.
pub(super) fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}

/// A number of 16 bits at an offset.
pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|it| u16::from_be_bytes(*it))
}
