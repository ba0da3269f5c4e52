//! Segments and datagrams whose headers are cut short, snapped, quoted in part, or contradict
//! themselves, among others of the same two endpoints.

use std::net::IpAddr;

use super::Lane;
use super::frame::{self, Endpoints, Flags, Segment};
use crate::generator::random::Random;

const ETHERNET_LEN: usize = 14;

/// What befalls a packet.
enum Defect {
    None,
    /// TCP's data offset, or UDP's length.
    Length(u16),
    /// Behind so many bytes of the transport's header IP says that the packet ends.
    Cut(usize),
    /// So many of them were captured.
    Snapped(usize),
    /// It comes back in ICMP, with so many of them.
    Quoted(usize),
}

/// Packets of two endpoints, few of whose sequence numbers differ.
pub fn lane(number: u16, random: &mut Random) -> Lane {
    let ends = Endpoints::numbered(number, 1989);
    (0..2 + random.below(8)).map(|_| packet(ends, random)).collect()
}

fn packet(ends: Endpoints, random: &mut Random) -> Vec<u8> {
    let is_tcp = random.chance(75);
    let payload = vec![7; *random.pick(&[0, 0, 3, 60])];
    let sent = match is_tcp {
        true => frame::tcp(ends, &segment(random, payload)),
        false => frame::udp(ends, random.chance(50), &payload),
    };
    spoil(ends, sent, is_tcp, &defect(random, is_tcp))
}

fn segment(random: &mut Random, payload: Vec<u8>) -> Segment {
    let kind = *random.pick(&["S", "S", "S", "SA", "A", "A", "FA", "R", "RA"]);
    let ack = *random.pick(&[100, 101, 102, 500, 501]);
    let has = |flag| kind.contains(flag);
    Segment {
        from_client: random.chance(50),
        seq: *random.pick(&[100, 101, 102, 500, 900]),
        ack: has('A').then_some(ack),
        flags: Flags { syn: has('S'), fin: has('F'), rst: has('R') },
        payload,
    }
}

fn defect(random: &mut Random, is_tcp: bool) -> Defect {
    let len = match is_tcp {
        true => *random.pick(&[0, 4, 12, 15, 16, 18, 19, 20, 30]),
        false => *random.pick(&[0, 3, 4, 7, 8, 9]),
    };
    match random.below(8) {
        0 if is_tcp => Defect::Length(*random.pick(&[0, 4, 6, 8, 15])),
        0 => Defect::Length(*random.pick(&[0, 4, 7, 8, 99])),
        1 => Defect::Cut(len),
        2 => Defect::Snapped(len),
        3 => Defect::Quoted(len),
        _ => Defect::None,
    }
}

fn spoil(ends: Endpoints, mut sent: Vec<u8>, is_tcp: bool, defect: &Defect) -> Vec<u8> {
    let ip_len = if matches!(ends.client.ip(), IpAddr::V4(_)) { 20 } else { 40 };
    let header = ETHERNET_LEN + ip_len;
    match *defect {
        Defect::None => {}
        Defect::Length(words) if is_tcp => sent[header + 12] = (words as u8) << 4,
        Defect::Length(len) => sent[header + 4..header + 6].copy_from_slice(&len.to_be_bytes()),
        Defect::Cut(len) => {
            sent.truncate(header + len);
            let (at, len) = match ip_len {
                20 => (ETHERNET_LEN + 2, sent.len() - ETHERNET_LEN),
                _ => (ETHERNET_LEN + 4, sent.len() - header),
            };
            sent[at..at + 2].copy_from_slice(&(len as u16).to_be_bytes());
        }
        Defect::Snapped(len) => sent.truncate(header + len),
        Defect::Quoted(len) => {
            sent.truncate(header + len);
            sent = frame::port_unreachable(ends, &sent);
        }
    }
    sent
}
