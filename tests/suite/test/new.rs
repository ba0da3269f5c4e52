//! `test --new`: of a capture a case that passes, and no more in it than it needs.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::fixture::draft::{Capture, Draft, DraftError};
use wirereel::fixture::{Case, Run, SuiteOptions, discover, run_suite};
use wirereel::packet::build::{self, Segment};
use wirereel::packet::{Checksum, TcpFlags};
use wirereel::profile::{Options, Protocols};
use wirereel::replay::Stop;

const HEADER: &str = "#include <stdint.h>
struct msg_st { uint8_t name[11]; uint32_t math; uint32_t chinese; } __attribute__((packed));\n";
const RULE: &str = "udp.port==1989,msg_st";

/// A folder in which a user works.
pub struct Project(tempfile::TempDir);

impl Project {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Exit code, and what went to stdout and stderr.
    pub fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let mut program = Command::cargo_bin("wirereel").expect("the program is built");
        program
            .current_dir(self.0.path())
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .arg("test")
            .args(args);
        program.envs(env.iter().copied());
        let output = program.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Makes a case, which passes then, whence it is run too. Gives what was printed.
    pub fn draft(&self, args: &[&str]) -> (String, String) {
        let (code, out, err) = self.run(args);
        assert_eq!(code, Some(0), "{args:?}\n{out}{err}");
        assert!(out.contains(": written, and it passes\n"), "{out}");
        self.passes();
        (out, err)
    }

    pub fn passes(&self) {
        for dir in ["fixtures", "./fixtures", self.path("fixtures").to_str().unwrap()] {
            let (code, out, err) = self.run(&[dir]);
            assert_eq!(code, Some(0), "{dir}\n{out}{err}");
            assert!(err.contains(" 0 failed, 0 skipped\n"), "{err}");
        }
    }

    /// All files below a folder, hidden ones too.
    pub fn files(&self, below: &str) -> Vec<String> {
        let (mut found, mut left) = (Vec::new(), vec![self.path(below)]);
        while let Some(dir) = left.pop() {
            let Ok(entries) = fs::read_dir(&dir) else { continue };
            for path in entries.map(|it| it.unwrap().path()) {
                match path.is_dir() {
                    true => left.push(path),
                    false => {
                        let path = path.strip_prefix(self.path(below)).unwrap();
                        found.push(path.to_str().unwrap().to_owned());
                    }
                }
            }
        }
        found.sort();
        found
    }

