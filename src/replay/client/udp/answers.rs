//! Answers that arrive, against those that conversations wait for.
//!
//! An answer goes to the conversation of its client and sender that waits for it; to the one that
//! waits for exactly this, if there is any, so that one that was lost does not shift the others.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::run::Run;
use super::sockets::{Arrived, What};
use super::talk::{Awaited, Entry, Exchange, MAX_CANDIDATES};
use super::tally::Tally;
use crate::comparison::Comparator;
use crate::replay::{ConversationId, Difference, Plan, ReplayError, Span};

type Numbered<K, T> = HashMap<K, T, foldhash::fast::RandomState>;

/// The conversations under way.
pub(super) struct Answers<'r> {
    plan: &'r Plan,
    comparator: Comparator<'r>,
    talks: Numbered<ConversationId, Exchange>,
    /// Conversations of each client, in the order in which they began.
    of_client: Numbered<u32, Vec<ConversationId>>,
    /// Datagrams of the capture that conversations hold.
    pending: usize,
    payload: Vec<u8>,
}

impl<'r> Answers<'r> {
    /// Without any.
    ///
    /// # Errors
    ///
    /// A protocol that no codec can read.
    pub fn new(run: Run<'r>) -> Result<Self, ReplayError> {
        Ok(Self {
            plan: run.plan,
            comparator: Comparator::new(run.protocols, &run.options.expectation)?,
            talks: Numbered::default(),
            of_client: Numbered::default(),
            pending: 0,
            payload: Vec::new(),
        })
    }

    /// A conversation begins.
    pub fn begin(&mut self, conversation: ConversationId, client: u32, talk: Exchange) {
        self.talks.insert(conversation, talk);
        self.of_client.entry(client).or_default().push(conversation);
    }

    /// Whether a conversation has begun, and not ended.
    pub fn is_under_way(&self, conversation: ConversationId) -> bool {
        self.talks.contains_key(&conversation)
    }

    /// All that are under way.
    pub fn under_way(&self) -> Vec<ConversationId> {
        self.talks.keys().copied().collect()
    }

    /// Whether nothing is to be done or waited for.
    pub fn are_all_settled(&self) -> bool {
        self.pending == 0
    }

    /// Datagrams that are read and not dealt with.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// A conversation under way.
    pub fn talk(&self, conversation: ConversationId) -> Option<&Exchange> {
        self.talks.get(&conversation)
    }

    /// A conversation under way.
    pub fn talk_mut(&mut self, conversation: ConversationId) -> Option<&mut Exchange> {
        self.talks.get_mut(&conversation)
    }

    /// Adds a datagram of the capture, unless the conversation is closed.
    pub fn push(&mut self, conversation: ConversationId, step: Entry) {
        let Some(talk) = self.talks.get_mut(&conversation) else { return };
        if talk.is_closed {
            talk.left = talk.left.saturating_sub(1);
            return;
        }
        talk.push(step);
        self.pending = self.pending.saturating_add(1);
    }

    /// So many of a conversation's datagrams are sent, answered, or will never be.
    pub fn deal_with(&mut self, conversation: ConversationId, datagrams: usize) {
        self.pending = self.pending.saturating_sub(datagrams);
        if let Some(talk) = self.talks.get_mut(&conversation) {
            talk.left = talk.left.saturating_sub(datagrams as u64);
        }
    }

    /// A client's conversation that has nothing to do ends, if the capture has no more of it.
    pub fn end_if_done(&mut self, conversation: ConversationId, client: u32) -> bool {
        if self.talks.get(&conversation).is_none_or(|it| it.left > 0) {
            return false;
        }
        self.talks.remove(&conversation);
        if let Some(others) = self.of_client.get_mut(&client) {
            others.retain(|it| *it != conversation);
            if others.is_empty() {
                self.of_client.remove(&client);
            }
        }
        true
    }

    /// Waits for nothing any more.
    pub fn forget(&mut self) {
        self.talks.clear();
        self.of_client.clear();
        self.pending = 0;
    }

    /// Reads what a datagram of the capture has.
    ///
    /// # Errors
    ///
    /// It cannot be read again.
    pub fn payload(&mut self, span: Span) -> Result<&[u8], ReplayError> {
        self.payload.clear();
        self.plan.payloads.read(span, &mut self.payload)?;
        Ok(&self.payload)
    }

    /// Takes what arrives; returns the conversations that may go on.
    ///
    /// # Errors
    ///
    /// What was expected cannot be read again.
    pub fn arrived(
        &mut self,
        it: Arrived<'_>,
        now: Duration,
        tally: &mut Tally<'_>,
    ) -> Result<Vec<ConversationId>, ReplayError> {
        match it.what {
            What::Datagram { from, bytes } => {
                Ok(self.answer(it.client, from, bytes, now, tally)?.into_iter().collect())
            }
            What::Undelivered(report) if report.is_refusal() => {
                Ok(self.refused(it.client, report.to, now))
            }
            // A host that cannot be reached now may be by the next datagram.
            What::Undelivered(_) => Ok(Vec::new()),
        }
    }

    /// A destination of a client says that no program listens; `None` is one that is not known.
    pub fn refused(
        &mut self,
        client: u32,
        by: Option<SocketAddr>,
        now: Duration,
    ) -> Vec<ConversationId> {
        let mut conversations = self.of_client.get(&client).cloned().unwrap_or_default();
        conversations.retain(|it| {
            let is_by = |talk: &Exchange| by.is_none_or(|by| talk.is_peer(by));
            self.talks.get(it).is_some_and(is_by)
        });
        for conversation in &conversations {
            if let Some(talk) = self.talks.get_mut(conversation) {
                talk.refuse(now);
            }
        }
        conversations
    }

