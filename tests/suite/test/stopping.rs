//! Runs that a signal ends: what had ended is told, what had not is ended, and nothing is left.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Cases;

/// A folder with a case that passes and one whose server starts and is never ready; `begins` is a
/// pipe that the server writes to when it has started.
fn hanging(script: &str) -> Cases {
    let cases = Cases::new();
    cases.passing("a").passing("z");
    let pipe = cases.path("begins");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let toml = format!(
        "capture = \"one.pcap\"\nrun = \"replay\"\n[server]\nwithin = \"50s\"\ncommand = [\"sh\", \
         \"-c\", '''{script}''', \"{{scratch}}\"]\n"
    );
    cases.bare("hangs", &toml);
    cases
}

/// Waits until the server of [`hanging`] has started: nobody opens a pipe before.
fn await_server(cases: &Cases) {
    let mut line = String::new();
    let pipe = File::open(cases.path("begins")).unwrap();
    BufReader::new(pipe).read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
}

fn signal(child: &Child, by: Signal) {
    kill_process(Pid::from_child(child), by).unwrap();
}

const HANGS: &str = "echo begun > ../begins; touch $0/file; setsid sleep 100 & sleep 100";
const STUBBORN: &str = "trap '' TERM INT; echo begun > ../begins; while :; do sleep 100; done";

#[test]
fn a_signal_ends_what_runs_and_what_had_ended_is_told() {
    for (by, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        for script in [HANGS, STUBBORN] {
            let cases = hanging(script);
            let junit = cases.path("report.xml");
            let options = ["-T", "json", "-j", "1", "--junit", junit.to_str().unwrap()];
            let child = cases.command(&options).spawn().unwrap();
            await_server(&cases);
            let begun = Instant::now();
            signal(&child, by);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{output:?}");
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(stdout.starts_with("{\"name\":\"a\",\"verdict\":\"passed\","), "{stdout}");
            assert_eq!(stdout.lines().count(), 1, "{stdout}");
            let stderr = String::from_utf8(output.stderr).unwrap();
            let expected = "{\"passed\":1,\"failed\":0,\"skipped\":0,\"interrupted\":true,\
                            \"under_way\":[\"hangs\"]}\n";
            assert_eq!(stderr, expected);
            assert!(std::fs::read_to_string(junit).unwrap().contains("tests=\"1\""));
            assert_eq!(cases.processes(), [""; 0]);
            assert_eq!(cases.left().len(), 0, "{:?}", cases.left());
        }
    }
}

#[test]
fn a_person_is_told_what_was_broken_off() {
    let cases = hanging(HANGS);
    let child = cases.command(&["-j", "1"]).spawn().unwrap();
    await_server(&cases);
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let expected =
        "ended before all were run\n  broken off: hangs\n1 passed, 0 failed, 0 skipped\n";
    assert_eq!((output.status.code(), stderr.as_str()), (Some(130), expected));
}

#[test]
fn tap_bails_out() {
    let cases = hanging(HANGS);
    let child = cases.command(&["-j", "1", "--tap"]).spawn().unwrap();
    await_server(&cases);
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout, "TAP version 13\nok 1 - a\nBail out! ended before all were run\n");
}

/// Whoever cannot wait ends the program at once, and what it started with it.
#[test]
fn a_second_signal_ends_all_at_once() {
    let cases = hanging(STUBBORN);
    let mut child = cases.command(&["-j", "1"]).spawn().unwrap();
    await_server(&cases);
    let begun = Instant::now();
    signal(&child, Signal::INT);
    while child.try_wait().unwrap().is_none() {
        signal(&child, Signal::INT);
        std::thread::yield_now();
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stdout}");
    assert_eq!(cases.processes(), [""; 0]);
    assert_eq!(cases.left().len(), 0, "{:?}", cases.left());
}
