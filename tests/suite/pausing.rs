//! Output to a pipe while input pauses: a message is read before the next packet is written.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use wirereel::capture::{Frame, Timestamp, WriteFormat, Writer};
use wirereel::packet::build;

/// Longer than any build machine takes for a line; who waits so long has not been told.
const PATIENCE: Duration = Duration::from_secs(60);

const HEADER: &str = "tests/peers/dgram-basic/proto.h";

/// A capture of datagrams to port 1989, its header and each frame apart.
fn pieces(format: WriteFormat, count: u8) -> Vec<Vec<u8>> {
    let whole = |frames: u8| {
        let mut writer = Writer::new("memory", Vec::new(), format).expect("a capture");
        for number in 1..=frames {
            let mut payload = *b"Alan\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x56";
            payload[14] = number;
            let mut data = Vec::new();
            let ends = ["10.0.0.1:40000", "10.0.0.2:1989"].map(|it| it.parse().expect("an end"));
            build::datagram(ends[0], ends[1], &payload, &mut data).expect("a frame");
            let time = Timestamp(i64::from(number) * 1_000_000_000);
            writer.write(&Frame::ethernet(number.into(), time, &data)).expect("it is written");
        }
        writer.finish().expect("it is complete")
    };
    let all: Vec<_> = (0..=count).map(whole).collect();
    let rest = all.windows(2).map(|pair| pair[1][pair[0].len()..].to_vec());
    let rest: Vec<_> = rest.collect();
    [vec![all[0].clone()], rest].concat()
}

struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Running {
    fn new(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wirereel"))
            .args(args)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("it is piped");
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Self { child, stdin, lines }
    }

    fn say(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("the program reads");
    }

    #[track_caller]
    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line comes")
    }

    fn end(mut self) -> Option<i32> {
        drop(self.stdin.take());
        self.child.wait().expect("it ends").code()
    }
}

#[test]
fn each_message_is_there_before_the_next_packet() {
    for (format, args) in [
        (WriteFormat::Pcap, &["decode", "-", "-T", "json"][..]),
        (WriteFormat::Pcapng, &["decode", "-r", "-", "-T", "csv", "-e", "math"]),
        (WriteFormat::Pcap, &["decode", "-", "-l"]),
        (WriteFormat::Pcap, &["decode", "-", "-Y", "math < 9", "-T", "fields", "-e", "math"]),
    ] {
        let rule = ["-H", HEADER, "-d", "udp.port==1989,msg_st"];
        let mut running = Running::new(&[args, &rule].concat());
        let pieces = pieces(format, 3);
        running.say(&pieces[0]);
        if args.contains(&"csv") {
            assert_eq!(running.line(), "math");
        }
        for (number, piece) in (1..).zip(&pieces[1..]) {
            running.say(piece);
            let line = running.line();
            assert!(line.contains(&number.to_string()), "{args:?}: {line}");
        }
        assert_eq!(running.end(), Some(0), "{args:?}");
    }
}

#[test]
fn a_conversation_is_followed_as_it_goes() {
    let mut running = Running::new(&["follow", "-", "udp:0", "-T", "json"]);
    let pieces = pieces(WriteFormat::Pcap, 3);
    running.say(&pieces[0]);
    for (number, piece) in (1..).zip(&pieces[1..]) {
        running.say(piece);
        let line = running.line();
        assert!(line.contains(&format!("\"frame\":{number},")), "{line}");
    }
    assert_eq!(running.end(), Some(0));
}

#[test]
fn a_packet_that_comes_in_parts_is_one_message() {
    let rule = ["-H", HEADER, "-d", "udp.port==1989,msg_st"];
    let mut running = Running::new(&[&["decode", "-", "-T", "json"][..], &rule].concat());
    for byte in pieces(WriteFormat::Pcap, 1).concat() {
        running.say(&[byte]);
    }
    assert!(running.line().contains("\"math\":"));
    assert_eq!(running.end(), Some(0));
}

#[test]
fn who_reads_no_longer_ends_it_at_the_next_pause() {
    let rule = ["-H", HEADER, "-d", "udp.port==1989,msg_st"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_wirereel"))
        .args(["decode", "-", "-T", "json"])
        .args(rule)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(&pieces(WriteFormat::Pcap, 1).concat()).expect("the program reads");
    // Standard input stays open: nothing but the closed pipe ends it.
    let mut stderr = String::new();
    let mut err = child.stderr.take().expect("it is piped");
    err.read_to_string(&mut stderr).expect("it is text");
    assert_eq!((child.wait().expect("it ends").code(), stderr.as_str()), (Some(0), ""));
    drop(stdin);
}
