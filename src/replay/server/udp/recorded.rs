//! What the recorded clients of an address sent, and what answered them.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::num::NonZeroU16;

use foldhash::fast::FixedState;

use crate::flow::Side;
use crate::replay::server::echo::Echo;
use crate::replay::{Plan, ReplayError, Span};

/// Datagrams of a client, among which the one is looked for that an answer repeats a field of.
const MAX_BACK: usize = 64;
/// Bytes of a first datagram that are known of each client.
const HEAD_LEN: usize = 64;
/// Ports of servers whose datagrams have fields that are repeated.
const MAX_PORTS: usize = 64;

/// A recorded client.
pub(super) struct Recorded {
    pub exchanges: Vec<Exchange>,
    /// Those with each port of the server: what arrives at two sockets has no order.
    chains: HashMap<Port, Chain>,
    /// How its first datagram begins.
    head: Vec<u8>,
    /// Some client plays it.
    pub is_taken: bool,
}

/// The server's port in the capture; `None` is the one that was asked.
pub(super) type Port = Option<NonZeroU16>;

/// What a client sent to one port, as indices of exchanges.
#[derive(Default)]
struct Chain {
    exchanges: Vec<usize>,
    /// The first that asks what has this hash, as its place here.
    by_hash: HashMap<u64, usize>,
}

/// A datagram of a recorded client, and what the server sent before the next, or in answer to it.
pub(super) struct Exchange {
    /// The index of its conversation in the plan.
    pub index: usize,
    pub port: Port,
    pub asked: Span,
    hash: u64,
    pub answers: Vec<Answer>,
    pub is_played: bool,
    /// Of the first field that an answer repeats.
    repeated: Option<u64>,
}

/// A datagram of a recorded server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub span: Span,
    pub port: Port,
}

/// What a live datagram is looked up by.
pub(super) struct Likeness {
    hashes: Vec<u64>,
    /// What is hashed.
    said: Vec<Vec<u8>>,
}

/// Tells datagrams by their bytes, but for fields that answers repeat.
pub(super) struct Hashes {
    hasher: FixedState,
    /// A conversation of each port of servers that has such fields.
    ports: Vec<(u16, usize)>,
}

impl Recorded {
    fn new((head, exchanges): (Vec<u8>, Vec<Exchange>)) -> Self {
        let mut chains: HashMap<Port, Chain> = HashMap::new();
        for (index, exchange) in exchanges.iter().enumerate() {
            let chain = chains.entry(exchange.port).or_default();
            chain.by_hash.entry(exchange.hash).or_insert(chain.exchanges.len());
            chain.exchanges.push(index);
        }
        Self { exchanges, chains, head, is_taken: false }
    }

    /// Whether it begins with a datagram of one of these hashes.
    pub fn begins_so(&self, it: &Likeness) -> bool {
        self.exchanges.first().is_some_and(|first| it.hashes.contains(&first.hash))
    }

    /// How many bytes a datagram and its first one have in common from the beginning, of the first
    /// [`HEAD_LEN`].
    pub fn resembles(&self, it: &Likeness) -> usize {
        let same = |said: &Vec<u8>| self.head.iter().zip(said).take_while(|(a, b)| a == b).count();
        it.said.iter().map(same).max().unwrap_or(0)
    }

    /// Whether a datagram of one of these hashes was sent to the port that was asked.
    pub fn says_so(&self, it: &Likeness) -> bool {
        let chain = self.chains.get(&None);
        chain.is_some_and(|chain| it.hashes.iter().any(|it| chain.by_hash.contains_key(it)))
    }

    /// Which exchange a datagram of one of these hashes begins that was sent to a port: the next one
    /// there if it may be, else the first that is so, else the next one all the same. Moves `next`
    /// behind it; `None` behind the last.
    pub fn find(&self, port: Port, it: &Likeness, next: &mut usize) -> Option<usize> {
        let hashes = &it.hashes;
        let chain = self.chains.get(&port)?;
        let is_so =
            |it: &&usize| self.exchanges.get(**it).is_some_and(|it| hashes.contains(&it.hash));
        let is_next = chain.exchanges.get(*next).filter(is_so).is_some();
        let first = || hashes.iter().find_map(|it| chain.by_hash.get(it)).copied();
        let at = if is_next { *next } else { first().unwrap_or(*next) };
        *next = at.saturating_add(1);
        chain.exchanges.get(at).copied()
    }
}

