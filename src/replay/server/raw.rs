//! One live connection that plays the server of a recorded conversation, step by step.
//!
//! An answer is sent once the client has sent as many messages as the recorded one had by then;
//! where nothing decodes the conversation, as many bytes.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time;

use super::service::{Ended, Service};
use crate::decode::stream::{Input, Side};
use crate::replay::{Action, Comparison, Conversation, Span, Step, Timing};

/// Bytes read at once, from the client and from the capture.
const PIECE: usize = 16 << 10;
/// Bytes that a client may send beyond what the recorded one had sent.
const MAX_EXCESS: u64 = 16 << 20;

const SILENT: &str = "client is silent where the recorded one was not";

/// A connection to a client.
pub(super) struct Raw<'s, 'p> {
    service: &'s Service<'p>,
    stream: TcpStream,
    conversation: &'p Conversation,
    comparison: Comparison,
    buffer: Vec<u8>,
    /// What the client has sent, bytes.
    received: u64,
    /// The client sends no more.
    is_half_closed: bool,
}

impl<'s, 'p> Raw<'s, 'p> {
    /// Plays the next recorded conversation to a client.
    pub async fn play(service: &'s Service<'p>, stream: TcpStream) -> Result<(), Ended> {
        let Some(conversation) = service.next_raw() else {
            service.skip("client beyond those of the capture");
            return Ok(());
        };
        stream.set_nodelay(true)?;
        let comparison = service.compare(|it| it.begin(conversation, Side::Client));
        let mut raw = Self {
            service,
            stream,
            conversation,
            comparison,
            buffer: vec![0; PIECE],
            received: 0,
            is_half_closed: false,
        };
        let ended = raw.run().await;
        service.compared(raw.comparison);
        ended
    }

    async fn run(&mut self) -> Result<(), Ended> {
        let conversation = self.conversation;
        let mut before = conversation.start;
        for step in &conversation.steps {
            if step.side == Side::Server && !matches!(step.action, Action::Finish) {
                self.await_client().await?;
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
                for span in self.conversation.sent(range) {
                    let bytes = self.recorded(*span)?;
                    self.expect(Side::Client, Input::Bytes(&bytes));
                }
            }
            (Action::Send(range), Side::Server) => {
                let mut sent = 0usize;
                for span in self.conversation.sent(range) {
                    let bytes = self.recorded(*span)?;
                    self.expect(Side::Server, Input::Bytes(&bytes));
                    self.send(&bytes).await?;
                    sent = sent.saturating_add(bytes.len());
                }
                self.service.sent(sent);
            }
            (Action::Missing(len), side) => self.expect(side, Input::Gap(*len)),
            (Action::Finish, Side::Server) => {
                self.expect(Side::Server, Input::Close { clean: true });
                self.stream.shutdown().await?;
            }
            (Action::Finish, Side::Client) => {
                self.expect(Side::Client, Input::Close { clean: true });
            }
            (Action::Reset, Side::Server) => {
                // Dropping it now sends the reset.
                self.stream.set_zero_linger()?;
                return Ok(false);
            }
            (Action::Reset, Side::Client) => return Ok(false),
        }
        Ok(true)
    }

    /// Reads until the client has sent what the recorded one had sent by now.
    async fn await_client(&mut self) -> Result<(), Ended> {
        while !self.comparison.has_caught_up() && !self.is_half_closed {
            let readable = self.stream.readable();
            self.service.in_time(readable, SILENT).await?;
            self.read()?;
        }
        Ok(())
    }

    /// The recording is over: the client gets all of it, and has its time to close.
    async fn finish(&mut self) -> Result<(), Ended> {
        self.await_client().await?;
        self.stream.shutdown().await?;
        while !self.is_half_closed {
            let readable = self.stream.readable();
            self.service.in_time(readable, "client does not close").await?;
            self.read()?;
        }
        Ok(())
    }

    /// Sends, and takes meanwhile what the client sends: neither waits for the other.
    async fn send(&mut self, mut bytes: &[u8]) -> Result<(), Ended> {
        self.live(Side::Server, Input::Bytes(bytes));
        while !bytes.is_empty() {
            let both = Interest::READABLE | Interest::WRITABLE;
            let interest = if self.is_half_closed { Interest::WRITABLE } else { both };
            let ready = self.stream.ready(interest);
            let ready = self.service.in_time(ready, "client does not take its answer").await?;
            if ready.is_readable() && !self.is_half_closed {
                self.read()?;
            }
            if ready.is_writable() {
                match self.stream.try_write(bytes) {
                    Ok(len) => bytes = bytes.get(len..).unwrap_or_default(),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error.into()),
                }
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
                self.received = self.received.saturating_add(len as u64);
                self.live(Side::Client, Input::Bytes(buffer.get(..len).unwrap_or_default()));
                self.within_bounds()
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.into()),
        };
        self.buffer = buffer;
        taken
    }

    fn within_bounds(&self) -> Result<(), Ended> {
        let of_client = self.conversation.steps.iter().filter(|step| step.side == Side::Client);
        let len = |step: &Step| match &step.action {
            Action::Send(range) => {
                self.conversation.sent(range).iter().map(|span| u64::from(span.len)).sum()
            }
            _ => 0u64,
        };
        let recorded: u64 = of_client.map(len).sum();
        match self.received > recorded.saturating_add(MAX_EXCESS) {
            true => Err(Ended::Late("client sends without an end")),
            false => Ok(()),
        }
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
        let Self { service, comparison, .. } = self;
        service.compare(|it| it.live(comparison, side, input));
    }
}
