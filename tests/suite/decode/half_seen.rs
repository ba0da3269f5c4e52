//! Conversations of which the capture holds no handshake, one side, or what other connections left
//! behind: who the client is, where each side begins, and what each speaks.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::frame::{self, Endpoints, Flags, Segment};
use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, WriteFormat, Writer};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
const BAD: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n";
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03";
const SERVER_HELLO: &[u8] = b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03";
const TLS_ALERT: &[u8] = b"\x15\x03\x01\x00\x02\x02\x46";
const TLS_DATA: &[u8] = b"\x17\x03\x03\x00\x04\xca\xfe\xba\xbe";
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const HTTP2_SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

fn program(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.args(args).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn objects(args: &[&str]) -> Vec<Value> {
    let (code, stdout, stderr) = program(args);
    assert_eq!(code, Some(0), "{args:?}: {stderr}");
    stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A capture that is written segment by segment.
struct Script {
    folder: tempfile::TempDir,
    ends: Endpoints,
    /// What client and server send next.
    next: [u32; 2],
    frames: Vec<Vec<u8>>,
}

impl Script {
    /// Between these ports of client and server.
    fn new(client: u16, server: u16) -> Self {
        let address = |host, port| SocketAddr::from(([10, 0, 0, host], port));
        let ends = Endpoints { client: address(1, client), server: address(2, server) };
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, ends, next: [1000, 7000], frames: Vec::new() }
    }

    /// As [`new`](Self::new), with a handshake.
    fn opened(client: u16, server: u16) -> Self {
        let mut script = Self::new(client, server);
        script.raw("c", "S", 999, None, b"");
        script.raw("s", "S", 6999, Some(1000), b"");
        script
    }

    /// A segment with these numbers; the sender is `c` or `s`.
    fn raw(&mut self, who: &str, flags: &str, seq: u32, ack: Option<u32>, payload: &[u8]) {
        let has = |flag| flags.contains(flag);
        let segment = Segment {
            from_client: who == "c",
            seq,
            ack,
            flags: Flags { syn: has('S'), fin: has('F'), rst: has('R') },
            payload: payload.to_vec(),
        };
        self.frames.push(frame::tcp(self.ends, &segment));
    }

    /// A side goes on.
    fn say(&mut self, who: &str, payload: &[u8]) -> &mut Self {
        let (own, peer) = if who == "c" { (0, 1) } else { (1, 0) };
        self.raw(who, "", self.next[own], Some(self.next[peer]), payload);
        self.next[own] += payload.len() as u32;
        self
    }

    fn write(&self) -> PathBuf {
        let path = self.folder.path().join("made.pcap");
        let mut writer = Writer::create(&path, WriteFormat::Pcap).expect("a new file");
        for (number, data) in (1..).zip(&self.frames) {
            let (orig_len, link_type) = (data.len() as u32, LinkType::Ethernet);
            let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
            writer.write(&frame).expect("a frame");
        }
        writer.finish().expect("written");
        path
    }

    /// Its messages as `frame source-port method-or-status`.
    fn messages(&self, more: &[&str]) -> Vec<String> {
        let path = self.write();
        let args = [&["decode", "-T", "json", text(&path)], more].concat();
        let line = |message: &Value| {
            let port =
                message["src"].as_str().and_then(|it| it.rsplit(':').next()).expect("a port");
            let fields = &message["fields"];
            let what = fields["method"].as_str().map(str::to_owned);
            let what = what.unwrap_or_else(|| fields["status"].to_string());
            format!("{} {port} {what}", message["frame"])
        };
        objects(&args).iter().map(line).collect()
    }

    /// How often decoding passes over something, for that reason.
    fn passed_over(&self, reason: &str) -> u64 {
        let path = self.write();
        let (code, _, stderr) = program(&["decode", "-q", "-T", "json", text(&path)]);
        assert_eq!(code, Some(0), "{stderr}");
        let summary: Value = serde_json::from_str(&stderr).expect("JSON");
        summary["undecoded"][reason].as_u64().unwrap_or_default()
    }

    fn protocol(&self) -> Value {
        let path = self.write();
        objects(&["flows", "-T", "json", text(&path)])[0]["protocol"].clone()
    }

    /// Each piece that is followed, as `side source-port`.
    fn followed(&self) -> Vec<String> {
        let path = self.write();
        let pieces = objects(&["follow", text(&path), "tcp:0", "-T", "json"]);
        let line = |it: &Value| {
            let src = it["src"].as_str().and_then(|it| it.rsplit(':').next()).expect("a port");
            format!("{} {src}", it["side"].as_str().expect("a side"))
        };
        pieces.iter().map(line).collect()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Ports of client and server: either the higher, or the same.
const PORTS: [(u16, u16); 3] = [(8868, 31600), (40000, 80), (9000, 9000)];

#[test]
fn content_says_who_the_client_is() {
    for (client, server) in PORTS {
        // Who speaks, in the order in which the capture has it.
        for (turns, expected) in [
            (&["c", "s"][..], &["1 c GET", "2 s 200"][..]),
            (&["s", "c", "s"], &["1 s 200", "2 c GET", "3 s 200"]),
            (&["c", "c"], &["1 c GET", "2 c GET"]),
            (&["s", "s"], &["1 s 200", "2 s 200"]),
        ] {
            let mut script = Script::new(client, server);
            for turn in turns {
                script.say(turn, if *turn == "c" { GET } else { OK });
            }
            let expected: Vec<_> = expected
                .iter()
                .map(|it| it.replace(" c ", &format!(" {client} ")))
                .map(|it| it.replace(" s ", &format!(" {server} ")))
                .collect();
            let rule = format!("tcp.port=={server},http");
            for rules in [&[][..], &["-d", &rule]] {
                assert_eq!(
                    script.messages(rules),
                    expected,
                    "{client} {server} {turns:?} {rules:?}"
                );
            }
            assert_eq!(script.protocol(), "http");
            let sides = turns.iter().map(|it| match *it {
                "c" => format!("client {client}"),
                _ => format!("server {server}"),
            });
            assert_eq!(script.followed(), sides.collect::<Vec<_>>(), "{client} {server} {turns:?}");
        }
    }
}

#[test]
fn bodies_and_findings_come_of_half_seen_conversations_too() {
    let mut script = Script::new(8868, 31600);
    script.say("s", b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody");
    script.say("c", GET).say("s", OK);
    let (path, out) = (script.write(), script.folder.path().join("out"));
    let exported = objects(&["export", "objects", text(&path), "-o", text(&out), "-T", "json"]);
    assert_eq!(exported.len(), 2, "{exported:?}");
    for object in &exported {
        let file = out.join(object["file"].as_str().expect("a name"));
        assert_eq!(fs::read(file).expect("a file"), b"body");
    }
    let findings = objects(&["check", "-T", "json", text(&path)]);
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((&finding["code"], &finding["frames"][0]), (&"http-bare-lf".into(), &1.into()));
    assert_eq!(finding["src"], "10.0.0.2:31600");
}

/// The capture begins in a body; what follows shows who the client is, also where TCP cuts the first
/// line anyhow.
#[test]
fn content_says_it_later_and_in_pieces() {
    for (client, server) in PORTS {
        let rule = format!("tcp.port=={server},http");
        for rules in [&[][..], &["-d", &rule]] {
            let mut script = Script::new(client, server);
            script.say("s", b"the end of a body, and \0 more of it").say("s", b"\xff\xfe\n");
            script.say("c", GET).say("s", OK);
            let expected = [format!("3 {client} GET"), format!("4 {server} 200")];
            assert_eq!(script.messages(rules), expected, "{client} {server} {rules:?}");
            let sides =
                [("server", server), ("server", server), ("client", client), ("server", server)];
            assert_eq!(script.followed(), sides.map(|(side, port)| format!("{side} {port}")));

            let mut script = Script::new(client, server);
            for byte in OK {
                script.say("s", &[*byte]);
            }
            for byte in GET {
                script.say("c", &[*byte]);
            }
            let (first, last) = (OK.len(), OK.len() + GET.len());
            let expected = [format!("{first} {server} 200"), format!("{last} {client} GET")];
            assert_eq!(script.messages(rules), expected, "{client} {server} {rules:?}");
            assert_eq!(script.followed()[0], format!("server {server}"));
        }
    }
}

#[test]
fn a_hello_of_tls_says_it_too() {
    for (client, server) in PORTS {
        let mut script = Script::new(client, server);
        script.say("s", SERVER_HELLO).say("c", TLS_DATA);
        assert_eq!(script.followed()[0], format!("server {server}"));
        let mut script = Script::new(client, server);
        script.say("c", CLIENT_HELLO).say("s", SERVER_HELLO);
        assert_eq!(script.followed()[0], format!("client {client}"));
    }
}

/// Without content it is the port: a lower one is a server's.
#[test]
fn without_content_the_lower_port_is_the_servers() {
    for (sender, other, side) in [(40000, 80, "client"), (80, 40000, "server")] {
        let mut script = Script::new(sender, other);
        script.say("c", b"\x01\x02\x03").say("c", b"\x04");
        assert_eq!(script.followed(), [format!("{side} {sender}"), format!("{side} {sender}")]);
    }
}

/// More than is held back: the rest is not lost, nor put elsewhere.
#[test]
fn what_is_held_back_comes_out_in_order() {
    let mut script = Script::new(8868, 31600);
    for _ in 0..120 {
        script.say("s", &[7; 1400]);
    }
    let path = script.write();
    let pieces = objects(&["follow", text(&path), "tcp:0", "-T", "json"]);
    let offsets: Vec<_> =
        pieces.iter().map(|it| it["offset"].as_u64().expect("a number")).collect();
    assert_eq!(offsets, (0..120).map(|it| it * 1400).collect::<Vec<_>>());
    let frames: Vec<_> = pieces.iter().map(|it| it["frame"].as_u64().expect("a number")).collect();
    assert_eq!(frames, (1..=120).collect::<Vec<_>>());
}

#[test]
fn each_side_is_recognised_by_its_own_first_bytes() {
    let connect = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n";
    let connected = b"HTTP/1.1 200 OK\r\n\r\n";
    let unread = "TCP payload that no decoder reads";
    let tunnel = "HTTP tunnel behind CONNECT";
    for (client, server, expected, protocol, passed_over) in [
        (&[CLIENT_HELLO][..], &[BAD][..], &["400"][..], "http", ("TLS", 1)),
        (&[HTTP2_PREFACE], &[BAD], &["400"], "http", ("HTTP/2", 1)),
        (&[HTTP2_PREFACE], &[HTTP2_SETTINGS], &[], "HTTP/2", ("HTTP/2", 2)),
        // A server that answers in HTTP takes it for a request, of which the end is the close.
        (&[b"\x01\x02\x03 garbage"], &[BAD], &["400", "\u{1}\u{2}\u{3}"], "http", (unread, 0)),
        (&[GET], &[TLS_ALERT], &["GET"], "http", ("TLS", 1)),
        (&[CLIENT_HELLO, TLS_DATA], &[SERVER_HELLO, TLS_DATA], &[], "TLS", ("TLS", 4)),
        (&[CLIENT_HELLO], &[b"\x80 not TLS"], &[], "TLS", (unread, 1)),
        (
            &[connect, CLIENT_HELLO],
            &[connected, SERVER_HELLO],
            &["CONNECT", "200"],
            "http",
            (tunnel, 2),
        ),
    ] {
        for port in [80, 1989, 31600] {
            let mut script = Script::opened(40000, port);
            for (request, answer) in client.iter().zip(server) {
                script.say("c", request).say("s", answer);
            }
            // Of the built-in of that port is what HTTP and TLS do not explain.
            let is_builtin = port == 1989 && passed_over.0 == unread;
            let (reason, count) = passed_over;
            let found = script.messages(&["-Y", "http"]);
            let found: Vec<_> = found.iter().map(|it| it.rsplit(' ').next().unwrap()).collect();
            let is_expected = |it: &&str| !is_builtin || it.parse::<u16>().is_ok();
            let expected: Vec<_> = expected.iter().copied().filter(is_expected).collect();
            assert_eq!(found, expected, "{port} {client:?}");
            if !is_builtin {
                assert_eq!(script.protocol(), protocol, "{port} {client:?}");
                assert_eq!(script.passed_over(reason), count, "{port} {client:?}");
            }
        }
    }
}

/// What is left of earlier connections between the same ports, before the server's SYN.
#[test]
fn a_side_begins_with_the_syn_that_its_peer_accepts() {
    let stale = 0x6000_0000;
    for (what, strays) in [
        (
            "a challenge",
            &[("s", "", stale, Some(stale), &b""[..]), ("c", "R", stale, None, b"")][..],
        ),
        ("its end", &[("s", "F", stale, Some(stale), b"")]),
        ("a reset", &[("s", "R", stale, None, b""), ("s", "R", stale, Some(stale), b"")]),
        ("its bytes", &[("s", "", stale, Some(stale), b"HTTP/1.1 500 Old\r\n\r\n")]),
        ("another SYN", &[("s", "S", stale, Some(stale), b"")]),
        ("an accepted number's reset", &[("s", "R", 0, Some(1000), b"")]),
        ("the same SYN again", &[("c", "S", 999, None, b""), ("s", "S", 6999, Some(1000), b"")]),
        ("an acknowledgement captured before", &[("s", "", 7000, Some(1000), b"")]),
    ] {
        let mut script = Script::new(40000, 80);
        script.raw("c", "S", 999, None, b"");
        for (who, flags, seq, ack, payload) in strays {
            script.raw(who, flags, *seq, *ack, payload);
        }
        script.raw("c", "S", 999, None, b"");
        script.raw("s", "S", 6999, Some(1000), b"");
        script.say("c", GET).say("s", OK).say("c", GET);
        // And after it.
        script.raw("s", "F", stale, Some(stale), b"");
        script.raw("s", "", stale, Some(stale), b"stale");
        script.say("s", OK);
        let found = script.messages(&[]);
        let found: Vec<_> = found.iter().map(|it| it.rsplit(' ').next().unwrap()).collect();
        assert_eq!(found, ["GET", "200", "GET", "200"], "{what}");
        let path = script.write();
        let (_, plan, _) = program(&["replay", text(&path), "--to", "127.0.0.1:9", "--dry-run"]);
        if !what.contains("reset") {
            assert!(plan.contains("40000"), "{what}: {plan}");
        }
    }
}

#[test]
fn a_client_that_tries_again_is_another_conversation() {
    for refusal in [Some(Some(401)), Some(None), None] {
        let mut script = Script::new(40000, 80);
        script.raw("c", "S", 400, None, b"");
        if let Some(ack) = refusal {
            script.raw("s", "R", 0, ack, b"");
        }
        script.raw("c", "S", 999, None, b"");
        script.raw("s", "", 123_456, Some(401), b"");
        script.raw("s", "S", 6999, Some(1000), b"");
        script.say("c", GET).say("s", OK);
        let found = script.messages(&[]);
        let found: Vec<_> = found.iter().map(|it| it.rsplit(' ').next().unwrap()).collect();
        assert_eq!(found, ["GET", "200"], "{refusal:?}");
    }
}

/// RFC 7413, and RFC 9293 section 3.5, figure 8.
#[test]
fn fast_and_simultaneous_opens_are_connections() {
    for accepted in [true, false] {
        let mut script = Script::new(40000, 80);
        script.raw("c", "S", 999, None, GET);
        let acknowledged = 1000 + if accepted { GET.len() as u32 } else { 0 };
        script.raw("s", "S", 6999, Some(acknowledged), b"");
        if !accepted {
            script.raw("c", "", 1000, Some(7000), GET);
        }
        script.next[0] += GET.len() as u32;
        script.say("s", OK);
        let found = script.messages(&[]);
        assert_eq!(found[0], "1 40000 GET");
        assert!(found[1].ends_with("80 200"), "{found:?}");
    }
    let mut script = Script::new(40000, 80);
    script.raw("c", "S", 999, None, b"");
    script.raw("s", "S", 6999, None, b"");
    script.raw("c", "S", 999, Some(7000), b"");
    script.raw("s", "S", 6999, Some(1000), b"");
    script.say("c", GET).say("s", OK);
    assert_eq!(script.messages(&[]), ["5 40000 GET", "6 80 200"]);
}

/// Some routers count what fills up an Ethernet frame into the length of the packet.
#[test]
fn zeros_that_fill_up_a_frame_are_no_payload() {
    let mut script = Script::opened(40000, 80);
    script.say("c", GET);
    let (next, asked) = (script.next[1], script.next[0]);
    script.raw("s", "", next, Some(asked), &[0; 6]);
    script.raw("s", "F", next + OK.len() as u32, Some(asked), &[0; 6]);
    script.say("s", OK);
    assert_eq!(script.messages(&[]), ["3 40000 GET", "6 80 200"]);
    assert_eq!(script.followed(), ["client 40000", "server 80"]);
    // Other bytes are meant, however few.
    let mut script = Script::opened(40000, 80);
    script.say("c", b"\0\0\0\0\0\x01").say("c", &[0; 5]);
    assert_eq!(script.followed(), ["client 40000", "client 40000"]);
}
