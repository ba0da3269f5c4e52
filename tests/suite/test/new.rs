//! `test --new`: of a capture a case that passes, and no more in it than it needs.

mod captures;
mod headers;
mod refused;

use std::fs;

use serde_json::Value;

use super::project::{Frames, HEADER, Project, RULE, count, repository};

#[test]
fn from_a_fresh_capture_to_a_case_in_three_commands() {
    let project = Project::new();
    project.write("proto.h", HEADER);
    let mut frames = Frames::default();
    frames.datagram([50_000, 53], b"\x12\x34 a name that nobody decodes");
    frames.grade("Alan", 83).datagram([40_000, 2000], b"noise").grade("Grace", 100);
    frames.pcap(&project, "capture.pcap");

    let args = ["--new", "grades", "capture.pcap", "-H", "proto.h", "-d", RULE];
    let (out, err) = project.draft(&args);
    assert_eq!(
        out,
        "fixtures/grades: written, and it passes
  capture.pcap    2 of 4 frames, 178 bytes
  expected.jsonl  2 messages
  proto.h
  test.toml
next: wirereel test --name grades
      git add fixtures/grades
"
    );
    assert_eq!(err, "");
    let own: Vec<_> = project.files("fixtures");
    let all = ["capture.pcap", "expected.jsonl", "proto.h", "test.toml"];
    assert_eq!(own, all.map(|it| format!("grades/{it}")));
    assert_eq!(project.read("fixtures/grades/proto.h"), HEADER);
    let toml = project.read("fixtures/grades/test.toml");
    let keys: Vec<_> = toml.lines().filter(|it| !it.starts_with('#') && !it.is_empty()).collect();
    assert_eq!(
        keys,
        [
            "capture = \"capture.pcap\"",
            "run = \"decode\"",
            "header = \"proto.h\"",
            "decode_as = \"udp.port==1989,msg_st\""
        ]
    );
    let lines = project.expected("fixtures/grades/expected.jsonl");
    let math: Vec<_> = lines.iter().map(|it| it["fields"]["math"].as_u64().unwrap()).collect();
    assert_eq!(math, [83, 100]);

    // The next commands are those that are printed.
    let (code, _, err) = project.run(&["--name", "grades"]);
    assert_eq!((code, err.as_str()), (Some(0), "1 passed, 0 failed, 0 skipped\n"));

    // One byte of the capture: math of the second message.
    let path = project.path("fixtures/grades/capture.pcap");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).rposition(|it| it == 100_u32.to_be_bytes()).unwrap();
    bytes[at + 3] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (code, out, err) = project.run(&[]);
    assert_eq!(code, Some(1));
    assert!(out.starts_with("FAIL grades "), "{out}");
    assert!(
        out.ends_with(
            ": 1 difference\n  frame 2, msg_st\n    fields.math: expected 100, got 101\n"
        ),
        "{out}"
    );
    assert_eq!(err, "0 passed, 1 failed, 0 skipped\n");
}

#[test]
fn a_stream_keeps_its_handshake_and_close_and_nothing_else() {
    let project = Project::new();
    project.write(
        "proto.h",
        "#include <stdint.h>\nstruct rec { uint16_t no; char who[6]; } __attribute__((packed));\n",
    );
    let mut frames = Frames::default();
    frames.datagram([1, 2], b"noise").conversation([40_001, 9999], &[(true, &b"opaque"[..])]);
    // Records do not end where segments do.
    let says: [(bool, &[u8]); 3] =
        [(true, b"\x00\x01Alan\0"), (true, b"\0\x00\x02Gra"), (true, b"ce\0\x00\x03Linus\0")];
    frames.conversation([40_002, 7000], &says).grade("Alan", 1);
    frames.pcap(&project, "c.pcap");
    let args =
        ["cases", "--new", "deep/er/stream", "c.pcap", "-H", "proto.h", "-d", "tcp.port==7000,rec"];
    let (code, out, err) = project.run(&args);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("  c.pcap          8 of 16 frames, "), "{out}");
    assert!(out.contains("next: wirereel test cases --name deep/er/stream\n"), "{out}");
    assert_eq!(err, "left out: 1 message of dgram-basic, whose traffic no -d names\n");
    let lines = project.expected("cases/deep/er/stream/expected.jsonl");
    let who: Vec<_> = lines.iter().map(|it| it["fields"]["who"].as_str().unwrap()).collect();
    assert_eq!(who, ["Alan", "Grace", "Linus"]);
    assert_eq!(lines[0]["stream"], 0, "it is the only one");
    assert_eq!(project.run(&["cases"]).0, Some(0));
}

