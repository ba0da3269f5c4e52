//! A recorded conversation as requests and their responses, and where the bytes of these lie.

use std::collections::VecDeque;

use super::super::piece::PIECE;
use super::resource::{Asked, Matching};
use super::terms::{Facts, Terms, says_close};
use crate::comparison::Passing;
use crate::decode::http::{self, is_http};
use crate::decode::live::Live;
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::message::Message;
use crate::replay::{Action, Conversation, Payloads, ReplayError};

/// What decoding a conversation brings to light.
pub(super) struct Recorded<'m> {
    matching: &'m Matching,
    pub is_http: bool,
    pub responses: Vec<Response>,
    /// Requests without a response yet, [`http::MAX_WAITING`] at most.
    requests: VecDeque<Request>,
    /// The body of the request under way.
    body: Option<Passing>,
    /// Bytes of the client up to its last message's end, and of the server.
    client: u64,
    server: u64,
    /// Where the interim responses begin that precede the next final one.
    interim: Option<u64>,
}

/// A response, and where it lies in what the server sent.
pub(super) struct Response {
    pub asked: Asked,
    pub terms: Terms,
    pub facts: Facts,
    /// Where the interim responses before it begin; its own place without any.
    pub interim: u64,
    pub begin: u64,
    pub end: u64,
    pub closes: bool,
    /// Where, in what the client sent, another protocol begins behind it.
    pub tunnel: Option<u64>,
}

struct Request {
    /// As the decoder has them: to be found by.
    start: [String; 3],
    terms: Terms,
    end: u64,
}

impl<'m> Recorded<'m> {
    /// Decodes a conversation.
    pub fn read(
        matching: &'m Matching,
        conversation: &Conversation,
        payloads: &Payloads,
        live: &mut Live<'_>,
    ) -> Result<Self, ReplayError> {
        let mut recorded = Self::new(matching);
        let mut connection = live.connect(conversation.client, conversation.server);
        let mut bytes = Vec::new();
        for step in &conversation.steps {
            let mut push = |input: Input<'_>| {
                let is_end = matches!(input, Input::Close { .. });
                let take = &mut |event: &StreamEvent<'_>| recorded.take(event, is_end);
                live.push(&mut connection, step.side, input, take);
            };
            match &step.action {
                Action::Send(range) => {
                    let pieces = conversation.sent(range).iter().flat_map(|it| it.pieces(PIECE));
                    for piece in pieces {
                        bytes.clear();
                        payloads.read(piece, &mut bytes)?;
                        push(Input::Bytes(&bytes));
                    }
                }
                Action::Missing(len) => push(Input::Gap(*len)),
                Action::Finish => push(Input::Close { clean: true }),
                Action::Reset => push(Input::Close { clean: false }),
            }
        }
        for side in [Side::Client, Side::Server] {
            let take = &mut |event: &StreamEvent<'_>| recorded.take(event, true);
            live.push(&mut connection, side, Input::Close { clean: false }, take);
        }
        Ok(recorded)
    }

    fn new(matching: &'m Matching) -> Self {
        Self {
            matching,
            is_http: false,
            responses: Vec::new(),
            requests: VecDeque::new(),
            body: None,
            client: 0,
            server: 0,
            interim: None,
        }
    }

    fn take(&mut self, event: &StreamEvent<'_>, is_end: bool) {
        match *event {
            StreamEvent::Message { side, ref message } if is_http(message) => {
                self.is_http = true;
                match side {
                    Side::Client => self.request(message),
                    Side::Server => self.response(message, is_end),
                }
            }
            StreamEvent::Body { side: Side::Client, bytes, is_encoded } => {
                self.body.get_or_insert_default().put(bytes, is_encoded);
            }
            StreamEvent::Skipped { side: Side::Client, len, .. } => {
                self.client = self.client.saturating_add(len);
            }
            StreamEvent::Skipped { side: Side::Server, len, .. } => {
                self.server = self.server.saturating_add(len);
            }
            _ => {}
        }
    }

    fn request(&mut self, message: &Message<'_>) {
        self.client = self.client.saturating_add(message.len as u64);
        let body = self.body.take().map(|it| it.finish(message));
        if self.requests.len() >= http::MAX_WAITING {
            return;
        }
        let text =
            |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let host = http::header_values(message, "host").next();
        let start = [text(http::method(message)), text(http::target(message)), text(host)];
        self.requests.push_back(Request {
            start,
            terms: Terms::of(message, body),
            end: self.client,
        });
    }

    fn response(&mut self, message: &Message<'_>, is_end: bool) {
        let begin = self.server;
        self.server = self.server.saturating_add(message.len as u64);
        if http::is_interim(message) {
            self.interim.get_or_insert(begin);
            return;
        }
        let interim = self.interim.take().unwrap_or(begin);
        let Some(asked) = message.request else { return };
        let start = [asked.method, asked.target, asked.host];
        let request = self.requests.iter().position(|it| it.start == start);
        let request = request.and_then(|at| self.requests.drain(..=at).next_back());
        let [method, target, host] = start.map(str::as_bytes);
        let facts = Facts::of(message);
        let changes_protocol = facts.status == Some(101)
            || (method == b"CONNECT" && matches!(facts.status, Some(200..=299)));
        self.responses.push(Response {
            asked: self.matching.asked(method, target, host),
            tunnel: request.as_ref().map(|it| it.end).filter(|_| changes_protocol),
            terms: request.map(|it| it.terms).unwrap_or_default(),
            facts,
            interim,
            begin,
            end: self.server,
            closes: is_end || says_close(message),
        });
    }
}
