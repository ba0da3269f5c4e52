//! What of a capture a new case holds.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use wirereel::capture::{Reader, WriteFormat};
use wirereel::fixture::draft::{Capture, Draft, DraftError};
use wirereel::fixture::{Case, Run, SuiteOptions, Verdict, discover, run_suite};
use wirereel::flow::{Arrival, Flow};
use wirereel::packet::{Checksum, build};
use wirereel::profile::{Options, Protocols};
use wirereel::replay::Stop;

use crate::test::project::{Frames, HEADER, Project, RULE, count, grade, repository};

#[test]
fn each_format_is_read_and_what_names_the_host_is_gone() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([1, 2], b"noise");
    frames.write(&project.path("plain.pcapng"), WriteFormat::Pcapng);
    let plain = fs::read(project.path("plain.pcapng")).unwrap();
    project.write("told.pcapng", telling(&plain));
    project.draft(&["--new", "told", "told.pcapng"]);
    let kept = fs::read(project.path("fixtures/told/told.pcapng")).unwrap();
    for secret in ["secrethost", "eth-secret", "keylog", "a comment"] {
        let bytes = secret.as_bytes();
        assert!(telling(&plain).windows(bytes.len()).any(|it| it == bytes), "{secret}");
        assert!(!kept.windows(bytes.len()).any(|it| it == bytes), "{secret}");
    }
    for (capture, own) in [
        ("ok_dgram_basic.pcap.gz", "ok_dgram_basic.pcap"),
        ("ok_dgram_basic.pcap.zst", "ok_dgram_basic.pcap"),
        ("ok_dgram_basic.pcapng", "ok_dgram_basic.pcapng"),
        ("ok_dgram_basic_nano.pcap", "ok_dgram_basic_nano.pcap"),
        ("ok_dgram_basic_sll2.pcap", "ok_dgram_basic_sll2.pcap"),
    ] {
        let path = repository("captures").join(capture);
        project.draft(&["--new", capture, path.to_str().unwrap()]);
        assert!(project.path(&format!("fixtures/{capture}/{own}")).is_file(), "{capture}");
    }
    let magic = |name: &str| fs::read(project.path(name)).unwrap()[..4].to_vec();
    let nano = magic("fixtures/ok_dgram_basic_nano.pcap/ok_dgram_basic_nano.pcap");
    assert_eq!(nano, 0xa1b2_3c4d_u32.to_le_bytes(), "nanoseconds stay");
}

/// A pcapng file with all that it may tell of the machine: options of the section, of the interface and of
/// frames, and secrets.
fn telling(plain: &[u8]) -> Vec<u8> {
    let option = |code: u16, text: &str| {
        let mut bytes = [code.to_le_bytes(), (text.len() as u16).to_le_bytes()].concat();
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    let block = |kind: &[u8], body: Vec<u8>| {
        let len = (body.len() as u32 + 12).to_le_bytes();
        [kind, &len, &body, &len].concat()
    };
    let (mut told, mut at) = (Vec::new(), 0);
    while let Some(head) = plain.get(at..at + 8) {
        let len = u32::from_le_bytes(head[4..].try_into().unwrap()) as usize;
        let mut body = plain[at + 8..at + len - 4].to_vec();
        match head[..4] {
            [0x0a, 0x0d, 0x0d, 0x0a] => {
                body.extend(
                    [option(2, "secrethost cpu"), option(4, "secrethost dumpcap")].concat(),
                );
                body.extend([0; 4]);
            }
            [1, 0, 0, 0] => {
                body.truncate(8);
                body.extend([9, 0, 1, 0, 9, 0, 0, 0]);
                body.extend(
                    [option(2, "eth-secret"), option(12, "secrethost os"), vec![0; 4]].concat(),
                );
            }
            [6, 0, 0, 0] => body.extend([option(1, "a comment"), vec![0; 4]].concat()),
            _ => {}
        }
        told.extend(block(&head[..4], body));
        if head[..4] == [1, 0, 0, 0] {
            let secrets = [&0x544c_534b_u32.to_le_bytes()[..], &8_u32.to_le_bytes(), b"keylog\0\0"];
            told.extend(block(&[0x0a, 0, 0, 0], secrets.concat()));
        }
        at += len;
    }
    told
}

#[test]
fn what_fills_up_frames_is_left_out() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.datagram([40_000, 1989], &grade("Alan", 83)[..4]).grade("Grace", 100);
    frames.0[0].extend(b"leaked memory");
    let says: [(bool, &[u8]); 1] = [(true, b"GET / HTTP/1.0\r\n\r\n")];
    frames.conversation([40_001, 80], &says).pcap(&project, "c.pcap");
    project.write("proto.h", HEADER);
    let rules = ["-H", "proto.h", "-d", RULE, "-d", "tcp.port==80,http"];
    project.draft(&[&["--new", "one", "c.pcap"][..], &rules].concat());
    let mut reader = Reader::open(&project.path("fixtures/one/c.pcap")).unwrap();
    let mut flow = Flow::<()>::default();
    let mut lens = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        assert_eq!(frame.data.len(), frame.orig_len as usize);
        lens.push(frame.data.len());
        let Arrival::Packet(delivery) = flow.push(&frame) else { panic!() };
        assert_eq!(delivery.packet.checksum, Checksum::Good);
    }
    assert_eq!(lens[..2], [14 + 20 + 8 + 4, 14 + 20 + 8 + 19]);
    let bytes = fs::read(project.path("fixtures/one/c.pcap")).unwrap();
    assert!(!bytes.windows(6).any(|it| it == b"leaked"));
}

