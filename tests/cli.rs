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
        (&["layout"], "<HEADER>"),
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
    }
}

#[test]
fn what_we_refuse_is_one_line_and_exits_2() {
    for (args, expected) in [
        (
            &["decode", "-T", "fields", "a.pcap"][..],
            "wirereel: -T fields prints nothing without -e NAME\n",
        ),
        (&["decode", "-e", "math", "a.pcap"], "wirereel: -e NAME goes only with -T fields\n"),
        (
            &["decode", "-T", "json", "-e", "math", "a.pcap"],
            "wirereel: -e NAME goes only with -T fields\n",
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
            &["man", "no-such-command"],
            "wirereel: no command \"no-such-command\" to print a page of\n",
        ),
    ] {
        assert_eq!(run(args), (Some(2), String::new(), expected.to_owned()), "{args:?}");
    }
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
    for command in ["decode", "info", "flows", "layout", "demo", "completions", "man"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
    }
    let (code, help, _) = run(&["decode", "--help"]);
    assert_eq!(code, Some(0));
    for option in [
        "-H, --header",
        "-I, --include",
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
