//! Types that people read, through the program: written so, asked for so, encoded from it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

const HEADER: &str = "
#include <stdint.h>
#include <netinet/in.h>
#include <net/ethernet.h>
#include <sys/time.h>
typedef unsigned char uuid_t[16];
#define KIND_HELLO 1
#define KIND_BYE 2
#define KIND_LAST 2
enum lamp { LAMP_RED = 1, LAMP_GREEN };
/** Who is there. */
struct beat {
    uint8_t kind;      /**< What it says. */
    uint8_t lamp;
    struct in_addr from;
    struct in6_addr from6;
    struct ether_addr link;
    struct sockaddr_in peer;
    struct sockaddr_in6 peer6;
    uuid_t id;
    time_t at;
    struct timeval seen;
    struct timespec heard;
    in_addr_t hops[2];
    uint32_t flags;
    uint8_t host4[4];
} __attribute__((packed));
struct part { uint16_t a; uint8_t b; } __attribute__((packed));
struct parts { uint16_t n; struct part list[] __attribute__((counted_by(n))); } __attribute__((packed));
struct note { uint8_t n; char body[] __attribute__((counted_by(n))); } __attribute__((packed));
";

const PROFILE: &str = r#"
[[protocol]]
name = "beat"
header = "proto.h"
message = "beat"
decode_as = ["udp.port==7001"]
[protocol.fields]
kind = { enum = "KIND_*" }
lamp = { enum = "lamp" }
flags = { show = "hex" }
host4 = { show = "ipv4" }
[[protocol]]
name = "parts"
header = "proto.h"
message = "parts"
decode_as = ["udp.port==7002"]
[[protocol]]
name = "note"
header = "proto.h"
message = "note"
decode_as = ["udp.port==7003"]
"#;

const SET: [&str; 14] = [
    "kind=KIND_BYE",
    "lamp=LAMP_GREEN",
    "from=10.1.2.3",
    "from6=fe80::7",
    "link=02:00:5e:10:00:02",
    "peer=192.0.2.9:99",
    "peer6=[2001:db8::9]:77",
    "id=6ba7b810-9dad-11d1-80b4-00c04fd430c9",
    "at=2024-05-01T00:00:00Z",
    "seen=2024-05-01T00:00:00.25Z",
    "heard=2024-05-01T00:00:00.000000007Z",
    "hops=[1.1.1.1, 2.2.2.2]",
    "flags=0x10",
    "host4=127.0.0.1",
];

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    let mut program = Command::cargo_bin("wirereel").expect("the program is built");
    let output = program.current_dir(folder).args(args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder with the header and a profile.
fn folder(profile: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("proto.h"), HEADER).expect("written");
    fs::write(folder.path().join("wirereel.toml"), profile).expect("written");
    folder
}

/// Writes a capture of one message.
fn generate(folder: &Path, message: &str, port: &str, set: &[&str]) -> Ran {
    let to = format!("127.0.0.1:{port}");
    let mut args = vec!["generate", "unicast", "--to", &to, "-w", "sent.pcap", "--count", "1"];
    args.extend(["--message", message]);
    args.extend(set.iter().flat_map(|it| ["--set", it]));
    run(folder, &args)
}

