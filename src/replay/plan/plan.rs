//! What a capture becomes: conversations, each a list of steps.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use super::conversation_id::ConversationId;
use super::payload::{Payloads, Span};
use super::preflight::{Preflight, Traffic};
use super::schedule::Schedule;
use crate::comparison::{Parties, Volume};
use crate::flow::Side;
use crate::packet::{StreamId, Transport};

/// What a capture becomes.
#[derive(Debug)]
pub struct Plan {
    /// Those of UDP, then those of TCP; each in the order in which they began.
    pub conversations: Vec<Conversation>,
    /// The datagrams of UDP.
    pub schedule: Schedule,
    /// What spans lie in.
    pub payloads: Payloads,
    /// What is known of it all, and what is left out.
    pub preflight: Preflight,
}

/// One TCP conversation of the capture, or the two ends of a UDP one, whose datagrams lie in the
/// plan's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// What carries it.
    pub transport: Transport,
    /// Its number in the capture, as Wireshark's tcp.stream or udp.stream.
    pub stream: StreamId,
    /// Who opened it; in UDP who sent first.
    pub client: SocketAddr,
    /// Its peer; never a destination unless the user maps it.
    pub server: SocketAddr,
    /// When it began, since the first of the plan: TCP's SYN.
    pub start: Duration,
    /// What happened, in the order of the capture; none for UDP.
    pub steps: Vec<Step>,
    /// What the steps' ranges are of.
    pub spans: Vec<Span>,
}

/// One thing that a side did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, since the first conversation of the plan began.
    pub at: Duration,
    /// Who.
    pub side: Side,
    /// What.
    pub action: Action,
}

/// What a side did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sent the bytes of these [`Conversation::spans`], one after the other.
    Send(Range<u32>),
    /// Sent so many bytes that the capture lacks. Only a server's: a conversation whose client's
    /// bytes are missing is skipped.
    Missing(u64),
    /// Sends no more: FIN.
    Finish,
    /// Broke off: RST.
    Reset,
}

impl Plan {
    /// A conversation by its index.
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(id.index())
    }

    /// Whether a conversation is of datagrams.
    pub(in crate::replay) fn is_of_datagrams(&self, index: usize) -> bool {
        self.conversations.get(index).is_some_and(|it| !it.transport.is_stream())
    }
}

impl Conversation {
    /// Whose it is, for comparing.
    pub(in crate::replay) fn parties(&self) -> Parties {
        Parties { stream: self.stream, client: self.client, server: self.server }
    }

    /// The spans of a step.
    pub fn sent(&self, range: &Range<u32>) -> &[Span] {
        self.spans.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// Bytes of the server in all, with those that the capture lacks.
    pub fn answered(&self) -> u64 {
        let of_server = self.steps.iter().filter(|step| step.side == Side::Server);
        let len = |step: &Step| match &step.action {
            Action::Send(range) => self.sent(range).iter().map(|span| u64::from(span.len)).sum(),
            Action::Missing(len) => *len,
            Action::Finish | Action::Reset => 0,
        };
        of_server.map(len).fold(0, u64::saturating_add)
    }

    /// The longest time between two steps of the server, from a step of its on until the client
    /// goes on.
    pub(in crate::replay) fn pause(&self, from: usize) -> Duration {
        let steps = self.steps.get(from..).unwrap_or_default();
        let goes_on = |it: &Step| it.side == Side::Client && matches!(it.action, Action::Send(_));
        let answer = steps.iter().take_while(|it| !goes_on(it));
        let times = answer.filter(|it| it.side == Side::Server).map(|it| it.at);
        let pauses = times.clone().zip(times.skip(1)).map(|(one, next)| next.saturating_sub(one));
        pauses.max().unwrap_or_default()
    }

    /// Bytes of the server that the capture lacks.
    pub fn missing(&self) -> u64 {
        let missing = self.steps.iter().map(|step| match step.action {
            Action::Missing(len) => len,
            Action::Send(_) | Action::Finish | Action::Reset => 0,
        });
        missing.fold(0, u64::saturating_add)
    }

    /// Counts its times from `begin`.
    pub(in crate::replay) fn count_from(&mut self, begin: Duration) {
        self.start = self.start.saturating_sub(begin);
        self.steps.iter_mut().for_each(|step| step.at = step.at.saturating_sub(begin));
    }
}

impl Traffic {
    /// Of a side.
    pub(in crate::replay) fn of(&mut self, side: Side) -> &mut Volume {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}
