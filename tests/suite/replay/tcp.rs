//! The clients of recorded captures, played to a server that says what the recorded one had said,
//! or something else.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use wirereel::capture::Reader;
use wirereel::flow::Side;
use wirereel::packet::Transport;
use wirereel::profile::{self, Protocols};
use wirereel::replay::{
    Action, Conversation, Destinations, Options, Outcome, Plan, Step, Stop, Timing, play,
};

/// Captures with TCP, and how many answers their servers gave.
const CAPTURES: [(&str, u64); 12] = [
    ("ok_stream_basic", 3),
    ("ok_stream_par", 3),
    ("ok_webdl", 1),
    ("ok_webdl_nginx", 1),
    ("ok_http_10", 1),
    ("ok_http_chunked", 1),
    ("ok_http_continue", 1),
    ("ok_http_gzip", 1),
    ("ok_http_head", 2),
    ("ok_http_keepalive", 2),
    ("ok_http_notmodified", 2),
    ("ok_http_pipelined", 4),
];

/// What the server does to what was recorded.
type Change = fn(&mut Vec<u8>);

#[test]
fn every_recorded_conversation_is_answered_as_it_was() {
    for (name, answers) in CAPTURES {
        let plan = read(name);
        let outcome = play_to_recorded(&plan, |_| {});
        let told = format!("{name}: {outcome:?}");
        assert_eq!([outcome.matched, outcome.differed, outcome.missing], [answers, 0, 0], "{told}");
        assert_eq!(outcome.conversations, tcp(&plan).count() as u64, "{told}");
        assert_eq!(outcome.skipped, [], "{told}");
        assert_eq!(outcome.sent.bytes, said(&plan, Side::Client), "{told}");
        assert_eq!(outcome.received.bytes, said(&plan, Side::Server), "{told}");
        assert!(!outcome.interrupted, "{told}");
    }
}

#[test]
fn a_changed_page_is_the_one_difference() {
    let plan = read("ok_http_keepalive");
    let outcome = play_to_recorded(&plan, |said| *said.last_mut().unwrap() ^= 1);
    assert_eq!([outcome.matched, outcome.differed, outcome.missing], [1, 1, 0], "{outcome:?}");
    assert_eq!(outcome.differences.len(), 1);
    let difference = &outcome.differences[0];
    assert!(difference.field.starts_with("body"), "{difference:?}");
    assert_ne!(difference.expected, difference.actual);
}

#[test]
fn stamps_of_another_second_differ_unless_they_are_ignored() {
    let plan = read("ok_stream_basic");
    let later: Change = |said| said.copy_from_slice(b"2000000000\r\n");
    let outcome = play_to_recorded(&plan, later);
    assert_eq!([outcome.matched, outcome.differed, outcome.missing], [0, 3, 0], "{outcome:?}");
    assert_eq!(outcome.differences[0].actual.as_deref(), Some("2000000000"));
    let mut options = options();
    options.expectation.ignore.push("value".to_owned());
    let outcome = play_with(&plan, later, options);
    assert_eq!([outcome.matched, outcome.differed, outcome.missing], [3, 0, 0], "{outcome:?}");
}

fn read(name: &str) -> Plan {
    let path = path(name);
    let reader = Reader::open(&path).unwrap();
    Plan::read(reader, Some(File::open(&path).unwrap()), &mut |_| {}).unwrap()
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "captures", &format!("{name}.pcap")].iter().collect()
}

fn options() -> Options {
    Options {
        timing: Timing::Reply,
        timeout: Duration::from_secs(20),
        // One after the other, so that the server knows which is which.
        concurrency: Some(1),
        loops: 1,
        ..Options::default()
    }
}

fn play_to_recorded(plan: &Plan, change: Change) -> Outcome {
    play_with(plan, change, options())
}

/// Plays a plan to a server that says what was recorded; `change` gets the last of it.
fn play_with(plan: &Plan, change: Change, mut options: Options) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    options.destinations =
        Destinations { to: listener.local_addr().ok(), ..Destinations::default() };
    let protocols =
        Protocols::load(&profile::Options { builtin: true, ..profile::Options::default() })
            .unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for conversation in tcp(plan) {
                let (mut stream, peer) = listener.accept().unwrap();
                assert_ne!(peer, conversation.client);
                serve(plan, conversation, &mut stream, change);
            }
        });
        play(plan, &protocols, &options, &Stop::default(), &|_| {}).unwrap()
    })
}

