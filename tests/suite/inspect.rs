//! What a user sees of bundled captures: tables, trees and fields, as the program prints them.

use assert_cmd::Command;

/// Exit code and what went to stdout and stderr, where local time is nine hours ahead.
pub fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("wirereel")
        .expect("the program is built")
        .args(args)
        .env_remove("NO_COLOR")
        .env("TZ", "Asia/Tokyo")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Standard output of a run that ends well.
#[track_caller]
fn stdout(args: &[&str]) -> String {
    let (code, stdout, stderr) = run(args);
    assert_eq!(code, Some(0), "{args:?}: {stderr}");
    stdout
}

const TAGGED: [&str; 4] = [
    "decode",
    "captures/ok_variant_tagged.pcap",
    "--profile",
    "fixtures/headers/variant_tagged_structs/wirereel.toml",
];

#[test]
fn each_case_has_the_columns_of_its_own_fields() {
    let csv = stdout(&[&TAGGED[..], &["-T", "csv", "--no-builtin"]].concat());
    let header = csv.lines().next().unwrap_or_default();
    assert_eq!(
        header,
        "frame,time,transport,src,dst,stream,protocol,message,len,end_st.type,path_st.type,\
         path_st.path,data_st.type,data_st.datalen,data_st.data,candidates,trailing,ended_by,error"
    );
    let rows: Vec<_> =
        csv.lines().skip(1).map(|line| line.splitn(8, ',').nth(7).unwrap()).collect();
    assert_eq!(
        rows,
        [
            "path_st,36,,1,/etc/services,,,,,,,",
            "data_st,22,,,,2,4,\"[258,65534,0,0,0,0,0,0]\",,,,",
            "end_st,4,3,,,,,,,,,",
            "end_st,4,9,,,,,,,,,no case for the value of type at offset 0",
        ]
    );
}

#[test]
fn what_is_odd_about_a_message_is_asked_for_like_a_field() {
    let bare_lf = ["decode", "captures/bug_http_apache_barelf.pcap"];
    let fields = ["-T", "fields", "-e", "frame", "-e", "message", "-e", "marks"];
    let all = stdout(&[&bare_lf[..], &fields].concat());
    assert_eq!(all, "4\trequest\thttp-bare-lf\n6\tresponse\t\n");
    for filter in ["marks", "marks == \"http-bare-lf\""] {
        let marked = stdout(&[&bare_lf[..], &fields, &["-Y", filter]].concat());
        assert_eq!(marked, "4\trequest\thttp-bare-lf\n");
    }
    let closed = ["decode", "captures/bug_stream_noend.pcap", "-Y", "ended_by == \"close\""];
    let closed = stdout(&[&closed[..], &["-T", "fields", "-e", "frame,stream,ended_by"]].concat());
    assert_eq!(closed, "6\t0\tclose\n");
}

#[test]
fn the_fields_of_a_case_are_asked_for_by_its_name() {
    let fields = ["-T", "fields", "-e", "message", "-e", "path_st.path", "-e", "file.datalen"];
    let text = stdout(&[&TAGGED[..], &fields].concat());
    assert_eq!(text, "path_st\t/etc/services\t\ndata_st\t\t4\nend_st\t\t\nend_st\t\t\n");
    let unknown = ["-T", "fields", "-e", "end_st.path"];
    let (code, _, stderr) = run(&[&TAGGED[..], &unknown].concat());
    assert_eq!(code, Some(2), "a case has no field of another: {stderr}");
    assert!(stderr.starts_with("wirereel: no field is named `end_st.path`"), "{stderr}");
}

#[test]
fn only_messages_that_can_occur_have_columns() {
    let basic = ["decode", "captures/ok_dgram_basic.pcap", "-T", "csv"];
    let header = |args: &[&str]| {
        let csv = stdout(&[&basic[..], args].concat());
        let header = csv.lines().next().unwrap_or_default();
        header.split(',').filter(|it| it.contains('.')).map(str::to_owned).collect::<Vec<_>>()
    };
    let given = ["-H", "tests/peers/dgram-basic/proto.h"];
    let own = ["msg_st.name", "msg_st.math", "msg_st.chinese"];
    assert_eq!(header(&["--no-builtin"]), [""; 0]);
    assert_eq!(header(&[&given[..], &["--no-builtin"]].concat()), own);
    let ruled = header(&[&given[..], &["-d", "udp.port==1989,msg_st"]].concat());
    assert_eq!(ruled, own, "the built-in of the TCP port was not asked for");
    let args = ["-T", "fields", "--no-builtin", "-e", "math"];
    let (code, _, stderr) = run(&[&basic[..2], &args].concat());
    assert_eq!((code, stderr.as_str()), (Some(2), "wirereel: no field is named `math`\n"));
}

