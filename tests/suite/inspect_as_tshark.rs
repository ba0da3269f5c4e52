//! What tshark's users type: `-r`, `-c`, `-x`, `-t`, `-e csv`, and the names of link and IP fields. The
//! values of bundled captures are those that tshark 4.0 prints of them.

use std::path::PathBuf;

use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};
use wirereel::packet::build;

use crate::inspect::run;

const BASIC: &str = "captures/ok_dgram_basic.pcap";
const RULE: [&str; 4] = ["-H", "tests/peers/dgram-basic/proto.h", "-d", "udp.port==1989,msg_st"];

#[track_caller]
fn decoded(args: &[&str]) -> String {
    let (code, stdout, stderr) = run(&[&["decode"], args, &RULE].concat());
    assert_eq!(code, Some(0), "{args:?}: {stderr}");
    stdout
}

/// A capture of these datagrams to port 1989 in the directory for temporary files.
fn capture(name: &str, link_type: LinkType, payloads: &[&[u8]]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("{name}-{}.pcap", std::process::id()));
    let mut writer = Writer::create(&path, WriteFormat::Pcap).expect("there is room");
    for (number, payload) in (1..).zip(payloads) {
        let mut data = Vec::new();
        let ends = ["10.0.0.1:40000", "10.0.0.2:1989"].map(|it| it.parse().expect("an end"));
        build::datagram(ends[0], ends[1], payload, &mut data).expect("a frame");
        let frame = Frame::ethernet(number, Timestamp(1_000_000_000), &data);
        writer.write(&Frame { link_type, ..frame }).expect("it is written");
    }
    writer.finish().expect("it is complete");
    path
}

