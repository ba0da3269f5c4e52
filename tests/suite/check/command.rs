//! `wirereel check` as its user meets it: what it prints, and when it fails.

use std::{fs, path::Path};

use assert_cmd::Command;
use serde_json::Value;

const RULE: &str = "udp.port==1989,msg_st";

/// Exit code and what went to stdout and stderr.
fn check(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/bug_dgram_basic_pack.pcap");
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.current_dir(dir).env_remove("NO_COLOR").args(["check", capture]).args(args);
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder with a header that declares `msg_st` as the sender of the capture does, and more.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let text = "\
#include <stdint.h>
struct msg_st {
    uint8_t name[11];
    uint32_t math;
    uint32_t chinese;
} __attribute__((pack));
struct unused { char *p; } __attribute__((pack));
struct soft { uint8_t name[11]; char pad; uint32_t math; uint32_t chinese; };
";
    fs::write(dir.path().join("p.h"), text).expect("a header");
    dir
}

fn codes(stdout: &str) -> Vec<String> {
    let code = |line: &str| {
        let it: Value = serde_json::from_str(line).expect("JSON");
        format!("{} {}", it["code"].as_str().unwrap_or_default(), it["header"]["line"])
    };
    stdout.lines().map(code).collect()
}

#[test]
fn what_is_wrong_in_the_header_is_shown_at_its_line() {
    let dir = folder();
    let (code, stdout, stderr) = check(dir.path(), &["-H", "p.h", "-d", RULE]);
    let expected = "\
error[not-packed]: `msg_st` is not packed: 20 bytes, where its members take 19
 --> p.h:2:1
  |
2 | struct msg_st {
  | ^^^^^^^^^^^^^^^
  |
  = note: every ABI: 20 bytes, a hole of 1 byte at offset 11
  = help: write `__attribute__((packed))` behind its closing brace, or `#pragma pack(push, 1)` before it \
and `#pragma pack(pop)` behind

error[unknown-attribute]: unknown attribute `pack`, which the compiler ignores
 --> p.h:6:18
  |
6 | } __attribute__((pack));
  |                  ^^^^
  |
  = help: did you mean `packed`?

";
    assert_eq!(stdout, expected);
    assert_eq!(code, Some(1));
    assert!(stderr.ends_with("         2  msg_st\n2 errors\n"), "{stderr}");
}

#[test]
fn json_has_one_object_a_line_and_a_summary() {
    let dir = folder();
    let (code, stdout, stderr) = check(dir.path(), &["-H", "p.h", "-d", RULE, "-T", "json"]);
    assert_eq!(code, Some(1));
    assert_eq!(codes(&stdout), ["not-packed 2", "unknown-attribute 6"]);
    let summary: Value = serde_json::from_str(&stderr).expect("JSON");
    assert_eq!(summary["messages"], 2);
    assert_eq!(summary["findings"]["error"], 2);
    assert_eq!(summary["findings"]["allowed"], 0);
}

#[test]
fn sarif_is_one_document() {
    let dir = folder();
    let (code, stdout, _) = check(dir.path(), &["-H", "p.h", "-d", RULE, "-T", "sarif"]);
    assert_eq!(code, Some(1));
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["version"], "2.1.0");
    let results = document["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<_> = results.iter().map(|it| it["ruleId"].as_str().unwrap()).collect();
    assert_eq!(rules, ["not-packed", "unknown-attribute"]);
    let place = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "p.h");
    assert_eq!(place["region"]["startLine"], 6);
    assert_eq!(place["region"]["startColumn"], 18);
}

#[test]
fn warnings_fail_when_they_are_taken_strictly_and_allowed_codes_never() {
    let dir = folder();
    let soft = ["-H", "p.h", "-d", "udp.port==1989,soft", "-T", "json"];
    for (args, expected) in [
        (&[][..], (0, 1)),
        (&["--strict"], (1, 1)),
        (&["--strict", "--allow", "char-sign"], (0, 0)),
        (&["--allow", "byte-order,char-sign"], (0, 0)),
        (&["--allow", "byte-order", "--allow", "padding", "--strict"], (1, 1)),
    ] {
        let (code, stdout, stderr) = check(dir.path(), &[&soft, args].concat());
        let own: Vec<_> =
            codes(&stdout).into_iter().filter(|it| it.contains("char-sign")).collect();
        assert_eq!((code, own.len()), (Some(expected.0), expected.1), "{args:?}: {stderr}");
    }
}

#[test]
fn the_profile_may_be_strict_and_allow() {
    let dir = folder();
    let soft = ["-H", "p.h", "-d", "udp.port==1989,soft", "-T", "json"];
    for (profile, expected, told) in [
        ("[check]\nstrict = true\n", 1, ""),
        ("[check]\nstrict = true\nallow = [\"char-sign\"]\n", 0, "\"allowed\":1"),
        (
            "[check]\nallow = [\"charsign\"]\n",
            2,
            "wirereel: wirereel.toml:2:10: `allow = [\"charsign\"]`: no finding \"charsign\"; did you mean \"char-sign\"?\n",
        ),
    ] {
        fs::write(dir.path().join("wirereel.toml"), profile).expect("a profile");
        let (code, _, stderr) = check(dir.path(), &soft);
        assert_eq!(code, Some(expected), "{profile}: {stderr}");
        assert!(stderr.contains(told), "{profile}: {stderr}");
    }
}

#[test]
fn quiet_prints_the_summary_alone() {
    let dir = folder();
    let (code, stdout, stderr) = check(dir.path(), &["-q", "-H", "p.h", "-d", RULE]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.ends_with("2 errors\n"), "{stderr}");
}

#[test]
fn colour_is_as_asked_for() {
    let dir = folder();
    for (when, expected) in [("always", true), ("never", false), ("auto", false)] {
        let args = ["--color", when, "-H", "p.h", "-d", RULE];
        let (_, stdout, _) = check(dir.path(), &args);
        assert_eq!(stdout.contains('\x1b'), expected, "{when}");
    }
}

#[test]
fn messages_that_nothing_tells_apart_are_told_once() {
    let dir = folder();
    let args = ["-H", "p.h", "-T", "json", "--allow", "not-packed,unknown-attribute"];
    let (code, stdout, _) = check(dir.path(), &args);
    assert_eq!(code, Some(0));
    let alike: Vec<_> = codes(&stdout).into_iter().filter(|it| it.contains("no-disc")).collect();
    assert_eq!(alike, ["no-discriminator 2"]);
}
