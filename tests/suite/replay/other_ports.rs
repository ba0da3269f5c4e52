//! Servers of datagrams that answer from ports which they open for each request, as TFTP's do.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::frame::{Endpoints, udp};
use crate::serving::Serving;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

const PATIENCE: Duration = Duration::from_secs(20);
const CLIENT: &str = "10.0.0.1:40000";

/// One datagram: milliseconds, from, to, and what.
type Sent<'a> = (i64, &'a str, &'a str, &'a [u8]);

fn capture(folder: &Path, sent: &[Sent<'_>]) -> PathBuf {
    let path = folder.join("sent.pcap");
    let mut writer = Writer::create(&path, WriteFormat::PcapNs).unwrap();
    for (number, (ms, from, to, payload)) in (1..).zip(sent) {
        let ends = Endpoints { client: from.parse().unwrap(), server: to.parse().unwrap() };
        let data = udp(ends, true, payload);
        let time = Some(Timestamp(1_700_000_000_000_000_000 + ms * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number, time, interface: 0, link_type, data: &data, orig_len };
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// Two transfers from one port of the client's, each from a port of its own.
fn transfers(folder: &Path) -> PathBuf {
    let (asked, one, two) = ("10.0.0.2:69", "10.0.0.2:50001", "10.0.0.2:50002");
    capture(
        folder,
        &[
            (0, CLIENT, asked, b"get one"),
            (1, one, CLIENT, b"one 1"),
            (2, CLIENT, one, b"ack 1"),
            (3, one, CLIENT, b"one 2"),
            (4, CLIENT, one, b"ack 2"),
            (5, CLIENT, asked, b"get two"),
            (6, two, CLIENT, b"two 1"),
            (7, CLIENT, two, b"ack 1"),
        ],
    )
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.args(args).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = command.output().unwrap();
    let text = |it| String::from_utf8(it).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The conversations that a capture is planned as: client, server, and datagrams of either.
fn planned(path: &Path) -> Vec<(String, String, u64, u64)> {
    let (code, out, error) = run(&["replay", path.to_str().unwrap(), "--dry-run", "-T", "json"]);
    assert_eq!(code, Some(0), "{error}");
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let count = |it: &Value| it.as_u64().unwrap();
    lines
        .map(|it| {
            (
                text(&it["client"]),
                text(&it["server"]),
                count(&it["sends"][0]),
                count(&it["sends"][1]),
            )
        })
        .collect()
}

#[test]
fn an_answer_from_another_port_is_of_the_conversation_that_asked() {
    let folder = tempfile::tempdir().unwrap();
    let all = planned(&transfers(folder.path()));
    assert_eq!(all, [(CLIENT.into(), "10.0.0.2:69".into(), 5, 3)]);
}

#[test]
fn what_may_be_a_request_of_its_own_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = "10.0.0.2:53";
    for (what, sent, expected) in [
        (
            "the port that was asked has answered",
            &[
                (0, CLIENT, server, &b"q"[..]),
                (1, server, CLIENT, b"a"),
                (2, "10.0.0.2:9000", CLIENT, b"p"),
            ][..],
            2,
        ),
        (
            "two servers that ask each other",
            &[(0, "10.0.0.1:53", server, b"q"), (1, "10.0.0.2:9000", "10.0.0.1:53", b"q")],
            2,
        ),
        ("another host", &[(0, CLIENT, server, b"q"), (1, "10.0.0.3:9000", CLIENT, b"p")], 2),
        ("too late", &[(0, CLIENT, server, b"q"), (10_001, "10.0.0.2:9000", CLIENT, b"p")], 2),
        ("just in time", &[(0, CLIENT, server, b"q"), (10_000, "10.0.0.2:9000", CLIENT, b"p")], 1),
    ] {
        assert_eq!(planned(&capture(folder.path(), sent)).len(), expected, "{what}");
    }
}

/// A server that answers each `get` from a socket of its own, until nothing more comes there.
fn server(transfers: usize) -> (SocketAddr, thread::JoinHandle<Vec<String>>) {
    let main = UdpSocket::bind("127.0.0.1:0").unwrap();
    main.set_read_timeout(Some(PATIENCE)).unwrap();
    let at = main.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let mut heard = Vec::new();
        let mut bytes = [0; 99];
        for _ in 0..transfers {
            let (len, from) = main.recv_from(&mut bytes).unwrap();
            let asked = String::from_utf8(bytes[..len].to_vec()).unwrap();
            let name = asked.strip_prefix("get ").unwrap().to_owned();
            heard.push(asked);
            let own = UdpSocket::bind("127.0.0.1:0").unwrap();
            own.connect(from).unwrap();
            own.set_read_timeout(Some(PATIENCE)).unwrap();
            for block in 1..=if name == "one" { 2 } else { 1 } {
                own.send(format!("{name} {block}").as_bytes()).unwrap();
                let len = own.recv(&mut bytes).unwrap();
                heard.push(format!("{name}: {}", String::from_utf8_lossy(&bytes[..len])));
            }
        }
        heard
    });
    (at, thread)
}

#[test]
fn a_replay_goes_on_with_the_ports_that_the_live_server_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = transfers(folder.path());
    for timing in ["recorded", "reply"] {
        let (at, thread) = server(4);
        let to = at.to_string();
        let args = ["replay", path.to_str().unwrap(), "--to", &to, "-T", "json", "-l", "2"];
        let (code, out, error) = run(&[&args[..], &["--timing", timing]].concat());
        let heard = thread.join().unwrap();
        let once = ["get one", "one: ack 1", "one: ack 2", "get two", "two: ack 1"];
        assert_eq!(heard, once.repeat(2), "{out}{error}");
        let outcome: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, outcome["matched"].as_u64()), (Some(0), Some(6)), "{outcome}");
        assert_eq!(
            (&outcome["conversations"], &outcome["sent"]["messages"]),
            (&2.into(), &10.into())
        );
    }
}

