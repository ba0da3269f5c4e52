//! Datagrams of live clients, answered in the order of the capture.
//!
//! Each client plays a recorded one, with all that it said to the servers that are played here: the
//! one that began as it does, else one that said so at some time, else one that began alike, else
//! the next. What it sends is looked up by its bytes in what that one sent, but for fields that
//! answers repeat (`echo`); what was not recorded is taken for the datagram that comes next there,
//! compared with it, and answered as that was. An answer that came from another port than the one
//! that was asked comes from a socket of its own (`opened`), which the client may go on with.

mod opened;
mod recorded;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;

use lru::LruCache;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use self::opened::Opened;
use self::recorded::{Answer, Hashes, Likeness, Port, Recorded, recorded};
use super::echo::Echo;
use super::options::ServeOptions;
use crate::comparison::Comparator;
use crate::flow::Side;
use crate::net::{MAX_DATAGRAM, report_undelivered, take_undelivered};
use crate::profile::Protocols;
use crate::replay::{Outcome, Plan, Reason, ReplayError, Span, Stop};

/// Clients that are remembered; the one that was silent longest gives way.
pub const MAX_PEERS: usize = 1 << 16;
/// Datagrams of the capture that are played at one address; those beyond are left out and counted.
pub const MAX_EXCHANGES: usize = 1 << 21;
/// Datagrams that one socket may give at once, so that none keeps the others waiting.
const MAX_IN_A_ROW: usize = 64;
/// Recorded clients whose beginnings a new one's is compared with.
const MAX_ALIKE: usize = 1 << 12;
/// Bytes in common that may be chance: four random ones are once in four thousand million times.
const CHANCE: usize = 4;
/// How often in a row reports of earlier answers may keep one back.
const MAX_REPORTS: usize = 16;

/// A live client.
struct Peer {
    /// The one that it plays among those recorded.
    recorded: usize,
    /// How many datagrams it has sent.
    received: u64,
    /// What comes next among what the recorded one sent to each port.
    next: HashMap<Port, usize>,
}

/// What a datagram asks: its conversation's index in the plan, the datagram that it was recorded as,
/// and what answered that.
struct Asked {
    index: usize,
    recorded: Vec<u8>,
    answers: Vec<Answer>,
}

