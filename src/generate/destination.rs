//! Where messages go, and whether they can: nothing is sent to what is not what it is called.
//!
//! A broadcast is limited (`255.255.255.255`, RFC 919 section 7), which needs an interface, or
//! directed (the last address of an interface's network). Loopback has neither the flag of
//! broadcasts nor that of groups, and carries both: it is exempt.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Cast, Groups};
use crate::net::{Interface, interfaces};
use crate::schema::nearest;

/// Where messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To one host.
    Host(SocketAddr),
    /// To everybody on a network.
    Broadcast(SocketAddr),
    /// To the members of groups, one message to each in turn.
    Groups(Groups),
}

/// Why nothing can be sent there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// No interface has this name or address.
    #[error("no interface is called {name} or has it as an address{}", among(nearest, known))]
    NoInterface {
        /// As it was written.
        name: String,
        /// The one that may be meant.
        nearest: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The interface is switched off.
    #[error("interface {name} is down: switch it on by `ip link set {name} up`")]
    Down {
        /// The interface.
        name: String,
    },
    /// The interface has no MULTICAST flag.
    #[error(
        "interface {name} does not carry multicast (it has no MULTICAST flag): `ip link set {name} multicast on`, or name another one"
    )]
    WithoutMulticast {
        /// The interface.
        name: String,
    },
    /// The interface has no BROADCAST flag.
    #[error("interface {name} has no broadcast (it has no BROADCAST flag): name another one")]
    WithoutBroadcast {
        /// The interface.
        name: String,
    },
    /// It is an address of a group.
    #[error(
        "{} is the address of a group: send to it by `generate multicast --group {to}`", to.ip()
    )]
    IsGroup {
        /// The address.
        to: SocketAddr,
    },
    /// It is an address of everybody.
    #[error(
        "{} is a broadcast address{}: send to it by `generate broadcast --to {to}`",
        to.ip(), of(interface)
    )]
    IsBroadcast {
        /// The address.
        to: SocketAddr,
        /// Whose, where it is that of one.
        interface: Option<String>,
    },
    /// It names nobody.
    #[error("{to} names no host: write ADDR:PORT, with a port above 0")]
    NoHost {
        /// The address.
        to: SocketAddr,
    },
    /// There are no broadcasts of IPv6.
    #[error(
        "{} is an address of IPv6, which has no broadcast: send to the group of all hosts by `generate multicast --group [ff02::1]:{}`",
        to.ip(), to.port()
    )]
    Ipv6Broadcast {
        /// The address.
        to: SocketAddr,
    },
    /// A limited broadcast without an interface.
    #[error("255.255.255.255 goes out by one interface: name it by -i{}", listed(known))]
    NeedsInterface {
        /// Those that there are.
        known: Vec<String>,
    },
    /// The interface's broadcast address is another one.
    #[error("{address} is no broadcast address of {interface}: its is {}", listed_addresses(right))]
    NoBroadcast {
        /// As it was named.
        address: IpAddr,
        /// The interface.
        interface: String,
        /// Those that it has.
        right: Vec<Ipv4Addr>,
    },
    /// The interface has none.
    #[error(
        "interface {interface} has no network of IPv4 with a broadcast address: send to 255.255.255.255"
    )]
    WithoutAddress {
        /// The interface.
        interface: String,
    },
    /// It is that of no interface.
    #[error("{address} is no broadcast address of this host's: those are {}", right.join(", "))]
    Nobodys {
        /// As it was named.
        address: IpAddr,
        /// Those that there are, each with its interface.
        right: Vec<String>,
    },
    /// The sender's address is of the other version of IP.
    #[error("{from} and {to} are addresses of different versions of IP")]
    Families {
        /// The sender's.
        from: SocketAddr,
        /// Where it goes.
        to: SocketAddr,
    },
}

/// The interface of this name, or with this address.
///
/// # Errors
///
/// There is none.
pub fn interface(name_or_address: &str) -> Result<Interface, DestinationError> {
    Interface::resolve(name_or_address).map_err(|_| {
        let known: Vec<_> = interfaces().into_iter().map(|it| it.name).collect();
        DestinationError::NoInterface {
            name: name_or_address.to_owned(),
            nearest: nearest(name_or_address, known.iter().map(String::as_str)),
            known,
        }
    })
}

impl Destination {
    /// A host, by an interface or by that of the routes. `all` are the interfaces that there are.
    ///
    /// # Errors
    ///
    /// It is a group or everybody; the interface is down.
    pub fn host(
        to: SocketAddr,
        by: Option<&Interface>,
        all: &[Interface],
    ) -> Result<Self, DestinationError> {
        by.map_or(Ok(()), require_up)?;
        let owner = all.iter().find(|it| has_broadcast(it, to.ip()));
        let interface = owner.map(|it| it.name.clone());
        match to.ip() {
            _ if to.port() == 0 || to.ip().is_unspecified() => Err(DestinationError::NoHost { to }),
            IpAddr::V4(Ipv4Addr::BROADCAST) => Err(DestinationError::IsBroadcast { to, interface }),
            _ if interface.is_some() => Err(DestinationError::IsBroadcast { to, interface }),
            ip if ip.is_multicast() => Err(DestinationError::IsGroup { to }),
            _ => Ok(Self::Host(to)),
        }
    }

