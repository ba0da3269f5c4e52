//! The program against itself: what it serves of a capture is what it replays the capture against.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::{ONCE, command, replay};
use crate::serving::{Serving, bundled};

/// How many captures have something to play, at least.
const CAPTURES: usize = 64;

/// What a dry run says of a capture.
struct Planned {
    conversations: u64,
    /// Bytes of the clients, and of the servers.
    bytes: [u64; 2],
    datagrams: u64,
    /// Whether there are TCP conversations among them.
    streams: bool,
}

pub fn captures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<_> = names.map(|it| it.into_string().unwrap()).collect();
    names.retain(|it| it.ends_with(".pcap"));
    names.sort();
    let mut played = 0;
    for name in names {
        let planned = Planned::of(&name);
        if planned.conversations > 0 {
            play(&name, &planned);
            played += 1;
        }
    }
    assert!(played >= CAPTURES, "only {played} captures were played");
}

fn play(name: &str, planned: &Planned) {
    let serving = Serving::start(&bundled(name), &ONCE);
    let (outcome, code) = replay(name, &["--to", &serving.at.to_string()]);
    for (count, bytes) in ["sent", "received"].into_iter().zip(planned.bytes) {
        assert_eq!(outcome[count]["bytes"], bytes, "{name}: {outcome}");
    }
    for count in ["differed", "missing"] {
        assert_eq!(outcome[count], 0, "{name}: {outcome}");
    }
    assert_eq!(outcome["matched"].as_u64() > Some(0), planned.bytes[1] > 0, "{name}: {outcome}");
    assert_eq!(code, 0, "{name}: {outcome}");
    let (served, code) = serving.finish();
    assert_eq!(code, 0, "{name}: {served}");
    for count in ["differed", "missing"] {
        assert_eq!(served[count], 0, "{name}: {served}");
    }
    assert_eq!(served["received"]["bytes"], planned.bytes[0], "{name}: {served}");
    // Every datagram of a client is a message that the server knew; what a stream holds is its own.
    let matched = served["matched"].as_u64().unwrap();
    if planned.streams {
        assert!(matched >= planned.datagrams, "{name}: {served}");
    } else {
        assert_eq!(matched, planned.datagrams, "{name}: {served}");
    }
}

impl Planned {
    fn of(name: &str) -> Self {
        let mut command = command("replay", name);
        let output = command.args(["--dry-run", "-T", "json"]).output().unwrap();
        let mut planned = Self { conversations: 0, bytes: [0; 2], datagrams: 0, streams: false };
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            planned.conversations += 1;
            for (sum, bytes) in planned.bytes.iter_mut().zip(line["bytes"].as_array().unwrap()) {
                *sum += bytes.as_u64().unwrap();
            }
            match line["transport"].as_str() {
                Some("udp") => planned.datagrams += line["sends"][0].as_u64().unwrap(),
                _ => planned.streams = true,
            }
        }
        planned
    }
}