    pub fn expected(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

/// Frames that are to be captured.
#[derive(Default)]
pub struct Frames(pub Vec<Vec<u8>>);

impl Frames {
    pub fn datagram(&mut self, ports: [u16; 2], payload: &[u8]) -> &mut Self {
        let [src, dst] = ends(ports);
        let mut frame = Vec::new();
        build::datagram(src, dst, payload, &mut frame).unwrap();
        self.0.push(frame);
        self
    }

    /// Of the first lesson.
    pub fn grade(&mut self, name: &str, math: u32) -> &mut Self {
        self.datagram([40_000, 1989], &grade(name, math))
    }

    /// A conversation: handshake, what each side says in turn, close.
    pub fn conversation(&mut self, ports: [u16; 2], says: &[(bool, &[u8])]) -> &mut Self {
        let [client, server] = ends(ports);
        let mut next = [1_000_u32, 4_294_967_290];
        let mut segment = |from_client: bool, flags: TcpFlags, payload: &[u8]| {
            let own = usize::from(!from_client);
            let (seq, ack) = (next[own], next[1 - own]);
            let flags = TcpFlags { ack: !(flags.syn && from_client), ..flags };
            let (src, dst) = if from_client { (client, server) } else { (server, client) };
            let mut frame = Vec::new();
            build::segment(src, dst, &Segment { seq, ack, flags, payload }, &mut frame).unwrap();
            let len = payload.len() as u32 + u32::from(flags.syn || flags.fin);
            next[own] = seq.wrapping_add(len);
            self.0.push(frame);
        };
        let syn = TcpFlags { syn: true, ..TcpFlags::default() };
        let fin = TcpFlags { fin: true, ..TcpFlags::default() };
        segment(true, syn, b"");
        segment(false, syn, b"");
        segment(true, TcpFlags::default(), b"");
        for (from_client, bytes) in says {
            segment(*from_client, TcpFlags::default(), bytes);
        }
        segment(true, fin, b"");
        segment(false, fin, b"");
        self
    }

    pub fn write(&self, path: &Path, format: WriteFormat) {
        let mut writer = Writer::create(path, format).unwrap();
        for (number, data) in (1_u64..).zip(&self.0) {
            let time = Some(Timestamp::from_parts(1_700_000_000, number * 1_000_000));
            let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
            writer.write(&Frame { number, time, interface: 0, link_type, data, orig_len }).unwrap();
        }
        writer.finish().unwrap();
    }

    pub fn pcap(&self, project: &Project, name: &str) {
        self.write(&project.path(name), WriteFormat::Pcap);
    }
}

fn ends(ports: [u16; 2]) -> [SocketAddr; 2] {
    [([10, 0, 0, 1], ports[0]).into(), ([10, 0, 0, 2], ports[1]).into()]
}

pub fn grade(name: &str, math: u32) -> Vec<u8> {
    let mut payload = vec![0; 19];
    payload[..name.len()].copy_from_slice(name.as_bytes());
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload[15..].copy_from_slice(&90_u32.to_be_bytes());
    payload
}

/// How many frames a capture has.
fn count(path: &Path) -> usize {
    let mut reader = Reader::open(path).unwrap();
    let mut count = 0;
    while reader.next_frame().unwrap().is_some() {
        count += 1;
    }
    count
}

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn from_a_fresh_capture_to_a_case_in_three_commands() {
    let project = Project::new();
    project.write("proto.h", HEADER);
    let mut frames = Frames::default();
    frames.datagram([50_000, 53], b"\x12\x34 a name that nobody decodes");
    frames.grade("Alan", 83).datagram([40_000, 2000], b"noise").grade("Grace", 100);
    frames.pcap(&project, "capture.pcap");

    let args = ["--new", "grades", "capture.pcap", "-H", "proto.h", "-d", RULE];
    let (out, err) = project.draft(&args);
    assert_eq!(
        out,
        "fixtures/grades: written, and it passes
  capture.pcap    2 of 4 frames, 178 bytes
  expected.jsonl  2 messages
  proto.h
  test.toml
next: wirereel test --name grades
      git add fixtures/grades
"
    );
    assert_eq!(err, "");
    let own: Vec<_> = project.files("fixtures");
    let all = ["capture.pcap", "expected.jsonl", "proto.h", "test.toml"];
    assert_eq!(own, all.map(|it| format!("grades/{it}")));
    assert_eq!(project.read("fixtures/grades/proto.h"), HEADER);
    let toml = project.read("fixtures/grades/test.toml");
    let keys: Vec<_> = toml.lines().filter(|it| !it.starts_with('#') && !it.is_empty()).collect();
    assert_eq!(
        keys,
        [
            "capture = \"capture.pcap\"",
            "run = \"decode\"",
            "header = \"proto.h\"",
            "decode_as = \"udp.port==1989,msg_st\""
        ]
    );
    let lines = project.expected("fixtures/grades/expected.jsonl");
    let math: Vec<_> = lines.iter().map(|it| it["fields"]["math"].as_u64().unwrap()).collect();
    assert_eq!(math, [83, 100]);

    // The next commands are those that are printed.
    let (code, _, err) = project.run(&["--name", "grades"]);
    assert_eq!((code, err.as_str()), (Some(0), "1 passed, 0 failed, 0 skipped\n"));

    // One byte of the capture: math of the second message.
    let path = project.path("fixtures/grades/capture.pcap");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).rposition(|it| it == 100_u32.to_be_bytes()).unwrap();
    bytes[at + 3] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (code, out, err) = project.run(&[]);
    assert_eq!(code, Some(1));
    assert!(out.starts_with("FAIL grades "), "{out}");
    assert!(
        out.ends_with(
            ": 1 difference\n  frame 2, msg_st\n    fields.math: expected 100, got 101\n"
        ),
        "{out}"
    );
    assert_eq!(err, "0 passed, 1 failed, 0 skipped\n");
}

#[test]
fn a_stream_keeps_its_handshake_and_close_and_nothing_else() {
    let project = Project::new();
    project.write(
        "proto.h",
        "#include <stdint.h>\nstruct rec { uint16_t no; char who[6]; } __attribute__((packed));\n",
    );
    let mut frames = Frames::default();
    frames.datagram([1, 2], b"noise").conversation([40_001, 9999], &[(true, &b"opaque"[..])]);
    // Records do not end where segments do.
    let says: [(bool, &[u8]); 3] =
        [(true, b"\x00\x01Alan\0"), (true, b"\0\x00\x02Gra"), (true, b"ce\0\x00\x03Linus\0")];
    frames.conversation([40_002, 7000], &says).grade("Alan", 1);
    frames.pcap(&project, "c.pcap");
    let args =
        ["cases", "--new", "deep/er/stream", "c.pcap", "-H", "proto.h", "-d", "tcp.port==7000,rec"];
    let (code, out, err) = project.run(&args);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("  c.pcap          8 of 16 frames, "), "{out}");
    assert!(out.contains("next: wirereel test cases --name deep/er/stream\n"), "{out}");
    assert_eq!(err, "left out: 1 message of dgram-basic, whose traffic no -d names\n");
    let lines = project.expected("cases/deep/er/stream/expected.jsonl");
    let who: Vec<_> = lines.iter().map(|it| it["fields"]["who"].as_str().unwrap()).collect();
    assert_eq!(who, ["Alan", "Grace", "Linus"]);
    assert_eq!(lines[0]["stream"], 0, "it is the only one");
    assert_eq!(project.run(&["cases"]).0, Some(0));
}

