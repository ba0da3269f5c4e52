//! The answers of a capture's HTTP servers, by what was asked.
//!
//! A request is answered by the recorded response to the same method and target, of the same host
//! if the capture has one; asked again, by the next one, and the last one repeats. Only where the
//! bytes of an answer lie is kept.

use std::collections::HashMap;
use std::time::Duration;

use super::PIECE;
use super::sent::Sent;
use crate::decode::Message;
use crate::decode::http::{self, is_http};
use crate::decode::live::Live;
use crate::decode::stream::{Input, Side, StreamEvent};
use crate::replay::{Action, Conversation, Payloads, ReplayError, Span};

/// What was asked, as the capture or a client has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub method: Box<[u8]>,
    pub target: Box<[u8]>,
}

/// A recorded response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The bytes of the interim responses before it.
    pub interim: Vec<Span>,
    /// Its bytes.
    pub spans: Vec<Span>,
    /// The server closed behind it.
    pub closes: bool,
    /// How long the server then waited for another request, if none came and it closed.
    pub patience: Option<Duration>,
    /// Some client got it, whatever host that named.
    is_given: bool,
}

/// The answers to one thing asked.
#[derive(Debug, Default)]
struct Answers {
    recorded: Vec<Answer>,
    /// Those of each host that was asked; of the empty one where a request named none.
    of_host: HashMap<Box<[u8]>, OfHost>,
    /// How many were given to clients that named a host which the capture has not.
    given: usize,
}

/// The answers of one host, as indices of those recorded.
#[derive(Debug, Default)]
struct OfHost {
    answers: Vec<usize>,
    /// How many were given.
    given: usize,
}

/// The answers of a capture.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    answers: HashMap<Asked, Answers>,
    /// Answers that the capture lacks bytes of.
    pub incomplete: u64,
    never_given: usize,
}

impl Catalogue {
    /// Adds the answers of a conversation; `false` if it is none of HTTP.
    pub fn add(
        &mut self,
        conversation: &Conversation,
        payloads: &Payloads,
        live: &mut Live<'_>,
    ) -> Result<bool, ReplayError> {
        let mut reading = Reading::default();
        let mut connection = live.connect(conversation.client, conversation.server);
        let mut bytes = Vec::new();
        for step in &conversation.steps {
            let mut push = |input: Input<'_>| {
                let is_end = matches!(input, Input::Close { .. });
                let take = &mut |event: &StreamEvent<'_>| reading.take(event, is_end);
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
            let take = &mut |event: &StreamEvent<'_>| reading.take(event, true);
            live.push(&mut connection, side, Input::Close { clean: false }, take);
        }
        let is_http = reading.is_http;
        self.keep(conversation, reading);
        Ok(is_http)
    }

    /// The answer to what a client asks; `None` where the capture has none.
    pub fn answer(&mut self, asked: &Asked, host: &[u8]) -> Option<&Answer> {
        let answer = self.answers.get_mut(asked)?.next(host)?;
        let is_first = !std::mem::replace(&mut answer.is_given, true);
        self.never_given = self.never_given.saturating_sub(usize::from(is_first));
        Some(answer)
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.answers.values().map(|it| it.recorded.len()).sum()
    }

    /// How many of them no client has asked for yet.
    pub fn never_given(&self) -> usize {
        self.never_given
    }

    fn keep(&mut self, conversation: &Conversation, reading: Reading) {
        let last = reading.responses.len();
        let at_last = patience(conversation);
        let mut sent = Sent::new(conversation);
        for (number, response) in (1..).zip(reading.responses) {
            let Response { asked, host, interim, begin, end, closes } = response;
            let (Some(interim), Some(spans)) = (sent.slice(interim, begin), sent.slice(begin, end))
            else {
                self.incomplete = self.incomplete.saturating_add(1);
                continue;
            };
            let patience = at_last.filter(|_| number == last);
            let answer = Answer { interim, spans, closes, patience, is_given: false };
            self.answers.entry(asked).or_default().push(host, answer);
            self.never_given = self.never_given.saturating_add(1);
        }
    }
}

