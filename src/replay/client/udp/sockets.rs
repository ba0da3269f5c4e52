//! One socket for each captured client, opened when its first datagram is due.
//!
//! A client that talks to one server is connected to it: only that one is heard then. Groups, and
//! those who talk to several or are answered from other ports, are not connected. Either way the kernel says of which destination
//! it was that a datagram did not arrive.
//! Where sockets run out, those of clients that are done are closed; if none is, the client is left
//! out, and counted.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::tally::Tally;
use crate::net::{
    Interface, Leaving, MAX_DATAGRAM, NetError, Readiness, UdpSocket, Undelivered, interfaces,
};
use crate::replay::{ConversationId, Options, Plan, Reason, ReplayError};

/// The sockets of a run.
pub(super) struct Sockets {
    /// In the order of the plan; `None` is not played.
    routes: Vec<Option<Route>>,
    clients: Vec<Client>,
    leaving: Leaving,
    broadcasts: Vec<Ipv4Addr>,
    readiness: Readiness,
    /// Clients that are done, and whose socket is open.
    done: VecDeque<u32>,
    ready: Vec<u64>,
    buffer: Vec<u8>,
}

/// Where a conversation's datagrams go.
#[derive(Clone, Copy, Debug)]
struct Route {
    client: u32,
    to: SocketAddr,
    /// It was begun in the pass under way.
    is_begun: bool,
}

/// A captured client.
struct Client {
    to: SocketAddr,
    has_several: bool,
    state: State,
    /// Datagrams of both sides in one pass, and those that are left of the pass under way.
    datagrams: u64,
    left: u64,
}

enum State {
    Closed,
    Open(UdpSocket),
    /// It got none.
    Without,
}

/// Datagrams that one socket may give at once, so that none keeps the others waiting.
const MAX_IN_A_ROW: usize = 64;
/// How long the refusal of the last datagram may take, and what else nobody waits for: from this
/// host, and from others, round half the earth and back.
const LINGER: Duration = Duration::from_millis(20);
const LINGER_DISTANT: Duration = Duration::from_millis(300);

impl Sockets {
    /// Says of each conversation where it goes. Those without a destination are counted.
    ///
    /// # Errors
    ///
    /// The interface that the user names is not there.
    pub fn new(plan: &Plan, options: &Options, tally: &mut Tally<'_>) -> Result<Self, ReplayError> {
        let group = &options.group;
        let interface = group.interface.as_deref().map(Interface::resolve).transpose()?;
        let mut sockets = Self {
            routes: Vec::with_capacity(plan.conversations.len()),
            clients: Vec::new(),
            leaving: Leaving { interface, ttl: group.ttl, loopback: group.loopback },
            broadcasts: interfaces().into_iter().flat_map(|it| it.broadcasts).collect(),
            readiness: Readiness::new()?,
            done: VecDeque::new(),
            ready: Vec::new(),
            buffer: vec![0; MAX_DATAGRAM],
        };
        sockets.lay_routes(plan, options, tally);
        Ok(sockets)
    }

    fn lay_routes(&mut self, plan: &Plan, options: &Options, tally: &mut Tally<'_>) {
        let mut known = HashMap::new();
        for (index, conversation) in plan.conversations.iter().enumerate() {
            if conversation.transport.is_stream() {
                self.routes.push(None);
                continue;
            }
            let Some(to) = options.destinations.of(conversation.server) else {
                let server = conversation.server;
                tally.outcome.skip(Reason::NoDestination(conversation.transport, Some(server)), 1);
                self.routes.push(None);
                continue;
            };
            let traffic = plan.preflight.traffic.get(index).copied().unwrap_or_default();
            let new = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
            let number = *known.entry(conversation.client).or_insert(new);
            if number == new {
                self.clients.push(Client::new(to));
            }
            if let Some(client) = self.clients.get_mut(number as usize) {
                client.has_several |= client.to != to || traffic.has_other_ports;
                let datagrams = traffic.client.messages.saturating_add(traffic.server.messages);
                client.datagrams = client.datagrams.saturating_add(datagrams);
                client.left = client.datagrams;
            }
            self.routes.push(Some(Route { client: number, to, is_begun: false }));
        }
    }

