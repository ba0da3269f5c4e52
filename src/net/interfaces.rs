//! The interfaces of this host. The only file that names `pnet`, which does not tell the broadcast
//! addresses that an administrator has set: those are taken from getifaddrs(3) itself.

use std::net::{IpAddr, Ipv4Addr};

use nix::ifaddrs::getifaddrs;
use pnet::datalink;
use pnet::ipnetwork::IpNetwork;

use super::hardware::{Hardware, is_port, system_number};
use super::{InterfaceFlags, NetError};

/// An interface of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name: `eth0`.
    pub name: String,
    /// Its number, as the kernel has it.
    pub index: u32,
    /// Its addresses, of both families.
    pub addresses: Vec<IpAddr>,
    /// Those that reach everybody on its networks.
    pub broadcasts: Vec<Ipv4Addr>,
    /// Whether it is switched on.
    pub is_up: bool,
    /// Whether it is the host's own.
    pub is_loopback: bool,
    /// What it can do, and whether it does.
    pub flags: InterfaceFlags,
    /// Its addresses again, each with its network.
    pub networks: Vec<Network>,
}

/// An address of an interface, and the network that it reaches by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The interface's own address.
    pub address: IpAddr,
    /// Bits that all addresses of the network have in common.
    pub prefix: u8,
    /// The address that reaches all of it; that which was set, where one was.
    pub broadcast: Option<Ipv4Addr>,
}

/// Every interface of this host, also those that are switched off.
pub fn interfaces() -> Vec<Interface> {
    let set = set_broadcasts();
    datalink::interfaces().into_iter().map(|it| interface(it, &set)).collect()
}

fn interface(it: datalink::NetworkInterface, set: &[(Ipv4Addr, Ipv4Addr)]) -> Interface {
    let networks: Vec<_> = it.ips.iter().map(|ip| network(ip, it.is_loopback(), set)).collect();
    // The kernel takes the last address for a broadcast too where another one was set.
    let of_prefix = it.ips.iter().filter_map(broadcast);
    let mut broadcasts: Vec<_> = of_prefix.collect();
    for broadcast in networks.iter().filter_map(|it| it.broadcast) {
        if !broadcasts.contains(&broadcast) {
            broadcasts.push(broadcast);
        }
    }
    Interface {
        index: it.index,
        addresses: it.ips.iter().map(|network| network.ip()).collect(),
        broadcasts,
        is_up: it.is_up(),
        is_loopback: it.is_loopback(),
        flags: InterfaceFlags(it.flags),
        networks,
        name: it.name,
    }
}

/// Loopback has a broadcast address only where one was set: everything on it is the host itself.
fn network(ip: &IpNetwork, is_loopback: bool, set: &[(Ipv4Addr, Ipv4Addr)]) -> Network {
    let as_set = set.iter().find(|(address, _)| ip.ip() == *address).map(|(_, it)| *it);
    let broadcast = as_set.or_else(|| broadcast(ip).filter(|_| !is_loopback));
    Network { address: ip.ip(), prefix: ip.prefix(), broadcast }
}

/// The last address of a network that has room for one (RFC 919, section 7; RFC 3021).
fn broadcast(network: &IpNetwork) -> Option<Ipv4Addr> {
    match network {
        IpNetwork::V4(it) if it.prefix() < 31 => Some(it.broadcast()),
        _ => None,
    }
}

/// Addresses, each with the broadcast address that was set with it. Without one, the kernel tells the
/// address itself on a link without broadcast, and nothing or zeros else.
fn set_broadcasts() -> Vec<(Ipv4Addr, Ipv4Addr)> {
    let Ok(all) = getifaddrs() else { return vec![] };
    let v4 = |it: Option<nix::sys::socket::SockaddrStorage>| Some(it?.as_sockaddr_in()?.ip());
    let both = all.filter_map(|it| Some((v4(it.address)?, v4(it.broadcast)?)));
    both.filter(|(address, set)| address != set && !set.is_unspecified()).collect()
}

impl Interface {
    /// Whether it reaches everybody on its link. Loopback does without the flag.
    pub fn carries_broadcasts(&self) -> bool {
        self.flags.is_broadcast() || self.is_loopback
    }

    /// Whether it carries what is for groups. Loopback does without the flag.
    pub fn carries_groups(&self) -> bool {
        self.flags.is_multicast() || self.is_loopback
    }

    /// The interface of this name, or with this address.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn resolve(name_or_address: &str) -> Result<Self, NetError> {
        let address: Option<IpAddr> = name_or_address.parse().ok();
        let is_meant = |it: &Self| match &address {
            Some(address) => it.addresses.contains(address),
            None => it.name == name_or_address,
        };
        interfaces()
            .into_iter()
            .find(is_meant)
            .ok_or_else(|| NetError::NoInterface(name_or_address.to_owned()))
    }

    /// Bytes of the longest packet that leaves it whole; `None` where the system does not say.
    pub fn mtu(&self) -> Option<u64> {
        system_number(&self.name, "mtu")
    }

    /// Whether it is a port of a bridge or a bond, to which all goes that comes by it.
    pub fn is_port(&self) -> bool {
        is_port(&self.name)
    }

    /// The kind of its link; `None` where the system does not say.
    pub fn hardware(&self) -> Option<Hardware> {
        Hardware::of(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_found_by_its_name_and_by_its_address() {
        let by_address = Interface::resolve("127.0.0.1").unwrap();
        assert!(by_address.is_loopback);
        assert_eq!(by_address.broadcasts, [Ipv4Addr::new(127, 255, 255, 255)]);
        assert_eq!(Interface::resolve(&by_address.name).unwrap(), by_address);
        assert_ne!(by_address.index, 0);
    }

    #[test]
    fn loopback_has_its_network_and_its_kind() {
        let lo = Interface::resolve("127.0.0.1").unwrap();
        let address = Ipv4Addr::LOCALHOST.into();
        assert_eq!(lo.networks[0], Network { address, prefix: 8, broadcast: None });
        assert_eq!((lo.mtu(), lo.hardware()), (Some(65_536), Some(Hardware::Loopback)));
        assert!(lo.flags.is_up() && lo.flags.is_running() && !lo.flags.is_multicast());
    }

    #[test]
    fn an_unknown_interface_is_named_in_the_error() {
        for unknown in ["no-such-if", "192.0.2.77"] {
            let error = Interface::resolve(unknown).unwrap_err().to_string();
            assert!(error.contains(unknown), "{error}");
        }
    }
}
