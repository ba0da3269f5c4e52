//! One live connection of HTTP, answered out of the catalogue.

mod accept_encoding;
pub(super) mod catalogue;
mod conditional;
mod head;
mod nearest;
mod range;
mod recorded;
mod refusal;
mod rendition;
mod request;
pub(super) mod resource;
pub(super) mod terms;
mod tunnel;
mod websocket;

pub use rendition::MAX_UNDONE;

use std::io;
use std::mem;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use self::catalogue::Found;
use self::refusal::Refusal;
use self::rendition::{Client, Rendition};
use self::request::Request;
use self::tunnel::Behind;
use super::piece::PIECE;
use super::service::{Ended, Service};
use crate::comparison::Passing;
use crate::decode::http;
use crate::decode::live::Connection;
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::replay::Reason;
use crate::replay::patience::Patience;

/// Bytes that a client may still send behind the end of its conversation.
const MAX_DRAINED: usize = 1 << 20;

/// Asks for the body of a request, of which no more than the head is there (RFC 9110 section
/// 15.2.1). The recorded one cannot be found before the request is whole.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a request is answered with, and what then follows in place of another one.
type Given = (Found, Rendition, Option<Behind>);

/// What comes behind an answer.
enum Next {
    Request,
    Close,
    Tunnel(Behind),
}

/// A connection to a client.
pub(super) struct Web<'s, 'p> {
    service: &'s Service<'p>,
    stream: TcpStream,
    connection: Connection,
    requests: Vec<Request>,
    /// The body of the request under way.
    body: Option<Passing>,
    /// Its number among the connections that were accepted.
    number: u32,
    /// Requests that it has answered, or refused.
    asked: u64,
    /// The request under way was given a 100.
    is_continued: bool,
    /// How long the client may take to ask again.
    idle: Duration,
    /// How long what is under way may take.
    patience: Patience,
    /// The client sent what is no HTTP.
    is_foreign: bool,
}

