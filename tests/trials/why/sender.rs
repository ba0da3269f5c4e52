//! Frames and datagrams as a test makes them, and a sender of them.

use std::error::Error;
use std::io::BufRead;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::ExitCode;

use etherparse::{EtherType, PacketBuilder};
use libtest_mimic::Failed;
use pnet::datalink::{self, Channel};

/// By which interface frames leave; `udp` is by sockets.
pub const ASKED: &str = "WIREREEL_TEST_WHY_SEND";
pub const UDP: &str = "udp";

/// What a sender sends: frames in hexadecimal, or addresses that get a datagram each.
pub struct Sent {
    pub by: &'static str,
    pub lines: Vec<String>,
}

/// A datagram in a frame, as it is varied by a test.
#[derive(Clone)]
pub struct Datagram {
    pub from: &'static str,
    pub to: String,
    pub vlan: Option<u16>,
    /// Where the destination's is no group's and no broadcast.
    pub mac: [u8; 6],
    /// Positions, counted from the IP header, whose lowest bit is turned.
    pub spoilt: Option<usize>,
}

impl Datagram {
    pub fn to(to: &str) -> Self {
        let from = if to.starts_with('[') { "[fd00:9::2]:4000" } else { "10.9.0.2:4000" };
        Self { from, to: to.to_owned(), vlan: None, mac: [0xff; 6], spoilt: None }
    }

    /// So many of it, by an interface.
    pub fn times(&self, count: usize, by: &'static str) -> Result<Sent, Failed> {
        let frame: String = self.frame()?.iter().map(|it| format!("{it:02x}")).collect();
        Ok(Sent { by, lines: vec![frame; count] })
    }

    fn frame(&self) -> Result<Vec<u8>, Failed> {
        const SOURCE: [u8; 6] = [2, 0, 0, 0, 0, 2];
        const ETHERNET_LEN: usize = 14;
        let (from, to): (SocketAddr, SocketAddr) = (self.from.parse()?, self.to.parse()?);
        let mac = group_mac(to.ip()).unwrap_or(self.mac);
        let ethernet = PacketBuilder::ethernet2(SOURCE, mac);
        let ip = match (from.ip(), to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => ethernet.ipv4(from.octets(), to.octets(), 7),
            (IpAddr::V6(from), IpAddr::V6(to)) => ethernet.ipv6(from.octets(), to.octets(), 7),
            _ => return Err("of both families".into()),
        };
        let mut frame = Vec::new();
        ip.udp(from.port(), to.port()).write(&mut frame, b"message")?;
        if let Some(at) = self.spoilt {
            frame[ETHERNET_LEN + at] ^= 1;
        }
        if let Some(vlan) = self.vlan {
            let tag = [EtherType::VLAN_TAGGED_FRAME.0.to_be_bytes(), vlan.to_be_bytes()].concat();
            frame.splice(12..12, tag);
        }
        Ok(frame)
    }
}

/// RFC 1112 section 6.4, RFC 2464 section 7.
fn group_mac(to: IpAddr) -> Option<[u8; 6]> {
    match to {
        IpAddr::V4(it) if it.is_multicast() => {
            let [_, b, c, d] = it.octets();
            Some([1, 0, 0x5e, b & 0x7f, c, d])
        }
        IpAddr::V6(it) if it.is_multicast() => {
            let [.., a, b, c, d] = it.octets();
            Some([0x33, 0x33, a, b, c, d])
        }
        _ => None,
    }
}

/// An IGMP query to all hosts, by whoever asks (RFC 2236 section 2).
pub fn query() -> Result<Sent, Failed> {
    let mut frame = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 9], [1, 0, 0x5e, 0, 0, 1])
        .ipv4([10, 9, 0, 9], [224, 0, 0, 1], 1)
        .write(&mut frame, etherparse::IpNumber::IGMP, &[0x11, 0x64, 0xee, 0x9b, 0, 0, 0, 0])?;
    let frame: String = frame.iter().map(|it| format!("{it:02x}")).collect();
    Ok(Sent { by: "veth0", lines: vec![frame] })
}

/// So many datagrams that the far host's own sockets send, whose checksums its card would make.
pub fn by_sockets(to: &str, count: usize) -> Sent {
    Sent { by: UDP, lines: vec![to.to_owned(); count] }
}

/// What this program is to send by, if it is a sender.
pub fn asked() -> Option<String> {
    std::env::var(ASKED).ok()
}

pub fn send(by: &str) -> ExitCode {
    match try_send(by) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sender: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_send(by: &str) -> Result<(), Box<dyn Error>> {
    let lines = std::io::stdin().lock().lines().collect::<Result<Vec<_>, _>>()?;
    if by == UDP {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.set_broadcast(true)?;
        return lines.iter().try_for_each(|to| Ok(socket.send_to(b"message", to).map(|_| ())?));
    }
    let interface = datalink::interfaces().into_iter().find(|it| it.name == by).ok_or("no such")?;
    let Channel::Ethernet(mut channel, _) = datalink::channel(&interface, Default::default())?
    else {
        return Err("no Ethernet".into());
    };
    for line in &lines {
        let frame = (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16));
        let frame = frame.collect::<Result<Vec<_>, _>>()?;
        channel.send_to(&frame, None).ok_or("not sent")??;
    }
    Ok(())
}
