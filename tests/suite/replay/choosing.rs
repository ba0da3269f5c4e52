//! Which conversations are played, printed or written: `-Y`, `--stream`, `--map`,
//! `--whole-streams`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::frame::{Endpoints, Flags, Segment, tcp, udp};
use serde_json::{Value, json};
use tempfile::TempDir;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};

const REQUEST: &str = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
const PATIENCE: Duration = Duration::from_secs(20);

/// Frames of a capture that is being made, a tenth of a second apart.
#[derive(Default)]
struct Made(Vec<Vec<u8>>);

impl Made {
    /// A connection in which each side says something, the client first.
    fn talk(&mut self, ends: Endpoints, said: &[(bool, &str)]) -> &mut Self {
        let mut sent = [0_u32; 2];
        let syn = Flags { syn: true, ..Flags::default() };
        let fin = Flags { fin: true, ..Flags::default() };
        let mut push = |from_client: bool, flags: Flags, seq: u32, ack, payload: &str| {
            let payload = payload.as_bytes().to_vec();
            self.0.push(tcp(ends, &Segment { from_client, seq, ack, flags, payload }));
        };
        push(true, syn, 999, None, "");
        push(false, syn, 4999, Some(1000), "");
        push(true, Flags::default(), 1000, Some(5000), "");
        let next = |from_client: bool, [client, server]: [u32; 2]| match from_client {
            true => (1000 + client, Some(5000 + server)),
            false => (5000 + server, Some(1000 + client)),
        };
        for (from_client, text) in said {
            let (seq, ack) = next(*from_client, sent);
            push(*from_client, Flags::default(), seq, ack, text);
            sent[usize::from(!from_client)] += text.len() as u32;
            let (seq, ack) = next(!from_client, sent);
            push(!from_client, Flags::default(), seq, ack, "");
        }
        let (seq, ack) = next(true, sent);
        push(true, fin, seq, ack, "");
        sent[0] += 1;
        let (seq, ack) = next(false, sent);
        push(false, fin, seq, ack, "");
        sent[1] += 1;
        let (seq, ack) = next(true, sent);
        push(true, Flags::default(), seq, ack, "");
        self
    }

    fn datagrams(&mut self, ends: Endpoints, said: &[(bool, &str)]) -> &mut Self {
        for (from_client, text) in said {
            self.0.push(udp(ends, *from_client, text.as_bytes()));
        }
        self
    }

    fn write(&self, folder: &TempDir) -> PathBuf {
        let path = folder.path().join("made.pcap");
        let mut writer = Writer::create(&path, WriteFormat::PcapNs).expect("a new file");
        for (number, data) in (1..).zip(&self.0) {
            let time = Some(Timestamp(1_700_000_000_000_000_000 + number as i64 * 100_000));
            let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
            let frame = Frame { number, time, interface: 0, link_type, data, orig_len };
            writer.write(&frame).expect("a frame that fits");
        }
        writer.finish().expect("written");
        path
    }
}

fn ends(client: &str, server: &str) -> Endpoints {
    Endpoints { client: client.parse().unwrap(), server: server.parse().unwrap() }
}

/// tcp 0: a web server at port 80; tcp 1: what nothing decodes; tcp 2: another web server;
/// udp 0: datagrams that are answered; udp 1: one that is not.
fn mixed(folder: &TempDir) -> PathBuf {
    let mut made = Made::default();
    made.datagrams(ends("10.0.0.1:4000", "10.0.0.53:5300"), &[(true, "what"), (false, "that")]);
    made.talk(ends("10.0.0.1:40000", "10.0.0.2:80"), &[(true, REQUEST), (false, ANSWER)]);
    made.talk(ends("10.0.0.1:40001", "10.0.0.2:7777"), &[(true, "\x01two"), (false, "\x02\x03")]);
    made.talk(ends("10.0.0.1:40002", "10.0.0.3:80"), &[(true, REQUEST), (false, ANSWER)]);
    made.datagrams(ends("10.0.0.1:4001", "10.0.0.255:137"), &[(true, "anybody")]);
    made.write(folder)
}

fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn command(name: &str, capture: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    // Away from any wirereel.toml that the working directory may hold.
    command.arg(name).arg(capture).args(args).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Exit code and what went to stdout and stderr.
fn run(name: &str, capture: &Path, args: &[&str]) -> (i32, String, String) {
    let output = command(name, capture, args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("an exit"), text(output.stdout), text(output.stderr))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

/// The conversations that a dry run plans: transport and number.
fn planned(capture: &Path, args: &[&str]) -> Vec<String> {
    let args = [args, &["--dry-run", "-T", "json"]].concat();
    let (code, stdout, stderr) = run("replay", capture, &args);
    assert_eq!(code, 0, "{args:?}: {stderr}");
    let name = |it: &Value| format!("{}:{}", it["transport"].as_str().unwrap(), it["stream"]);
    json_lines(&stdout).iter().map(name).collect()
}

/// Servers of TCP that answer what they are asked with what was recorded.
fn web_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("bound");
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let mut request = vec![0; REQUEST.len()];
            if client.read_exact(&mut request).is_ok() && request == REQUEST.as_bytes() {
                let _ = client.write_all(ANSWER.as_bytes());
                let _ = client.shutdown(Shutdown::Write);
                let _ = client.read_to_end(&mut request);
            }
        }
    });
    at
}

#[test]
fn servers_that_no_map_names_are_left_out_and_counted() {
    let (folder, at) = (folder(), web_server());
    let capture = mixed(&folder);
    let others = |rest: &[&str]| {
        let nowhere = |it: &&str| json!({ "reason": format!("{it}: no destination"), "count": 1 });
        rest.iter().map(nowhere).collect::<Vec<_>>()
    };
    let udp = ["UDP conversation with 10.0.0.255:137", "UDP conversation with 10.0.0.53:5300"];
    let raw = "TCP conversation with 10.0.0.2:7777";
    let other = "TCP conversation with 10.0.0.3:80";
    for (map, conversations, rest) in [
        (format!("10.0.0.2:80={at}"), 1, vec![raw, other, udp[0], udp[1]]),
        (format!("10.0.0.2:80={}", at.port()), 1, vec![raw, other, udp[0], udp[1]]),
        (format!(":80={at}"), 2, vec![raw, udp[0], udp[1]]),
        (format!("80=:{}", at.port()), 2, vec![raw, udp[0], udp[1]]),
        (
            format!("10.0.0.3={at}"),
            1,
            vec![raw, "TCP conversation with 10.0.0.2:80", udp[0], udp[1]],
        ),
    ] {
        let args = ["--map", &map, "-T", "json", "--timing", "reply"];
        let (code, stdout, stderr) = run("replay", &capture, &args);
        assert_eq!((code, stderr.as_str()), (0, ""), "{map}: {stdout}");
        let outcome = &json_lines(&stdout)[0];
        assert_eq!(outcome["conversations"], conversations, "{map}");
        assert_eq!((&outcome["matched"], &outcome["missing"]), (&json!(conversations), &json!(0)));
        let mut skipped = outcome["skipped"].as_array().unwrap().clone();
        skipped.sort_by_key(|it| it["reason"].to_string());
        let mut expected = others(&rest);
        expected.sort_by_key(|it| it["reason"].to_string());
        assert_eq!(skipped, expected, "{map}");
    }
}

#[test]
fn an_address_alone_keeps_the_ports_and_what_fits_closest_holds() {
    let folder = folder();
    // Both at the port that they had, at another address of loopback.
    let listeners = ["127.0.0.7:0", "127.0.0.7:0"].map(|at| UdpSocket::bind(at).expect("a port"));
    let [kept, named] = listeners.each_ref().map(|it| it.local_addr().unwrap().port());
    let mut made = Made::default();
    for (client, port) in [(4000, kept), (4001, named)] {
        let ends = ends(&format!("10.0.0.1:{client}"), &format!("10.0.0.2:{port}"));
        made.datagrams(ends, &[(true, &format!("to {port}"))]);
    }
    let capture = made.write(&folder);
    let elsewhere = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let exact = format!("10.0.0.2:{named}={}", elsewhere.local_addr().unwrap());
    let args = ["--map", "10.0.0.2=127.0.0.7", "--map", &exact, "--to", "127.0.0.1:9", "-t"];
    let (code, stdout, stderr) = run("replay", &capture, &args);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    for (socket, port) in [(&listeners[0], kept), (&elsewhere, named)] {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut buffer = [0; 99];
        let len = socket.recv(&mut buffer).expect("a datagram");
        assert_eq!(&buffer[..len], format!("to {port}").as_bytes());
    }
}

