//! What a replay of a plan cannot do, and why: encryption, logins that answer a challenge, ports
//! that are told, values that the server chose and expects to get back.
//!
//! One pass over the payload of the plan, conversations side by side as they overlapped. Of each
//! side of a conversation [`MAX_LOOKED_AT`] bytes are looked at, and [`MAX_LIMITS`] limits are told
//! in all; what is beyond is counted.

mod data_port;
mod head;
mod repeated;
mod sign;

pub use super::plan::{Kind, Limit, Limits};

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::time::Duration;

use self::head::Head;
use self::repeated::Repeated;
use super::{Action, Conversation, Plan, ReplayError, Span};
use crate::flow::Side;

/// Limits that are told of one plan.
pub const MAX_LIMITS: usize = 100;

/// Bytes of each side of a conversation that are looked at: logins come first, and so do most
/// values that are sent back.
pub const MAX_LOOKED_AT: usize = 1 << 20;

/// Bytes of one step, or datagram, that are looked at.
const MAX_STEP: usize = 64 << 10;

/// Conversations that are looked at side by side.
const MAX_AT_ONCE: usize = 1 << 16;

/// One conversation under way.
struct Watch {
    head: Head,
    /// Kinds that were told of it.
    told: BTreeSet<Kind>,
    /// Bytes of each side that were looked at.
    looked_at: [usize; 2],
}

struct Search<'p> {
    plan: &'p Plan,
    watches: HashMap<usize, Watch, foldhash::fast::RandomState>,
    repeated: Repeated,
    found: Vec<(usize, Limit)>,
    more: u64,
    buffer: Vec<u8>,
}

impl Limits {
    /// Looks at what a plan would play.
    ///
    /// # Errors
    ///
    /// Payload that cannot be read again.
    pub fn find(plan: &Plan) -> Result<Self, ReplayError> {
        let mut search = Search {
            plan,
            watches: HashMap::default(),
            repeated: Repeated::default(),
            found: Vec::new(),
            more: 0,
            buffer: Vec::new(),
        };
        search.datagrams()?;
        search.streams()?;
        search.found.sort_by_key(|(index, limit)| (*index, limit.kind));
        let list = search.found.into_iter().map(|(_, limit)| limit).collect();
        Ok(Self { list, more: search.more })
    }
}

impl Search<'_> {
    fn datagrams(&mut self) -> Result<(), ReplayError> {
        let mut entries = self.plan.schedule.entries();
        while let Some(entry) = entries.next_entry()? {
            self.look(entry.conversation.index(), entry.side, &[entry.span])?;
        }
        self.watches.clear();
        Ok(())
    }

    /// Goes through the steps of all conversations in the order of their times.
    fn streams(&mut self) -> Result<(), ReplayError> {
        let plan = self.plan;
        let mut due: BinaryHeap<Reverse<(Duration, usize, usize)>> = BinaryHeap::new();
        let conversations = plan.conversations.iter().enumerate();
        let streams = conversations.filter(|(_, it)| it.transport.is_stream());
        due.extend(streams.map(|(index, it)| Reverse((it.start, index, 0))));
        while let Some(Reverse((_, index, at))) = due.pop() {
            let conversation = plan.conversations.get(index);
            let Some((it, step)) = conversation.and_then(|it| Some((it, it.steps.get(at)?))) else {
                self.watches.remove(&index);
                continue;
            };
            if let Action::Send(range) = &step.action {
                self.look(index, step.side, it.sent(range))?;
            }
            let next = it.steps.get(at + 1).map_or(step.at, |it| it.at);
            due.push(Reverse((next, index, at + 1)));
        }
        Ok(())
    }

    /// Looks at what a side sent at once.
    fn look(&mut self, index: usize, side: Side, spans: &[Span]) -> Result<(), ReplayError> {
        let Some(conversation) = self.plan.conversations.get(index) else { return Ok(()) };
        if self.watches.len() >= MAX_AT_ONCE && !self.watches.contains_key(&index) {
            return Ok(());
        }
        let watch = self.watches.entry(index).or_insert_with(Watch::new);
        let Some(room) = watch.room(side) else { return Ok(()) };
        self.buffer.clear();
        for span in spans {
            let left = room.saturating_sub(self.buffer.len());
            let len = span.len.min(u32::try_from(left).unwrap_or(u32::MAX));
            self.plan.payloads.read(Span { len, ..*span }, &mut self.buffer)?;
        }
        let bytes = self.buffer.as_slice();
        watch.take(side, bytes);
        let tells_port = match watch.told.contains(&Kind::DataPort) {
            true => None,
            false => data_port::find(self.plan, conversation, side, bytes),
        };
        let mut found = Vec::new();
        let mut note = |kind, text: String| {
            // What answers a challenge repeats values of it.
            let is_known = kind == Kind::Token && watch.told.contains(&Kind::Login);
            if !is_known && watch.told.insert(kind) {
                let Conversation { transport, stream, .. } = *conversation;
                found.push((index, Limit { transport, conversation: stream, kind, text }));
            }
        };
        if let Some((kind, text)) = sign::find(conversation.transport, &watch.head, side, bytes) {
            note(kind, text.to_owned());
        }
        if let Some(text) = tells_port {
            note(Kind::DataPort, text);
        }
        if conversation.transport.is_stream() {
            self.repeated.look(conversation.stream, side, bytes, &mut note);
        }
        for limit in found {
            match self.found.len() < MAX_LIMITS {
                true => self.found.push(limit),
                false => self.more = self.more.saturating_add(1),
            }
        }
        Ok(())
    }
}

impl Watch {
    fn new() -> Self {
        Self { head: Head::default(), told: BTreeSet::new(), looked_at: [0; 2] }
    }

    /// How many bytes of a side are looked at next; none of what is encrypted.
    fn room(&mut self, side: Side) -> Option<usize> {
        let [client, server] = self.looked_at;
        let before = if side == Side::Client { client } else { server };
        let room = MAX_LOOKED_AT.saturating_sub(before).min(MAX_STEP);
        (room > 0 && !self.told.contains(&Kind::Encrypted)).then_some(room)
    }

    fn take(&mut self, side: Side, bytes: &[u8]) {
        let [client, server] = &mut self.looked_at;
        let looked_at = if side == Side::Client { client } else { server };
        *looked_at = looked_at.saturating_add(bytes.len());
        self.head.take(side, bytes);
    }
}
