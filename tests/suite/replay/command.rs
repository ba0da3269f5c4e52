//! `wirereel replay` against live servers: what it prints, writes, and its exit code.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;

use crate::frame::{Endpoints, Flags, Segment, tcp};
use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Merge, Reader, Timestamp, WriteFormat, Writer};

/// What webdl asks for, and what was in the answer.
const REQUEST: &[u8] = b"GET /test.png\r\n\r\n";

fn captures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// A server that reads so many bytes of each client, answers, and closes.
fn serve(request_len: usize, answer: &[u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let answer = answer.to_vec();
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let mut request = vec![0; request_len];
            if client.read_exact(&mut request).is_ok() {
                let _ = client.write_all(&answer);
                let _ = client.shutdown(Shutdown::Write);
                let _ = client.read_to_end(&mut request);
            }
        }
    });
    address
}

/// A port that nobody listens on.
fn deserted() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port")
}

fn replay(name: &str, to: SocketAddr, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.arg("replay").arg(captures(name)).arg("--to").arg(to.to_string()).args(args);
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one object")
}

/// What the server of a capture sent.
fn answer(name: &str) -> Vec<u8> {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.arg("follow").arg(captures(name)).args(["tcp:0", "-T", "raw", "--side", "server"]);
    command.output().expect("the program runs").stdout
}

