//! The program against itself: what it serves of a capture is what it replays the capture against.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::{command, must_match, replay};
use crate::serving::{Serving, bundled};

/// How many captures there are of the kind that is played, at least.
const CAPTURES: usize = 37;

/// What a dry run says of a capture.
struct Planned {
    servers: Vec<String>,
    /// Bytes of the clients, and of the servers.
    bytes: [u64; 2],
    datagrams: u64,
}

pub fn captures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<_> = names.map(|it| it.into_string().unwrap()).collect();
    names.retain(|it| it.starts_with("ok_") && it.ends_with(".pcap"));
    names.sort();
    let mut played = 0;
    for name in names {
        let planned = Planned::of(&name);
        // One listener plays one server.
        if planned.servers.len() == 1 {
            play(&name, &planned);
            played += 1;
        }
    }
    assert!(played >= CAPTURES, "only {played} captures were played");
}

fn play(name: &str, planned: &Planned) {
    let serving = Serving::start(&bundled(name), &["--once"]);
    let (outcome, code) = replay(name, &["--to", &serving.at.to_string()]);
    for (count, bytes) in ["sent", "received"].into_iter().zip(planned.bytes) {
        assert_eq!(outcome[count]["bytes"], bytes, "{name}: {outcome}");
    }
    for count in ["differed", "missing"] {
        assert_eq!(outcome[count], 0, "{name}: {outcome}");
    }
    assert_eq!(outcome["matched"].as_u64() > Some(0), planned.bytes[1] > 0, "{name}: {outcome}");
    assert_eq!(code, 0, "{name}: {outcome}");
    let (mut served, code) = serving.finish();
    match planned.datagrams {
        0 => {
            assert_eq!((served["differed"].as_u64(), code), (Some(0), 0), "{name}: {served}");
            assert_eq!(served["missing"], 0, "{name}: {served}");
            assert_eq!(served["received"]["bytes"], planned.bytes[0], "{name}: {served}");
        }
        datagrams => {
            served["skipped"] = Value::Array(vec![]);
            must_match((served, code), datagrams);
        }
    }
}

impl Planned {
    fn of(name: &str) -> Self {
        let mut command = command("replay", name);
        let output = command.args(["--dry-run", "-T", "json"]).output().unwrap();
        let mut planned = Self { servers: Vec::new(), bytes: [0; 2], datagrams: 0 };
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if let Some(server) = line["server"].as_str() {
                planned.servers.push(server.to_owned());
                for (sum, side) in planned.bytes.iter_mut().zip(0..) {
                    *sum += line["bytes"][side as usize].as_u64().unwrap();
                }
            } else {
                planned.datagrams = line["datagrams"].as_u64().unwrap();
            }
        }
        planned.servers.sort();
        planned.servers.dedup();
        planned
    }
}