/// Says what the recorded server had said, once the client has said what it had.
fn serve(plan: &Plan, conversation: &Conversation, stream: &mut TcpStream, change: Change) {
    let sends = |it: &&Step| matches!(it.action, Action::Send(_));
    let of_server = |it: &&Step| it.side == Side::Server;
    let last = conversation.steps.iter().filter(of_server).rfind(sends);
    for step in &conversation.steps {
        match (&step.action, step.side) {
            (Action::Send(range), side) => {
                let mut bytes = Vec::new();
                for span in conversation.sent(range) {
                    plan.payloads.read(*span, &mut bytes).unwrap();
                }
                match side {
                    Side::Client => stream.read_exact(&mut bytes).unwrap(),
                    Side::Server => {
                        if last.is_some_and(|it| std::ptr::eq(it, step)) {
                            change(&mut bytes);
                        }
                        stream.write_all(&bytes).unwrap();
                    }
                }
            }
            (Action::Finish, Side::Server) => stream.shutdown(Shutdown::Write).unwrap(),
            (Action::Finish, Side::Client) => assert_eq!(stream.read(&mut [0]).unwrap(), 0),
            (Action::Missing(_) | Action::Reset, _) => {}
        }
    }
}

fn tcp(plan: &Plan) -> impl Iterator<Item = &Conversation> {
    plan.conversations.iter().filter(|it| it.transport == Transport::Tcp)
}

/// Bytes of one side in all conversations.
fn said(plan: &Plan, side: Side) -> u64 {
    let steps = |it: &Conversation| {
        let sent =
            it.steps.iter().filter(|step| step.side == side).map(|step| match &step.action {
                Action::Send(range) => it.sent(range).iter().map(|span| u64::from(span.len)).sum(),
                _ => 0_u64,
            });
        sent.sum::<u64>()
    };
    tcp(plan).map(steps).sum()
}

/// The program has fewer descriptors than conversations that are due: they wait for each other.
#[test]
fn conversations_beyond_the_descriptors_wait_for_others() {
    let plan = read("ok_stream_basic");
    let stamps = tcp(&plan).count();
    let loops = 40;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            stream.unwrap().write_all(b"1700000000\r\n").unwrap();
        }
    });
    let outcome = stamps_under("ulimit -n 24", &to, loops);
    assert_eq!(outcome["matched"], stamps * loops, "{outcome}");
    assert_eq!(outcome["skipped"], serde_json::json!([]), "{outcome}");
}

/// The program raises the limit of descriptors that it may raise: none of the conversations waits
/// for another one, which the server would not let end.
#[test]
fn the_soft_limit_of_descriptors_holds_no_conversation_up() {
    const AT_ONCE: usize = 200;
    let stamps = tcp(&read("ok_stream_basic")).count();
    let loops = AT_ONCE.div_ceil(stamps);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut incoming = listener.incoming().map(Result::unwrap);
        let first: Vec<_> = incoming.by_ref().take(AT_ONCE).collect();
        for mut stream in first.into_iter().chain(incoming) {
            stream.write_all(b"1700000000\r\n").unwrap();
        }
    });
    let outcome = stamps_under("ulimit -Sn 64", &to, loops);
    assert_eq!(outcome["matched"], stamps * loops, "{outcome}");
    assert_eq!(outcome["skipped"], serde_json::json!([]), "{outcome}");
}

/// What a replay of stamps comes to, 200 conversations at once, in a shell where `limit` holds.
fn stamps_under(limit: &str, to: &str, loops: usize) -> serde_json::Value {
    let replay = "exec \"$0\" replay \"$1\" --to \"$2\" -T json --ignore value --timing reply \
                  --concurrency 200 -l \"$3\"";
    let output = Command::new("sh")
        .args(["-c", &format!("{limit} && {replay}"), env!("CARGO_BIN_EXE_wirereel")])
        .args([path("ok_stream_basic").as_path(), Path::new(to), Path::new(&loops.to_string())])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    serde_json::from_slice(&output.stdout).unwrap()
}
