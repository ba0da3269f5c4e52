//! Where captured servers are played: only at addresses that the user named.
//!
//! The more closely a name fits, the sooner it holds: address and port, then the address alone,
//! then the port alone, then what stands for all.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Where to play: only what the user named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destinations {
    /// Every server becomes this one.
    pub to: Option<SocketAddr>,
    /// These servers become those, before `to`.
    pub map: HashMap<Servers, Destination>,
}

/// Servers of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Servers {
    /// The one at this address and port.
    One(SocketAddr),
    /// Those of any port of this address.
    At(IpAddr),
    /// Those of this port, whatever their address.
    Port(u16),
}

/// What servers become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The address.
    pub address: IpAddr,
    /// The port; `None` for that of each server.
    pub port: Option<u16>,
}

impl Destinations {
    /// Where traffic to a captured server goes; `None` where the user named nothing for it.
    pub fn of(&self, server: SocketAddr) -> Option<SocketAddr> {
        self.mapped(server).map(|(_, to)| to).or(self.to)
    }

    /// Where a server goes that is named, and as one of which.
    pub fn mapped(&self, server: SocketAddr) -> Option<(Servers, SocketAddr)> {
        if self.map.is_empty() {
            return None;
        }
        Servers::names_of(server).into_iter().find_map(|name| {
            let to = self.map.get(&name)?;
            Some((name, to.of(server)))
        })
    }
}

impl Servers {
    /// What a server may be named by, what fits it closest first.
    fn names_of(server: SocketAddr) -> [Self; 3] {
        [Self::One(server), Self::At(server.ip()), Self::Port(server.port())]
    }

    /// Whether a server is one of them.
    pub fn has(self, server: SocketAddr) -> bool {
        Self::names_of(server).contains(&self)
    }
}

impl Destination {
    /// What one server becomes.
    pub fn of(self, server: SocketAddr) -> SocketAddr {
        SocketAddr::new(self.address, self.port.unwrap_or(server.port()))
    }
}

impl From<SocketAddr> for Destination {
    fn from(to: SocketAddr) -> Self {
        Self { address: to.ip(), port: Some(to.port()) }
    }
}

/// `10.0.0.2:80`, `10.0.0.2`, `:80`
impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(server) => server.fmt(f),
            Self::At(address) => address.fmt(f),
            Self::Port(port) => write!(f, ":{port}"),
        }
    }
}

/// `127.0.0.1:8080`, `127.0.0.1`
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_fits_closest_holds() {
        let to = |port| Destination::from(SocketAddr::from(([127, 0, 0, 1], port)));
        let host = "10.0.0.2".parse().unwrap();
        let map = HashMap::from([
            (Servers::One(at("10.0.0.2:80")), to(1)),
            (Servers::At(host), Destination { address: [127, 0, 0, 9].into(), port: None }),
            (Servers::Port(80), to(3)),
            (Servers::One(at("[fd00::1]:53")), Destination::from(at("[::1]:5353"))),
        ]);
        let mut destinations = Destinations { to: Some(at("127.0.0.1:4")), map };
        for (server, expected) in [
            ("10.0.0.2:80", "127.0.0.1:1"),
            ("10.0.0.2:443", "127.0.0.9:443"),
            ("10.0.0.3:80", "127.0.0.1:3"),
            ("[fd00::1]:80", "127.0.0.1:3"),
            ("[fd00::1]:53", "[::1]:5353"),
            ("10.0.0.3:443", "127.0.0.1:4"),
        ] {
            assert_eq!(destinations.of(at(server)), Some(at(expected)), "{server}");
        }
        destinations.to = None;
        assert_eq!(destinations.of(at("10.0.0.3:443")), None);
        assert_eq!(Destinations::default().of(at("10.0.0.2:80")), None);
    }
}
