//! Datagrams of live clients, answered in the order of the capture.
//!
//! Each client plays a recorded one, with all that it said to the servers that are played here: the
//! one that began as it does, else the next. What it sends is looked up by its bytes in what that
//! one sent; what was not recorded is taken for the datagram that comes next there, compared with
//! it, and answered as that was.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::num::NonZeroUsize;

use foldhash::fast::FixedState;
use lru::LruCache;
use tokio::net::UdpSocket;

use super::listener::is_udp;
use super::{ServeOptions, UNREADABLE};
use crate::decode::stream::Side;
use crate::net::MAX_DATAGRAM;
use crate::profile::Protocols;
use crate::replay::{Comparator, Outcome, Plan, ReplayError, Span, Stop};

/// Clients that are remembered; the one that was silent longest gives way.
pub const MAX_PEERS: usize = 1 << 16;
/// Datagrams of the capture that are played at one address; those beyond are left out and counted.
pub const MAX_EXCHANGES: usize = 1 << 21;

/// A datagram of a recorded client, and what the server sent before the next.
struct Exchange {
    /// The index of its conversation in the plan.
    index: usize,
    asked: Span,
    hash: u64,
    answers: Vec<Span>,
    is_played: bool,
}

/// A recorded client.
struct Recorded {
    exchanges: Vec<Exchange>,
    /// The first exchange that asks what has this hash.
    by_hash: HashMap<u64, usize>,
    /// Some client plays it.
    is_taken: bool,
}

/// A live client.
struct Peer {
    /// The one that it plays among those recorded.
    recorded: usize,
    /// How many datagrams it has sent.
    received: u64,
    /// The exchange that comes next.
    next: usize,
}

/// All that one socket plays.
pub(super) struct Datagrams<'p> {
    plan: &'p Plan,
    options: &'p ServeOptions,
    stop: &'p Stop,
    comparator: Comparator<'p>,
    recorded: Vec<Recorded>,
    /// The recorded client that the next one plays whose first datagram is none of the capture.
    next: usize,
    peers: LruCache<SocketAddr, Peer>,
    hasher: FixedState,
    /// Exchanges that no client has played yet.
    left: u64,
    outcome: Outcome,
}

impl<'p> Datagrams<'p> {
    /// Takes the UDP conversations with those indices.
    pub fn new(
        plan: &'p Plan,
        protocols: &'p Protocols,
        options: &'p ServeOptions,
        stop: &'p Stop,
        indices: &[usize],
    ) -> Result<Self, ReplayError> {
        let hasher = FixedState::default();
        let mut outcome = Outcome::default();
        let (recorded, beyond) = recorded(plan, indices, &hasher, MAX_EXCHANGES)?;
        if beyond > 0 {
            outcome.skip("datagram beyond those that one address can play", beyond);
        }
        let left = recorded.iter().map(|it| it.exchanges.len() as u64).sum();
        let room = NonZeroUsize::new(MAX_PEERS).unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            plan,
            options,
            stop,
            comparator: Comparator::new(protocols, &options.expectation)?,
            recorded,
            next: 0,
            peers: LruCache::new(room),
            hasher,
            left,
            outcome,
        })
    }

    /// Whether there is nothing to play.
    pub fn is_empty(&self) -> bool {
        self.recorded.is_empty()
    }

    /// Answers until all is played, or the run is to end.
    pub async fn run(&mut self, socket: &UdpSocket) {
        let mut buffer = vec![0; MAX_DATAGRAM];
        let mut answer = Vec::new();
        while !(self.options.once && self.left == 0) {
            let received = tokio::select! {
                received = socket.recv_from(&mut buffer) => received,
                () = self.stop.requested() => return,
            };
            let (len, from) = match received {
                Ok(received) => received,
                Err(error) => {
                    // An answer that its client does not take any more comes back as an error.
                    self.outcome.skip(&format!("datagram not received: {}", error.kind()), 1);
                    continue;
                }
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            for span in self.take(from, bytes) {
                answer.clear();
                if self.plan.payloads.read(span, &mut answer).is_err() {
                    self.outcome.skip(UNREADABLE, 1);
                    continue;
                }
                match socket.send_to(&answer, from).await {
                    Ok(len) => self.outcome.sent.count(len),
                    Err(error) => {
                        self.outcome.skip(&format!("answer not sent: {}", error.kind()), 1);
                    }
                }
            }
        }
    }

    /// What all clients came to.
    pub fn finish(mut self) -> Outcome {
        if self.options.once {
            self.outcome.missing = self.outcome.missing.saturating_add(self.left);
        }
        self.outcome
    }

    /// Takes a datagram, compares it with the recorded one, and gives what answers it.
    fn take(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<Span> {
        self.outcome.received.count(bytes.len());
        let hash = self.hasher.hash_one(bytes);
        let Some((recorded, number, at)) = self.place(from, hash) else { return Vec::new() };
        let Some(recorded) = self.recorded.get_mut(recorded) else { return Vec::new() };
        let Some(exchange) = recorded.exchanges.get_mut(at) else {
            self.outcome.skip("datagram behind the last that was recorded of its client", 1);
            return Vec::new();
        };
        if !exchange.is_played {
            exchange.is_played = true;
            self.left = self.left.saturating_sub(1);
        }
        let (index, asked, answers) = (exchange.index, exchange.asked, exchange.answers.clone());
        self.compare(index, number, asked, bytes);
        answers
    }

    /// The recorded client that a live one plays, how many datagrams that has sent, and the exchange
    /// that this one begins.
    fn place(&mut self, from: SocketAddr, hash: u64) -> Option<(usize, u64, usize)> {
        if !self.peers.contains(&from) {
            let recorded = self.recorded_for(hash)?;
            self.outcome.conversations = self.outcome.conversations.saturating_add(1);
            let peer = Peer { recorded, received: 0, next: 0 };
            if self.peers.push(from, peer).is_some() {
                self.outcome.skip("UDP client forgotten: others came since", 1);
            }
        }
        let peer = self.peers.get_mut(&from)?;
        peer.received = peer.received.saturating_add(1);
        let recorded = self.recorded.get(peer.recorded)?;
        let is_next = recorded.exchanges.get(peer.next).is_some_and(|it| it.hash == hash);
        let found = if is_next { None } else { recorded.by_hash.get(&hash).copied() };
        let at = found.unwrap_or(peer.next);
        peer.next = at.saturating_add(1);
        Some((peer.recorded, peer.received, at))
    }

    /// What a new client plays: the recorded one that begins so, else the next one.
    fn recorded_for(&mut self, hash: u64) -> Option<usize> {
        let begins_so =
            |it: &Recorded| it.exchanges.first().is_some_and(|exchange| exchange.hash == hash);
        let found = self.recorded.iter().position(|it| !it.is_taken && begins_so(it));
        let found = found.or_else(|| self.recorded.iter().position(begins_so));
        let index = found.or_else(|| {
            let next = self.next.checked_rem(self.recorded.len())?;
            self.next = self.next.saturating_add(1);
            Some(next)
        })?;
        self.recorded.get_mut(index)?.is_taken = true;
        Some(index)
    }

    fn compare(&mut self, index: usize, number: u64, asked: Span, actual: &[u8]) {
        let Some(conversation) = self.plan.conversations.get(index) else { return };
        let mut expected = Vec::new();
        if self.plan.payloads.read(asked, &mut expected).is_err() {
            return self.outcome.skip(UNREADABLE, 1);
        }
        let datagrams = [expected.as_slice(), actual];
        let differences =
            self.comparator.datagram_of(Side::Client, conversation, number, datagrams);
        self.outcome.answered(differences);
    }
}

/// The clients of those conversations of UDP that sent anything, in the order of the capture; and
/// how many datagrams there are beyond `max`.
fn recorded(
    plan: &Plan,
    indices: &[usize],
    hasher: &FixedState,
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
        match datagram.side {
            Side::Client => {
                bytes.clear();
                plan.payloads.read(datagram.span, &mut bytes)?;
                let (asked, hash) = (datagram.span, hasher.hash_one(&*bytes));
                let answers = Vec::new();
                exchanges.push(Exchange { index, asked, hash, answers, is_played: false });
            }
            Side::Server => {
                let of_server = exchanges.iter_mut().rev().find(|it| it.index == index);
                if let Some(last) = of_server {
                    last.answers.push(datagram.span);
                }
            }
        }
    }
    let mut all: Vec<_> = all.into_values().filter(|exchanges| !exchanges.is_empty()).collect();
    all.sort_by_key(|exchanges| exchanges.first().map(|it| it.index));
    Ok((all.into_iter().map(Recorded::new).collect(), beyond))
}

