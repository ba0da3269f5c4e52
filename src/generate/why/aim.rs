//! Where a datagram goes, as seen from what is waited for.

use std::net::{IpAddr, SocketAddr};

use super::Wanted;
use crate::generate::Cast;
use crate::net::{Direction, Interface};

/// Where a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Aim {
    /// There.
    Wanted,
    /// To the same group, to everybody or to this host, but to another port.
    OtherPort,
    /// To the same port of another group.
    OtherGroup,
    /// To the same port of everybody, by the address of another network.
    OtherBroadcast,
    /// To the same port of another host.
    OtherHost,
}

/// What hosts tell everybody by themselves: DHCP, NetBIOS. A sender on one of these ports is none that
/// mistook the port.
const CHATTER: [u16; 4] = [67, 68, 137, 138];

impl Wanted {
    /// Where a datagram goes that an interface of this host shows; `None` for what has nothing to do
    /// with it.
    pub(super) fn aim(
        &self,
        to: SocketAddr,
        direction: Direction,
        by: Option<&Interface>,
        all: &[Interface],
    ) -> Option<Aim> {
        let is_port = to.port() == self.local.port();
        let to_address = match self.cast {
            Cast::Multicast => self.aim_at_group(to.ip()),
            Cast::Broadcast => aim_at_everybody(to.ip(), direction, by),
            Cast::Unicast => self.aim_at_host(to.ip(), direction, all),
        }?;
        match (to_address, is_port) {
            (aim, true) => Some(aim),
            (Aim::Wanted, false) if !CHATTER.contains(&to.port()) => Some(Aim::OtherPort),
            _ => None,
        }
    }

    fn aim_at_group(&self, to: IpAddr) -> Option<Aim> {
        let is_alike = to.is_ipv4() == self.local.is_ipv4();
        match to.is_multicast() {
            true if self.groups.contains(&to) => Some(Aim::Wanted),
            true if is_alike => Some(Aim::OtherGroup),
            _ => None,
        }
    }

    fn aim_at_host(&self, to: IpAddr, direction: Direction, all: &[Interface]) -> Option<Aim> {
        let is_ours = all.iter().any(|it| it.addresses.contains(&to));
        let is_plain = !to.is_multicast() && to.is_ipv4() == self.local.is_ipv4();
        match (is_ours, direction) {
            (true, Direction::In) => Some(Aim::Wanted),
            (false, Direction::Past | Direction::In) if is_plain => Some(Aim::OtherHost),
            _ => None,
        }
    }
}

/// What is sent to everybody on the link, but to an IP address that is none of everybody here, is for
/// another network.
fn aim_at_everybody(to: IpAddr, direction: Direction, by: Option<&Interface>) -> Option<Aim> {
    let IpAddr::V4(to) = to else { return None };
    let is_here = by.is_some_and(|it| it.broadcasts.contains(&to));
    match direction {
        _ if to.is_broadcast() || is_here => Some(Aim::Wanted),
        Direction::Broadcast => Some(Aim::OtherBroadcast),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::why::evidence::tests::{interface, wanted};

    #[test]
    fn a_destination_is_seen_from_what_is_wanted() {
        use Direction::{Broadcast, In, Past};
        let eth0 = interface(2, "eth0", "10.9.0.1/24");
        let all = [eth0.clone()];
        let cases = [
            (Cast::Multicast, "224.2.2.2:1989", In, Some(Aim::Wanted)),
            (Cast::Multicast, "224.2.2.2:1990", In, Some(Aim::OtherPort)),
            (Cast::Multicast, "224.2.2.3:1989", In, Some(Aim::OtherGroup)),
            (Cast::Multicast, "224.2.2.3:1990", In, None),
            (Cast::Multicast, "10.9.0.1:1989", In, None),
            (Cast::Multicast, "[ff05::7]:1989", In, None),
            (Cast::Broadcast, "255.255.255.255:1989", Broadcast, Some(Aim::Wanted)),
            (Cast::Broadcast, "10.9.0.255:1989", Broadcast, Some(Aim::Wanted)),
            (Cast::Broadcast, "10.9.0.255:1990", Broadcast, Some(Aim::OtherPort)),
            (Cast::Broadcast, "10.9.0.255:138", Broadcast, None),
            (Cast::Broadcast, "10.9.255.255:1989", Broadcast, Some(Aim::OtherBroadcast)),
            (Cast::Broadcast, "10.9.255.255:1990", Broadcast, None),
            (Cast::Broadcast, "10.9.255.255:1989", Past, None),
            (Cast::Broadcast, "10.9.0.1:1989", In, None),
            (Cast::Unicast, "10.9.0.1:1989", In, Some(Aim::Wanted)),
            (Cast::Unicast, "10.9.0.1:1990", In, Some(Aim::OtherPort)),
            (Cast::Unicast, "10.9.0.3:1989", Past, Some(Aim::OtherHost)),
            (Cast::Unicast, "10.9.0.3:1990", Past, None),
            (Cast::Unicast, "224.2.2.2:1989", In, None),
        ];
        for (cast, to, direction, expected) in cases {
            let found = wanted(cast).aim(to.parse().unwrap(), direction, Some(&eth0), &all);
            assert_eq!(found, expected, "{cast} {to}");
        }
    }
}
