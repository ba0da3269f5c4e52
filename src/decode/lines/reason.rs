//! The reasons of [`Skipped`](crate::decode::stream::StreamEvent::Skipped).

/// A line that lacks bytes in the capture.
pub const GAP: &str = "line of text around a gap";
/// Behind the longest line.
pub const TOO_LONG: &str = "rest of a line of text that is too long";
/// A side that turned binary.
pub const BINARY: &str = "binary data behind lines of text";
/// A side that turned to TLS.
pub const TLS: &str = "TLS behind lines of text";
