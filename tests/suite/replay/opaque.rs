//! Conversations that nothing decodes, played to servers that answer otherwise and to clients that
//! take their time; idle times that are cut; and what a dry run warns of.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::frame::Endpoints;
use crate::serving::Serving;
use crate::tape::Does::{BreaksOff, Ends, Says};
use crate::tape::{self, Tape};
use assert_cmd::Command;
use serde_json::{Value, json};

const CLIENT: bool = true;
const SERVER: bool = false;

/// Whoever waits for so long waits in vain.
const STALL: Duration = Duration::from_secs(20);

struct Played {
    outcome: Value,
    stderr: String,
    code: Option<i32>,
    took: Duration,
}

fn wirereel(args: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::cargo_bin("wirereel").unwrap();
    let output = command.args(args).current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn replay(capture: &Path, to: SocketAddr, options: &[&str]) -> Played {
    let (to, begin) = (to.to_string(), Instant::now());
    let mut args = vec!["replay", capture.to_str().unwrap(), "--to", &to, "-T", "json"];
    // What they say is text, and not to be taken for lines here.
    args.extend(["--timeout", "20s", "--no-builtin"]);
    args.extend(options);
    let (stdout, stderr, code) = wirereel(&args);
    let outcome = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    Played { outcome, stderr, code, took: begin.elapsed() }
}

/// A server of lines on a thread: what it is given answers each, in pieces with pauses; without one
/// it closes.
fn serve_lines(
    answer: impl Fn(&str, usize) -> Option<Vec<(u64, String)>> + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            client.set_nodelay(true).unwrap();
            let lines = BufReader::new(client.try_clone().unwrap()).lines();
            for (number, line) in lines.map_while(Result::ok).enumerate() {
                let Some(pieces) = answer(&line, number) else { break };
                for (pause, piece) in pieces {
                    // The pause is what is tested, the pace of this server; nothing is waited for by it.
                    thread::sleep(Duration::from_millis(pause));
                    let _ = (&client).write_all(piece.as_bytes());
                }
            }
        }
    });
    at
}

/// Questions and answers in lines; the client closes.
fn lines(name: &str, said: &[(&str, &str)]) -> PathBuf {
    let mut steps = Vec::new();
    for (question, answer) in said {
        steps.extend([(CLIENT, Says(question.as_bytes())), (SERVER, Says(answer.as_bytes()))]);
    }
    steps.push((CLIENT, Ends));
    let mut tape = Tape::new(name);
    tape.talk(0, Endpoints::numbered(1, 7100), &steps);
    tape.finish()
}

fn differences(outcome: &Value) -> Vec<(u64, &str, &str)> {
    let all = outcome["differences"].as_array().unwrap().iter();
    all.map(|it| {
        let text = |key: &str| it[key].as_str().unwrap_or("nothing");
        (it["message"].as_u64().unwrap(), text("expected"), text("actual"))
    })
    .collect()
}

#[test]
fn shorter_and_longer_answers_stall_nothing_and_differ_each_by_itself() {
    let capture = lines(
        "counters.pcap",
        &[
            ("next\n", "count 100 of 7\n"),
            ("next\n", "count 101 of 7\n"),
            ("name\n", "reel\n"),
            ("next\n", "count 8\n"),
            ("bye\n", "bye\n"),
        ],
    );
    let to = serve_lines(|line, number| {
        let answer = match line {
            "next" => {
                format!("count {}{}\n", number + 7, if number < 3 { " of 7" } else { "0000" })
            }
            "name" => "reel\n".to_owned(),
            _ => "bye\n".to_owned(),
        };
        Some(vec![(0, answer)])
    });
    let Played { outcome, code, took, .. } = replay(&capture, to, &["--timing", "reply"]);
    assert!(took < STALL, "{took:?}");
    assert_eq!((outcome["sent"]["messages"].as_u64(), code), (Some(5), Some(1)), "{outcome}");
    assert_eq!(outcome["received"]["messages"], 5);
    assert_eq!(outcome["skipped"], json!([]));
    assert_eq!(
        differences(&outcome),
        [
            (1, "offset 6: \"100\"", "offset 6: \"7\""),
            (2, "offset 6: \"101\"", "offset 6: \"8\""),
            (4, "offset 6: \"8\"", "offset 6: \"100000\""),
        ]
    );
    let pattern = ["--timing", "reply", "--ignore-pattern", "count [0-9]+"];
    let Played { outcome, code, .. } = replay(&capture, to, &pattern);
    assert_eq!((outcome["matched"].as_u64(), code), (Some(5), Some(0)), "{outcome}");
    let place = ["--timing", "reply", "--ignore", "bytes:6..9"];
    assert_eq!(replay(&capture, to, &place).outcome["matched"], 5);
}

