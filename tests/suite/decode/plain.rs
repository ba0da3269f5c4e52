//! RESP and lines of text through the program: told by content, named by rules, and left alone.

use std::path::{Path, PathBuf};

use crate::frame::{Endpoints, Flags, Segment, tcp};
use assert_cmd::Command;
use serde_json::{Value, json};
use wirereel::capture::{Frame, LinkType, WriteFormat, Writer};

/// Who says what.
type Said<'s> = (Who, &'s [u8]);

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Client,
    Server,
}
use Who::{Client, Server};

const REDIS: &[Said<'static>] = &[
    (Client, b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\xff\0\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"),
    (Server, b"+OK\r\n:42\r\n"),
    (Client, b"*3\r\n$6\r\nLRANGE\r\n$1\r\nl\r\n$1\r\n0\r\n"),
    (Server, b"*3\r\n$1\r\na\r\n$-1\r\n:-7\r\n"),
];

const MEMCACHED: &[Said<'static>] = &[
    (Client, b"set k 0 0 2\r\nhi\r\ngets k\r\n"),
    (Server, b"STORED\r\nVALUE k 0 2 17\r\nhi\r\nEND\r\n"),
];

const SMTP: &[Said<'static>] = &[
    (Server, b"220 mx ready\r\n"),
    (Client, b"EHLO a\r\n"),
    (Server, b"250-mx\r\n250 STARTTLS\r\n"),
    (Client, b"STARTTLS\r\n"),
    (Server, b"220 go\r\n"),
    (Client, b"\x16\x03\x01\0\x05\x01\0\0\n\0\n"),
    (Server, b"\x16\x03\x03\0\x02\x02\n"),
];

/// A capture of one connection, with its handshake and its end.
fn capture(name: &str, port: u16, said: &[Said<'_>]) -> PathBuf {
    let (mut sent, mut segments) = ([100u32, 500], Vec::new());
    let mut push = |who: Who, flags: Flags, payload: &[u8]| {
        let (own, other) = if who == Client { (0, 1) } else { (1, 0) };
        let ack = (!flags.syn || who == Server).then_some(sent[other]);
        let from_client = who == Client;
        segments.push(Segment {
            from_client,
            seq: sent[own],
            ack,
            flags,
            payload: payload.to_vec(),
        });
        sent[own] += payload.len() as u32 + u32::from(flags.syn) + u32::from(flags.fin);
    };
    let (syn, fin) =
        (Flags { syn: true, ..Flags::default() }, Flags { fin: true, ..Flags::default() });
    push(Client, syn, b"");
    push(Server, syn, b"");
    said.iter().for_each(|(who, bytes)| push(*who, Flags::default(), bytes));
    push(Client, fin, b"");
    push(Server, fin, b"");
    written(name, port, &segments)
}

fn written(name: &str, port: u16, segments: &[Segment]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plain_{name}.pcap"));
    let mut writer = Writer::create(&path, WriteFormat::Pcap).expect("a new file");
    for segment in segments {
        let data = &tcp(Endpoints::numbered(0, port), segment)[..];
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number: 0, time: None, interface: 0, link_type, data, orig_len };
        writer.write(&frame).expect("a frame that fits");
    }
    writer.finish().expect("written");
    path
}

struct Output {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(command: &str, capture: &Path, args: &[&str]) -> Output {
    let mut program = Command::cargo_bin("wirereel").expect("the program is built");
    // Away from any wirereel.toml that the working directory may hold.
    program.arg(command).arg(capture).args(args).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = program.output().expect("the program runs");
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    Output { code: output.status.code(), stdout, stderr }
}

fn stdout(command: &str, capture: &Path, args: &[&str]) -> String {
    let output = run(command, capture, args);
    assert_eq!(output.code, Some(0), "{args:?}: {}", output.stderr);
    output.stdout
}

/// Message, fields and pair of each.
fn messages(capture: &Path, args: &[&str]) -> Vec<Value> {
    let lines = stdout("decode", capture, &[&["-T", "json"], args].concat());
    let of = |line: &str| -> Value {
        let it: Value = serde_json::from_str(line).unwrap();
        json!([it["protocol"], it["message"], it["fields"], it["pair"]])
    };
    lines.lines().map(of).collect()
}

/// What `flows` calls the one conversation.
fn protocol(capture: &Path, args: &[&str]) -> Value {
    let line = stdout("flows", capture, &[&["-T", "json"], args].concat());
    let flow: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    flow["protocol"].clone()
}

#[test]
fn resp_is_told_by_its_content() {
    let made = capture("redis", 7001, REDIS);
    let expected = [
        json!(["resp", "command", {"command": "SET", "args": ["k", {"hex": "ff00"}]}, 1]),
        json!(["resp", "command", {"command": "INCR", "args": ["n"]}, 2]),
        json!(["resp", "reply", {"type": "simple", "value": "OK"}, 1]),
        json!(["resp", "reply", {"type": "integer", "value": 42}, 2]),
        json!(["resp", "command", {"command": "LRANGE", "args": ["l", "0"]}, 3]),
        json!(["resp", "reply", {"type": "array", "value": ["a", null, -7]}, 3]),
    ];
    assert_eq!(messages(&made, &[]), expected);
    assert_eq!(protocol(&made, &[]), "resp");
    assert_eq!(run("check", &made, &[]).code, Some(0));
    let text = stdout("decode", &made, &[]);
    assert!(text.contains("resp  command=\"SET\" args=[\"k\" 0xff00]"), "{text}");
    assert!(text.contains("resp  type=array value=[\"a\" null -7]"), "{text}");
    let fields =
        ["-T", "fields", "-e", "resp.command", "-e", "resp.args", "-e", "resp.value", "-e", "pair"];
    let rows =
        "SET\tk,ff00\t\t1\nINCR\tn\t\t2\n\t\tOK\t1\n\t\t42\t2\nLRANGE\tl,0\t\t3\n\t\ta,-7\t3\n";
    assert_eq!(stdout("decode", &made, &fields), rows);
    let tree = stdout("decode", &made, &["-V", "-Y", "resp.type == array"]);
    assert!(tree.contains("resp (reply), 21 bytes at offset 54 of the frame\n"), "{tree}");
    assert!(tree.contains("   4..21  value\n    8..9    [0]  \"a\"         61\n"), "{tree}");
    let csv = stdout("decode", &made, &["-T", "csv", "-d", "tcp.port==7001,resp"]);
    let header = "command.command,command.args,command.cut,reply.type,reply.attributes,reply.value,reply.cut";
    assert!(csv.lines().next().unwrap().contains(header), "{csv}");
    assert!(csv.contains(",array,,\"[\"\"a\"\",null,-7]\","), "{csv}");
}

#[test]
fn filters_name_commands_and_values() {
    let made = capture("filters", 7001, REDIS);
    for (filter, count) in [
        ("resp", 6),
        ("resp.command", 3),
        ("resp.command == \"INCR\"", 1),
        ("resp.args contains \"k\"", 1),
        ("resp.value == 42", 1),
        ("resp.value == \"OK\"", 1),
        ("resp.type in {integer, simple}", 2),
        ("pair == 3", 2),
        ("lines", 0),
    ] {
        let found = messages(&made, &["-Y", filter]).len();
        assert_eq!(found, count, "{filter}");
    }
}

#[test]
fn lines_are_told_by_their_content() {
    let made = capture("memcached", 7002, MEMCACHED);
    let words = |line: &str| json!(line.split(' ').collect::<Vec<_>>());
    let line = |line: &str| json!({"line": line, "words": words(line)});
    let block = |text: &str| json!({"line": text, "words": words(text), "data": "hi"});
    let mut value = block("VALUE k 0 2 17");
    value["more"] = json!([line("END")]);
    let expected = [
        json!(["lines", "command", block("set k 0 0 2"), 1]),
        json!(["lines", "command", line("gets k"), 2]),
        json!(["lines", "reply", line("STORED"), 1]),
        json!(["lines", "reply", value, 2]),
    ];
    assert_eq!(messages(&made, &[]), expected);
    assert_eq!(protocol(&made, &[]), "lines");
    assert_eq!(run("check", &made, &[]).code, Some(0));
    assert_eq!(messages(&made, &["-Y", "lines.words == \"17\""]).len(), 1);
    let plan = stdout("replay", &made, &["--to", "127.0.0.1:1", "--dry-run"]);
    assert!(plan.lines().nth(1).unwrap().ends_with("  lines"), "{plan}");
}

/// The first command tells nothing until it is answered; it is in its own frame all the same.
#[test]
fn a_message_has_the_frame_that_carried_it() {
    let said: &[Said<'_>] = &[
        (Client, b"get k\r\n"),
        (Server, b"VALUE k 0 2\r\nhi\r\n"),
        (Server, b"END\r\n"),
        (Client, b"get l\r\n"),
        (Server, b"END\r\n"),
    ];
    let made = capture("frames", 7002, said);
    let fields = ["-T", "fields", "-e", "frame.number", "-e", "line", "-e", "pair"];
    let rows = "3\tget k\t1\n5\tVALUE k 0 2\t1\n6\tget l\t2\n7\tEND\t2\n";
    assert_eq!(stdout("decode", &made, &fields), rows);
    let some = made.with_file_name("plain_some.pcap");
    let excerpt = ["-w", some.to_str().unwrap(), "-Y", "words == \"k\" && pair == 1"];
    assert_eq!(messages(&made, &excerpt).len(), 2);
    let frames = stdout("info", &some, &["-T", "json"]);
    let frames: Value = serde_json::from_str(frames.lines().next().unwrap()).unwrap();
    assert_eq!(frames["frames"], 3);
}

#[test]
fn what_turns_to_tls_is_passed_over_with_its_reason() {
    let made = capture("smtp", 25, SMTP);
    let output =
        run("decode", &made, &["-T", "fields", "-e", "code", "-e", "lines.line", "-e", "pair"]);
    let rows = "220\t220 mx ready\t\n\tEHLO a\t1\n250\t250-mx\t1\n\tSTARTTLS\t2\n220\t220 go\t2\n";
    assert_eq!(output.stdout, rows);
    let reason = "2  not decoded: TLS behind lines of text";
    assert!(output.stderr.contains(reason), "{}", output.stderr);
}

#[test]
fn a_server_alone_and_a_client_alone_are_lines() {
    for (said, name) in [
        (&[(Server, &b"Mon Jul 29 12:00:00 2024\r\n"[..])][..], "daytime"),
        (&[(Server, b"1714564496\r\n")], "stamp"),
        (
            &[(Client, b"<13>Jul 29 host app: text\n"), (Client, b"<13>Jul 29 host app: more\n")],
            "syslog",
        ),
        (&[(Client, "成绩 83\n".as_bytes()), (Server, "好\n".as_bytes())], "grades"),
        (&[(Client, b"PING\r\n")], "no answer"),
        (
            &[(Server, b"+OK POP3 ready\r\n"), (Client, b"STAT\r\n"), (Server, b"+OK 2 320\r\n")],
            "pop3",
        ),
    ] {
        let made = capture("alone", 7003, said);
        let found = messages(&made, &[]);
        assert_eq!(found.len(), said.len(), "{name}: {found:?}");
        assert!(found.iter().all(|it| it[0] == "lines"), "{name}: {found:?}");
    }
}

#[test]
fn a_line_may_be_a_command_of_resp() {
    let made = capture("inline", 7004, &[(Client, b"PING\r\n"), (Server, b"+PONG\r\n")]);
    let found = messages(&made, &[]);
    assert_eq!(found[0], json!(["resp", "command", {"command": "PING", "args": []}, 1]));
    assert_eq!(found[1], json!(["resp", "reply", {"type": "simple", "value": "PONG"}, 1]));
    // The client may have ended before the answer comes.
    let made =
        capture("pubsub", 7004, &[(Server, b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n")]);
    assert_eq!(messages(&made, &[])[0][2]["value"], json!(["message", "c", "hi"]));
}

#[test]
fn binary_data_is_no_text() {
    let greeting = b"J\0\0\0\x0a5.7.44-log\0\n\x01\x02";
    for (said, name) in [
        (&[(Server, &greeting[..]), (Client, b"hello\n")][..], "binary server first"),
        (&[(Client, b"\0\0\0\x08\x04\xd2\x16\x2f\n")], "a length first"),
        (&[(Client, b"\xff\xfd\x18\xff\xfd\x20\n"), (Server, b"\xff\xfb\x18\n")], "telnet"),
        (&[(Client, &[0x80; 40]), (Client, b"\n")], "beyond ASCII"),
        (&[(Client, &[b'a'; 600]), (Client, b"\n")], "no end within the bound"),
        (&[(Client, b"no end")], "no end at all"),
    ] {
        let made = capture("binary", 7005, said);
        let output = run("decode", &made, &["-T", "json"]);
        assert_eq!((output.code, &*output.stdout), (Some(0), ""), "{name}");
        assert_eq!(protocol(&made, &[]), Value::Null, "{name}");
    }
}

#[test]
fn ssh_is_named_and_passed_over() {
    let said: &[Said<'_>] = &[
        (Server, b"SSH-2.0-OpenSSH_9.6\r\n"),
        (Client, b"SSH-2.0-OpenSSH_9.2\r\n"),
        (Client, b"\0\0\x05\xdc\x08\x14"),
    ];
    let made = capture("ssh", 7006, said);
    assert_eq!(protocol(&made, &[]), "SSH");
    let output = run("decode", &made, &[]);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("3  not decoded: SSH"), "{}", output.stderr);
}

#[test]
fn what_the_user_names_comes_first() {
    let stamps: &[Said<'_>] = &[(Server, b"1700000000\r\n")];
    let made = capture("named", 7007, stamps);
    let header = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/stream/proto.h");
    let named = ["-H", header, "-d", "tcp.port==7007,FMT_STAMP"];
    assert_eq!(messages(&made, &named)[0][2], json!({"value": 1_700_000_000}));
    assert_eq!(messages(&made, &[])[0][0], "lines");
    // On its own port the built-in does.
    let made = capture("built_in", 1989, stamps);
    assert_eq!(messages(&made, &[])[0][0], "stream-stamp");
    assert_eq!(messages(&made, &["-d", "tcp.port==1989,lines"])[0][0], "lines");
    assert_eq!(messages(&made, &["--no-builtin"]), [] as [Value; 0]);
}

#[test]
fn a_rule_names_them_where_content_is_not_asked() {
    let made = capture("ruled", 6379, REDIS);
    assert_eq!(messages(&made, &["--no-builtin"]).len(), 0);
    assert_eq!(messages(&made, &["--no-builtin", "-d", "tcp.port==6379,resp"]).len(), 6);
    assert_eq!(messages(&made, &["--no-builtin", "-d", "tcp.port==6380,resp"]).len(), 0);
    let lines = messages(&made, &["-d", "tcp.port==6379,lines"]);
    assert_eq!(lines[0][2]["line"], "*3");
    for (rule, text) in [("resp", "resp runs over TCP"), ("lines", "lines are read from a stream")]
    {
        let output = run("decode", &made, &["-d", &format!("udp.port==6379,{rule}")]);
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(text), "{}", output.stderr);
    }
}

/// Frames of a connection whose handshake the capture lacks.
fn half_seen(name: &str, port: u16, said: &[Said<'_>]) -> PathBuf {
    let (mut sent, mut segments) = ([100u32, 500], Vec::new());
    for (who, payload) in said {
        let (own, other) = if *who == Client { (0, 1) } else { (1, 0) };
        let (seq, ack, flags) = (sent[own], Some(sent[other]), Flags::default());
        sent[own] += payload.len() as u32;
        segments.push(Segment {
            from_client: *who == Client,
            seq,
            ack,
            flags,
            payload: payload.to_vec(),
        });
    }
    written(name, port, &segments)
}

#[test]
fn a_conversation_may_be_seen_from_its_middle() {
    // The server's port is the higher one, so that content tells who it is.
    let made = half_seen("middle", 50_000, &REDIS[1..]);
    let kinds: Vec<_> = messages(&made, &[]).iter().map(|it| it[1].clone()).collect();
    assert_eq!(kinds, ["reply", "reply", "command", "reply"]);
    // In the middle of a value, which nothing tells; a command does.
    let said: &[Said<'_>] = &[(Server, b"\x01\x02rest of it\r\n"), REDIS[2], REDIS[3]];
    let made = half_seen("value", 6379, said);
    let kinds: Vec<_> = messages(&made, &[]).iter().map(|it| it[1].clone()).collect();
    assert_eq!(kinds, ["command", "reply"]);
    // The rest of a page is text, and HTTP behind it is HTTP.
    let page: &[Said<'_>] = &[
        (Server, b"<p>the end</p>\n</html>\n"),
        (Client, b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Server, b"HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    let made = half_seen("page", 80, page);
    let found = messages(&made, &["-Y", "http"]);
    assert_eq!(found.iter().map(|it| it[1].clone()).collect::<Vec<_>>(), ["request", "response"]);
}
