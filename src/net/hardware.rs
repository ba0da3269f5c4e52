//! What kind of link an interface has: the hardware types of ARP (RFC 826), as IANA and Linux number
//! them (`if_arp.h`), read from `/sys/class/net/NAME/type`.

use std::fmt;
use std::path::PathBuf;

/// The kind of an interface's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hardware {
    /// Ethernet, and what looks like it: veth, bridges, Wi-Fi that is associated.
    Ethernet,
    /// The host's own.
    Loopback,
    /// Packets without a link header: TUN, WireGuard.
    None,
    /// PPP.
    Ppp,
    /// IP in IP.
    Tunnel,
    /// Another one, by its number.
    Other(u16),
}

/// Their numbers and names.
const KNOWN: [(u16, Hardware, &str); 5] = [
    (1, Hardware::Ethernet, "Ethernet"),
    (772, Hardware::Loopback, "loopback"),
    (0xfffe, Hardware::None, "none"),
    (512, Hardware::Ppp, "PPP"),
    (768, Hardware::Tunnel, "tunnel"),
];

/// Of those that have no variant, what IANA and Linux call them.
const NAMED: [(u16, &str); 9] = [
    (32, "InfiniBand"),
    (280, "CAN"),
    (769, "IPv6 tunnel"),
    (776, "SIT"),
    (778, "GRE"),
    (801, "802.11"),
    (803, "802.11 radiotap"),
    (823, "IPv6 GRE"),
    (824, "netlink"),
];

impl Hardware {
    /// The one that has this number.
    pub fn from_number(number: u16) -> Self {
        let known = KNOWN.into_iter().find(|(it, ..)| *it == number);
        known.map_or(Self::Other(number), |(_, hardware, _)| hardware)
    }

    /// That of an interface; `None` where the system does not say.
    pub fn of(interface: &str) -> Option<Self> {
        system_number(interface, "type")
            .and_then(|it| u16::try_from(it).ok())
            .map(Self::from_number)
    }
}

impl fmt::Display for Hardware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((.., name)) = KNOWN.into_iter().find(|(_, it, _)| it == self) {
            return f.pad(name);
        }
        let Self::Other(number) = self else { return Ok(()) };
        match NAMED.into_iter().find(|(it, _)| it == number) {
            Some((_, name)) => f.pad(name),
            None => write!(f, "type {number}"),
        }
    }
}

/// A number that the system keeps of an interface.
pub(super) fn system_number(interface: &str, key: &str) -> Option<u64> {
    std::fs::read_to_string(system_path(interface, key)?).ok()?.trim().parse().ok()
}

/// Whether an interface is a port of another one, a bridge or a bond, that has what comes by it.
pub(super) fn is_port(interface: &str) -> bool {
    let keys = ["brport", "bonding_slave"];
    keys.iter().filter_map(|key| system_path(interface, key)).any(|it| it.exists())
}

/// Names that could leave the folder have none: the kernel admits neither `/` nor dots alone.
fn system_path(interface: &str, key: &str) -> Option<PathBuf> {
    let is_a_name = !interface.contains('/') && !interface.starts_with('.');
    is_a_name.then(|| format!("/sys/class/net/{interface}/{key}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_links_are_named() {
        for (number, name) in [
            (1, "Ethernet"),
            (772, "loopback"),
            (65_534, "none"),
            (512, "PPP"),
            (768, "tunnel"),
            (778, "GRE"),
            (4242, "type 4242"),
        ] {
            assert_eq!(Hardware::from_number(number).to_string(), name);
        }
    }

    #[test]
    fn what_is_no_name_of_an_interface_has_none() {
        assert_eq!(Hardware::of("lo"), Some(Hardware::Loopback));
        for name in ["no-such-if", "../net/lo", ".", ""] {
            assert_eq!(Hardware::of(name), None, "{name}");
        }
    }
}
