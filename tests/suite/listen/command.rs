//! How a listener ends, what it writes, and what it refuses.

use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::listening::{Listening, command, header, message, sender, written};

const UNICAST: [&str; 3] = ["unicast", "--to", "127.0.0.1:0"];

#[test]
fn a_signal_ends_it_with_what_came() {
    for (signal, code) in [(Signal::INT, 0), (Signal::TERM, 143)] {
        let header = header();
        let options = ["-T", "fields", "-e", "seq", "-H", &header];
        let listening = Listening::start(&[&UNICAST[..], &options].concat());
        let from = sender("127.0.0.1:0");
        [7, 8].iter().for_each(|it| _ = from.send_to(&message(*it, 0), listening.at).unwrap());
        // What comes before the signal counts, though nobody has waited for it.
        let said = listening.end_by(signal);
        assert_eq!((said.code, said.lines), (Some(code), vec!["7".into(), "8".into()]));
        assert!(said.stderr.starts_with("2 datagrams received, 38 bytes, 1 sender\n"));
    }
}

#[test]
fn fewer_than_were_waited_for_are_told_by_the_exit_code() {
    for (options, code) in [
        (&["--duration", "100ms"][..], 1),
        (&["--duration", "100ms", "--count", "2"], 1),
        (&["--count", "1"], 0),
    ] {
        let listening = Listening::start(&[&UNICAST[..], options, &["-T", "json"]].concat());
        if options.contains(&"--count") {
            sender("127.0.0.1:0").send_to(b"x", listening.at).unwrap();
        }
        let said = listening.finish();
        assert_eq!(said.code, Some(code), "{options:?}: {}", said.stderr);
        let (_, heard) = said.json();
        assert_eq!(heard["received"], u64::from(options.contains(&"--count")));
    }
}

#[test]
fn what_it_writes_is_a_capture_of_what_came() {
    let header = header();
    for (name, is_v6) in [("listen_v4.pcap", false), ("listen_v6.pcapng", true)] {
        let path = written(name, "");
        let to = if is_v6 { "[::1]:0" } else { "127.0.0.1:0" };
        let options = ["-w", &path, "--count", "3", "-T", "json", "-H", &header];
        let listening = Listening::start(&[&["unicast", "--to", to], &options[..]].concat());
        let from = sender(to);
        (1..=3).for_each(|it| _ = from.send_to(&message(it, 5), listening.at).unwrap());
        let (messages, _) = listening.finish().json();
        let mut decode = Command::new(env!("CARGO_BIN_EXE_wirereel"));
        let decoded = decode.args(["decode", &path, "-H", &header, "-T", "json"]).output().unwrap();
        let decoded = String::from_utf8(decoded.stdout).unwrap();
        let decoded: Vec<Value> =
            decoded.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        assert_eq!(decoded, messages, "{name}");
        assert_eq!(decoded.len(), 3);
    }
}

#[test]
fn each_datagram_is_answered_to_its_sender() {
    let listening = Listening::start(
        &[&UNICAST[..], &["--respond", "echo", "--count", "2", "-T", "json"]].concat(),
    );
    for payload in [&b"one"[..], b"three"] {
        let from = sender("127.0.0.1:0");
        from.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
        from.send_to(payload, listening.at).unwrap();
        let mut answer = [0; 9];
        let (len, by) = from.recv_from(&mut answer).unwrap();
        assert_eq!((&answer[..len], by), (payload, listening.at));
    }
    let (_, heard) = listening.finish().json();
    assert_eq!((&heard["answered"], &heard["unanswered"]), (&2.into(), &0.into()));
}

#[test]
fn what_cannot_be_listened_to_is_one_clear_line() {
    let taken = sender("127.0.0.1:0");
    let taken = taken.local_addr().unwrap().to_string();
    let header = header();
    for (arguments, expected) in [
        (&["unicast"][..], "which port? write --to :1989"),
        (&["unicast", "--to", &taken], "cannot listen at 127.0.0.1:"),
        (&["unicast", "--to", "192.0.2.99:5"], "cannot listen at 192.0.2.99:5: "),
        (&["unicast", "--to", "239.2.2.2:5"], "239.2.2.2:5 is the address of a group"),
        (&["unicast", "--group", "239.2.2.2:5"], "--group goes with multicast"),
        (&["broadcast", "--to", "127.0.0.1:5"], "127.0.0.1 is no broadcast address of this host"),
        (&["broadcast", "--to", ":5", "--source", "127.0.0.1"], "--source goes with multicast"),
        (&["multicast"], "which group? write --group 224.2.2.2:1989"),
        (&["multicast", "--group", "239.2.2.2:5", "-i", "l0"], "no interface is called l0"),
        (
            &["multicast", "--group", "239.2.2.2:5", "-i", "lo", "--source", "::1"],
            "source ::1 and group 239.2.2.2 are addresses of different versions of IP",
        ),
        (
            &["unicast", "--to", ":0", "-H", &header, "--counter", "sqe"],
            "no field is named `sqe`; did you mean `seq`?",
        ),
        (
            &["unicast", "--to", ":0", "--counter", "frame.number"],
            "--counter frame.number: it must",
        ),
        (
            &["unicast", "--to", ":0", "-H", &header, "--sent-at", "seq:h"],
            "\"h\" is no unit of time",
        ),
        (&["unicast", "--to", ":0", "-w", "x.txt"], "-w x.txt: the name must end in .pcap"),
        (&["unicast", "--to", ":0", "--message", "nothing"], "no message \"nothing\""),
    ] {
        let output = command(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let line = stderr.lines().last().unwrap_or_default();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(line.starts_with(&format!("wirereel: {expected}")), "{arguments:?}: {stderr}");
    }
}
