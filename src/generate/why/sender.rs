//! What a sender should know before it sends: that its datagrams end at the first router.

use std::net::IpAddr;

use super::{Cause, Why};
use crate::net::Interface;
use crate::net::host::{Route, routes};

/// The kernel's own for groups (ip(7) `IP_MULTICAST_TTL`, ipv6(7) `IPV6_MULTICAST_HOPS`).
const GROUP_TTL: u32 = 1;

/// A warning where datagrams to these addresses end at a router: they leave with so many hops (the
/// kernel's own where none is given), by that interface or by that of the routes.
pub fn sender(to: &[IpAddr], ttl: Option<u32>, interface: Option<&Interface>) -> Option<Why> {
    warn(to, ttl, interface, &routes())
}

fn warn(
    to: &[IpAddr],
    ttl: Option<u32>,
    interface: Option<&Interface>,
    routes: &[Route],
) -> Option<Why> {
    let default = |to: &IpAddr| if to.is_multicast() { GROUP_TTL } else { u32::MAX };
    let is_loopback = interface.is_some_and(|it| it.is_loopback);
    to.iter().filter(|it| reaches_beyond(**it) && !is_loopback).find_map(|to| {
        let hops = ttl.unwrap_or_else(|| default(to));
        let route = routes.iter().filter(|it| it.leads_to(*to)).max_by_key(|it| it.prefix);
        let by = interface.map(|it| &it.name).or(route.map(|it| &it.interface))?;
        // A group's members may be behind any router of the link, a host is behind that of its route.
        let mut routers = routes.iter().filter(|it| match to.is_multicast() {
            true => it.interface == *by && it.network.is_ipv4() == to.is_ipv4(),
            false => Some(*it) == route,
        });
        let router = routers.find_map(|it| it.gateway).filter(|_| hops <= 1)?;
        Some(too_few(*to, hops, router, by))
    })
}

/// Whether routers pass it on at all: those of the link stay on it (RFC 5771 section 4, RFC 4291
/// section 2.7, RFC 919 section 7).
fn reaches_beyond(to: IpAddr) -> bool {
    match to {
        IpAddr::V4(it) => {
            let is_of_link = matches!(it.octets(), [224, 0, 0, _] | [169, 254, ..]);
            !is_of_link && !it.is_broadcast() && !it.is_loopback()
        }
        IpAddr::V6(it) => {
            const LINK_LOCAL: u8 = 2;
            let [_, flags_and_scope, ..] = it.octets();
            let scope = flags_and_scope & 0x0f;
            let is_of_link =
                if it.is_multicast() { scope <= LINK_LOCAL } else { it.is_unicast_link_local() };
            !is_of_link && !it.is_loopback()
        }
    }
}

fn too_few(to: IpAddr, hops: u32, router: IpAddr, by: &str) -> Why {
    let name = if to.is_ipv4() { "TTL" } else { "hop limit" };
    let who = if to.is_multicast() { "members of the group that are" } else { "a host" };
    Why::new(
        Cause::Ttl,
        format!(
            "datagrams to {to} leave with a {name} of {hops}, and {router} on {by} is a router: {who} behind it gets none of them"
        ),
        "--ttl N, a hop for each router on the way and one more; nothing where all are on this link",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::why::evidence::tests::interface;

    #[test]
    fn one_hop_is_too_few_where_a_router_is_on_the_way() {
        let route = |network: &str, prefix, gateway: Option<&str>, interface: &str| Route {
            network: network.parse().unwrap(),
            prefix,
            gateway: gateway.map(|it| it.parse().unwrap()),
            interface: interface.to_owned(),
        };
        let routes = [
            route("0.0.0.0", 0, Some("10.9.0.254"), "eth0"),
            route("10.9.0.0", 24, None, "eth0"),
            route("10.8.0.0", 24, None, "eth1"),
            route("::", 0, Some("fe80::1"), "eth0"),
        ];
        let (eth0, eth1) =
            (interface(2, "eth0", "10.9.0.1/24"), interface(3, "eth1", "10.8.0.1/24"));
        let lo = interface(1, "lo", "127.0.0.1/8");
        for (to, ttl, by, warns) in [
            ("239.1.1.1", None, None, true),
            ("239.1.1.1", Some(1), Some(&eth0), true),
            ("239.1.1.1", Some(2), Some(&eth0), false),
            ("239.1.1.1", None, Some(&eth1), false),
            ("239.1.1.1", None, Some(&lo), false),
            ("224.0.0.251", None, Some(&eth0), false),
            ("ff05::7", None, Some(&eth0), true),
            ("ff02::7", None, Some(&eth0), false),
            ("10.9.0.3", Some(1), None, false),
            ("192.0.2.1", Some(1), None, true),
            ("192.0.2.1", None, None, false),
            ("255.255.255.255", Some(1), Some(&eth0), false),
        ] {
            let found = warn(&[to.parse().unwrap()], ttl, by, &routes);
            assert_eq!(found.map(|it| it.cause), warns.then_some(Cause::Ttl), "{to} {ttl:?}");
        }
        let found = warn(&["239.1.1.1".parse().unwrap()], None, None, &routes).unwrap().evidence;
        let expected =
            "datagrams to 239.1.1.1 leave with a TTL of 1, and 10.9.0.254 on eth0 is a router";
        assert!(found.starts_with(expected), "{found}");
    }
}
