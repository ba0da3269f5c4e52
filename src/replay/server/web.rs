//! One live connection of HTTP, answered out of the catalogue.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::catalogue::{Answer, Asked, says_close};
use super::service::{Ended, Service};
use crate::decode::Message;
use crate::decode::http;
use crate::decode::live::Connection;
use crate::decode::stream::{Input, Side, StreamEvent};
use crate::replay::Span;

/// Bytes read from the client, or from the capture, at once.
const PIECE: usize = 16 << 10;
/// Bytes that a client may still send behind the end of its conversation.
const MAX_DRAINED: usize = 1 << 20;

const IDLE: &str = "client asks nothing more";

/// Asks for the body of a request, of which no more than the head is there (RFC 9110 section
/// 15.2.1). The recorded one cannot be found before the request is whole.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a client asked, and what it said of the connection.
struct Request {
    asked: Asked,
    host: Box<[u8]>,
    len: usize,
    /// HTTP/0.9: the answer has no head.
    is_simple: bool,
    /// Other than HTTP/1.0 it knows of interim responses (RFC 9110 section 15.2).
    takes_interim: bool,
    /// The client expects the connection to end behind the answer.
    closes: bool,
    is_malformed: bool,
}

/// A connection to a client.
pub(super) struct Web<'s, 'p> {
    service: &'s Service<'p>,
    stream: TcpStream,
    connection: Connection,
    requests: Vec<Request>,
    /// Bytes of the 100 that the request under way was given.
    continued: usize,
    /// How long the client may be silent.
    patience: Duration,
    /// The client sent what is no HTTP.
    is_foreign: bool,
}

impl<'s, 'p> Web<'s, 'p> {
    /// Takes a client's connection.
    pub fn new(service: &'s Service<'p>, stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let connection = service.connect(stream.peer_addr()?);
        let (requests, patience) = (Vec::new(), service.options().timeout);
        let (continued, is_foreign) = (0, false);
        Ok(Self { service, stream, connection, requests, continued, patience, is_foreign })
    }

    /// Answers until either side ends, or the client is silent for too long.
    pub async fn serve(mut self) -> Result<(), Ended> {
        let mut buffer = vec![0; PIECE];
        loop {
            let read =
                self.service.within(self.patience, self.stream.read(&mut buffer), IDLE).await;
            let len = match read {
                // Between requests a client may be silent for as long as it likes; we wait no longer
                // than the recorded server did.
                Err(Ended::Late(IDLE)) => return Ok(()),
                read => read?,
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            if len == 0 {
                return Ok(());
            }
            self.patience = self.service.options().timeout;
            self.decode(Side::Client, Input::Bytes(bytes));
            for request in std::mem::take(&mut self.requests) {
                if self.answer(&request).await? {
                    return self.close().await;
                }
            }
            if self.connection.awaits_continue() && self.continued == 0 {
                self.send(CONTINUE).await?;
                self.continued = CONTINUE.len();
            }
            if self.is_foreign {
                self.service.foreign();
                return self.close().await;
            }
        }
    }

    /// Answers one request; `true` where the connection ends with that.
    async fn answer(&mut self, request: &Request) -> Result<bool, Ended> {
        let continued = std::mem::take(&mut self.continued);
        let Some(answer) = self.service.find(&request.asked, &request.host, request.len) else {
            let bytes = refusal(request);
            self.send(&bytes).await?;
            return Ok(request.closes || request.is_malformed);
        };
        let Answer { interim, spans, closes, patience, .. } = answer;
        let timeout = self.service.options().timeout;
        self.patience = patience.unwrap_or(timeout).min(timeout);
        let mut sent = continued;
        let mut bytes = Vec::with_capacity(PIECE);
        let interim = interim.iter().filter(|_| continued == 0 && request.takes_interim);
        for piece in interim.chain(&spans).flat_map(pieces) {
            bytes.clear();
            self.service.plan().payloads.read(piece, &mut bytes)?;
            self.send(&bytes).await?;
            sent = sent.saturating_add(bytes.len());
        }
        self.service.sent(sent);
        Ok(closes || request.closes)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let write = self.stream.write_all(bytes);
        self.service.in_time(write, "client does not take its answer").await?;
        self.decode(Side::Server, Input::Bytes(bytes));
        Ok(())
    }

    /// Ends the connection so that the client still gets all of its answer: a close with unread
    /// bytes would become a reset (RFC 9112 section 9.6).
    async fn close(mut self) -> Result<(), Ended> {
        self.stream.shutdown().await?;
        let mut buffer = vec![0; PIECE];
        let mut drained = 0usize;
        while drained < MAX_DRAINED {
            let read = self.stream.read(&mut buffer);
            match self.service.in_time(read, "client does not close").await? {
                0 => break,
                len => drained = drained.saturating_add(len),
            }
        }
        Ok(())
    }

    fn decode(&mut self, side: Side, input: Input<'_>) {
        let Self { service, connection, requests, is_foreign, .. } = self;
        service.push(connection, side, input, &mut |event| match event {
            StreamEvent::Message { side: Side::Client, message } if http::is_http(message) => {
                requests.push(Request::new(message));
            }
            StreamEvent::Skipped { side: Side::Client, .. } => *is_foreign = true,
            _ => {}
        });
    }
}

impl Request {
    fn new(message: &Message<'_>) -> Self {
        let part = |bytes: Option<&[u8]>| bytes.unwrap_or_default().into();
        let asked =
            Asked { method: part(http::method(message)), target: part(http::target(message)) };
        let host = part(http::header_values(message, "host").next());
        let version = http::version(message).unwrap_or_default();
        let keeps = http::header_values(message, "connection")
            .any(|value| value.eq_ignore_ascii_case(b"keep-alive"));
        let is_simple = version == b"0.9";
        Self {
            asked,
            host,
            len: message.len,
            is_simple,
            takes_interim: version == b"1.1",
            closes: is_simple || says_close(message) || (version == b"1.0" && !keeps),
            is_malformed: message.error.is_some(),
        }
    }
}

/// A span in pieces of at most [`PIECE`] bytes.
fn pieces(span: &Span) -> impl Iterator<Item = Span> + use<> {
    let span = *span;
    (0..u64::from(span.len)).step_by(PIECE).map(move |into| {
        let left = u64::from(span.len).saturating_sub(into).min(PIECE as u64);
        let len = u32::try_from(left).unwrap_or(u32::MAX);
        Span { offset: span.offset.saturating_add(into), len, ..span }
    })
}

/// What is said where the capture has no answer.
fn refusal(request: &Request) -> Vec<u8> {
    let (status, text) = match request.is_malformed {
        true => ("400 Bad Request", "this is no request\n"),
        false => ("404 Not Found", "the capture has no answer to this\n"),
    };
    if request.is_simple {
        return text.into();
    }
    let connection = if request.closes || request.is_malformed { "close" } else { "keep-alive" };
    let body = if *request.asked.method == *b"HEAD" { "" } else { text };
    let len = text.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len}\r\n\
         Connection: {connection}\r\n\r\n{body}"
    )
    .into_bytes()
}
