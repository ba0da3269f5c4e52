//! `redact`: nothing of what was planted is left, and everything else is as it was.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::decode::{Dissector, Found, Summary};
use wirereel::packet::build::{self, Segment};
use wirereel::packet::{Checksum, TcpFlags};
use wirereel::profile::{Options, Protocols};

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

/// What a frame is to be captured as.
struct Planted {
    frames: Vec<(LinkType, Vec<u8>)>,
}

impl Planted {
    fn datagram(&mut self, src: &str, dst: &str, payload: &[u8]) {
        let mut frame = Vec::new();
        build::datagram(src.parse().unwrap(), dst.parse().unwrap(), payload, &mut frame).unwrap();
        self.frames.push((LinkType::Ethernet, frame));
    }

    /// A conversation: what the client says in pieces, then what the server does.
    fn conversation(&mut self, client: &str, server: &str, says: [&[&[u8]]; 2]) {
        let (client, server): (SocketAddr, SocketAddr) =
            (client.parse().unwrap(), server.parse().unwrap());
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
            self.frames.push((LinkType::Ethernet, frame));
        };
        let (syn, fin) = (
            TcpFlags { syn: true, ..TcpFlags::default() },
            TcpFlags { fin: true, ..TcpFlags::default() },
        );
        segment(true, syn, b"");
        segment(false, syn, b"");
        for (from_client, pieces) in [(true, says[0]), (false, says[1])] {
            pieces.iter().for_each(|it| segment(from_client, TcpFlags::default(), it));
        }
        segment(true, fin, b"");
        segment(false, fin, b"");
    }

    fn write(&self, name: &str, format: WriteFormat) -> PathBuf {
        let path = place(name);
        let mut writer = Writer::create(&path, format).unwrap();
        for (number, (link_type, data)) in (1_u64..).zip(&self.frames) {
            let time = Some(Timestamp::from_parts(1_700_000_000, number * 1000));
            let (link_type, orig_len) = (*link_type, data.len() as u32);
            writer.write(&Frame { number, time, interface: 0, link_type, data, orig_len }).unwrap();
        }
        writer.finish().unwrap();
        path
    }
}

/// What must not be found, as text or as bytes.
fn planted() -> (Planted, Vec<Vec<u8>>) {
    let mut planted = Planted { frames: Vec::new() };
    planted.datagram("81.2.69.142:40000", "81.2.69.160:1989", &grade(b"Planted", 83));
    planted.datagram(
        "[2a02:1234:5678:9abc::77]:40000",
        "[2a02:1234:5678:9abc::88]:1989",
        &grade(b"Sonja", 9),
    );
    planted.datagram("81.2.69.142:40001", "239.77.66.55:1989", &grade(b"Planted", 84));
    planted.datagram("81.2.69.142:40002", "81.2.69.255:1989", &grade("Jürgen".as_bytes(), 85));
    let head = b"POST /user/plantedpath?token=s3cr3tt0k3n&page=2 HTTP/1.1\r\nHost: intranet.planted.example\r\n\
        Authorization: Basic cGxhbnRlZDpwYXNz\r\nCookie: sid=cook1evalue; theme=dark\r\n\
        X-Api-Key: apikeyvalue77\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n";
    let body = b"{\"mail\": \"bodymail@planted.org\", \"no\": 4711}";
    let answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=setc00kievalue; Path=/plantedpath; HttpOnly\r\n\
        Transfer-Encoding: chunked\r\n\r\n8\r\nchunkone\r\n9;x=1\r\nchunktwo2\r\n0\r\nX-Trail: trailervalue\r\n\r\n";
    let (one, two) = head.split_at(70);
    let (three, four) = answer.split_at(130);
    planted.conversation(
        "81.2.69.142:50000",
        "[::ffff:0:0]:80".replace("[::ffff:0:0]", "81.2.69.160").as_str(),
        [&[one, two, &body[..43]], &[three, four]],
    );
    planted.frames.push((LinkType::Ethernet, arp()));
    let unreachable = unreachable(&planted.frames[0].1);
    planted.frames.push((LinkType::Ethernet, unreachable));
    let mut names: Vec<Vec<u8>> = [
        "Planted",
        "Sonja",
        "rgen",
        "plantedpath",
        "s3cr3tt0k3n",
        "intranet",
        "planted",
        "cGxhbnRlZDpwYXNz",
        "cook1evalue",
        "apikeyvalue77",
        "bodymail",
        "4711",
        "setc00kievalue",
        "chunkone",
        "chunktwo2",
        "trailervalue",
    ]
    .map(|it| it.as_bytes().to_vec())
    .into();
    for address in [
        "81.2.69.142",
        "81.2.69.160",
        "81.2.69.255",
        "239.77.66.55",
        "2a02:1234:5678:9abc::77",
        "2a02:1234:5678:9abc::88",
    ] {
        names.push(match address.parse().unwrap() {
            IpAddr::V4(it) => it.octets().to_vec(),
            IpAddr::V6(it) => it.octets().to_vec(),
        });
        names.push(address.as_bytes().to_vec());
    }
    // Of Ethernet: those that were made of addresses, that of the group, and ARP's.
    names.push(vec![81, 2, 69]);
    names.push(vec![0x01, 0x00, 0x5e, 77, 66, 55]);
    names.push(vec![0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc]);
    (planted, names)
}

fn grade(name: &[u8], math: u32) -> Vec<u8> {
    let mut payload = [0; 19];
    payload[..name.len()].copy_from_slice(name);
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload.to_vec()
}

fn arp() -> Vec<u8> {
    let mac = [0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc];
    let header: &[u8] = &[0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2];
    [&[0xff; 6][..], &mac, header, &mac, &[81, 2, 69, 142], &mac, &[81, 2, 69, 160]].concat()
}

/// Port unreachable, with the header of a frame and eight bytes.
fn unreachable(frame: &[u8]) -> Vec<u8> {
    let header = [&frame[6..12], &frame[..6], &[0x08, 0x00]].concat();
    let ip: &[u8] = &[0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 81, 2, 69, 160, 81, 2, 69, 142];
    let quoted = &frame[14..14 + 28];
    [&header, ip, &[3, 3, 0, 0, 0, 0, 0, 0], quoted].concat()
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
            assert!(!has(&after, name), "{format:?}: {}", name.escape_ascii());
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
    let out = place("refused.pcap");
    let _ = fs::remove_file(&out);
    let capture = "captures/ok_dgram_basic_noreceiver.pcap";
    let args = [capture, "-o", out.to_str().unwrap()];
    let (code, stderr) = redact(&args);
    assert_eq!((code, out.exists()), (Some(2), false));
    assert!(
        stderr.contains("nothing decodes 6 bytes of payload that ICMP quotes (first in frame 2)"),
        "{stderr}"
    );
    let (code, stderr) = redact(&[&args[..], &["--blank-unknown"]].concat());
    assert_eq!((code, out.exists()), (Some(0), true));
    assert!(stderr.contains("blanked: 6 bytes of payload that ICMP quotes"), "{stderr}");
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
