//! The command line as its user meets it: usage errors, help, generated pages.

use assert_cmd::Command;

fn wirereel(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.args(args).env_remove("NO_COLOR");
    command
}

/// Exit code and what went to stdout and stderr.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = wirereel(args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_clap_refuses_exits_2() {
    for (args, expected) in [
        (&["decode"][..], "<CAPTURE>"),
        (&["info"], "<CAPTURE>"),
        (&["flows"], "<CAPTURE>"),
        (&["check"], "<CAPTURE>"),
        (&["check", "-T", "csv", "a.pcap"], "[possible values: text, json, sarif]"),
        (
            &["check", "--allow", "not-pakced", "a.pcap"],
            "no finding \"not-pakced\"; did you mean \"not-packed\"?",
        ),
        (&["layout"], "<HEADER-OR-ELF>"),
        (&["follow", "a.pcap"], "<STREAM>"),
        (&["follow", "a.pcap", "x:1"], "names are like 3, tcp:3, udp:0 and tcp.stream==3"),
        (&["follow", "a.pcap", "1", "-T", "csv"], "[possible values: text, hex, json, raw]"),
        (&["export", "objects", "a.pcap"], "--output <DIR>"),
        (&["export", "pages", "a.pcap"], "unrecognized subcommand 'pages'"),
        (&["no-such-command"], "unrecognized subcommand 'no-such-command'"),
        (&["decode", "-T", "xml", "a.pcap"], "[possible values: text, json, csv, fields]"),
        (&["info", "-T", "csv", "a.pcap"], "[possible values: text, json]"),
        (&["flows", "-T", "fields", "a.pcap"], "[possible values: text, json]"),
        (&["layout", "-T", "csv", "a.h"], "[possible values: text, json]"),
        (&["decode", "--abi", "vax", "a.pcap"], "x86_64, i386, win64, arm, aarch64, s390x"),
        (&["decode", "--byte-order", "pdp", "a.pcap"], "[possible values: big, little, host]"),
        (&["decode", "--color", "blue", "a.pcap"], "[possible values: auto, always, never]"),
        (&["decode", "-D", "1=2", "a.pcap"], "\"1\" is no name of a macro"),
        (&["decode", "--no-such-option", "a.pcap"], "unexpected argument '--no-such-option'"),
        (&["completions", "tcl"], "[possible values: bash, elvish, fish, powershell, zsh]"),
    ] {
        let (code, stdout, stderr) = run(args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
        assert!(stderr.starts_with("wirereel: ") && stderr.lines().count() == 1, "{stderr}");
        assert!(stderr.ends_with(" --help'\n") && !stderr.contains("Usage"), "{stderr}");
    }
}

#[test]
fn interfaces_are_shown_with_loopback_among_them() {
    let (code, text, _) = run(&["interfaces"]);
    assert_eq!(code, Some(0));
    let lo = "lo\n  index:     1\n  type:      loopback\n  MTU:       65536\n";
    assert!(text.contains(lo) && text.contains("127.0.0.1/8"), "{text}");
    let (_, json, _) = run(&["interfaces", "-T", "json"]);
    let all = json.lines().map(|it| serde_json::from_str::<serde_json::Value>(it).expect("JSON"));
    let lo = all.into_iter().find(|it| it["name"] == "lo").expect("it is there");
    assert_eq!((&lo["type"], &lo["mtu"]), (&"loopback".into(), &65_536.into()));
    assert_eq!(lo["addresses"][0]["address"], "127.0.0.1");
    let flags = lo["flags"].as_array().expect("a list");
    assert!(["LOOPBACK", "UP", "RUNNING"].iter().all(|it| flags.contains(&(*it).into())), "{lo}");
    assert_eq!(run(&["interfaces", "-q"]).1, "");
}

