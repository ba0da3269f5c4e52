//! What the recorded clients of an address sent, and what answered them.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::num::NonZeroU16;

use foldhash::fast::FixedState;

use crate::decode::stream::Side;
use crate::replay::server::echo::Echo;
use crate::replay::server::listener::is_udp;
use crate::replay::{Plan, ReplayError, Span};

/// Datagrams of a client, among which the one is looked for that an answer repeats a field of.
const MAX_BACK: usize = 64;
/// Ports of servers whose datagrams have fields that are repeated.
const MAX_PORTS: usize = 64;

/// A recorded client.
pub(super) struct Recorded {
    pub exchanges: Vec<Exchange>,
    /// The first exchange that asks what has this hash.
    pub by_hash: HashMap<u64, usize>,
    /// Some client plays it.
    pub is_taken: bool,
}

/// A datagram of a recorded client, and what the server sent before the next, or in answer to it.
pub(super) struct Exchange {
    /// The index of its conversation in the plan.
    pub index: usize,
    pub asked: Span,
    pub hash: u64,
    pub answers: Vec<Answer>,
    pub is_played: bool,
    /// Of the fields that an answer repeats.
    repeated: Option<u64>,
}

/// A datagram of a recorded server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub span: Span,
    /// Its port in the capture, where it is not the one that was asked.
    pub port: Option<NonZeroU16>,
}

/// Tells datagrams by their bytes, but for fields that answers repeat.
pub(super) struct Hashes {
    hasher: FixedState,
    /// A conversation of each port of servers that has such fields.
    ports: Vec<(u16, usize)>,
}

impl Recorded {
    fn new(exchanges: Vec<Exchange>) -> Self {
        let hashes = exchanges.iter().enumerate().rev();
        let by_hash = hashes.map(|(at, exchange)| (exchange.hash, at)).collect();
        Self { exchanges, by_hash, is_taken: false }
    }

    /// Whether it begins with a datagram of one of these hashes.
    pub fn begins_so(&self, hashes: &[u64]) -> bool {
        self.exchanges.first().is_some_and(|it| hashes.contains(&it.hash))
    }

    /// The first exchange of one of these hashes.
    pub fn find(&self, hashes: &[u64]) -> Option<usize> {
        hashes.iter().find_map(|it| self.by_hash.get(it)).copied()
    }
}

impl Hashes {
    pub fn new() -> Self {
        Self { hasher: FixedState::default(), ports: Vec::new() }
    }

    /// What a live datagram is looked up by; the port of the server that it would be for in the
    /// capture is not known.
    pub fn of_live(&self, plan: &Plan, echo: &mut Echo<'_>, bytes: &[u8]) -> Vec<u64> {
        let mut hashes = vec![self.hasher.hash_one(bytes)];
        for (port, index) in &self.ports {
            let conversation = plan.conversations.get(*index);
            if let Some(blank) = conversation.and_then(|it| echo.blank(it, bytes)) {
                hashes.push(self.hasher.hash_one((*port, blank)));
            }
        }
        hashes
    }

    fn of_recorded(&mut self, plan: &Plan, echo: &mut Echo<'_>, index: usize, bytes: &[u8]) -> u64 {
        let plain = self.hasher.hash_one(bytes);
        let Some(conversation) = plan.conversations.get(index) else { return plain };
        let port = conversation.server.port();
        let is_known = self.ports.iter().any(|it| it.0 == port);
        let Some(blank) = echo.blank(conversation, bytes) else { return plain };
        if !is_known && self.ports.len() >= MAX_PORTS {
            return plain;
        }
        if !is_known {
            self.ports.push((port, index));
        }
        self.hasher.hash_one((port, blank))
    }
}

/// The clients of those conversations of UDP that sent anything, in the order of the capture; and
/// how many datagrams there are beyond `max`.
pub(super) fn recorded(
    plan: &Plan,
    echo: &mut Echo<'_>,
    indices: &[usize],
    hashes: &mut Hashes,
    max: usize,
) -> Result<(Vec<Recorded>, u64), ReplayError> {
    let of_udp = indices.iter().copied().filter(|index| is_udp(plan, *index));
    let clients = of_udp.filter_map(|it| Some((it, plan.conversations.get(it)?.client)));
    let clients: HashMap<usize, SocketAddr> = clients.collect();
    let mut all: HashMap<SocketAddr, Vec<Exchange>> = HashMap::new();
    let mut entries = plan.schedule.entries();
    let mut bytes = Vec::new();
    let (mut kept, mut beyond) = (0usize, 0u64);
    while let Some(datagram) = entries.next_entry()? {
        let index = datagram.conversation as usize;
        let Some(client) = clients.get(&index) else { continue };
        if kept >= max {
            beyond = beyond.saturating_add(1);
            continue;
        }
        kept = kept.saturating_add(1);
        let exchanges = all.entry(*client).or_default();
        bytes.clear();
        let is_client = datagram.side == Side::Client;
        if is_client || exchanges.iter().rev().take(MAX_BACK).any(|it| it.repeated.is_some()) {
            plan.payloads.read(datagram.span, &mut bytes)?;
        }
        let repeated = repeated(plan, echo, hashes, (index, datagram.side), &bytes);
        if is_client {
            let hash = hashes.of_recorded(plan, echo, index, &bytes);
            let (asked, answers) = (datagram.span, Vec::new());
            exchanges.push(Exchange { index, asked, hash, answers, is_played: false, repeated });
        } else if let Some(asked) = asking(exchanges, index, repeated) {
            asked.answers.push(Answer { span: datagram.span, port: datagram.port });
        }
    }
    let mut all: Vec<_> = all.into_values().filter(|exchanges| !exchanges.is_empty()).collect();
    all.sort_by_key(|exchanges| exchanges.first().map(|it| it.index));
    Ok((all.into_iter().map(Recorded::new).collect(), beyond))
}

/// What an answer answers: the last that has the fields which it repeats, else the last.
fn asking(
    exchanges: &mut [Exchange],
    index: usize,
    repeated: Option<u64>,
) -> Option<&mut Exchange> {
    let is_it = |it: &Exchange| it.index == index && it.repeated == repeated;
    let back = exchanges.iter().rev().take(MAX_BACK).position(is_it);
    let last = || exchanges.iter().rev().position(|it| it.index == index);
    let back = back.filter(|_| repeated.is_some()).or_else(last)?;
    exchanges.iter_mut().rev().nth(back)
}

/// What an answer has in common with its request.
fn repeated(
    plan: &Plan,
    echo: &mut Echo<'_>,
    hashes: &Hashes,
    (index, side): (usize, Side),
    bytes: &[u8],
) -> Option<u64> {
    let conversation = plan.conversations.get(index).filter(|_| !bytes.is_empty())?;
    let fields = echo.of_datagram(conversation, side, bytes);
    let values = fields.iter().map(|it| (&it.path, bytes.get(it.range.clone())));
    (!fields.is_empty()).then(|| hashes.hasher.hash_one(values.collect::<Vec<_>>()))
}
