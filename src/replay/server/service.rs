//! What the connections of one listener share: the recorded answers, and what they came to.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::net::TcpStream;
use tokio::time::{self, Instant};

use super::echo::{self, Echo, StreamEcho};
use super::options::ServeOptions;
use super::web::catalogue::{Catalogue, Found, NoAnswer};
use super::web::resource::{Asked, Matching};
use super::web::terms::Terms;
use crate::comparison::{Comparator, Comparison};
use crate::decode::live::{Connection, Live};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::profile::Protocols;
use crate::replay::patience::Patience;
use crate::replay::rhythm::Rhythm;
use crate::replay::{Action, Conversation, Difference, Outcome, Plan, Reason, ReplayError, Stop};

/// The conversations that one listener plays.
pub(super) struct Service<'p> {
    plan: &'p Plan,
    options: &'p ServeOptions,
    stop: &'p Stop,
    live: RefCell<Live<'p>>,
    comparator: RefCell<Comparator<'p>>,
    echo: RefCell<Echo<'p>>,
    catalogue: RefCell<Catalogue>,
    /// The conversations of TCP that are not HTTP, as indices of the plan's.
    raw: Vec<usize>,
    next_raw: Cell<usize>,
    /// The captured server; what its port means goes by the rules.
    server: SocketAddr,
    active: Cell<usize>,
    /// Clients that were accepted, at all addresses.
    accepted: Rc<Cell<u32>>,
    outcome: RefCell<Outcome>,
    /// How clients speak.
    pub rhythm: Cell<Rhythm>,
}

/// Why a connection ended before its conversation did.
pub(super) enum Ended {
    /// The peer kept it waiting; with what.
    Late(Reason),
    /// The connection broke.
    Broken(io::Error),
    /// The capture cannot be read again.
    Unreadable,
    /// The run is to end.
    Stopped,
}

/// Counts a connection as long as it lives.
pub(super) struct Active<'s, 'p> {
    service: &'s Service<'p>,
    /// Its number among those of all addresses, from 0.
    pub number: u32,
}

