//! The reasons of [`Skipped`](crate::decode::stream::StreamEvent::Skipped).

/// Behind bytes that the capture lacks, before a message was found again.
pub const GAP: &str = "RESP around a gap";
/// Behind what cannot be read, before a message was found again.
pub const RESYNC: &str = "TCP payload between RESP messages";
/// A command without a word.
pub const EMPTY: &str = "empty RESP command";
