//! One live connection that plays the server of a recorded conversation, step by step.
//!
//! Whatever the server does it does once the client has sent as many messages as the recorded one
//! had by then; where nothing decodes the conversation, as many bytes, or others with nothing behind
//! them.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::{self, Instant};

use super::echo::StreamEcho;
use super::piece::PIECE;
use super::service::{Ended, Service};
use crate::comparison::{Comparison, Standing};
use crate::flow::{Input, Side};
use crate::replay::patience::Patience;
use crate::replay::rhythm::Listening;
use crate::replay::{Action, Conversation, Reason, Span, Step, Timing};

/// Bytes that a client may send beyond what the recorded one had sent.
const MAX_EXCESS: u64 = 16 << 20;

/// A connection to a client.
pub(super) struct Raw<'s, 'p> {
    service: &'s Service<'p>,
    stream: TcpStream,
    conversation: &'s Conversation,
    echo: Option<StreamEcho>,
    comparison: Comparison,
    buffer: Vec<u8>,
    /// What the client may still send, bytes.
    left: u64,
    /// How long what is under way may take.
    patience: Patience,
    /// When the client spoke, and how it does.
    listening: Listening,
    /// When the recorded client did something last in its turn.
    said: Option<Duration>,
    /// The client sends no more.
    is_half_closed: bool,
    /// The recorded one sends no more.
    is_end_recorded: bool,
}

impl<'s, 'p> Raw<'s, 'p> {
    /// Plays the next recorded conversation to a client.
    pub async fn play(service: &'s Service<'p>, stream: TcpStream) -> Result<(), Ended> {
        let Some(conversation) = service.next_raw() else {
            service.skip(Reason::ClientBeyond);
            return Ok(());
        };
        Self::play_one(service, stream, conversation).await
    }

    /// Plays a conversation to a client.
    pub async fn play_one(
        service: &'s Service<'p>,
        stream: TcpStream,
        conversation: &'s Conversation,
    ) -> Result<(), Ended> {
        stream.set_nodelay(true)?;
        let echo = service.echo(conversation)?;
        let comparison = service.compare(|it| it.begin(conversation.parties(), Side::Client));
        let mut raw = Self {
            service,
            stream,
            conversation,
            echo,
            comparison,
            buffer: vec![0; PIECE as usize],
            left: sent_by_client(conversation).saturating_add(MAX_EXCESS),
            patience: service.patience(),
            listening: Listening::new(Instant::now(), service.rhythm.get()),
            said: None,
            is_half_closed: false,
            is_end_recorded: false,
        };
        let ended = raw.run().await;
        service.rhythm.set(raw.listening.rhythm);
        service.compared(raw.comparison);
        ended
    }

    async fn run(&mut self) -> Result<(), Ended> {
        let conversation = self.conversation;
        let mut before = conversation.start;
        for step in &conversation.steps {
            // A client breaks off behind what it has sent.
            if step.side == Side::Server || step.action == Action::Reset {
                self.await_client().await?;
            }
            if step.side == Side::Server {
                self.delay(step.at.saturating_sub(before)).await;
            }
            before = step.at;
            if !self.step(step).await? {
                return Ok(());
            }
        }
        self.finish().await
    }

