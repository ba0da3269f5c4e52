//! What passes on the loopback of a host, recorded by tcpdump while somebody talks.

use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::hosts::namespaces::Hosts;

/// How long tcpdump may take to show what has passed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the last datagram of a recording goes; nobody listens there.
const MARK_PORT: &str = "9";
const MARK: &str = "the recording ends here";

/// Runs `talk` on the near host while its loopback is recorded into `file`, and gives what it
/// gives.
pub fn record<T>(hosts: &Hosts, file: &Path, talk: impl FnOnce() -> T) -> T {
    let recorder = Recorder::start(hosts, file);
    let said = talk();
    recorder.finish(hosts);
    said
}

/// tcpdump at work.
struct Recorder {
    child: Child,
    file: PathBuf,
}

impl Recorder {
    fn start(hosts: &Hosts, file: &Path) -> Self {
        let mut command = hosts.command(&hosts.near, "tcpdump");
        // No address is both: what ICMP quotes is not the mark.
        command.args(["-Z", "root", "-i", "lo", "-U", "--immediate-mode", "-B", "65536", "-w"]);
        let mut child = command.arg(file).arg("not icmp").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("listening on") {
            assert!(lines.read_line(&mut told).unwrap() > 0, "{told}");
        }
        thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        Self { child, file: file.to_owned() }
    }

    /// Waits until the mark has been written, and takes it out again: everything before it is there.
    fn finish(mut self, hosts: &Hosts) {
        let mut mark = hosts.command(&hosts.near, "bash");
        let status =
            mark.args(["-c", &format!("echo -n '{MARK}' >/dev/udp/127.0.0.1/{MARK_PORT}")]);
        assert!(status.status().unwrap().success());
        let begin = Instant::now();
        let marked = loop {
            let bytes = fs::read(&self.file).unwrap();
            if let Some(mark) = find_mark(&bytes) {
                break [&bytes[..mark.start], &bytes[mark.end..]].concat();
            }
            assert!(begin.elapsed() < PATIENCE, "the mark was not recorded");
            thread::sleep(Duration::from_millis(20));
        };
        self.stop();
        fs::write(&self.file, whole_records(marked)).unwrap();
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The records of a pcap file (draft-ietf-opsawg-pcap, section 5); tcpdump writes this machine's
/// byte order.
fn records(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 24;
    std::iter::from_fn(move || {
        let len = u32::from_ne_bytes(bytes.get(at + 8..at + 12)?.try_into().unwrap());
        let record = at..at + 16 + len as usize;
        at = record.end;
        (at <= bytes.len()).then_some(record)
    })
}

/// The record of the mark. What closes a connection may have come behind it.
fn find_mark(bytes: &[u8]) -> Option<Range<usize>> {
    records(bytes).find(|record| bytes[record.clone()].ends_with(MARK.as_bytes()))
}

/// Without a record that was not yet written to its end.
fn whole_records(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = records(&bytes).last().map_or(24, |it| it.end);
    bytes.truncate(end);
    bytes
}

/// The output of a command that must succeed.
pub fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}{told}");
    text
}
