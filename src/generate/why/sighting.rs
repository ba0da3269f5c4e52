//! What a packet on the link says: a datagram's way, or who asks for members and who reports.
//!
//! RFC 768, RFC 3376 section 4, RFC 3810 section 5. What cannot be read says nothing.

use std::net::{IpAddr, SocketAddr};

use crate::net::LinkPacket;
use crate::packet::Checksum;
use crate::packet::headers::{self, Ip, IpNumber};

/// What a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    Datagram(Datagram),
    /// Somebody asks who is a member (IGMP, MLD).
    Query(IpAddr),
}

/// A datagram, or the first fragment of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Datagram {
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// Hops that are left.
    pub hops: u8,
    pub header_is_wrong: bool,
    pub checksum_is_wrong: bool,
    pub is_fragment: bool,
}

const IGMP_QUERY: u8 = 0x11;
const MLD_QUERY: u8 = 130;

impl Sighting {
    pub fn of(packet: &LinkPacket<'_>) -> Option<Self> {
        let ip = headers::ip(packet.bytes).ok()?;
        match (ip.protocol, ip.payload.first()) {
            (IpNumber::UDP, _) => datagram(ip, packet.checksum_is_settled).map(Self::Datagram),
            (IpNumber::IGMP, Some(&IGMP_QUERY)) | (IpNumber::IPV6_ICMP, Some(&MLD_QUERY)) => {
                Some(Self::Query(ip.src))
            }
            _ => None,
        }
    }
}

/// The checksum of a fragment is that of all together, and so is not looked at.
fn datagram(ip: Ip<'_>, checksum_is_settled: bool) -> Option<Datagram> {
    let is_fragment = ip.fragment.is_some();
    if ip.fragment.is_some_and(|it| it.offset.value() != 0) {
        return None;
    }
    let (from, to) = headers::udp_ports(ip)?;
    let checksum = headers::udp(ip).ok().map(|it| it.checksum);
    // IPv6 has no header checksum, so that UDP's may not be left out (RFC 8200 section 8.1).
    let is_wrong = match checksum {
        Some(Checksum::Bad) => true,
        Some(Checksum::Absent) => ip.src.is_ipv6(),
        _ => false,
    };
    Some(Datagram {
        from: (ip.src, from).into(),
        to: (ip.dst, to).into(),
        hops: ip.hops,
        header_is_wrong: ip.checksum == Checksum::Bad,
        checksum_is_wrong: is_wrong && !checksum_is_settled && !is_fragment,
        is_fragment,
    })
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::net::Direction;

    fn packet(bytes: &[u8], checksum_is_settled: bool) -> LinkPacket<'_> {
        LinkPacket { index: 2, direction: Direction::In, vlan: None, checksum_is_settled, bytes }
    }

    fn udp() -> Vec<u8> {
        let mut bytes = Vec::new();
        let ip = PacketBuilder::ipv4([10, 9, 0, 2], [224, 2, 2, 2], 7);
        ip.udp(4000, 1989).write(&mut bytes, b"message").unwrap();
        bytes
    }

    #[test]
    fn a_datagram_is_told_with_what_is_wrong_in_it() {
        let whole = Datagram {
            from: "10.9.0.2:4000".parse().unwrap(),
            to: "224.2.2.2:1989".parse().unwrap(),
            hops: 7,
            header_is_wrong: false,
            checksum_is_wrong: false,
            is_fragment: false,
        };
        let spoilt = |at: usize| {
            let mut bytes = udp();
            bytes[at] ^= 1;
            bytes
        };
        let cases = [
            (udp(), false, whole),
            (spoilt(30), false, Datagram { checksum_is_wrong: true, ..whole }),
            (spoilt(30), true, whole),
            // The identification, which only the header's own checksum covers.
            (spoilt(5), false, Datagram { header_is_wrong: true, ..whole }),
        ];
        for (bytes, is_settled, expected) in cases {
            let found = Sighting::of(&packet(&bytes, is_settled));
            assert_eq!(found, Some(Sighting::Datagram(expected)));
        }
    }

    #[test]
    fn queries_are_told_with_who_asks() {
        let mut igmp = Vec::new();
        let ip = PacketBuilder::ipv4([10, 9, 0, 9], [224, 0, 0, 1], 1);
        ip.write(&mut igmp, IpNumber::IGMP, &[0x11, 0x64, 0xee, 0x9b, 0, 0, 0, 0]).unwrap();
        let asking = Some(Sighting::Query("10.9.0.9".parse().unwrap()));
        assert_eq!(Sighting::of(&packet(&igmp, false)), asking);
        igmp[20] = 0x16;
        assert_eq!(Sighting::of(&packet(&igmp, false)), None);
    }

    proptest! {
        #[test]
        fn nothing_on_the_link_makes_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..90),
            damage in prop::collection::vec((0..35_usize, any::<u8>()), 0..4),
        ) {
            let _ = Sighting::of(&packet(&bytes, false));
            let mut bytes = udp();
            for (at, byte) in damage {
                bytes[at] = byte;
            }
            let _ = Sighting::of(&packet(&bytes, false));
        }
    }
}
