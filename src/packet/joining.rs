//! The frame by which a host tells that it is a member of a group: a report of one record.
//!
//! IGMPv3 to 224.0.0.22 with a router alert (RFC 3376 section 4.2), MLDv2 to ff02::16 with the same in a
//! hop-by-hop header (RFC 3810 section 5.2, RFC 2711).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::build::hardware;
use super::checksum::Sum;

const ALL_IGMP_ROUTERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 22);
const ALL_MLD_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x16);
/// IP protocol numbers.
const IGMP: u8 = 2;
const ICMPV6: u8 = 58;
/// Message types.
const IGMP_V3_REPORT: u8 = 0x22;
const MLD_V2_REPORT: u8 = 143;
/// From now on the host listens to all but the sources that are listed, of which there are none.
const CHANGE_TO_EXCLUDE: u8 = 4;
/// A report goes no further than the link.
const HOPS: u8 = 1;

/// Appends the report of a host that joins a group, as a frame. Nothing is appended where the two
/// addresses are of different versions of IP.
pub fn report(host: IpAddr, group: IpAddr, frame: &mut Vec<u8>) {
    match (host, group) {
        (IpAddr::V4(host), IpAddr::V4(group)) => igmp(host, group, frame),
        (IpAddr::V6(host), IpAddr::V6(group)) => mld(host, group, frame),
        _ => {}
    }
}

fn igmp(host: Ipv4Addr, group: Ipv4Addr, frame: &mut Vec<u8>) {
    ethernet(host.into(), ALL_IGMP_ROUTERS.into(), 0x0800, frame);
    // A header of six words with the option router alert, and 16 bytes of report; DSCP CS6.
    let mut ip = [0x46, 0xc0, 0, 40, 0, 0, 0x40, 0, HOPS, IGMP, 0, 0].to_vec();
    ip.extend(host.octets());
    ip.extend(ALL_IGMP_ROUTERS.octets());
    ip.extend([0x94, 4, 0, 0]);
    fill_checksum(Sum::default(), &mut ip, 10);
    let mut body = record(IGMP_V3_REPORT, &group.octets());
    fill_checksum(Sum::default(), &mut body, 2);
    frame.extend(ip);
    frame.extend(body);
}

fn mld(host: Ipv6Addr, group: Ipv6Addr, frame: &mut Vec<u8>) {
    ethernet(host.into(), ALL_MLD_ROUTERS.into(), 0x86dd, frame);
    let mut body = record(MLD_V2_REPORT, &group.octets());
    // The pseudo-header of RFC 8200 section 8.1: both addresses, the length, the protocol.
    let sum = Sum::default().add(&host.octets()).add(&ALL_MLD_ROUTERS.octets());
    fill_checksum(sum.add(&[0, 0, 0, 28, 0, 0, 0, ICMPV6]), &mut body, 2);
    // Version 6, 36 bytes behind the header, of which the first eight are hop-by-hop options.
    frame.extend([0x60, 0, 0, 0, 0, 36, 0, HOPS]);
    frame.extend(host.octets());
    frame.extend(ALL_MLD_ROUTERS.octets());
    frame.extend([ICMPV6, 0, 5, 2, 0, 0, 1, 0]);
    frame.extend(body);
}

/// A report with one record; the checksum is still zero.
fn record(kind: u8, group: &[u8]) -> Vec<u8> {
    let mut body = vec![kind, 0, 0, 0, 0, 0, 0, 1, CHANGE_TO_EXCLUDE, 0, 0, 0];
    body.extend(group);
    body
}

fn fill_checksum(begun: Sum, bytes: &mut [u8], at: usize) {
    let sum = !begun.add(bytes).folded();
    for (to, from) in bytes.iter_mut().skip(at).zip(sum.to_ne_bytes()) {
        *to = from;
    }
}

fn ethernet(src: IpAddr, dst: IpAddr, kind: u16, frame: &mut Vec<u8>) {
    frame.extend(hardware(dst));
    frame.extend(hardware(src));
    frame.extend(kind.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::packet::packet::{self, Other};

    #[test]
    fn a_report_is_read_as_the_membership_that_it_tells() {
        for (host, group, len) in
            [("10.0.0.1", "224.2.2.2", 14 + 40), ("fe80::1", "ff05::7", 14 + 40 + 36)]
        {
            let [host, group]: [IpAddr; 2] = [host, group].map(|it| it.parse().unwrap());
            let mut frame = Vec::new();
            report(host, group, &mut frame);
            assert_eq!(frame.len(), len);
            let Err(Other::Membership(found)) = packet::parse(LinkType::Ethernet, &frame) else {
                panic!("{frame:02x?}");
            };
            assert_eq!(found.src, host);
            assert_eq!(found.collect::<Vec<_>>(), [(group, false)]);
        }
    }

    #[test]
    fn two_versions_of_ip_have_no_report() {
        let mut frame = Vec::new();
        report("10.0.0.1".parse().unwrap(), "ff05::7".parse().unwrap(), &mut frame);
        assert!(frame.is_empty());
    }
}
