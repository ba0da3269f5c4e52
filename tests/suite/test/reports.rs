//! What is printed of cases, for people and for programs.

use std::io::Read;
use std::process::Stdio;

use quick_xml::events::Event;

use super::{Cases, MESSAGES, Ran};

/// One that passes, one that fails, one that is broken, one that is skipped, and one that passes by
/// its second try.
fn all_kinds() -> Cases {
    let cases = Cases::new();
    cases.passing("a/passes").failing("a/fails").case("b/broken", "run = \"decodd\"\n");
    cases.case(
        "b/skipped",
        "skip = \"not <now> & \\\"here\\\" #1\"\nrun = \"decode\"\n[[expect]]\n",
    );
    cases
}

#[test]
fn a_person_reads_which_field_of_which_message_differs() {
    let ran = all_kinds().run(&[]);
    assert_eq!(ran.code, Some(1));
    let (stdout, lines) = (without_times(&ran.stdout), ran.stdout.lines().count());
    let head = "FAIL a/fails (TIME): 1 difference\n  frame 2, msg_st\n    fields.math: expected 84, \
                got 100\nFAIL b/broken (TIME): ";
    assert!(stdout.starts_with(head), "{stdout}");
    assert!(stdout.ends_with("SKIP b/skipped: not <now> & \"here\" #1\n"), "{stdout}");
    assert_eq!(lines, 5, "{stdout}");
    assert_eq!(ran.stderr, "1 passed, 2 failed, 1 skipped\n");
    let verbose = all_kinds().run(&["-v"]);
    assert!(without_times(&verbose.stdout).contains("PASS a/passes (TIME)\n"), "{verbose:?}");
}

/// Durations are another each time.
fn without_times(text: &str) -> String {
    let mut pieces = text.split(" (0.").map(str::to_owned);
    let first = pieces.next().unwrap_or_default();
    pieces.fold(first, |text, it| {
        let rest = it.split_once(" s").map_or(it.as_str(), |(_, rest)| rest);
        format!("{text} (TIME{rest}")
    })
}

#[test]
fn long_values_are_shown_where_they_part_and_many_are_counted() {
    let cases = Cases::new();
    let long = |end: &str| format!("{}{end}{}", "a".repeat(400), "z".repeat(400));
    let line = |value: &str| format!("{{\"frame\":1,\"name\":\"{value}\"}}\n");
    cases.passing("x").file("x/expected.jsonl", line(&long("b")).repeat(60));
    let ran = cases.run(&[]);
    assert!(ran.stdout.lines().all(|it| it.chars().count() < 500), "{}", ran.stdout);
    assert!(ran.stdout.lines().count() < 100, "{}", ran.stdout);
    let more = ran.stdout.lines().last().unwrap();
    assert!(more.starts_with("  and ") && more.ends_with(" more"), "{more}");
    let json = &cases.run(&["-T", "json"]).objects()[0]["differences"];
    assert!(json.to_string().contains(&long("b")), "a program gets the whole");

    cases.passing("x").file("x/expected.jsonl", MESSAGES.replace("Grace", &long("c")));
    let shown = cases.run(&[]).stdout;
    assert!(shown.contains("fields.name: expected \"aaa"), "{shown}");
    assert!(shown.contains("aaa…, got \"Grace\""), "{shown}");
}

#[test]
fn results_are_objects_on_lines() {
    let ran = all_kinds().run(&["-T", "json", "--slowest", "2"]);
    assert_eq!(ran.code, Some(1));
    let keys = |at: usize| {
        let object = &ran.objects()[at];
        object.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(0), "name verdict duration_s tries reason differences");
    assert_eq!(keys(1), "name verdict duration_s tries");
    assert_eq!(keys(2), "name verdict duration_s tries reason");
    let difference = "{\"subject\":\"frame 2, msg_st\",\"field\":\"fields.math\",\"expected\":\"84\",\
                      \"actual\":\"100\"}";
    assert_eq!(ran.objects()[0]["differences"][0].to_string(), difference);
    let totals: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!((&totals["passed"], &totals["failed"]), (&1.into(), &2.into()));
    assert_eq!(totals["slowest"].as_array().unwrap().len(), 2);
}

#[test]
fn tap_has_a_line_a_trial_a_block_a_failure_and_the_plan() {
    let ran = all_kinds().run(&["--tap"]);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[..3], ["TAP version 13", "not ok 1 - a/fails", "  ---"], "{}", ran.stdout);
    for expected in [
        "  message: \"1 difference\"",
        "  severity: fail",
        "    - subject: \"frame 2, msg_st\"",
        "      field: \"fields.math\"",
        "      expected: \"84\"",
        "      actual: \"100\"",
        "  ...",
        "ok 2 - a/passes",
        "not ok 3 - b/broken",
        "  severity: error",
        "ok 4 - b/skipped # SKIP not <now> & \"here\" #1",
    ] {
        assert!(lines.contains(&expected), "{expected}\n{}", ran.stdout);
    }
    assert_eq!(lines.last(), Some(&"1..4"));
    let cut = all_kinds().run(&["--tap", "--fail-fast", "-j", "1"]);
    assert!(cut.stdout.ends_with("Bail out! ended before all were run\n"), "{cut:?}");
    assert_eq!(all_kinds().run(&["--tap", "-T", "json"]).code, Some(2));
}

