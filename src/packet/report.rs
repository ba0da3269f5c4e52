//! Reports of group membership to frames: what a host sends that joins a group.
//!
//! Sources: RFC 3376 section 4.2 (IGMPv3), RFC 3810 section 5.2 (MLDv2); RFC 2113 and RFC 2711 for the
//! router alert that both carry. Each has one record: the group is listened to, whoever sends.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::{EtherType, Ethernet2Header, IpNumber, Ipv4Header, Ipv4Options, Ipv6Header};

use super::build::{BuildError, hardware};

/// To whom reports go: routers that know IGMPv3, and MLDv2.
const IGMP_ROUTERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 22);
const MLD_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x16);
const IGMP_REPORT: u8 = 0x22;
const MLD_REPORT: u8 = 143;
/// CHANGE_TO_EXCLUDE_MODE of no source: all of the group.
const JOIN: u8 = 4;
/// Router alert: as an option of IPv4, and as a hop-by-hop header of IPv6, its next header to be put in
/// front.
const ALERT_IPV4: [u8; 4] = [148, 4, 0, 0];
const ALERT_IPV6: [u8; 7] = [0, 5, 2, 0, 0, 1, 0];

/// Appends the report of a host that joins a group as a frame.
///
/// # Errors
///
/// Addresses of two families.
pub fn join(host: IpAddr, group: IpAddr, frame: &mut Vec<u8>) -> Result<(), BuildError> {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1, JOIN, 0, 0, 0];
    match (host, group) {
        (IpAddr::V4(host), IpAddr::V4(group)) => {
            body.extend(group.octets());
            seal(&mut body, IGMP_REPORT, &[]);
            ethernet(IGMP_ROUTERS.into(), host.into(), EtherType::IPV4, frame);
            let mut header = Ipv4Header {
                total_len: 24_u16.saturating_add(length(&body)),
                time_to_live: 1,
                protocol: IpNumber::IGMP,
                source: host.octets(),
                destination: IGMP_ROUTERS.octets(),
                options: Ipv4Options::from(ALERT_IPV4),
                ..Ipv4Header::default()
            };
            header.header_checksum = header.calc_header_checksum();
            frame.extend(header.to_bytes());
        }
        (IpAddr::V6(host), IpAddr::V6(group)) => {
            body.extend(group.octets());
            let pseudo = [
                host.octets().to_vec(),
                MLD_ROUTERS.octets().to_vec(),
                u32::from(length(&body)).to_be_bytes().to_vec(),
                vec![0, 0, 0, IpNumber::IPV6_ICMP.0],
            ];
            seal(&mut body, MLD_REPORT, &pseudo.concat());
            ethernet(MLD_ROUTERS.into(), host.into(), EtherType::IPV6, frame);
            let header = Ipv6Header {
                payload_length: 8_u16.saturating_add(length(&body)),
                next_header: IpNumber::IPV6_HEADER_HOP_BY_HOP,
                hop_limit: 1,
                source: host.octets(),
                destination: MLD_ROUTERS.octets(),
                ..Ipv6Header::default()
            };
            frame.extend(header.to_bytes());
            frame.push(IpNumber::IPV6_ICMP.0);
            frame.extend(ALERT_IPV6);
        }
        (host, group) => {
            let (src, dst) = ((host, 0).into(), (group, 0).into());
            return Err(BuildError::Families { src, dst });
        }
    }
    frame.extend(body);
    Ok(())
}

fn ethernet(to: IpAddr, from: IpAddr, ether_type: EtherType, frame: &mut Vec<u8>) {
    let (source, destination) = (hardware(from), hardware(to));
    frame.extend(Ethernet2Header { source, destination, ether_type }.to_bytes());
}

fn length(body: &[u8]) -> u16 {
    u16::try_from(body.len()).unwrap_or(u16::MAX)
}

/// Puts in type and checksum (RFC 1071), over `pseudo` too.
fn seal(body: &mut [u8], kind: u8, pseudo: &[u8]) {
    if let Some(first) = body.first_mut() {
        *first = kind;
    }
    let words = pseudo.chunks(2).chain(body.chunks(2));
    let word = |it: &[u8]| {
        let at = |index: usize| it.get(index).copied().unwrap_or_default();
        u32::from(u16::from_be_bytes([at(0), at(1)]))
    };
    let mut sum = words.map(word).fold(0, u32::saturating_add);
    while sum > 0xffff {
        sum = (sum & 0xffff).saturating_add(sum >> 16);
    }
    let checksum = !u16::try_from(sum).unwrap_or_default();
    if let Some(field) = body.get_mut(2..4) {
        field.copy_from_slice(&checksum.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::packet::packet::{self, Other};

    #[test]
    fn reports_are_read_as_they_were_built() {
        for (host, group) in [("10.0.0.1", "224.2.2.2"), ("fe80::1", "ff05::7")] {
            let (host, group): (IpAddr, IpAddr) = (host.parse().unwrap(), group.parse().unwrap());
            let mut frame = Vec::new();
            join(host, group, &mut frame).unwrap();
            let Err(Other::Membership(found)) = packet::parse(LinkType::Ethernet, &frame) else {
                panic!("{group}");
            };
            assert_eq!(found.src, host);
            assert_eq!(found.collect::<Vec<_>>(), [(group, false)]);
        }
        let (host, group) = ("10.0.0.1".parse().unwrap(), "ff05::7".parse().unwrap());
        assert!(matches!(join(host, group, &mut Vec::new()), Err(BuildError::Families { .. })));
    }
}
