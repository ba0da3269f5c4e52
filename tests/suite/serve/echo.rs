//! What served answers repeat of the live request: fields of a profile, and ids of DNS.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::frame::{Endpoints, Flags, Segment, tcp, udp};
use crate::serving::Serving;
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

const PATIENCE: Duration = Duration::from_secs(20);

const HEADER: &str = "#include <stdint.h>
struct msg { uint8_t kind; uint16_t id; uint32_t value; } __attribute__((packed));
";
const PROFILE: &str = r#"
[[protocol]]
name = "asked"
header = "msg.h"
message = "msg"
decode_as = ["udp.port==7000", "tcp.port==7000"]
[protocol.fields]
id = { echo = true }
"#;

/// A capture in the making.
struct Sketch {
    writer: Writer<std::io::BufWriter<fs::File>>,
    count: u64,
}

impl Sketch {
    fn new(path: &Path) -> Self {
        Self { writer: Writer::create(path, WriteFormat::PcapNs).unwrap(), count: 0 }
    }

    fn frame(&mut self, data: &[u8]) {
        self.count += 1;
        let time = Some(Timestamp(1_700_000_000_000_000_000 + self.count as i64 * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number: self.count, time, interface: 0, link_type, data, orig_len };
        self.writer.write(&frame).unwrap();
    }

    fn datagrams(mut self, ends: Endpoints, said: &[(bool, &[u8])]) {
        said.iter().for_each(|(from_client, it)| self.frame(&udp(ends, *from_client, it)));
        self.writer.finish().unwrap();
    }

    /// A connection from its handshake to what both say.
    fn connection(mut self, ends: Endpoints, said: &[(bool, &[u8])]) {
        let (syn, none) = (Flags { syn: true, ..Flags::default() }, Flags::default());
        let mut segment = |from_client, seq, ack, flags, payload: &[u8]| {
            let payload = payload.to_vec();
            let segment = Segment { from_client, seq, ack, flags, payload };
            self.frame(&tcp(ends, &segment));
        };
        segment(true, 99, None, syn, b"");
        segment(false, 499, Some(100), syn, b"");
        let mut next = [100, 500];
        segment(true, next[0], Some(next[1]), none, b"");
        for (from_client, bytes) in said {
            let (own, other) = if *from_client { (0, 1) } else { (1, 0) };
            segment(*from_client, next[own], Some(next[other]), none, bytes);
            next[own] += bytes.len() as u32;
        }
        let fin = Flags { fin: true, ..Flags::default() };
        segment(true, next[0], Some(next[1]), fin, b"");
        segment(false, next[1], Some(next[0] + 1), fin, b"");
        self.writer.finish().unwrap();
    }
}

/// A folder with the header and the profile, and where a capture goes.
fn folder() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("msg.h"), HEADER).unwrap();
    let profile = folder.path().join("profile.toml");
    fs::write(&profile, PROFILE).unwrap();
    let capture = folder.path().join("asked.pcap");
    (folder, capture, profile.to_str().unwrap().to_owned())
}

fn msg(kind: u8, id: u16, value: u32) -> Vec<u8> {
    [&[kind][..], &id.to_be_bytes(), &value.to_be_bytes()].concat()
}

fn client(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(at).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn hear(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = [0; 2048];
    let len = socket.recv(&mut bytes).unwrap();
    bytes[..len].to_vec()
}

#[test]
fn datagrams_have_the_ids_of_the_live_requests_in_any_order() {
    let (_folder, capture, profile) = folder();
    // Both are asked before either is answered, and the answers change places.
    let (ask_one, ask_two) = (msg(1, 0x1111, 10), msg(1, 0x2222, 20));
    let (one, two) = (msg(2, 0x1111, 100), msg(2, 0x2222, 200));
    let push = msg(3, 0x7777, 300);
    Sketch::new(&capture).datagrams(
        Endpoints::numbered(1, 7000),
        &[(true, &ask_one), (true, &ask_two), (false, &two), (false, &one), (false, &push)],
    );
    let serving = Serving::start(&capture, &["--once", "--profile", &profile]);
    let socket = client(serving.at);
    socket.send(&msg(1, 0xaaaa, 20)).unwrap();
    assert_eq!(hear(&socket), msg(2, 0xaaaa, 200));
    // What repeats nothing stays as it was.
    assert_eq!(hear(&socket), push);
    socket.send(&msg(1, 0xbbbb, 10)).unwrap();
    assert_eq!(hear(&socket), msg(2, 0xbbbb, 100));
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(2), 0), "{outcome}");
}

