//! A UDP datagram to frames of Ethernet, in fragments where one frame does not hold it, as a host
//! sends it.
//!
//! Sources: RFC 768; RFC 791 section 3.2 and RFC 8200 section 4.5 for fragments; RFC 6864 for the
//! identification, which is 0 where nothing is cut.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    EtherType, Ethernet2Header, IpFragOffset, IpNumber, Ipv4Header, Ipv6FragmentHeader, Ipv6Header,
    UdpHeader,
};

use super::build::{BuildError, hardware};

/// Bytes of IP's payload in a frame of Ethernet's 1,500: what follows a header of 20 bytes, or one of
/// 40. Those of a fragment are whole groups of eight.
const ROOM_IPV4: usize = 1480;
const ROOM_IPV6: usize = 1460;
const FRAGMENT_IPV4: usize = 1480;
const FRAGMENT_IPV6: usize = 1448;

/// How a datagram is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Hops that it may take.
    pub hops: u8,
    /// Whether everybody on the link is to take it, which its address alone may not say.
    pub is_broadcast: bool,
}

/// Lends a UDP datagram as frames, in order. `identification` is to be another for each datagram
/// of a sender. `scratch` is overwritten.
///
/// # Errors
///
/// Addresses of two families, or a payload that no IP packet holds; then nothing is lent. The first
/// error of `each` ends it.
pub fn frames<E: From<BuildError>>(
    addressed: &Addressed,
    identification: u32,
    payload: &[u8],
    scratch: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let udp = udp_header(addressed, payload)?;
    let (room, step) = match addressed.dst {
        SocketAddr::V4(_) => (ROOM_IPV4, FRAGMENT_IPV4),
        SocketAddr::V6(_) => (ROOM_IPV6, FRAGMENT_IPV6),
    };
    let len = payload.len().saturating_add(UdpHeader::LEN);
    if len <= room {
        scratch.clear();
        head(addressed, len, None, scratch);
        scratch.extend(udp);
        scratch.extend(payload);
        return each(scratch);
    }
    for begin in (0..len).step_by(step) {
        let end = len.min(begin.saturating_add(step));
        let fragment = Fragment { begin, is_last: end == len, identification };
        scratch.clear();
        head(addressed, end.saturating_sub(begin), Some(fragment), scratch);
        scratch.extend(udp.get(begin..).unwrap_or_default());
        let within = begin.saturating_sub(UdpHeader::LEN)..end.saturating_sub(UdpHeader::LEN);
        scratch.extend(payload.get(within).unwrap_or_default());
        each(scratch)?;
    }
    Ok(())
}

/// A part of a datagram.
#[derive(Clone, Copy)]
struct Fragment {
    /// Where it begins, bytes.
    begin: usize,
    is_last: bool,
    identification: u32,
}

fn udp_header(addressed: &Addressed, payload: &[u8]) -> Result<[u8; 8], BuildError> {
    let Addressed { src, dst, .. } = *addressed;
    let (from, to) = (src.port(), dst.port());
    let too_long = BuildError::TooLong { len: payload.len() };
    let header = match (src.ip(), dst.ip()) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            // The longest packet holds a header of 20 bytes too.
            let len = payload.len().saturating_add(UdpHeader::LEN).saturating_add(20);
            u16::try_from(len).map_err(|_| too_long)?;
            let (src, dst) = (src.octets(), dst.octets());
            UdpHeader::with_ipv4_checksum(from, to, &ipv4(src, dst, 0, 0), payload)
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let ip = Ipv6Header {
                source: src.octets(),
                destination: dst.octets(),
                ..Ipv6Header::default()
            };
            UdpHeader::with_ipv6_checksum(from, to, &ip, payload)
        }
        _ => return Err(BuildError::Families { src, dst }),
    };
    header.map(|it| it.to_bytes()).map_err(|_| too_long)
}

/// Appends what stands before `len` bytes of IP's payload.
fn head(addressed: &Addressed, len: usize, fragment: Option<Fragment>, frame: &mut Vec<u8>) {
    let Addressed { src, dst, hops, is_broadcast } = *addressed;
    let len = u16::try_from(len).unwrap_or(u16::MAX);
    let ethernet = Ethernet2Header {
        source: hardware(src.ip()),
        destination: if is_broadcast { [0xff; 6] } else { hardware(dst.ip()) },
        ether_type: if dst.is_ipv4() { EtherType::IPV4 } else { EtherType::IPV6 },
    };
    frame.extend(ethernet.to_bytes());
    match (src.ip(), dst.ip()) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            let mut ip = ipv4(src.octets(), dst.octets(), len, hops);
            if let Some(fragment) = fragment {
                ip.dont_fragment = false;
                ip.more_fragments = !fragment.is_last;
                ip.fragment_offset = fragment.offset();
                // IPv4 has 16 bits for it.
                ip.identification = (fragment.identification & 0xffff) as u16;
            }
            ip.header_checksum = ip.calc_header_checksum();
            frame.extend(ip.to_bytes());
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let extension = fragment.map(|fragment| {
                let Fragment { is_last, identification, .. } = fragment;
                let offset = fragment.offset();
                Ipv6FragmentHeader::new(IpNumber::UDP, offset, !is_last, identification)
            });
            let ip = Ipv6Header {
                payload_length: len.saturating_add(
                    extension.as_ref().map_or(0, |_| Ipv6FragmentHeader::LEN as u16),
                ),
                next_header: match extension {
                    Some(_) => IpNumber::IPV6_FRAGMENTATION_HEADER,
                    None => IpNumber::UDP,
                },
                hop_limit: hops,
                source: src.octets(),
                destination: dst.octets(),
                ..Ipv6Header::default()
            };
            frame.extend(ip.to_bytes());
            frame.extend(extension.iter().flat_map(Ipv6FragmentHeader::to_bytes));
        }
        // The UDP header was refused before.
        _ => {}
    }
}