/// All that one socket plays.
pub(super) struct Datagrams<'p> {
    plan: &'p Plan,
    options: &'p ServeOptions,
    stop: &'p Stop,
    comparator: Comparator<'p>,
    echo: Echo<'p>,
    recorded: Vec<Recorded>,
    /// The recorded client that the next one plays whose first datagram is none of the capture.
    next: usize,
    peers: LruCache<SocketAddr, Peer>,
    hashes: Hashes,
    opened: Opened,
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
        let (mut echo, mut hashes) = (Echo::new(protocols)?, Hashes::new());
        let mut outcome = Outcome::default();
        let (recorded, beyond) = recorded(plan, &mut echo, indices, &mut hashes, MAX_EXCHANGES)?;
        if beyond > 0 {
            outcome.skip(Reason::DatagramsBeyond, beyond);
        }
        let left = recorded.iter().map(|it| it.exchanges.len() as u64).sum();
        let room = NonZeroUsize::new(MAX_PEERS).unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            plan,
            options,
            stop,
            comparator: Comparator::new(protocols, &options.expectation)?,
            echo,
            recorded,
            next: 0,
            peers: LruCache::new(room),
            hashes,
            opened: Opened::new(),
            left,
            outcome,
        })
    }

    /// Whether there is nothing to play.
    pub fn is_empty(&self) -> bool {
        self.recorded.is_empty()
    }

    /// Answers until all is played, or the run is to end.
    ///
    /// # Errors
    ///
    /// The kernel does not tell about a socket what it has to.
    pub async fn run(&mut self, socket: &UdpSocket) -> io::Result<()> {
        let asked = socket.local_addr()?;
        report_undelivered(socket, asked.is_ipv6())?;
        let mut buffer = vec![0; MAX_DATAGRAM];
        while !(self.options.once && self.left == 0) {
            tokio::select! {
                ready = socket.ready(Interest::READABLE | Interest::ERROR) => {
                    if ready?.is_error() {
                        self.hear(socket);
                    }
                    self.listen((socket, None), (socket, asked), &mut buffer).await;
                }
                (key, opened) = self.opened.ready() => {
                    self.hear(&opened);
                    let port = Some(key.1);
                    self.listen((&opened, port), (socket, asked), &mut buffer).await;
                    self.opened.wait_again(key);
                }
                () = self.stop.requested() => break,
            }
        }
        self.hear(socket);
        for opened in self.opened.all() {
            self.hear(&opened);
        }
        Ok(())
    }

    /// What all clients came to.
    pub fn finish(mut self) -> Outcome {
        if self.opened.closed > 0 {
            self.outcome.skip(Reason::PortClosed, self.opened.closed);
        }
        if self.options.once {
            self.outcome.missing = self.outcome.missing.saturating_add(self.left);
        }
        self.outcome
    }

    /// Takes what a socket has that stands for a port, and answers it; `main` is the one that
    /// clients ask, and its address.
    async fn listen(
        &mut self,
        (at, port): (&UdpSocket, Port),
        main: (&UdpSocket, SocketAddr),
        buffer: &mut [u8],
    ) {
        for _ in 0..MAX_IN_A_ROW {
            match at.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let bytes = buffer.get(..len).unwrap_or_default();
                    self.answer(main, (from, port), bytes).await;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // That of an answer that was sent before.
                Err(error) => {
                    if !self.hear(at) {
                        self.outcome.skip(Reason::NotReceived(error.kind()), 1);
                    }
                }
            }
            if self.options.once && self.left == 0 {
                return;
            }
        }
    }

    /// Counts what became of answers that had left; returns whether any did not arrive.
    fn hear(&mut self, at: &UdpSocket) -> bool {
        let mut is_anything = false;
        while let Some(report) = take_undelivered(at) {
            is_anything = true;
            match report.is_refusal() {
                true => self.outcome.skip(Reason::AnswerRefused, 1),
                false => self.outcome.skip(Reason::AnswerUndelivered(report.errno), 1),
            }
        }
        // All was taken: it is told of the next one.
        let taken = at.try_io(Interest::ERROR, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
        debug_assert!(taken.is_err());
        is_anything
    }

    async fn answer(
        &mut self,
        (main, at): (&UdpSocket, SocketAddr),
        (from, at_port): (SocketAddr, Port),
        bytes: &[u8],
    ) {
        let Some(Asked { index, recorded, answers }) = self.take(from, at_port, bytes) else {
            return;
        };
        let mut answer = Vec::new();
        for Answer { span, port } in answers {
            answer.clear();
            if self.plan.payloads.read(span, &mut answer).is_err() {
                self.outcome.skip(Reason::Unreadable, 1);
                continue;
            }
            if let Some(conversation) = self.plan.conversations.get(index) {
                self.echo.put_back(conversation, [&recorded, bytes], &mut answer);
            }
            let Some(port) = port else {
                self.send(main, from, &answer).await;
                continue;
            };
            match self.opened.socket((from, port), at) {
                Ok(socket) => self.send(&socket, from, &answer).await,
                Err(error) => self.outcome.skip(Reason::AnswerNotSent(error.kind()), 1),
            }
        }
    }

    async fn send(&mut self, by: &UdpSocket, to: SocketAddr, answer: &[u8]) {
        let is_connected = by.peer_addr().is_ok();
        for _ in 0..MAX_REPORTS {
            let sent = match is_connected {
                true => by.send(answer).await,
                false => by.send_to(answer, to).await,
            };
            match sent {
                Ok(len) => return self.outcome.sent.count(len),
                // The error may be that of an earlier answer.
                Err(_) if self.hear(by) => {}
                Err(error) => {
                    return self.outcome.skip(Reason::AnswerNotSent(error.kind()), 1);
                }
            }
        }
        self.outcome.skip(Reason::EarlierRefused, 1);
    }

    /// Takes a datagram, compares it with the recorded one, and gives what answers it.
    fn take(&mut self, from: SocketAddr, port: Port, bytes: &[u8]) -> Option<Asked> {
        self.outcome.received.count(bytes.len());
        let likeness = self.hashes.of_live(self.plan, &mut self.echo, bytes);
        let (recorded, number, at) = self.place(from, port, &likeness)?;
        let recorded = self.recorded.get_mut(recorded)?;
        let Some(exchange) = at.and_then(|at| recorded.exchanges.get_mut(at)) else {
            self.outcome.skip(Reason::DatagramBehindLast, 1);
            return None;
        };
        if !exchange.is_played {
            exchange.is_played = true;
            self.left = self.left.saturating_sub(1);
        }
        let (index, asked, answers) = (exchange.index, exchange.asked, exchange.answers.clone());
        let recorded = self.compare(index, number, asked, bytes);
        Some(Asked { index, recorded, answers })
    }

    /// The recorded client that a live one plays, how many datagrams that has sent, and the exchange
    /// that this one begins, if one is left.
    fn place(
        &mut self,
        from: SocketAddr,
        port: Port,
        likeness: &Likeness,
    ) -> Option<(usize, u64, Option<usize>)> {
        if !self.peers.contains(&from) {
            let recorded = self.recorded_for(likeness)?;
            self.outcome.conversations = self.outcome.conversations.saturating_add(1);
            let peer = Peer { recorded, received: 0, next: HashMap::new() };
            if self.peers.push(from, peer).is_some() {
                self.outcome.skip(Reason::ClientForgotten, 1);
            }
        }
        let peer = self.peers.get_mut(&from)?;
        peer.received = peer.received.saturating_add(1);
        let recorded = self.recorded.get(peer.recorded)?;
        let at = recorded.find(port, likeness, peer.next.entry(port).or_default());
        Some((peer.recorded, peer.received, at))
    }

    /// What a new client plays: the recorded one that begins so, one that says so later, one that
    /// begins alike, else the next one.
    fn recorded_for(&mut self, likeness: &Likeness) -> Option<usize> {
        let all = || self.recorded.iter();
        let found = all().position(|it| !it.is_taken && it.begins_so(likeness));
        let found = found.or_else(|| all().position(|it| it.begins_so(likeness)));
        let found = found.or_else(|| all().position(|it| it.says_so(likeness)));
        let found = found.or_else(|| self.alike(likeness));
        let index = found.or_else(|| {
            let next = self.next.checked_rem(self.recorded.len())?;
            self.next = self.next.saturating_add(1);
            Some(next)
        })?;
        self.recorded.get_mut(index)?.is_taken = true;
        Some(index)
    }

    /// The recorded client that begins most alike, if others do less by more than chance; rather one
    /// that nobody plays yet.
    fn alike(&self, likeness: &Likeness) -> Option<usize> {
        let alike = self.recorded.iter().take(MAX_ALIKE).enumerate();
        let mut alike: Vec<_> =
            alike.map(|(index, it)| (it.resembles(likeness), !it.is_taken, index)).collect();
        // The sort is stable: of those that are equal the first stays first.
        alike.sort_by_key(|&(bytes, is_free, _)| Reverse((bytes, is_free)));
        let &(most, _, first) = alike.first()?;
        let is_near = |it: &&(usize, bool, usize)| it.0.saturating_add(CHANCE) > most;
        if alike.iter().all(|it| is_near(&it)) {
            return None;
        }
        let free = alike.iter().take_while(is_near).find(|(_, is_free, _)| *is_free);
        Some(free.map_or(first, |&(.., index)| index))
    }

    /// Compares a datagram with the recorded one, which is given back.
    fn compare(&mut self, index: usize, number: u64, asked: Span, actual: &[u8]) -> Vec<u8> {
        let mut expected = Vec::new();
        let Some(conversation) = self.plan.conversations.get(index) else { return expected };
        if self.plan.payloads.read(asked, &mut expected).is_err() {
            self.outcome.skip(Reason::Unreadable, 1);
            return Vec::new();
        }
        let actual = self.echo.as_recorded(conversation, &expected, actual);
        let datagrams = [expected.as_slice(), &actual];
        let differences =
            self.comparator.datagram_of(Side::Client, conversation.parties(), number, datagrams);
        self.outcome.answered(differences);
        expected
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
        let protocols = Protocols::load(&Options::default()).unwrap();
        for (max, expected) in [(0, (0, 3)), (2, (2, 1)), (3, (3, 0)), (4, (3, 0))] {
            let all: Vec<usize> = (0..plan.conversations.len()).collect();
            let (mut echo, mut hashes) = (Echo::new(&protocols).unwrap(), Hashes::new());
            let (kept, beyond) = recorded(&plan, &mut echo, &all, &mut hashes, max).unwrap();
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
        let likeness = datagrams.hashes.of_live(&plan, &mut datagrams.echo, b"none of these");
        for port in [1, 2, 1, 3, 2] {
            assert!(datagrams.place(([127, 0, 0, 1], port).into(), None, &likeness).is_some());
        }
        let outcome = datagrams.finish();
        assert_eq!(outcome.conversations, 4);
        let skipped: Vec<_> =
            outcome.skipped.iter().map(|it| (it.reason.clone(), it.count)).collect();
        assert_eq!(skipped, [(Reason::ClientForgotten, 2)]);
    }
}
