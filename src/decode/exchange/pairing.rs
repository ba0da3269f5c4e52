//! All conversations: which fields of a message ask and answer, by the rules of profiles.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::conversation::Exchange;
use super::value::Value;
use crate::decode::numbers::nodes;
use crate::message::{Captured, Message};
use crate::packet::{Endpoint, StreamId, Transport};
use crate::profile::{PairEnd, PairRule, ProtocolId, Protocols};

/// Conversations whose requests are remembered at once: those that began last.
pub const MAX_EXCHANGES: usize = 4096;

/// How many requests there were, and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairCounts {
    /// Requests, each once.
    pub asked: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Answers to no request.
    pub unasked: u64,
    /// Requests that were sent again before they were answered.
    pub repeated: u64,
    /// Answers beyond the first to a request.
    pub further: u64,
    /// Requests without an answer that gave way to others, so that a late one is not known.
    pub forgotten: u64,
}

/// What the requests of a conversation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairFigures {
    /// How many there were.
    pub counts: PairCounts,
    /// From a request to its answer, nanoseconds: the median.
    pub median: Option<u64>,
    /// The longest.
    pub largest: Option<u64>,
}

/// Pairs the messages of all conversations.
#[derive(Default)]
pub(in crate::decode) struct Pairing {
    rules: Vec<Rule>,
    /// The bundled protocols whose rules are among these.
    learned: Vec<ProtocolId>,
    exchanges: HashMap<Conversation, Exchange, RandomState>,
    order: VecDeque<Conversation>,
    /// Of conversations that have given way.
    past: PairCounts,
}

type Conversation = (Transport, StreamId);

struct Rule {
    request: Field,
    answer: Field,
    /// One field of one message, which is a request where it answers nothing.
    is_both: bool,
}

impl From<&PairRule> for Rule {
    fn from(rule: &PairRule) -> Self {
        let field = |end: &PairEnd| Field { end: end.clone(), nodes: None };
        let is_both = rule.request == rule.answer;
        Self { request: field(&rule.request), answer: field(&rule.answer), is_both }
    }
}

/// A field of some messages.
struct Field {
    end: PairEnd,
    /// Its nodes, once a message has told the table.
    nodes: Option<Vec<u32>>,
}

impl PairCounts {
    /// Requests without an answer.
    pub fn unanswered(&self) -> u64 {
        self.asked.saturating_sub(self.answered)
    }

    /// Adds those of another conversation.
    pub fn add(&mut self, other: &Self) {
        let sum = |own: &mut u64, it: u64| *own = own.saturating_add(it);
        sum(&mut self.asked, other.asked);
        sum(&mut self.answered, other.answered);
        sum(&mut self.unasked, other.unasked);
        sum(&mut self.repeated, other.repeated);
        sum(&mut self.further, other.further);
        sum(&mut self.forgotten, other.forgotten);
    }
}

impl Pairing {
    /// `None` where no profile pairs anything.
    pub fn new(protocols: &Protocols) -> Option<Box<Self>> {
        let rules: Vec<_> = protocols.pairs().iter().map(Rule::from).collect();
        (!rules.is_empty()).then(|| Box::new(Self { rules, ..Self::default() }))
    }

    /// Takes in what a bundled protocol says, of which there is traffic.
    pub fn learn(pairing: &mut Option<Box<Self>>, protocols: &Protocols, protocol: ProtocolId) {
        let known = pairing.as_ref().map_or(&[][..], |it| &it.learned);
        if !protocols.is_bundled(protocol) || known.contains(&protocol) {
            return;
        }
        let rules = protocols.own_pairs(protocol);
        if pairing.is_some() || !rules.is_empty() {
            let pairing = pairing.get_or_insert_default();
            pairing.learned.push(protocol);
            pairing.rules.extend(rules.iter().map(Rule::from));
        }
    }

    /// Takes the next message, and gives its number: that of the request that it answers, or its
    /// own.
    pub fn take(&mut self, captured: &Captured<'_>, protocol: ProtocolId) -> Option<u64> {
        let Captured { transport, src, stream, time, ref message, .. } = *captured;
        let (mut answers, mut asks) = (None, None);
        for index in 0..self.rules.len() {
            let Some(rule) = self.rules.get_mut(index) else { continue };
            let is_both = rule.is_both;
            let answering = rule.answer.value(message, protocol);
            // What a message is named as an answer, it does not ask.
            let names_it = rule.answer.end.message.is_some() && answering.is_some();
            let asking = match is_both {
                true => answering.clone(),
                false => rule.request.value(message, protocol).filter(|_| !names_it),
            };
            if answering.is_none() && asking.is_none() {
                continue;
            }
            let exchange = self.exchange(transport, stream, src);
            let mut answered = None;
            if let Some(value) = answering {
                answered = exchange.answer(index, src, value, time);
                if answered.is_none() && !is_both {
                    exchange.unasked();
                }
            }
            answers = answers.or(answered);
            if let Some(value) = asking.filter(|_| !is_both || answered.is_none()) {
                asks = asks.or(Some(exchange.ask(index, src, value, time)));
            }
        }
        answers.or(asks)
    }

    /// What the requests of a conversation came to, which is over.
    pub fn end(&mut self, transport: Transport, stream: StreamId) -> Option<PairFigures> {
        let exchange = self.exchanges.remove(&(transport, stream))?;
        self.past.add(&exchange.counts());
        exchange.figures()
    }

    /// What all came to so far.
    pub fn counts(&self) -> PairCounts {
        let mut counts = self.past;
        self.exchanges.values().for_each(|it| counts.add(&it.counts()));
        counts
    }

    fn exchange(&mut self, transport: Transport, stream: StreamId, src: Endpoint) -> &mut Exchange {
        let key = (transport, stream);
        if !self.exchanges.contains_key(&key) {
            // Those that are over have left the table, not the order.
            if self.order.len() >= MAX_EXCHANGES.saturating_mul(2) {
                self.order.retain(|it| self.exchanges.contains_key(it));
            }
            while self.exchanges.len() >= MAX_EXCHANGES {
                let Some(oldest) = self.order.pop_front() else { break };
                if let Some(gone) = self.exchanges.remove(&oldest) {
                    let counts = gone.counts();
                    self.past.add(&counts);
                    let waiting = counts.unanswered().saturating_sub(counts.forgotten);
                    self.past.forgotten = self.past.forgotten.saturating_add(waiting);
                }
            }
            self.order.push_back(key);
        }
        self.exchanges.entry(key).or_insert_with(|| Exchange::new(src))
    }
}

impl Field {
    fn value(&mut self, message: &Message<'_>, protocol: ProtocolId) -> Option<Value> {
        let Self { end, nodes: known } = self;
        let is_named = end.message.as_deref().is_none_or(|it| it == message.name);
        if end.protocol != protocol || !is_named {
            return None;
        }
        let nodes = known.get_or_insert_with(|| nodes(message.table, &end.path));
        let item = message.items.iter().find(|it| nodes.contains(&it.node))?;
        Value::of(message, item)
    }
}
