//! docs/testing.md: what stands in it is run. A block of TOML marked `case=NAME` is the `test.toml`
//! of a case that passes, a block marked `file=NAME/FILE` one of its files, and a block of text marked
//! `fails=NAME` what is told of a case that does not pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

/// What fails in the guide, and does not stand there itself.
const FAILING: [(&str, &str); 3] = [
    (
        "changed",
        r#"{"frame":1,"message":"msg_st","len":19,"fields":{"name":"Alan","math":83,"chinese":86}}
{"frame":2,"message":"msg_st","len":19,"fields":{"name":"Grace","math":99,"chinese":0}}
{"frame":3,"message":"msg_st","len":19,"fields":{"name":"","math":0,"chinese":4294967295}}"#,
    ),
    ("nearest", ""),
    (
        "reading",
        r#"{"frame":1,"message":"msg_st","len":19,"fields":{"name":"Alam","math":83,"chinese":86},"error":"short"}
{"frame":2,"message":"msg_st","len":19,"fields":{"name":"Grace","chinese":0,"math":100}}"#,
    ),
];

/// A fenced block.
struct Block<'g> {
    language: &'g str,
    /// `case` and its name, `file` and its path, `fails` and the name.
    mark: Option<(&'g str, &'g str)>,
    text: String,
}

fn guide() -> String {
    fs::read_to_string(project().join("docs/testing.md")).unwrap()
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blocks(guide: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let (language, mark) = info.split_once(' ').unwrap_or((info, ""));
        let body: Vec<_> = lines.by_ref().take_while(|it| *it != "```").collect();
        blocks.push(Block { language, mark: mark.split_once('='), text: body.join("\n") + "\n" });
    }
    blocks
}

/// The cases of the guide, in a folder with what they read.
fn cases(blocks: &[Block<'_>]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    symlink(project().join("captures"), folder.path().join("captures")).unwrap();
    for block in blocks {
        match (block.language, block.mark) {
            ("toml", Some(("case", name))) => write_case(folder.path(), name, &block.text),
            ("toml", mark) => assert_eq!(mark, Some(("file", "Cargo.toml")), "{}", block.text),
            ("json", Some(("file", path))) => {
                fs::write(folder.path().join(path), &block.text).unwrap();
            }
            _ => {}
        }
    }
    folder
}

/// A case with the headers, and the server, that its `test.toml` names.
fn write_case(folder: &Path, name: &str, toml: &str) {
    let case = folder.join(name);
    fs::create_dir_all(&case).unwrap();
    fs::write(case.join("test.toml"), toml).unwrap();
    let peers = project().join("tests/peers");
    for (named, header) in [("proto.h", "dgram-basic/proto.h"), ("stream.h", "stream/proto.h")] {
        if toml.contains(&format!("\"{named}\"")) {
            fs::copy(peers.join(header), case.join(named)).unwrap();
        }
    }
    if toml.contains("\"./server\"") {
        let source = peers.join("stream/server_basic.c");
        let mut gcc = Command::new("gcc");
        let done = gcc.arg(source).arg("-o").arg(case.join("server")).status();
        assert!(done.expect("gcc").success());
    }
}

fn test(arguments: &[&str], folder: &Path) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("test").args(arguments).current_dir(folder);
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr))
}