#[test]
fn http_is_decoded_without_a_header() {
    let project = Project::new();
    let (ask, answer): (&[u8], &[u8]) =
        (b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n");
    let mut frames = Frames::default();
    frames.conversation([40_001, 8080], &[(true, ask), (false, answer)]);
    frames.conversation([40_002, 8080], &[(true, ask), (false, answer)]);
    frames.datagram([1, 2], b"noise");
    frames.pcap(&project, "web.pcap");
    let (out, _) = project.draft(&["--new", "web", "web.pcap"]);
    assert!(out.contains("14 of 15 frames") && out.contains("4 messages"), "{out}");
    let filter = "tcp.srcport == 40002 && http.request.method == \"GET\"";
    let (out, err) = project.draft(&["--new", "web2", "web.pcap", "-Y", filter]);
    assert!(out.contains("7 of 15 frames") && out.contains("1 message\n"), "{out}");
    assert_eq!(err, "");
    let toml = project.read("fixtures/web2/test.toml");
    assert!(
        toml.contains("filter = \"tcp.srcport == 40002 && http.request.method == \\\"GET\\\"\"")
    );
    // Numbers of conversations are others in the piece.
    let (_, err) = project.draft(&["--new", "web3", "web.pcap", "-Y", "tcp.stream == 1"]);
    assert!(err.starts_with("left out of test.toml: -Y 'tcp.stream == 1', which asks"), "{err}");
    assert!(!project.read("fixtures/web3/test.toml").contains("filter"));
    assert_eq!(count(&project.path("fixtures/web3/web.pcap")), 7);
}

#[test]
fn headers_are_copied_with_what_they_include() {
    let project = Project::new();
    project.write("src/wire/proto.h", "#include \"../common/types.h\"\n#include \"sub/../limits.h\"\n#include \"net/order.h\"\nstruct msg_st { name_t name[NAMES]; u32 math; u32 chinese; } PACKED;\n");
    project.write("src/wire/sub/unused.h", "");
    project.write(
        "src/common/types.h",
        "#pragma once\n#include \"more.h\"\n#include <stdint.h>\ntypedef uint8_t name_t;\n",
    );
    project.write("src/common/more.h", "#define PACKED __attribute__((packed))\n");
    project.write("src/wire/limits.h", "#define NAMES SIZE\n");
    project.write("sdk/include/net/order.h", "#include \"order_types.h\"\n");
    project.write("sdk/include/net/order_types.h", "#include <stdint.h>\ntypedef uint32_t u32;\n");
    project.write("sdk/include/net/unread.h", "");
    project.write("other/unused.h", "");
    let mut frames = Frames::default();
    frames.grade("Alan", 83).pcap(&project, "c.pcap");
    let args = [
        "--new",
        "grades",
        "c.pcap",
        "-H",
        "src/wire/proto.h",
        "-I",
        "other",
        "-I",
        "sdk/include",
        "-D",
        "SIZE=11",
        "-D",
        "FLAG",
        "-d",
        RULE,
        "--abi",
        "i386",
        "--byte-order",
        "big",
        "--no-builtin",
    ];
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/grades");
    assert_eq!(
        own,
        [
            "c.pcap",
            "common/more.h",
            "common/types.h",
            "expected.jsonl",
            "include/net/order.h",
            "include/net/order_types.h",
            "test.toml",
            "wire/limits.h",
            "wire/proto.h",
            "wire/sub/.gitkeep",
        ]
    );
    let toml = project.read("fixtures/grades/test.toml");
    for line in [
        "header = \"wire/proto.h\"",
        "include_dirs = \"include\"",
        "define = [\"SIZE=11\", \"FLAG\"]",
        "abi = \"i386\"",
        "byte_order = \"big\"",
        "builtin = false",
    ] {
        assert!(toml.lines().any(|it| it == line), "{line}\n{toml}");
    }
    // The project may go.
    fs::remove_dir_all(project.path("src")).unwrap();
    fs::remove_dir_all(project.path("sdk")).unwrap();
    project.passes();
}

#[test]
fn what_is_included_by_its_whole_path_cannot_be_copied() {
    let project = Project::new();
    let types = project.write("types.h", HEADER);
    project.write("proto.h", format!("#include \"{}\"\n", types.display()));
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    let (code, _, err) = project.run(&["--new", "one", "c.pcap", "-H", "proto.h", "-d", RULE]);
    assert_eq!(code, Some(2));
    assert!(err.contains("types.h is included by its whole path"), "{err}");
    assert!(!project.path("fixtures").exists());
}

#[test]
fn noise_around_a_message_is_no_reason_to_keep_it() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83);
    // A host that belongs to the group that it sends to, on another port.
    let group: SocketAddr = ([239, 1, 2, 3], 1900).into();
    let mut noise = Vec::new();
    build::datagram(([10, 0, 0, 1], 1900).into(), group, b"noise", &mut noise).unwrap();
    frames.0.push(joins([239, 1, 2, 3]));
    frames.0.push(noise);
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "one", "c.pcap"]);
    assert!(out.contains("1 of 3 frames"), "{out}");
    // Of the group that a message is sent to it is kept.
    let mut message = Vec::new();
    let group = ([239, 1, 2, 3], 1989).into();
    build::datagram(([10, 0, 0, 1], 40_000).into(), group, &grade("Alan", 83), &mut message)
        .unwrap();
    frames.0[0] = message;
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "two", "c.pcap"]);
    assert!(out.contains("2 of 3 frames"), "{out}");
}

