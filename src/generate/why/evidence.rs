//! All that a diagnosis goes by.

use std::net::IpAddr;
use std::time::Duration;

use super::Wanted;
use super::host_state::HostState;
use super::seen::Seen;
use crate::net::host::{Counters, ReversePath};
use crate::net::{DropRule, Interface};

/// What was seen, and what the kernel said.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub wanted: Wanted,
    /// How long the link was looked at.
    pub watched: Duration,
    /// Datagrams that the listener received.
    pub received: u64,
    /// Datagrams that its socket dropped, as the kernel told it.
    pub dropped: u64,
    /// What the link showed, or why it could not be looked at.
    pub link: Result<Seen, String>,
    pub before: HostState,
    pub after: HostState,
    /// From which address this host would answer those that were seen; `None` where no route leads to
    /// them.
    pub ways_back: Vec<(IpAddr, Option<IpAddr>)>,
}

impl Evidence {
    pub fn interface(&self, index: u32) -> Option<&Interface> {
        self.after.interfaces.iter().find(|it| it.index == index)
    }

    /// An interface's name, or its number where it has gone.
    pub fn name(&self, index: u32) -> String {
        self.interface(index).map_or_else(|| format!("interface {index}"), |it| it.name.clone())
    }

    /// The interfaces that the group was joined by while this was watched: those are the listener's
    /// own. Where there are none, those that any socket has joined it by; `None` where the kernel does
    /// not say.
    pub fn joined_by(&self, group: IpAddr) -> Option<Vec<u32>> {
        let all: Vec<_> =
            self.after.joined.iter().flatten().filter(|it| it.group == group).collect();
        let before = |index| {
            let mut before = self.before.joined.iter().flatten();
            before.find(|it| it.index == index && it.group == group).map_or(0, |it| it.users)
        };
        let own: Vec<_> =
            all.iter().filter(|it| it.users > before(it.index)).map(|it| it.index).collect();
        self.after.joined.as_ref()?;
        Some(if own.is_empty() { all.iter().map(|it| it.index).collect() } else { own })
    }

    /// What the kernel counted meanwhile.
    pub fn counted(&self) -> Counters {
        self.after.counters.since(self.before.counters)
    }

    /// Datagrams that sockets at the port dropped meanwhile.
    pub fn socket_drops(&self) -> u64 {
        let port = self.wanted.local.port();
        let drops = |state: &HostState| {
            let sockets = state.sockets.iter().flatten().filter(|it| it.local.port() == port);
            sockets.fold(0u64, |sum, it| sum.saturating_add(it.drops))
        };
        drops(&self.after).saturating_sub(drops(&self.before)).max(self.dropped)
    }

    /// Whether some socket has the port; `None` where the kernel does not say.
    pub fn is_port_bound(&self, port: u16) -> Option<bool> {
        let sockets = self.after.sockets.as_ref()?;
        Some(sockets.iter().any(|it| it.local.port() == port))
    }

    pub fn reverse_path(&self, index: u32) -> ReversePath {
        let all = &self.after.reverse_paths;
        all.iter().find(|(it, _)| *it == index).map_or(ReversePath::Off, |(_, value)| *value)
    }

    /// Whether answers to a sender would leave by another interface, or by none, as far as is known.
    pub fn way_back_is_other(&self, from: IpAddr, index: u32) -> bool {
        let known = self.ways_back.iter().find(|(it, _)| *it == from).map(|(_, source)| *source);
        let is_of_interface =
            |source| self.interface(index).is_some_and(|it| it.addresses.contains(&source));
        match known {
            // A loose filter lets through whom any route leads to.
            Some(Some(source)) if self.reverse_path(index) == ReversePath::Strict => {
                !is_of_interface(source)
            }
            Some(way) => way.is_none(),
            None => true,
        }
    }