fn ipv4(source: [u8; 4], destination: [u8; 4], len: u16, hops: u8) -> Ipv4Header {
    Ipv4Header {
        total_len: len.saturating_add(20),
        dont_fragment: true,
        time_to_live: hops,
        protocol: IpNumber::UDP,
        source,
        destination,
        ..Ipv4Header::default()
    }
}

impl Fragment {
    fn offset(self) -> IpFragOffset {
        let eighths = u16::try_from(self.begin / 8).unwrap_or(u16::MAX);
        IpFragOffset::try_new(eighths).unwrap_or(IpFragOffset::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::packet::{Checksum, Packet, packet};

    fn ends(is_ipv4: bool) -> [SocketAddr; 2] {
        let ends = match is_ipv4 {
            true => ["10.0.0.1:40000", "10.0.0.255:1989"],
            false => ["[fd00::1]:40000", "[ff02::7]:1989"],
        };
        ends.map(|it| it.parse().unwrap())
    }

    fn built(is_ipv4: bool, len: usize) -> Vec<Vec<u8>> {
        let [src, dst] = ends(is_ipv4);
        let addressed = Addressed { src, dst, hops: 1, is_broadcast: is_ipv4 };
        let payload: Vec<_> = (0..len).map(|it| it as u8).collect();
        let mut all = Vec::new();
        let mut keep = |frame: &[u8]| {
            all.push(frame.to_vec());
            Ok::<_, BuildError>(())
        };
        frames(&addressed, 7, &payload, &mut Vec::new(), &mut keep).unwrap();
        all
    }

    #[test]
    fn what_one_frame_holds_is_one_as_it_is_built_elsewhere() {
        for (is_ipv4, longest) in [(true, 1472), (false, 1452)] {
            for len in [0, 19, longest] {
                let all = built(is_ipv4, len);
                let [frame] = all.as_slice() else { panic!("{}", all.len()) };
                let packet: Packet<'_> = packet::parse(LinkType::Ethernet, frame).ok().unwrap();
                let [src, dst] = ends(is_ipv4);
                assert_eq!((packet.src, packet.dst), (src.into(), dst.into()));
                assert_eq!((packet.wire_len, packet.checksum), (len, Checksum::Good));
                let hops = if is_ipv4 { frame[22] } else { frame[21] };
                assert_eq!((hops, frame.len() <= 1514), (1, true));
            }
            assert_eq!(built(is_ipv4, longest + 1).len(), 2);
        }
    }

    #[test]
    fn everybody_and_groups_have_their_own_ethernet_addresses() {
        assert_eq!(built(true, 1)[0][..6], [0xff; 6]);
        assert_eq!(built(false, 1)[0][..6], [0x33, 0x33, 0, 0, 0, 7]);
    }

    #[test]
    fn fragments_fill_frames_and_say_where_they_belong() {
        for (is_ipv4, frame_len) in [(true, 1514), (false, 14 + 40 + 8 + 1448)] {
            let all = built(is_ipv4, 60_000);
            let (last, whole) = all.split_last().unwrap();
            assert!(whole.iter().all(|it| it.len() == frame_len), "{is_ipv4}");
            assert!(last.len() < frame_len);
            let offsets: Vec<u16> = all
                .iter()
                .map(|it| match is_ipv4 {
                    true => (u16::from_be_bytes([it[20], it[21]]) & 0x1fff) * 8,
                    false => u16::from_be_bytes([it[56], it[57]]) & 0xfff8,
                })
                .collect();
            let step = if is_ipv4 { 1480 } else { 1448 };
            let expected: Vec<u16> = (0..offsets.len() as u16).map(|it| it * step).collect();
            assert_eq!(offsets, expected);
        }
    }

    #[test]
    fn what_no_packet_holds_is_refused() {
        let [src, dst] = ends(true);
        let addressed = Addressed { src, dst, hops: 1, is_broadcast: true };
        let build = |addressed: &Addressed, len| {
            let mut each = |_: &[u8]| Ok::<_, BuildError>(());
            frames(addressed, 1, &vec![0; len], &mut Vec::new(), &mut each)
        };
        assert_eq!(build(&addressed, 65_508), Err(BuildError::TooLong { len: 65_508 }));
        assert_eq!(build(&addressed, 65_507), Ok(()));
        let mixed = Addressed { dst: ends(false)[1], ..addressed };
        let dst = mixed.dst;
        assert_eq!(build(&mixed, 1), Err(BuildError::Families { src, dst }));
    }
}
