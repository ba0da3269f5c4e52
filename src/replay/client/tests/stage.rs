//! Conversations made by hand, and servers to play them to.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::super::part::Part;
use crate::flow::Side;
use crate::packet::{StreamId, Transport};
use crate::profile::{self, Protocols};
use crate::replay::client::tcp;
use crate::replay::{
    Action, Conversation, Destinations, Expect, Expectation, Options, Outcome, Payloads, Step, Stop,
};

/// What a side did, with the time in milliseconds since its conversation began.
pub enum Did {
    Sent(u64, Side, Vec<u8>),
    Lacks(u64),
    Finished(u64, Side),
    Reset(Side),
}

pub use Did::{Finished, Lacks, Reset, Sent};

/// The client sent.
pub fn ask(bytes: &str) -> Did {
    Sent(0, Side::Client, bytes.into())
}

/// The server sent.
pub fn answer(bytes: &str) -> Did {
    Sent(0, Side::Server, bytes.into())
}

/// A side sent no more.
pub fn end(side: Side) -> Did {
    Finished(0, side)
}

/// A response of HTTP with a length.
pub fn ok(body: &str) -> String {
    let len = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len}\r\n\r\n{body}")
}

/// A request of HTTP.
pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: recorded.example\r\n\r\n")
}

/// What is to be played.
pub struct Recording {
    conversations: Vec<Conversation>,
    payloads: Payloads,
    pub options: Options,
    pub stop: Stop,
}

impl Recording {
    /// Nothing, to be played to `to` with a short timeout, as fast as answers come.
    pub fn new(to: SocketAddr) -> Self {
        let options = Options {
            destinations: Destinations { to: Some(to), ..Destinations::default() },
            timing: crate::replay::Timing::Reply,
            timeout: Duration::from_secs(20),
            loops: 1,
            ..Options::default()
        };
        Self {
            conversations: Vec::new(),
            payloads: Payloads::new(None),
            options,
            stop: Stop::default(),
        }
    }

    /// Adds a conversation that began so many milliseconds after the first.
    pub fn talk(&mut self, start: u64, done: Vec<Did>) -> &mut Self {
        let (mut steps, mut spans) = (Vec::new(), Vec::new());
        for did in done {
            let (at, side, action) = match did {
                Sent(at, side, bytes) => {
                    let begin = spans.len() as u32;
                    let cut = bytes.len() / 2;
                    for part in [&bytes[..cut], &bytes[cut..]] {
                        spans.push(self.payloads.keep(part).unwrap());
                    }
                    (at, side, Action::Send(begin..spans.len() as u32))
                }
                Lacks(len) => (0, Side::Server, Action::Missing(len)),
                Finished(at, side) => (at, side, Action::Finish),
                Reset(side) => (0, side, Action::Reset),
            };
            steps.push(Step { at: Duration::from_millis(start + at), side, action });
        }
        self.conversations.push(Conversation {
            transport: Transport::Tcp,
            stream: StreamId(self.conversations.len() as u32),
            client: "10.0.0.1:40000".parse().unwrap(),
            server: "10.0.0.2:1989".parse().unwrap(),
            start: Duration::from_millis(start),
            steps,
            spans,
        });
        self
    }

    pub fn play(&mut self) -> Outcome {
        self.play_with(&|_| {})
    }

    pub fn play_with(&mut self, progress: &(dyn Fn(u64) + Sync)) -> Outcome {
        self.payloads.seal().unwrap();
        let protocols =
            Protocols::load(&profile::Options { builtin: true, ..profile::Options::default() });
        let part = Part {
            conversations: &self.conversations,
            payloads: &self.payloads,
            protocols: &protocols.unwrap(),
            options: &self.options,
            stop: &self.stop,
            progress,
            begin: Instant::now(),
        };
        tcp::play(part).unwrap()
    }

    pub fn expect(&mut self, expect: Expect) -> &mut Self {
        self.options.expectation = Expectation { expect, ..Expectation::default() };
        self
    }

    pub fn ignore(&mut self, field: &str) -> &mut Self {
        self.options.expectation.ignore.push(field.to_owned());
        self
    }

    pub fn impatient(&mut self) -> &mut Self {
        self.options.timeout = Duration::from_millis(300);
        self
    }
}

/// A server that does the same with every connection, each on a thread of its own. What it
/// returns for each comes through the channel.
pub fn serve<T: Send + 'static>(
    each: impl Fn(TcpStream) -> T + Clone + Send + 'static,
) -> (SocketAddr, mpsc::Receiver<T>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (results, received) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (each, results, stream) = (each.clone(), results.clone(), stream.unwrap());
            thread::spawn(move || results.send(each(stream)));
        }
    });
    (address, received)
}

/// Answers each request of HTTP, until the client ends.
pub fn serve_http(
    reply: impl Fn(&str) -> String + Clone + Send + 'static,
) -> (SocketAddr, mpsc::Receiver<String>) {
    serve(move |mut stream| {
        let mut heads = String::new();
        while let Some(head) = read_head(&mut stream) {
            let target = head.split(' ').nth(1).unwrap().to_owned();
            heads.push_str(&head);
            if stream.write_all(reply(&target).as_bytes()).is_err() {
                break;
            }
        }
        heads
    })
}

/// One head of HTTP; `None` at the end.
pub fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

/// The counts of an outcome: matched, differed, missing.
pub fn counts(outcome: &Outcome) -> [u64; 3] {
    [outcome.matched, outcome.differed, outcome.missing]
}

/// Why, and how often.
pub fn reasons(outcome: &Outcome) -> Vec<(&'static str, u64)> {
    outcome.skipped.iter().map(|it| (&*it.reason.to_string().leak(), it.count)).collect()
}