#[test]
fn noise_around_a_message_is_no_reason_to_keep_it() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83);
    // A host that belongs to the group that it sends to, on another port.
    let group: SocketAddr = ([239, 1, 2, 3], 1900).into();
    let mut noise = Vec::new();
    build::datagram(([10, 0, 0, 1], 1900).into(), group, b"noise", &mut noise).unwrap();
    frames.0.push(joins([239, 1, 2, 3]));
    frames.0.push(noise);
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "one", "c.pcap"]);
    assert!(out.contains("1 of 3 frames"), "{out}");
    // Of the group that a message is sent to it is kept.
    let mut message = Vec::new();
    let group = ([239, 1, 2, 3], 1989).into();
    build::datagram(([10, 0, 0, 1], 40_000).into(), group, &grade("Alan", 83), &mut message)
        .unwrap();
    frames.0[0] = message;
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "two", "c.pcap"]);
    assert!(out.contains("2 of 3 frames"), "{out}");
}

/// A report that 10.0.0.1 is a member of a group: IGMPv2 (RFC 2236), in a frame of Ethernet.
fn joins(group: [u8; 4]) -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let words = bytes.chunks(2).map(|it| u32::from(it[0]) << 8 | u32::from(it[1]));
        let sum = words.sum::<u32>();
        (!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes()
    };
    let mut igmp = [&[0x16, 0, 0, 0][..], &group].concat();
    let own = sum(&igmp);
    igmp[2..4].copy_from_slice(&own);
    let mut ip = [&[0x45, 0, 0, 28, 0, 1, 0, 0, 1, 2, 0, 0, 10, 0, 0, 1][..], &group].concat();
    let own = sum(&ip);
    ip[10..12].copy_from_slice(&own);
    let ethernet = [1, 0, 0x5e, 1, 2, 3, 2, 0, 0, 0, 0, 1, 8, 0];
    [&ethernet[..], &ip, &igmp].concat()
}

#[test]
fn a_capture_cut_short_is_a_case_of_what_came_before() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).grade("Grace", 100).pcap(&project, "whole.pcap");
    let bytes = fs::read(project.path("whole.pcap")).unwrap();
    project.write("c.pcap", &bytes[..bytes.len() - 5]);
    let (code, out, err) = project.run(&["--new", "one", "c.pcap"]);
    assert_eq!(code, Some(2), "as of decode");
    assert!(out.contains("1 of 1 frames"), "{out}");
    assert!(err.contains("the case is made of what came before"), "{err}");
    assert!(err.contains("c.pcap"), "{err}");
    project.passes();
    // Nothing came before.
    project.write("c.pcap", &bytes[..30]);
    let (code, _, err) = project.run(&["--new", "two", "c.pcap"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("none of its 0 frames holds a message ("), "{err}");
    assert!(!project.path("fixtures/two").exists());
}