    /// Takes one step of the recording; `false` where it is the last.
    async fn step(&mut self, step: &Step) -> Result<bool, Ended> {
        match (&step.action, step.side) {
            (Action::Send(range), Side::Client) => {
                let before = self.said.replace(step.at).unwrap_or(step.at);
                let pause = step.at.saturating_sub(before);
                self.listening.pause = self.listening.pause.max(pause);
                for piece in pieces(self.conversation.sent(range)) {
                    let bytes = self.recorded(piece)?;
                    self.expect(Side::Client, Input::Bytes(&bytes));
                }
            }
            (Action::Send(range), Side::Server) => {
                (self.said, self.listening.pause) = (None, Duration::ZERO);
                self.patience = self.service.patience();
                for piece in pieces(self.conversation.sent(range)) {
                    let mut bytes = self.recorded(piece)?;
                    self.expect(Side::Server, Input::Bytes(&bytes));
                    self.echo.iter_mut().for_each(|it| it.answer(&mut bytes));
                    self.send(&bytes).await?;
                }
                self.service.answered();
            }
            (Action::Missing(len), side) => self.expect(side, Input::Gap(*len)),
            (Action::Finish, Side::Server) => {
                self.expect(Side::Server, Input::Close { clean: true });
                self.stream.shutdown().await?;
            }
            (Action::Finish, Side::Client) => {
                self.is_end_recorded = true;
                self.expect(Side::Client, Input::Close { clean: true });
            }
            (Action::Reset, Side::Server) => {
                // Dropping it now sends the reset.
                self.stream.set_zero_linger()?;
                return Ok(false);
            }
            (Action::Reset, Side::Client) => {
                self.expect(Side::Client, Input::Close { clean: false });
                self.await_end().await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads until the client has sent what the recorded one had sent by now, or something else and
    /// is quiet.
    async fn await_client(&mut self) -> Result<(), Ended> {
        self.patience = self.service.patience();
        while !self.is_half_closed && (self.is_end_recorded || !self.comparison.has_caught_up()) {
            let quiet = self.quiet();
            let patience = self.patience.deadline();
            let deadline = quiet.map_or(patience, |it| it.min(patience));
            let readable = self.stream.readable();
            match self.service.until(deadline, readable, Reason::ClientSilent).await {
                Err(Ended::Late(_)) if quiet.is_some_and(|it| it <= Instant::now()) => break,
                readable => readable?,
            }
            self.read()?;
        }
        Ok(())
    }

    /// When the client has sent all that it will before its answer, if no more comes. Who has yet to
    /// close may do so later.
    fn quiet(&self) -> Option<Instant> {
        let timeout = self.service.options().timeout;
        let is_uncertain = self.comparison.standing() != Standing::Behind;
        is_uncertain.then(|| self.listening.quiet(None, timeout))
    }

    /// The recording is over: the client gets all of it, and has its time to close; before the
    /// server does, if the recorded one had.
    async fn finish(&mut self) -> Result<(), Ended> {
        let closes_first = std::mem::take(&mut self.is_end_recorded);
        self.await_client().await?;
        if closes_first {
            self.await_end().await?;
        }
        self.stream.shutdown().await?;
        self.await_end().await
    }

    /// Reads until the client has closed.
    async fn await_end(&mut self) -> Result<(), Ended> {
        self.patience = self.service.patience();
        while !self.is_half_closed {
            let readable = self.stream.readable();
            let deadline = self.patience.deadline();
            self.service.until(deadline, readable, Reason::NotClosed).await?;
            self.read()?;
        }
        Ok(())
    }

    /// Sends, and takes meanwhile what the client sends: neither waits for the other.
    async fn send(&mut self, mut bytes: &[u8]) -> Result<(), Ended> {
        self.live(Side::Server, Input::Bytes(bytes));
        self.listening.ask(Instant::now());
        while !bytes.is_empty() {
            let both = Interest::READABLE | Interest::WRITABLE;
            let interest = if self.is_half_closed { Interest::WRITABLE } else { both };
            let (ready, deadline) = (self.stream.ready(interest), self.patience.deadline());
            let ready = self.service.until(deadline, ready, Reason::AnswerNotTaken).await?;
            if ready.is_readable() && !self.is_half_closed {
                self.read()?;
            }
            if ready.is_writable() {
                let len = self.service.try_write(&self.stream, bytes, &mut self.patience)?;
                bytes = bytes.get(len..).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Takes what the client has sent, if anything.
    fn read(&mut self) -> Result<(), Ended> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.stream.try_read(&mut buffer);
        let taken = match read {
            Ok(0) => {
                self.is_half_closed = true;
                self.live(Side::Client, Input::Close { clean: true });
                Ok(())
            }
            Ok(len) => {
                let now = Instant::now();
                self.patience.progress(len as u64, now);
                self.listening.hear(now);
                self.live(Side::Client, Input::Bytes(buffer.get(..len).unwrap_or_default()));
                let left = self.left.checked_sub(len as u64);
                self.left = left.unwrap_or_default();
                left.map(|_| ()).ok_or(Ended::Late(Reason::Endless))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::ConnectionReset && self.may_break_off() =>
            {
                self.is_half_closed = true;
                self.live(Side::Client, Input::Close { clean: false });
                Ok(())
            }
            Err(error) => Err(error.into()),
        };
        self.buffer = buffer;
        taken
    }

    /// Waits as long as the recorded server did, if that is asked for.
    async fn delay(&self, recorded: Duration) {
        if self.service.options().timing == Timing::Recorded {
            tokio::select! {
                () = time::sleep(recorded) => {}
                () = self.service.stopped() => {}
            }
        }
    }

    /// Whether the recorded client broke off, now or later.
    fn may_break_off(&self) -> bool {
        let is_reset = |it: &Step| it.side == Side::Client && it.action == Action::Reset;
        self.conversation.steps.iter().any(is_reset)
    }

    fn recorded(&self, span: Span) -> Result<Vec<u8>, Ended> {
        let mut bytes = Vec::with_capacity(span.len as usize);
        self.service.plan().payloads.read(span, &mut bytes)?;
        Ok(bytes)
    }

    fn expect(&mut self, side: Side, input: Input<'_>) {
        let Self { service, comparison, .. } = self;
        service.compare(|it| it.recorded(comparison, side, input));
    }

    fn live(&mut self, side: Side, input: Input<'_>) {
        let Self { service, comparison, echo, .. } = self;
        if let (Some(echo), Side::Client) = (echo, side) {
            let heard = service.hear(echo, input);
            if !heard.is_empty() {
                service.compare(|it| it.live(comparison, side, Input::Bytes(&heard)));
            }
            if matches!(input, Input::Bytes(_)) {
                return;
            }
        }
        service.compare(|it| it.live(comparison, side, input));
    }
}

/// Bytes that the recorded client sent.
fn sent_by_client(conversation: &Conversation) -> u64 {
    let of_client = conversation.steps.iter().filter(|step| step.side == Side::Client);
    let spans = of_client.flat_map(|step| match &step.action {
        Action::Send(range) => conversation.sent(range),
        _ => &[],
    });
    spans.map(|span| u64::from(span.len)).fold(0, u64::saturating_add)
}

fn pieces(spans: &[Span]) -> impl Iterator<Item = Span> {
    spans.iter().flat_map(|span| span.pieces(PIECE))
}