#[test]
fn a_refusal_names_the_help_of_its_command() {
    for (args, expected) in [
        (
            &["decode", "--heade", "p.h", "a.pcap"][..],
            "wirereel: unexpected argument '--heade' found; a similar argument exists: '--header'; \
             see 'wirereel decode --help'\n",
        ),
        (
            &["info", ""],
            "wirereel: a value is required for '[CAPTURE]...' but none was supplied; see 'wirereel \
             info --help'\n",
        ),
        (
            &["help", "--help"],
            "wirereel: unrecognized subcommand '--help'; see 'wirereel --help'\n",
        ),
    ] {
        assert_eq!(run(args), (Some(2), String::new(), expected.to_owned()));
    }
    let (code, _, help) = run(&[]);
    assert_eq!(code, Some(2));
    assert!(help.contains("\nUsage: wirereel [OPTIONS] <COMMAND>\n"), "{help}");
}

#[test]
fn what_we_refuse_is_one_line_and_exits_2() {
    for (args, expected) in [
        (
            &["decode", "-T", "fields", "a.pcap"][..],
            "wirereel: -T fields prints nothing without -e NAME\n",
        ),
        (
            &["decode", "-e", "math", "a.pcap"],
            "wirereel: -e NAME goes only with -T fields or -T csv\n",
        ),
        (
            &["decode", "-T", "json", "-e", "math", "a.pcap"],
            "wirereel: -e NAME goes only with -T fields or -T csv\n",
        ),
        (
            &["decode", "-V", "-T", "json", "a.pcap"],
            "wirereel: -V shows a tree of text: it goes only with -T text\n",
        ),
        (
            &["decode", "-d", "udp.port=1989,msg_st", "a.pcap"],
            "wirereel: rule \"udp.port=1989,msg_st\": expected == at column 9, found \"=1989\"; \
             a rule reads like udp.port==1989,msg_st\n",
        ),
        (
            &["flows", "-d", "udp.port==1989,no_st", "no-such.pcap"],
            "wirereel: no message \"no_st\"; -H FILE gives the header that declares it\n",
        ),
        (
            &["man", "no-such-command"],
            "wirereel: no command \"no-such-command\" to print a page of\n",
        ),
    ] {
        assert_eq!(run(args), (Some(2), String::new(), expected.to_owned()), "{args:?}");
    }
}

