//! Runs that are cut short: by signals, as a shell sends them, and by the user's limit of time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::serving::{Serving, bundled};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use wirereel::capture::Reader;

const PATIENCE: Duration = Duration::from_secs(30);

/// A replay that goes on until it is told to end.
fn endless(capture: &str, to: SocketAddr, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("replay").arg(bundled(capture)).args(["-T", "json", "-l", "0"]);
    command.arg("--to").arg(to.to_string()).args(options);
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Its exit code and its outcome.
fn ended(child: Child) -> (Option<i32>, Value) {
    let output = child.wait_with_output().unwrap();
    let outcome = serde_json::from_slice(&output.stdout);
    let outcome = outcome.unwrap_or_else(|error| {
        panic!("{error}: {output:?}");
    });
    (output.status.code(), outcome)
}

/// A sink of datagrams.
fn sink() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let to = socket.local_addr().unwrap();
    (socket, to)
}

/// How many frames a capture has; it must be whole.
fn frames(path: &Path) -> u64 {
    let mut reader = Reader::open(path).unwrap();
    let mut frames = 0;
    while reader.next_frame().unwrap().is_some() {
        frames += 1;
    }
    frames
}

#[test]
fn a_replay_that_a_signal_ends_tells_its_outcome_and_keeps_its_recording() {
    for (by, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let (socket, to) = sink();
        let folder = tempfile::tempdir().unwrap();
        let recorded = folder.path().join("live.pcapng");
        let options = ["-p", "500", "-w", recorded.to_str().unwrap()];
        let child = endless("ok_dgram_basic.pcap", to, &options).spawn().unwrap();
        (0..20).for_each(|_| assert!(socket.recv(&mut [0; 99]).unwrap() > 0));
        signal(&child, by);
        let (exit, outcome) = ended(child);
        assert_eq!((exit, &outcome["interrupted"]), (Some(code), &true.into()), "{outcome}");
        let sent = outcome["sent"]["messages"].as_u64().unwrap();
        assert!(sent >= 20, "{outcome}");
        assert_eq!(frames(&recorded), sent);
    }
}

#[test]
fn a_replay_of_tcp_ends_in_the_middle_of_a_conversation() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("live.pcapng");
    let options = ["--timeout", "60s", "-w", recorded.to_str().unwrap()];
    let child = endless("ok_webdl_apache.pcap", to, &options).spawn().unwrap();
    let (mut client, _) = listener.accept().unwrap();
    client.read_exact(&mut [0; 17]).unwrap();
    signal(&child, Signal::TERM);
    let (exit, outcome) = ended(child);
    assert_eq!((exit, &outcome["interrupted"]), (Some(143), &true.into()), "{outcome}");
    assert_eq!((&outcome["sent"]["messages"], &outcome["missing"]), (&1.into(), &0.into()));
    // The handshake, the request and its acknowledgement.
    assert!(frames(&recorded) >= 5);
}

#[test]
fn a_limit_of_time_is_no_failure_and_is_told() {
    let (_socket, to) = sink();
    let options = ["-p", "500", "--duration", "100ms"];
    let child = endless("ok_dgram_basic.pcap", to, &options).spawn().unwrap();
    let (exit, outcome) = ended(child);
    assert_eq!((exit, &outcome["interrupted"]), (Some(0), &true.into()), "{outcome}");
}

#[test]
fn a_signal_that_was_ignored_from_the_start_ends_nothing() {
    let (socket, to) = sink();
    let replay = endless("ok_dgram_basic.pcap", to, &["-p", "500"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP && exec \"$0\" \"$@\""]).arg(replay.get_program());
    shell.args(replay.get_args()).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let child = shell.stdout(Stdio::piped()).spawn().unwrap();
    let hear = |datagrams| (0..datagrams).for_each(|_| assert!(socket.recv(&mut [0; 99]).is_ok()));
    hear(20);
    signal(&child, Signal::HUP);
    hear(200);
    signal(&child, Signal::INT);
    let (exit, outcome) = ended(child);
    assert_eq!(exit, Some(130), "{outcome}");
    assert!(outcome["sent"]["messages"].as_u64() >= Some(220), "{outcome}");
}

#[test]
fn a_recording_has_whole_frames_while_it_is_made_and_when_it_is_killed() {
    let (socket, to) = sink();
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("live.pcapng");
    let options = ["-p", "200", "-w", recorded.to_str().unwrap()];
    let mut child = endless("ok_dgram_basic.pcap", to, &options).spawn().unwrap();
    let begin = Instant::now();
    // Far fewer than fill a buffer.
    let mut seen = 0;
    while seen == 0 {
        assert!(begin.elapsed() < PATIENCE);
        socket.recv(&mut [0; 99]).unwrap();
        if recorded.metadata().is_ok_and(|it| it.len() > 0) {
            seen = frames(&recorded);
        }
    }
    // Another second, another part.
    while frames(&recorded) == seen {
        assert!(begin.elapsed() < PATIENCE);
        socket.recv(&mut [0; 99]).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(frames(&recorded) > seen);
}

#[test]
fn a_server_that_runs_until_it_is_told_ends_by_ctrl_c_and_is_cut_short_by_other_signals() {
    let once = ["--once"];
    for (options, by, code, is_cut) in [
        (&[][..], Signal::INT, 0, false),
        (&[], Signal::TERM, 143, true),
        (&[], Signal::HUP, 129, true),
        (&once, Signal::INT, 130, true),
        (&once, Signal::TERM, 143, true),
    ] {
        let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), options);
        let mut client = std::net::TcpStream::connect(serving.at).unwrap();
        client.write_all(b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        client.read_exact(&mut [0; 15]).unwrap();
        let (outcome, exit) = serving.end_by(by);
        assert_eq!(exit, code, "{options:?} {by:?} {outcome}");
        assert_eq!(outcome["interrupted"] == true, is_cut, "{options:?} {by:?} {outcome}");
        assert_eq!(outcome["matched"], 1);
    }
}
