//! `wirereel replay` before anything is sent: what a dry run prints, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn captures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// `wirereel replay` with a capture of the project.
fn replay(name: &str, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.arg("replay").arg(captures(name)).args(args);
    command
}

/// Exit code and what went to stdout and stderr.
fn run(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Bytes of a capture without a frame.
fn empty() -> Vec<u8> {
    fs::read(captures("ok_dgram_basic.pcap")).expect("a capture")[..24].to_vec()
}

/// A file that is gone with the folder.
fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.pcap");
    fs::write(&path, bytes).expect("written");
    (folder, path)
}

#[test]
fn a_dry_run_prints_conversations_and_what_they_come_to() {
    let (code, stdout, stderr) = run(replay("ok_stream_basic.pcap", &["--dry-run"]));
    let expected = "\
stream  client          server         sends →  sends ←  bytes →  bytes ←     start  duration  protocol
tcp 0   10.0.0.1:40000  10.0.0.2:1989        0        1        0       12       0.0  0.001323  stream-stamp
tcp 1   10.0.0.1:40001  10.0.0.2:1989        0        1        0       12  0.001381  0.000065  stream-stamp
tcp 2   10.0.0.1:40002  10.0.0.2:1989        0        1        0       12  0.001462  0.000131  stream-stamp
";
    assert_eq!((code, stdout.as_str()), (Some(0), expected));
    assert_eq!(stderr, "3 conversations, 0 datagrams, 36 bytes, 0.001593 seconds\n");
}

#[test]
fn a_dry_run_says_what_is_left_out_and_what_is_odd() {
    let (code, _, stderr) = run(replay("ok_dgram_mcast.pcap", &["--dry-run"]));
    assert_eq!(code, Some(0));
    assert_eq!(
        stderr,
        "1 conversation, 2 datagrams, 38 bytes, 0.000012 seconds\n         1  skipped: IGMP\n"
    );
    let (_, stdout, stderr) =
        run(replay("edge_dgram_var_fragmented.pcap", &["--dry-run", "-T", "json"]));
    let conversation = concat!(
        r#"{"transport":"udp","stream":0,"client":"10.0.0.1:40000","server":"10.0.0.2:1989","#,
        r#""sends":[1,0],"bytes":[3009,0],"start_s":0.0,"duration_s":0.0,"protocol":"dgram-var"}"#,
        "\n",
    );
    assert_eq!(stdout, conversation);
    let summary = concat!(
        r#"{"conversations":1,"datagrams":1,"bytes":3009,"duration_s":0.0,"skipped":[],"#,
        r#""notes":[{"reason":"UDP datagram too long for a frame of 1500 bytes","count":1}],"limits":[]}"#,
        "\n",
    );
    assert_eq!(stderr, summary);
}

#[test]
fn a_dry_run_reads_standard_input_and_can_be_quiet() {
    let bytes = fs::read(captures("ok_dgram_basic.pcap.gz")).expect("a capture");
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.args(["replay", "-", "--dry-run", "-q"]).write_stdin(bytes);
    let (code, stdout, stderr) = run(command);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert_eq!(stderr, "1 conversation, 3 datagrams, 57 bytes, 0.000034 seconds\n");
}

#[test]
fn a_capture_cut_short_is_told_after_what_it_has() {
    let mut bytes = fs::read(captures("ok_dgram_basic.pcap")).expect("a capture");
    bytes.truncate(bytes.len() - 1);
    let (_folder, path) = file(&bytes);
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.arg("replay").arg(&path).arg("--dry-run");
    let (code, stdout, stderr) = run(command);
    assert_eq!((code, stdout.lines().count()), (Some(2), 2));
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines[0], "1 conversation, 2 datagrams, 38 bytes, 0.000032 seconds");
    assert!(lines[1].starts_with("wirereel: ") && lines[1].contains("a.pcap"), "{stderr}");
}