#[test]
fn a_server_that_pauses_within_its_answers_is_waited_for() {
    let capture = lines(
        "paused.pcap",
        &[("list\n", "one\ntwo\nthree\n"), ("list\n", "one\ntwo, three\n"), ("bye\n", "bye\n")],
    );
    // It computes for as long as it pauses.
    let to = serve_lines(|line, _| {
        Some(match line {
            "list" => vec![(120, "one\n".to_owned()), (120, "two\n".to_owned())],
            _ => vec![(0, "bye\n".to_owned())],
        })
    });
    let Played { outcome, took, .. } = replay(&capture, to, &["--timing", "reply"]);
    assert!(took < STALL, "{took:?}");
    assert_eq!(outcome["received"], json!({ "messages": 3, "bytes": 20 }), "{outcome}");
    assert_eq!(outcome["matched"], 1);
    assert_eq!(
        differences(&outcome),
        [
            (1, "offset 8: \"three\n\"", "end at offset 8"),
            (2, "offset 7: \", three\"", "nothing at offset 7")
        ]
    );
}

#[test]
fn who_says_nothing_at_all_is_waited_for_and_each_answer_is_missing() {
    let capture = lines("silent.pcap", &[("a\n", "1\n"), ("b\n", "2\n"), ("c\n", "3\n")]);
    let to = serve_lines(|line, _| {
        Some(if line == "a" { vec![(0, "1\n".to_owned())] } else { Vec::new() })
    });
    let to = to.to_string();
    let args = ["replay", capture.to_str().unwrap(), "--to", &to, "-T", "json"];
    let (stdout, _, code) = wirereel(&[&args[..], &["--timeout", "300ms"]].concat());
    let outcome: Value = serde_json::from_str(&stdout).unwrap();
    let counts = ["matched", "differed", "missing"].map(|it| outcome[it].as_u64().unwrap());
    assert_eq!((counts, code), ([1, 0, 2], Some(1)), "{outcome}");
    assert_eq!(outcome["skipped"][0]["reason"], "no answer within the timeout");
}

#[test]
fn what_is_ignored_must_name_something() {
    let capture = lines("named.pcap", &[("a\n", "1\n")]);
    let capture = capture.to_str().unwrap();
    for (command, option, name, expected) in [
        ("replay", "--ignore", "vaule", "no field is named `vaule`; did you mean `value`?"),
        ("replay", "--ignore", "bytes:9..4", "write bytes:OFFSET..OFFSET, as bytes:4..8"),
        ("replay", "--ignore-pattern", "[0-9", "unclosed character class"),
        ("serve", "--ignore", "http.statsu", "no field is named `http.statsu`; did you mean"),
        ("serve", "--ignore-pattern", "(", "unclosed group"),
    ] {
        let to = if command == "replay" { "--to" } else { "--listen" };
        let args = [command, capture, to, "127.0.0.1:0", "--duration", "1s", option, name];
        let (stdout, stderr, code) = wirereel(&args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
    let (_, stderr, code) = wirereel(&["replay", capture, "--dry-run", "--ignore", "vaule"]);
    assert_eq!(code, Some(2), "{stderr}");
}

fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(STALL)).unwrap();
    stream
}

