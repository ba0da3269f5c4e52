//! Payload to frames: Ethernet, IPv4 or IPv6, UDP or TCP, with their checksums.
//!
//! Sources: RFC 791, RFC 8200, RFC 768, RFC 9293 section 3.1; RFC 1112 section 6.4 and RFC 2464
//! section 7 for the Ethernet addresses of groups. Frames are written to captures, and are never sent by
//! a replay. What a host would cut is built by `fragmented.rs`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, TcpOptionElement};

use super::tcp_header::TcpFlags;

/// Hops of every packet.
const TTL: u8 = 64;

/// The window of every segment, bytes; not scaled.
pub const WINDOW: u16 = u16::MAX;

/// The largest packet of IP, bytes.
const MAX_PACKET: usize = 65_535;

const UDP_HEADER: usize = 8;

/// A frame of Ethernet's 1,500 bytes holds so many bytes of a TCP stream.
pub const MAX_SEGMENT_IPV4: usize = 1460;

/// The same for IPv6.
pub const MAX_SEGMENT_IPV6: usize = 1440;

/// Why there is no such frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// One address is IPv4's, the other IPv6's.
    #[error("{src} and {dst} are addresses of different versions of IP")]
    Families {
        /// Sender.
        src: SocketAddr,
        /// Receiver.
        dst: SocketAddr,
    },
    /// No packet of IP can hold it.
    #[error("a payload of {len} bytes is longer than an IP packet")]
    TooLong {
        /// Bytes.
        len: usize,
    },
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Sequence number of its first byte, or of SYN.
    pub seq: u32,
    /// Acknowledgment number; sent where `flags.ack` is set.
    pub ack: u32,
    /// Control bits. PSH is set where there is payload, and a SYN has the maximum segment size.
    pub flags: TcpFlags,
    /// Bytes of the stream.
    pub payload: &'a [u8],
}

/// Appends a UDP datagram as a frame.
///
/// # Errors
///
/// Addresses of two families, or a payload that no IP packet holds.
pub fn datagram(
    src: SocketAddr,
    dst: SocketAddr,
    payload: &[u8],
    frame: &mut Vec<u8>,
) -> Result<(), BuildError> {
    let packet = ip(src, dst, UDP_HEADER, payload)?.udp(src.port(), dst.port());
    packet.write_to_vec(frame, payload).map_err(|_| BuildError::TooLong { len: payload.len() })
}

/// Appends a TCP segment as a frame.
///
/// # Errors
///
/// As [`datagram`].
pub fn segment(
    src: SocketAddr,
    dst: SocketAddr,
    segment: &Segment<'_>,
    frame: &mut Vec<u8>,
) -> Result<(), BuildError> {
    let Segment { seq, ack, flags, payload } = *segment;
    let too_long = BuildError::TooLong { len: payload.len() };
    let mut header = TcpHeader::new(src.port(), dst.port(), seq, WINDOW);
    header.syn = flags.syn;
    header.fin = flags.fin;
    header.rst = flags.rst;
    header.ack = flags.ack;
    header.psh = !payload.is_empty();
    header.acknowledgment_number = if flags.ack { ack } else { 0 };
    if flags.syn {
        let most = u16::try_from(max_segment(src)).unwrap_or(u16::MAX);
        header.set_options(&[TcpOptionElement::MaximumSegmentSize(most)]).map_err(|_| too_long)?;
    }
    let packet = ip(src, dst, header.header_len(), payload)?.tcp_header(header);
    packet.write_to_vec(frame, payload).map_err(|_| too_long)
}

/// Bytes of a stream that one segment between such addresses holds.
pub fn max_segment(address: SocketAddr) -> usize {
    if address.is_ipv4() { MAX_SEGMENT_IPV4 } else { MAX_SEGMENT_IPV6 }
}

fn ip(
    src: SocketAddr,
    dst: SocketAddr,
    header_len: usize,
    payload: &[u8],
) -> Result<PacketBuilderStep<etherparse::IpHeaders>, BuildError> {
    let len = header_len.saturating_add(payload.len());
    let link = PacketBuilder::ethernet2(hardware(src.ip()), hardware(dst.ip()));
    match (src.ip(), dst.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) if len <= MAX_PACKET.saturating_sub(20) => {
            Ok(link.ipv4(from.octets(), to.octets(), TTL))
        }
        (IpAddr::V6(from), IpAddr::V6(to)) if len <= MAX_PACKET => {
            Ok(link.ipv6(from.octets(), to.octets(), TTL))
        }
        (from, to) if from.is_ipv4() == to.is_ipv4() => {
            Err(BuildError::TooLong { len: payload.len() })
        }
        _ => Err(BuildError::Families { src, dst }),
    }
}

