//! Cases that start a server or a client: whatever these do, their case tells of it, and nothing of
//! them is left.

use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use super::{Cases, Ran, WIREREEL};

const WEB: &[u8] = include_bytes!("../../../captures/ok_http_keepalive.pcap");

/// A case that plays its clients to what a shell does; `serve` in it is a server that answers as
/// recorded.
fn replay(cases: &Cases, name: &str, script: &str, keys: &str) {
    let serve = format!("{WIREREEL} serve web.pcap --listen 127.0.0.1:$1");
    let script = script.replace("serve", &serve);
    let toml = format!(
        "capture = \"web.pcap\"\nrun = \"replay\"\n{keys}\n[server]\ncommand = [\"sh\", \"-c\", \
         '''{script}''', \"sh\", \"{{port}}\"]\n"
    );
    cases.file(&format!("{name}/test.toml"), toml).file(&format!("{name}/web.pcap"), WEB);
}

/// The verdict and the reason of one such case, of which nothing may be left.
fn told(script: &str, keys: &str) -> (String, String, u64) {
    let cases = Cases::new();
    cases.passing("a").passing("z");
    replay(&cases, "server", script, keys);
    let ran = cases.run(&["-T", "json"]);
    let (verdict, reason) = ran.verdict("server");
    assert_eq!(ran.code, Some(i32::from(verdict != "passed")), "{ran:?}");
    assert_eq!((ran.verdict("a").0, ran.verdict("z").0), ("passed".into(), "passed".into()));
    assert_nothing_is_left(&cases);
    (verdict, reason, ran.objects()[1]["tries"].as_u64().unwrap())
}

fn assert_nothing_is_left(cases: &Cases) {
    assert_eq!(cases.processes(), [""; 0]);
    assert_eq!(cases.left(), [""; 0].map(std::path::PathBuf::from));
}

#[test]
fn a_server_that_answers_as_recorded_passes_and_is_ended() {
    let told = told("exec serve", "");
    assert_eq!(told, ("passed".to_owned(), String::new(), 1));
}

#[test]
fn what_a_server_does_wrong_is_told() {
    for (script, verdict, expected) in [
        (
            "echo out of memory >&2; exit 3",
            "error",
            "the server ended before it was ready: the server ended with exit code 3; it said: out \
             of memory",
        ),
        ("kill -9 $$", "error", "the server was ended by signal 9"),
        ("exit 0", "error", "the server ended before it was ready"),
        (
            "setsid sleep 100 >/dev/null 2>&1 & exec serve",
            "failed",
            "the server outlived its case, and was killed: sleep (",
        ),
        // It has answered all of it by then.
        ("serve --once; sleep 0.05; exit 7", "failed", "the server ended with exit code 7"),
        ("(setsid sh -c 'sleep 100 & wait') >/dev/null 2>&1 & exec serve", "failed", "outlived"),
    ] {
        let (came, reason, _) = told(script, "");
        assert_eq!(came, verdict, "{script}: {reason}");
        assert!(reason.contains(expected), "{script}: {reason}");
    }
}

#[test]
fn children_that_stay_in_the_group_of_a_server_are_ended_with_it() {
    let (verdict, reason, _) = told("sleep 100 & sh -c 'sleep 100 & wait' & exec serve", "");
    assert_eq!((verdict.as_str(), reason.as_str()), ("passed", ""));
}

#[test]
fn a_server_that_cannot_be_started_is_named() {
    let cases = Cases::new();
    let toml = "capture = \"web.pcap\"\nrun = \"replay\"\n[server]\ncommand = ";
    for (name, command) in
        [("none", "[]"), ("lost", "\"./no-such-server\""), ("text", "\"web.pcap\"")]
    {
        cases.file(&format!("{name}/test.toml"), format!("{toml}{command}\n"));
        cases.file(&format!("{name}/web.pcap"), WEB);
    }
    let ran = cases.run(&["-T", "json"]);
    assert_eq!(ran.code, Some(1));
    for (name, expected) in [
        ("none", "`command` is empty"),
        ("lost", "the server did not start: "),
        ("text", "the server did not start: web.pcap: No such file"),
    ] {
        assert!(ran.verdict(name).1.contains(expected), "{ran:?}");
    }
}