impl Hashes {
    pub fn new() -> Self {
        Self { hasher: FixedState::default(), ports: Vec::new() }
    }

    /// What a live datagram is looked up by; the port of the server that it would be for in the
    /// capture is not known.
    pub fn of_live(&self, plan: &Plan, echo: &mut Echo<'_>, bytes: &[u8]) -> Likeness {
        let head = bytes.get(..HEAD_LEN).unwrap_or(bytes).to_vec();
        let (mut hashes, mut said) = (vec![self.hasher.hash_one(bytes)], vec![head]);
        for (port, index) in &self.ports {
            let conversation = plan.conversations.get(*index);
            if let Some(blank) = conversation.and_then(|it| echo.blank(it, bytes)) {
                hashes.push(self.hasher.hash_one((*port, &blank)));
                said.push(blank);
            }
        }
        Likeness { hashes, said }
    }

    /// Its hash, and what that is of, other than its bytes.
    fn of_recorded(
        &mut self,
        plan: &Plan,
        echo: &mut Echo<'_>,
        index: usize,
        bytes: &[u8],
    ) -> (u64, Option<Vec<u8>>) {
        let plain = (self.hasher.hash_one(bytes), None);
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
        (self.hasher.hash_one((port, &blank)), Some(blank))
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
    let of_udp = indices.iter().copied().filter(|index| plan.is_of_datagrams(*index));
    let clients = of_udp.filter_map(|it| Some((it, plan.conversations.get(it)?.client)));
    let clients: HashMap<usize, SocketAddr> = clients.collect();
    let mut all: HashMap<SocketAddr, (Vec<u8>, Vec<Exchange>)> = HashMap::new();
    let mut entries = plan.schedule.entries();
    let mut bytes = Vec::new();
    let (mut kept, mut beyond) = (0usize, 0u64);
    while let Some(datagram) = entries.next_entry()? {
        let index = datagram.conversation.index();
        let Some(client) = clients.get(&index) else { continue };
        if kept >= max {
            beyond = beyond.saturating_add(1);
            continue;
        }
        kept = kept.saturating_add(1);
        let (head, exchanges) = all.entry(*client).or_default();
        bytes.clear();
        let is_client = datagram.side == Side::Client;
        if is_client || exchanges.iter().rev().take(MAX_BACK).any(|it| it.repeated.is_some()) {
            plan.payloads.read(datagram.span, &mut bytes)?;
        }
        let repeated = repeated(plan, echo, hashes, (index, datagram.side), &bytes);
        if is_client {
            let (hash, blank) = hashes.of_recorded(plan, echo, index, &bytes);
            if exchanges.is_empty() {
                let said = blank.as_ref().unwrap_or(&bytes);
                *head = said.get(..HEAD_LEN).unwrap_or(said).to_vec();
            }
            let (asked, answers) = (datagram.span, Vec::new());
            let port = datagram.port;
            let exchange =
                Exchange { index, port, asked, hash, answers, is_played: false, repeated };
            exchanges.push(exchange);
        } else if let Some(asked) = asking(exchanges, (index, datagram.port), repeated) {
            asked.answers.push(Answer { span: datagram.span, port: datagram.port });
        }
    }
    let mut all: Vec<_> = all.into_values().filter(|(_, it)| !it.is_empty()).collect();
    all.sort_by_key(|(_, exchanges)| exchanges.first().map(|it| it.index));
    Ok((all.into_iter().map(Recorded::new).collect(), beyond))
}

/// What an answer from a port answers: the last that has the fields which it repeats, else the last
/// that went there or to the port that was asked.
fn asking(
    exchanges: &mut [Exchange],
    (index, port): (usize, Port),
    repeated: Option<u64>,
) -> Option<&mut Exchange> {
    let is_it = |it: &Exchange| it.index == index && it.repeated == repeated;
    let back = exchanges.iter().rev().take(MAX_BACK).position(is_it);
    let is_port = |it: &Exchange| it.port.is_none() || it.port == port;
    let last = || exchanges.iter().rev().position(|it| it.index == index && is_port(it));
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
    let first = echo.of_datagram(conversation, side, bytes).into_iter().next()?;
    Some(hashes.hasher.hash_one((first.path, bytes.get(first.range))))
}
