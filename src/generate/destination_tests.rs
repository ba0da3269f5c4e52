//! What may be sent to, and what is said of the rest.

use super::*;
use crate::net::InterfaceFlags;

fn eth0() -> Interface {
    Interface {
        name: "eth0".to_owned(),
        index: 2,
        addresses: vec!["10.0.0.1".parse().unwrap(), "fe80::1".parse().unwrap()],
        broadcasts: vec![Ipv4Addr::new(10, 0, 0, 255)],
        is_up: true,
        is_loopback: false,
        flags: InterfaceFlags(0x1002),
        networks: Vec::new(),
    }
}

fn lo() -> Interface {
    Interface {
        name: "lo".to_owned(),
        index: 1,
        addresses: vec!["127.0.0.1".parse().unwrap()],
        broadcasts: vec![Ipv4Addr::new(127, 255, 255, 255)],
        is_loopback: true,
        flags: InterfaceFlags(0x8),
        ..eth0()
    }
}

fn tunnel() -> Interface {
    let name = "tun0".to_owned();
    Interface { name, flags: InterfaceFlags(0), broadcasts: vec![], ..eth0() }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn broadcasts_are_limited_or_those_of_an_interface() {
    let (eth0, lo) = (eth0(), lo());
    let all = [eth0.clone(), lo.clone()];
    for (named, by, to) in [
        ("255.255.255.255:5", Some(&eth0), "255.255.255.255:5"),
        ("255.255.255.255:5", Some(&lo), "255.255.255.255:5"),
        ("10.0.0.255:5", Some(&eth0), "10.0.0.255:5"),
        ("10.0.0.255:5", None, "10.0.0.255:5"),
        ("127.255.255.255:5", None, "127.255.255.255:5"),
        ("0.0.0.0:5", Some(&eth0), "10.0.0.255:5"),
        ("0.0.0.0:5", Some(&lo), "127.255.255.255:5"),
    ] {
        let found = Destination::broadcast(address(named), by, &all);
        assert_eq!(found, Ok(Destination::Broadcast(address(to))), "{named}");
    }
}

#[test]
fn what_is_no_broadcast_address_is_refused_and_the_right_one_named() {
    let all = [eth0(), lo()];
    let (eth0, tunnel) = (eth0(), tunnel());
    let bare = Interface { broadcasts: vec![], ..eth0.clone() };
    let down = Interface { is_up: false, ..eth0.clone() };
    for (named, by, error) in [
        ("10.0.0.7:5", Some(&eth0), "10.0.0.7 is no broadcast address of eth0: its is 10.0.0.255"),
        (
            "10.0.0.7:5",
            None,
            "10.0.0.7 is no broadcast address of this host's: those are 10.0.0.255 (eth0), \
             127.255.255.255 (lo)",
        ),
        (
            "255.255.255.255:5",
            None,
            "255.255.255.255 goes out by one interface: name it by -i (there are eth0, lo)",
        ),
        ("255.255.255.255:5", Some(&tunnel), "interface tun0 has no broadcast"),
        ("10.0.0.255:5", Some(&down), "interface eth0 is down: switch it on by `ip link set eth0"),
        ("0.0.0.0:5", Some(&bare), "interface eth0 has no network of IPv4 with a broadcast"),
        ("[::1]:5", Some(&eth0), "::1 is an address of IPv6, which has no broadcast: send to the"),
        ("224.2.2.2:5", None, "224.2.2.2 is the address of a group: send to it by `generate mul"),
        ("10.0.0.255:0", None, "10.0.0.255:0 names no host"),
    ] {
        let found = Destination::broadcast(address(named), by, &all).unwrap_err().to_string();
        assert!(found.starts_with(error), "{named}: {found}");
    }
}

#[test]
fn a_host_is_neither_a_group_nor_everybody() {
    let all = [eth0(), lo()];
    for named in ["10.0.0.7:5", "127.0.0.1:5", "[::1]:5"] {
        let found = Destination::host(address(named), None, &all);
        assert_eq!(found, Ok(Destination::Host(address(named))));
    }
    for (named, error) in [
        (
            "224.2.2.2:5",
            "224.2.2.2 is the address of a group: send to it by \
                         `generate multicast --group 224.2.2.2:5`",
        ),
        (
            "[ff02::1]:5",
            "ff02::1 is the address of a group: send to it by \
                         `generate multicast --group [ff02::1]:5`",
        ),
        (
            "10.0.0.255:5",
            "10.0.0.255 is a broadcast address of eth0: send to it by \
                          `generate broadcast --to 10.0.0.255:5`",
        ),
        (
            "255.255.255.255:5",
            "255.255.255.255 is a broadcast address: send to it by \
                               `generate broadcast --to 255.255.255.255:5`",
        ),
        ("0.0.0.0:5", "0.0.0.0:5 names no host: write ADDR:PORT, with a port above 0"),
        ("10.0.0.7:0", "10.0.0.7:0 names no host: write ADDR:PORT, with a port above 0"),
    ] {
        let found = Destination::host(address(named), None, &all).unwrap_err();
        assert_eq!(found.to_string(), error);
    }
}

#[test]
fn groups_need_an_interface_that_carries_them() {
    let groups: Groups = "224.2.2.2+3:5".parse().unwrap();
    for by in [Some(eth0()), Some(lo()), None] {
        let found = Destination::groups(groups, by.as_ref()).unwrap();
        let last = found.addresses().last().copied();
        assert_eq!((last, found.cast()), (Some(address("224.2.2.4:5")), Cast::Multicast));
    }
    let refused = Destination::groups(groups, Some(&tunnel())).unwrap_err().to_string();
    assert!(refused.starts_with("interface tun0 does not carry multicast"), "{refused}");
}

#[test]
fn an_interface_that_is_not_there_is_named_with_those_that_are() {
    let error = interface("lp0").unwrap_err().to_string();
    assert!(error.starts_with("no interface is called lp0 or has it as an address"), "{error}");
    assert!(error.contains("lo"), "{error}");
}
