//! TCP conversations through the program: stamps, pages, filters, excerpts, and what is followed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::frame::{self, Endpoints, Flags, Segment};
use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Reader, WriteFormat, Writer};

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");

struct Output {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

fn run(args: &[&str]) -> Output {
    run_with(args, Vec::new())
}

fn run_with(args: &[&str], stdin: Vec<u8>) -> Output {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    // Away from any wirereel.toml that the working directory may hold.
    command.args(args).write_stdin(stdin).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = command.output().expect("the program runs");
    let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
    Output { code: output.status.code(), stdout: output.stdout, stderr }
}

/// What goes to stdout where all is well.
fn stdout(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.code, Some(0), "{args:?}: {}", output.stderr);
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}

fn capture(name: &str) -> String {
    format!("{}/captures/{name}.pcap", env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn every_stamp_comes_out() {
    let three = "1700000000\n1700000001\n1700000002\n";
    for (name, header, expected) in [
        ("ok_stream_basic", "proto.h", three),
        ("ok_stream_par", "proto.h", three),
        ("ok_stream_pool_static", "proto.h", three),
        ("ok_stream_pool_dynamic", "proto.h", three),
        ("ok_stream_label", "proto_label.h", "1700000000\n"),
        ("bug_stream_noend", "proto_noend.h", "1700000000\n"),
        ("ok_stream_noserver", "proto.h", ""),
    ] {
        let header = format!("{PEERS}/stream/{header}");
        let rule = ["-d", "tcp.port==1989,FMT_STAMP", "-H", &header];
        let fields = ["decode", &capture(name), "-T", "fields", "-e", "value"];
        assert_eq!(sorted(&stdout(&[&fields[..], &rule].concat())), expected, "{name}");
    }
    let fields = ["decode", &capture("ok_stream_basic"), "-T", "fields", "-e", "value"];
    assert_eq!(stdout(&fields), three, "built in");
}

/// Connections that are served at once end in any order.
fn sorted(lines: &str) -> String {
    let mut lines: Vec<_> = lines.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.concat()
}

#[test]
fn the_image_comes_out_byte_for_byte() {
    let image = fs::read(format!("{PEERS}/webdl/test.png")).expect("the image");
    for name in ["ok_http_chromium", "ok_http_keepalive", "ok_webdl", "ok_webdl_apache"] {
        let folder = folder();
        let listing =
            stdout(&["export", "objects", &capture(name), "-o", text(folder.path()), "-T", "json"]);
        assert_eq!(fs::read(folder.path().join("test.png")).expect("a file"), image, "{name}");
        let line = listing.lines().find(|it| it.contains("\"test.png\"")).expect("its line");
        let object: Value = serde_json::from_str(line).expect("JSON");
        let digest = "c21ec09e5edc3d6bbe5631c61f1fbf15eb037ec6e2337a8c1562e3640d97811d";
        assert_eq!((&object["sha256"], &object["len"]), (&digest.into(), &2417.into()), "{name}");
    }
}

#[test]
fn objects_are_listed_and_keep_their_coding_where_asked() {
    let out = folder();
    let args = ["export", "objects", &capture("ok_http_gzip"), "-o", text(out.path())];
    let expected = "       7      0       8893  lines.txt  text/plain  10.0.0.2:8080/lines.txt\n";
    assert_eq!(stdout(&args), expected);
    let lines: String = (1..=1000).map(|it| format!("line {it}\n")).collect();
    assert_eq!(fs::read_to_string(out.path().join("lines.txt")).expect("a file"), lines);

    // Nothing is overwritten.
    let coded = stdout(&[&args[..], &["--raw"]].concat());
    assert!(coded.contains("  lines(1).txt  "), "{coded}");
    assert_eq!(names(out.path()), ["lines(1).txt", "lines.txt"]);
    let coded = fs::read(out.path().join("lines(1).txt")).expect("a file");
    assert!(coded.starts_with(b"\x1f\x8b"), "gzip");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |it: std::io::Result<fs::DirEntry>| it.expect("an entry").file_name();
    let mut names: Vec<_> =
        entries.map(|it| name(it).into_string().expect("a name in UTF-8")).collect();
    names.sort();
    names
}

/// Copies a capture without some of its frames.
fn without(name: &str, left_out: &[u64], folder: &Path) -> PathBuf {
    let path = folder.join("damaged.pcap");
    let mut reader = Reader::open(Path::new(&capture(name))).expect("a capture");
    let mut writer = Writer::create(&path, WriteFormat::Pcap).expect("a new file");
    while let Some(frame) = reader.next_frame().expect("a whole capture") {
        if !left_out.contains(&frame.number) {
            writer.write(&frame).expect("a frame that fits");
        }
    }
    writer.finish().expect("written");
    path
}

#[test]
fn bytes_that_the_capture_lacks_are_told() {
    let folder = folder();
    // The first of the two segments of the image, 1448 bytes.
    let damaged = without("ok_webdl", &[6], folder.path());
    let followed = stdout(&["follow", text(&damaged), "0"]);
    assert!(followed.contains(", frame 8\n[1448 bytes missing]\nZI\\x1e"), "{followed}");
    let objects = folder.path().join("objects");
    let listing = stdout(&["export", "objects", text(&damaged), "-o", text(&objects)]);
    assert!(listing.contains("test.png.partial") && listing.contains("[gap"), "{listing}");
    assert_eq!(names(&objects), ["test.png.partial"]);
    let raw = run(&["follow", text(&damaged), "tcp:0", "-T", "raw", "--side", "server"]);
    let image = fs::read(format!("{PEERS}/webdl/test.png")).expect("the image");
    assert_eq!(raw.stdout, image[1448..]);
    assert_eq!(raw.stderr, "wirereel: 1448 bytes are missing from the capture\n");
}

#[test]
fn a_capture_cut_short_gives_what_it_has_and_exits_2() {
    let folder = folder();
    let whole = fs::read(capture("ok_http_chromium")).expect("a capture");
    let cut = folder.path().join("cut.pcap");
    fs::write(&cut, &whole[..whole.len() - 10]).expect("a new file");
    let objects = folder.path().join("objects");
    let exported = run(&["export", "objects", text(&cut), "-o", text(&objects)]);
    assert_eq!(exported.code, Some(2), "{}", exported.stderr);
    assert_eq!(names(&objects), ["index.html", "test.png"]);
    let some = folder.path().join("some.pcap");
    for args in [&["follow", text(&cut), "0"][..], &["decode", text(&cut), "-w", text(&some)]] {
        let output = run(args);
        assert_eq!(output.code, Some(2), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.contains("cut short"), "{args:?}");
    }
    assert!(stdout(&["decode", text(&some)]).contains("image/png"));
}

/// A capture of one connection to port 80, in which each path is asked for and answered.
fn visits(paths: &[&str], folder: &Path) -> PathBuf {
    let (mut asked, mut answered) = (1000, 5000);
    let mut lane = Vec::new();
    for path in paths {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes();
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec();
        let flags = Flags::default();
        let (seq, ack) = (asked, Some(answered));
        asked += request.len() as u32;
        lane.push(Segment { from_client: true, seq, ack, flags, payload: request });
        let (seq, ack) = (answered, Some(asked));
        answered += response.len() as u32;
        lane.push(Segment { from_client: false, seq, ack, flags, payload: response });
    }
    connection(&lane, 80, folder)
}

/// A capture of one connection.
fn connection(segments: &[Segment], port: u16, folder: &Path) -> PathBuf {
    let path = folder.join("made.pcap");
    let ends = Endpoints::numbered(0, port);
    let mut writer = Writer::create(&path, WriteFormat::Pcap).expect("a new file");
    for segment in segments {
        let data = &frame::tcp(ends, segment)[..];
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number: 0, time: None, interface: 0, link_type, data, orig_len };
        writer.write(&frame).expect("a frame that fits");
    }
    writer.finish().expect("written");
    path
}

#[test]
fn names_from_the_wire_stay_in_the_folder() {
    let folder = folder();
    let paths = [
        "/../../escaped",
        "/..",
        "/%2e%2e/%2e%2e/escaped",
        "/..%2fescaped",
        "/..\\escaped",
        "//etc/passwd",
        "http://a/../escaped",
        "/a/./..",
        "/%00escaped",
        "/.hidden",
        "/CON",
    ];
    let visits = visits(&paths, folder.path());
    let inner = folder.path().join("a/b");
    stdout(&["export", "objects", text(&visits), "-o", text(&inner)]);
    assert_eq!(names(folder.path()), ["a", "made.pcap"]);
    assert_eq!(names(&folder.path().join("a")), ["b"]);
    let written = names(&inner);
    assert_eq!(written.len(), paths.len(), "{written:?}");
    assert!(written.iter().all(|it| !it.starts_with('.')), "{written:?}");
}

#[test]
fn a_conversation_in_every_form() {
    let basic = capture("ok_stream_basic");
    let head = "<- server 10.0.0.2:1989 to 10.0.0.1:40001, frame 12\n";
    let hex = "00000000  31 37 30 30 30 30 30 30  30 31 0d 0a              |1700000001..|\n";
    let json = concat!(
        r#"{"side":"server","src":"10.0.0.2:1989","dst":"10.0.0.1:40001","frame":12,"#,
        r#""time":"2026-11-22T15:32:55.505489000Z","offset":0,"len":12,"text":"1700000001\r\n"}"#,
        "\n"
    );
    for name in ["1", "tcp:1", "tcp.stream==1"] {
        let text = format!("{head}1700000001\\r\n");
        assert_eq!(stdout(&["follow", &basic, name]), text, "{name}");
    }
    for (args, expected) in [
        (&["-T", "hex"][..], format!("{head}{hex}")),
        (&["-T", "json"], json.to_owned()),
        (&["-T", "raw"], "1700000001\r\n".to_owned()),
        (&["-T", "raw", "--side", "client"], String::new()),
        (&["--side", "client"], String::new()),
        (&["--side", "server"], format!("{head}1700000001\\r\n")),
        (&["-q"], String::new()),
    ] {
        assert_eq!(stdout(&[&["follow", &basic, "1"][..], args].concat()), expected, "{args:?}");
    }
    let coloured = stdout(&["follow", &basic, "1", "--color", "always"]);
    assert!(coloured.starts_with("\x1b[1m\x1b[32m<- server"), "{coloured:?}");
}

#[test]
fn both_sides_and_datagrams_are_followed() {
    let webdl = capture("ok_webdl");
    let followed = stdout(&["follow", &webdl, "0", "-T", "hex"]);
    let begin = "\
-> client 10.0.0.1:40600 to 10.0.0.2:80, frame 4
00000000  47 45 54 20 2f 74 65 73  74 2e 70 6e 67 0d 0a 0d  |GET /test.png...|
00000010  0a                                                |.|
<- server 10.0.0.2:80 to 10.0.0.1:40600, frame 6
00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|
";
    assert!(followed.starts_with(begin), "{followed}");
    assert!(
        followed.ends_with("00000970  82                                                |.|\n")
    );
    let raw = run(&["follow", &webdl, "0", "-T", "raw", "--side", "server"]);
    assert_eq!(raw.stdout, fs::read(format!("{PEERS}/webdl/test.png")).expect("the image"));

    let datagrams = "\
-> client 10.0.0.1:40000 to 10.0.0.2:1989, frame 1
Alan\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00S\\x00\\x00\\x00V
-> client 10.0.0.1:40000 to 10.0.0.2:1989, frame 2
Grace\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00d\\x00\\x00\\x00\\x00
-> client 10.0.0.1:40000 to 10.0.0.2:1989, frame 3
\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\xff\\xff\\xff
";
    let basic = fs::read(capture("ok_dgram_basic")).expect("a capture");
    for name in ["0", "udp:0", "udp.stream==0"] {
        let output = run_with(&["follow", "-", name], basic.clone());
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), datagrams, "{name}");
    }
}