#[test]
fn conversations_are_chosen_by_number_and_by_their_messages() {
    let folder = folder();
    let capture = mixed(&folder);
    for (args, expected) in [
        (&["--stream", "0"][..], &["udp:0", "tcp:0"][..]),
        (&["--stream", "tcp:0,udp:1"], &["tcp:0", "udp:1"]),
        (&["--stream", "tcp:1..2"], &["tcp:1", "tcp:2"]),
        (&["--stream", "tcp:1-9"], &["tcp:1", "tcp:2"]),
        (&["--stream", "tcp:2", "--stream", "udp.stream==0"], &["udp:0", "tcp:2"]),
        (&["-Y", "http"], &["tcp:0", "tcp:2"]),
        (&["-Y", "http.response.status == 200"], &["tcp:0", "tcp:2"]),
        (&["-Y", "http.request && ip.dst == 10.0.0.3"], &["tcp:2"]),
        (&["-Y", "http.body.len == 3", "--stream", "0..1"], &["tcp:0"]),
        // Nothing decodes it: its packets are asked.
        (&["-Y", "tcp.dstport == 7777"], &["tcp:1"]),
        (&["-Y", "udp"], &["udp:0", "udp:1"]),
        (&["-Y", "!http"], &["udp:0", "tcp:1", "udp:1"]),
        (&["-Y", "udp.stream == 1 || tcp.stream == 2"], &["tcp:2", "udp:1"]),
        (&["-Y", "http", "--map", "10.0.0.3=127.0.0.1"], &["tcp:2"]),
    ] {
        assert_eq!(planned(&capture, args), expected, "{args:?}");
    }
}

#[test]
fn what_is_chosen_begins_at_once_and_the_rest_is_counted() {
    let folder = folder();
    let capture = mixed(&folder);
    let args = ["--dry-run", "-T", "json", "--stream", "tcp:2,udp:1"];
    let (code, stdout, stderr) = run("replay", &capture, &args);
    assert_eq!(code, 0);
    let lines = json_lines(&stdout);
    assert_eq!(
        (&lines[0]["start_s"], &lines[0]["steps"][0]["side"]),
        (&json!(0.0), &json!("client"))
    );
    // Three frames of handshake, 0.1 ms each.
    assert_eq!(lines[0]["steps"][0]["at_s"], 0.0003);
    assert_eq!((&lines[1]["stream"], &lines[1]["start_s"]), (&json!(1), &json!(0.001)));
    let summary = &json_lines(&stderr)[0];
    assert_eq!((&summary["conversations"], &summary["datagrams"]), (&json!(2), &json!(1)));
    let skipped = json!([
        { "reason": "TCP conversation that was not chosen", "count": 2 },
        { "reason": "UDP conversation that was not chosen", "count": 1 },
    ]);
    assert_eq!(summary["skipped"], skipped);
}

#[test]
fn the_datagrams_that_are_chosen_are_those_that_are_sent() {
    let folder = folder();
    let mut made = Made::default();
    let [one, two, three] =
        ["4000", "4001", "4002"].map(|client| ends(&format!("10.0.0.1:{client}"), "10.0.0.2:5300"));
    made.datagrams(one, &[(true, "a")]).datagrams(two, &[(true, "b")]);
    made.datagrams(three, &[(true, "c")]).datagrams(two, &[(true, "d")]);
    let capture = made.write(&folder);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let to = socket.local_addr().unwrap().to_string();
    let (code, stdout, _) = run("replay", &capture, &["--to", &to, "--stream", "1,2", "-t"]);
    assert_eq!(code, 0, "{stdout}");
    let mut received: Vec<u8> = (0..3)
        .map(|_| {
            let mut buffer = [0; 9];
            assert_eq!(socket.recv(&mut buffer).expect("a datagram"), 1);
            buffer[0]
        })
        .collect();
    received.sort_unstable();
    assert_eq!(received, b"bcd");
}