/// The elements of a document with their attributes, one a line; that it is well-formed.
fn elements(document: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(document);
    let (mut all, mut depth) = (Vec::new(), 0_i32);
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => {
                depth += 1;
                all.push(described(&tag));
            }
            Event::Empty(tag) => all.push(described(&tag)),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    all
}

fn described(tag: &quick_xml::events::BytesStart<'_>) -> String {
    let mut text = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
    for it in tag.attributes() {
        let it = it.expect("an attribute");
        let key = String::from_utf8(it.key.as_ref().to_vec()).unwrap();
        if key != "time" {
            text.push_str(&format!(" {key}={}", String::from_utf8_lossy(&it.value)));
        }
    }
    text
}

#[test]
fn junit_is_well_formed_and_has_the_values() {
    let cases = all_kinds();
    let path = cases.path("report.xml");
    let ran = cases.run(&["--junit", path.to_str().unwrap(), "-q"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    let document = std::fs::read_to_string(path).unwrap();
    let elements = elements(&document);
    let expected = [
        "testsuites name=wirereel tests=4 failures=1 errors=1",
        "testsuite name=a tests=2 skipped=0 errors=0 failures=1",
        "testcase name=fails classname=a",
        "failure message=1 difference",
        "testcase name=passes classname=a",
        "testsuite name=b tests=2 skipped=1 errors=1 failures=0",
        "testcase name=broken classname=b",
    ];
    assert_eq!(elements[..7], expected, "{document}");
    assert!(elements[7].starts_with("error message="), "{document}");
    assert_eq!(elements[8], "testcase name=skipped classname=b");
    let skipped = "skipped message=not &lt;now&gt; &amp; &quot;here&quot; #1";
    assert_eq!(elements[9], skipped);
    assert!(document.contains("fields.math: expected 84, got 100"), "{document}");
}

#[test]
fn what_neither_xml_nor_a_terminal_can_hold_does_no_harm() {
    let cases = Cases::new();
    let strange = "\\u0000\\u001b[31m\\u0007]]>\\ufffe&<\\u202e";
    let expected = MESSAGES.replace("Grace", strange);
    cases.passing("x").file("x/expected.jsonl", expected);
    cases.case("\u{1b}[2J&<\"'", "skip = \"\\u001b[31mred\\u0000\"\nrun = \"check\"\n[[expect]]\n");
    let path = cases.path("report.xml");
    let path = path.to_str().unwrap();
    for options in [&["--junit", path][..], &["--junit", path, "--tap"]] {
        let ran = cases.run(options);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let printed = |it: char| !it.is_control() || it == '\n';
        assert!(ran.stdout.chars().all(printed), "{:?}", ran.stdout);
        let document = std::fs::read_to_string(path).unwrap();
        elements(&document);
        assert!(document.chars().all(printed), "{document:?}");
    }
}

#[test]
fn a_quiet_run_prints_its_closing_line() {
    for options in [&["-q"][..], &["-q", "--tap"]] {
        let ran = all_kinds().run(options);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
        assert_eq!(ran.stderr, "1 passed, 2 failed, 1 skipped\n");
    }
}

#[test]
fn the_slowest_are_told() {
    let ran = all_kinds().run(&["--slowest", "2"]);
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{ran:?}");
    assert!(lines[..2].iter().all(|it| it.trim_start().starts_with("0.")), "{ran:?}");
    assert_eq!(lines[2], "1 passed, 2 failed, 1 skipped");
}

#[test]
fn colour_is_for_who_wants_it() {
    let cases = all_kinds();
    let is_coloured = |options: &[&str], no_color: bool| {
        let mut command = cases.command(options);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        Ran::of(&mut command).stdout.contains("\u{1b}[")
    };
    assert!(!is_coloured(&[], false), "a pipe");
    assert!(is_coloured(&["--color", "always"], false));
    assert!(is_coloured(&["--color", "always"], true), "what is asked for is done");
    assert!(!is_coloured(&["--color", "never"], false));
    assert!(!is_coloured(&["--color", "auto"], true));
    assert!(!is_coloured(&["--color", "always", "--tap"], false), "a protocol has no colour");
    assert!(!is_coloured(&["--color", "always", "-T", "json"], false));
}

#[test]
fn whoever_stops_reading_ends_the_run_and_nothing_is_an_error() {
    let cases = Cases::new();
    (0..200).for_each(|at| _ = cases.failing(&format!("{at:03}")));
    let junit = cases.path("report.xml");
    let options = ["-T", "json", "-j", "2", "--junit", junit.to_str().unwrap()];
    let mut child = cases.command(&options).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stderr, b"");
    elements(&std::fs::read_to_string(junit).unwrap());
}