#[test]
fn nothing_is_sent_to_a_port_that_the_live_server_has_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = transfers(folder.path());
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = silent.local_addr().unwrap().to_string();
    for (options, missing) in [(&["--timeout", "100ms"][..], 3), (&["--expect", "none"], 0)] {
        let args = ["replay", path.to_str().unwrap(), "--to", &to, "-T", "json"];
        let (code, out, _) = run(&[&args[..], options].concat());
        let outcome: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &outcome["sent"]["messages"]), (Some(1), &2.into()), "{outcome}");
        let reason = "UDP datagram for a port that the server was to tell by its answer";
        assert_eq!(outcome["skipped"][0]["reason"], reason, "{outcome}");
        assert_eq!(
            (&outcome["skipped"][0]["count"], &outcome["missing"]),
            (&3.into(), &missing.into())
        );
        let mut bytes = [0; 99];
        for expected in [&b"get one"[..], b"get two"] {
            let len = silent.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..len], expected);
        }
    }
}

/// Gets what a server tells to `get`, from whichever port it tells it.
fn get(at: SocketAddr, socket: &UdpSocket, name: &str, blocks: usize) -> SocketAddr {
    socket.send_to(format!("get {name}").as_bytes(), at).unwrap();
    let mut bytes = [0; 99];
    let mut own: Option<SocketAddr> = None;
    for block in 1..=blocks {
        let (len, from) = socket.recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..len], format!("{name} {block}").as_bytes());
        assert_ne!(from, at);
        assert!(own.is_none_or(|it| it == from), "a transfer keeps its port");
        own = Some(from);
        socket.send_to(format!("ack {block}").as_bytes(), from).unwrap();
    }
    own.unwrap()
}

#[test]
fn served_answers_come_from_ports_of_their_own_to_many_clients_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(&transfers(folder.path()), &[]);
    let at = serving.at;
    let clients: Vec<_> = (0..8)
        .map(|number| {
            thread::spawn(move || {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                // In the recorded order, in the other, and again.
                let order = if number % 2 == 0 {
                    [("one", 2), ("two", 1)]
                } else {
                    [("two", 1), ("one", 2)]
                };
                let ports: Vec<_> =
                    order.iter().map(|(name, it)| get(at, &socket, name, *it)).collect();
                assert_ne!(ports[0], ports[1]);
                get(at, &socket, "one", 2);
            })
        })
        .collect();
    clients.into_iter().for_each(|it| it.join().unwrap());
    let (outcome, code) = serving.interrupt();
    assert_eq!((code, &outcome["conversations"]), (0, &8.into()), "{outcome}");
    assert_eq!((&outcome["sent"]["messages"], &outcome["differed"]), (&40.into(), &0.into()));
}

#[test]
fn a_server_says_whose_answer_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(&transfers(folder.path()), &[]);
    // Whoever asks is gone when the answer comes; the next one is not kept from his by that.
    serving.while_stopped(|| {
        for _ in 0..3 {
            let gone = UdpSocket::bind("127.0.0.1:0").unwrap();
            gone.send_to(b"get two", serving.at).unwrap();
        }
    });
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    get(serving.at, &socket, "one", 2);
    let (outcome, code) = serving.interrupt();
    let reason = "UDP answer refused: its client is gone";
    assert_eq!((code, &outcome["skipped"][0]["reason"]), (0, &reason.into()), "{outcome}");
    assert_eq!(outcome["skipped"][0]["count"], 3);
}