#[test]
fn a_stream_that_is_not_there_is_told_in_one_line() {
    let (tcp, udp) = (capture("ok_stream_basic"), capture("ok_dgram_basic"));
    for (path, name, has) in [
        (&tcp, "3", "3 TCP streams and 0 UDP streams"),
        (&tcp, "udp:0", "3 TCP streams and 0 UDP streams"),
        (&udp, "tcp:0", "0 TCP streams and 1 UDP stream"),
        (&udp, "1", "0 TCP streams and 1 UDP stream"),
    ] {
        let output = run(&["follow", path, name]);
        let expected =
            format!("wirereel: no stream {name} in {path}: it has {has}, numbered from 0\n");
        assert_eq!((output.code, output.stderr), (Some(2), expected));
        assert!(output.stdout.is_empty());
    }
    let output = run(&["follow", &tcp, "tcp.stream=3"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("names are like 3, tcp:3, udp:0"), "{}", output.stderr);
}

#[test]
fn a_filter_picks_messages() {
    let chromium = capture("ok_http_chromium");
    let basic = capture("ok_dgram_basic");
    for (path, filter, frames, counts) in [
        (&chromium, "http.response", "9\n12\n", "19 frames, 4 messages, 2 matched\n"),
        (&chromium, "http.request.target matches \"png$\"", "11\n", "4 messages, 1 matched\n"),
        (
            &chromium,
            "tcp.stream == 0 && http.body.len > 1000 || http.request.uri contains \"index\"",
            "7\n12\n",
            "4 messages, 2 matched\n",
        ),
        (
            &chromium,
            "http.body.sha256 == \
             \"c21ec09e5edc3d6bbe5631c61f1fbf15eb037ec6e2337a8c1562e3640d97811d\"",
            "12\n",
            "4 messages, 1 matched\n",
        ),
        (&basic, "udp.port == 1989 && math > 60", "1\n2\n", "3 messages, 2 matched\n"),
        (&basic, "msg_st.math in {0, 83..84} and !(name == \"Alan\")", "3\n", ", 1 matched\n"),
        (&basic, "tcp", "", "3 messages, 0 matched\n"),
        (&basic, "", "1\n2\n3\n", "3 messages, 3 matched\n"),
    ] {
        let args = ["decode", path, "-T", "fields", "-e", "frame.number", "-Y", filter];
        let output = run(&args);
        assert_eq!(output.code, Some(0), "{filter}: {}", output.stderr);
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), frames, "{filter}");
        assert!(output.stderr.contains(counts), "{filter}: {}", output.stderr);
        let quiet = run(&["decode", path, "-q", "-Y", filter]);
        assert!(quiet.stderr.contains(counts), "{filter}: {}", quiet.stderr);
    }
    let output = run(&["decode", &basic, "-T", "json", "-Y", "math == 83"]);
    let summary: Value = serde_json::from_str(&output.stderr).expect("JSON");
    assert_eq!((&summary["messages"], &summary["matched"]), (&3.into(), &1.into()));
}

