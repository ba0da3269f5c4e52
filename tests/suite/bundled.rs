//! The bundled profiles over their captures: every payload is decoded, nothing is found wrong, and what
//! was read is written as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use wirereel::capture::Reader;
use wirereel::decode::codec::{Codec, FieldValue};
use wirereel::decode::{Dissector, Found};
use wirereel::profile::{Options, Protocols};

/// What a capture has: messages, and how many of them are written again byte by byte.
struct Row {
    /// Behind `proto_` in the name of its file.
    capture: &'static str,
    /// What the ports do not say.
    rule: Option<&'static str>,
    /// How the names of its protocols begin.
    protocol: &'static str,
    messages: usize,
    same: usize,
}

const fn row(capture: &'static str, messages: usize, same: usize) -> Row {
    Row { capture, rule: None, protocol: capture, messages, same }
}

const ROWS: [Row; 29] = [
    row("apex", 22, 22),
    row("bfd", 16, 16),
    row("bgp", 16, 16),
    row("cflow", 13, 13),
    row("coap", 24, 24),
    row("dhcp", 12, 12),
    row("dns", 20, 20),
    Row { protocol: "dns-tcp", ..row("dns_tcp", 6, 6) },
    row("gtp", 17, 17),
    row("hsrp", 13, 13),
    row("lifx", 23, 23),
    row("mavlink", 25, 25),
    row("mbtcp", 40, 40),
    row("mqtt", 23, 23),
    Row { rule: Some("tcp.port==1883,mqtt5"), ..row("mqtt5", 16, 16) },
    row("ntp", 15, 15),
    row("openflow", 22, 22),
    row("ptp", 26, 26),
    row("radius", 16, 16),
    row("rtcp", 40, 40),
    row("rtp", 14, 14),
    row("sflow", 7, 7),
    row("someip", 22, 22),
    row("stun", 21, 21),
    Row { protocol: "stun", ..row("stun_tcp", 4, 4) },
    row("tftp", 18, 18),
    row("tls", 34, 34),
    row("vxlan", 8, 8),
    row("wg", 13, 13),
];

impl Row {
    fn path(&self) -> PathBuf {
        captures().join(format!("proto_{}.pcap", self.capture))
    }
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// What became of the messages of a capture.
#[derive(Debug, Default)]
struct Outcome {
    messages: usize,
    same: usize,
    /// Those of another protocol, with an error, or with bytes left over.
    wrong: Vec<String>,
    /// Those that are not written again as they were, by what is said of them.
    differing: BTreeMap<String, usize>,
}

fn outcome(row: &Row) -> Outcome {
    let rules = row.rule.into_iter().map(|it| it.parse().unwrap()).collect();
    let protocols = Protocols::load(&Options { rules, ..Options::default() }).unwrap();
    let mut outcome = Outcome::default();
    let mut keep = |found: Found<'_>| {
        let Found::Message { captured, protocol, .. } = found else { return };
        let message = &captured.message;
        let place = format!("frame {}, {} {}", captured.frame, message.protocol, message.name);
        outcome.messages += 1;
        if !message.protocol.starts_with(row.protocol)
            || message.error.is_some()
            || message.trailing > 0
        {
            outcome.wrong.push(format!("{place}: {:?}", message.error));
            return;
        }
        let protocol = protocols.get(protocol).unwrap();
        let codec = Codec::new(protocol.format.layout().unwrap(), &protocol.words).unwrap();
        let mut again = Vec::new();
        let written = codec.encode(&FieldValue::from(message), &mut again);
        let bytes = &message.bytes[..message.len];
        let difference = match written {
            Ok(()) if again == bytes => {
                outcome.same += 1;
                return;
            }
            Ok(()) => {
                let first = again.iter().zip(bytes).take_while(|(one, other)| one == other).count();
                format!("{place}: {} bytes for {}, other from {first}", again.len(), bytes.len())
            }
            Err(error) => format!("{place}: {error}"),
        };
        *outcome.differing.entry(difference).or_default() += 1;
    };
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut reader = Reader::open(&row.path()).unwrap();
    while let Some(frame) = reader.next_frame().unwrap() {
        dissector.push(&frame, None, &mut keep);
    }
    let summary = dissector.finish(&mut keep);
    outcome.wrong.extend(summary.undecoded.iter().map(|it| format!("{it:?}")));
    outcome
}

#[test]
fn every_capture_of_a_protocol_is_looked_at() {
    let mut files: Vec<_> = std::fs::read_dir(captures())
        .unwrap()
        .filter_map(|it| it.unwrap().file_name().into_string().ok())
        .filter_map(|it| Some(it.strip_prefix("proto_")?.strip_suffix(".pcap")?.to_owned()))
        .collect();
    files.sort_unstable();
    let rows: Vec<_> = ROWS.iter().map(|it| it.capture.to_owned()).collect();
    assert_eq!(files, rows);
}

#[test]
fn every_message_is_decoded_and_written_as_it_was() {
    let mut failures = Vec::new();
    for row in &ROWS {
        let it = outcome(row);
        if !it.wrong.is_empty() || (it.messages, it.same) != (row.messages, row.same) {
            failures
                .push(format!("{}: {} messages, {} the same", row.capture, it.messages, it.same));
            failures.extend(it.wrong);
            failures.extend(
                it.differing.into_iter().map(|(what, count)| format!("  {count} x {what}")),
            );
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn nothing_is_found_in_any_of_them() {
    let folder = tempfile::tempdir().unwrap();
    for row in &ROWS {
        let mut program = Command::new(env!("CARGO_BIN_EXE_wirereel"));
        program.args(["check", "-T", "json"]).arg(row.path()).current_dir(folder.path());
        program.args(row.rule.map(|it| ["-d", it]).iter().flatten());
        let (findings, code) = printed(&mut program);
        let grave: Vec<_> = findings.into_iter().filter(|it| it["level"] != "note").collect();
        assert_eq!((code, grave), (Some(0), vec![]), "{}", row.capture);
    }
}

/// The objects that the program prints, and its exit code.
fn printed(program: &mut Command) -> (Vec<Value>, Option<i32>) {
    let output = program.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let objects = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    (objects, output.status.code())
}

/// What the program prints of a capture, an object for each message.
fn decoded(capture: &str, args: &[&str]) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("decode").arg(captures().join(capture)).args(["-T", "json"]).args(args);
    let (messages, code) = printed(command.current_dir(env!("CARGO_TARGET_TMPDIR")));
    assert_eq!(code, Some(0), "{capture}");
    messages
}

#[test]
fn fields_are_known_behind_the_name_of_their_protocol_whatever_the_message() {
    for (protocol, name) in [
        ("cflow", "version"),
        ("mavlink", "msgid"),
        ("mqtt", "msgtype"),
        ("openflow", "type"),
        ("rtcp", "pt"),
        ("tftp", "opcode"),
        ("wg", "type"),
    ] {
        let capture = format!("proto_{protocol}.pcap");
        let all = decoded(&capture, &[]);
        let having =
            all.iter().filter(|it| it["protocol"] == protocol && !it["fields"][name].is_null());
        let found = decoded(&capture, &["-Y", &format!("{protocol}.{name}")]);
        let frames = |messages: &mut dyn Iterator<Item = &Value>| -> Vec<Value> {
            messages.map(|it| it["frame"].clone()).collect()
        };
        let (having, found) = (frames(&mut having.into_iter()), frames(&mut found.iter()));
        assert!(having.len() > 5, "{protocol}.{name}: {having:?}");
        assert_eq!(found, having, "{protocol}.{name}");
    }
}