/// A report that 10.0.0.1 is a member of a group: IGMPv2 (RFC 2236), in a frame of Ethernet.
fn joins(group: [u8; 4]) -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let words = bytes.chunks(2).map(|it| u32::from(it[0]) << 8 | u32::from(it[1]));
        let sum = words.sum::<u32>();
        (!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes()
    };
    let mut igmp = [&[0x16, 0, 0, 0][..], &group].concat();
    let own = sum(&igmp);
    igmp[2..4].copy_from_slice(&own);
    let mut ip = [&[0x45, 0, 0, 28, 0, 1, 0, 0, 1, 2, 0, 0, 10, 0, 0, 1][..], &group].concat();
    let own = sum(&ip);
    ip[10..12].copy_from_slice(&own);
    let ethernet = [1, 0, 0x5e, 1, 2, 3, 2, 0, 0, 0, 0, 1, 8, 0];
    [&ethernet[..], &ip, &igmp].concat()
}

#[test]
fn several_headers_keep_what_tells_them_apart() {
    let project = Project::new();
    project.write("a/proto.h", format!("#include \"types.h\"\n{HEADER}"));
    project.write("a/types.h", "#define A 1\n");
    project.write("b/proto.h", "#include \"types.h\"\nstruct msg_st { char c[B]; };\n");
    project.write("b/types.h", "#define B 3\n");
    project.write("c/other.h", "struct other { char x[2]; };\n");
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([40_000, 7], b"abc").datagram([40_000, 8], b"xy");
    frames.pcap(&project, "c.pcap");
    let headers = ["-H", "a/proto.h", "-H", "b/proto.h", "-H", "c/other.h"];
    let rules = [
        "-d",
        "udp.port==1989,a/proto.h:msg_st",
        "-d",
        "udp.port==7,b/proto.h:msg_st",
        "-d",
        "udp.port==8,other",
    ];
    let args = [&["--new", "both", "c.pcap"][..], &headers, &rules].concat();
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/both");
    for name in ["a/proto.h", "a/types.h", "b/proto.h", "b/types.h", "c/other.h"] {
        assert!(own.contains(&name.to_owned()), "{own:?}");
    }
    let lines = project.expected("fixtures/both/expected.jsonl");
    let names: Vec<_> = lines.iter().map(|it| it["protocol"].as_str().unwrap()).collect();
    assert_eq!(names, ["a/proto.h:msg_st", "b/proto.h:msg_st", "other"]);
    // Those that are told apart by their names lie beside the case.
    let args = [
        "--new",
        "flat",
        "c.pcap",
        "-H",
        "a/proto.h",
        "-H",
        "c/other.h",
        "-d",
        "udp.port==8,other.h:other",
    ];
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/flat");
    assert_eq!(own, ["c.pcap", "expected.jsonl", "other.h", "proto.h", "test.toml", "types.h"]);
}

