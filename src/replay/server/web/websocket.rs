//! One live connection that plays the server of a recorded WebSocket (RFC 6455).
//!
//! A message of the server goes out once the client has sent as many as the recorded one had by
//! then; they are compared by their payload. Pings of the client are answered as they come, so that
//! recorded pongs are not sent. To a client that does not take compressed messages they go out
//! decompressed.

use std::io;
use std::mem;

use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::{self, Instant};

use super::super::piece::PIECE;
use super::super::service::{Ended, Service};
use crate::comparison::Comparison;
use crate::decode::websocket::{FramePart, Frames, Messages, Opcode, Part, write};
use crate::flow::{Input, Side};
use crate::replay::patience::Patience;
use crate::replay::{Action, Conversation, Reason, Span, Step, Timing};

/// Bytes of a decompressed message that go out as one frame, unless it ends before.
const FRAGMENT: usize = 64 << 10;

/// Bytes of pongs that a client may leave unread.
const MAX_REPLIES: usize = 64 << 10;

/// The endpoint goes away (RFC 6455 section 7.4.1).
const GOING_AWAY: [u8; 2] = 1001_u16.to_be_bytes();

/// A connection to a client.
pub(super) struct WebSocket<'s, 'p> {
    service: &'s Service<'p>,
    stream: TcpStream,
    comparison: Comparison,
    outgoing: Outgoing,
    client: Watch,
    /// The recorded client.
    recorded: Watch,
    buffer: Vec<u8>,
    patience: Patience,
    /// The client sends no more.
    is_half_closed: bool,
}

/// What the recorded server sends, as this client gets it.
struct Outgoing {
    way: Way,
    /// What is to be written.
    bytes: Vec<u8>,
    /// Messages that are complete.
    messages: u64,
    has_closed: bool,
}

/// How frames become those that go out.
enum Way {
    /// As they are; a pong under way is left out.
    Frames { frames: Frames, is_pong: bool, ends_message: bool, is_broken: bool },
    /// Decompressed: the frame that is next, and the payload that it has so far.
    Messages { messages: Messages, next: Opcode, payload: Vec<u8> },
}

/// What one client says that must be answered whatever is recorded.
struct Watch {
    messages: Messages,
    /// Pongs to its pings.
    replies: Vec<u8>,
    /// The payload of its close.
    close: Option<Vec<u8>>,
}

impl<'s, 'p> WebSocket<'s, 'p> {
    /// Plays what follows a handshake. Messages may be compressed in the recording, and live.
    pub async fn play(
        service: &'s Service<'p>,
        stream: TcpStream,
        rest: &Conversation,
        deflated: [bool; 2],
    ) -> Result<(), Ended> {
        let [recorded, live] = deflated;
        let comparison =
            service.compare(|it| it.begin_websocket(rest.parties(), Side::Client, deflated));
        let mut websocket = Self {
            service,
            stream,
            comparison,
            outgoing: Outgoing::new(recorded && !live),
            client: Watch::new(live),
            recorded: Watch::new(recorded),
            buffer: vec![0; PIECE as usize],
            patience: service.patience(),
            is_half_closed: false,
        };
        let ended = websocket.run(rest).await;
        service.compared(websocket.comparison);
        ended
    }

    async fn run(&mut self, rest: &Conversation) -> Result<(), Ended> {
        let (mut before, mut is_over) = (rest.start, false);
        for Step { at, side, action } in &rest.steps {
            if *side == Side::Server {
                self.await_client().await?;
                is_over |= self.is_closed_early();
                if is_over {
                    continue;
                }
                self.delay(at.saturating_sub(before)).await;
            }
            before = *at;
            match (action, side) {
                (Action::Send(range), Side::Client) => self.expect(rest.sent(range))?,
                (Action::Send(range), Side::Server) => {
                    self.patience = self.service.patience();
                    self.say(rest.sent(range)).await?;
                }
                (Action::Missing(_), Side::Server) => {
                    return Err(Ended::Late(Reason::WebSocketGap));
                }
                (Action::Reset, Side::Server) => {
                    // Dropping it now sends the reset.
                    self.stream.set_zero_linger()?;
                    return Ok(());
                }
                // The end of either is that of all of it.
                (Action::Finish, _) | (Action::Missing(_) | Action::Reset, Side::Client) => {}
            }
        }
        self.finish().await
    }

    /// The recording is over: each side says that it closes, if it has not yet (RFC 6455 section
    /// 7.1.2), and the client has its time to do so.
    async fn finish(&mut self) -> Result<(), Ended> {
        self.await_client().await?;
        if !self.outgoing.has_closed {
            let reason = self.client.close.as_deref().unwrap_or(&GOING_AWAY).to_vec();
            let mut bytes = Vec::new();
            write(Opcode::Close, true, &reason, &mut bytes);
            self.send(&bytes).await?;
        }
        self.stream.shutdown().await?;
        self.patience = self.service.patience();
        while !self.is_half_closed {
            self.wait(Reason::NotClosed).await?;
        }
        Ok(())
    }

    /// The client has closed where the recorded one had not: nothing may be sent any more but our
    /// own close (RFC 6455 section 5.5.1).
    fn is_closed_early(&self) -> bool {
        self.client.close.is_some() && self.recorded.close.is_none()
    }

    /// Tells the comparison what the recorded client sends.
    fn expect(&mut self, spans: &[Span]) -> Result<(), Ended> {
        for piece in spans.iter().flat_map(|span| span.pieces(PIECE)) {
            let bytes = self.read_recorded(piece)?;
            self.recorded.take(&bytes);
            let input = Input::Bytes(&bytes);
            self.service.compare(|it| it.recorded(&mut self.comparison, Side::Client, input));
        }
        Ok(())
    }