#[test]
fn an_answer_from_elsewhere_is_chosen_with_its_question_and_chooses_it() {
    let folder = folder();
    let mut made = Made::default();
    made.datagrams(ends("10.0.0.1:4000", "224.2.2.2:1989"), &[(true, "who")]);
    made.datagrams(ends("10.0.0.9:1989", "10.0.0.1:4000"), &[(true, "me")]);
    made.datagrams(ends("10.0.0.1:4009", "10.0.0.2:1989"), &[(true, "other")]);
    let capture = made.write(&folder);
    for chosen in ["0", "1", "0,1"] {
        let args = ["--dry-run", "-T", "json", "--stream", chosen];
        let (code, stdout, stderr) = run("replay", &capture, &args);
        let lines = json_lines(&stdout);
        assert_eq!((code, lines.len()), (0, 1), "{chosen}: {stderr}");
        assert_eq!((&lines[0]["stream"], &lines[0]["sends"]), (&json!(0), &json!([1, 1])));
    }
}

#[test]
fn what_is_chosen_of_a_pipe_is_what_is_chosen_of_a_file() {
    let folder = folder();
    let capture = mixed(&folder);
    let args = ["--dry-run", "-T", "json", "-Y", "http.request && ip.dst == 10.0.0.3"];
    let expected = run("replay", &capture, &args);
    let mut command = command("replay", Path::new("-"), &args);
    let stdin = fs::File::open(&capture).expect("a capture");
    let mut cat = Command::new("cat").stdin(stdin).stdout(Stdio::piped()).spawn().expect("cat");
    let output = command.stdin(cat.stdout.take().expect("piped")).output().expect("it runs");
    assert!(cat.wait().expect("it ends").success());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.1);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected.2);
}

