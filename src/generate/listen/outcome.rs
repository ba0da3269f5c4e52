//! What a listener heard.

use std::time::Duration;

use super::sender_figures::SenderFigures;
use crate::generate::why::Why;

/// What a listener heard.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Datagrams that came.
    pub received: u64,
    /// Bytes of their payload.
    pub bytes: u64,
    /// Datagrams that the kernel dropped, for want of room in the socket's buffer or because of a
    /// wrong checksum. Whose they were it does not say.
    pub dropped: u64,
    /// Datagrams that came to the port by another address than was listened to; they count nowhere
    /// else.
    pub elsewhere: u64,
    /// By sender, in the order in which they were heard first.
    pub senders: Vec<SenderFigures>,
    /// Datagrams of senders beyond [`MAX_SENDERS`](super::MAX_SENDERS).
    pub of_others: u64,
    /// Answers that the kernel took.
    pub answered: u64,
    /// Answers that it did not take.
    pub unanswered: u64,
    /// How long it listened.
    pub duration: Duration,
    /// Fewer came than were to be waited for.
    pub is_short: bool,
    /// Why nothing came, or not all, where that was asked.
    pub why: Vec<Why>,
}

/// What has come since the last time that it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Since listening began.
    pub at: Duration,
    /// Since it was told last.
    pub passed: Duration,
    /// Datagrams.
    pub received: u64,
    /// Bytes of their payload.
    pub bytes: u64,
    /// Numbers that did not come; what comes late takes from it, so that it may be below zero.
    pub lost: i64,
    /// Datagrams that the kernel dropped.
    pub dropped: u64,
}