#[test]
fn a_capture_may_come_through_a_pipe() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    let mut program = std::process::Command::new(assert_cmd::cargo::cargo_bin("wirereel"));
    program.current_dir(project.path("")).args(["test", "--new", "one", "-"]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let bytes = fs::read(project.path("c.pcap")).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(project.files("fixtures/one"), ["capture.pcap", "expected.jsonl", "test.toml"]);
    project.passes();
}

#[test]
fn what_is_shared_can_be_redacted() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([40_000, 9], b"opaque");
    frames.grade("Alan", 84).pcap(&project, "c.pcap");
    let (_, err) = project.draft(&["--new", "one", "c.pcap", "--redact"]);
    assert!(err.starts_with("redacted: "), "{err}");
    let bytes = fs::read(project.path("fixtures/one/c.pcap")).unwrap();
    for original in [&b"Alan"[..], &[10, 0, 0, 1], &[10, 0, 0, 2]] {
        assert!(!bytes.windows(original.len()).any(|it| it == original), "{original:?}");
    }
    let lines = project.expected("fixtures/one/expected.jsonl");
    let math: Vec<_> = lines.iter().map(|it| it["fields"]["math"].as_u64().unwrap()).collect();
    assert_eq!(math, [83, 84], "numbers stay");
    assert_eq!(lines[0]["fields"]["name"], lines[1]["fields"]["name"]);
    assert!(!project.path("fixtures/one/.original").exists());
    // The text that the filter asks for is another one now: the capture holds nothing else.
    let (_, err) = project.draft(&["--new", "two", "c.pcap", "--redact", "-Y", "name == \"Alan\""]);
    assert!(err.contains("left out of test.toml: -Y"), "{err}");
}

#[test]
fn every_bundled_capture_can_be_a_case() {
    let root = tempfile::tempdir().unwrap();
    let (mut drafted, mut without) = (0, Vec::new());
    let mut draft = |name: &str, path: &Path, options: &Options, filter: Option<&str>| {
        let protocols = Protocols::load(options).unwrap();
        let draft = Draft { name, options, protocols: &protocols, filter, redaction: None };
        let capture = Capture { path, open: &|| Reader::open(path) };
        match draft.write(root.path(), &capture, &Stop::default()) {
            Ok(case) => {
                drafted += 1;
                assert!(case.frames[0] <= case.frames[1], "{name}");
                assert_eq!(count(&case.dir.join(&case.capture)) as u64, case.frames[0], "{name}");
            }
            Err(DraftError::Nothing { .. }) => without.push(name.to_owned()),
            Err(error) => panic!("{name}: {error}"),
        }
    };
    // By the rules of each case.
    let fixtures = repository("fixtures");
    for dir in discover(&fixtures).unwrap() {
        let case = Case::load(&fixtures, &dir).unwrap();
        let Some(trial) = case.trials.iter().find(|it| matches!(it.run, Run::Decode | Run::Check))
        else {
            continue;
        };
        let Some(capture) = &trial.capture else { continue };
        draft(&case.name, capture, &trial.protocols, trial.filter.as_deref());
    }
    // By what is built in.
    for entry in fs::read_dir(repository("captures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.contains(".pcap") {
            draft(&format!("builtin/{name}"), &path, &Options::default(), None);
        }
    }
    assert!(drafted >= 130, "{drafted}, none of {without:?}");
    let cases = discover(root.path()).unwrap();
    assert_eq!(cases.len(), drafted);
    let mut failed = Vec::new();
    let totals = run_suite(root.path(), &cases, &SuiteOptions::default(), &mut |report| {
        if !matches!(report.verdict, Verdict::Passed) {
            failed.push(format!("{}: {:?}", report.name, report.verdict));
        }
    });
    assert!(failed.is_empty() && totals.passed as usize >= drafted, "{failed:#?}");
}
