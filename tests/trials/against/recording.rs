//! What passes an interface of a host, recorded by tcpdump while somebody talks.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, UdpSocket};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::hosts::namespaces::{Hosts, Namespace};

/// How long tcpdump may take to show what has passed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the last datagram of a recording goes; nobody listens there.
const MARK_PORT: u16 = 9;
const MARK: &str = "the recording ends here";

/// Headers of a pcap file (draft-ietf-opsawg-pcap, sections 4 and 5): bytes, and where a record's
/// says how many follow.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const CAPTURED_LEN: Range<usize> = 8..12;

/// Runs `talk` on the near host while its loopback is recorded into `file`, and gives what it
/// gives.
pub fn record<T>(hosts: &Hosts, file: &Path, talk: impl FnOnce() -> T) -> T {
    let recorder = Recorder::start(&hosts.near, "lo", file);
    let said = talk();
    mark(&hosts.near, Ipv4Addr::LOCALHOST);
    recorder.finish();
    said
}

/// Ends the recordings at all interfaces that a datagram from there to that address passes.
pub fn mark(host: &Namespace, to: Ipv4Addr) {
    host.within(|| {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.set_broadcast(true).unwrap();
        socket.send_to(MARK.as_bytes(), (to, MARK_PORT)).unwrap();
    });
}

/// tcpdump at work.
pub struct Recorder {
    child: Killed,
    marked: Receiver<()>,
    written: JoinHandle<Vec<u8>>,
    file: PathBuf,
}

impl Recorder {
    /// Starts one, and returns when it records.
    pub fn start(host: &Namespace, interface: &str, file: &Path) -> Self {
        let mut command = host.command("tcpdump");
        command.args(["-Z", "root", "-U", "--immediate-mode", "-B", "65536", "-w", "-"]);
        command.args(["-i", interface]);
        // What ICMP quotes is not the mark.
        command.arg("not icmp").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("listening on") {
            assert!(lines.read_line(&mut told).unwrap() > 0, "{told}");
        }
        thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        let (mark, marked) = mpsc::channel();
        let out = child.stdout.take().unwrap();
        let written = thread::spawn(move || records(out, &mark));
        Self { child: Killed(child), marked, written, file: file.to_owned() }
    }

    /// Waits until the [`mark`] has been written: everything before it is there.
    pub fn finish(self) {
        self.marked.recv_timeout(PATIENCE).expect("the mark is recorded");
        drop(self.child);
        fs::write(&self.file, self.written.join().unwrap()).unwrap();
    }
}

/// A child that ends with this.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What tcpdump writes, to its end, without the mark and without a record that is cut short. Tells
/// when the mark has come; what closes a connection may come behind it.
fn records(out: ChildStdout, marked: &Sender<()>) -> Vec<u8> {
    let mut out = BufReader::new(out);
    let mut file = vec![0; FILE_HEADER];
    out.read_exact(&mut file).unwrap();
    while let Some(record) = next_record(&mut out) {
        match record.ends_with(MARK.as_bytes()) {
            true => marked.send(()).unwrap(),
            false => file.extend(record),
        }
    }
    file
}

/// A record of a pcap file; tcpdump writes this machine's byte order.
fn next_record(out: &mut impl Read) -> Option<Vec<u8>> {
    let mut record = vec![0; RECORD_HEADER];
    out.read_exact(&mut record).ok()?;
    let len = u32::from_ne_bytes(record[CAPTURED_LEN].try_into().unwrap());
    record.resize(RECORD_HEADER + len as usize, 0);
    out.read_exact(&mut record[RECORD_HEADER..]).ok()?;
    Some(record)
}

/// The output of a command that must succeed.
pub fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}{told}");
    text
}