    /// The rules that may have dropped something: those whose counts rose, with by how much; those
    /// that count nothing where none rose.
    pub fn rules_that_dropped(&self) -> Vec<(&DropRule, Option<u64>)> {
        let Ok(after) = &self.after.drop_rules else { return vec![] };
        let before = |rule: &DropRule| {
            let mut before = self.before.drop_rules.iter().flatten();
            let same = before.find(|it| it.chain == rule.chain && it.handle == rule.handle);
            same.and_then(|it| it.packets).unwrap_or(0)
        };
        let rise = |it: &DropRule| it.packets.map(|now| now.saturating_sub(before(it)));
        let all = || after.iter().map(|it| (it, rise(it)));
        let counted: Vec<_> = all().filter(|(_, it)| it.is_some_and(|it| it > 0)).collect();
        if counted.is_empty() { all().filter(|(_, it)| it.is_none()).collect() } else { counted }
    }
}

/// `1 frame`, `12 frames`.
pub(super) fn count(number: u64, of: &str) -> String {
    match number {
        1 => format!("1 {of}"),
        _ => format!("{number} {of}s"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::generate::Cast;
    use crate::net::host::JoinedGroup;
    use crate::net::{InterfaceFlags, Network};

    /// An interface that is up, with one address.
    pub fn interface(index: u32, name: &str, network: &str) -> Interface {
        let (address, prefix) = network.split_once('/').unwrap();
        let (address, prefix): (IpAddr, u8) = (address.parse().unwrap(), prefix.parse().unwrap());
        let IpAddr::V4(v4) = address else { panic!("these are of IPv4") };
        let broadcast = (u32::from(v4) | (u32::MAX >> prefix)).into();
        let is_loopback = name == "lo";
        Interface {
            name: name.into(),
            index,
            addresses: vec![address],
            broadcasts: vec![broadcast],
            is_up: true,
            is_loopback,
            flags: InterfaceFlags(if is_loopback { 0x49 } else { 0x1043 }),
            networks: vec![Network { address, prefix, broadcast: Some(broadcast) }],
        }
    }

    /// A listener at port 1989, of 224.2.2.2 where it is of groups.
    pub fn wanted(cast: Cast) -> Wanted {
        let groups = match cast {
            Cast::Multicast => vec!["224.2.2.2".parse().unwrap()],
            _ => vec![],
        };
        let local = "0.0.0.0:1989".parse().unwrap();
        Wanted { cast, local, groups, sources: vec![], interface: None }
    }

    pub fn joined(index: u32, group: &str, users: u32) -> JoinedGroup {
        let group = group.parse().unwrap();
        JoinedGroup { index, interface: String::new(), group, users }
    }

    #[test]
    fn the_listeners_own_memberships_go_before_those_of_others() {
        let state = |joined: &[JoinedGroup]| HostState {
            interfaces: vec![],
            joined: Some(joined.to_vec()),
            sockets: None,
            filters: vec![],
            counters: Counters::default(),
            reverse_paths: vec![],
            ports: vec![],
            has_route: true,
            drop_rules: Ok(vec![]),
        };
        let mut evidence = Evidence {
            wanted: wanted(Cast::Multicast),
            watched: Duration::ZERO,
            received: 0,
            dropped: 0,
            link: Ok(Seen::default()),
            before: state(&[joined(3, "224.2.2.2", 1)]),
            after: state(&[joined(3, "224.2.2.2", 1), joined(2, "224.2.2.2", 1)]),
            ways_back: vec![],
        };
        let group = "224.2.2.2".parse().unwrap();
        assert_eq!(evidence.joined_by(group), Some(vec![2]));
        evidence.after = evidence.before.clone();
        assert_eq!(evidence.joined_by(group), Some(vec![3]), "somebody else's, from before");
        assert_eq!(evidence.joined_by("224.9.9.9".parse().unwrap()), Some(vec![]));
        evidence.after.joined = None;
        assert_eq!(evidence.joined_by(group), None);
    }
}