fn reports(folder: &Path) -> Vec<Value> {
    let (stdout, _) = test(&[".", "-T", "json"], folder);
    stdout.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn every_case_of_the_guide_passes() {
    let guide = guide();
    let blocks = blocks(&guide);
    let folder = cases(&blocks);
    let reports = reports(folder.path());
    let names: BTreeSet<_> = reports
        .iter()
        .map(|it| it["name"].as_str().unwrap().split([':', '@']).next().unwrap())
        .collect();
    let shown = blocks.iter().filter_map(|it| it.mark).filter(|it| it.0 == "case");
    assert_eq!(names, shown.map(|it| it.1).collect());
    for report in &reports {
        let requires = ["required", "served"].iter().any(|it| report["name"] == **it);
        let is_skipped = report["verdict"] == "skipped" && requires;
        assert!(report["verdict"] == "passed" || is_skipped, "{report}");
    }
}

#[test]
fn failures_are_told_as_the_guide_shows_them() {
    let guide = guide();
    let all = blocks(&guide);
    let whole = all.iter().find(|it| it.mark == Some(("case", "whole"))).unwrap();
    let shown: Vec<_> = all.iter().filter_map(|it| Some((it.mark?, &it.text))).collect();
    let duration = Regex::new(r"\([0-9]+\.[0-9]{3} s\)").unwrap();
    for (name, expected) in FAILING {
        let folder = tempfile::tempdir().unwrap();
        symlink(project().join("captures"), folder.path().join("captures")).unwrap();
        let more = match expected {
            "" => "[[expect]]\nat_least.fields.math = 101\nequals.fields.chinese = 0\n",
            _ => "",
        };
        write_case(folder.path(), name, &format!("{}{more}", whole.text));
        if !expected.is_empty() {
            fs::write(folder.path().join(name).join("expected.jsonl"), expected).unwrap();
        }
        let (stdout, stderr) = test(&["."], folder.path());
        let told = duration.replace_all(&stdout, "(0.001 s)") + stderr.as_str();
        let shown = shown.iter().find(|it| it.0 == ("fails", name)).unwrap();
        assert_eq!(told, shown.1.as_str());
    }
}

/// The keys that the parser knows of a table: it lists them where one is not known.
fn known(toml: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    write_case(folder.path(), "case", toml);
    let reports = reports(folder.path());
    let reason = reports[0]["reason"].as_str().unwrap();
    let (_, listed) = reason.split_once("expected one of ").expect(reason);
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn schema() -> Value {
    let text = fs::read(project().join("docs/test.schema.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What stands in backticks in the first column of a table's rows, which follow a heading.
fn first_column(guide: &str, heading: &str) -> BTreeSet<String> {
    let (_, behind) = guide.split_once(heading).expect(heading);
    let rows = behind.lines().skip_while(|it| !it.starts_with('|')).skip(2);
    let rows = rows.take_while(|it| it.starts_with('|'));
    let columns = rows.filter_map(|it| it.split('|').nth(1));
    columns.flat_map(|it| it.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn all_keys_are_in_the_guide_and_in_the_schema() {
    let guide = guide();
    let schema = schema();
    for (toml, heading, definition) in [
        ("zzzzzz = 1", "\nOf a case,", "case"),
        ("[[expect]]\nzzzzzz = 1", "\nOf an `[[expect]]`", "expect"),
        ("[server]\nzzzzzz = 1", "\nOf `[server]`", "program"),
        ("[play]\nzzzzzz = 1", "\nOf `[play]`", "play"),
        ("[generate]\nzzzzzz = 1", "\nOf `[generate]`", "generate"),
    ] {
        let known = known(toml);
        assert_eq!(first_column(&guide, heading), known, "{heading}");
        let properties = schema["$defs"][definition]["properties"].as_object().unwrap();
        assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), known, "{definition}");
    }
}

#[test]
fn all_runs_are_in_the_guide_and_in_the_schema() {
    let mut known = known("run = \"zzzzzz\"");
    // Nothing compares two headers yet: such a run says so.
    assert!(known.remove("compat"));
    let shown = first_column(&guide(), "What is wrong with one case");
    assert_eq!(
        shown.iter().map(|it| it.trim_matches('"').to_owned()).collect::<BTreeSet<_>>(),
        known
    );
    let schema = schema();
    let runs = &schema["$defs"]["case"]["properties"]["run"]["anyOf"][0]["enum"];
    let runs = runs.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
    assert_eq!(runs.collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_key_of_a_report_is_in_the_guide() {
    let guide = guide();
    let folder = cases(&blocks(&guide));
    for (name, expected) in FAILING {
        let case = folder.path().join("more").join(name);
        write_case(
            folder.path(),
            &format!("more/{name}"),
            "capture = \"ok_dgram_basic.pcap\"\nrun = \"decode\"\n",
        );
        fs::write(case.join("expected.jsonl"), expected).unwrap();
    }
    let (stdout, stderr) = test(&[".", "-T", "json", "--slowest", "1"], folder.path());
    let mut keys = BTreeMap::new();
    for line in stdout.lines().chain(stderr.lines()) {
        let report: Value = serde_json::from_str(line).unwrap();
        for (key, value) in report.as_object().unwrap() {
            keys.insert(key.clone(), line.to_owned());
            let inner = value.as_array().into_iter().flatten().filter_map(Value::as_object);
            inner.flatten().for_each(|(key, _)| {
                keys.insert(key.clone(), line.to_owned());
            });
        }
    }
    for (key, line) in keys {
        assert!(guide.contains(&format!("`{key}`")), "{key}: {line}");
    }
}

#[test]
fn every_option_is_in_the_guide() {
    let guide = guide();
    let option = Regex::new(r"(?m)^ +(?:-[A-Za-z], )?(--[a-z-]+)").unwrap();
    let options = |help: &str| -> BTreeSet<_> {
        option.captures_iter(help).map(|it| it[1].to_owned()).collect()
    };
    let mut decode = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let decode = decode.args(["decode", "--help"]).output().unwrap();
    let (help, _) = test(&["--help"], project());
    let (own, common) = (options(&help), options(&String::from_utf8(decode.stdout).unwrap()));
    assert!(own.len() > 8, "{help}");
    for option in own.difference(&common) {
        assert!(guide.contains(&format!("`{option}")), "{option}");
    }
}