#[test]
fn a_bad_filter_is_shown_with_its_place() {
    let chromium = capture("ok_http_chromium");
    for (filter, expected) in [
        (
            "tcp && http.respons.status == 200",
            "wirereel: no field is named `http.respons.status`; did you mean \
             `http.response.status`?\n  tcp && http.respons.status == 200\n         ^\n",
        ),
        (
            "tcp.port = 3",
            "wirereel: expected an operator, such as `==`, or `&&`, `||` and another test\n  \
             tcp.port = 3\n           ^\n",
        ),
    ] {
        // Before the capture is opened.
        for path in [&chromium, "no/such.pcap"] {
            let output = run(&["decode", path, "-Y", filter]);
            assert_eq!((output.code, output.stderr.as_str()), (Some(2), expected), "{filter}");
            assert!(output.stdout.is_empty());
        }
    }
}

/// What a capture decodes to; numbers of frames and streams are those of the file.
fn messages(args: &[&str]) -> Vec<Value> {
    let lines = stdout(&[&["decode", "-T", "json"], args].concat());
    let messages = lines.lines().map(|line| {
        let mut message: Value = serde_json::from_str(line).expect("JSON");
        let object = message.as_object_mut().expect("an object");
        object.remove("frame");
        object.remove("stream");
        message
    });
    messages.collect()
}

