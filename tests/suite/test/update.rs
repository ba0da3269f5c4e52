//! `test --update`: what came becomes the expectation, and what that changes is told.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::project::{Frames, Project};

/// A project with a case of two messages, whose second one says something else now.
fn changed() -> Project {
    let project = Project::new();
    Frames::default().grade("Alan", 83).grade("Grace", 100).pcap(&project, "c.pcap");
    project.draft(&["--new", "same", "c.pcap"]);
    project.draft(&["--new", "other", "c.pcap"]);
    Frames::default().grade("Alan", 83).grade("Gracie", 99).pcap(&project, "fixtures/other/c.pcap");
    project
}

#[test]
fn what_is_changed_is_told_by_field_and_the_rest_is_not_written() {
    let project = changed();
    let inode = |name: &str| {
        let facts = fs::metadata(project.path(&format!("fixtures/{name}/expected.jsonl"))).unwrap();
        (facts.ino(), facts.mtime_nsec())
    };
    let before = [inode("same"), inode("other")];
    let (code, out, err) = project.run(&["--update"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        out,
        "WRITTEN other
  frame 2, msg_st
    fields.name: \"Grace\" → \"Gracie\"
    fields.math: 100 → 99
"
    );
    assert_eq!(
        err,
        "1 expectation written: review the difference\n2 passed, 0 failed, 0 skipped\n"
    );
    assert_eq!(inode("same"), before[0]);
    assert_ne!(inode("other"), before[1]);
    project.passes();

    // Once more there is nothing to write, and not a byte changes.
    let text = project.read("fixtures/other/expected.jsonl");
    let (code, out, err) = project.run(&["--update"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(err.starts_with("no expectation was written: "), "{err}");
    assert_eq!(project.read("fixtures/other/expected.jsonl"), text);
    assert!(!project.files("fixtures").iter().any(|it| it.ends_with(".new")));
}

#[test]
fn messages_that_come_and_go_are_told_whole() {
    let project = changed();
    Frames::default().grade("Alan", 83).pcap(&project, "fixtures/other/c.pcap");
    let (_, out, _) = project.run(&["--update", "-n", "other"]);
    assert!(out.starts_with("WRITTEN other\n  frame 2, msg_st\n    gone: {\"frame\":2,"), "{out}");
    Frames::default().grade("Alan", 83).grade("Ada", 1).pcap(&project, "fixtures/other/c.pcap");
    let (_, out, _) = project.run(&["--update", "-n", "other"]);
    assert!(out.starts_with("WRITTEN other\n  frame 2, msg_st\n    new: {\"frame\":2,"), "{out}");
    project.passes();
}

#[test]
fn what_stands_in_test_toml_stays() {
    let project = changed();
    let toml = "capture = \"c.pcap\"\nrun = \"decode\"\n[[expect]]\ncount = 3\n";
    project.write("fixtures/part/test.toml", toml);
    fs::copy(project.path("c.pcap"), project.path("fixtures/part/c.pcap")).unwrap();
    let (code, out, _) = project.run(&["--update", "-n", "part"]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("1 difference; [[expect]] is not written anew: edit test.toml\n"),
        "{out}"
    );
    assert_eq!(project.read("fixtures/part/test.toml"), toml);
    assert_eq!(project.files("fixtures/part"), ["c.pcap", "test.toml"]);
    // Both in one case: the whole expectation is written, and the other still fails.
    let lines = project.read("fixtures/same/expected.jsonl").replace("Alan", "Elan");
    project.write("fixtures/part/expected.jsonl", lines);
    let (code, out, _) = project.run(&["--update", "-n", "part"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("fields.name: \"Elan\" → \"Alan\"\n"), "{out}");
    assert!(out.contains("[[expect]] is not written anew"), "{out}");
    assert_eq!(project.read("fixtures/part/test.toml"), toml);
}

#[test]
fn what_is_missing_fails_and_in_ci_is_not_written() {
    let project = changed();
    let path = project.path("fixtures/same/expected.jsonl");
    fs::remove_file(&path).unwrap();
    for (args, ci, expected) in [
        (&["-n", "same"][..], "", "expected.jsonl: missing; write it by --update, or [[expect]]"),
        (&["-n", "same"], "true", "expected.jsonl: missing; write it by --update, or [[expect]]"),
        (&["-n", "same", "--update"], "true", "expected.jsonl: missing; in CI none is written"),
    ] {
        let (code, out, _) = project.run_with(args, &[("CI", ci)]);
        assert_eq!(code, Some(1), "{args:?} {ci}");
        assert!(out.contains(expected), "{args:?} {ci}: {out}");
        assert!(!path.exists(), "{args:?} {ci}");
    }
    let (code, out, _) = project.run_with(&["-n", "same", "--update"], &[("CI", "false")]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("WRITTEN same\n"), "{out}");
    assert_eq!(project.expected("fixtures/same/expected.jsonl").len(), 2);
}

#[test]
fn nothing_is_listed_and_written_at_once() {
    let (code, _, err) = changed().run(&["--update", "--list"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("'--update' cannot be used with '--list'"), "{err}");
}
