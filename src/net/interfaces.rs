//! The interfaces of this host. The only file that names `pnet`.

use std::net::{IpAddr, Ipv4Addr};

use pnet::datalink;
use pnet::ipnetwork::IpNetwork;

use super::NetError;

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
    /// Whether it reaches everybody on its link (`IFF_BROADCAST`). Loopback does without saying so.
    pub is_broadcast: bool,
    /// Whether it carries what is for groups (`IFF_MULTICAST`). Loopback does without saying so.
    pub is_multicast: bool,
}

/// Every interface of this host, also those that are switched off.
pub fn interfaces() -> Vec<Interface> {
    datalink::interfaces()
        .into_iter()
        .map(|it| Interface {
            index: it.index,
            addresses: it.ips.iter().map(|network| network.ip()).collect(),
            broadcasts: it.ips.iter().filter_map(broadcast).collect(),
            is_up: it.is_up(),
            is_loopback: it.is_loopback(),
            is_broadcast: it.is_broadcast(),
            is_multicast: it.is_multicast(),
            name: it.name,
        })
        .collect()
}

/// The last address of a network that has room for one (RFC 919, section 7; RFC 3021).
fn broadcast(network: &IpNetwork) -> Option<Ipv4Addr> {
    match network {
        IpNetwork::V4(it) if it.prefix() < 31 => Some(it.broadcast()),
        _ => None,
    }
}

impl Interface {
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
    fn an_unknown_interface_is_named_in_the_error() {
        for unknown in ["no-such-if", "192.0.2.77"] {
            let error = Interface::resolve(unknown).unwrap_err().to_string();
            assert!(error.contains(unknown), "{error}");
        }
    }
}