#[test]
fn a_profile_names_its_headers_where_they_lie() {
    let project = Project::new();
    project.write("include/proto.h", HEADER);
    let profile = "# Kept.\n[[protocol]]\nname = \"grades\" # and this\nheader = \"../include/proto.h\"\nmessage = \"msg_st\"\ndecode_as = [\"udp.port==1989\"]\nbyte_order = \"big\"\n";
    project.write("etc/grades.toml", profile);
    let mut frames = Frames::default();
    frames.grade("Alan", 83).pcap(&project, "c.pcap");
    project.draft(&["--new", "one", "c.pcap", "--profile", "etc/grades.toml"]);
    let expected = profile.replace("../include/proto.h", "proto.h");
    assert_eq!(project.read("fixtures/one/grades.toml"), expected);
    assert!(project.read("fixtures/one/test.toml").contains("profile = \"grades.toml\"\n"));
    assert_eq!(project.expected("fixtures/one/expected.jsonl")[0]["protocol"], "grades");
    // The profile of the working directory.
    project.write("wirereel.toml", profile.replace("../include", "include"));
    project.draft(&["--new", "two", "c.pcap"]);
    fs::remove_dir_all(project.path("include")).unwrap();
    project.passes();
}

#[test]
fn each_format_is_read_and_what_names_the_host_is_gone() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([1, 2], b"noise");
    frames.write(&project.path("plain.pcapng"), WriteFormat::Pcapng);
    let plain = fs::read(project.path("plain.pcapng")).unwrap();
    project.write("told.pcapng", telling(&plain));
    project.draft(&["--new", "told", "told.pcapng"]);
    let kept = fs::read(project.path("fixtures/told/told.pcapng")).unwrap();
    for secret in ["secrethost", "eth-secret", "keylog", "a comment"] {
        let bytes = secret.as_bytes();
        assert!(telling(&plain).windows(bytes.len()).any(|it| it == bytes), "{secret}");
        assert!(!kept.windows(bytes.len()).any(|it| it == bytes), "{secret}");
    }
    for (capture, own) in [
        ("ok_dgram_basic.pcap.gz", "ok_dgram_basic.pcap"),
        ("ok_dgram_basic.pcap.zst", "ok_dgram_basic.pcap"),
        ("ok_dgram_basic.pcapng", "ok_dgram_basic.pcapng"),
        ("ok_dgram_basic_nano.pcap", "ok_dgram_basic_nano.pcap"),
        ("ok_dgram_basic_sll2.pcap", "ok_dgram_basic_sll2.pcap"),
    ] {
        let path = repository("captures").join(capture);
        project.draft(&["--new", capture, path.to_str().unwrap()]);
        assert!(project.path(&format!("fixtures/{capture}/{own}")).is_file(), "{capture}");
    }
    let magic = |name: &str| fs::read(project.path(name)).unwrap()[..4].to_vec();
    let nano = magic("fixtures/ok_dgram_basic_nano.pcap/ok_dgram_basic_nano.pcap");
    assert_eq!(nano, 0xa1b2_3c4d_u32.to_le_bytes(), "nanoseconds stay");
}

