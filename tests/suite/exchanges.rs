//! Requests and answers that a profile pairs by a field, and messages that it says are numbered, as the
//! program tells of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::frame::Endpoints;
use crate::tape::{Does, Tape};

const HEADER: &str = "#include <stdint.h>
struct head { uint8_t kind; uint16_t id; } __attribute__((packed));
struct ask { uint8_t kind; uint16_t id; uint32_t what; } __attribute__((packed));
struct told { uint8_t kind; uint32_t value; uint32_t re; } __attribute__((packed));
struct call { uint32_t seq; uint8_t name[2]; } __attribute__((packed));
struct beat { uint8_t seq; uint8_t load; } __attribute__((packed));
";

const PROFILE: &str = r#"
[[protocol]]
name = "asked"
header = "proto.h"
message = "head"
decode_as = ["tcp.port==7000", "udp.port==7000"]
tag = "kind"
cases = { 1 = "ask", 2 = "told" }
[protocol.fields]
id = { pairs = "told.re" }
[[protocol]]
name = "calls"
header = "proto.h"
message = "call"
decode_as = ["udp.port==7001"]
[protocol.fields]
name = { pairs = "name" }
[[protocol]]
name = "beats"
header = "proto.h"
message = "beat"
decode_as = ["udp.port==7002"]
[protocol.fields]
seq = { counter = "flow" }
[[protocol]]
name = "heard"
header = "proto.h"
message = "beat"
decode_as = ["udp.port==7003"]
[protocol.fields]
seq = { counter = "sender" }
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("proto.h"), HEADER).unwrap();
    fs::write(folder.path().join("wirereel.toml"), PROFILE).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

fn ask(id: u16) -> Vec<u8> {
    [&[1][..], &id.to_be_bytes(), &[0, 0, 0, 9]].concat()
}

fn told(id: u16) -> Vec<u8> {
    [&[2, 0, 0, 0, 5, 0, 0][..], &id.to_be_bytes()].concat()
}

/// The numbers of pairs, by message.
fn pairs(folder: &Path, capture: &str) -> Vec<Option<u64>> {
    let output = run(folder, &["decode", "-T", "json", capture]);
    lines(&output.stdout).iter().map(|it| it["pair"].as_u64()).collect()
}

#[test]
fn records_of_a_stream_are_paired_whichever_side_asks() {
    let folder = folder();
    let mut tape = Tape::new("exchanges_tcp.pcap");
    let ends = Endpoints::numbered(0, 7000);
    let mut talk = tape.open(0, ends);
    let both = [ask(7), ask(8)].concat();
    tape.act(10, &mut talk, true, Does::Says(&both[..9]));
    tape.act(11, &mut talk, true, Does::Says(&both[9..]));
    // The server answers the second, asks with the value of the first, and answers that.
    tape.act(15, &mut talk, false, Does::Says(&[told(8), ask(7), told(7)].concat()));
    tape.act(21, &mut talk, true, Does::Says(&[told(7), told(99), ask(10)].concat()));
    let capture = tape.finish();
    let capture = capture.to_str().unwrap();
    let expected = [1, 2, 2, 3, 1, 3, 0, 4].map(|it| (it > 0).then_some(it));
    assert_eq!(pairs(folder.path(), capture), expected);
    let output = run(folder.path(), &["flows", "-T", "json", capture]);
    let counts = json!({
        "asked": 4, "answered": 3, "unanswered": 1, "unasked": 1, "repeated": 0, "further": 0,
        "forgotten": 0, "latency_us": { "p50": 5000.0, "max": 6000.0 },
    });
    let mut of_flow = lines(&output.stdout)[0]["pairs"].clone();
    // The first was asked with the part before.
    assert_eq!(of_flow, counts);
    of_flow.as_object_mut().unwrap().remove("latency_us");
    assert_eq!(lines(&output.stderr)[0]["pairs"], of_flow);
    let checked = run(folder.path(), &["check", "-T", "json", capture]);
    assert_eq!(lines(&checked.stderr)[0]["pairs"], of_flow);
    let checked = run(folder.path(), &["check", capture]);
    let told = String::from_utf8(checked.stderr).unwrap();
    for line in
        ["3  requests answered", "1  requests without an answer", "1  answers to no request"]
    {
        assert!(told.contains(&format!("         {line}\n")), "{told}");
    }
}