#[test]
fn requests_and_responses_have_columns_of_their_own() {
    let csv = stdout(&["decode", "captures/ok_webdl.pcap", "-T", "csv"]);
    let header = csv.lines().next().unwrap_or_default();
    let has = |name| header.split(',').any(|it| it == name);
    assert!(has("request.method") && has("response.status") && has("request.headers"));
    assert!(!has("request.status") && !has("response.method"), "{header}");
    assert!(csv.lines().any(|it| it.contains(",GET,/test.png,")), "{csv}");
}

#[test]
fn the_tree_shows_bytes_left_over() {
    let tree = stdout(&[
        "decode",
        "captures/bug_dgram_basic_notpacked.pcap",
        "-H",
        "tests/peers/dgram-basic/proto.h",
        "-V",
    ]);
    assert!(tree.contains(", 19 bytes at offset 42 of the frame\n"), "{tree}");
    assert!(tree.contains("\n  19..20  (trailing)  1 byte      56  V\n"), "{tree}");
}

#[test]
fn a_header_without_a_message_is_one_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let header = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a header");
        path.to_str().expect("UTF-8").to_owned()
    };
    let random: Vec<u8> =
        (0..600u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, bytes, expected) in [
        ("none.h", &b""[..], "declares no message"),
        ("calls.h", b"#define PORT 1989\nint f(void);\n", "declares no message"),
        ("random.bin", &random, "is not a C header (not text)"),
    ] {
        let path = header(name, bytes);
        for command in ["decode", "flows"] {
            let (code, stdout, stderr) =
                run(&[command, "captures/ok_dgram_basic.pcap", "-H", &path]);
            let expected = format!("wirereel: {path} {expected}\n");
            assert_eq!((code, stdout.as_str(), stderr), (Some(2), "", expected), "{name}");
        }
    }
    let broken = header("broken.h", b"struct bad { int x }\n");
    let (code, _, stderr) = run(&["decode", "captures/ok_dgram_basic.pcap", "-H", &broken]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error[syntax]: "), "{stderr}");
    assert!(stderr.ends_with("broken.h declares no message\n"), "{stderr}");
}

#[test]
fn scenes_of_the_demo_stand_apart_by_one_line() {
    let demo = stdout(&["demo"]);
    assert!(!demo.contains("\n\n\n"), "{demo}");
    assert!(demo.ends_with('\n') && !demo.ends_with("\n\n"), "{demo}");
    assert_eq!(demo.matches("\n  captures/").count(), 15, "{demo}");
}

#[test]
fn a_capture_cut_within_its_header_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    for (file, len) in [("ok_dgram_basic.pcap", 10), ("ok_dgram_basic.pcapng", 27)] {
        let path = dir.path().join(file);
        let whole = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(file);
        let bytes = std::fs::read(whole).expect("a capture");
        std::fs::write(&path, &bytes[..len]).expect("a file");
        let path = path.to_str().expect("UTF-8");
        let expected = format!("wirereel: {path} is cut short within its file header\n");
        let (code, stdout, stderr) = run(&["info", "-q", path]);
        assert_eq!((code, stdout.as_str(), stderr), (Some(2), "", expected));
    }
}

#[test]
fn quiet_commands_print_their_closing_summary_alone() {
    let capture = "captures/ok_dgram_mcast.pcap";
    let text = "3 frames, 1 conversation\n         1  udp\n         1  not decoded: IGMP\n";
    assert_eq!(run(&["flows", "-q", capture]), (Some(0), String::new(), text.to_owned()));
    let (_, table, summary) = run(&["flows", capture]);
    assert_eq!((table.lines().count(), summary.as_str()), (2, text));
    let (_, _, json) = run(&["flows", "-q", "-T", "json", capture]);
    let object = "{\"conversations\":{\"udp\":1},\"frames\":3,\"undecoded\":{\"IGMP\":1}}\n";
    let values = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(values(&json), values(object));
    let nothing = (Some(0), String::new(), String::new());
    assert_eq!(run(&["info", "-q", capture]), nothing);
    assert_eq!(run(&["layout", "-q", "tests/peers/dgram-basic/proto.h"]), nothing);
}
