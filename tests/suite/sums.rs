//! Fields that are sums, as the program fills them in and finds them wrong.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::frame::Endpoints;
use crate::tape::{Does, Tape};

const HEADER: &str = "#include <stdint.h>
struct reading {
    uint8_t kind;
    uint32_t value;
    uint16_t cksum;
    char name[];
} __attribute__((packed));
";

const PROFILE: &str = r#"
[[protocol]]
name = "readings"
header = "proto.h"
message = "reading"
decode_as = ["udp.port==1989", "tcp.port==1989"]
[protocol.fields]
cksum = { checksum = "internet" }
"#;

/// What a run of the program prints, as lines of JSON, and its exit code.
fn run(folder: &Path, arguments: &[&str]) -> (Vec<Value>, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let code = output.status.code().unwrap();
    assert!(code < 2, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    (lines, code)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("proto.h"), HEADER).unwrap();
    fs::write(folder.path().join("wirereel.toml"), PROFILE).unwrap();
    folder
}

/// What `check` finds, as code, field and how often.
fn findings(folder: &Path, capture: &str) -> Vec<(String, String, u64, u64)> {
    let (lines, _) = run(folder, &["check", "-T", "json", capture]);
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let count = |it: &Value| it.as_u64().unwrap_or_default();
    let of = |it: &Value| {
        (text(&it["code"]), text(&it["field"]), count(&it["support"]), count(&it["total"]))
    };
    lines.iter().map(of).filter(|it| it.0 != "unaligned").collect()
}

/// `generate` to a file.
fn generate(folder: &Path, capture: &str, rest: &[&str]) {
    let common = ["generate", "unicast", "--to", "10.0.0.2:1989", "--seed", "1", "-T", "json"];
    run(folder, &[&common[..], &["-w", capture], rest].concat());
}

#[test]
fn what_is_generated_has_its_sums_and_what_is_set_stays() {
    let folder = folder();
    let folder = folder.path();
    let fields = ["--message", "reading", "--set", "value=counter(1000, 77)"];
    let all = [&fields[..], &["--set", "name=Alan", "--count", "40"]].concat();
    generate(folder, "right.pcap", &all);
    assert_eq!(findings(folder, "right.pcap"), []);
    let (messages, _) = run(folder, &["decode", "-T", "json", "right.pcap"]);
    let sums: Vec<_> = messages.iter().map(|it| it["fields"]["cksum"].as_u64().unwrap()).collect();
    // By hand: 0000 03e8 0000 416c 616e 00, the sum itself being zeros, in words from the first byte.
    let words = [0x0000_u32, 0x0003, 0xe800, 0x0041, 0x6c61, 0x6e00];
    let sum = words.iter().sum::<u32>();
    assert_eq!(sums[0], u64::from(!((sum & 0xffff) + (sum >> 16)) & 0xffff));
    assert_eq!((sums.len(), sums[0] != sums[1]), (40, true));

    generate(folder, "given.pcap", &[&all[..], &["--set", "cksum=7"]].concat());
    let wrong = |support, total| vec![("checksum".into(), "cksum".into(), support, total)];
    assert_eq!(findings(folder, "given.pcap"), wrong(40, 40));

    generate(folder, "like.pcap", &["--like", "right.pcap"]);
    assert_eq!(findings(folder, "like.pcap"), []);
    let (like, _) = run(folder, &["decode", "-T", "json", "like.pcap"]);
    assert_eq!(like.len(), 40);
}

#[test]
fn a_sender_with_other_holes_has_one_mistake() {
    let folder = folder();
    let folder = folder.path();
    let fields = ["--message", "reading", "--set", "value=counter(1000, 77)", "--count", "60"];
    let sets = ["--set", "name=Alan", "--set", "kind=3", "--mistake", "padding"];
    generate(folder, "holes.pcap", &[&fields[..], &sets].concat());
    let found = findings(folder, "holes.pcap");
    let codes: Vec<_> = found.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(codes, ["padding"], "{found:?}");
}