fn frames(path: &Path) -> u64 {
    let info: Value = serde_json::from_str(&stdout(&["info", "-T", "json", text(path)])).unwrap();
    info["frames"].as_u64().expect("a number")
}

#[test]
fn an_excerpt_decodes_to_what_matched() {
    let folder = folder();
    for (name, filter, format, count) in [
        ("ok_dgram_basic", "math == 100", "pcap", 1),
        ("edge_dgram_var_fragmented", "udp", "pcap", 3),
        ("ok_stream_basic", "value == 1700000001", "pcapng", 1),
        ("ok_http_chromium", "http.response.status == 200", "pcap", 2),
        ("ok_http_chromium", "http.content_type contains \"png\"", "pcapng", 1),
        ("ok_http_chunked", "http", "pcap", 9),
        ("ok_http_keepalive", "http.request.uri contains \"png\"", "pcap", 1),
        ("ok_dgram_basic", "tcp", "pcap", 0),
    ] {
        let (path, some) = (capture(name), folder.path().join(format!("some.{format}")));
        let matched = messages(&[&path, "-Y", filter, "-w", text(&some)]);
        assert_eq!(frames(&some), count, "{name} {filter}");
        assert_eq!(messages(&[text(&some)]), matched, "{name} {filter}");
    }
}

#[test]
fn an_excerpt_without_a_filter_holds_all_that_was_decoded() {
    let folder = folder();
    let some = folder.path().join("some.pcapng");
    for name in ["ok_http_pipelined", "ok_http_continue", "ok_webdl", "bug_stream_noend"] {
        let decoded = messages(&[&capture(name), "-w", text(&some)]);
        assert!(!decoded.is_empty(), "{name}");
        assert_eq!(messages(&[text(&some)]), decoded, "{name}");
    }
}

