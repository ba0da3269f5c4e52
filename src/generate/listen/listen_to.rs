//! What is listened to: a host's own address, everybody's, or that of groups; and what speaks against
//! it before a socket is opened.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::generate::{Cast, Destination, DestinationError, Groups};
use crate::net::{Interface, Listen, interfaces};

/// What is listened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenTo {
    /// How datagrams are addressed.
    pub cast: Cast,
    /// The address and port; of groups, unspecified with their port.
    pub at: SocketAddr,
    /// The groups; empty unless they are listened to.
    pub groups: Vec<IpAddr>,
    /// From whom, of those who send to the groups; from anybody where none is named.
    pub sources: Vec<IpAddr>,
    /// By which interface.
    pub interface: Option<Interface>,
}

/// Why that is not listened to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenToError {
    /// A group's address is no host's.
    #[error("{0} is the address of a group: write listen multicast --group {0}")]
    Group(SocketAddr),
    /// An address that is not everybody's, and those that are.
    #[error("{address} is no broadcast address of {of}: {}", known(.broadcasts))]
    NotBroadcast {
        /// The address.
        address: IpAddr,
        /// An interface, or this host.
        of: String,
        /// Those that are.
        broadcasts: Vec<IpAddr>,
    },
    /// The interface cannot be used for it.
    #[error(transparent)]
    Interface(#[from] DestinationError),
    /// A source that can send nothing to the group.
    #[error("source {source_address} and group {group} are addresses of different versions of IP")]
    Families {
        /// The source.
        source_address: IpAddr,
        /// The group.
        group: IpAddr,
    },
    /// A source that is no host.
    #[error("source {0} is no address of a host")]
    Source(IpAddr),
}

impl ListenTo {
    /// A host's own address.
    ///
    /// # Errors
    ///
    /// It is a group's; the interface is down.
    pub fn host(at: SocketAddr, interface: Option<Interface>) -> Result<Self, ListenToError> {
        if at.ip().is_multicast() {
            return Err(ListenToError::Group(at));
        }
        Self::of(Cast::Unicast, at, interface)
    }

    /// Everybody's address; any that is one of this host's or of the interface, where it is
    /// unspecified.
    ///
    /// # Errors
    ///
    /// It is none; the interface is down.
    pub fn everybody(at: SocketAddr, interface: Option<Interface>) -> Result<Self, ListenToError> {
        let to = Self::of(Cast::Broadcast, at, interface)?;
        let broadcasts = to.destinations();
        if !at.ip().is_unspecified() && !broadcasts.contains(&at.ip()) {
            let of = to.interface.map_or("this host".to_owned(), |it| it.name);
            return Err(ListenToError::NotBroadcast { address: at.ip(), of, broadcasts });
        }
        Ok(to)
    }

    /// Groups, from any source or from those that are named.
    ///
    /// # Errors
    ///
    /// The interface is down or carries no multicast; a source is no host, or of another version of IP.
    pub fn groups(
        groups: Groups,
        sources: Vec<IpAddr>,
        interface: Option<Interface>,
    ) -> Result<Self, ListenToError> {
        let addresses: Vec<_> = groups.addresses().collect();
        let any = match groups.is_ipv6() {
            true => IpAddr::from(Ipv6Addr::UNSPECIFIED),
            false => Ipv4Addr::UNSPECIFIED.into(),
        };
        let to = Self::of(Cast::Multicast, (any, groups.port()).into(), interface)?;
        Destination::groups(groups, to.interface.as_ref())?;
        for &source_address in &sources {
            if source_address.is_multicast() || source_address.is_unspecified() {
                return Err(ListenToError::Source(source_address));
            }
            if let Some(&group) = addresses.first()
                && group.is_ipv4() != source_address.is_ipv4()
            {
                return Err(ListenToError::Families { source_address, group });
            }
        }
        Ok(Self { groups: addresses, sources, ..to })
    }

    fn of(cast: Cast, at: SocketAddr, interface: Option<Interface>) -> Result<Self, ListenToError> {
        match interface.as_ref().filter(|it| !it.is_up) {
            Some(it) => Err(DestinationError::Down { name: it.name.clone() }.into()),
            None => Ok(Self { cast, at, groups: Vec::new(), sources: Vec::new(), interface }),
        }
    }

    /// The socket that hears it. One group is its own address, so that what others have joined is not
    /// heard; of several the socket is at any, and goes by [`destinations`](Self::destinations).
    pub fn socket(&self) -> Listen {
        let at = match self.groups.as_slice() {
            [group] => SocketAddr::new(*group, self.at.port()),
            _ => self.at,
        };
        Listen {
            at,
            groups: self.groups.clone(),
            sources: self.sources.clone(),
            interface: self.interface.clone(),
            is_shared: self.cast != Cast::Unicast,
        }
    }

