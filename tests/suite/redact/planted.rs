//! Captures with names, addresses and credentials that must not be found afterwards.

use std::net::IpAddr;
use std::path::PathBuf;

use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};
use wirereel::packet::build;

use crate::talk;

/// What a frame is to be captured as.
pub struct Planted {
    pub frames: Vec<(LinkType, Vec<u8>)>,
}

impl Planted {
    pub fn datagram(&mut self, src: &str, dst: &str, payload: &[u8]) {
        let mut frame = Vec::new();
        build::datagram(src.parse().unwrap(), dst.parse().unwrap(), payload, &mut frame).unwrap();
        self.frames.push((LinkType::Ethernet, frame));
    }

    /// A conversation: what the client says in pieces, then what the server does.
    pub fn conversation(&mut self, client: &str, server: &str, says: [&[&[u8]]; 2]) {
        let sides = [true, false].into_iter().zip(says);
        let says = sides.flat_map(|(side, pieces)| pieces.iter().map(move |it| (side, *it)));
        talk::conversation([client, server].map(|it| it.parse().unwrap()), says, |frame| {
            self.frames.push((LinkType::Ethernet, frame));
        });
    }

    pub fn write(&self, name: &str, format: WriteFormat) -> PathBuf {
        self.write_snapped(name, format, usize::MAX)
    }

    /// The same with so many bytes of each frame at most.
    pub fn write_snapped(&self, name: &str, format: WriteFormat, snaplen: usize) -> PathBuf {
        let path = super::place(name);
        let mut writer = Writer::create(&path, format).unwrap();
        for (number, (link_type, data)) in (1_u64..).zip(&self.frames) {
            let time = Some(Timestamp::from_parts(1_700_000_000, number * 1000));
            let (link_type, orig_len) = (*link_type, data.len() as u32);
            let data = &data[..data.len().min(snaplen)];
            writer.write(&Frame { number, time, interface: 0, link_type, data, orig_len }).unwrap();
        }
        writer.finish().unwrap();
        path
    }
}

/// What must not be found, as text or as bytes.
pub fn planted() -> (Planted, Vec<Vec<u8>>) {
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
        "81.2.69.160:80",
        [&[one, two, &body[..43]], &[three, four]],
    );
    planted.frames.push((LinkType::Ethernet, arp()));
    let unreachable = unreachable(&planted.frames[0].1, 0);
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

pub fn grade(name: &[u8], math: u32) -> Vec<u8> {
    let mut payload = [0; 19];
    payload[..name.len()].copy_from_slice(name);
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload.to_vec()
}

pub fn arp() -> Vec<u8> {
    let mac = [0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc];
    let header: &[u8] = &[0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2];
    [&[0xff; 6][..], &mac, header, &mac, &[81, 2, 69, 142], &mac, &[81, 2, 69, 160]].concat()
}

/// Port unreachable, with the headers of a datagram and so many bytes of its payload.
pub fn unreachable(frame: &[u8], payload: u8) -> Vec<u8> {
    let header = [&frame[6..12], &frame[..6], &[0x08, 0x00]].concat();
    let ip: &[u8] =
        &[0x45, 0, 0, 56 + payload, 0, 0, 0, 0, 64, 1, 0, 0, 81, 2, 69, 160, 81, 2, 69, 142];
    let quoted = &frame[14..14 + 28 + usize::from(payload)];
    [&header, ip, &[3, 3, 0, 0, 0, 0, 0, 0], quoted].concat()
}
