//! Packets as bytes.

use std::net::{IpAddr, SocketAddr};

use etherparse::{Ethernet2Header, PacketBuilder, PacketBuilderStep, TcpHeader, icmpv4, icmpv6};

const ETHERNET_LEN: usize = 14;

/// One TCP segment.
#[derive(Clone, Debug)]
pub struct Segment {
    pub from_client: bool,
    pub seq: u32,
    pub ack: Option<u32>,
    pub flags: Flags,
    pub payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
}

/// Client and server.
#[derive(Clone, Copy, Debug)]
pub struct Endpoints {
    pub client: SocketAddr,
    pub server: SocketAddr,
}

impl Endpoints {
    /// Hosts and ports that no other `number` below 20000 has; every third pair speaks IPv6.
    pub fn numbered(number: u16, server_port: u16) -> Self {
        let [client, server] = if number % 3 == 2 {
            ["fd00::1", "fd00::2"].map(|it| it.parse::<IpAddr>().expect("an address"))
        } else {
            ["10.0.0.1", "10.0.0.2"].map(|it| it.parse::<IpAddr>().expect("an address"))
        };
        Self {
            client: SocketAddr::new(client, 40000 + number),
            server: SocketAddr::new(server, server_port),
        }
    }

    fn from(self, client: bool) -> (SocketAddr, SocketAddr) {
        if client { (self.client, self.server) } else { (self.server, self.client) }
    }
}

pub fn tcp(ends: Endpoints, segment: &Segment) -> Vec<u8> {
    let (src, dst) = ends.from(segment.from_client);
    let mut header = TcpHeader::new(src.port(), dst.port(), segment.seq, 60_000);
    header.ack = segment.ack.is_some();
    header.acknowledgment_number = segment.ack.unwrap_or_default();
    (header.syn, header.fin, header.rst) =
        (segment.flags.syn, segment.flags.fin, segment.flags.rst);
    let mut out = Vec::new();
    match (src.ip(), dst.ip()) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            let step = ethernet().ipv4(src.octets(), dst.octets(), 64).tcp_header(header);
            step.write(&mut out, &segment.payload).expect("a packet");
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let step = ethernet().ipv6(src.octets(), dst.octets(), 64).tcp_header(header);
            step.write(&mut out, &segment.payload).expect("a packet");
        }
        _ => panic!("two IP versions in one packet"),
    }
    out
}

pub fn udp(ends: Endpoints, from_client: bool, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = ends.from(from_client);
    let mut out = Vec::new();
    match (src.ip(), dst.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let step = ethernet().ipv4(from.octets(), to.octets(), 64);
            step.udp(src.port(), dst.port()).write(&mut out, payload).expect("a packet");
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let step = ethernet().ipv6(from.octets(), to.octets(), 64);
            step.udp(src.port(), dst.port()).write(&mut out, payload).expect("a packet");
        }
        _ => panic!("two IP versions in one packet"),
    }
    out
}

/// The answer of the server's host to `frame`, which quotes it: port unreachable.
pub fn port_unreachable(ends: Endpoints, frame: &[u8]) -> Vec<u8> {
    let quoted = &frame[ETHERNET_LEN..];
    let mut out = Vec::new();
    match (ends.server.ip(), ends.client.ip()) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            let step = ethernet().ipv4(src.octets(), dst.octets(), 64);
            let kind = icmpv4::DestUnreachableHeader::Port;
            let step = step.icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(kind));
            step.write(&mut out, quoted).expect("a packet");
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let step = ethernet().ipv6(src.octets(), dst.octets(), 64);
            let kind = icmpv6::DestUnreachableCode::Port;
            let step = step.icmpv6(etherparse::Icmpv6Type::DestinationUnreachable(kind));
            step.write(&mut out, quoted).expect("a packet");
        }
        _ => panic!("two IP versions in one packet"),
    }
    out
}

fn ethernet() -> PacketBuilderStep<Ethernet2Header> {
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
}
