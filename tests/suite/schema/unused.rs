//! What is wrong in declarations that no message in use needs: a line with a count, and no exit code.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/ok_dgram_basic.pcap");

/// Two messages that are good, one that is not; and one for use within the program.
const HEADER: &str = "#include <stdint.h>
struct msg_st { uint8_t name[11]; uint32_t math; uint32_t chinese; } __attribute__((packed));
struct other { uint16_t a; } __attribute__((packed));
struct internal { vendor_lock lock; int users; };
struct linked { struct linked *next; uint64_t id; } __attribute__((packed));
";

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    let output = command.args(args).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn folder(header: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p.h"), header).unwrap();
    folder
}

const COUNT: &str =
    "wirereel: p.h: 1 declaration does not parse; no message in use needs it (-v shows more)\n";

#[test]
fn commands_count_it_and_show_it_where_asked() {
    let folder = folder(HEADER);
    let rule = ["-H", "p.h", "-d", "udp.port==1989,msg_st", CAPTURE];
    for command in ["decode", "check", "flows"] {
        let args = [&[command][..], &rule].concat();
        let (code, _, stderr) = run(folder.path(), &args);
        assert_eq!(code, Some(0), "{command}: {stderr}");
        assert_eq!(stderr.matches(COUNT).count(), 1, "{command}: {stderr}");
        assert!(!stderr.contains("vendor_lock"), "{command}: {stderr}");
        let (code, _, stderr) = run(folder.path(), &[&args[..], &["-v"]].concat());
        assert_eq!(code, Some(0), "{command}: {stderr}");
        assert!(stderr.contains("unknown type name `vendor_lock`"), "{command}: {stderr}");
    }
    // A rule that names it says why there is none.
    let (code, _, stderr) =
        run(folder.path(), &["decode", "-H", "p.h", "-d", "udp.port==1989,internal", CAPTURE]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("p.h:4:19: unknown type name `vendor_lock`"), "{stderr}");
}

#[test]
fn a_layout_that_is_asked_for_answers_for_itself() {
    let folder = folder(HEADER);
    for (message, expected) in [("msg_st", 0), ("other", 0), ("linked", 1)] {
        let (code, stdout, stderr) = run(folder.path(), &["layout", "p.h", message]);
        assert_eq!(code, Some(expected), "{message}: {stdout}{stderr}");
        assert!(stderr.contains("vendor_lock"), "it shows all: {stderr}");
    }
    // Nobody asked for the struct with the pointer.
    let good = HEADER.replace("struct internal { vendor_lock lock; int users; };\n", "");
    fs::write(folder.path().join("p.h"), good).unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["layout", "p.h"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stderr.contains("`next` is a pointer"), "{stderr}");
}

#[test]
fn many_structs_are_a_table() {
    let mut header = String::from("#include <stdint.h>\n");
    for index in 0..40 {
        header += &format!("struct message_{index} {{ uint8_t a; uint32_t b; long c; }};\n");
    }
    let folder = folder(&header);
    let (code, stdout, stderr) = run(folder.path(), &["layout", "p.h"]);
    assert_eq!(code, Some(1), "`long` is not as wide everywhere: {stderr}");
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 41, "{stdout}");
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        words(lines[0]),
        ["message", "size", "align", "fields", "holes", "elsewhere", "declared"]
    );
    assert_eq!(
        words(lines[40]),
        ["message_39", "16", "8", "3", "3", "12", "on", "i386,", "win64,", "arm", "p.h:41"]
    );
    assert!(stderr.lines().count() < 5, "{stderr}");
    let (_, stdout, _) = run(folder.path(), &["layout", "p.h", "message_7"]);
    assert!(stdout.contains("struct message_7 {"), "{stdout}");
}
