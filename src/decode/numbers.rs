//! Fields that count messages, by whoever counts with them: what was lost, came twice, or came late.
//!
//! At most [`MAX_NUMBERED`] senders are followed, each with what [`Sequence`] remembers; the messages
//! of others are counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use crate::flow::numbering::{Counts, Sequence};
use crate::message::{Captured, FieldTable, Scalar};
use crate::packet::{Endpoint, StreamId, Transport};
use crate::profile::{CounterScope, Protocol, ProtocolId, Protocols};

/// Senders whose numbers are followed at once. Each takes 8 KiB, and some 100 KiB at most.
pub const MAX_NUMBERED: usize = 2048;

/// What the numbers of a sender came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFigures {
    /// What carried them.
    pub transport: Transport,
    /// The sender.
    pub src: Endpoint,
    /// The protocol.
    pub protocol: String,
    /// The field that counts.
    pub field: String,
    /// Messages that have it.
    pub received: u64,
    /// What became of them.
    pub counts: Counts,
    /// How often the sender began anew.
    pub restarts: u64,
}

/// Follows the numbers of all senders.
#[derive(Default)]
pub(super) struct Numbers {
    counters: Vec<Counter>,
    known: HashMap<Key, Numbered, RandomState>,
    /// Senders so far.
    seen: usize,
    /// Messages of senders that were one too many.
    beyond: u64,
}

/// A field that counts.
struct Counter {
    protocol: ProtocolId,
    name: String,
    path: String,
    scope: CounterScope,
    /// Of a bit-field, its width.
    bits: Option<u32>,
    /// Its nodes, once a message has told the table.
    nodes: Option<Vec<u32>>,
}

/// Whose numbers they are; of a sender in one conversation with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    counter: usize,
    transport: Transport,
    stream: Option<StreamId>,
    src: Endpoint,
}

struct Numbered {
    /// In which order they appeared.
    place: usize,
    received: u64,
    sequence: Sequence,
}

impl Numbers {
    /// `None` where no protocol has a field that counts.
    pub fn new(protocols: &Protocols) -> Option<Self> {
        let all = protocols.list().iter().enumerate();
        let counters = all.flat_map(|(index, it)| counters(ProtocolId::at(index), it));
        let counters: Vec<_> = counters.collect();
        (!counters.is_empty()).then_some(Self { counters, ..Self::default() })
    }

    /// Takes in the fields of a bundled protocol that count, of which there is traffic.
    pub fn learn(numbers: &mut Option<Self>, protocols: &Protocols, protocol: ProtocolId) {
        let known = numbers.as_ref().map_or(&[][..], |it| &it.counters);
        let is_known = known.iter().any(|it| it.protocol == protocol);
        let Some(read) = protocols.get(protocol).filter(|_| protocols.is_bundled(protocol)) else {
            return;
        };
        let mut counters = counters(protocol, read).filter(|_| !is_known).peekable();
        if counters.peek().is_some() {
            numbers.get_or_insert_default().counters.extend(counters);
        }
    }

    /// Takes the next message.
    pub fn take(&mut self, captured: &Captured<'_>, protocol: ProtocolId) {
        let Self { counters, known, seen, beyond } = self;
        let Captured { transport, src, stream, ref message, .. } = *captured;
        for (index, counter) in counters.iter_mut().enumerate() {
            if counter.protocol != protocol {
                continue;
            }
            let nodes = counter.nodes.get_or_insert_with(|| nodes(message.table, &counter.path));
            let item = message.items.iter().find(|it| nodes.contains(&it.node));
            let Some((number, len)) = item.and_then(|it| Some((number(it.scalar)?, it.len))) else {
                continue;
            };
            let stream = (counter.scope == CounterScope::Flow).then_some(stream);
            let is_full = known.len() >= MAX_NUMBERED;
            let numbered = match known.entry(Key { counter: index, transport, stream, src }) {
                Entry::Occupied(it) => it.into_mut(),
                Entry::Vacant(_) if is_full => {
                    *beyond = beyond.saturating_add(1);
                    continue;
                }
                Entry::Vacant(it) => {
                    let place = *seen;
                    *seen = place.saturating_add(1);
                    let bits = counter.bits.unwrap_or(len.saturating_mul(8));
                    it.insert(Numbered { place, received: 0, sequence: Sequence::new(bits) })
                }
            };
            numbered.received = numbered.received.saturating_add(1);
            numbered.sequence.push(number);
        }
    }

    /// What those of a conversation came to, which is over, between two ends.
    pub fn of_conversation(
        &mut self,
        (transport, stream): (Transport, StreamId),
        ends: [Endpoint; 2],
    ) -> Vec<NumberFigures> {
        let counters = 0..self.counters.len();
        let keys = counters.flat_map(|counter| {
            let key = move |src| Key { counter, transport, stream: Some(stream), src };
            ends.map(key)
        });
        let taken = keys.filter_map(|key| Some((key, self.known.remove(&key)?))).collect();
        self.figures(taken)
    }

    /// What those of senders came to, whatever the conversation; and how many messages were not
    /// looked at.
    pub fn of_senders(&mut self) -> (Vec<NumberFigures>, u64) {
        let taken = self.known.drain().filter(|it| it.0.stream.is_none()).collect();
        (self.figures(taken), self.beyond)
    }

    /// In the order in which they appeared.
    fn figures(&self, mut taken: Vec<(Key, Numbered)>) -> Vec<NumberFigures> {
        taken.sort_by_key(|it| it.1.place);
        let figures = |(key, it): (Key, Numbered)| {
            let counter = self.counters.get(key.counter)?;
            Some(NumberFigures {
                transport: key.transport,
                src: key.src,
                protocol: counter.name.clone(),
                field: counter.path.clone(),
                received: it.received,
                counts: it.sequence.counts(),
                restarts: it.sequence.restarts(),
            })
        };
        taken.into_iter().filter_map(figures).collect()
    }
}

fn counters(id: ProtocolId, protocol: &Protocol) -> impl Iterator<Item = Counter> + '_ {
    protocol.fields.iter().filter_map(move |(path, rules)| {
        Some(Counter {
            protocol: id,
            name: protocol.name.clone(),
            path: path.clone(),
            scope: rules.counter?,
            bits: protocol.layouts().find_map(|it| Some(it.find(path)?.1.bits()?.width)),
            nodes: None,
        })
    })
}

/// The nodes of a path.
pub(super) fn nodes(table: &FieldTable, path: &str) -> Vec<u32> {
    let named = table.nodes.iter().zip(0..).filter(|(node, _)| node.path == path);
    named.map(|(_, number)| number).collect()
}

fn number(scalar: Scalar) -> Option<u64> {
    match scalar {
        Scalar::Unsigned(value) => Some(value),
        Scalar::Signed(value) => Some(value.cast_unsigned()),
        _ => None,
    }
}