/// The second stamp arrives first: the frame that completes the record is not the one with it.
#[test]
fn an_excerpt_holds_frames_that_waited_for_others() {
    let folder = folder();
    let segment = |seq, payload: &str| Segment {
        from_client: false,
        seq,
        ack: None,
        flags: Flags { syn: payload.is_empty(), ..Flags::default() },
        payload: payload.as_bytes().to_vec(),
    };
    let stamps = [segment(99, ""), segment(112, "1700000001\r\n"), segment(100, "1700000000\r\n")];
    let made = connection(&stamps, 1989, folder.path());
    let some = folder.path().join("some.pcap");
    let filter = ["-Y", "value == 1700000001"];
    let matched = messages(&[&[text(&made), "-w", text(&some)], &filter[..]].concat());
    assert_eq!((matched.len(), frames(&some)), (1, 2));
    assert_eq!(messages(&[&[text(&some)], &filter[..]].concat()), matched);
}

#[test]
fn an_excerpt_of_standard_input_and_of_several_captures() {
    let folder = folder();
    let some = folder.path().join("some.pcap");
    let input = fs::read(capture("ok_stream_basic")).expect("a capture");
    let args = ["decode", "-", "-q", "-Y", "value == 1700000002", "-w", text(&some)];
    let output = run_with(&args, input);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(messages(&[text(&some)])[0]["fields"]["value"], 1700000002);

    let (one, other) = (capture("ok_dgram_basic"), capture("ok_http_chromium"));
    let filter = "math == 100 || http.response.status == 200";
    stdout(&["decode", &one, &other, "-q", "-Y", filter, "-w", text(&some)]);
    assert_eq!((frames(&some), messages(&[text(&some)]).len()), (3, 3));
}

#[test]
fn times_finer_than_microseconds_are_kept() {
    let folder = folder();
    let some = folder.path().join("some.pcap");
    let nano = capture("ok_dgram_basic_nano");
    let decoded = messages(&[&nano, "-w", text(&some)]);
    assert!(!decoded[0]["time"].as_str().expect("a time").ends_with("000Z"));
    assert_eq!(messages(&[text(&some)]), decoded);
}

#[test]
fn an_excerpt_that_cannot_be_written_is_refused() {
    let folder = folder();
    let path = folder.path().join("in.pcap");
    fs::copy(capture("ok_dgram_basic"), &path).expect("a copy");
    let before = fs::read(&path).expect("a capture");
    let own = run(&["decode", text(&path), "-w", text(&path)]);
    assert_eq!(own.code, Some(2));
    let expected = format!("wirereel: -w {}: that is the capture to be read\n", path.display());
    assert_eq!(own.stderr, expected);
    assert_eq!(fs::read(&path).expect("a capture"), before);

    let unnamed = run(&["decode", text(&path), "-w", "some.txt"]);
    assert_eq!(unnamed.stderr, "wirereel: -w some.txt: the name must end in .pcap or .pcapng\n");

    let some = folder.path().join("some.pcap");
    let (ethernet, cooked) = (capture("ok_dgram_basic"), capture("ok_dgram_basic_sll"));
    let mixed = run(&["decode", &ethernet, &cooked, "-q", "-w", text(&some)]);
    assert_eq!(mixed.code, Some(2));
    assert!(mixed.stderr.contains("holds only one link type; pcapng holds"), "{}", mixed.stderr);
    assert!(!some.exists(), "nothing is left of it");
    let some = folder.path().join("some.pcapng");
    stdout(&["decode", &ethernet, &cooked, "-q", "-w", text(&some)]);
    assert_eq!(frames(&some), 4);
}

#[test]
fn conversations_have_their_protocol_and_what_was_odd() {
    let folder = folder();
    let flows = |path: &str| -> Vec<Value> {
        let lines = stdout(&["flows", "-T", "json", path]);
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let chromium = flows(&capture("ok_http_chromium"));
    assert_eq!(
        (&chromium[0]["protocol"], &chromium[1]["protocol"]),
        (&"http".into(), &Value::Null)
    );
    assert_eq!(flows(&capture("ok_stream_basic"))[2]["protocol"], "stream-stamp");
    let damaged = without("ok_webdl", &[6], folder.path());
    let anomalies = &flows(text(&damaged))[0]["anomalies"];
    assert_eq!(anomalies["TCP byte missing from the capture"], 1448, "{anomalies}");
}