#[test]
fn answers_as_recorded_are_clean_and_can_be_kept() {
    let answer = answer("ok_webdl_apache.pcap");
    assert_eq!(answer.len(), 2417);
    let to = serve(REQUEST.len(), &answer);
    let folder = tempfile::tempdir().expect("a folder");
    let [recorded, objects] = ["live.pcapng", "objects"].map(|it| folder.path().join(it));
    let (recorded, objects) = (recorded.to_str().expect("UTF-8"), objects.to_str().expect("UTF-8"));
    let (code, stdout, stderr) =
        replay("ok_webdl_apache.pcap", to, &["-T", "json", "-w", recorded, "--objects", objects]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let outcome = json(&stdout);
    assert_eq!(outcome["sent"]["bytes"], REQUEST.len());
    assert_eq!(outcome["received"]["bytes"], 2417);
    assert_eq!((&outcome["matched"], &outcome["differed"]), (&1.into(), &0.into()));
    let files: Vec<_> = fs::read_dir(objects).expect("made").flatten().collect();
    assert_eq!(files.len(), 1);
    assert_eq!(fs::read(files[0].path()).expect("a file"), answer);
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.args(["follow", recorded, "tcp:0", "-T", "raw"]);
    let said = command.output().expect("the program runs").stdout;
    assert_eq!(said, [REQUEST, &answer].concat());
}

#[test]
fn what_differs_is_told_unless_it_may() {
    let to = serve(0, b"1234567890\r\n");
    let (code, stdout, _) = replay("ok_stream_basic.pcap", to, &[]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("value: expected 1700000000, got 1234567890"), "{stdout}");
    let (code, stdout, _) = replay("ok_stream_basic.pcap", to, &["-q"]);
    assert!(code == Some(1) && !stdout.contains("got 1234567890"), "{stdout}");
    let (code, stdout, _) =
        replay("ok_stream_basic.pcap", to, &["--ignore", "value", "-T", "json"]);
    assert_eq!((code, &json(&stdout)["matched"]), (Some(0), &3.into()));
    let (code, _, stderr) =
        replay("ok_stream_basic.pcap", to, &["--tolerance", "value=465432120", "-T", "json"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_ignored_fields_of_the_profile_count() {
    let to = serve(0, b"1234567890\r\n");
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("p.toml");
    fs::write(&profile, "[replay]\nignore = [\"value\"]\n").expect("written");
    let profile = profile.to_str().expect("UTF-8");
    let (code, stdout, stderr) = replay("ok_stream_basic.pcap", to, &["--profile", profile]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
}

#[test]
fn nobody_there_is_a_finding_with_its_reason() {
    for name in ["ok_webdl.pcap", "ok_stream_basic.pcap"] {
        let (code, stdout, stderr) = replay(name, deserted(), &["-T", "json"]);
        assert_eq!((code, stderr.as_str()), (Some(1), ""), "{name}");
        assert_eq!(json(&stdout)["skipped"][0]["reason"], "connection refused", "{name}");
    }
}

#[test]
fn what_the_plan_leaves_out_is_in_the_outcome_and_no_finding() {
    let to = serve(0, b"1700000000\r\n");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("merged.pcapng");
    let mut writer = Writer::create(&path, WriteFormat::Pcapng).expect("a new file");
    let names = ["ok_stream_basic.pcap", "ok_stream_noserver.pcap"];
    let mut merge = Merge::new(names.map(|name| Reader::open(&captures(name))));
    while let Some((_, frame)) = merge.next_frame() {
        writer.write(&frame).expect("written");
    }
    writer.finish().expect("written");
    let args = ["--expect", "none", "--timing", "reply", "-T", "json"];
    let (code, stdout, _) = replay(path.to_str().expect("UTF-8"), to, &args);
    let skipped =
        serde_json::json!([{ "reason": "TCP connection that was not accepted", "count": 1 }]);
    assert_eq!(json(&stdout)["skipped"], skipped);
    assert_eq!(code, Some(0), "{stdout}");
}

#[test]
fn datagrams_can_be_kept() {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let to = server.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("live.pcapng");
    let options = ["-T", "json", "-w", recorded.to_str().expect("UTF-8")];
    let (code, _, stderr) = replay("ok_dgram_basic.pcap", to, &options);
    assert_eq!(code, Some(0), "{stderr}");
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.arg("decode").arg(&recorded).args(["-T", "fields", "-e", "udp.dstport"]);
    let rule = format!("udp.port=={},dgram-basic", to.port());
    command.args(["-e", "msg_st.name", "-e", "msg_st.math", "-d", &rule]);
    let shown = command.output().expect("the program runs").stdout;
    let port = to.port();
    let expected = format!("{port}\tAlan\t83\n{port}\tGrace\t100\n{port}\t\t0\n");
    assert_eq!(String::from_utf8_lossy(&shown), expected);
}

#[test]
fn the_capture_that_is_played_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.pcap");
    fs::copy(captures("ok_dgram_basic.pcap"), &path).expect("copied");
    let name = path.to_str().expect("UTF-8");
    let (code, stdout, stderr) = replay(name, deserted(), &["-w", name]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(stderr, format!("wirereel: -w {name}: that is the capture to be read\n"));
    let original = fs::read(captures("ok_dgram_basic.pcap")).expect("bundled");
    assert_eq!(fs::read(&path).expect("still there"), original);
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_played_is_told_even_where_it_could_not_be_kept() {
    let to = serve(0, b"1700000000\r\n");
    let args = ["-T", "json", "--ignore", "value", "-w", "/dev/full"];
    let (code, stdout, stderr) = replay("ok_stream_basic.pcap", to, &args);
    assert_eq!((code, &json(&stdout)["matched"]), (Some(2), &3.into()), "{stderr}");
    assert!(stderr.starts_with("wirereel: cannot write /dev/full: "), "{stderr}");
}

/// Three requests on a connection; the capture lacks bytes of the second answer.
fn gap_in_an_answer(path: &Path, lacks: std::ops::Range<usize>) {
    let asked = ASKED.len() as u32;
    let answer = answer_of(b"0123456789");
    let len = answer.len() as u32;
    let (syn, none) = (Flags { syn: true, ..Flags::default() }, Flags::default());
    let mut segments = vec![
        (true, 99, None, syn, &b""[..]),
        (false, 499, Some(100), syn, b""),
        (true, 100, Some(500), none, b""),
    ];
    for turn in 0..3 {
        let (ours, theirs) = (100 + turn * asked, 500 + turn * len);
        segments.push((true, ours, Some(theirs), none, ASKED));
        let lacks = if turn == 1 { lacks.clone() } else { 0..0 };
        for range in [0..lacks.start, lacks.end..answer.len()] {
            let seq = theirs + range.start as u32;
            segments.push((false, seq, Some(ours + asked), none, &answer[range]));
        }
    }
    segments.push((true, 100 + 3 * asked, Some(500 + 3 * len), none, b""));
    let mut writer = Writer::create(path, WriteFormat::PcapNs).expect("a file");
    for (number, (from_client, seq, ack, flags, payload)) in (1..).zip(segments) {
        let segment = Segment { from_client, seq, ack, flags, payload: payload.to_vec() };
        let data = tcp(Endpoints::numbered(1, 80), &segment);
        let time = Some(Timestamp(1_700_000_000_000_000_000 + number as i64 * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number, time, interface: 0, link_type, data: &data, orig_len };
        writer.write(&frame).expect("written");
    }
    writer.finish().expect("written");
}

const ASKED: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn answer_of(body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", body].concat()
}

#[test]
fn an_answer_that_the_capture_lacks_a_part_of_is_told_and_fails_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gap.pcap");
    let name = path.to_str().expect("UTF-8");
    // In its head, so that the next one cannot be paired either, and in its body.
    for (lacks, first, code) in [
        (0..9, b"0123456789", 0),
        (0..9, b"01234-6789", 1),
        (42..47, b"0123456789", 0),
        (42..47, b"01234-6789", 1),
    ] {
        gap_in_an_answer(&path, lacks.clone());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let to = listener.local_addr().expect("bound");
        let server = thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("a client");
            for body in [first, b"0123456789", b"0123456789"] {
                client.read_exact(&mut [0; ASKED.len()]).expect("a request");
                client.write_all(&answer_of(body)).expect("taken");
            }
        });
        let (exit, stdout, stderr) = replay(name, to, &["-T", "json"]);
        let heard = server.join();
        assert!(heard.is_ok(), "{lacks:?} {stdout}{stderr}");
        let outcome = json(&stdout);
        assert_eq!((exit, &outcome["missing"]), (Some(code), &0.into()), "{outcome}{stderr}");
        assert_eq!(outcome["differed"], u64::from(code == 1), "{lacks:?} {outcome}");
        let reason = "answer that cannot be compared: the capture lacks bytes before it";
        let is_told = outcome["skipped"].as_array().is_some_and(|it| it.len() == 1);
        assert_eq!(is_told && outcome["skipped"][0]["reason"] == reason, lacks.start == 0);
    }
}