fn decoded(folder: &Path) -> Value {
    let ran = run(folder, &["decode", "sent.pcap", "-T", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_str(ran.stdout.lines().next().expect("a message")).expect("JSON")
}

#[test]
fn what_is_written_for_people_is_read_back_from_it() {
    let folder = folder(PROFILE);
    let ran = generate(folder.path(), "beat", "7001", &SET);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let fields = json!({
        "kind": "KIND_BYE", "lamp": "LAMP_GREEN", "from": "10.1.2.3", "from6": "fe80::7",
        "link": "02:00:5e:10:00:02", "peer": "192.0.2.9:99", "peer6": "[2001:db8::9]:77",
        "id": "6ba7b810-9dad-11d1-80b4-00c04fd430c9", "at": "2024-05-01T00:00:00Z",
        "seen": "2024-05-01T00:00:00.250000Z", "heard": "2024-05-01T00:00:00.000000007Z",
        "hops": ["1.1.1.1", "2.2.2.2"], "flags": "0x00000010", "host4": "127.0.0.1",
    });
    assert_eq!(decoded(folder.path())["fields"], fields);
    let ran = run(folder.path(), &["decode", "sent.pcap", "-V"]);
    for line in [
        "kind                KIND_BYE (2)",
        "What it says.",
        "sin_family        2",
        "tv_usec           250000",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    let names = ["from", "from.s_addr", "seen", "peer.sin_port", "hops", "kind"];
    let mut args = vec!["decode", "sent.pcap", "-T", "fields"];
    args.extend(names.iter().flat_map(|it| ["-e", it]));
    let expected =
        "10.1.2.3\t10.1.2.3\t2024-05-01T00:00:00.250000Z\t99\t1.1.1.1,2.2.2.2\tKIND_BYE\n";
    assert_eq!(run(folder.path(), &args).stdout, expected);
    let csv = run(folder.path(), &["decode", "sent.pcap", "-T", "csv"]).stdout;
    let (head, row) = csv.split_once('\n').expect("two lines");
    assert!(
        head.contains(",beat.from,beat.from6,beat.link,beat.peer,beat.peer6,beat.id,"),
        "{head}"
    );
    assert!(row.contains(",10.1.2.3,fe80::7,02:00:5e:10:00:02,192.0.2.9:99,"), "{row}");
}

#[test]
fn filters_take_what_is_written() {
    let folder = folder(PROFILE);
    assert_eq!(generate(folder.path(), "beat", "7001", &SET).code, Some(0));
    for (filter, passes) in [
        ("beat.from == 10.1.2.3", true),
        ("beat.from == 10.0.0.0/8", true),
        ("beat.from == 10.2.0.0/16", false),
        ("from != 10.0.0.0/8", false),
        ("from.s_addr == 0x0a010203", true),
        ("from.s_addr == 10.1.2.3", true),
        ("from6 == fe80::/10", true),
        ("link == 02:00:5e:10:00:02", true),
        ("link == \"02:00:5e:10:00:03\"", false),
        ("link == \"02:00:5e:10:00:02\"", true),
        ("peer == 192.0.2.0/24", true),
        ("peer.sin_port == 99", true),
        ("id == 6ba7b810-9dad-11d1-80b4-00c04fd430c9", true),
        ("id == \"6ba7b810-9dad-11d1-80b4-00c04fd430c9\"", true),
        ("at >= \"2024-05-01\" && at < \"2024-05-02\"", true),
        ("at == 1714521600", true),
        ("seen > \"2024-05-01 00:00:00.2\"", true),
        ("seen > \"2024-05-01 00:00:00.3\"", false),
        ("kind == KIND_BYE", true),
        ("kind == 2", true),
        ("kind == KIND_HELLO", false),
        ("flags == 16", true),
        ("host4 in {10.0.0.1, 127.0.0.1}", true),
    ] {
        let ran = run(
            folder.path(),
            &["decode", "sent.pcap", "-Y", filter, "-T", "fields", "-e", "frame"],
        );
        assert_eq!(ran.code, Some(0), "{filter}: {}", ran.stderr);
        assert_eq!(!ran.stdout.is_empty(), passes, "{filter}");
    }
}

#[test]
fn a_member_says_how_many_there_are() {
    let folder = folder(PROFILE);
    for (message, port, set, fields, error) in [
        (
            "parts",
            "7002",
            &["list=[{a: 1, b: 2}, {a: 3, b: 4}]"][..],
            json!({"n": 2, "list": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}),
            Value::Null,
        ),
        ("parts", "7002", &[], json!({"n": 0, "list": []}), Value::Null),
        (
            "parts",
            "7002",
            &["n=3", "list=[{a: 1, b: 2}]"],
            json!({"n": 3, "list": [{"a": 1, "b": 2}, {"a": 0, "b": 0}, {"a": 0, "b": 0}]}),
            Value::Null,
        ),
        ("note", "7003", &["body=hello"], json!({"n": 5, "body": "hello"}), Value::Null),
    ] {
        let ran = generate(folder.path(), message, port, set);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let found = decoded(folder.path());
        assert_eq!((&found["fields"], &found["error"]), (&fields, &error), "{set:?}");
    }
    for n in [9, 2] {
        let set = [format!("n={n}"), "body=hello".to_owned()];
        let ran = generate(folder.path(), "note", "7003", &set.each_ref().map(String::as_str));
        let said = format!("n: it says {n} where there are 5");
        assert_eq!((ran.code, ran.stderr.contains(&said)), (Some(2), true), "{}", ran.stderr);
    }
}

#[test]
fn what_does_not_go_together_is_an_error() {
    for (rule, said) in [
        (
            "flags = { show = \"ipv6\" }",
            "`show = \"ipv6\"` goes with sixteen bytes, which \"flags\" is not",
        ),
        (
            "flags = { show = \"octal\" }",
            "\"octal\" is none of raw, dec, hex, ipv4, ipv6, mac, uuid, time",
        ),
        ("kind = { enum = \"KINDS_*\" }", "the header has no enum \"KINDS_*\""),
        ("host4 = { enum = \"KIND_*\" }", "`enum = \"KIND_*\"` goes with an integer"),
        ("kind = { enum = \"KIND_*\", show = \"hex\" }", "leave out `show`"),
    ] {
        let (head, _) = PROFILE.split_once("kind =").expect("a rule");
        let folder = folder(&format!("{head}{rule}\n"));
        let ran = run(folder.path(), &["decode", "none.pcap"]);
        assert_eq!(ran.code, Some(2), "{rule}");
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains("wirereel.toml:8:"),
            "{}",
            ran.stderr
        );
    }
    let folder = folder(PROFILE);
    for (set, said) in [
        ("from=10.0.0", "from: text where an IPv4 address is needed"),
        ("seen=later", "seen: text where a time such as 2024-05-01T12:34:56Z is needed"),
        ("kind=KIND_BY", "`KIND_BY` is not in its enum; did you mean `KIND_BYE`?"),
    ] {
        let ran = generate(folder.path(), "beat", "7001", &[set]);
        assert_eq!(ran.code, Some(2), "{set}");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn raw_and_dec_leave_a_field_as_c_has_it() {
    let profile = PROFILE.replace(
        "flags = { show = \"hex\" }",
        "from = { show = \"raw\" }\nat = { show = \"dec\" }\nseen = { show = \"raw\" }\n\
         flags = { show = \"time\", time = \"ms\" }",
    );
    let folder = folder(&profile);
    let set =
        ["from.s_addr=167838211", "at=1714521600", "seen.tv_sec=1714521600", "seen.tv_usec=250000"];
    let ran = generate(folder.path(), "beat", "7001", &set);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let fields = &decoded(folder.path())["fields"];
    assert_eq!(fields["from"], json!({"s_addr": 167_838_211}));
    assert_eq!(fields["at"], json!(1_714_521_600));
    assert_eq!(fields["seen"], json!({"tv_sec": 1_714_521_600, "tv_usec": 250_000}));
    assert_eq!(fields["flags"], json!("1970-01-01T00:00:00.000Z"));
}

#[test]
fn differences_are_told_as_values_are_written() {
    let folder = folder(PROFILE);
    assert_eq!(generate(folder.path(), "beat", "7001", &SET).code, Some(0));
    fs::rename(folder.path().join("sent.pcap"), folder.path().join("first.pcap")).expect("moved");
    let others = ["from=10.1.2.4", "peer.sin_family=3", "seen=2024-05-01T00:00:01Z"];
    let kept = SET
        .into_iter()
        .filter(|it| !["from=", "peer=", "seen="].iter().any(|name| it.starts_with(name)));
    let set: Vec<_> = kept.collect();
    let set = [&set[..], &others, &["peer.sin_port=99", "peer.sin_addr=192.0.2.9"]].concat();
    let ran = generate(folder.path(), "beat", "7001", &set);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = run(folder.path(), &["diff", "first.pcap", "sent.pcap"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for line in [
        "from: expected 10.1.2.3, got 10.1.2.4",
        "peer.sin_family: expected 2, got 3",
        "seen: expected 2024-05-01T00:00:00.250000Z, got 2024-05-01T00:00:01.000000Z",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
}
