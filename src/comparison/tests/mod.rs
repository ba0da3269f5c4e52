//! Conversations in a few events, and what they come to.

mod fields;
mod http;
mod laws;
mod text;
mod waiting;

use std::io::Write;

use super::*;
use crate::flow::{Input, Side};
use crate::packet::StreamId;
use crate::profile::{Options, Protocols, Rule};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &[u8] =
    b"HTTP/1.1 200 OK\r\nDate: Mon\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

/// What happens in a conversation, in order.
#[derive(Clone, Copy, Debug)]
enum Event<'a> {
    /// The client sends, in the capture and live.
    Asks(&'a [u8]),
    /// The server does, in the capture.
    Recorded(&'a [u8]),
    /// Bytes of the server that the capture lacks.
    Gap(u64),
    /// The server ends, in the capture.
    RecordedClose,
    /// The server sends, live.
    Live(&'a [u8]),
    /// The server ends, live.
    LiveClose,
}

fn protocols(rules: &[&str]) -> Protocols {
    let mut header = tempfile::NamedTempFile::with_suffix(".h").unwrap();
    let text = "#include <stdint.h>\n#define STAMP \"%lld\\r\\n\"\n\
        struct point { uint8_t x; uint8_t y; } __attribute__((packed));\n\
        struct shape { uint32_t id; float size; char name[4]; struct point corners[2]; } \
        __attribute__((packed));\n\
        struct list { uint16_t n; uint16_t v[1]; } __attribute__((packed));\n";
    header.write_all(text.as_bytes()).unwrap();
    let rules = rules.iter().map(|rule| rule.parse::<Rule>().unwrap()).collect();
    let options = Options { headers: vec![header.path().to_owned()], rules, ..Options::default() };
    Protocols::load(&options).unwrap()
}

fn parties(port: u16) -> Parties {
    Parties {
        stream: StreamId(3),
        client: "10.0.0.1:40000".parse().unwrap(),
        server: ([10, 0, 0, 2], port).into(),
    }
}

fn feed(comparator: &mut Comparator<'_>, it: &mut Comparison, event: Event<'_>) {
    match event {
        Event::Asks(bytes) => {
            comparator.recorded(it, Side::Client, Input::Bytes(bytes));
            comparator.live(it, Side::Client, Input::Bytes(bytes));
        }
        Event::Recorded(bytes) => comparator.recorded(it, Side::Server, Input::Bytes(bytes)),
        Event::Gap(len) => comparator.recorded(it, Side::Server, Input::Gap(len)),
        Event::RecordedClose => comparator.recorded(it, Side::Server, Input::Close { clean: true }),
        Event::Live(bytes) => comparator.live(it, Side::Server, Input::Bytes(bytes)),
        Event::LiveClose => comparator.live(it, Side::Server, Input::Close { clean: true }),
    }
}

fn run(port: u16, expectation: &Expectation, events: &[Event<'_>]) -> Compared {
    let protocols = protocols(&["tcp.port==1989,STAMP", "tcp.port==7,shape", "udp.port==7,shape"]);
    let mut comparator = Comparator::new(&protocols, expectation).unwrap();
    let mut it = comparator.begin(parties(port), Side::Server);
    events.iter().for_each(|event| feed(&mut comparator, &mut it, *event));
    comparator.finish(it)
}

fn http(expectation: &Expectation, recorded: &[u8], live: &[u8]) -> Compared {
    use Event::{Asks, Live, LiveClose, Recorded, RecordedClose};
    let events = [Asks(REQUEST), Recorded(recorded), RecordedClose, Live(live), LiveClose];
    run(80, expectation, &events)
}

/// The fields that differ, with what was expected and what came.
fn told(compared: &Compared) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let differences = compared.differences.iter();
    differences.map(|it| (&*it.field, it.expected.as_deref(), it.actual.as_deref())).collect()
}

fn counts(compared: &Compared) -> [u64; 4] {
    [compared.matched, compared.differed, compared.missing, compared.uncompared]
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\r\n\r\n", body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fields() -> Expectation {
    Expectation::default()
}