impl<'s, 'p> Web<'s, 'p> {
    /// Takes a client's connection.
    pub fn new(service: &'s Service<'p>, stream: TcpStream, number: u32) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let connection = service.connect(stream.peer_addr()?);
        Ok(Self {
            service,
            stream,
            connection,
            requests: Vec::new(),
            body: None,
            number,
            asked: 0,
            is_continued: false,
            idle: service.options().timeout,
            patience: service.patience(),
            is_foreign: false,
        })
    }

    /// Answers until either side ends, or the client is silent for too long.
    pub async fn serve(mut self) -> Result<(), Ended> {
        let mut buffer = vec![0; PIECE as usize];
        loop {
            let was_idle = self.is_idle();
            let late = if was_idle { Reason::ClientIdle } else { Reason::RequestUnfinished };
            let read = self.stream.read(&mut buffer);
            let len = match self.service.until(self.patience.deadline(), read, late).await {
                // Between requests a client may be silent for as long as it likes; we wait no longer
                // than the recorded server did.
                Err(Ended::Late(Reason::ClientIdle)) => return Ok(()),
                read => read?,
            };
            if len == 0 {
                return self.end().await;
            }
            self.service.read(len);
            self.decode(Side::Client, Input::Bytes(buffer.get(..len).unwrap_or_default()));
            let requests = mem::take(&mut self.requests);
            for request in &requests {
                match self.answer(request).await? {
                    Next::Request => {}
                    Next::Close => return self.close().await,
                    Next::Tunnel(behind) => return behind.play(self.service, self.stream).await,
                }
            }
            if self.connection.awaits_continue() && !self.is_continued {
                self.send(CONTINUE).await?;
                self.is_continued = true;
            }
            if self.is_foreign {
                self.service.foreign(self.number, self.asked);
                self.send(&Refusal::foreign().bytes(b"", false, true)).await?;
                return self.close().await;
            }
            self.wait_on(len, was_idle, !requests.is_empty());
        }
    }

    /// No request is under way.
    fn is_idle(&self) -> bool {
        self.connection.is_between_messages(Side::Client)
    }

    /// How long the next bytes may take: those of a request that is under way have the timeout of
    /// all of it, and more only for real progress.
    fn wait_on(&mut self, len: usize, was_idle: bool, has_asked: bool) {
        match (self.is_idle(), was_idle || has_asked) {
            (true, _) if has_asked => self.patience = Patience::new(self.idle, Instant::now()),
            (false, true) => self.patience = self.service.patience(),
            _ => self.patience.progress(len as u64, Instant::now()),
        }
    }

    /// The client sends no more: that completes a request without a version, and no other.
    async fn end(mut self) -> Result<(), Ended> {
        if self.is_idle() {
            return Ok(());
        }
        self.decode(Side::Client, Input::Close { clean: true });
        let requests = mem::take(&mut self.requests);
        match requests.iter().find(|it| !it.is_cut_short) {
            Some(request) => self.answer(request).await.map(|_| ())?,
            None => self.service.skip(Reason::RequestBrokenOff),
        }
        self.close().await
    }

    /// Answers one request.
    async fn answer(&mut self, request: &Request) -> Result<Next, Ended> {
        let is_continued = mem::take(&mut self.is_continued);
        self.patience = self.service.patience();
        self.asked = self.asked.saturating_add(1);
        let (found, rendition, behind) = match self.find(request)? {
            Ok(found) => found,
            Err(refusal) => {
                let closes = self.refuse(request, &refusal).await?;
                return Ok(if closes { Next::Close } else { Next::Request });
            }
        };
        self.service.matched();
        let Rendition { head, mut body } = rendition;
        let timeout = self.service.options().timeout;
        self.idle = found.answer.patience.unwrap_or(timeout).min(timeout);
        let mut bytes = Vec::with_capacity(PIECE as usize);
        let interim = found.answer.interim.iter();
        let interim = interim.filter(|_| !is_continued && request.takes_interim());
        for piece in interim.flat_map(|span| span.pieces(PIECE)) {
            bytes.clear();
            self.service.plan().payloads.read(piece, &mut bytes)?;
            self.send(&bytes).await?;
        }
        self.send(&head).await?;
        while body.read(self.service, &mut bytes)? {
            self.send(&bytes).await?;
        }
        self.service.answered();
        Ok(match behind {
            Some(behind) => Next::Tunnel(behind),
            None if found.answer.closes || request.closes => Next::Close,
            None => Next::Request,
        })
    }

    /// What a request is answered with.
    fn find(&self, request: &Request) -> Result<Result<Given, Refusal>, Ended> {
        if let Some(refusal) = &request.refusal {
            return Ok(Err(refusal.clone()));
        }
        let found = match self.service.find(&request.asked, &request.terms) {
            Ok(found) => found,
            Err(none) => return Ok(Err(Refusal::unanswered(request.method(), &none))),
        };
        match Behind::of(self.service, &found, &request.offer)? {
            Ok(None) => {}
            Ok(Some((behind, head))) => {
                let rendition = Rendition::head(&head);
                return Ok(Ok((found, rendition, Some(behind))));
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
        let client = Client {
            terms: &request.terms,
            is_old: request.is_old,
            closes: found.answer.closes || request.closes,
        };
        Ok(Rendition::of(self.service, &found, client)?.map(|it| (found, it, None)))
    }

    /// Says why there is no answer; `true` where the connection ends with that.
    async fn refuse(&mut self, request: &Request, refusal: &Refusal) -> Result<bool, Ended> {
        let asked = request.asked.text();
        let actual = refusal.why.as_ref().map_or(asked.clone(), |why| format!("{asked}: {why}"));
        let place = (self.number, self.asked);
        self.service.refused(place, refusal.expected.clone(), actual);
        let closes = request.closes || refusal.closes;
        self.send(&refusal.bytes(request.method(), request.terms.is_simple, closes)).await?;
        self.service.answered();
        Ok(closes)
    }

    async fn send(&mut self, mut bytes: &[u8]) -> Result<(), Ended> {
        self.decode(Side::Server, Input::Bytes(bytes));
        while !bytes.is_empty() {
            let write = self.stream.write(bytes);
            let len =
                self.service.until(self.patience.deadline(), write, Reason::AnswerNotTaken).await?;
            self.service.wrote(len);
            self.patience.progress(len as u64, Instant::now());
            bytes = bytes.get(len..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the connection so that the client still gets all of its answer: a close with unread
    /// bytes would become a reset (RFC 9112 section 9.6).
    async fn close(mut self) -> Result<(), Ended> {
        self.stream.shutdown().await?;
        let mut buffer = vec![0; PIECE as usize];
        let deadline = self.service.patience().deadline();
        let mut drained = 0usize;
        while drained < MAX_DRAINED {
            let read = self.stream.read(&mut buffer);
            let len = self.service.until(deadline, read, Reason::NotClosed).await?;
            if len == 0 {
                break;
            }
            self.service.read(len);
            drained = drained.saturating_add(len);
        }
        Ok(())
    }

    fn decode(&mut self, side: Side, input: Input<'_>) {
        let Self { service, connection, requests, body, is_foreign, .. } = self;
        service.push(connection, side, input, &mut |event| match *event {
            StreamEvent::Body { side: Side::Client, bytes, is_encoded } => {
                body.get_or_insert_default().put(bytes, is_encoded);
            }
            StreamEvent::Message { side: Side::Client, ref message } if http::is_http(message) => {
                let body = body.take().map(|it| it.finish(message));
                requests.push(Request::new(service, message, body));
            }
            StreamEvent::Skipped { side: Side::Client, .. } => *is_foreign = true,
            _ => {}
        });
    }
}
