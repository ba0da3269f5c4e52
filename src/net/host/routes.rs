//! Routes of the main table: `/proc/net/route` and `/proc/net/ipv6_route`. Rules and other tables are
//! not among them: who wants to know which way a packet would go asks the kernel
//! ([`route_source`](crate::net::route_source)).

use std::net::{IpAddr, Ipv6Addr};

use super::{read, v4_of_memory, v6_in_order};

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it leads: the network.
    pub network: IpAddr,
    /// Bits that all addresses of the network have in common.
    pub prefix: u8,
    /// The router on the way; `None` where the network is on the link.
    pub gateway: Option<IpAddr>,
    /// The name of the interface.
    pub interface: String,
}

impl Route {
    /// Whether it leads to an address.
    pub fn leads_to(&self, to: IpAddr) -> bool {
        // Beyond the width nothing is left of the address: all are equal.
        let differ = match (self.network, to) {
            (IpAddr::V4(network), IpAddr::V4(to)) => (u32::from(network) ^ u32::from(to))
                .checked_shr(32 - u32::from(self.prefix.min(32))),
            (IpAddr::V6(network), IpAddr::V6(to)) => {
                let differ = u128::from(network) ^ u128::from(to);
                let rest = differ.checked_shr(128 - u32::from(self.prefix.min(128)));
                rest.map(|it| u32::from(it != 0))
            }
            _ => return false,
        };
        differ.unwrap_or(0) == 0
    }
}

/// Those of both families that are in use.
pub fn routes() -> Vec<Route> {
    let v4 = read("/proc/net/route").unwrap_or_default();
    let v6 = read("/proc/net/ipv6_route").unwrap_or_default();
    parse_v4(&v4).chain(parse_v6(&v6)).collect()
}

const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const REJECT: u32 = 0x200;

/// Interface, network, gateway, flags, references, uses, metric, mask: numbers in hexadecimal.
fn parse_v4(text: &str) -> impl Iterator<Item = Route> {
    text.lines().skip(1).filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [interface, network, gateway, flags, _, _, _, mask, ..] = *words else { return None };
        let flags = u32::from_str_radix(flags, 16).ok().filter(|it| it & (UP | REJECT) == UP)?;
        let prefix = u8::try_from(u32::from(v4_of_memory(mask)?).leading_ones()).ok()?;
        let gateway = v4_of_memory(gateway).filter(|_| flags & GATEWAY != 0);
        let network = v4_of_memory(network)?.into();
        let interface = interface.to_owned();
        Some(Route { network, prefix, gateway: gateway.map(IpAddr::V4), interface })
    })
}

/// Network and its prefix, source and its prefix, gateway, metric, references, uses, flags, interface.
fn parse_v6(text: &str) -> impl Iterator<Item = Route> {
    text.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [network, prefix, _, _, gateway, _, _, _, flags, interface] = *words else {
            return None;
        };
        u32::from_str_radix(flags, 16).ok().filter(|it| it & (UP | REJECT) == UP)?;
        let gateway = v6_in_order(gateway).filter(|it| *it != Ipv6Addr::UNSPECIFIED);
        Some(Route {
            network: v6_in_order(network)?.into(),
            prefix: u8::from_str_radix(prefix, 16).ok()?,
            gateway: gateway.map(IpAddr::V6),
            interface: interface.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(routes: impl Iterator<Item = Route>) -> Vec<String> {
        let gateway = |it: &Route| it.gateway.map_or("link".to_owned(), |it| it.to_string());
        let told =
            |it: Route| format!("{}/{} {} {}", it.network, it.prefix, gateway(&it), it.interface);
        routes.map(told).collect()
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn routes_are_read_with_their_routers() {
        let v4 =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t000200C0\t00000000\t0200\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t0002";
        assert_eq!(told(parse_v4(v4)), ["0.0.0.0/0 192.0.2.1 eth0", "192.0.2.0/24 link eth0"]);
        let v6 = "\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
";
        assert_eq!(told(parse_v6(v6)), ["fd00::/64 link eth0", "::/0 fd00::1 eth0"]);
    }

    #[test]
    fn a_route_leads_to_its_network() {
        let route = |network: &str, prefix| {
            let (network, interface) = (network.parse().unwrap(), "eth0".to_owned());
            Route { network, prefix, gateway: None, interface }
        };
        for (network, prefix, to, leads) in [
            ("192.0.2.0", 24, "192.0.2.255", true),
            ("192.0.2.0", 24, "192.0.3.0", false),
            ("192.0.2.1", 32, "192.0.2.1", true),
            ("192.0.2.1", 32, "192.0.2.0", false),
            ("0.0.0.0", 0, "224.2.2.2", true),
            ("::", 0, "224.2.2.2", false),
            ("::", 0, "ff05::1", true),
            ("fd00::", 64, "fd00::1:0:0:0:1", false),
        ] {
            let found = route(network, prefix).leads_to(to.parse().unwrap());
            assert_eq!(found, leads, "{network}/{prefix} {to}");
        }
    }
}