#[test]
fn what_else_differs_is_told_and_answered_with_the_live_id() {
    let (_folder, capture, profile) = folder();
    let (asked, answer) = (msg(1, 0x1111, 10), msg(2, 0x1111, 100));
    let ends = Endpoints::numbered(1, 7000);
    Sketch::new(&capture).datagrams(ends, &[(true, &asked), (false, &answer)]);
    let serving = Serving::start(&capture, &["--once", "--profile", &profile]);
    let socket = client(serving.at);
    socket.send(&msg(1, 0xaaaa, 11)).unwrap();
    assert_eq!(hear(&socket), msg(2, 0xaaaa, 100));
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(outcome["differences"].as_array().unwrap().len(), 1);
    assert_eq!(outcome["differences"][0]["field"], "value", "{outcome}");
}

#[test]
fn sums_are_right_over_what_is_put_back() {
    let (folder, capture, profile) = folder();
    let header = "#include <stdint.h>\nstruct msg { uint8_t kind; uint16_t id; uint8_t sum; } \
                  __attribute__((packed));\n";
    fs::write(folder.path().join("msg.h"), header).unwrap();
    fs::write(&profile, format!("{PROFILE}sum = {{ checksum = \"sum8\", over = \"0..sum\" }}\n"))
        .unwrap();
    let summed = |kind: u8, id: [u8; 2]| vec![kind, id[0], id[1], kind + id[0] + id[1]];
    let (asked, answer, wrong) = (summed(1, [1, 2]), summed(2, [1, 2]), [3, 1, 2, 0x77]);
    Sketch::new(&capture).datagrams(
        Endpoints::numbered(1, 7000),
        &[(true, &asked), (false, &answer), (false, &wrong)],
    );
    let serving = Serving::start(&capture, &["--once", "--profile", &profile]);
    let socket = client(serving.at);
    socket.send(&summed(1, [9, 50])).unwrap();
    assert_eq!(hear(&socket), summed(2, [9, 50]));
    assert_eq!(hear(&socket), [3, 9, 50, 0x77], "one that was wrong stays so");
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(1), 0), "{outcome}");

    let both = [answer.as_slice(), &wrong].concat();
    Sketch::new(&capture)
        .connection(Endpoints::numbered(1, 7000), &[(true, &asked), (false, &both)]);
    let serving = Serving::start(&capture, &["--once", "--profile", &profile]);
    let mut stream = TcpStream::connect(serving.at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&summed(1, [9, 50])).unwrap();
    let mut heard = [0; 8];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(heard[..4], summed(2, [9, 50]));
    assert_eq!(heard[4..], [3, 9, 50, 0x77]);
    drop(stream);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(1), 0), "{outcome}");
}

#[test]
fn records_of_a_stream_have_the_ids_of_the_live_requests() {
    let (_folder, capture, profile) = folder();
    let asked = [msg(1, 0x1111, 10), msg(1, 0x2222, 20), msg(1, 0x3333, 30)];
    let both = [asked[0].as_slice(), &asked[1]].concat();
    let swapped = [msg(2, 0x2222, 200), msg(2, 0x1111, 100)].concat();
    let last = msg(2, 0x3333, 300);
    Sketch::new(&capture).connection(
        Endpoints::numbered(1, 7000),
        &[
            (true, &both),
            (false, &swapped[..9]),
            (false, &swapped[9..]),
            (true, &asked[2]),
            (false, &last),
        ],
    );
    let serving = Serving::start(&capture, &["--once", "--profile", &profile]);
    let mut stream = TcpStream::connect(serving.at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let live = [msg(1, 0xaaaa, 10), msg(1, 0xbbbb, 20)].concat();
    // In pieces that no message ends with.
    live.chunks(5).for_each(|it| stream.write_all(it).unwrap());
    let mut answers = [0; 14];
    stream.read_exact(&mut answers).unwrap();
    assert_eq!(answers, *[msg(2, 0xbbbb, 200), msg(2, 0xaaaa, 100)].concat());
    stream.write_all(&msg(1, 0xcccc, 30)).unwrap();
    let mut rest = Vec::new();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, msg(2, 0xcccc, 300));
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(3), 0), "{outcome}");
}

