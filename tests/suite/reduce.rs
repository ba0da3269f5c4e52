//! `reduce`: of a long capture what a command needs to say the same, and nothing else.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::decode::{Dissector, Found};
use wirereel::flow::{Arrival, Flow};
use wirereel::packet::{Checksum, Transport, build};
use wirereel::profile::{Options, Protocols};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Exit code and what went to stderr.
fn reduce(args: &[&str], command: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::cargo_bin("wirereel").expect("the program is built");
    let output = program.arg("reduce").args(args).arg("--").args(command).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

/// Writes datagrams of the first lesson, from so many senders in turn.
fn grades(name: &str, senders: u16, messages: &[(&str, u32)]) -> PathBuf {
    let path = place(name);
    let mut writer = Writer::create(&path, WriteFormat::Pcap).unwrap();
    for (index, (name, math)) in (0_u32..).zip(messages) {
        let port = 40_000 + u16::try_from(index % u32::from(senders)).unwrap();
        let src: SocketAddr = ([10, 0, 0, 1], port).into();
        let mut payload = [0; 19];
        payload[..name.len()].copy_from_slice(name.as_bytes());
        payload[11..15].copy_from_slice(&math.to_be_bytes());
        payload[15..].copy_from_slice(&90_u32.to_be_bytes());
        let mut data = Vec::new();
        build::datagram(src, ([10, 0, 0, 2], 1989).into(), &payload, &mut data).unwrap();
        let time = Some(Timestamp::from_parts(1_700_000_000, u64::from(index) * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let number = u64::from(index) + 1;
        let frame = Frame { number, time, interface: 0, link_type, data: &data, orig_len };
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// Name, math and chinese of each message; every checksum is right.
fn read(path: &Path) -> Vec<(String, u64, u64)> {
    let protocols = Protocols::load(&Options { builtin: true, ..Options::default() }).unwrap();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut reader = Reader::open(path).unwrap();
    let (mut found, mut flow) = (Vec::new(), Flow::<()>::default());
    while let Some(frame) = reader.next_frame().unwrap() {
        if let Arrival::Packet(delivery) = flow.push(&frame) {
            assert_eq!(delivery.packet.checksum, Checksum::Good, "frame {}", frame.number);
        }
        dissector.push(&frame, None, &mut |it: Found<'_>| {
            if let Found::Message { captured, .. } = it {
                let of = |name| captured.message.get(name).unwrap();
                let number = |name| of(name).as_u64().unwrap();
                let name = of("name").as_str().unwrap().to_owned();
                found.push((name, number("math"), number("chinese")));
            }
        });
    }
    found
}

#[test]
fn of_ten_thousand_messages_the_one_in_the_wrong_order_is_left() {
    let mut messages = vec![("Alan", 83); 10_000];
    messages[7_654] = ("Grace", 83_u32.swap_bytes());
    for senders in [1, 500] {
        let path = grades(&format!("order{senders}.pcap"), senders, &messages);
        let out = place(&format!("order{senders}_reduced.pcap"));
        let program = cargo_bin("wirereel");
        let command = [
            program.to_str().unwrap(),
            "decode",
            "{}",
            "-Y",
            "math > 1000000",
            "-T",
            "fields",
            "-e",
            "math",
        ];
        let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--match", "[0-9]{7}"];
        let begun = Instant::now();
        let (code, stderr) = reduce(&args, &command);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        assert!(stderr.starts_with("10000 messages to 1, "), "{stderr}");
        // Of numbers the simplest that is large enough.
        assert_eq!(read(&out), [(String::new(), 0x7fff_ffff, 0)]);
    }
}

#[test]
fn two_messages_that_only_together_show_it_are_left() {
    let mut messages = vec![("Alan", 83); 2_000];
    messages[17] = ("Alpha", 1);
    messages[1_800] = ("Omega", 2);
    let path = grades("pair.pcap", 3, &messages);
    let [out, source] = [place("pair_reduced.pcap"), place("pair.c")];
    let case = place("pair_case");
    let _ = fs::remove_dir_all(&case);
    let program = cargo_bin("wirereel");
    let command = [program.to_str().unwrap(), "decode", "-T", "fields", "-e", "name"];
    let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--match", "(?s)Alpha.*Omega"];
    let more = ["--emit-c", source.to_str().unwrap(), "--case", case.to_str().unwrap()];
    let (code, stderr) = reduce(&[&args[..], &more].concat(), &command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(read(&out), [("Alpha".to_owned(), 0, 0), ("Omega".to_owned(), 0, 0)]);
    let expected = fs::read_to_string(case.join("expected.jsonl")).unwrap();
    assert_eq!(expected.lines().count(), 2);
    assert!(
        expected.contains("\"time\":\"0.000000000\"") && expected.contains("\"name\":\"Omega\"")
    );
    assert!(fs::read_to_string(case.join("test.toml")).unwrap().contains("run = \"decode\""));
    let message = |name: &str| [name.as_bytes(), &[0; 14]].concat();
    sends(&source, Transport::Udp, &[message("Alpha"), message("Omega")]);
}

/// What the client of the only conversation sends.
const FOLLOW: [&str; 5] = ["tcp:0", "-T", "raw", "--side", "client"];

/// Compiles a program without a warning, and sees what it sends.
fn sends(source: &Path, transport: Transport, wanted: &[Vec<u8>]) {
    let program = source.with_extension("");
    let args = ["-Wall", "-Wextra", "-Werror", "-o"];
    let gcc = Process::new("gcc").args(args).args([&program, source]).output().unwrap();
    assert!(gcc.status.success(), "{}", String::from_utf8_lossy(&gcc.stderr));
    let mut found = Vec::new();
    let mut buffer = [0; 2048];
    let run = |port: u16| {
        Process::new(&program)
            .args(["127.0.0.1", &port.to_string()])
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    };
    match transport {
        Transport::Udp => {
            let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut child = run(socket.local_addr().unwrap().port());
            for _ in wanted {
                let len = socket.recv(&mut buffer).unwrap();
                found.push(buffer[..len].to_vec());
            }
            assert!(child.wait().unwrap().success());
        }
        _ => {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut child = run(listener.local_addr().unwrap().port());
            let (mut stream, _) = listener.accept().unwrap();
            let mut all = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut all).unwrap();
            found.push(all);
            assert!(child.wait().unwrap().success());
        }
    }
    assert_eq!(found, wanted);
}

#[test]
fn requests_of_a_stream_are_left_out_one_by_one() {
    let path = "captures/ok_http_pipelined.pcap";
    let [out, source] = [place("pipelined_reduced.pcap"), place("pipelined.c")];
    let program = cargo_bin("wirereel");
    let program = program.to_str().unwrap();
    let targets = |capture: &str| {
        let args = ["decode", capture, "-T", "fields", "-e", "http.request.target"];
        let output = Process::new(program).args(args).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = targets(path);
    assert_eq!(all.len(), 4);
    let command = [program, "decode", "-T", "fields", "-e", "http.request.target"];
    let args = [
        path,
        "-o",
        out.to_str().unwrap(),
        "--match",
        &all[2],
        "--emit-c",
        source.to_str().unwrap(),
    ];
    let (code, stderr) = reduce(&args, &command);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains(" to 1, 1 conversations to 1"), "{stderr}");
    assert_eq!(targets(out.to_str().unwrap()), [all[2].clone()]);
    let mut follow = Process::new(program);
    let output = follow.args(["follow", out.to_str().unwrap()]).args(FOLLOW).output().unwrap();
    sends(&source, Transport::Tcp, &[output.stdout]);
}

#[test]
fn a_command_that_does_not_fail_or_start_is_named() {
    let out = place("no_failure.pcap");
    let _ = fs::remove_file(&out);
    let args = ["captures/ok_dgram_basic.pcap", "-o", out.to_str().unwrap()];
    for (more, command, expected) in [
        (&[][..], &["true"][..], "the command exits with 0; reduce needs a command that fails"),
        (&["--match", "x"], &["true"], "the command prints nothing that matches; reduce needs"),
        (&["--try-timeout", "50ms"], &["sh", "-c", "sleep 60", "{}"], "did not end within 50ms"),
        (&[], &["/no/such/program"], "cannot run /no/such/program"),
    ] {
        let (code, stderr) = reduce(&[&args[..], more].concat(), command);
        assert_eq!((code, out.exists()), (Some(2), false), "{command:?}: {stderr}");
        assert!(stderr.contains(expected) && stderr.lines().count() == 1, "{stderr}");
    }
}

#[test]
fn a_bound_ends_it_with_the_smallest_so_far() {
    let path = grades("bounded.pcap", 1, &vec![("Alan", 83); 64]);
    let out = place("bounded_reduced.pcap");
    let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--tries", "5"];
    let (code, stderr) = reduce(&args, &["false"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("ended before it was as small as it can be"), "{stderr}");
    assert_eq!(read(&out).len(), 8);
}

#[test]
fn a_command_that_says_this_and_that_is_refused() {
    let path = grades("flaky.pcap", 1, &vec![("Alan", 83); 64]);
    let [out, tried] = [place("flaky_reduced.pcap"), place("flaky_tried")];
    let _ = (fs::remove_file(&out), fs::remove_file(&tried));
    let script = format!("test -e {0} && exit 4; touch {0}; exit 3", tried.display());
    let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let (code, stderr) = reduce(&args, &["sh", "-c", &script, "{}"]);
    assert_eq!((code, out.exists()), (Some(2), false), "{stderr}");
    let said = "of the whole capture it exits with 3, then it exits with 4";
    assert!(stderr.contains(said) && stderr.lines().count() == 1, "{stderr}");
}

/// What is smallest by then is written, with exit code 130; before the first word of the command
/// there is nothing to write.
#[test]
fn ctrl_c_leaves_the_smallest_so_far() {
    let path = grades("interrupted.pcap", 1, &vec![("Alan", 83); 64]);
    for (name, tries, left) in [("late", 6, Some(8)), ("early", 1, None)] {
        let [out, count] =
            [place("interrupted_reduced.pcap"), place(&format!("interrupted_{name}"))];
        let _ = (fs::remove_file(&out), fs::remove_file(&count));
        // The command tells when it has come so far, and stays.
        let script = format!(
            "echo >> {0}; test $(wc -l < {0}) -lt {tries} || {{ echo > {0}.now; sleep 60; }}; exit 3",
            count.display()
        );
        let now = place(&format!("interrupted_{name}.now"));
        let _ = fs::remove_file(&now);
        let mut child = Process::new(cargo_bin("wirereel"))
            .args(["reduce", path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--"])
            .args(["sh", "-c", &script, "{}"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while !now.exists() {
            assert!(Instant::now() < end && child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(5));
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{stderr}");
        assert!(stderr.contains("ended before "), "{stderr}");
        assert_eq!(out.exists().then(|| read(&out).len()), left, "{stderr}");
    }
}

/// The header includes others, by a folder beside its own, and a folder of includes.
#[test]
fn a_case_has_what_its_headers_include() {
    let path = grades("included.pcap", 1, &[("Alan", 83), ("Grace", 7)]);
    let root = place("included");
    let _ = fs::remove_dir_all(&root);
    for (name, text) in [
        (
            "proto/msg.h",
            "#include \"../types/mark.h\"\n#include \"size.h\"\nstruct msg { \
          char name[SIZE]; mark math; mark chinese; } __attribute__((packed));\n",
        ),
        ("types/mark.h", "#include <stdint.h>\ntypedef uint32_t mark;\n"),
        ("more/size.h", "#define SIZE 11\n"),
    ] {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), text).unwrap();
    }
    let [out, case] = [root.join("small.pcap"), root.join("fixtures/case")];
    let [header, more] = ["proto/msg.h", "more"].map(|it| root.join(it).display().to_string());
    let rule = ["-H", &header, "-I", &more, "-d", "udp.port==1989,msg"];
    let files = [path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let made = ["--case", case.to_str().unwrap()];
    let program = cargo_bin("wirereel").display().to_string();
    let command = [&[program.as_str(), "decode", "{}", "-T", "fields", "-e", "math"], &rule[..]];
    let args = [&files[..], &rule, &made, &["--match", "^7|\n7"]].concat();
    let (code, stderr) = reduce(&args, &command.concat());
    assert_eq!(code, Some(0), "{stderr}");
    for gone in ["proto", "types", "more"] {
        fs::remove_dir_all(root.join(gone)).unwrap();
    }
    let mut test = Command::cargo_bin("wirereel").unwrap();
    let output = test.arg("test").arg(root.join("fixtures")).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(text.contains("1 passed, 0 failed, 0 skipped"), "{text}");
    let expected = fs::read_to_string(case.join("expected.jsonl")).unwrap();
    assert!(expected.contains("\"message\":\"msg\"") && expected.contains("\"math\":7"));
}

#[test]
fn what_a_command_leaves_behind_is_ended() {
    let path = grades("group.pcap", 1, &[("Alan", 83)]);
    let [out, pids] = [place("group_reduced.pcap"), place("group_pids")];
    let _ = fs::remove_file(&pids);
    let script = format!("sleep 300 & echo $! >> {}; exit 3", pids.display());
    let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let (code, stderr) = reduce(&args, &["sh", "-c", &script, "{}"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("still exits with 3"), "{stderr}");
    for pid in fs::read_to_string(&pids).unwrap().lines() {
        let state = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // What was killed may take a moment to go.
        let end = Instant::now() + Duration::from_secs(10);
        while !(state().is_empty() || state().contains(") Z ")) {
            assert!(Instant::now() < end, "{}", state());
            std::thread::yield_now();
        }
    }
}
