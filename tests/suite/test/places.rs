//! Where cases lie, and from where they are run: none of it changes what they come to.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::{Cases, Ran, WIREREEL};

fn names(ran: &Ran) -> Vec<String> {
    ran.objects().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_link_to_a_folder_of_cases_is_followed_once() {
    let (cases, other) = (Cases::new(), Cases::new());
    cases.passing("own");
    other.passing("shared");
    for (link, to) in [
        ("linked", other.path("")),
        ("again", other.path("shared")),
        ("round", cases.path("")),
        ("own/itself", cases.path("own")),
        ("nowhere", cases.path("no-such-folder")),
    ] {
        symlink(to, cases.path(link)).unwrap();
    }
    let ran = cases.run(&["-T", "json"]);
    assert_eq!((ran.code, names(&ran)), (Some(0), vec!["again".to_owned(), "own".to_owned()]));
    let linked = Ran::of(Command::new(WIREREEL).arg("test").arg(cases.path("linked")));
    assert_eq!(linked.code, Some(0), "{linked:?}");
    assert_eq!(linked.stderr, "1 passed, 0 failed, 0 skipped\n");
}

#[test]
fn names_that_are_no_text_are_told_apart() {
    let cases = Cases::new();
    cases.passing("plain");
    for bytes in [&b"a\xfe"[..], b"a\xff", b"\x1b[31m"] {
        let to = cases.path("").join(OsStr::from_bytes(bytes));
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(cases.path("plain")).unwrap() {
            let from = entry.unwrap();
            fs::copy(from.path(), to.join(from.file_name())).unwrap();
        }
    }
    let ran = cases.run(&["-T", "json"]);
    let expected = ["\u{1b}[31m", "a\\xfe", "a\\xff", "plain"].map(str::to_owned);
    assert_eq!((ran.code, names(&ran)), (Some(0), expected.to_vec()), "{ran:?}");
    let text = cases.run(&["-v"]);
    assert!(!text.stdout.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_very_deep_folder_is_a_case_like_another() {
    let cases = Cases::new();
    let deep = vec!["deep"; 200].join("/");
    cases.passing(&deep).failing(&format!("{deep}/er"));
    let ran = cases.run(&["-T", "json"]);
    assert_eq!((ran.code, names(&ran)), (Some(1), vec![deep.clone(), format!("{deep}/er")]));
}

#[test]
fn a_folder_that_cannot_be_read_fails_and_the_others_go_on() {
    let cases = Cases::new();
    cases.passing("a").passing("locked/b");
    let closed = fs::Permissions::from_mode(0o0);
    fs::set_permissions(cases.path("locked"), closed).unwrap();
    let can_read = fs::read_dir(cases.path("locked")).is_ok();
    let ran = cases.run(&["-T", "json"]);
    fs::set_permissions(cases.path("locked"), fs::Permissions::from_mode(0o755)).unwrap();
    if can_read {
        eprintln!("skipped: root reads every folder");
        return;
    }
    assert_eq!((ran.code, ran.verdict("a").0.as_str()), (Some(1), "passed"));
    assert!(ran.verdict("locked").1.contains("Permission denied"), "{ran:?}");
}

#[test]
fn a_case_may_be_run_alone() {
    let cases = Cases::new();
    cases.passing("group/one").failing("group/two");
    for (dir, code, name) in [("group/one", 0, "one"), ("group/two", 1, "two")] {
        let mut command = Command::new(WIREREEL);
        let ran = Ran::of(command.arg("test").arg(cases.path(dir)).args(["-T", "json"]));
        assert_eq!((ran.code, names(&ran)), (Some(code), vec![name.to_owned()]), "{ran:?}");
        let mut within = Command::new(WIREREEL);
        within.args(["test", ".", "-T", "json"]).current_dir(cases.path(dir));
        let ran = Ran::of(&mut within);
        assert_eq!((ran.code, names(&ran)), (Some(code), vec![name.to_owned()]), "{ran:?}");
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn the_expectations_of_the_project_hold_at_another_place_time_zone_and_language() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let elsewhere = tempfile::tempdir().unwrap();
    let root = elsewhere.path().join("ein anderer Ort/ü");
    for it in ["fixtures", "captures", "tests/peers"] {
        copy(&project.join(it), &root.join(it));
    }
    let fixtures = root.join("fixtures");
    for (dir, from, zone, language) in [
        (Path::new("fixtures"), root.as_path(), "Asia/Kathmandu", "de_DE.UTF-8"),
        (Path::new("../fixtures"), &root.join("captures"), "America/St_Johns", "C"),
        (&fixtures, Path::new("/"), "UTC", "tr_TR.UTF-8"),
    ] {
        let mut command = Command::new(WIREREEL);
        // Servers are tried elsewhere; what is to be seen here is the form of expectations.
        command.arg("test").arg(dir).current_dir(from).env("TZ", zone).env("LC_ALL", language);
        let ran = Ran::of(
            command.args(["-n", "lessons", "-n", "headers", "-n", "formats", "-n", "http"]),
        );
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains(" passed, 0 failed, "), "{ran:?}");
    }
}

/// What was written at one place holds at another, whatever the run.
#[test]
fn an_expectation_that_is_written_holds_elsewhere() {
    let cases = Cases::new();
    let web = include_bytes!("../../../captures/ok_http_keepalive.pcap");
    let runs = r#"[[run]]
name = "decode"
run = "decode"
[[run]]
name = "check"
run = "check"
[[run]]
name = "flows"
run = "flows"
[[run]]
name = "export"
run = "export"
capture = "web.pcap"
[[run]]
name = "follow"
run = "follow"
stream = "udp:0"
[[run]]
name = "layout"
run = "layout"
"#;
    cases.case("x", runs).file("x/web.pcap", web);
    let ran = cases.run(&["--update"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.starts_with("6 expectations written"), "{ran:?}");
    let elsewhere = Cases::new();
    copy(&cases.path("x"), &elsewhere.path("a/longer/place"));
    let ran = Ran::of(elsewhere.command(&["-j", "8"]).env("TZ", "Asia/Tokyo"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    for run in ["decode", "check", "flows", "export", "follow", "layout"] {
        let text = fs::read_to_string(cases.path(&format!("x/expected.{run}.jsonl"))).unwrap();
        assert!(!text.is_empty() && !text.contains("2024-") && !text.contains("2025-"), "{text}");
        assert!(!text.contains(cases.path("").to_str().unwrap()), "{text}");
    }
}