    /// The plan is played once more.
    pub fn begin_pass(&mut self) {
        self.done.clear();
        self.routes.iter_mut().flatten().for_each(|it| it.is_begun = false);
        for client in &mut self.clients {
            client.left = client.datagrams;
            if matches!(client.state, State::Without) {
                client.state = State::Closed;
            }
        }
    }

    /// Where a conversation's datagrams go; `None` if it is not played.
    pub fn destination(&self, conversation: ConversationId) -> Option<SocketAddr> {
        self.route(conversation).map(|it| it.to)
    }

    /// The number of a conversation's client.
    pub fn client(&self, conversation: ConversationId) -> Option<u32> {
        self.route(conversation).map(|it| it.client)
    }

    /// An open socket.
    pub fn socket(&self, client: u32) -> Option<&UdpSocket> {
        match &self.clients.get(client as usize)?.state {
            State::Open(socket) => Some(socket),
            State::Closed | State::Without => None,
        }
    }

    /// Whether datagrams of any sender answer what a conversation sends.
    pub fn is_answered_by_any(&self, conversation: ConversationId) -> bool {
        self.destination(conversation).is_some_and(|it| self.is_group(it.ip()))
    }

    /// So many of a conversation's datagrams are dealt with, in this pass.
    pub fn settle(&mut self, conversation: ConversationId, datagrams: u64) {
        let Some(number) = self.client(conversation) else { return };
        let Some(client) = self.clients.get_mut(number as usize) else { return };
        client.left = client.left.saturating_sub(datagrams);
        if client.left == 0 && matches!(client.state, State::Open(_)) {
            self.done.push_back(number);
        }
    }