#[test]
fn http_is_decoded_without_a_header() {
    let project = Project::new();
    let (ask, answer): (&[u8], &[u8]) =
        (b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n");
    let mut frames = Frames::default();
    frames.conversation([40_001, 8080], &[(true, ask), (false, answer)]);
    frames.conversation([40_002, 8080], &[(true, ask), (false, answer)]);
    frames.datagram([1, 2], b"noise");
    frames.pcap(&project, "web.pcap");
    let (out, _) = project.draft(&["--new", "web", "web.pcap"]);
    assert!(out.contains("14 of 15 frames") && out.contains("4 messages"), "{out}");
    let filter = "tcp.srcport == 40002 && http.request.method == \"GET\"";
    let (out, err) = project.draft(&["--new", "web2", "web.pcap", "-Y", filter]);
    assert!(out.contains("7 of 15 frames") && out.contains("1 message\n"), "{out}");
    assert_eq!(err, "");
    let toml = project.read("fixtures/web2/test.toml");
    assert!(
        toml.contains("filter = \"tcp.srcport == 40002 && http.request.method == \\\"GET\\\"\"")
    );
    // Numbers of conversations are others in the piece.
    let (_, err) = project.draft(&["--new", "web3", "web.pcap", "-Y", "tcp.stream == 1"]);
    assert!(err.starts_with("left out of test.toml: -Y 'tcp.stream == 1', which asks"), "{err}");
    assert!(!project.read("fixtures/web3/test.toml").contains("filter"));
    assert_eq!(count(&project.path("fixtures/web3/web.pcap")), 7);
}

#[test]
fn many_messages_are_described() {
    let project = Project::new();
    let mut frames = Frames::default();
    for math in 0..3000 {
        frames.grade("Alan", math % 101).datagram([1, 2], b"noise");
    }
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "many", "c.pcap"]);
    assert!(out.contains("3000 of 6000 frames"), "{out}");
    assert!(out.contains("  test.toml  3000 messages, described by [[expect]]\n"), "{out}");
    assert_eq!(project.files("fixtures/many"), ["c.pcap", "test.toml"]);
    let toml = project.read("fixtures/many/test.toml");
    for line in [
        "count = 3000",
        "at_least = { \"fields.math\" = 0 }",
        "at_most = { \"fields.math\" = 100 }",
        "absent = [\"error\"]",
    ] {
        assert!(toml.lines().any(|it| it == line), "{line}\n{toml}");
    }
    assert!(toml.contains("\"fields.chinese\" = 90"), "{toml}");
    // A value that leaves its range is seen.
    let path = project.path("fixtures/many/c.pcap");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|it| it == 100_u32.to_be_bytes()).unwrap();
    bytes[at] = 1;
    fs::write(&path, bytes).unwrap();
    let (code, out, _) = project.run(&[]);
    assert_eq!(code, Some(1));
    assert!(out.contains("count: expected 3000, got 2999, of 3000 in all"), "{out}");
    assert!(out.contains("fields.math: expected at most 100, got 16777316"), "{out}");
}

#[test]
fn findings_are_a_run_of_their_own() {
    let project = Project::new();
    let capture = repository("captures/bug_dgram_basic_nohtonl.pcap");
    let (out, _) = project.draft(&["--new", "bug", capture.to_str().unwrap()]);
    let toml = project.read("fixtures/bug/test.toml");
    assert!(toml.contains("[[run]]\nname = \"messages\"\nrun = \"decode\"\n"), "{toml}");
    assert!(toml.contains("[[run]]\nname = \"findings\"\nrun = \"check\"\n"), "{toml}");
    let findings = project.expected("fixtures/bug/expected.findings.jsonl");
    assert!(findings.iter().any(|it| it["code"] == "byte-order"), "{findings:?}");
    assert!(out.contains(&format!(" {} findings\n", findings.len())), "{out}");
}

#[test]
fn what_was_written_is_told_as_json_too() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).datagram([1, 2], b"noise").pcap(&project, "c.pcap");
    let (code, out, err) = project.run(&["--new", "one", "c.pcap", "-T", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let line: Value = serde_json::from_str(&out).unwrap();
    let expected = serde_json::json!({"name": "one", "dir": "fixtures/one", "files": ["c.pcap", "expected.jsonl",
        "test.toml"], "frames": {"kept": 1, "of": 2}, "messages": 1, "findings": null, "whole": true});
    assert_eq!(line, expected);
    let (code, out, _) = project.run(&["--new", "it's two", "c.pcap", "-q"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    let (out, _) = project.draft(&["--new", "it's 3", "c.pcap"]);
    assert!(out.contains("next: wirereel test --name 'it'\\''s 3'\n"), "{out}");
}