/// A pcapng file with all that it may tell of the machine: options of the section, of the interface and of
/// frames, and secrets.
fn telling(plain: &[u8]) -> Vec<u8> {
    let option = |code: u16, text: &str| {
        let mut bytes = [code.to_le_bytes(), (text.len() as u16).to_le_bytes()].concat();
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    let block = |kind: &[u8], body: Vec<u8>| {
        let len = (body.len() as u32 + 12).to_le_bytes();
        [kind, &len, &body, &len].concat()
    };
    let (mut told, mut at) = (Vec::new(), 0);
    while let Some(head) = plain.get(at..at + 8) {
        let len = u32::from_le_bytes(head[4..].try_into().unwrap()) as usize;
        let mut body = plain[at + 8..at + len - 4].to_vec();
        match head[..4] {
            [0x0a, 0x0d, 0x0d, 0x0a] => {
                body.extend(
                    [option(2, "secrethost cpu"), option(4, "secrethost dumpcap")].concat(),
                );
                body.extend([0; 4]);
            }
            [1, 0, 0, 0] => {
                body.truncate(8);
                body.extend([9, 0, 1, 0, 9, 0, 0, 0]);
                body.extend(
                    [option(2, "eth-secret"), option(12, "secrethost os"), vec![0; 4]].concat(),
                );
            }
            [6, 0, 0, 0] => body.extend([option(1, "a comment"), vec![0; 4]].concat()),
            _ => {}
        }
        told.extend(block(&head[..4], body));
        if head[..4] == [1, 0, 0, 0] {
            let secrets = [&0x544c_534b_u32.to_le_bytes()[..], &8_u32.to_le_bytes(), b"keylog\0\0"];
            told.extend(block(&[0x0a, 0, 0, 0], secrets.concat()));
        }
        at += len;
    }
    told
}

#[test]
fn what_fills_up_frames_is_left_out() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.datagram([40_000, 1989], &grade("Alan", 83)[..4]).grade("Grace", 100);
    frames.0[0].extend(b"leaked memory");
    let says: [(bool, &[u8]); 1] = [(true, b"GET / HTTP/1.0\r\n\r\n")];
    frames.conversation([40_001, 80], &says).pcap(&project, "c.pcap");
    project.write("proto.h", HEADER);
    let rules = ["-H", "proto.h", "-d", RULE, "-d", "tcp.port==80,http"];
    project.draft(&[&["--new", "one", "c.pcap"][..], &rules].concat());
    let mut reader = Reader::open(&project.path("fixtures/one/c.pcap")).unwrap();
    let mut flow = wirereel::flow::Flow::<()>::default();
    let mut lens = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        assert_eq!(frame.data.len(), frame.orig_len as usize);
        lens.push(frame.data.len());
        let wirereel::flow::Arrival::Packet(delivery) = flow.push(&frame) else { panic!() };
        assert_eq!(delivery.packet.checksum, Checksum::Good);
    }
    assert_eq!(lens[..2], [14 + 20 + 8 + 4, 14 + 20 + 8 + 19]);
    let bytes = fs::read(project.path("fixtures/one/c.pcap")).unwrap();
    assert!(!bytes.windows(6).any(|it| it == b"leaked"));
}

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