#[test]
fn quiet_prints_no_results() {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/ok_dgram_basic.pcap");
    for (command, summary) in
        [("info", ""), ("flows", "3 frames, 1 conversation\n         1  udp\n")]
    {
        assert_eq!(run(&[command, "-q", capture]), (Some(0), String::new(), summary.to_owned()));
        assert_eq!(run(&[command, "-q", "no-such.pcap"]).0, Some(2));
    }
    let (code, stdout, stderr) = run(&["decode", "-q", capture]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(stderr.starts_with("3 frames, 3 messages\n"), "{stderr}");
}

#[test]
fn the_version_has_no_short_form() {
    let version = format!("wirereel {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]), (Some(0), version, String::new()));
    assert_eq!(run(&["-V"]).0, Some(2));
}

#[test]
fn help_names_every_command_and_option() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for command in [
        "decode",
        "info",
        "flows",
        "follow",
        "export",
        "check",
        "layout",
        "replay",
        "serve",
        "demo",
        "completions",
        "man",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
    }
    let (code, help, _) = run(&["decode", "--help"]);
    assert_eq!(code, Some(0));
    for option in [
        "-H, --header",
        "-I, --include-dir",
        "--include ",
        "-D, --define",
        "-d, --decode-as",
        "--profile",
        "--abi",
        "--byte-order",
        "--no-builtin",
        "-T, --format",
        "--color",
        "-q, --quiet",
        "-v, --verbose",
        "-V, --tree",
        "-e, --field",
        "-Y, --filter",
        "-w, --write",
    ] {
        assert!(help.contains(option), "{option}: {help}");
    }
}

#[test]
fn completions_and_manual_pages_are_generated() {
    for (args, expected) in [
        (&["completions", "bash"][..], "complete -F _wirereel"),
        (&["completions", "zsh"], "#compdef wirereel"),
        (&["completions", "fish"], "complete -c wirereel"),
        (&["man"], ".TH wirereel 1"),
        (&["man", "decode"], "wirereel decode capture.pcap \\-H proto.h"),
    ] {
        let (code, stdout, stderr) = run(args);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(stdout.contains(expected), "{args:?}: {stdout}");
    }
}

#[test]
fn layouts_are_printed_with_what_is_wrong_in_the_header() {
    let dir = tempfile::tempdir().expect("a folder");
    let header = dir.path().join("p.h");
    let text = "#include <stdint.h>
enum { A = 1; B };
struct msg_st { uint8_t name[11]; uint32_t math; };
struct bad { char a[]; int b; };
struct out { struct msg_st inner; PACKED_SIZE_T n; };
#define FMT \"%d\\n\"\n";
    std::fs::write(&header, text).expect("a header");
    let layout = |args: &[&str]| {
        let path = header.to_str().expect("UTF-8");
        let (code, stdout, stderr) = run(&[&["layout", path], args].concat());
        (code, stdout, stderr.replace(path, "p.h"))
    };

    let (code, stdout, stderr) = layout(&["msg_st", "--abi", "i386", "-D", "PACKED_SIZE_T=int"]);
    assert_eq!(code, Some(1), "the header has an error");
    assert!(
        stdout.starts_with("/* i386: offset and size in bytes */\nstruct msg_st {\n"),
        "{stdout}"
    );
    assert!(stdout.contains("/* XXX 1 byte hole"), "{stdout}");
    assert!(
        stderr.contains("error[syntax]: expected `,` or `}`, found `;`\n --> p.h:2:13\n"),
        "{stderr}"
    );
    assert!(stderr.contains("2 | enum { A = 1; B };\n"), "{stderr}");
    let not_packed =
        "error[not-packed]: `msg_st` is not packed: 16 bytes, where its members take 15\n";
    assert!(stderr.contains(not_packed), "{stderr}");
    assert!(!stderr.contains("`out`"), "the other messages are not asked for: {stderr}");

    let (code, stdout, stderr) = layout(&["-T", "json", "-D", "PACKED_SIZE_T=int"]);
    assert_eq!(code, Some(1));
    let sizes: Vec<_> = stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter(|it| it["abi"] == "x86_64")
        .map(|it| (it["name"].as_str().unwrap_or_default().to_owned(), it["size"].as_u64()))
        .collect();
    assert_eq!(sizes, [("msg_st".to_owned(), Some(16)), ("out".to_owned(), Some(20))]);
    assert!(stderr.contains("wirereel: p.h:4:19: bad has no layout: `a`: "), "{stderr}");
    let codes: Vec<_> = stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter_map(|it| Some(format!("{} {}", it["code"].as_str()?, it["header"]["line"])))
        .collect();
    assert_eq!(codes, ["syntax 2", "not-packed 3"], "behind the layouts");

    for (message, expected) in [
        ("msg_sd", "wirereel: no message \"msg_sd\" in p.h; did you mean \"msg_st\"?\n"),
        ("FMT", "wirereel: FMT is a text record: it has no layout\n"),
        ("bad", "wirereel: p.h:4:19: bad has no layout: `a`: "),
    ] {
        let (code, stdout, stderr) = layout(&[message]);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{message}");
        assert!(stderr.contains(expected), "{message}: {stderr}");
        assert!(stderr.contains("error[syntax]"), "which may be why: {stderr}");
    }
    let (code, _, stderr) = run(&["layout", "no/such.h"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("wirereel: cannot read the header no/such.h: "), "{stderr}");
}

/// The reader of the pipe is gone before the program writes, so that its first write fails.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_wirereel"))
        .args(["completions", "bash"])
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

/// No space is left where the output goes.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_said() {
    for command in ["demo", "man"] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wirereel"))
            .arg(command)
            .stdout(full)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}");
        let expected = "wirereel: cannot write to standard output: No space left on device";
        assert!(said.starts_with(expected) && said.lines().count() == 1, "{command}: {said}");
    }
}