    /// Sends what the recorded server does.
    async fn say(&mut self, spans: &[Span]) -> Result<(), Ended> {
        for piece in spans.iter().flat_map(|span| span.pieces(PIECE)) {
            let bytes = self.read_recorded(piece)?;
            self.outgoing.take(&bytes);
            let out = mem::take(&mut self.outgoing.bytes);
            self.send(&out).await?;
            for _ in 0..mem::take(&mut self.outgoing.messages) {
                self.service.answered();
            }
            if self.outgoing.is_broken() {
                return Err(Ended::Late(Reason::WebSocketUnreadable));
            }
        }
        Ok(())
    }

    fn read_recorded(&self, span: Span) -> Result<Vec<u8>, Ended> {
        let mut bytes = Vec::with_capacity(span.len as usize);
        self.service.plan().payloads.read(span, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads until the client has sent what the recorded one had sent by now, or all that it will.
    async fn await_client(&mut self) -> Result<(), Ended> {
        self.patience = self.service.patience();
        let mut is_over = self.is_half_closed || self.client.close.is_some();
        while !is_over && !self.comparison.has_caught_up() {
            self.wait(Reason::ClientSilent).await?;
            is_over = self.is_half_closed || self.client.close.is_some();
        }
        Ok(())
    }

    /// Waits for what the client sends, and answers its pings.
    async fn wait(&mut self, late: Reason) -> Result<(), Ended> {
        let readable = self.stream.readable();
        self.service.until(self.patience.deadline(), readable, late).await?;
        self.read()?;
        let replies = mem::take(&mut self.client.replies);
        if !replies.is_empty() && !self.outgoing.has_closed {
            self.send(&replies).await?;
        }
        Ok(())
    }

    /// Sends, and takes meanwhile what the client sends: neither waits for the other.
    async fn send(&mut self, mut bytes: &[u8]) -> Result<(), Ended> {
        while !bytes.is_empty() {
            let both = Interest::READABLE | Interest::WRITABLE;
            let interest = if self.is_half_closed { Interest::WRITABLE } else { both };
            let ready = self.stream.ready(interest);
            let ready =
                self.service.until(self.patience.deadline(), ready, Reason::AnswerNotTaken).await?;
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
        let input = match self.stream.try_read(&mut self.buffer) {
            Ok(0) => {
                self.is_half_closed = true;
                Input::Close { clean: true }
            }
            Ok(len) => {
                self.patience.progress(len as u64, Instant::now());
                let bytes = self.buffer.get(..len).unwrap_or_default();
                self.client.take(bytes);
                Input::Bytes(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        self.service.compare(|it| it.live(&mut self.comparison, Side::Client, input));
        Ok(())
    }

    async fn delay(&self, pause: std::time::Duration) {
        if self.service.options().timing == Timing::Recorded {
            tokio::select! {
                () = time::sleep(pause) => {}
                () = self.service.stopped() => {}
            }
        }
    }
}

impl Watch {
    fn new(may_be_deflated: bool) -> Self {
        Self { messages: Messages::new(may_be_deflated), replies: Vec::new(), close: None }
    }

    fn take(&mut self, bytes: &[u8]) {
        let Self { messages, replies, close } = self;
        messages.push(bytes, &mut |part| match part {
            Part::Control(Opcode::Ping, payload) if replies.len() < MAX_REPLIES => {
                write(Opcode::Pong, true, payload, replies);
            }
            Part::Control(Opcode::Close, payload) => _ = close.get_or_insert(payload.to_vec()),
            _ => {}
        });
    }
}

impl Outgoing {
    fn new(decompresses: bool) -> Self {
        let frames = Frames::default();
        let way = match decompresses {
            true => Way::Messages {
                messages: Messages::new(true),
                next: Opcode::Continuation,
                payload: Vec::new(),
            },
            false => Way::Frames { frames, is_pong: false, ends_message: false, is_broken: false },
        };
        Self { way, bytes: Vec::new(), messages: 0, has_closed: false }
    }

    fn is_broken(&self) -> bool {
        match &self.way {
            Way::Frames { is_broken, .. } => *is_broken,
            Way::Messages { messages, .. } => messages.is_broken(),
        }
    }

    /// Takes what the recorded server sent next.
    fn take(&mut self, recorded: &[u8]) {
        let Self { way, bytes, messages: complete, has_closed } = self;
        match way {
            Way::Frames { frames, is_pong, ends_message, is_broken } => {
                let read = frames.push(recorded, &mut |part| match part {
                    FramePart::Head(head) => {
                        *is_pong = head.opcode == Opcode::Pong;
                        *has_closed |= head.opcode == Opcode::Close;
                        *ends_message = head.is_final && !head.opcode.is_control();
                        if !*is_pong {
                            head.write(bytes);
                        }
                    }
                    FramePart::Payload(payload) if !*is_pong => bytes.extend_from_slice(payload),
                    FramePart::Payload(_) => {}
                    FramePart::End => *complete += u64::from(*ends_message),
                });
                *is_broken |= read.is_err();
            }
            Way::Messages { messages, next, payload } => {
                messages.push(recorded, &mut |part| match part {
                    Part::Begin(opcode) => *next = opcode,
                    Part::Data(data) => {
                        payload.extend_from_slice(data);
                        if payload.len() >= FRAGMENT {
                            write(mem::replace(next, Opcode::Continuation), false, payload, bytes);
                            payload.clear();
                        }
                    }
                    Part::End => {
                        write(*next, true, payload, bytes);
                        payload.clear();
                        *complete += 1;
                    }
                    Part::Control(Opcode::Pong, _) | Part::Broken => {}
                    Part::Control(opcode, payload) => {
                        *has_closed |= opcode == Opcode::Close;
                        write(opcode, true, payload, bytes);
                    }
                })
            }
        }
    }
}