#[test]
fn what_cannot_be_replayed_is_refused_in_a_line() {
    let to = ["--to", "127.0.0.1:9"];
    for (name, args, expected) in [
        ("ok_dgram_basic.pcap", &[][..], "no destination: name one by --to ADDR:PORT"),
        ("no_such.pcap", &to, "no_such.pcap"),
        (
            "edge_dgram_basic_snapped.pcap",
            &to,
            "nothing to replay: UDP datagram that is snapped (1)",
        ),
        (
            "ok_stream_noserver.pcap",
            &to,
            "nothing to replay: TCP connection that was not accepted (1)",
        ),
        (
            "ok_dgram_bcast.pcap",
            &["--map", "255.255.255.255:80=127.0.0.1:9"],
            "--map: 255.255.255.255:80 is no server of a conversation that can be replayed",
        ),
        (
            "ok_dgram_basic.pcap",
            &["--to", "127.0.0.1:9", "--map", "10.0.0.2:80=127.0.0.1:8"],
            "--map: 10.0.0.2:80 is no server of a conversation that can be replayed",
        ),
        (
            "ok_dgram_basic.pcap",
            &["--map", "10.0.0.2:80=127.0.0.1:8", "--map", "10.0.0.2:80=127.0.0.1:9"],
            "--map: 10.0.0.2:80 cannot become both 127.0.0.1:8 and 127.0.0.1:9",
        ),
    ] {
        let (code, stdout, stderr) = run(replay(name, args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{name} {args:?}: {stderr}");
        assert!(stderr.starts_with("wirereel: ") && stderr.lines().count() == 1, "{stderr}");
        assert!(stderr.contains(expected), "{name} {args:?}: {stderr}");
    }
}

#[test]
fn a_capture_without_frames_is_nothing_to_replay() {
    let (_folder, path) = file(&empty());
    for last in [&["--dry-run"][..], &["--to", "127.0.0.1:9"]] {
        let mut command = Command::cargo_bin("wirereel").expect("the program is built");
        command.arg("replay").arg(&path).args(last);
        let (code, _, stderr) = run(command);
        assert_eq!(code, Some(2));
        assert!(stderr.ends_with("a.pcap: nothing to replay: no frames\n"), "{stderr}");
    }
}

#[test]
fn wrong_values_are_refused_in_a_line() {
    for (args, expected) in [
        (&["--to", "127.0.0.1"][..], "'--to <ADDR:PORT>': it names no port; write 127.0.0.1:80"),
        (&["--to", "::1"], "it names no port; write [::1]:80"),
        (&["--map", "10.0.0.2:80"], "write OLD=NEW: 10.0.0.2:80=127.0.0.1:8080"),
        (&["--map", "web=127.0.0.1:80"], "\"web\" names no server"),
        (&["--timing", "now"], "[possible values: recorded, reply]"),
        (&["--expect", "much"], "[possible values: fields, exact, status, none]"),
        (&["--loopback", "maybe"], "[possible values: on, off]"),
        (&["--ttl", "256"], "256 is not in 0..=255"),
        (&["-x", "0"], "it must be a number above 0"),
        (&["-p", "inf"], "it must be a number above 0"),
        (&["-L", "0"], "it must be a whole number above 0"),
        (&["-l", "often"], "invalid digit found in string"),
        (&["--concurrency", "0"], "it must be a whole number above 0"),
        (&["--timeout", "5"], "a time is like 10s, 500ms or 2m"),
        (&["--duration", "0s"], "more than 0"),
        (&["--tolerance", "value"], "write FIELD=AMOUNT: value=2"),
        (&["-x", "2", "-t"], "'--multiplier <N>' cannot be used with '--topspeed'"),
        (&["-p", "2", "-M", "3"], "'--pps <N>' cannot be used with '--mbps <N>'"),
        (&["-T", "csv"], "[possible values: text, json]"),
    ] {
        let (code, stdout, stderr) = run(replay("ok_dgram_basic.pcap", args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        assert!(stderr.starts_with("wirereel: ") && stderr.lines().count() == 1, "{stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}

#[test]
fn help_groups_the_options() {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.args(["replay", "--help"]);
    let (code, stdout, _) = run(command);
    assert_eq!(code, Some(0));
    let headings = ["Options:", "Destination:", "Speed:", "Comparison:", "Protocols:", "Examples:"];
    let places: Vec<_> = headings.iter().map(|it| stdout.find(it).expect(it)).collect();
    assert!(places.is_sorted(), "{stdout}");
}
