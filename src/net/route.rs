//! Which way the routes lead, asked of the kernel as a program that sends would: all its rules and
//! tables count. Nothing is sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// Any port will do: no datagram is made.
const DISCARD: u16 = 9;

/// The address that this host would send from to get there; `None` where no route leads there.
pub fn route_source(to: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match to {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((to, DISCARD)).ok()?;
    socket.local_addr().ok().map(|it| it.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_itself() {
        let localhost = Ipv4Addr::LOCALHOST.into();
        assert_eq!(route_source(localhost), Some(localhost));
    }
}