impl<'p> Service<'p> {
    /// Takes the TCP conversations with those indices. Clients that are `accepted` are numbered
    /// through all addresses.
    pub fn new(
        plan: &'p Plan,
        protocols: &'p Protocols,
        options: &'p ServeOptions,
        stop: &'p Stop,
        indices: &[usize],
        accepted: &Rc<Cell<u32>>,
    ) -> Result<Self, ReplayError> {
        let mut live = Live::new(protocols, false)?;
        let mut catalogue = Catalogue::new(Matching::new(&options.ignore_query));
        let (mut raw, mut server) = (Vec::new(), None);
        for index in indices {
            let Some(conversation) = plan.conversations.get(*index) else { continue };
            if !conversation.transport.is_stream() {
                continue;
            }
            server.get_or_insert(conversation.server);
            if !catalogue.add((*index, conversation), &plan.payloads, &mut live)? {
                raw.push(*index);
            }
        }
        if catalogue.len() > 0 {
            // Browsers open connections that they never use.
            raw.retain(|it| plan.conversations.get(*it).is_some_and(says_something));
        }
        let mut outcome = Outcome::default();
        if catalogue.incomplete > 0 {
            outcome.skip(Reason::AnswerIncomplete, catalogue.incomplete);
        }
        let is_mixed = catalogue.len() > 0 && !raw.is_empty();
        if is_mixed {
            outcome.skip(Reason::NotHttp, raw.len() as u64);
            raw.clear();
        }
        // What answers repeat differs from run to run.
        let mut expectation = options.expectation.clone();
        expectation.ignore.extend(echo::names(protocols));
        Ok(Self {
            plan,
            options,
            stop,
            live: RefCell::new(live),
            comparator: RefCell::new(Comparator::new(protocols, &expectation)?),
            echo: RefCell::new(Echo::new(protocols)?),
            catalogue: RefCell::new(catalogue),
            raw,
            next_raw: Cell::new(0),
            server: server.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0))),
            active: Cell::new(0),
            accepted: Rc::clone(accepted),
            outcome: RefCell::new(outcome),
            rhythm: Cell::default(),
        })
    }

    /// Whether there is anything to answer with.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty() && self.catalogue.borrow().len() == 0
    }

    /// Whether clients are answered by what they ask, not in order.
    pub fn is_web(&self) -> bool {
        self.raw.is_empty()
    }

    /// The plan that is played.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// What the user asked for.
    pub fn options(&self) -> &'p ServeOptions {
        self.options
    }

    /// Each conversation has been played, and no client is being served.
    pub fn is_done(&self) -> bool {
        let is_played = self.next_raw.get() >= self.raw.len();
        is_played && self.catalogue.borrow().never_given() == 0 && self.active.get() == 0
    }

    /// The conversation of TCP that comes next; over again unless each is played only once.
    pub fn next_raw(&self) -> Option<&'p Conversation> {
        let next = self.next_raw.get();
        self.next_raw.set(next.saturating_add(1));
        let at = if self.options.once { next } else { next.checked_rem(self.raw.len())? };
        self.plan.conversations.get(*self.raw.get(at)?)
    }

    /// A client's connection has begun.
    pub fn begin(&self) -> Active<'_, 'p> {
        self.active.set(self.active.get().saturating_add(1));
        let mut outcome = self.outcome.borrow_mut();
        outcome.conversations = outcome.conversations.saturating_add(1);
        let number = self.accepted.get();
        self.accepted.set(number.saturating_add(1));
        Active { service: self, number }
    }

    /// Waits until the run is to end.
    pub async fn stopped(&self) {
        self.stop.requested().await;
    }

    /// Decodes a live connection as one to the captured server.
    pub fn connect(&self, client: SocketAddr) -> Connection {
        self.live.borrow_mut().connect(client, self.server)
    }

    /// Decodes what went through a live connection.
    pub fn push(
        &self,
        connection: &mut Connection,
        side: Side,
        input: Input<'_>,
        sink: &mut dyn FnMut(&StreamEvent<'_>),
    ) {
        self.live.borrow_mut().push(connection, side, input, sink);
    }

    /// Lends what compares clients with the recorded ones.
    pub fn compare<T>(&self, with: impl FnOnce(&mut Comparator<'p>) -> T) -> T {
        with(&mut self.comparator.borrow_mut())
    }

    /// What answers of a recorded conversation repeat of its requests; `None` where it is nothing.
    ///
    /// # Errors
    ///
    /// The capture cannot be read again.
    pub fn echo(&self, conversation: &Conversation) -> Result<Option<StreamEcho>, ReplayError> {
        let mut echo = self.echo.borrow_mut();
        let echoed = StreamEcho::new(&mut echo, conversation, &self.plan.payloads)?;
        if let Some(beyond) = echoed.as_ref().map(|it| it.beyond).filter(|it| *it > 0) {
            self.outcome.borrow_mut().skip(Reason::FieldsBeyond, beyond);
        }
        Ok(echoed)
    }

    /// Takes what a client has sent for its answers to repeat; gives what it is compared as.
    pub fn hear<'b>(&self, echo: &mut StreamEcho, input: Input<'b>) -> Cow<'b, [u8]> {
        match input {
            Input::Bytes(bytes) => echo.heard(&mut self.echo.borrow_mut(), bytes),
            Input::Gap(_) | Input::Close { .. } => Cow::Owned(echo.rest()),
        }
    }

    /// A decoder of recorded bytes, as a connection to the captured server.
    pub fn decoder(&self) -> Connection {
        self.connect(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// What a request with this start asks for.
    pub fn asked(&self, method: &[u8], target: &[u8], host: &[u8]) -> Asked {
        self.catalogue.borrow().matching().asked(method, target, host)
    }

    /// The answer to a request.
    pub fn find(&self, asked: &Asked, terms: &Terms) -> Result<Found, NoAnswer> {
        self.catalogue.borrow_mut().answer(asked, terms)
    }

    /// A request that the capture has an answer to.
    pub fn matched(&self) {
        let mut outcome = self.outcome.borrow_mut();
        outcome.received.count(0);
        outcome.matched = outcome.matched.saturating_add(1);
    }

    /// A request that it has none to: a difference of that client's, which has asked so many times.
    pub fn refused(&self, (client, times): (u32, u64), expected: Option<String>, actual: String) {
        let mut outcome = self.outcome.borrow_mut();
        outcome.received.count(0);
        outcome.differed = outcome.differed.saturating_add(1);
        outcome.note(Difference {
            conversation: client,
            message: times,
            field: "target".to_owned(),
            expected,
            actual: Some(actual),
        });
    }

    /// A client sent what is no HTTP, where the recorded ones spoke it, after so many requests.
    pub fn foreign(&self, client: u32, requests: u64) {
        let mut outcome = self.outcome.borrow_mut();
        outcome.differed = outcome.differed.saturating_add(1);
        outcome.note(Difference {
            conversation: client,
            message: requests.saturating_add(1),
            field: String::new(),
            expected: Some("a request".to_owned()),
            actual: Some("what is no HTTP".to_owned()),
        });
    }

    /// Counts bytes that a client sent, other than those of a comparison.
    pub fn read(&self, len: usize) {
        let bytes = &mut self.outcome.borrow_mut().received.bytes;
        *bytes = bytes.saturating_add(len as u64);
    }

    /// Counts bytes that the kernel has taken.
    pub fn wrote(&self, len: usize) {
        let bytes = &mut self.outcome.borrow_mut().sent.bytes;
        *bytes = bytes.saturating_add(len as u64);
    }

    /// Writes as much as the kernel takes now, which may be nothing.
    pub fn try_write(
        &self,
        stream: &TcpStream,
        bytes: &[u8],
        patience: &mut Patience,
    ) -> io::Result<usize> {
        match stream.try_write(bytes) {
            Ok(len) => {
                self.wrote(len);
                patience.progress(len as u64, Instant::now());
                Ok(len)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Counts an answer that the kernel has taken all of.
    pub fn answered(&self) {
        self.outcome.borrow_mut().sent.count(0);
    }

    /// Counts why a conversation did not go on.
    pub fn skip(&self, reason: Reason) {
        self.outcome.borrow_mut().skip(reason, 1);
    }

    /// Counts what a comparison came to.
    pub fn compared(&self, comparison: Comparison) {
        let compared = self.compare(|comparator| comparator.finish(comparison));
        self.outcome.borrow_mut().count(compared);
    }

    /// How long a client may take for what is under way.
    pub fn patience(&self) -> Patience {
        Patience::new(self.options.timeout, Instant::now())
    }

    /// Waits for a connection, no longer than that, nor when the run is to end.
    pub async fn until<T>(
        &self,
        deadline: Instant,
        io: impl Future<Output = io::Result<T>>,
        late: Reason,
    ) -> Result<T, Ended> {
        tokio::select! {
            done = time::timeout_at(deadline, io) => match done {
                Ok(done) => Ok(done?),
                Err(_) => Err(Ended::Late(late)),
            },
            () = self.stop.requested() => Err(Ended::Stopped),
        }
    }

    /// What all clients came to; answers that nobody asked for are missing where each is to be
    /// given once.
    pub fn finish(self) -> Outcome {
        let mut outcome = self.outcome.into_inner();
        if self.options.once {
            let unplayed = self.raw.len().saturating_sub(self.next_raw.get());
            let missing = unplayed.saturating_add(self.catalogue.borrow().never_given());
            outcome.missing = outcome.missing.saturating_add(missing as u64);
        }
        outcome
    }
}

/// Whether either side sent bytes.
fn says_something(conversation: &Conversation) -> bool {
    conversation.steps.iter().any(|it| matches!(it.action, Action::Send(_) | Action::Missing(_)))
}

impl Drop for Active<'_, '_> {
    fn drop(&mut self) {
        let Self { service, .. } = self;
        service.active.set(service.active.get().saturating_sub(1));
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<ReplayError> for Ended {
    fn from(_: ReplayError) -> Self {
        Self::Unreadable
    }
}