#[test]
fn bad_choices_are_refused_with_their_place() {
    let folder = folder();
    let capture = mixed(&folder);
    let shown = capture.display();
    for name in ["replay", "serve"] {
        let at = if name == "serve" { ["--listen", "0"] } else { ["--to", "127.0.0.1:9"] };
        for (args, expected) in [
            (&["-Y", "http.nosuch == 1"][..], "no field is named `http.nosuch`".to_owned()),
            (&["-Y", "http.nosuch == 1"], "\n  http.nosuch == 1\n  ^".to_owned()),
            (&["-Y", "udp &&"], "\n  udp &&\n        ^".to_owned()),
            (
                &["--stream", "tcp:3"],
                format!(
                    "no stream tcp:3 in {shown}: it has 3 TCP streams and 2 UDP streams, numbered \
                     from 0"
                ),
            ),
            (&["--stream", "0,4..9"], "no stream 4..9 in".to_owned()),
            (&["--stream", "x"], "\"x\" names no streams".to_owned()),
            (&["-Y", "frame.number > 1000"], format!("{shown}: nothing to {name}: ")),
            (&["--stream", "tcp:0", "-Y", "udp"], "(3), UDP conversation that was not".to_owned()),
        ] {
            let (code, stdout, stderr) = run(name, &capture, &[args, &at].concat());
            assert_eq!((code, stdout.as_str()), (2, ""), "{name} {args:?}: {stderr}");
            assert!(stderr.contains(&expected), "{name} {args:?}: {stderr}");
        }
    }
    let (code, _, stderr) = run("replay", &capture, &["--map", "10.9.9.9=127.0.0.1"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--map: 10.9.9.9 names no server of a conversation"), "{stderr}");
    let (code, _, stderr) = run("serve", &capture, &["--map", ":9=127.0.0.1"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nothing to serve: TCP conversation with 10.0.0.2:"), "{stderr}");
    for name in ["decode", "flows"] {
        let (code, _, stderr) = run(name, &capture, &["--stream", "udp:2"]);
        assert_eq!(code, 2, "{name}");
        assert!(stderr.contains("it has 3 TCP streams and 2 UDP streams"), "{stderr}");
    }
}

/// Starts `serve`, which says where it listens: so many lines.
fn serving(capture: &Path, args: &[&str], lines: usize) -> (std::process::Child, Vec<SocketAddr>) {
    let mut command = command("serve", capture, args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let addresses = (0..lines).map(|_| {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let at = line.trim_end().strip_prefix("listening on ").map(str::parse);
        at.unwrap_or_else(|| panic!("{line}")).unwrap()
    });
    let addresses = addresses.collect();
    child.stderr = Some(stderr.into_inner());
    (child, addresses)
}

fn ask(at: SocketAddr, question: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(question.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_server_plays_what_is_mapped_and_counts_the_rest() {
    let folder = folder();
    let capture = mixed(&folder);
    let args =
        ["--map", ":80=127.0.0.1:0", "--map", "10.0.0.2=127.0.0.1:0", "--once", "-T", "json"];
    let (child, at) = serving(&capture, &args, 2);
    // An address fits closer than a port, so that the second has the web server of 10.0.0.2.
    assert_eq!(ask(at[0], REQUEST), ANSWER);
    assert_eq!(ask(at[1], REQUEST), ANSWER);
    let output = child.wait_with_output().expect("it ends");
    let outcome = &json_lines(&String::from_utf8(output.stdout).unwrap())[0];
    assert_eq!(output.status.code(), Some(0), "{outcome}");
    let reasons: Vec<_> =
        outcome["skipped"].as_array().unwrap().iter().map(|it| it["reason"].clone()).collect();
    for server in ["UDP conversation with 10.0.0.53:5300", "UDP conversation with 10.0.0.255:137"] {
        assert!(reasons.contains(&json!(format!("{server}: no destination"))), "{reasons:?}");
    }
}

#[test]
fn a_server_plays_what_is_chosen() {
    let folder = folder();
    let capture = mixed(&folder);
    let args = ["--listen", "127.0.0.1:0", "-Y", "tcp.port == 7777", "--once", "-T", "json"];
    let (child, at) = serving(&capture, &args, 1);
    assert_eq!(ask(at[0], "\x01two"), "\x02\x03");
    let output = child.wait_with_output().expect("it ends");
    let outcome = &json_lines(&String::from_utf8(output.stdout).unwrap())[0];
    assert_eq!((output.status.code(), &outcome["matched"]), (Some(0), &json!(1)), "{outcome}");
    let skipped = json!([
        { "reason": "TCP conversation that was not chosen", "count": 2 },
        { "reason": "UDP conversation that was not chosen", "count": 2 },
    ]);
    assert_eq!(outcome["skipped"], skipped);
}

#[test]
fn an_address_served_alone_keeps_the_ports() {
    let folder = folder();
    let port = TcpListener::bind("127.0.0.9:0").and_then(|it| it.local_addr()).unwrap().port();
    let mut made = Made::default();
    made.talk(
        ends("10.0.0.1:40000", &format!("10.0.0.2:{port}")),
        &[(true, REQUEST), (false, ANSWER)],
    );
    let capture = made.write(&folder);
    let (child, at) = serving(&capture, &["--map", "10.0.0.2=127.0.0.9", "--once"], 1);
    assert_eq!(at, [SocketAddr::from(([127, 0, 0, 9], port))]);
    assert_eq!(ask(at[0], REQUEST), ANSWER);
    assert_eq!(child.wait_with_output().expect("it ends").status.code(), Some(0));
}

/// Frames of a capture.
fn frames(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = Reader::open(path).expect("a capture");
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a whole capture") {
        frames.push(frame.data.to_vec());
    }
    frames
}

#[test]
fn whole_streams_hold_all_that_their_hosts_sent() {
    let folder = folder();
    let capture = mixed(&folder);
    let (all, some) = (frames(&capture), folder.path().join("some.pcap"));
    let path = some.to_str().unwrap();
    for (choice, expected) in [
        // Two datagrams precede the first connection of ten frames, two more of which follow.
        (&["-Y", "http.response && ip.src == 10.0.0.2"][..], &all[2..12]),
        (&["-Y", "tcp.port == 7777"], &all[12..22]),
        (&["--stream", "tcp:2"], &all[22..32]),
        (&["-Y", "udp.port == 5300"], &all[..2]),
        (&["-Y", "len > 1000"], &[]),
        (&[], &all[..]),
    ] {
        let args = [choice, &["-w", path, "--whole-streams", "-q"]].concat();
        let (code, _, stderr) = run("decode", &capture, &args);
        assert_eq!(code, 0, "{stderr}");
        assert!(frames(&some) == expected, "{choice:?}: {}", frames(&some).len());
    }
    // What passes alone, as ever.
    let args = ["-Y", "http.response && ip.src == 10.0.0.2", "-w", path, "-q"];
    assert_eq!(run("decode", &capture, &args).0, 0);
    assert_eq!(frames(&some).len(), 1);
    let (code, _, stderr) = run("decode", &capture, &["--whole-streams"]);
    assert!(code == 2 && stderr.contains("--write"), "{stderr}");
}

#[test]
fn fragments_belong_to_their_stream() {
    let folder = folder();
    let capture = bundled("edge_dgram_var_fragmented.pcap");
    let some = folder.path().join("some.pcap");
    let args = ["-Y", "udp.stream == 0", "-w", some.to_str().unwrap(), "--whole-streams", "-q"];
    assert_eq!(run("decode", &capture, &args).0, 0);
    assert_eq!(frames(&some), frames(&capture));
    assert_eq!(frames(&some).len(), 3);
}

/// What a dry run plans, without the number that a conversation has in its capture.
fn plan(capture: &Path, args: &[&str]) -> (i32, Vec<Value>) {
    let args = [args, &["--dry-run", "-T", "json"]].concat();
    let (code, stdout, _) = run("replay", capture, &args);
    let mut lines = json_lines(&stdout);
    lines.iter_mut().for_each(|it| drop(it.as_object_mut().unwrap().remove("stream")));
    (code, lines)
}

#[test]
fn an_excerpt_of_whole_streams_is_replayed_as_they_would_be() {
    let folder = folder();
    let some = folder.path().join("some.pcapng");
    let mut count = 0;
    let entries = fs::read_dir(bundled("")).expect("a folder");
    let captures = entries.map(|it| it.expect("a file").path());
    for capture in captures.filter(|it| it.extension().is_some_and(|it| it == "pcap")) {
        let (code, stdout, _) = run("flows", &capture, &["-T", "json"]);
        assert_eq!(code, 0);
        for flow in json_lines(&stdout).iter().filter(|it| it["transport"] == "tcp") {
            let filter = format!("tcp.stream == {}", flow["stream"]);
            let args = ["-Y", &filter, "-w", some.to_str().unwrap(), "--whole-streams", "-q"];
            let (code, _, stderr) = run("decode", &capture, &args);
            assert_eq!(code, 0, "{}: {stderr}", capture.display());
            let expected = plan(&capture, &["-Y", &filter]);
            assert_eq!(plan(&some, &[]), expected, "{} {filter}", capture.display());
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn flows_and_objects_are_chosen_alike() {
    let folder = folder();
    let capture = mixed(&folder);
    let (code, stdout, _) = run("flows", &capture, &["-T", "json", "-Y", "http"]);
    let streams: Vec<_> = json_lines(&stdout).iter().map(|it| it["stream"].clone()).collect();
    assert_eq!((code, streams), (0, vec![json!(0), json!(2)]));
    let (_, stdout, _) = run("flows", &capture, &["-T", "json", "--stream", "1"]);
    assert_eq!(json_lines(&stdout).len(), 2);

    let objects = |choice: &[&str], name: &str| {
        let into = folder.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
        command.args(["export", "objects"]).arg(&capture).arg("-o").arg(&into).args(choice);
        assert!(command.output().expect("it runs").status.success());
        fs::read_dir(into).map_or(0, Iterator::count)
    };
    assert_eq!(objects(&[], "all"), 2);
    assert_eq!(objects(&["--stream", "2"], "one"), 1);
    assert_eq!(objects(&["-Y", "ip.addr == 10.0.0.2"], "other"), 1);
    assert_eq!(objects(&["-Y", "udp"], "none"), 0);
}