impl Recorded {
    fn new(exchanges: Vec<Exchange>) -> Self {
        let hashes = exchanges.iter().enumerate().rev();
        let by_hash = hashes.map(|(at, exchange)| (exchange.hash, at)).collect();
        Self { exchanges, by_hash, is_taken: false }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;
    use crate::capture::Reader;
    use crate::profile::Options;
    use crate::replay::server::Workers;
    use crate::replay::{Expectation, Timing};

    /// Three datagrams of one client, without an answer.
    fn plan() -> Plan {
        let path = format!("{}/captures/ok_dgram_basic.pcap", env!("CARGO_MANIFEST_DIR"));
        let reader = Reader::open(path.as_ref()).unwrap();
        Plan::read(reader, File::open(&path).ok(), &mut |_| {}).unwrap()
    }

    #[test]
    fn datagrams_beyond_the_bound_are_counted() {
        let plan = plan();
        for (max, expected) in [(0, (0, 3)), (2, (2, 1)), (3, (3, 0)), (4, (3, 0))] {
            let all: Vec<usize> = (0..plan.conversations.len()).collect();
            let (kept, beyond) = recorded(&plan, &all, &FixedState::default(), max).unwrap();
            let kept: usize = kept.iter().map(|it| it.exchanges.len()).sum();
            assert_eq!((kept, beyond), expected, "at most {max}");
        }
    }

    #[test]
    fn a_client_that_gives_way_to_others_is_counted() {
        let plan = plan();
        let options = Options { builtin: true, ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let options = ServeOptions {
            listen: Vec::new(),
            workers: Workers::default(),
            once: false,
            timing: Timing::default(),
            expectation: Expectation::default(),
            ignore_query: Vec::new(),
            timeout: Duration::from_secs(1),
            duration: None,
        };
        let (stop, all) = (Stop::default(), (0..plan.conversations.len()).collect::<Vec<_>>());
        let mut datagrams = Datagrams::new(&plan, &protocols, &options, &stop, &all).unwrap();
        datagrams.peers = LruCache::new(NonZeroUsize::new(2).unwrap());
        for port in [1, 2, 1, 3, 2] {
            assert!(datagrams.place(([127, 0, 0, 1], port).into(), 0).is_some());
        }
        let outcome = datagrams.finish();
        assert_eq!(outcome.conversations, 4);
        let skipped: Vec<_> = outcome.skipped.iter().map(|it| (&*it.reason, it.count)).collect();
        assert_eq!(skipped, [("UDP client forgotten: others came since", 2)]);
    }
}
