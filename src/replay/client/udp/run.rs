//! What a run of datagrams has to go by.

use std::time::Duration;

use super::sockets::Sockets;
use crate::net::Clock;
use crate::profile::Protocols;
use crate::replay::{ConversationId, Expect, Options, Plan};

/// What is played, and how.
#[derive(Clone, Copy)]
pub(super) struct Run<'r> {
    pub plan: &'r Plan,
    pub protocols: &'r Protocols,
    pub options: &'r Options,
    pub clock: &'r dyn Clock,
    /// When the first step is due.
    pub begin: Duration,
    /// Stopped by the user, or out of time.
    pub is_over: &'r dyn Fn() -> bool,
    /// Is told how many datagrams have left since it was told last.
    pub progress: &'r dyn Fn(u64),
}

impl Run<'_> {
    /// Whether anything is to be waited for.
    pub fn has_answers(&self, sockets: &Sockets) -> bool {
        let is_answered = |index| sockets.destination(index).is_some() && self.answers(index) > 0;
        let mut all = (0..).zip(&self.plan.conversations).map(|(index, _)| ConversationId(index));
        self.options.expectation.expect != Expect::None && all.any(is_answered)
    }

    /// How many answers the capture has in a conversation.
    pub fn answers(&self, conversation: ConversationId) -> u64 {
        let known = self.plan.conversation(conversation).filter(|it| !it.transport.is_stream());
        let traffic = self.plan.preflight.traffic.get(conversation.index());
        let traffic = traffic.filter(|_| known.is_some());
        traffic.map_or(0, |it| it.server.messages)
    }

    /// How many datagrams both sides have in a conversation.
    pub fn datagrams(&self, conversation: ConversationId) -> u64 {
        let traffic = self.plan.preflight.traffic.get(conversation.index());
        traffic.map_or(0, |it| it.client.messages.saturating_add(it.server.messages))
    }

    /// Whether the plan is played once more after so many times, if anything was sent.
    pub fn goes_on(&self, passes: u64, sent: bool) -> bool {
        sent && !(self.is_over)() && (self.options.loops == 0 || passes < self.options.loops)
    }

    /// Whether so many datagrams are all that the user wants.
    pub fn is_enough(&self, datagrams: u64) -> bool {
        self.options.limit.is_some_and(|limit| datagrams >= limit)
    }
}
