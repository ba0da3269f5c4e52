//! What no case is made of, and what is left then: nothing.

use crate::test::project::{Frames, HEADER, Project, RULE};

#[test]
fn names_that_are_there_or_lead_out_are_refused() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    project.draft(&["--new", "a/one", "c.pcap"]);
    let before = project.files("");
    for (name, expected) in [
        ("a/one", "fixtures/a/one is there already; nothing was written"),
        ("a", "fixtures/a is there already; nothing was written"),
        ("a/one/test.toml", "fixtures/a/one/test.toml is there already"),
        ("../x", "\"../x\" cannot be the name of a case: it leads out of the folder"),
        ("a/../../x", "it leads out of the folder"),
        ("/tmp/x", "it leads out of the folder"),
        (".x", "it begins with a dot"),
        ("", "it is empty"),
        ("a:b", "it has a control character, a backslash, : or @"),
    ] {
        let (code, out, err) = project.run(&["--new", name, "c.pcap"]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}");
        assert!(err.contains(expected), "{name}: {err}");
    }
    assert_eq!(project.files(""), before, "nothing is left, nothing was changed");
}

#[test]
fn where_nothing_can_be_written_nothing_is_left() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    project.write("file", "mine");
    for dir in ["file", "file/below", "/proc/none"] {
        let (code, out, err) = project.run(&[dir, "--new", "one", "c.pcap"]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{dir}");
        assert!(err.contains("cannot be written: "), "{err}");
    }
    assert_eq!(project.files(""), ["c.pcap", "file"]);
    assert_eq!(project.read("file"), "mine");
}

#[test]
fn what_does_not_decode_is_no_case() {
    let project = Project::new();
    project.write("proto.h", HEADER);
    let mut frames = Frames::default();
    frames.datagram([1, 2], b"noise").grade("Alan", 83).pcap(&project, "c.pcap");
    for (capture, options, expected) in [
        (
            "c.pcap",
            &["-H", "proto.h", "-d", "udp.port==7,msg_st"][..],
            "c.pcap: no message is of what the rules name; it holds 1 of dgram-basic; nothing was written",
        ),
        (
            "c.pcap",
            &["--no-builtin"],
            "c.pcap: none of its 2 frames holds a message; nothing was written",
        ),
        (
            "c.pcap",
            &["-Y", "math == 5"],
            "c.pcap: the filter does not let the only message pass; nothing was written",
        ),
        ("none.pcap", &[], "none.pcap"),
        ("proto.h", &[], "proto.h"),
        ("c.pcap", &["-Y", "maths == 5"], "maths"),
        ("c.pcap", &["-H", "none.h"], "none.h"),
        ("c.pcap", &["-H", "proto.h", "-d", "udp.port==1989,msg_sd"], "msg_st"),
    ] {
        let args = [&["--new", "one", capture], options].concat();
        let (code, out, err) = project.run(&args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains(expected), "{args:?}: {err}");
    }
    assert_eq!(project.files(""), ["c.pcap", "proto.h"]);
    assert!(!project.path("fixtures").exists());
}

#[test]
fn options_of_a_new_case_are_for_a_new_case() {
    let project = Project::new();
    for (args, expected) in [
        (&["-H", "proto.h"][..], "-H is for a new case, with --new NAME CAPTURE"),
        (&["-d", RULE], "-d is for a new case"),
        (&["-I", "x"], "-I is for a new case"),
        (&["-D", "X"], "-D is for a new case"),
        (&["--profile", "x"], "--profile is for a new case"),
        (&["--abi", "arm"], "--abi is for a new case"),
        (&["--byte-order", "big"], "--byte-order is for a new case"),
        (&["--no-builtin"], "--no-builtin is for a new case"),
        (&["-Y", "x"], "-Y is for a new case"),
        (&["--redact"], "--redact is for a new case"),
        (&["--new", "one"], "--new <NAME> <CAPTURE>"),
        (&["--new", "one", "c.pcap", "--update"], "cannot be used with"),
        (&["--new", "one", "c.pcap", "--list"], "cannot be used with"),
        (&["--new", "one", "c.pcap", "--name", "x"], "cannot be used with"),
        (&["--new", "one", "c.pcap", "-j", "2"], "cannot be used with"),
    ] {
        let (code, out, err) = project.run(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains(expected), "{args:?}: {err}");
    }
}
