//! Cases as tests of `cargo test`: what a user's own test binary does.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use wirereel::fixture::libtest::libtest_mimic::{Arguments, Conclusion, run};
use wirereel::fixture::libtest::{self, Cases};

/// Cases by name, with what their `test.toml` says beside the capture.
const CASES: [(&str, &str); 5] = [
    ("grades/ok", "run = 'decode'\nexpect = [{ count = 3 }]"),
    ("grades/changed", "run = 'decode'\nexpect = [{ equals.fields.math = 84 }]"),
    ("grades/later", "run = 'decode'\nskip = 'not yet'\nexpect = [{ count = 3 }]"),
    ("grades/lacking", "run = 'decode'\nrequires = 'os:plan9'\nexpect = [{ count = 3 }]"),
    ("grades/broken", "rum = 'decode'"),
];

fn cases() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, toml) in CASES {
        let case = folder.path().join(name);
        fs::create_dir_all(&case).unwrap();
        fs::copy(crate::serving::bundled("ok_dgram_basic.pcap"), case.join("one.pcap")).unwrap();
        fs::write(case.join("test.toml"), format!("capture = 'one.pcap'\n{toml}")).unwrap();
    }
    folder
}

/// What a binary comes to with these arguments, and what it prints.
fn tested(cases: &Path, arguments: &[&str]) -> (Conclusion, String) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let logfile = ["test", "--logfile", log.path().to_str().unwrap()];
    let arguments = Arguments::from_iter(logfile.iter().chain(arguments));
    let conclusion = run(&arguments, Cases::of(cases).trials().unwrap());
    (conclusion, fs::read_to_string(log.path()).unwrap())
}

fn counts(it: &Conclusion) -> [u64; 4] {
    [it.num_passed, it.num_failed, it.num_ignored, it.num_filtered_out]
}

#[test]
fn each_case_is_a_test() {
    let cases = cases();
    let (conclusion, log) = tested(cases.path(), &[]);
    assert_eq!(counts(&conclusion), [1, 2, 2, 0], "{log}");
    let [line, nearest] =
        ["fields.math: expected 84, got 83", "[[expect]] 1, nearest: frame 1, msg_st"];
    assert!(log.contains(line) && log.contains(nearest), "{log}");
    assert!(log.contains("unknown field `rum`"), "{log}");
}

#[test]
fn names_are_chosen_as_in_any_test_binary() {
    let cases = cases();
    for (arguments, expected) in [
        (&["/ok"][..], [1, 0, 0, 4]),
        (&["--exact", "grades/ok"], [1, 0, 0, 4]),
        (&["--exact", "grades/o"], [0, 0, 0, 5]),
        (&["--skip", "grades/changed", "--skip", "broken"], [1, 0, 2, 2]),
    ] {
        let (conclusion, log) = tested(cases.path(), arguments);
        assert_eq!(counts(&conclusion), expected, "{arguments:?} {log}");
    }
    let (_, list) = tested(cases.path(), &["--list", "--format", "terse"]);
    let expected = "grades/broken: test\ngrades/changed: test\n[needs plan9, this is linux] \
                    grades/lacking: test\n[not yet] grades/later: test\ngrades/ok: test\n";
    assert_eq!(list, expected);
}

#[test]
fn what_is_to_be_skipped_never_passes_unless_it_is_run() {
    let cases = cases();
    let (conclusion, log) = tested(cases.path(), &["--ignored"]);
    assert_eq!(counts(&conclusion), [1, 1, 0, 3], "{log}");
    assert!(log.contains("---- grades/lacking ----\nneeds plan9, this is linux\n"), "{log}");
}

#[test]
fn a_folder_without_cases_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let error = libtest::trials(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("cannot be read: no folder in it has a test.toml"), "{error}");
    assert!(libtest::trials(folder.path().join("none")).is_err());
}