    fn answer(
        &mut self,
        client: u32,
        from: SocketAddr,
        bytes: &[u8],
        now: Duration,
        tally: &mut Tally<'_>,
    ) -> Result<Option<ConversationId>, ReplayError> {
        let asking = self.asking(client, from);
        for (conversation, awaited) in self.waited_for(&asking, from) {
            if self.differences(conversation, awaited, bytes)?.is_empty() {
                self.settle(conversation, (awaited, from), Vec::new(), now, tally);
                return Ok(Some(conversation));
            }
        }
        for conversation in &asking {
            if self.is_late(*conversation, from, bytes)? {
                // What it was to bring about may go on.
                return Ok(Some(*conversation));
            }
        }
        if let Some((conversation, awaited)) = self.waited_for(&asking, from).into_iter().next() {
            let differences = self.differences(conversation, awaited, bytes)?;
            self.settle(conversation, (awaited, from), differences, now, tally);
            return Ok(Some(conversation));
        }
        if let Some(talk) = asking.last().and_then(|it| self.talks.get_mut(it)) {
            talk.keep(from, bytes);
        }
        Ok(None)
    }

    /// The client's conversations with this sender, at most [`MAX_CANDIDATES`].
    fn asking(&self, client: u32, from: SocketAddr) -> Vec<ConversationId> {
        let is_peer = |talk: &Exchange| talk.hears(from);
        let all = self.of_client.get(&client).map(Vec::as_slice).unwrap_or_default();
        let theirs = all.iter().filter(|it| self.talks.get(it).is_some_and(is_peer));
        theirs.take(MAX_CANDIDATES).copied().collect()
    }

    /// What they wait for.
    fn waited_for(
        &self,
        asking: &[ConversationId],
        from: SocketAddr,
    ) -> Vec<(ConversationId, Awaited)> {
        let talks = asking.iter().filter_map(|it| Some((*it, self.talks.get(it)?)));
        let candidates = |(it, talk): (ConversationId, _)| {
            Exchange::candidates(talk, from).map(move |awaited| (it, awaited))
        };
        talks.flat_map(candidates).collect()
    }

    /// Whether it is an answer that was given up.
    fn is_late(
        &mut self,
        conversation: ConversationId,
        from: SocketAddr,
        bytes: &[u8],
    ) -> Result<bool, ReplayError> {
        let Some(talk) = self.talks.get(&conversation) else { return Ok(false) };
        let expired: Vec<_> = talk.expired(from).collect();
        for late in expired {
            if self.payload(late.span)? == bytes {
                if let Some(talk) = self.talks.get_mut(&conversation) {
                    talk.forgive(late, from);
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A conversation waits for one more answer, which may have come already.
    ///
    /// # Errors
    ///
    /// It cannot be read again.
    pub fn look_at_early(
        &mut self,
        conversation: ConversationId,
        now: Duration,
        tally: &mut Tally<'_>,
    ) -> Result<(), ReplayError> {
        let talk = self.talks.get(&conversation).filter(|it| it.has_early());
        let Some(awaited) = talk.and_then(Exchange::newest) else { return Ok(()) };
        let Some(mut talk) = self.talks.remove(&conversation) else { return Ok(()) };
        let mut failure = None;
        let from = talk.take_early(awaited, |bytes| {
            let differences = self.differences(conversation, awaited, bytes);
            differences.map(|it| it.is_empty()).unwrap_or_else(|error| {
                failure = Some(error);
                false
            })
        });
        self.talks.insert(conversation, talk);
        if let Some(from) = from {
            self.settle(conversation, (awaited, from), Vec::new(), now, tally);
        }
        failure.map_or(Ok(()), Err)
    }

    /// An answer did not come in time; one that came before its turn may be it, though it differs.
    ///
    /// # Errors
    ///
    /// It cannot be read again.
    pub fn overdue(
        &mut self,
        conversation: ConversationId,
        awaited: Awaited,
        kept: Option<Vec<u8>>,
        tally: &mut Tally<'_>,
    ) -> Result<(), ReplayError> {
        self.deal_with(conversation, 1);
        match kept {
            Some(bytes) => {
                tally.outcome.answered(self.differences(conversation, awaited, &bytes)?)
            }
            None => {
                let known = self.plan.conversation(conversation);
                let stream = known.map_or(0, |it| it.stream.0);
                tally.missing(stream, awaited.message, format!("{} bytes", awaited.span.len));
            }
        }
        Ok(())
    }

    fn settle(
        &mut self,
        conversation: ConversationId,
        (awaited, from): (Awaited, SocketAddr),
        differences: Vec<Difference>,
        now: Duration,
        tally: &mut Tally<'_>,
    ) {
        self.deal_with(conversation, 1);
        if let Some(talk) = self.talks.get_mut(&conversation) {
            talk.settle(awaited, from, now);
        }
        tally.outcome.answered(differences);
    }

    fn differences(
        &mut self,
        conversation: ConversationId,
        awaited: Awaited,
        bytes: &[u8],
    ) -> Result<Vec<Difference>, ReplayError> {
        self.payload(awaited.span)?;
        let Self { comparator, payload, plan, .. } = self;
        let Some(known) = plan.conversation(conversation) else {
            return Ok(Vec::new());
        };
        // Equal bytes are equal by any rule.
        match payload == bytes {
            true => Ok(Vec::new()),
            false => Ok(comparator.datagram(known.parties(), awaited.message, payload, bytes)),
        }
    }
}