#[test]
fn a_capture_is_named_one_way_or_the_other() {
    let named = decoded(&[BASIC]);
    assert_eq!(decoded(&["-r", BASIC]), named);
    assert_eq!(decoded(&["--read", BASIC, "-c", "2"]).lines().count(), 2);
    for command in [&["info"][..], &["flows"], &["check"], &["follow", "udp:0"]] {
        let (code, one, stderr) = run(&[command, &["-r", BASIC]].concat());
        assert_eq!(code, Some(0), "{command:?}: {stderr}");
        let (first, rest) = command.split_at(1);
        let (_, other, _) = run(&[first, &[BASIC], rest].concat());
        assert_eq!(one, other, "{command:?}");
    }
    for args in [&["decode", "-r", BASIC, BASIC][..], &["follow", "-r", BASIC, BASIC, "udp:0"]] {
        let (code, _, stderr) = run(args);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
}

#[test]
fn so_many_frames_are_read_and_no_more() {
    let (_, _, stderr) = run(&["decode", BASIC, "-c", "2", "-q"]);
    assert!(stderr.starts_with("2 frames, 2 messages"), "{stderr}");
    let twice = ["decode", BASIC, BASIC, "-c", "3", "-q"];
    assert!(run(&twice).2.starts_with("3 frames, 3 messages"), "of both together");
    let (_, flows, _) = run(&["flows", BASIC, "-c", "1", "-T", "json"]);
    assert!(flows.contains("\"packets\":[1,0]"), "{flows}");
    assert_eq!(run(&["decode", BASIC, "-c", "0"]).0, Some(2));
}

#[test]
fn the_bytes_of_a_message_stand_below_it() {
    let text = decoded(&[BASIC, "-c", "1", "-x"]);
    let (line, dump) = text.split_once('\n').expect("a line");
    assert!(line.ends_with("name=\"Alan\" math=83 chinese=86"), "{line}");
    assert_eq!(
        dump,
        "0000  41 6c 61 6e 00 00 00 00 00 00 00 00 00 00 53 00   Alan..........S.\n\
         0010  00 00 56                                          ..V\n\n"
    );
    let (code, _, stderr) = run(&["decode", BASIC, "-x", "-T", "json"]);
    assert_eq!((code, stderr.contains("-x shows bytes below text")), (Some(2), true), "{stderr}");
}

#[test]
fn times_are_written_as_tshark_writes_them() {
    for (format, expected) in [
        ("a", "00:21:50.777723"),
        ("ad", "2026-11-23 00:21:50.777723"),
        ("adoy", "2026/327 00:21:50.777723"),
        ("d", "0.000032"),
        ("dd", "0.000032"),
        ("e", "1795360910.777723"),
        ("r", "0.000032"),
        ("u", "15:21:50.777723"),
        ("ud", "2026-11-22 15:21:50.777723"),
        ("udoy", "2026/326 15:21:50.777723"),
    ] {
        let text = decoded(&[BASIC, "-t", format]);
        let second = text.lines().nth(1).expect("two messages");
        let between = second.trim_start().trim_start_matches('2').trim_start();
        assert!(between.starts_with(&format!("{expected}  10.0.0.1:40000")), "{format}: {second}");
        let tree = decoded(&[BASIC, "-t", format, "-V"]);
        assert!(tree.contains(&format!("{expected}  udp 10.0.0.1")), "{format}: {tree}");
    }
    let passed = decoded(&[BASIC, "-t", "d", "-Y", "frame.number == 2"]);
    assert!(passed.contains(" 0.000032 "), "from the frame before, printed or not: {passed}");
    let (code, _, stderr) = run(&["decode", BASIC, "-t", "x"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("is no time format; these are: a, ad, adoy"), "{stderr}");
}

#[test]
fn fields_of_link_and_ip_are_those_of_the_frame() {
    let names = "frame.len,frame.cap_len,eth.src,eth.dst,eth.addr,eth.type,ip.proto,ip.ttl,ip.id,udp.length";
    let fields = decoded(&[BASIC, "-c", "1", "-T", "fields", "-e", names]);
    let expected = "61\t61\t02:00:00:00:00:01\t02:00:00:00:00:02\t\
                    02:00:00:00:00:02,02:00:00:00:00:01\t0x0800\t17\t64\t0x1006\t27\n";
    assert_eq!(fields, expected);
    for (filter, passes) in [
        ("frame contains \"Alan\"", true),
        ("frame contains 41:6c:61:6e", true),
        ("frame contains \"Grace\"", false),
        ("frame matches \"Al.n\"", true),
        ("eth.src == 02:00:00:00:00:01", true),
        ("eth.addr == 02:00:00:00:00:02", true),
        ("eth.src == 02:00:00:00:00:02", false),
        ("eth.type == 0x800 && ip.ttl > 63 && ip.proto == 17", true),
        ("frame.len == 61 && udp.length < 28", true),
        ("tcp.len", false),
        ("udp.payload contains \"Alan\"", true),
        ("frame.number == 1 && frame == 1", true),
    ] {
        let count = decoded(&[BASIC, "-c", "1", "-Y", filter]).lines().count();
        assert_eq!(count == 1, passes, "{filter}");
    }
    let v6 = ["captures/ok_dgram_basic_ipv6.pcap", "-c", "1", "-T", "fields"];
    let v6 = decoded(&[&v6[..], &["-e", "ipv6.nxt,ipv6.plen,ip.ttl"]].concat());
    assert_eq!(v6, "17\t27\t\n");
    let cooked = ["captures/ok_dgram_basic_sll.pcap", "-c", "1", "-T", "fields"];
    let cooked = decoded(&[&cooked[..], &["-e", "eth.src,ip.ttl"]].concat());
    assert_eq!(cooked, "\t64\n");
}

#[test]
fn csv_has_the_columns_that_were_asked_for() {
    let header = |args: &[&str]| decoded(args).lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        header(&[BASIC, "-T", "csv"]),
        "frame,time,transport,src,dst,stream,protocol,message,len,msg_st.name,msg_st.math,\
         msg_st.chinese,candidates,trailing,ended_by,error"
    );
    let chosen = decoded(&[BASIC, "-c", "1", "-T", "csv", "-e", "math", "-e", "ip.src,name"]);
    assert_eq!(chosen, "math,ip.src,name\n83,10.0.0.1,Alan\n");
}

#[test]
fn what_is_left_over_is_shown_up_to_a_bound() {
    let mut long = b"Alan\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\x56".to_vec();
    long.extend((0..300).map(|at| at as u8));
    let path = capture("trailing", LinkType::Ethernet, &[&long[..22], &long, &long[..19]]);
    let text = decoded(&[&path.to_string_lossy(), "-T", "json"]);
    std::fs::remove_file(path).expect("it was written");
    let messages: Vec<serde_json::Value> =
        text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    assert_eq!(
        (&messages[0]["trailing"], &messages[0]["trailing_hex"]),
        (&3.into(), &"000102".into())
    );
    assert!(messages[0].get("trailing_cut").is_none());
    assert_eq!((&messages[1]["trailing"], &messages[1]["trailing_cut"]), (&300.into(), &44.into()));
    assert_eq!(messages[1]["trailing_hex"].as_str().map(str::len), Some(512));
    assert!(messages[2].get("trailing_hex").is_none());
}

#[test]
fn text_that_is_none_is_counted() {
    let path = capture(
        "gbk",
        LinkType::Ethernet,
        &[b"\xd5\xc5\xc8\xfd\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\x56"],
    );
    let path = path.to_string_lossy().into_owned();
    let csv = decoded(&[&path, "-T", "csv", "-e", "name"]);
    assert_eq!(csv, "name\n0xd5c5c8fd00000000000000\n");
    let reason = "field of text that is not UTF-8";
    let args = ["-T", "json"];
    let (_, stdout, stderr) = run(&[&["decode", &path], &args[..], &RULE].concat());
    assert!(stdout.contains("\"name\":{\"hex\":\"d5c5c8fd00000000000000\"}"), "{stdout}");
    assert!(stderr.contains(&format!("\"anomalies\":{{\"{reason}\":1}}")), "{stderr}");
    let (_, _, stderr) = run(&[&["decode", &path], &RULE[..]].concat());
    assert!(stderr.contains(&format!("         1  {reason}\n")), "{stderr}");
    std::fs::remove_file(path).expect("it was written");
}

#[test]
fn a_link_type_that_is_not_read_is_named() {
    let path = capture("user0", LinkType::Other(147), &[b"a", b"b"]);
    let path = path.to_string_lossy().into_owned();
    let (_, _, stderr) = run(&["decode", &path]);
    assert!(stderr.contains("2  not decoded: link type not supported: USER0 (147)\n"), "{stderr}");
    let (_, _, stderr) = run(&["decode", &path, "-T", "json"]);
    assert!(
        stderr.contains("\"undecoded\":{\"link type not supported: USER0 (147)\":2}"),
        "{stderr}"
    );
    let (_, info, _) = run(&["info", &path]);
    assert!(info.contains("link types: USER0 (147) not supported\n"), "{info}");
    let (_, info, _) = run(&["info", &path, "-T", "json"]);
    assert!(info.contains("\"link_types\":[\"USER0\"]"), "{info}");
    std::fs::remove_file(path).expect("it was written");
}

#[test]
fn a_rule_without_traffic_is_told() {
    let rule = ["-H", "tests/peers/dgram-basic/proto.h", "-d", "udp.port==1990,msg_st"];
    let (code, _, stderr) = run(&[&["check", BASIC][..], &rule].concat());
    assert_eq!(code, Some(0));
    assert!(stderr.contains("udp.port==1990,msg_st: no packet has its port"), "{stderr}");
    let (_, _, stderr) = run(&[&["check", BASIC, "-T", "json"][..], &rule].concat());
    assert!(stderr.contains("\"idle_rules\":[\"udp.port==1990,msg_st\"]"), "{stderr}");
    let (_, _, stderr) = run(&[&["check", BASIC][..], &RULE].concat());
    assert!(!stderr.contains("no packet"), "{stderr}");
}
