//! `redact`: nothing of what was planted is left, and everything else is as it was.

mod forms;
mod links;
mod planted;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use wirereel::capture::{LinkType, Reader, Timestamp, WriteFormat};
use wirereel::decode::{Dissector, Found, Summary};
use wirereel::packet::Checksum;
use wirereel::profile::{Options, Protocols};

use planted::{Planted, grade, planted};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Exit code and what went to stderr.
fn redact(args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    let output = command.arg("redact").args(args).output().expect("the program runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

fn summary(capture: &Path) -> Summary {
    let protocols = Protocols::load(&Options { builtin: true, ..Options::default() }).unwrap();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut reader = Reader::open(capture).unwrap();
    while let Ok(Some(frame)) = reader.next_frame() {
        dissector.push(&frame, None, &mut |_: Found<'_>| ());
    }
    dissector.finish(&mut |_: Found<'_>| ())
}

/// Number, time, length and length on the wire of each frame.
fn shape(capture: &Path) -> Vec<(u64, Option<Timestamp>, usize, u32)> {
    let mut reader = Reader::open(capture).unwrap();
    let mut shape = Vec::new();
    while let Ok(Some(frame)) = reader.next_frame() {
        shape.push((frame.number, frame.time, frame.data.len(), frame.orig_len));
    }
    shape
}

#[test]
fn every_bundled_capture_is_the_same_to_decode_and_check() {
    let mut redacted = 0;
    for entry in fs::read_dir("captures").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.contains(".pcap") {
            continue;
        }
        let out = place(&format!("redacted_{name}.pcap"));
        let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--blank-unknown"];
        let (code, stderr) = redact(&args);
        assert_eq!(code, Some(0), "{name}: {stderr}");
        assert_eq!(summary(&path), summary(&out), "{name}");
        assert_eq!(shape(&path), shape(&out), "{name}");
        redacted += 1;
    }
    assert!(redacted >= 60, "{redacted}");
}

#[test]
fn nothing_planted_is_left() {
    let (capture, names) = planted();
    for format in [WriteFormat::Pcap, WriteFormat::PcapNs, WriteFormat::Pcapng] {
        let path = capture.write(&format!("planted_{format:?}.pcap"), format);
        let out = place(&format!("planted_{format:?}_redacted.pcap"));
        let (code, stderr) = redact(&[path.to_str().unwrap(), "-o", out.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{stderr}");
        let (before, after) = (fs::read(&path).unwrap(), fs::read(&out).unwrap());
        let has = |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).any(|it| it == name);
        let searched = names.iter().filter(|it| has(&before, it)).count();
        assert!(searched >= 20, "of {} names only {searched} are in the capture", names.len());
        for name in &names {
            assert_eq!(forms::found(&after, name), None, "{format:?}: {}", name.escape_ascii());
        }
        assert_eq!(before.len(), after.len());
        assert_eq!(shape(&path), shape(&out));
        let formats = [&path, &out].map(|it| Reader::open(it).unwrap().format());
        assert_eq!(formats[0], formats[1]);
        // What is not about people stays.
        for kept in ["HTTP/1.1 200 OK", "Basic ", "sid=", "&page=", "Content-Length: 43", "9;x=1"] {
            assert!(has(&after, kept.as_bytes()), "{kept}");
        }
    }
}

#[test]
fn checksums_stay_right_and_wrong_ones_wrong() {
    let (mut capture, _) = planted();
    capture.datagram("81.2.69.142:40003", "81.2.69.160:1989", &grade(b"Wrong", 1));
    let last = capture.frames.len() - 1;
    // The sum is off by one; then that of the pseudo-header alone, as offload leaves it.
    capture.frames[last].1[41] ^= 1;
    let mut offloaded = capture.frames[0].1.clone();
    let sum =
        offloaded[26..34].chunks(2).map(|it| u32::from(it[0]) << 8 | u32::from(it[1])).sum::<u32>()
            + 17
            + 27;
    offloaded[40..42].copy_from_slice(&((sum & 0xffff) as u16 + (sum >> 16) as u16).to_be_bytes());
    capture.frames.push((LinkType::Ethernet, offloaded));
    let path = capture.write("sums.pcap", WriteFormat::Pcap);
    let out = place("sums_redacted.pcap");
    let (code, stderr) = redact(&[path.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{stderr}");
    let (before, after) = (checksums(&path), checksums(&out));
    assert_eq!(before, after);
    for (checksum, count) in [(Checksum::Bad, 1), (Checksum::Offloaded, 1)] {
        assert_eq!(after.iter().filter(|it| **it == checksum).count(), count, "{checksum:?}");
    }
    assert!(after.iter().filter(|it| **it == Checksum::Good).count() > 10);
}

fn checksums(path: &Path) -> Vec<Checksum> {
    let mut flow = wirereel::flow::Flow::<()>::default();
    let mut reader = Reader::open(path).unwrap();
    let mut found = Vec::new();
    while let Ok(Some(frame)) = reader.next_frame() {
        if let wirereel::flow::Arrival::Packet(delivery) = flow.push(&frame) {
            found.push(delivery.packet.checksum);
        }
    }
    found
}

#[test]
fn one_key_gives_one_result_and_another_another() {
    let path = "captures/ok_dgram_basic.pcap";
    let of = |name: &str, key: Option<&str>| {
        let out = place(name);
        let mut args = vec![path, "-o", out.to_str().unwrap()];
        args.extend(key.map(|it| ["--key", it]).into_iter().flatten());
        let (code, stderr) = redact(&args);
        assert_eq!(code, Some(0), "{stderr}");
        fs::read(&out).unwrap()
    };
    let one = of("key1.pcap", Some(KEY));
    assert_eq!(one, of("key2.pcap", Some(KEY)));
    assert_ne!(one, of("key3.pcap", None));
    assert_ne!(of("key4.pcap", None), of("key5.pcap", None));
}

#[test]
fn fields_are_replaced_or_kept_by_name() {
    let out = place("named.pcap");
    let args = ["captures/ok_dgram_basic.pcap", "-o", out.to_str().unwrap(), "--key", KEY];
    let names = |more: &[&str]| {
        let (code, stderr) = redact(&[&args, more].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let protocols = Protocols::load(&Options { builtin: true, ..Options::default() }).unwrap();
        let mut dissector = Dissector::new(&protocols, false).unwrap();
        let mut reader = Reader::open(&out).unwrap();
        let mut found = Vec::new();
        while let Some(frame) = reader.next_frame().unwrap() {
            dissector.push(&frame, None, &mut |it: Found<'_>| {
                if let Found::Message { captured, .. } = it {
                    let of = |name| captured.message.get(name).unwrap();
                    let name = of("name").as_str().unwrap().to_owned();
                    found.push((name, of("math").as_u64().unwrap()));
                }
            });
        }
        found
    };
    let usual = names(&[]);
    assert_eq!(usual.iter().map(|it| it.1).collect::<Vec<_>>(), [83, 100, 0]);
    assert_eq!(usual.iter().map(|it| it.0.len()).collect::<Vec<_>>(), [4, 5, 0]);
    assert!(usual[0].0 != "Alan" && usual[0].0.starts_with(|it: char| it.is_ascii_uppercase()));
    assert_eq!(names(&["--keep", "msg_st.name"])[0], ("Alan".to_owned(), 83));
    let named = names(&["--field", "math", "--keep", "name"]);
    assert_eq!(named[0].0, "Alan");
    assert_ne!(named[0].1, 83);
}

#[test]
fn what_nothing_decodes_is_refused_by_name() {
    // Of its own: what other tests are writing is no leftover of these.
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("refused.pcap");
    let mut capture = Planted { frames: Vec::new() };
    capture.datagram("81.2.69.142:40000", "81.2.69.160:1989", &grade(b"Alan", 83));
    capture.datagram("81.2.69.142:40000", "81.2.69.160:5353", b"intranet.example");
    capture.frames.push((LinkType::Ethernet, [&[2; 12][..], &[0x88, 0xcc], b"lldp"].concat()));
    let capture = capture.write("unknown.pcap", WriteFormat::Pcap);
    let args = [capture.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let (code, stderr) = redact(&args);
    assert_eq!((code, out.exists()), (Some(2), false));
    for expected in [
        "nothing decodes 16 bytes of UDP payload, udp.port 5353 (first in frame 2), 4",
        "(first in frame 3)",
        "-d udp.port==5353,NAME",
        "--blank-unknown",
    ] {
        assert!(stderr.contains(expected), "{stderr}");
    }
    // What was there before is not touched by a refusal.
    fs::write(&out, b"mine").unwrap();
    assert_eq!(redact(&args).0, Some(2));
    assert_eq!(fs::read(&out).unwrap(), b"mine");
    let (code, stderr) = redact(&[&args[..], &["--blank-unknown"]].concat());
    assert_eq!((code, fs::read(&out).unwrap().len() > 100), (Some(0), true));
    assert!(stderr.contains("blanked: 16 bytes of UDP payload"), "{stderr}");
    let left = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    assert!(!left.into_iter().any(|it| it.to_string_lossy().starts_with(".redacted-")));
}

#[test]
fn it_is_part_of_a_pipe() {
    let original = fs::read("captures/ok_dgram_basic.pcap").unwrap();
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    let args = ["redact", "-", "-o", "-", "--key", KEY];
    let output = command.args(args).write_stdin(original).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    let out = place("not_piped.pcap");
    let args = ["captures/ok_dgram_basic.pcap", "-o", out.to_str().unwrap(), "--key", KEY];
    assert_eq!(redact(&args).0, Some(0));
    assert!(output.stdout == fs::read(&out).unwrap());
}

#[test]
fn bad_arguments_are_named() {
    let out = place("bad.pcap");
    let _ = fs::remove_file(&out);
    let capture = "captures/ok_dgram_basic.pcap";
    for (args, expected) in [
        (&[capture, "-o", capture][..], "that is the capture to be read"),
        (&[capture, "-o", out.to_str().unwrap(), "--key", "abc"], "a key is 64 hexadecimal digits"),
        (&[capture, "-o", out.to_str().unwrap(), "--keep", "nmae"], "no field is named `nmae`"),
        (&["captures/none.pcap", "-o", out.to_str().unwrap()], "cannot open captures/none.pcap"),
    ] {
        let (code, stderr) = redact(args);
        assert_eq!((code, out.exists()), (Some(2), false), "{args:?}: {stderr}");
        assert!(stderr.contains(expected) && stderr.lines().count() == 1, "{stderr}");
    }
}