impl Answers {
    fn push(&mut self, host: Box<[u8]>, answer: Answer) {
        self.of_host.entry(host).or_default().answers.push(self.recorded.len());
        self.recorded.push(answer);
    }

    /// The host's next one; the next of all where the capture has none of the host.
    fn next(&mut self, host: &[u8]) -> Option<&mut Answer> {
        let Self { recorded, of_host, given } = self;
        let last = recorded.len().checked_sub(1)?;
        let (at, given) = match of_host.get_mut(host) {
            Some(OfHost { answers, given }) => {
                (answers.get(*given).or(answers.last()).copied()?, given)
            }
            None => ((*given).min(last), given),
        };
        *given = given.saturating_add(1);
        recorded.get_mut(at)
    }
}

/// What decoding a conversation brings to light.
#[derive(Default)]
struct Reading {
    is_http: bool,
    /// Bytes of the server up to the last message's end.
    offset: u64,
    /// Where the interim responses begin that precede the next final one.
    interim: Option<u64>,
    responses: Vec<Response>,
}

/// A response, and where it lies in what the server sent.
struct Response {
    asked: Asked,
    host: Box<[u8]>,
    /// Where the interim responses before it begin; its own place without any.
    interim: u64,
    begin: u64,
    end: u64,
    closes: bool,
}

impl Reading {
    fn take(&mut self, event: &StreamEvent<'_>, is_end: bool) {
        match event {
            StreamEvent::Message { side: Side::Server, message } if is_http(message) => {
                self.is_http = true;
                self.response(message, is_end);
            }
            StreamEvent::Message { message, .. } => self.is_http |= is_http(message),
            StreamEvent::Skipped { side: Side::Server, len, .. } => {
                self.offset = self.offset.saturating_add(*len);
            }
            _ => {}
        }
    }

    fn response(&mut self, message: &Message<'_>, is_end: bool) {
        let begin = self.offset;
        self.offset = self.offset.saturating_add(message.len as u64);
        if http::is_interim(message) {
            self.interim.get_or_insert(begin);
            return;
        }
        let interim = self.interim.take().unwrap_or(begin);
        let Some(request) = message.request else { return };
        let asked = Asked {
            method: request.method.as_bytes().into(),
            target: request.target.as_bytes().into(),
        };
        let host = request.host.as_bytes().into();
        let closes = is_end || says_close(message);
        self.responses.push(Response { asked, host, interim, begin, end: self.offset, closes });
    }
}