    /// Everybody on a network. Where `to` has no address (`0.0.0.0`), it is that of the interface.
    ///
    /// # Errors
    ///
    /// The address is no broadcast address of the interface, or of any in `all` where `by` names
    /// none; the interface is down, or has no broadcast.
    pub fn broadcast(
        to: SocketAddr,
        by: Option<&Interface>,
        all: &[Interface],
    ) -> Result<Self, DestinationError> {
        let address = match to.ip() {
            _ if to.port() == 0 => return Err(DestinationError::NoHost { to }),
            ip if ip.is_multicast() => return Err(DestinationError::IsGroup { to }),
            IpAddr::V6(_) => return Err(DestinationError::Ipv6Broadcast { to }),
            IpAddr::V4(address) => address,
        };
        let by = match by {
            Some(by) => by,
            None => owner(address, all)?,
        };
        require_up(by)?;
        if !by.carries_broadcasts() {
            return Err(DestinationError::WithoutBroadcast { name: by.name.clone() });
        }
        let right = by.broadcasts.clone();
        let interface = by.name.clone();
        match (address, right.first()) {
            (Ipv4Addr::BROADCAST, _) => Ok(Self::Broadcast(to)),
            (_, None) => Err(DestinationError::WithoutAddress { interface }),
            (Ipv4Addr::UNSPECIFIED, Some(own)) => Ok(Self::Broadcast((*own, to.port()).into())),
            _ if right.contains(&address) => Ok(Self::Broadcast(to)),
            _ => {
                let address = address.into();
                Err(DestinationError::NoBroadcast { address, interface, right })
            }
        }
    }

    /// Everybody on a network that this host need not be on: for frames, which are not sent.
    ///
    /// # Errors
    ///
    /// The address is one of a group or of IPv6, or none.
    pub fn everybody(to: SocketAddr) -> Result<Self, DestinationError> {
        match to.ip() {
            ip if to.port() == 0 || ip.is_unspecified() => Err(DestinationError::NoHost { to }),
            ip if ip.is_multicast() => Err(DestinationError::IsGroup { to }),
            IpAddr::V6(_) => Err(DestinationError::Ipv6Broadcast { to }),
            IpAddr::V4(_) => Ok(Self::Broadcast(to)),
        }
    }

    /// Groups, by an interface or by that of the routes.
    ///
    /// # Errors
    ///
    /// The interface is down, or carries no multicast.
    pub fn groups(groups: Groups, by: Option<&Interface>) -> Result<Self, DestinationError> {
        let Some(by) = by else { return Ok(Self::Groups(groups)) };
        require_up(by)?;
        match by.carries_groups() {
            true => Ok(Self::Groups(groups)),
            false => Err(DestinationError::WithoutMulticast { name: by.name.clone() }),
        }
    }

    /// How it is addressed.
    pub fn cast(self) -> Cast {
        match self {
            Self::Host(_) => Cast::Unicast,
            Self::Broadcast(_) => Cast::Broadcast,
            Self::Groups(_) => Cast::Multicast,
        }
    }

    /// Its addresses, of which each message has the next one. At least one.
    pub fn addresses(self) -> Vec<SocketAddr> {
        match self {
            Self::Host(to) | Self::Broadcast(to) => vec![to],
            Self::Groups(it) => it.addresses().map(|ip| SocketAddr::new(ip, it.port())).collect(),
        }
    }

    /// Whether it is one of IPv6.
    pub fn is_ipv6(self) -> bool {
        match self {
            Self::Host(to) | Self::Broadcast(to) => to.is_ipv6(),
            Self::Groups(groups) => groups.is_ipv6(),
        }
    }
}

/// The interface whose broadcast address it is.
fn owner(address: Ipv4Addr, all: &[Interface]) -> Result<&Interface, DestinationError> {
    if address == Ipv4Addr::BROADCAST || address.is_unspecified() {
        let known = all.iter().map(|it| it.name.clone()).collect();
        return Err(DestinationError::NeedsInterface { known });
    }
    let address = IpAddr::V4(address);
    all.iter().find(|it| has_broadcast(it, address)).ok_or_else(|| {
        let of = |it: &Interface| {
            let name = it.name.clone();
            it.broadcasts.clone().into_iter().map(move |address| format!("{address} ({name})"))
        };
        DestinationError::Nobodys { address, right: all.iter().flat_map(of).collect() }
    })
}

fn has_broadcast(interface: &Interface, address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if interface.broadcasts.contains(&address))
}

fn require_up(interface: &Interface) -> Result<(), DestinationError> {
    match interface.is_up {
        true => Ok(()),
        false => Err(DestinationError::Down { name: interface.name.clone() }),
    }
}

/// What may be meant, else all that there is.
fn among(nearest: &Option<String>, known: &[String]) -> String {
    match nearest {
        Some(name) => format!("; did you mean {name}?"),
        None => listed(known),
    }
}

fn listed(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!(" (there are {})", known.join(", ")) }
}

fn listed_addresses(addresses: &[Ipv4Addr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn of(interface: &Option<String>) -> String {
    interface.as_ref().map(|it| format!(" of {it}")).unwrap_or_default()
}

#[cfg(test)]
#[path = "destination_tests.rs"]
mod tests;