#[test]
fn one_message_is_request_and_answer_and_asked_again_it_is_the_same() {
    let folder = folder();
    let mut tape = Tape::new("exchanges_udp.pcap");
    let [one, two] = [0, 1].map(|it| Endpoints::numbered(it, 7001));
    let call = |name: &[u8; 2]| [&[0, 0, 0, 1][..], name].concat();
    for (ms, ends, is_client, name) in [
        (0, one, true, b"a\0"),
        (1, one, true, b"b\0"),
        (2, one, true, b"a\0"),
        (3, two, false, b"a\0"),
        (5, one, false, b"a\0"),
        (6, one, false, b"a\0"),
        (7, one, false, b"c\0"),
        (8, one, true, b"c\0"),
        (9, one, true, b"a\0"),
    ] {
        tape.datagram(ms, ends, is_client, &call(name));
    }
    let capture = tape.finish();
    let capture = capture.to_str().unwrap();
    let expected = [1, 2, 1, 1, 1, 1, 3, 3, 4].map(Some);
    assert_eq!(pairs(folder.path(), capture), expected);
    let shown = run(
        folder.path(),
        &["decode", "-Y", "pair == 3", "-T", "fields", "-e", "frame.number", capture],
    );
    assert_eq!(shown.stdout, b"7\n8\n");
    let output = run(folder.path(), &["flows", capture]);
    let text = String::from_utf8(output.stdout).unwrap();
    let first = "4 requests, 2 answered, 2 without answer, 1 asked again, 1 further answers, \
                 median 0.001 s, largest 0.005 s";
    assert!(text.contains(first), "{text}");
    assert!(text.contains("1 request, 0 answered, 1 without answer\n"), "{text}");
}

#[test]
fn numbers_are_followed_by_conversation_or_by_sender() {
    let folder = folder();
    let mut tape = Tape::new("exchanges_numbers.pcap");
    let beat = |seq: u8| [seq, 50];
    let ends = Endpoints::numbered(0, 7002);
    for (ms, seq) in (0..).zip([254, 255, 0, 3, 1, 3]) {
        tape.datagram(ms, ends, true, &beat(seq));
        tape.datagram(ms, ends, false, &beat(seq));
    }
    // One sender on two conversations: none is lost, though each has but every other number.
    let mut other = Endpoints::numbered(0, 7003);
    for (ms, seq) in (10..).zip(0..20) {
        tape.datagram(ms, other, true, &beat(seq));
        other = Endpoints {
            server: std::net::SocketAddr::new(format!("10.0.1.{}", seq % 2).parse().unwrap(), 7003),
            ..other
        };
    }
    let capture = tape.finish();
    let capture = capture.to_str().unwrap();
    let output = run(folder.path(), &["flows", "-T", "json", capture]);
    let figures = |src: &str, protocol: &str, counts: [u64; 4]| {
        json!({
            "transport": "udp", "src": src, "protocol": protocol, "field": "seq",
            "received": counts[0], "lost": counts[1], "duplicates": counts[2],
            "reordered": counts[3], "restarts": 0,
        })
    };
    let flows = lines(&output.stdout);
    let counts = [6, 1, 1, 1];
    let both = ["10.0.0.1:40000", "10.0.0.2:7002"].map(|it| figures(it, "beats", counts));
    assert_eq!(flows[0]["numbers"], json!(both));
    assert!(flows.len() > 2 && flows[1..].iter().all(|it| it["numbers"].is_null()), "{flows:#?}");
    let summary = &lines(&output.stderr)[0];
    assert_eq!(summary["numbers"], json!([figures("10.0.0.1:40000", "heard", [20, 0, 0, 0])]));
    let text = run(folder.path(), &["flows", capture]);
    let told = String::from_utf8(text.stderr).unwrap();
    assert!(told.contains("            seq from 10.0.0.1:40000: 20 received\n"), "{told}");
}