#[test]
fn sums_are_told_by_sender_over_datagrams_and_streams() {
    let folder = folder();
    let mut tape = Tape::new("sums_checked.pcap");
    let message = |value: u8, cksum: [u8; 2]| [&[1, 0, 0, 0, value][..], &cksum, b"abc\0"].concat();
    let sum = |value: u8| {
        let words = [0x0100_u32, 0, u32::from(value) << 8, 0x0061, 0x6263, 0];
        let sum = words.iter().sum::<u32>();
        (!((sum & 0xffff) + (sum >> 16)) & 0xffff) as u16
    };
    let [one, two] = [0, 1].map(|it| Endpoints::numbered(it, 1989));
    for value in 0..5 {
        tape.datagram(value.into(), two, true, &message(value, sum(value).to_le_bytes()));
        tape.datagram(value.into(), one, true, &message(value, sum(value).to_be_bytes()));
    }
    tape.datagram(9, one, true, &message(9, [0xff, 0xff]));
    // What ends too early has no sum to be looked at.
    tape.datagram(10, one, true, &message(9, [0xff, 0xff])[..6]);
    let said = [message(1, sum(1).to_be_bytes()), message(2, [0, 1])].concat();
    let mut talk = tape.open(20, two);
    tape.act(21, &mut talk, true, Does::Says(&said[..9]));
    tape.act(22, &mut talk, true, Does::Says(&said[9..]));
    let capture = tape.finish();
    let (lines, code) =
        run(folder.path(), &["check", "-T", "json", capture.to_str().unwrap(), "--strict"]);
    let sums: Vec<_> = lines.iter().filter(|it| it["code"] == "checksum").collect();
    let seen: Vec<_> = sums
        .iter()
        .map(|it| (it["support"].as_u64().unwrap(), it["total"].as_u64().unwrap()))
        .collect();
    assert_eq!(seen, [(7, 13)], "one sender, by both ways: {lines:#?}");
    assert_eq!((sums[0]["offset"].as_u64(), sums[0]["len"].as_u64()), (Some(5), Some(2)));
    assert_eq!((sums[0]["header"]["line"].as_u64(), code), (Some(5), 1));
    let said = sum(0).swap_bytes();
    let expected = format!("`cksum` is {said:#06x}, and internet over 0..end is {:#06x}", sum(0));
    assert_eq!(sums[0]["text"], expected);
    assert_eq!(sums[0]["frames"], serde_json::json!([1, 3, 5, 7, 9]));
}

/// A message that says how long it is ends too soon: by the capture, a reset, or the sender.
#[test]
fn what_the_capture_cuts_off_says_nothing_of_its_sender() {
    let folder = tempfile::tempdir().unwrap();
    let header = "#include <stdint.h>\nstruct m { uint16_t len; uint32_t value[2]; } __attribute__((packed));\n";
    fs::write(folder.path().join("proto.h"), header).unwrap();
    let profile = "[[protocol]]\nname = \"p\"\nheader = \"proto.h\"\nmessage = \"m\"\n\
                   decode_as = [\"tcp.port==1989\"]\nlength = \"len\"\n";
    fs::write(folder.path().join("wirereel.toml"), profile).unwrap();
    let ends = Endpoints::numbered(0, 1989);
    let whole: &[u8] = &[0, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    let length = ("length".to_owned(), "-".to_owned(), 1, 2);
    for (name, end, marks, expected) in [
        ("capture", None, "[\"cut-short\"]", vec![]),
        ("reset", Some(Does::BreaksOff), "[\"cut-short\"]", vec![]),
        ("sender", Some(Does::Ends), "null", vec![length]),
    ] {
        let mut steps = vec![(true, Does::Says(whole)), (true, Does::Says(&whole[..4]))];
        steps.extend(end.map(|it| (true, it)));
        let mut tape = Tape::new(&format!("cut_off_by_{name}.pcap"));
        tape.talk(0, ends, &steps);
        let capture = tape.finish();
        let capture = capture.to_str().unwrap();
        let (messages, _) = run(folder.path(), &["decode", "-T", "json", capture]);
        assert_eq!(messages[1]["marks"].to_string(), marks, "{name}: {messages:?}");
        assert_eq!(messages[1]["error"]["kind"], "short", "{name}: {messages:?}");
        assert_eq!(findings(folder.path(), capture), expected, "{name}");
    }
}
