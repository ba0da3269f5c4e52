//! How much is read at once.

/// Bytes that are read at once, from a client and from the capture.
pub(super) const PIECE: u32 = 16 << 10;