#[test]
fn a_capture_cut_short_is_a_case_of_what_came_before() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).grade("Grace", 100).pcap(&project, "whole.pcap");
    let bytes = fs::read(project.path("whole.pcap")).unwrap();
    project.write("c.pcap", &bytes[..bytes.len() - 5]);
    let (code, out, err) = project.run(&["--new", "one", "c.pcap"]);
    assert_eq!(code, Some(2), "as of decode");
    assert!(out.contains("1 of 1 frames"), "{out}");
    assert!(err.contains("the case is made of what came before"), "{err}");
    assert!(err.contains("c.pcap"), "{err}");
    project.passes();
    // Nothing came before.
    project.write("c.pcap", &bytes[..30]);
    let (code, _, err) = project.run(&["--new", "two", "c.pcap"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("none of its 0 frames holds a message ("), "{err}");
    assert!(!project.path("fixtures/two").exists());
}

#[test]
fn many_messages_are_described() {
    let project = Project::new();
    let mut frames = Frames::default();
    for math in 0..3000 {
        frames.grade("Alan", math % 101).datagram([1, 2], b"noise");
    }
    frames.pcap(&project, "c.pcap");
    let (out, _) = project.draft(&["--new", "many", "c.pcap"]);
    assert!(out.contains("3000 of 6000 frames"), "{out}");
    assert!(out.contains("  test.toml  3000 messages, described by [[expect]]\n"), "{out}");
    assert_eq!(project.files("fixtures/many"), ["c.pcap", "test.toml"]);
    let toml = project.read("fixtures/many/test.toml");
    for line in [
        "count = 3000",
        "at_least = { \"fields.math\" = 0 }",
        "at_most = { \"fields.math\" = 100 }",
        "absent = [\"error\"]",
    ] {
        assert!(toml.lines().any(|it| it == line), "{line}\n{toml}");
    }
    assert!(toml.contains("\"fields.chinese\" = 90"), "{toml}");
    // A value that leaves its range is seen.
    let path = project.path("fixtures/many/c.pcap");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|it| it == 100_u32.to_be_bytes()).unwrap();
    bytes[at] = 1;
    fs::write(&path, bytes).unwrap();
    let (code, out, _) = project.run(&[]);
    assert_eq!(code, Some(1));
    assert!(out.contains("count: expected 3000, got 2999, of 3000 in all"), "{out}");
    assert!(out.contains("fields.math: expected at most 100, got 16777316"), "{out}");
}

#[test]
fn findings_are_a_run_of_their_own() {
    let project = Project::new();
    let capture = repository("captures/bug_dgram_basic_nohtonl.pcap");
    let (out, _) = project.draft(&["--new", "bug", capture.to_str().unwrap()]);
    let toml = project.read("fixtures/bug/test.toml");
    assert!(toml.contains("[[run]]\nname = \"messages\"\nrun = \"decode\"\n"), "{toml}");
    assert!(toml.contains("[[run]]\nname = \"findings\"\nrun = \"check\"\n"), "{toml}");
    let findings = project.expected("fixtures/bug/expected.findings.jsonl");
    assert!(findings.iter().any(|it| it["code"] == "byte-order"), "{findings:?}");
    assert!(out.contains(&format!(" {} findings\n", findings.len())), "{out}");
}

