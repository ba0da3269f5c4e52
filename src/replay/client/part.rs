//! One thread's share of the conversations.

use tokio::time::Instant;

use super::progress::Progress;
use crate::profile::Protocols;
use crate::replay::options::Options;
use crate::replay::plan::Conversation;
use crate::replay::{Payloads, Stop};

/// What is to be played, and how.
#[derive(Clone, Copy)]
pub(super) struct Part<'p> {
    pub conversations: &'p [Conversation],
    pub payloads: &'p Payloads,
    pub protocols: &'p Protocols,
    pub options: &'p Options,
    pub stop: &'p Stop,
    /// Is told how many conversations have ended since it was told last.
    pub progress: &'p Progress<'p>,
    /// When the run began.
    pub begin: Instant,
}