/// Whether the sender says that it will close behind the message (RFC 9112 section 9.6).
pub(super) fn says_close(message: &Message<'_>) -> bool {
    http::header_values(message, "connection")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// How long the server had been silent when it closed; `None` if the client did, or spoke last.
fn patience(conversation: &Conversation) -> Option<Duration> {
    let mut answered = None;
    for step in &conversation.steps {
        match (&step.action, step.side) {
            (Action::Send(_) | Action::Missing(_), Side::Server) => answered = Some(step.at),
            (Action::Send(_) | Action::Missing(_), Side::Client) => answered = None,
            (Action::Finish | Action::Reset, Side::Server) => {
                return answered.map(|it| step.at.saturating_sub(it));
            }
            (Action::Finish | Action::Reset, Side::Client) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::capture::Reader;
    use crate::profile::{Options, Protocols};
    use crate::replay::Plan;

    /// The answers of a bundled capture, and the plan that their bytes are read by.
    fn catalogue(name: &str) -> (Catalogue, Plan) {
        let path = format!("{}/captures/{name}", env!("CARGO_MANIFEST_DIR"));
        let reader = Reader::open(path.as_ref()).unwrap();
        let plan = Plan::read(reader, File::open(&path).ok(), &mut |_| {}).unwrap();
        let options = Options { builtin: true, ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let mut live = Live::new(&protocols, false).unwrap();
        let mut catalogue = Catalogue::default();
        for conversation in &plan.conversations {
            assert!(catalogue.add(conversation, &plan.payloads, &mut live).unwrap());
        }
        (catalogue, plan)
    }

    fn asked(method: &str, target: &str) -> Asked {
        Asked { method: method.as_bytes().into(), target: target.as_bytes().into() }
    }

    /// Answers to one request, of these hosts, which lie at these offsets.
    fn recorded(answers: &[(&[u8], u64)]) -> Catalogue {
        let mut catalogue = Catalogue { never_given: answers.len(), ..Catalogue::default() };
        let of_request = catalogue.answers.entry(asked("GET", "/")).or_default();
        for (host, offset) in answers {
            let spans = vec![Span { offset: *offset, len: 1, is_spooled: true }];
            let answer = Answer {
                interim: Vec::new(),
                spans,
                closes: false,
                patience: None,
                is_given: false,
            };
            of_request.push((*host).into(), answer);
        }
        catalogue
    }

    fn bytes(plan: &Plan, answer: &Answer) -> Vec<u8> {
        let mut bytes = Vec::new();
        answer.spans.iter().for_each(|span| plan.payloads.read(*span, &mut bytes).unwrap());
        bytes
    }

    #[test]
    fn each_answer_is_its_own_bytes_and_no_more() {
        let (mut all, plan) = catalogue("ok_http_keepalive.pcap");
        assert_eq!((all.len(), all.never_given()), (2, 2));
        for (target, begins, ends) in [
            ("/index.html", &b"HTTP/1.1 200 OK\r\n"[..], &b">\n"[..]),
            ("/test.png", b"HTTP/1.1 200 OK\r\n", b"IEND\xaeB`\x82"),
        ] {
            let answer = all.answer(&asked("GET", target), b"").unwrap().clone();
            let bytes = bytes(&plan, &answer);
            assert!(bytes.starts_with(begins) && bytes.ends_with(ends), "{target}");
            assert_eq!(memchr::memmem::find_iter(&bytes, "HTTP/1.1 ").count(), 1, "{target}");
        }
        assert_eq!(all.never_given(), 0);
        assert!(all.answer(&asked("POST", "/index.html"), b"").is_none());
        assert!(all.answer(&asked("GET", "/"), b"").is_none());
    }

    #[test]
    fn an_interim_response_stands_before_the_final_one() {
        let (mut all, plan) = catalogue("ok_http_continue.pcap");
        let key = all.answers.keys().next().unwrap().clone();
        let answer = all.answer(&key, b"").unwrap().clone();
        let bytes = bytes(&plan, &answer);
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert_eq!(memchr::memmem::find_iter(&bytes, "HTTP/1.1 ").count(), 1);
        let mut interim = Vec::new();
        answer.interim.iter().for_each(|it| plan.payloads.read(*it, &mut interim).unwrap());
        assert_eq!(interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    #[test]
    fn a_bare_file_is_closed_behind() {
        let (mut all, plan) = catalogue("ok_webdl_apache.pcap");
        let answer = all.answer(&asked("GET", "/test.png"), b"").unwrap().clone();
        assert!(answer.closes);
        assert!(bytes(&plan, &answer).starts_with(b"\x89PNG\r\n"));
    }

    #[test]
    fn a_known_host_gets_its_own_answers_and_the_last_one_repeats() {
        let mut all = recorded(&[(b"a", 1), (b"b", 2), (b"a", 3)]);
        let mut given = |host: &[u8]| all.answer(&asked("GET", "/"), host).unwrap().spans[0].offset;
        let offsets = [given(b"a"), given(b"b"), given(b"a"), given(b"a"), given(b"b")];
        assert_eq!(offsets, [1, 2, 3, 3, 2]);
        assert_eq!([given(b"x"), given(b"y"), given(b""), given(b"x")], [1, 2, 3, 3]);
    }

    #[test]
    fn an_answer_that_is_given_under_two_hosts_is_one_given() {
        let mut all = recorded(&[(b"a", 1), (b"b", 2)]);
        for (host, offset, left) in [(b"x", 1, 1), (b"a", 1, 1), (b"a", 1, 1), (b"b", 2, 0)] {
            let answer = all.answer(&asked("GET", "/"), host).unwrap();
            assert_eq!(answer.spans[0].offset, offset);
            assert_eq!(all.never_given(), left);
        }
    }
}