/// A message of DNS about the address of `name`, a label of three letters, with a cookie.
fn dns(id: u16, is_answer: bool, name: &[u8; 3], cookie: &[u8; 8]) -> Vec<u8> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend(if is_answer { [0x81, 0x80] } else { [1, 0] });
    bytes.extend([0, 1, 0, u8::from(is_answer), 0, 0, 0, 1, 3]);
    bytes.extend(name);
    bytes.extend([0, 0, 1, 0, 1]);
    if is_answer {
        bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, name[0]]);
    }
    bytes.extend([0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8]);
    bytes.extend(cookie);
    bytes
}

#[test]
fn dns_has_the_id_and_the_cookie_of_the_query_without_a_profile() {
    let (_folder, capture, _) = folder();
    let ck = b"recorded";
    let said = [
        (true, dns(1, false, b"one", ck)),
        (true, dns(2, false, b"two", ck)),
        (false, dns(1, true, b"one", ck)),
        (false, dns(2, true, b"two", ck)),
    ];
    let said: Vec<_> = said.iter().map(|(side, it)| (*side, it.as_slice())).collect();
    Sketch::new(&capture).datagrams(Endpoints::numbered(1, 53), &said);
    let serving = Serving::start(&capture, &["--once"]);
    for (id, name) in [(0xbeef, b"two"), (0xcafe, b"one")] {
        let socket = client(serving.at);
        socket.send(&dns(id, false, name, b"live one")).unwrap();
        assert_eq!(hear(&socket), dns(id, true, name, b"live one"));
    }
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(2), 0), "{outcome}");
}

#[test]
fn dns_over_tcp_has_them_too() {
    let framed = |it: Vec<u8>| [&(it.len() as u16).to_be_bytes()[..], &it].concat();
    let (_folder, capture, _) = folder();
    let ck = b"recorded";
    let said = [
        (true, framed(dns(1, false, b"one", ck))),
        (false, framed(dns(1, true, b"one", ck))),
        (true, framed(dns(2, false, b"two", ck))),
        (false, framed(dns(2, true, b"two", ck))),
    ];
    let said: Vec<_> = said.iter().map(|(side, it)| (*side, it.as_slice())).collect();
    Sketch::new(&capture).connection(Endpoints::numbered(1, 53), &said);
    let serving = Serving::start(&capture, &["--once"]);
    let mut stream = TcpStream::connect(serving.at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    for (id, name) in [(0xbeef, b"one"), (0xcafe, b"two")] {
        let asked = framed(dns(id, false, name, b"live one"));
        asked.chunks(7).for_each(|it| stream.write_all(it).unwrap());
        let expected = framed(dns(id, true, name, b"live one"));
        let mut answer = vec![0; expected.len()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, expected);
    }
    drop(stream);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(0), 0), "{outcome}");
}

#[test]
fn a_rule_for_the_port_says_that_it_is_no_dns() {
    let (_folder, capture, profile) = folder();
    let (asked, answer) = (dns(1, false, b"one", b"recorded"), dns(1, true, b"one", b"recorded"));
    let said: [(bool, &[u8]); 2] = [(true, &asked), (false, &answer)];
    Sketch::new(&capture).datagrams(Endpoints::numbered(1, 53), &said);
    let rule = ["--profile", &profile, "-d", "udp.port==53,asked"];
    let serving = Serving::start(&capture, &rule);
    let socket = client(serving.at);
    // The second and third byte are the id then: what stood there before stays.
    let mut live = asked.clone();
    live[1..3].copy_from_slice(b"??");
    socket.send(&live).unwrap();
    assert_eq!(hear(&socket), answer, "the answer did not repeat the request's bytes there");
    assert_eq!(serving.interrupt().1, 0);
}
