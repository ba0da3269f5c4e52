//! What a listener waits for.

use std::net::{IpAddr, SocketAddr};

use crate::generate::Cast;
use crate::net::Interface;

/// What a listener waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How it is addressed.
    pub cast: Cast,
    /// Where the socket is bound; its port is the one that is waited for.
    pub local: SocketAddr,
    /// The groups that it joins.
    pub groups: Vec<IpAddr>,
    /// The only senders that it admits; anybody where it is empty.
    pub sources: Vec<IpAddr>,
    /// The interface that it listens by; any, where none is named.
    pub interface: Option<Interface>,
}

impl Wanted {
    /// Whether a socket that is bound as this one receives what is sent to that address.
    pub(super) fn is_bound_to(&self, address: IpAddr) -> bool {
        let local = self.local.ip();
        local.is_unspecified() || local == address
    }

    /// Its destinations, as they are told: `224.2.2.2:1989`, or `224.2.2.2:1989 and 9 more`.
    pub(super) fn told(&self) -> String {
        let port = self.local.port();
        match (self.cast, &*self.groups) {
            (Cast::Multicast, [group]) => SocketAddr::new(*group, port).to_string(),
            (Cast::Multicast, [group, rest @ ..]) => {
                format!("{} and {} more", SocketAddr::new(*group, port), rest.len())
            }
            (Cast::Broadcast, _) => format!("a broadcast address, port {port}"),
            _ if self.local.ip().is_unspecified() => format!("this host, port {port}"),
            _ => self.local.to_string(),
        }
    }
}