    /// Opens the socket of a conversation that is about to send, if it is not open. Returns whether
    /// there is one; the conversation counts as begun then, else the datagram as skipped.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn open(
        &mut self,
        conversation: ConversationId,
        tally: &mut Tally<'_>,
    ) -> Result<bool, ReplayError> {
        let Some(route) = self.route(conversation).copied() else { return Ok(false) };
        let Some(client) = self.clients.get(route.client as usize) else { return Ok(false) };
        let is_open = match client.state {
            State::Open(_) => true,
            State::Closed => self.open_client(route.client, tally)?,
            State::Without => false,
        };
        if !is_open {
            tally.outcome.skip(Reason::NoSocket, 1);
            return Ok(false);
        }
        if let Some(Some(route)) = self.routes.get_mut(conversation.index())
            && !std::mem::replace(&mut route.is_begun, true)
        {
            tally.outcome.conversations = tally.outcome.conversations.saturating_add(1);
        }
        Ok(true)
    }

    fn open_client(&mut self, number: u32, tally: &mut Tally<'_>) -> Result<bool, ReplayError> {
        let opened = loop {
            match self.try_open(number) {
                Err(error) if is_shortage(&error) && self.close_one(tally) => {}
                opened => break opened,
            }
        };
        let state = match opened {
            Ok(socket) => State::Open(socket),
            Err(error) => {
                tally.outcome.skip(Reason::SocketRefused(error.to_string()), 1);
                State::Without
            }
        };
        let is_open = matches!(state, State::Open(_));
        if let Some(client) = self.clients.get_mut(number as usize) {
            client.state = state;
        }
        Ok(is_open)
    }

    fn try_open(&self, number: u32) -> Result<UdpSocket, NetError> {
        let to = self.clients.get(number as usize).map(|it| (it.to, it.has_several));
        let (to, has_several) = to.unwrap_or((SocketAddr::from(([0; 4], 0)), true));
        let mut socket = UdpSocket::to(to, &self.leaving)?;
        if !has_several && !self.is_group(to.ip()) {
            socket.connect(to)?;
        }
        self.readiness.watch(&socket, u64::from(number))?;
        Ok(socket)
    }

    /// Closes the socket of a client that is done; `false` if there is none.
    fn close_one(&mut self, tally: &mut Tally<'_>) -> bool {
        let Some(number) = self.done.pop_front() else { return false };
        while self.receive(number, tally, &mut |_, _| {}) {}
        if let Some(client) = self.clients.get_mut(number as usize) {
            client.state = State::Closed;
        }
        true
    }

    /// Closes all: what the servers still send to the ports of this pass is not of the next.
    pub fn close_all(&mut self) {
        self.clients.iter_mut().for_each(|it| it.state = State::Closed);
    }

    /// Waits for datagrams, for at most `timeout`, and lends those that arrive.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn wait<'r>(
        &mut self,
        timeout: Duration,
        tally: &mut Tally<'r>,
        sink: &mut Sink<'_, 'r>,
    ) -> Result<(), ReplayError> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        self.readiness.wait(timeout, &mut ready)?;
        for number in &ready {
            self.receive(u32::try_from(*number).unwrap_or(u32::MAX), tally, sink);
        }
        self.ready = ready;
        Ok(())
    }

    /// Counts what nobody waits for, for as long as the refusal of the last datagram may take.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn drain(&mut self, tally: &mut Tally<'_>) -> Result<(), ReplayError> {
        let (begin, linger) = (Instant::now(), self.linger());
        loop {
            let left = linger.saturating_sub(begin.elapsed());
            self.wait(left, tally, &mut |_, _| {})?;
            if left.is_zero() {
                break;
            }
        }
        // A server that never stops sending does not keep the run from ending.
        for _ in 0..self.clients.len().div_ceil(MAX_IN_A_ROW) {
            self.wait(Duration::ZERO, tally, &mut |_, _| {})?;
        }
        Ok(())
    }

    /// Returns whether there may be more.
    fn receive<'r>(&mut self, client: u32, tally: &mut Tally<'r>, sink: &mut Sink<'_, 'r>) -> bool {
        let Some(Client { state: State::Open(socket), .. }) = self.clients.get(client as usize)
        else {
            return false;
        };
        for _ in 0..MAX_IN_A_ROW {
            // First, so that no call fails of an earlier datagram.
            while let Some(report) = socket.take_undelivered() {
                tally.undelivered(report, 1);
                sink(Arrived { client, what: What::Undelivered(report) }, tally);
            }
            match socket.recv(&mut self.buffer) {
                Ok(None) => return false,
                Ok(Some((len, from))) => {
                    let bytes = self.buffer.get(..len).unwrap_or_default();
                    tally.received(socket, from, bytes);
                    sink(Arrived { client, what: What::Datagram { from, bytes } }, tally);
                }
                // It came since, and is taken by the next turn.
                Err(_) => {}
            }
        }
        true
    }

    /// Nobody refuses what is for a group.
    fn linger(&self) -> Duration {
        let is_distant = |to: SocketAddr| !to.ip().is_loopback() && !self.is_group(to.ip());
        match self.routes.iter().flatten().any(|it| it.is_begun && is_distant(it.to)) {
            true => LINGER_DISTANT,
            false => LINGER,
        }
    }

    fn route(&self, conversation: ConversationId) -> Option<&Route> {
        self.routes.get(conversation.index()).and_then(Option::as_ref)
    }

    fn is_group(&self, it: IpAddr) -> bool {
        let is_everybody = |it| self.broadcasts.contains(&it) || it == Ipv4Addr::BROADCAST;
        it.is_multicast() || matches!(it, IpAddr::V4(it) if is_everybody(it))
    }
}

/// What a client receives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived<'a> {
    /// The client's number.
    pub client: u32,
    pub what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Datagram {
        from: SocketAddr,
        bytes: &'a [u8],
    },
    /// One that the client had sent did not arrive.
    Undelivered(Undelivered),
}

/// Takes what arrives.
pub(super) type Sink<'s, 'r> = dyn FnMut(Arrived<'_>, &mut Tally<'r>) + 's;

impl Client {
    fn new(to: SocketAddr) -> Self {
        Self { to, has_several: false, state: State::Closed, datagrams: 0, left: 0 }
    }
}

/// Whether closing another socket may help: no descriptor, or no port, is left.
fn is_shortage(error: &NetError) -> bool {
    match error {
        NetError::OutOfDescriptors => true,
        NetError::Socket { cause, .. } => {
            matches!(cause.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable)
        }
        _ => false,
    }
}
