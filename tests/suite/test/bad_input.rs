//! Cases that are wrong: each is named with what is wrong, and fails, and the others go on.

use super::{Cases, MESSAGES, Ran};

/// Runs one broken case between two that pass; its verdict and its reason.
fn told(make: impl FnOnce(&Cases)) -> (String, String) {
    let cases = Cases::new();
    cases.passing("a").passing("z");
    make(&cases);
    let ran = cases.run(&["-T", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.verdict("a").0, "passed", "{ran:?}");
    assert_eq!(ran.verdict("z").0, "passed", "{ran:?}");
    assert_eq!(ran.objects().len(), 3, "{ran:?}");
    ran.verdict("broken")
}

fn assert_told(make: impl FnOnce(&Cases), expected: &[&str]) {
    let (verdict, reason) = told(make);
    assert_eq!(verdict, "error", "{reason}");
    for it in expected {
        assert!(reason.contains(it), "{reason}\n{it}");
    }
}

#[test]
fn what_test_toml_says_wrongly_is_told_with_its_place() {
    for (toml, expected) in [
        ("heeder = \"x\"\n", &["broken/test.toml:5:1", "`heeder`", "did you mean `header`?"][..]),
        ("[server]\ncomand = \"x\"\n", &["test.toml:6:1", "did you mean `command`?"]),
        ("[play]\ntimming = \"reply\"\n", &["test.toml:6:1", "did you mean `timing`?"]),
        ("[[expect]]\nequal.len = 1\n", &["test.toml:6:1", "did you mean `equals`?"]),
        ("[[variant]]\nname = \"a\"\nabii = \"i386\"\n", &["test.toml:7:1", "`abi`?"]),
        ("ignore = 5\n", &["test.toml:5:10", "expected a string or a list of strings"]),
        ("retry = \"twice\"\n", &["test.toml:5:9", "expected u32"]),
        ("retry = -1\n", &["test.toml:5:9", "-1"]),
        ("builtin = 1\n", &["test.toml:5:11", "expected a boolean"]),
        ("timeout = 10\n", &["test.toml:5:11"]),
        ("timeout = \"-1s\"\n", &["write a time with its unit: 10s, 500ms, 2m"]),
        ("header = 1\n", &["test.toml:5:1", "duplicate key"]),
        ("tolerance = { len = \"x\" }\n", &["test.toml:5:", "f64"]),
        ("tolerance = { len = nan }\n", &["tolerance: len = NaN: write by how much it may differ"]),
        ("tolerance = { len = -1 }\n", &["tolerance: len = -1: write by how much"]),
        ("byte_order = \"middle\"\n", &["test.toml:5:", "`middle`", "`big`, `little`"]),
        ("abi = \"vax\"\n", &["test.toml: abi: ", "vax"]),
        ("profile = \"no.toml\"\n", &["test.toml: profile: no file no.toml"]),
        ("include_dirs = \"no\"\n", &["test.toml: include_dirs: no file no"]),
        ("strict = true\n", &["`strict` means nothing to run = \"decode\"; it is for check"]),
        ("stream = \"tcp:0\"\n", &["`stream` means nothing to run = \"decode\""]),
        ("[client]\ncommand = \"x\"\n", &["`[client]` means nothing", "it is for serve"]),
        ("requires = \"nginx\"\n", &["requires: no requirement is \"nginx\"", "program:nginx?"]),
        ("requires = [\"rot\"]\n", &["did you mean root?"]),
        ("skip = true\n", &["test.toml:5:8", "expected a string"]),
        ("[[expect]]\ncount = -1\n", &["no count is below nothing"]),
        ("[[expect]]\ncount = { least = 1 }\n", &["`least`", "`at_least`"]),
        ("[[expect]]\nmatches.len = 5\n", &["test.toml:6:", "expected a string"]),
        ("[[expect]]\nequals.time = 2024-05-01T12:00:00Z\n", &["test.toml:6:", "in quotes"]),
        ("= 5\n", &["test.toml:5:1"]),
    ] {
        assert_told(
            |cases| {
                cases.case("broken", &format!("run = \"decode\"\n{toml}"));
                cases.file("broken/expected.jsonl", MESSAGES);
            },
            expected,
        );
    }
}

#[test]
fn what_is_missing_is_named() {
    for (toml, expected) in [
        ("", "no `run` says what is done: run = \"decode\""),
        ("run = \"decode\"\n", "no `capture` says what is read"),
        ("run = \"decode\"\ncapture = \"two.pcap\"\n", "capture: no file two.pcap"),
        ("run = \"decode\"\ncapture = \"one.pcap\"\nheader = \"no.h\"\n", "header: no file no.h"),
        ("run = \"layout\"\n[[expect]]\n", "no `header` says what is laid out"),
        ("run = \"follow\"\ncapture = \"one.pcap\"\n[[expect]]\n", "no `stream` says which"),
        ("run = \"replay\"\ncapture = \"one.pcap\"\n", "no [server] says whom it is played to"),
        ("run = \"serve\"\ncapture = \"one.pcap\"\n", "no [client] says who is served"),
        ("capture = \"one.pcap\"\n[[run]]\nname = \"x\"\n", "no `run` says what is done"),
        ("capture = \"one.pcap\"\nrun = []\n", "[[run]] is empty"),
    ] {
        assert_told(|cases| _ = cases.bare("broken", toml), &[expected]);
    }
}

#[test]
fn a_run_without_an_expectation_fails_and_is_not_written_in_ci() {
    let cases = Cases::new();
    cases.case("none", "run = \"decode\"\n");
    let with = |ci: &[(&str, &str)], options: &[&str]| {
        let mut command = cases.command(options);
        Ran::of(command.args(["-T", "json"]).envs(ci.iter().copied()))
    };
    for ci in [&[][..], &[("CI", "true")]] {
        let ran = with(ci, &[]);
        let (verdict, reason) = ran.verdict("none");
        assert_eq!((ran.code, verdict.as_str()), (Some(1), "error"), "{ran:?}");
        assert!(reason.contains("expected.jsonl: missing; write it by --update"), "{reason}");
    }
    let expected = cases.path("none/expected.jsonl");
    let ran = with(&[("CI", "true")], &["--update"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.verdict("none").1.contains("missing; in CI none is written"), "{ran:?}");
    assert!(!expected.exists());
    let ran = with(&[], &["--update"]);
    assert_eq!((ran.code, ran.verdict("none").0.as_str()), (Some(0), "passed"), "{ran:?}");
    assert!(expected.exists());
    assert_eq!(with(&[("CI", "true")], &[]).code, Some(0));
}

#[test]
fn what_is_there_twice_is_named() {
    let runs = "[[run]]\nname = \"x\"\nrun = \"decode\"\n[[run]]\nname = \"x\"\nrun = \"check\"\n";
    let variants = "run = \"decode\"\n[[variant]]\nname = \"v\"\n[[variant]]\nname = \"v\"\n";
    let nameless = "[[run]]\nrun = \"decode\"\n[[run]]\nrun = \"check\"\n";
    for (toml, expected) in [
        (runs, "two [[run]] have the name \"x\""),
        (variants, "two [[variant]] have the name \"v\""),
        (nameless, "[[run]] has no name: several need one each"),
        ("[[run]]\nname = \"a b\"\nrun = \"decode\"\n", "write letters, digits, - and _"),
    ] {
        assert_told(|cases| _ = cases.case("broken", toml), &[expected]);
    }
}

#[test]
fn two_cases_of_one_name_are_not_both_run() {
    let cases = Cases::new();
    let run = "[[run]]\nname = \"x\"\nrun = \"decode\"\n[[run.expect]]\ncount = 3\n";
    cases.case("a", run).passing("a:x").passing("a:y").passing("b@v");
    let ran = cases.run(&["-T", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let verdicts: Vec<_> = ran
        .objects()
        .iter()
        .map(|it| (it["name"].as_str().unwrap().to_owned(), it["verdict"].clone()))
        .collect();
    let expected = [("a:x", "passed"), ("a:x", "error"), ("a:y", "passed"), ("b@v", "passed")];
    let expected = expected.map(|(name, verdict)| (name.to_owned(), verdict.into()));
    assert_eq!(verdicts, expected);
    let text = cases.run(&[]).stdout;
    assert!(text.contains("a run of the case a has the name a:x too: rename the folder"), "{text}");
}

#[test]
fn an_expectation_of_no_run_is_named() {
    let findings = "[[run]]\nname = \"findings\"\nrun = \"check\"\n[[run.expect]]\n";
    for (toml, file, expected) in [
        ("run = \"decode\"\n", "expected.OLD.jsonl", "; did you mean expected.jsonl?"),
        (findings, "expected.jsonl", "no run of the case is compared with it"),
        (findings, "expected.findigs.jsonl", "; did you mean expected.findings.jsonl?"),
    ] {
        assert_told(
            |cases| _ = cases.case("broken", toml).file(&format!("broken/{file}"), MESSAGES),
            &[file, expected],
        );
    }
}

#[test]
fn a_folder_that_lost_its_test_toml_is_named() {
    assert_told(
        |cases| _ = cases.file("broken/expected.jsonl", MESSAGES),
        &["broken/test.toml: cannot be read: No such file"],
    );
}

#[test]
fn files_that_hold_something_else_are_named() {
    let decode = "run = \"decode\"\nignore = \"time\"\n";
    for (file, content, expected) in [
        ("expected.jsonl", "{}\n[]\n".as_bytes(), "expected.jsonl: line 2 is no JSON object"),
        ("expected.jsonl", b"{\"a\":\xff}\n", "expected.jsonl: cannot be read: stream did not"),
        ("one.pcap", b"not a capture at all", "one.pcap"),
        ("one.pcap", b"", "one.pcap"),
        ("test.toml", b"run = \"d\xff\"\n", "test.toml: cannot be read: stream did not"),
        ("wirereel.toml", b"[[protocoll]]\n", "wirereel.toml:1:"),
    ] {
        let make = |cases: &Cases| {
            cases.case("broken", decode).file("broken/expected.jsonl", MESSAGES);
            cases.file(&format!("broken/{file}"), content);
        };
        assert_told(make, &[expected]);
    }
}

#[test]
fn an_expectation_with_other_ends_of_line_is_the_same() {
    let cases = Cases::new();
    cases.passing("a").file("a/expected.jsonl", format!("{}\r\n", MESSAGES.replace('\n', "\r\n")));
    let ran = cases.run(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_folder_without_cases_is_a_mistake() {
    let cases = Cases::new();
    cases.file("README.md", "nothing");
    let ran = cases.run(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("no cases: no folder in it has a test.toml"), "{ran:?}");
    let ran = Ran::of(cases.command(&[]).arg("--junit").arg("/no/such/folder/x.xml"));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let mut command = std::process::Command::new(super::WIREREEL);
    let ran = Ran::of(command.args(["test", "/no/such/folder"]));
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("/no/such/folder: cannot be read"), "{ran:?}");
}