/// The Ethernet address of a group or of everybody; of a host one that is locally administered,
/// made of its IP address.
pub(super) fn hardware(address: IpAddr) -> [u8; 6] {
    match address {
        IpAddr::V4(Ipv4Addr::BROADCAST) => [0xff; 6],
        IpAddr::V4(group) if group.is_multicast() => {
            let [_, b, c, d] = group.octets();
            [0x01, 0x00, 0x5e, b & 0x7f, c, d]
        }
        IpAddr::V4(host) => {
            let [a, b, c, d] = host.octets();
            [0x02, 0, a, b, c, d]
        }
        IpAddr::V6(it) => {
            let [.., a, b, c, d] = it.octets();
            let begin = if it.is_multicast() { [0x33, 0x33] } else { [0x02, 0] };
            [begin[0], begin[1], a, b, c, d]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet;
    use super::super::{Checksum, Packet};
    use super::*;
    use crate::capture::LinkType;

    fn ends(is_ipv4: bool) -> [SocketAddr; 2] {
        let ends = match is_ipv4 {
            true => ["10.0.0.1:40000", "10.0.0.2:1989"],
            false => ["[fd00::1]:40000", "[fd00::2]:1989"],
        };
        ends.map(|it| it.parse().unwrap())
    }

    fn read(frame: &[u8]) -> Packet<'_> {
        packet::parse(LinkType::Ethernet, frame).ok().unwrap()
    }

    #[test]
    fn datagrams_are_read_as_they_were_built() {
        for is_ipv4 in [true, false] {
            for payload in [&b""[..], b"A", b"Alan\0\0", &[7; 60_000]] {
                let [src, dst] = ends(is_ipv4);
                let mut frame = Vec::new();
                datagram(src, dst, payload, &mut frame).unwrap();
                let packet = read(&frame);
                let ends = (src.into(), dst.into());
                assert_eq!((packet.src, packet.dst, packet.payload), (ends.0, ends.1, payload));
                assert_eq!((packet.wire_len, packet.checksum), (payload.len(), Checksum::Good));
            }
        }
    }

    #[test]
    fn segments_are_read_as_they_were_built() {
        for is_ipv4 in [true, false] {
            let [src, dst] = ends(is_ipv4);
            for bits in 0..16_u8 {
                let bit = |at: u8| bits & (1 << at) != 0;
                let flags = TcpFlags { syn: bit(0), ack: bit(1), fin: bit(2), rst: bit(3) };
                let built = Segment { seq: 7, ack: 9, flags, payload: b"1700000000\r\n" };
                let mut frame = Vec::new();
                segment(src, dst, &built, &mut frame).unwrap();
                let packet = read(&frame);
                let tcp = packet.tcp.unwrap();
                assert_eq!((tcp.seq, tcp.flags, tcp.window), (7, flags, WINDOW));
                assert_eq!(tcp.ack, if flags.ack { 9 } else { 0 });
                assert_eq!((packet.payload, packet.checksum), (built.payload, Checksum::Good));
                let full = Segment { payload: &[1; MAX_SEGMENT_IPV4], ..Segment::default() };
                frame.clear();
                segment(src, dst, &full, &mut frame).unwrap();
                assert_eq!(frame.len(), if is_ipv4 { 1514 } else { 1534 });
            }
        }
    }

    #[test]
    fn groups_have_their_own_ethernet_addresses() {
        for (address, expected) in [
            ("255.255.255.255", [0xff; 6]),
            ("224.2.2.2", [0x01, 0x00, 0x5e, 0x02, 0x02, 0x02]),
            ("239.130.2.2", [0x01, 0x00, 0x5e, 0x02, 0x02, 0x02]),
            ("ff02::1:3", [0x33, 0x33, 0x00, 0x01, 0x00, 0x03]),
            ("10.0.0.2", [0x02, 0, 10, 0, 0, 2]),
        ] {
            assert_eq!(hardware(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn what_no_packet_holds_is_refused() {
        let [src, dst] = ends(true);
        let mut frame = Vec::new();
        let len = 65_508;
        let found = datagram(src, dst, &vec![0; len], &mut frame);
        assert_eq!(found, Err(BuildError::TooLong { len }));
        assert!(datagram(src, dst, &vec![0; len - 1], &mut frame).is_ok());
        let dst = ends(false)[1];
        assert_eq!(datagram(src, dst, b"", &mut frame), Err(BuildError::Families { src, dst }));
    }
}