    /// The addresses whose datagrams count; empty where all do.
    pub fn destinations(&self) -> Vec<IpAddr> {
        match self.cast {
            Cast::Unicast => Vec::new(),
            Cast::Multicast => self.groups.clone(),
            Cast::Broadcast => broadcasts(self.interface.as_ref()),
        }
    }
}

/// The limited broadcast address, and those of the networks of an interface, or of all.
fn broadcasts(interface: Option<&Interface>) -> Vec<IpAddr> {
    let all = interface.map_or_else(interfaces, |it| vec![it.clone()]);
    let own = all.into_iter().flat_map(|it| it.broadcasts);
    let mut all: Vec<_> = [Ipv4Addr::BROADCAST].into_iter().chain(own).map(IpAddr::from).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// `that is 255.255.255.255`, `those are 10.0.0.255 and 255.255.255.255`.
fn known(broadcasts: &[IpAddr]) -> String {
    let texts: Vec<_> = broadcasts.iter().map(ToString::to_string).collect();
    match texts.split_last() {
        Some((last, [])) => format!("that is {last}"),
        Some((last, others)) => format!("those are {} and {last}", others.join(", ")),
        None => "there is none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::InterfaceFlags;

    fn interface(is_up: bool, is_multicast: bool) -> Interface {
        Interface {
            name: "eth7".into(),
            index: 7,
            addresses: vec!["10.0.0.5".parse().unwrap()],
            broadcasts: vec!["10.0.0.255".parse().unwrap()],
            is_up,
            is_loopback: false,
            flags: InterfaceFlags(if is_multicast { 0x1002 } else { 0x2 }),
            networks: Vec::new(),
        }
    }

    #[test]
    fn each_way_has_its_socket() {
        let by = Some(interface(true, true));
        let host = ListenTo::host("10.0.0.5:1989".parse().unwrap(), by.clone()).unwrap();
        assert_eq!((host.socket().is_shared, host.destinations()), (false, vec![]));
        let any = ListenTo::everybody("0.0.0.0:1989".parse().unwrap(), by.clone()).unwrap();
        assert_eq!(any.socket().at, any.at);
        let expected = ["10.0.0.255", "255.255.255.255"].map(|it| it.parse::<IpAddr>().unwrap());
        assert_eq!(any.destinations(), expected);
        let groups = |text: &str| ListenTo::groups(text.parse().unwrap(), vec![], by.clone());
        let one = groups("224.2.2.2:1989").unwrap().socket();
        assert_eq!((one.at, one.is_shared), ("224.2.2.2:1989".parse().unwrap(), true));
        let two = groups("[ff05::7]+2:1989").unwrap();
        assert_eq!(two.socket().at, "[::]:1989".parse().unwrap());
        assert_eq!(two.socket().groups, two.destinations());
    }

    #[test]
    fn what_cannot_be_listened_to_is_said() {
        let (down, bare) = (interface(false, true), interface(true, false));
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let groups = || "224.2.2.2:1989".parse().unwrap();
        let source = |text: &str| vec![text.parse::<IpAddr>().unwrap()];
        for (found, expected) in [
            (
                ListenTo::host(at("224.2.2.2:1989"), None),
                "224.2.2.2:1989 is the address of a group: write listen multicast --group \
                 224.2.2.2:1989",
            ),
            (
                ListenTo::everybody(at("10.0.0.7:1989"), Some(bare.clone())),
                "10.0.0.7 is no broadcast address of eth7: those are 10.0.0.255 and \
                 255.255.255.255",
            ),
            (
                ListenTo::host(at("10.0.0.5:1"), Some(down)),
                "interface eth7 is down: switch it on by `ip link set eth7 up`",
            ),
            (
                ListenTo::groups(groups(), vec![], Some(bare)),
                "interface eth7 does not carry multicast (it has no MULTICAST flag): `ip link set eth7 \
                 multicast on`, or name another one",
            ),
            (
                ListenTo::groups(groups(), source("::1"), None),
                "source ::1 and group 224.2.2.2 are addresses of different versions of IP",
            ),
            (
                ListenTo::groups(groups(), source("224.0.0.1"), None),
                "source 224.0.0.1 is no address of a host",
            ),
        ] {
            assert_eq!(found.unwrap_err().to_string(), expected);
        }
    }
}