#[test]
fn what_was_written_is_told_as_json_too() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).datagram([1, 2], b"noise").pcap(&project, "c.pcap");
    let (code, out, err) = project.run(&["--new", "one", "c.pcap", "-T", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let line: Value = serde_json::from_str(&out).unwrap();
    let expected = serde_json::json!({"name": "one", "dir": "fixtures/one", "files": ["c.pcap", "expected.jsonl",
        "test.toml"], "frames": {"kept": 1, "of": 2}, "messages": 1, "findings": null, "whole": true});
    assert_eq!(line, expected);
    let (code, out, _) = project.run(&["--new", "it's two", "c.pcap", "-q"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    let (out, _) = project.draft(&["--new", "it's 3", "c.pcap"]);
    assert!(out.contains("next: wirereel test --name 'it'\\''s 3'\n"), "{out}");
}

#[test]
fn a_capture_may_come_through_a_pipe() {
    let project = Project::new();
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    let mut program = std::process::Command::new(assert_cmd::cargo::cargo_bin("wirereel"));
    program.current_dir(project.path("")).args(["test", "--new", "one", "-"]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let bytes = fs::read(project.path("c.pcap")).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(project.files("fixtures/one"), ["capture.pcap", "expected.jsonl", "test.toml"]);
    project.passes();
}

#[test]
fn what_is_shared_can_be_redacted() {
    let project = Project::new();
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([40_000, 9], b"opaque");
    frames.grade("Alan", 84).pcap(&project, "c.pcap");
    let (_, err) = project.draft(&["--new", "one", "c.pcap", "--redact"]);
    assert!(err.starts_with("redacted: "), "{err}");
    let bytes = fs::read(project.path("fixtures/one/c.pcap")).unwrap();
    for original in [&b"Alan"[..], &[10, 0, 0, 1], &[10, 0, 0, 2]] {
        assert!(!bytes.windows(original.len()).any(|it| it == original), "{original:?}");
    }
    let lines = project.expected("fixtures/one/expected.jsonl");
    let math: Vec<_> = lines.iter().map(|it| it["fields"]["math"].as_u64().unwrap()).collect();
    assert_eq!(math, [83, 84], "numbers stay");
    assert_eq!(lines[0]["fields"]["name"], lines[1]["fields"]["name"]);
    assert!(!project.path("fixtures/one/.original").exists());
    // The text that the filter asks for is another one now: the capture holds nothing else.
    let (_, err) = project.draft(&["--new", "two", "c.pcap", "--redact", "-Y", "name == \"Alan\""]);
    assert!(err.contains("left out of test.toml: -Y"), "{err}");
}

#[test]
fn every_bundled_capture_can_be_a_case() {
    let root = tempfile::tempdir().unwrap();
    let (mut drafted, mut without) = (0, Vec::new());
    let mut draft = |name: &str, path: &Path, options: &Options, filter: Option<&str>| {
        let protocols = Protocols::load(options).unwrap();
        let draft = Draft { name, options, protocols: &protocols, filter, redaction: None };
        let capture = Capture { path, open: &|| Reader::open(path) };
        match draft.write(root.path(), &capture, &Stop::default()) {
            Ok(case) => {
                drafted += 1;
                assert!(case.frames[0] <= case.frames[1], "{name}");
                assert_eq!(count(&case.dir.join(&case.capture)) as u64, case.frames[0], "{name}");
            }
            Err(DraftError::Nothing { .. }) => without.push(name.to_owned()),
            Err(error) => panic!("{name}: {error}"),
        }
    };
    // By the rules of each case.
    let fixtures = repository("fixtures");
    for dir in discover(&fixtures).unwrap() {
        let case = Case::load(&fixtures, &dir).unwrap();
        let Some(trial) = case.trials.iter().find(|it| matches!(it.run, Run::Decode | Run::Check))
        else {
            continue;
        };
        let Some(capture) = &trial.capture else { continue };
        draft(&case.name, capture, &trial.protocols, trial.filter.as_deref());
    }
    // By what is built in.
    for entry in fs::read_dir(repository("captures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.contains(".pcap") {
            draft(&format!("builtin/{name}"), &path, &Options::default(), None);
        }
    }
    assert!(drafted >= 150, "{drafted}, none of {without:?}");
    let cases = discover(root.path()).unwrap();
    assert_eq!(cases.len(), drafted);
    let mut failed = Vec::new();
    let totals = run_suite(root.path(), &cases, &SuiteOptions::default(), &mut |report| {
        if !matches!(report.verdict, wirereel::fixture::Verdict::Passed) {
            failed.push(format!("{}: {:?}", report.name, report.verdict));
        }
    });
    assert!(failed.is_empty() && totals.passed as usize >= drafted, "{failed:#?}");
}
