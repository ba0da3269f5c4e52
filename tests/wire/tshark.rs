//! What tshark makes of a capture.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wirereel::packet::Transport;

use super::reassembled::{Piece, Sides, append};

const REASSEMBLE: [&str; 2] = ["-o", "tcp.reassemble_out_of_order:TRUE"];

const CHECKSUMS: [&str; 6] = [
    "-o",
    "ip.check_checksum:TRUE",
    "-o",
    "tcp.check_checksum:TRUE",
    "-o",
    "udp.check_checksum:TRUE",
];

/// Why tshark cannot be asked here; `None` if it can.
pub fn missing() -> Option<&'static str> {
    let answers =
        Command::new("tshark").arg("--version").output().is_ok_and(|it| it.status.success());
    (!answers).then_some("no tshark")
}

/// For each frame, from 1: its transport and stream. A packet quoted in ICMP is not counted as the
/// frame's own.
pub fn frames(path: &Path) -> Vec<Option<(Transport, u32)>> {
    let fields = ["icmp.type", "icmpv6.type", "tcp.stream", "udp.stream"];
    let text = run(path, &fields.map(|it| ["-e", it]).concat(), &["-T", "fields"]);
    text.lines()
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            ["", "", "", udp] => udp.parse().ok().map(|it| (Transport::Udp, it)),
            ["", "", tcp, ""] => tcp.parse().ok().map(|it| (Transport::Tcp, it)),
            _ => None,
        })
        .collect()
}

/// The bytes of the first `count` TCP streams.
pub fn streams(path: &Path, count: u32) -> BTreeMap<u32, Sides> {
    let asked: Vec<_> = (0..count).map(|it| format!("follow,tcp,raw,{it}")).collect();
    let taps: Vec<_> = asked.iter().flat_map(|it| ["-z", it]).collect();
    let text = run(path, &taps, &["-q"]);
    let mut streams = BTreeMap::new();
    let mut at: Option<Following> = None;
    for line in text.lines() {
        if let Some(number) = line.strip_prefix("Filter: tcp.stream eq ") {
            at = Some(Following {
                number: number.parse().expect("a number"),
                ..Following::default()
            });
        } else if line.starts_with("=====") {
            streams.extend(at.take_if(|it| it.ports[1] != 0).map(|it| (it.number, it.sides)));
        } else if let Some(stream) = &mut at {
            stream.line(line);
        }
    }
    streams
}

/// The TCP conversations: both ends, with the frames and bytes of each direction and of both, in
/// no order. When they began is left out.
pub fn conversations(path: &Path) -> Vec<String> {
    let text = run(path, &["-z", "conv,tcp"], &["-q"]);
    let lines = text.lines().filter(|it| it.contains("<->"));
    let fact = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        words[..words.len() - 2].join(" ")
    };
    let mut found: Vec<_> = lines.map(fact).collect();
    found.sort();
    found
}

/// Writes every HTTP object into a folder.
pub fn export_objects(path: &Path, folder: &Path) {
    let export = format!("http,{}", folder.display());
    run(path, &["--export-objects", &export], &["-q"]);
}

/// The frames that tshark finds fault with, a line each: numbers that do not follow, windows
/// overrun, checksums, anything malformed. Ports may be used again. What begins as RPCAP does is none.
pub fn flaws(path: &Path) -> String {
    let faults = "(tcp.analysis.flags && !tcp.analysis.reused_ports) || _ws.malformed || ip.checksum.status == 0 || \
                  tcp.checksum.status == 0 || udp.checksum.status == 0";
    run(path, &["-Y", faults, "--disable-protocol", "rpcap"], &CHECKSUMS)
}

/// The number of frames whose transport's checksum is right.
pub fn right_checksums(path: &Path) -> usize {
    let right = "tcp.checksum.status == 1 || udp.checksum.status == 1";
    run(path, &["-Y", right], &CHECKSUMS).lines().count()
}

/// One stream while its lines are read.
#[derive(Default)]
struct Following {
    number: u32,
    ports: [u16; 2],
    sides: Sides,
}

impl Following {
    fn line(&mut self, line: &str) {
        if let Some((node, address)) = line.strip_prefix("Node ").and_then(|it| it.split_once(": "))
        {
            let port = address.rsplit(':').next().and_then(|it| it.parse().ok());
            self.ports[usize::from(node == "1")] = port.expect("a port");
        } else if !line.starts_with("Follow: ") {
            let (port, hex) = match line.strip_prefix('\t') {
                Some(hex) => (self.ports[1], hex),
                None => (self.ports[0], line),
            };
            append(self.sides.entry(port).or_default(), piece(&bytes_of(hex)));
        }
    }
}

/// tshark writes text in the place of bytes that the capture lacks.
fn piece(bytes: &[u8]) -> Piece {
    let gap = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.trim_end_matches('\0').strip_prefix('['))
        .and_then(|text| text.strip_suffix(" bytes missing in capture file]"))
        .and_then(|len| len.parse().ok());
    gap.map_or_else(|| Piece::Bytes(bytes.to_vec()), Piece::Gap)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |it: u8| (it as char).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn run(path: &Path, arguments: &[&str], more: &[&str]) -> String {
    let output = Command::new("tshark")
        .args(REASSEMBLE)
        .arg("-r")
        .arg(path)
        .args(more)
        .args(arguments)
        .output()
        .expect("tshark runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark: {stderr}");
    String::from_utf8(output.stdout).expect("text")
}
