//! `diff`: two captures, a capture and an expectation, a capture and a case, and what is neither.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};
use wirereel::packet::build;

use crate::exchange::{Act, frames};

const OK: &str = "captures/ok_dgram_basic.pcap";
const WRONG: &str = "captures/bug_dgram_basic_nohtonl.pcap";
const CASE: &str = "fixtures/lessons/dgram_basic/ok";

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn path(of: &Path) -> &str {
    of.to_str().expect("a path of text")
}

/// Exit code, standard output, standard error.
fn diff(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    let output = command.arg("diff").args(args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn rows(args: &[&str]) -> Vec<Value> {
    let (_, out, _) = diff(&[args, &["-T", "json"]].concat());
    out.lines().map(|it| serde_json::from_str(it).expect("an object")).collect()
}

fn write(name: &str, link_type: LinkType, frames: &[Vec<u8>]) -> PathBuf {
    let out = place(name);
    let mut writer = Writer::create(&out, WriteFormat::Pcapng).unwrap();
    for (at, data) in frames.iter().enumerate() {
        let frame = Frame {
            number: at as u64 + 1,
            time: Some(Timestamp(at as i64 * 1_000_000)),
            interface: 0,
            link_type,
            data,
            orig_len: data.len() as u32,
        };
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    out
}

/// Datagrams to the port of the lesson, or to another one.
fn datagrams(name: &str, port: u16, payloads: &[&[u8]]) -> PathBuf {
    let (src, dst): (SocketAddr, SocketAddr) =
        ("10.0.0.1:40000".parse().unwrap(), ([10, 0, 0, 2], port).into());
    let frame = |payload: &&[u8]| {
        let mut frame = Vec::new();
        build::datagram(src, dst, payload, &mut frame).unwrap();
        frame
    };
    write(name, LinkType::Ethernet, &payloads.iter().map(frame).collect::<Vec<_>>())
}

fn connection(name: &str, port: u16, acts: &[Act<'_>]) -> PathBuf {
    write(name, LinkType::Raw, &frames(port, acts))
}

fn message(name: &[u8], math: u32) -> Vec<u8> {
    let mut payload = vec![0; 19];
    payload[..name.len()].copy_from_slice(name);
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload
}

#[test]
fn a_capture_is_alike_in_other_formats_and_link_layers() {
    for other in ["ok_dgram_basic.pcapng", "ok_dgram_basic.pcap.gz", "ok_dgram_basic.pcap.zst"] {
        let (code, out, err) = diff(&[OK, &format!("captures/{other}")]);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{other}: {err}");
        assert!(err.ends_with("3 alike, 0 changed, 0 only in the first, 0 only in the second\n"));
    }
}

#[test]
fn the_guide_shows_what_the_program_prints() {
    let guide = fs::read_to_string("docs/comparing.md").unwrap();
    let shown = guide.split("```\n$ wirereel diff ").nth(1).unwrap();
    let (call, rest) = shown.split_once('\n').unwrap();
    let expected = rest.split("```").next().unwrap();
    let (code, out, err) = diff(&call.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(1));
    assert_eq!(format!("{out}{err}"), expected);
}

#[test]
fn json_has_a_row_a_difference() {
    let all = rows(&[OK, WRONG]);
    let first = &all[0];
    assert_eq!(first["kind"], "changed");
    assert_eq!(first["field"], "math");
    assert_eq!((&first["conversation"], &first["message"]), (&0.into(), &1.into()));
    assert_eq!(first["expected"], "83");
    assert_eq!(first["actual"], "1677721600");
    assert!(all.iter().any(|it| it["kind"] == "values" && it["field"] == "math"), "{all:?}");
    let (_, _, err) = diff(&[OK, WRONG, "-T", "json"]);
    let summary: Value = serde_json::from_str(&err).unwrap();
    assert_eq!(summary["messages"], serde_json::json!([3, 3]));
}

#[test]
fn a_bound_is_kept_and_the_rest_is_counted() {
    let (code, out, _) = diff(&[OK, WRONG, "--max", "1"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("\nand 6 more\n"), "{out}");
    let (code, out, err) = diff(&[OK, WRONG, "-q"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains(" changed, "), "{err}");
}

#[test]
fn what_is_ignored_tolerated_or_not_asked_for_is_no_difference() {
    assert_eq!(diff(&[OK, WRONG, "--ignore", "math,chinese,name"]).0, Some(0));
    assert_eq!(diff(&[OK, WRONG, "--ignore", "math"]).0, Some(1));
    assert_eq!(diff(&[OK, WRONG, "--tolerance", "math=1", "--ignore", "chinese,name"]).0, Some(1));
    let far = ["--tolerance", "math=5e9", "--tolerance", "chinese=5e9", "--ignore", "name"];
    assert_eq!(diff(&[&[OK, WRONG][..], &far].concat()).0, Some(0));
    assert_eq!(diff(&[OK, WRONG, "-Y", "name == \"Nobody\""]).0, Some(0));
}

#[test]
fn a_capture_is_compared_with_an_expectation_and_with_a_case() {
    let expected = format!("{CASE}/expected.messages.jsonl");
    for named in [CASE, &expected] {
        let (code, out, err) = diff(&[named, OK]);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{named}: {err}");
        let all = rows(&[named, WRONG]);
        assert_eq!(all[0]["field"], "math", "{all:?}");
        assert_eq!((&all[0]["expected"], &all[0]["actual"]), (&"83".into(), &"1677721600".into()));
        assert_eq!(diff(&[WRONG, named]).0, Some(1));
        assert_eq!(diff(&[WRONG, named, "--ignore", "math,chinese,name"]).0, Some(0));
    }
    // One without a case, and one line fewer.
    let text = fs::read_to_string(&expected).unwrap();
    let shorter = place("diff_shorter.jsonl");
    let (lines, _) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&shorter, lines).unwrap();
    let args = ["-H", "tests/peers/dgram-basic/proto.h", "-d", "udp.port==1989,msg_st"];
    let all = rows(&[&[path(&shorter), OK][..], &args].concat());
    assert_eq!((&all[0]["kind"], all[0]["message"].as_u64()), (&"added".into(), Some(3)));
}

#[test]
fn a_message_or_a_conversation_that_is_missing_is_one_difference() {
    let [a, b, c] = [message(b"Alan", 1), message(b"Grace", 2), message(b"Kurt", 3)];
    let all = datagrams("diff_all.pcapng", 1989, &[&a, &b, &c]);
    let some = datagrams("diff_some.pcapng", 1989, &[&a, &c]);
    let (code, out, _) = diff(&[path(&all), path(&some)]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("message 2: msg_st, frame 2\n    only in the first: msg_st {name: \"Grace\""),
        "{out}"
    );
    let none = datagrams("diff_none.pcapng", 1989, &[]);
    let all = rows(&[path(&all), path(&none)]);
    assert_eq!((&all[0]["kind"], &all[0]["expected"]), (&"missing".into(), &"3 messages".into()));
    assert_eq!(all[0]["message"], Value::Null);
}

#[test]
fn http_is_compared_by_what_a_user_notices() {
    let get = Act::C(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    let page = |head: &'static [u8]| [get, Act::S(head), Act::CloseClient, Act::CloseServer];
    let plain = connection(
        "diff_http.pcapng",
        80,
        &page(
            b"HTTP/1.1 200 OK\r\nDate: 1\r\nX-Id: 7\r\nContent-Length: 13\r\n\r\n{\"a\":1,\"b\":2}",
        ),
    );
    let same = connection(
        "diff_http_same.pcapng",
        8080,
        &page(b"HTTP/1.1 200 OK\r\nX-Id: 8\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"a\":1,\"b\":2}\r\n0\r\n\r\n"),
    );
    let (code, out, err) = diff(&[path(&plain), path(&same)]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    let all = rows(&[path(&plain), path(&same), "--http-header", "x-id"]);
    assert_eq!(all[0]["field"], "http.header.x-id");
    let other = connection(
        "diff_http_other.pcapng",
        80,
        &page(b"HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n{\"a\":1,\"b\":3}"),
    );
    let all = rows(&[path(&plain), path(&other)]);
    let fields: Vec<_> = all.iter().filter(|it| it["kind"] == "changed").collect();
    assert_eq!(fields[0]["field"], "status");
    assert_eq!((&fields[0]["side"], &fields[0]["message"]), (&"server".into(), &1.into()));
}

#[test]
fn what_nothing_decodes_is_compared_by_turns() {
    let acts = |answer: &'static [u8]| {
        [Act::C(b"\x01\x02?"), Act::S(b"\x03\x04!"), Act::C(b"\x05\x06"), Act::S(answer)]
    };
    let one = connection("diff_bytes.pcapng", 7777, &acts(b"\xf0\x9f\x00\x01"));
    let same = connection("diff_bytes_same.pcapng", 8888, &acts(b"\xf0\x9f\x00\x01"));
    let other = connection("diff_bytes_other.pcapng", 7777, &acts(b"\xf0\x9f\x00\x02"));
    assert_eq!(diff(&[path(&one), path(&same)]).0, Some(0));
    let all = rows(&[path(&one), path(&other)]);
    assert_eq!((&all[0]["field"], &all[0]["side"]), (&"bytes".into(), &"server".into()));
    assert_eq!(all[0]["message"], 2);
    assert_eq!(diff(&[path(&one), path(&other), "--ignore", "bytes"]).0, Some(0));
    assert_eq!(diff(&[path(&one), path(&same), "--ports"]).0, Some(1));
}

#[test]
fn text_records_are_compared_by_their_values() {
    let header = place("diff_text.h");
    fs::write(&header, "#define FMT_STAMP \"%lld\\r\\n\"\n").unwrap();
    let one = connection("diff_text.pcapng", 1989, &[Act::S(b"1714566896\r\n")]);
    let other = connection("diff_text_other.pcapng", 1989, &[Act::S(b"1714566899\r\n")]);
    let rules = ["-H", path(&header), "-d", "tcp.port==1989,FMT_STAMP"];
    let args = [&[path(&one), path(&other)][..], &rules].concat();
    let all = rows(&args);
    assert_eq!((&all[0]["field"], &all[0]["name"]), (&"value".into(), &"FMT_STAMP".into()));
    assert_eq!(
        (&all[0]["expected"], &all[0]["actual"]),
        (&"1714566896".into(), &"1714566899".into())
    );
    assert_eq!(diff(&[&args[..], &["--tolerance", "value=3"]].concat()).0, Some(0));
}

#[test]
fn what_cannot_be_compared_is_named_in_one_line() {
    let empty = place("diff_empty.pcap");
    fs::write(&empty, "").unwrap();
    let text = place("diff_text.txt");
    fs::write(&text, "no capture\n").unwrap();
    let malformed = place("diff_malformed.jsonl");
    fs::write(&malformed, "{\"frame\":1}\n{\"frame\":\n").unwrap();
    let folder = place("diff_folder");
    fs::create_dir_all(&folder).unwrap();
    for (named, expected) in [
        ("no_such.pcap", "no_such.pcap"),
        (path(&empty), "diff_empty.pcap"),
        (path(&text), "diff_text.txt"),
        (path(&malformed), "line 2 is no JSON object"),
        (path(&folder), "test.toml"),
    ] {
        for args in [[named, OK], [OK, named]] {
            let (code, out, err) = diff(&args);
            assert_eq!((code, out.as_str()), (Some(2), ""), "{named}: {err}");
            assert!(err.contains(expected) && err.lines().count() == 1, "{named}: {err}");
        }
    }
    for (args, expected) in [
        (&[OK, OK, "--ignore", "nmae"][..], "no field is named `nmae`"),
        (&[OK, OK, "-Y", "name =="], "name =="),
        (&[OK, OK, "--times=soon"], "a time is like 10s"),
        (&["-", "-"], "standard input, which can be read only once"),
        (&[OK], "required"),
    ] {
        let (code, _, err) = diff(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(err.contains(expected), "{args:?}: {err}");
    }
}

#[test]
fn a_capture_cut_short_is_compared_as_far_as_it_goes() {
    let whole = fs::read(OK).unwrap();
    let cut = place("diff_cut.pcap");
    fs::write(&cut, &whole[..whole.len() - 5]).unwrap();
    let (code, out, err) = diff(&[OK, path(&cut)]);
    assert_eq!(code, Some(2), "{err}");
    assert!(out.contains("only in the first"), "{out}");
    assert!(err.contains("diff_cut.pcap"), "{err}");
}

#[test]
fn one_of_both_may_be_standard_input() {
    let mut command = Command::cargo_bin("wirereel").unwrap();
    let assert = command.args(["diff", "-", OK]).write_stdin(fs::read(WRONG).unwrap()).assert();
    assert.code(1);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let payloads: Vec<_> = (0..2000).map(|it| message(b"Alan", it)).collect();
    let others: Vec<_> = (0..2000).map(|it| message(b"Alan", it + 5000)).collect();
    let [one, other] = [("diff_long.pcapng", &payloads), ("diff_long_other.pcapng", &others)].map(
        |(name, all)| datagrams(name, 1989, &all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
    );
    let mut child = Process::new(env!("CARGO_BIN_EXE_wirereel"))
        .args(["diff", path(&one), path(&other), "--max", "2000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reader = child.stdout.take().unwrap();
    reader.read_exact(&mut [0; 16]).unwrap();
    drop(reader);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