#[test]
fn a_case_that_hangs_ends_with_its_time() {
    let begun = Instant::now();
    for (script, keys) in [
        ("sleep 100", "timeout = \"300ms\""),
        ("trap '' TERM INT; while :; do sleep 100; done", "timeout = \"300ms\""),
    ] {
        let (verdict, reason, _) = told(script, keys);
        assert_eq!((verdict.as_str(), reason.as_str()), ("error", "did not end within 300ms"));
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_server_that_does_not_become_ready_is_told_what_it_lacks() {
    for (ready, lacks) in [
        ("", "its port is not open"),
        ("ready = { line = \"listening\" }\n", "it printed no line with \"listening\""),
        ("ready = { socket = \"{scratch}/it\" }\n", "no socket is at {scratch}/it"),
    ] {
        let cases = Cases::new();
        replay(&cases, "server", "sleep 100", "");
        let toml = std::fs::read_to_string(cases.path("server/test.toml")).unwrap();
        cases.file("server/test.toml", format!("{toml}within = \"100ms\"\n{ready}"));
        let ran = cases.run(&["-T", "json"]);
        let expected = format!("the server was not ready within 100ms: {lacks}");
        assert_eq!(ran.verdict("server"), ("error".to_owned(), expected));
        assert_nothing_is_left(&cases);
    }
}

#[test]
fn what_fails_once_may_be_tried_again_and_says_so() {
    let second = "[ -e tried ] || { touch tried; echo not yet >&2; exit 3; }; exec serve";
    let (verdict, reason, tries) = told(second, "retry = 2");
    assert_eq!((verdict.as_str(), tries), ("passed", 2), "{reason}");
    let (verdict, _, tries) = told(second, "");
    assert_eq!((verdict.as_str(), tries), ("error", 1));
    let (verdict, _, tries) = told("exit 3", "retry = 2");
    assert_eq!((verdict.as_str(), tries), ("error", 3));

    let cases = Cases::new();
    replay(&cases, "flaky", second, "retry = 1");
    let text = cases.run(&[]);
    assert_eq!(text.code, Some(0), "{text:?}");
    assert!(text.stdout.starts_with("PASS flaky (") && text.stdout.contains("s, try 2)\n"));
    assert!(text.stdout.contains("  try 1: the server ended before it was ready"), "{text:?}");
}

#[test]
fn a_port_that_is_taken_is_no_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let cases = Cases::new();
    replay(&cases, "server", "sleep 100", "");
    let toml = std::fs::read_to_string(cases.path("server/test.toml")).unwrap();
    cases.file("server/test.toml", format!("{toml}port = {port}\n"));
    let ran = cases.run(&["-T", "json"]);
    let (verdict, reason) = ran.verdict("server");
    assert_eq!((verdict, reason), ("error".into(), format!("port {port} is taken already")));
    drop((listener, UdpSocket::bind("127.0.0.1:0")));
}

#[test]
fn a_client_is_served_and_ended_like_a_server() {
    let case = |script: &str| {
        let cases = Cases::new();
        let toml = format!(
            "capture = \"web.pcap\"\nrun = \"serve\"\ntimeout = \"20s\"\n[client]\ncommand = \
             [\"sh\", \"-c\", '''{script}''']\n"
        );
        cases.file("client/test.toml", toml).file("client/web.pcap", WEB);
        let ran = cases.run(&["-T", "json"]);
        assert_nothing_is_left(&cases);
        ran
    };
    let replay = format!("exec {WIREREEL} replay web.pcap --to 127.0.0.1:{{port}}");
    let ran: Ran = case(&replay);
    assert_eq!(ran.verdict("client").0, "passed", "{ran:?}");
    let ran = case("echo cannot >&2; exit 7");
    let (verdict, reason) = ran.verdict("client");
    assert!(verdict != "passed" && reason.contains("exit code 7; it said: cannot"), "{ran:?}");
    let ran = case(&format!("setsid sleep 100 >/dev/null 2>&1 & {replay}"));
    let (verdict, reason) = ran.verdict("client");
    assert_eq!(verdict, "failed", "{ran:?}");
    assert!(reason.contains("the client outlived its case, and was killed: sleep ("), "{ran:?}");
}