fn read(stream: &mut TcpStream, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Whether a server has not yet ended a connection, nor said anything.
fn is_open(stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
    let read = stream.peek(&mut [0]);
    stream.set_read_timeout(Some(STALL)).unwrap();
    matches!(read.map_err(|error| error.kind()), Err(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

#[test]
fn a_served_connection_is_closed_once_the_client_has_said_all() {
    let steps = |last: &[(bool, tape::Does<'static>)]| {
        let greeting = [(CLIENT, Says(b"\0login")), (SERVER, Says(b"welcome"))];
        [&greeting[..], &[(CLIENT, Says(b"terminate"))], last].concat()
    };
    for (name, last, is_reset) in [
        ("closes.pcap", &[(SERVER, Ends), (CLIENT, Ends)][..], false),
        ("breaks_off.pcap", &[(SERVER, BreaksOff)], true),
        ("client_breaks_off.pcap", &[(CLIENT, BreaksOff)], false),
        ("client_first.pcap", &[(CLIENT, Ends), (SERVER, Ends)], false),
        ("cut.pcap", &[], false),
    ] {
        let mut tape = Tape::new(name);
        tape.talk(0, Endpoints::numbered(1, 7100), &steps(last));
        let serving =
            Serving::start(&tape.finish(), &["--once", "--timeout", "20s", "--no-builtin"]);
        let mut client = connect(serving.at);
        client.write_all(b"\0login").unwrap();
        assert_eq!(read(&mut client, 7), b"welcome");
        assert!(is_open(&client), "{name}");
        client.write_all(b"terminate").unwrap();
        if matches!(last, [(CLIENT, Ends), ..]) {
            client.shutdown(Shutdown::Write).unwrap();
        }
        if !matches!(last, [(CLIENT, BreaksOff)]) {
            let end = client.read(&mut [0]).map_err(|error| error.kind());
            let expected = if is_reset { Err(ErrorKind::ConnectionReset) } else { Ok(0) };
            assert_eq!(end, expected, "{name}");
        }
        drop(client);
        let (outcome, code) = serving.finish();
        assert_eq!((outcome["matched"].as_u64(), code), (Some(2), 0), "{name}: {outcome}");
        assert_eq!(outcome["skipped"], json!([]), "{name}");
    }
}

#[test]
fn a_client_that_says_less_is_answered_when_it_is_quiet() {
    let mut tape = Tape::new("less.pcap");
    let steps = [
        (CLIENT, Says(&b"a long request"[..])),
        (SERVER, Says(b"answer")),
        (CLIENT, Says(b"more")),
        (SERVER, Says(b"end")),
        (SERVER, Ends),
        (CLIENT, Ends),
    ];
    tape.talk(0, Endpoints::numbered(1, 7100), &steps);
    let serving = Serving::start(&tape.finish(), &["--once", "--timeout", "20s", "--no-builtin"]);
    let mut client = connect(serving.at);
    let begin = Instant::now();
    client.write_all(b"a request").unwrap();
    assert_eq!(read(&mut client, 6), b"answer");
    client.write_all(b"more").unwrap();
    assert_eq!(read(&mut client, 3), b"end");
    assert!(begin.elapsed() < STALL);
    drop(client);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(differences(&outcome), [(1, "offset 2: \"long \"", "nothing at offset 2")]);
}

#[test]
fn answers_to_the_end_of_a_client_wait_for_it() {
    let mut tape = Tape::new("half_closed.pcap");
    let steps =
        [(CLIENT, Says(&b"sum these"[..])), (CLIENT, Ends), (SERVER, Says(b"12")), (SERVER, Ends)];
    tape.talk(0, Endpoints::numbered(1, 7100), &steps);
    let capture = tape.finish();
    let serving = Serving::start(&capture, &["--once", "--no-builtin"]);
    let client = connect(serving.at);
    (&client).write_all(b"sum these").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    (&client).read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "12");
    assert_eq!(serving.finish().1, 0);
    // Played to a server that answers nothing before the client has ended.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut all = String::new();
        client.read_to_string(&mut all).unwrap();
        client.write_all(b"12").unwrap();
        all
    });
    let Played { outcome, code, .. } = replay(&capture, to, &[]);
    assert_eq!((outcome["matched"].as_u64(), code), (Some(1), Some(0)), "{outcome}");
    assert_eq!(server.join().unwrap(), "sum these");
}

const HOUR: i64 = 3_600_000;

#[test]
fn idle_times_are_cut_and_that_is_said() {
    let mut tape = Tape::new("idle.pcap");
    let steps = [(CLIENT, Says(&b"a\n"[..])), (SERVER, Says(b"1\n")), (CLIENT, Ends)];
    for number in 0..2 {
        tape.talk(i64::from(number) * HOUR, Endpoints::numbered(number, 7100), &steps);
    }
    let capture = tape.finish();
    let to = serve_lines(|_, _| Some(vec![(0, "1\n".to_owned())]));
    for options in [&["--timing", "reply", "--max-gap", "50ms"][..], &["--max-gap", "50ms"]] {
        let Played { outcome, stderr, code, took } = replay(&capture, to, options);
        assert_eq!((outcome["matched"].as_u64(), code), (Some(2), Some(0)), "{outcome}{stderr}");
        assert!((Duration::from_millis(50)..STALL).contains(&took), "{took:?}");
        let told = "s of idle time left out: nothing waits longer than 50ms (--max-gap)\n";
        assert!(stderr.starts_with("wirereel: 35") && stderr.ends_with(told), "{stderr}");
    }
    // Without a word of the user five seconds are the longest that a start waits.
    let dry = |options: &[&str]| {
        let args = ["replay", capture.to_str().unwrap(), "--dry-run", "-T", "json"];
        let (stdout, stderr, _) = wirereel(&[&args[..], options].concat());
        let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        (last["start_s"].as_f64().unwrap(), stderr.lines().count())
    };
    assert_eq!(dry(&["--timing", "reply"]), (5.0, 2));
    assert_eq!(dry(&[]), (3600.0, 1));
    assert_eq!(dry(&["-x", "2", "--max-gap", "10s"]), (20.003, 2));
    assert_eq!(dry(&["-t", "--max-gap", "10s"]), (3600.0, 1));
}

#[test]
fn idle_times_of_datagrams_are_cut() {
    let mut tape = Tape::new("idle_datagrams.pcap");
    for hour in 0..4 {
        let ends = Endpoints::numbered(0, 7101);
        tape.datagram(hour * HOUR, ends, CLIENT, format!("at {hour}").as_bytes());
    }
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = sink.local_addr().unwrap();
    let Played { outcome, code, took, .. } =
        replay(&tape.finish(), to, &["--max-gap", "30ms", "--max-lateness", "10s"]);
    assert_eq!((outcome["sent"]["messages"].as_u64(), code), (Some(4), Some(0)), "{outcome}");
    assert!((Duration::from_millis(90)..STALL).contains(&took), "{took:?}");
}

#[test]
fn a_dry_run_warns_of_what_cannot_work() {
    let mut tape = Tape::new("limits.pcap");
    let hello: &[u8] = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    let set =
        b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=8f7d6a5b4c3d; Path=/\r\nContent-Length: 0\r\n\r\n";
    let back = b"GET /b HTTP/1.1\r\nHost: a\r\nCookie: sid=8f7d6a5b4c3d\r\n\r\n";
    let passive = b"227 Entering Passive Mode (10,0,0,2,27,189)\r\n";
    let greeting = (SERVER, Says(&b"220 ftp\r\n"[..]));
    for (number, port, steps) in [
        (0, 443, &[(CLIENT, Says(hello)), (SERVER, Says(&hello[..5]))][..]),
        (1, 80, &[(CLIENT, Says(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")), (SERVER, Says(set))]),
        (3, 80, &[(CLIENT, Says(back)), (SERVER, Says(b"HTTP/1.1 204 No Content\r\n\r\n"))]),
        (4, 21, &[greeting, (CLIENT, Says(b"PASV\r\n")), (SERVER, Says(passive))]),
        (6, 7101, &[(SERVER, Says(b"a file"))]),
        (7, 22, &[(SERVER, Says(b"SSH-2.0-OpenSSH_9.2\r\n"))]),
        (9, 7102, &[(CLIENT, Says(b"plain")), (SERVER, Says(b"text"))]),
    ] {
        tape.talk(i64::from(number) * 100, Endpoints::numbered(number, port), steps);
    }
    let capture = tape.finish();
    let args = ["replay", capture.to_str().unwrap(), "--dry-run"];
    let (stdout, stderr, code) = wirereel(&[&args[..], &["-T", "json"]].concat());
    let summary: Value = serde_json::from_str(&stderr).unwrap();
    let limits: Vec<_> = summary["limits"].as_array().unwrap().iter().collect();
    let named: Vec<_> =
        limits.iter().map(|it| (it["conversation"].as_u64(), it["kind"].as_str())).collect();
    let expected = [(0, "encrypted"), (2, "session"), (3, "data-port"), (5, "encrypted")];
    assert_eq!(named, expected.map(|(it, kind)| (Some(it), Some(kind))), "{stderr}");
    assert_eq!(code, Some(0));
    let text = |at: usize| limits[at]["text"].as_str().unwrap();
    assert!(text(1).contains("cookie sid, which the server set in conversation 1,"), "{stderr}");
    assert!(text(2).contains("tells port 7101, to which tcp conversation 4 goes"), "{stderr}");
    let first: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["limits"][0]["kind"], "encrypted");
    let (_, stderr, _) = wirereel(&args);
    let warnings = stderr.lines().filter(|it| it.contains("warning: ")).count();
    assert_eq!(warnings, 4, "{stderr}");
    assert!(stderr.contains("tcp 5  warning: SSH: "), "{stderr}");
}
