//! Which protocols the traffic of a port may be.
//!
//! A port with an explicit rule has no other candidate, and a rule of the command line sets aside
//! the profile's. Everything is sorted out once; a look-up is one probe for each port.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

use super::protocol_id::ProtocolId;
use super::{End, Traffic};
use crate::packet::Transport;

/// A protocol that a payload may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which protocol.
    pub protocol: ProtocolId,
    /// How well founded, lower before higher. Two that fit equally are ambiguous only where their
    /// rank is the same.
    pub rank: u32,
}

impl Candidate {
    /// A built-in, which gives way to what the content tells.
    pub fn is_built_in(self) -> bool {
        self.rank >= BUILT_IN
    }

    /// Whether it is a message of a header that the user gave, without a rule.
    pub fn is_of_header(self) -> bool {
        self.rank == HEADER
    }

    /// Whether no rule of the user names it, so that it counts only where it fits.
    pub fn is_by_fit(self) -> bool {
        self.rank >= HEADER
    }
}

/// Named by a rule of the command line.
pub(super) const RULE: u32 = 0;
/// Named by a rule of the profile.
pub(super) const PROFILE: u32 = 1;
/// A message of a given header, without a rule.
pub(super) const HEADER: u32 = 2;
/// A built-in. Each has a rank of its own, since their order is ours and no guess about the user's.
pub(super) const BUILT_IN: u32 = 3;

/// The candidates of every port.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    ports: HashMap<Key, Vec<Candidate>>,
    by_fit: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    transport: Transport,
    is_source: bool,
    port: u16,
}

impl Candidates {
    pub fn new() -> Self {
        Self { ports: HashMap::new(), by_fit: Vec::new() }
    }

    /// Adds what a rule names.
    pub fn add(&mut self, traffic: Traffic, candidate: Candidate) {
        let Traffic { transport, end, port } = traffic;
        for is_source in [true, false] {
            if end != if is_source { End::Destination } else { End::Source } {
                let candidates = self.ports.entry(Key { transport, is_source, port }).or_default();
                if !candidates.contains(&candidate) {
                    candidates.push(candidate);
                }
            }
        }
    }

    /// Adds a candidate for every UDP port without an explicit rule.
    pub fn add_by_fit(&mut self, candidate: Candidate) {
        self.by_fit.push(candidate);
    }

    /// Leaves each port what outranks the rest. To be called when all are added.
    pub fn settle(&mut self) {
        for (key, candidates) in &mut self.ports {
            let best = candidates.iter().map(|it| it.rank).min().unwrap_or(BUILT_IN);
            if best <= PROFILE {
                candidates.retain(|it| it.rank == best);
            } else if is_fitted(key.transport) {
                candidates.extend_from_slice(&self.by_fit);
            }
            candidates.sort_by_key(|it| it.rank);
        }
    }

    /// Every protocol that is a candidate somewhere.
    pub fn protocols(&self) -> BTreeSet<ProtocolId> {
        self.ports.values().flatten().chain(&self.by_fit).map(|it| it.protocol).collect()
    }

    /// The candidates of each port with a rule, and of any other.
    pub fn lists(&self) -> impl Iterator<Item = &[Candidate]> {
        self.ports.values().chain([&self.by_fit]).map(Vec::as_slice)
    }

    /// Which of two ports is the one that a rule names; `None` where none or either is.
    pub fn declared_port(&self, transport: Transport, one: u16, other: u16) -> Option<u16> {
        let is_declared = |port: u16| {
            [true, false]
                .into_iter()
                .any(|is_source| self.ports.contains_key(&Key { transport, is_source, port }))
        };
        match (is_declared(one), is_declared(other)) {
            (true, false) => Some(one),
            (false, true) => Some(other),
            _ => None,
        }
    }

    /// What a payload may be, best founded first. Where both ends have a rule of the same rank,
    /// the destination's holds: a message is what its receiver takes it for.
    pub fn of(&self, transport: Transport, source: u16, destination: u16) -> &[Candidate] {
        let to = self.ports.get(&Key { transport, is_source: false, port: destination });
        let from = self.ports.get(&Key { transport, is_source: true, port: source });
        let rank = |it: &[Candidate]| it.first().map_or(u32::MAX, |it| it.rank);
        match (to, from, transport) {
            (Some(to), Some(from), _) if rank(from) < rank(to) => from,
            (Some(only), _, _) | (None, Some(only), _) => only,
            (None, None, fitted) if is_fitted(fitted) => &self.by_fit,
            (None, None, _) => &[],
        }
    }
}

/// Whether every message is a candidate where no rule says otherwise: a datagram is one or is none,
/// while a stream would have to be cut first.
fn is_fitted(transport: Transport) -> bool {
    transport.has_ports() && !transport.is_stream()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(rules: &[(&str, usize, u32)], by_fit: &[usize]) -> Candidates {
        let mut candidates = Candidates::new();
        for &(traffic, index, rank) in rules {
            let protocol = ProtocolId::at(index);
            candidates.add(traffic.parse().unwrap(), Candidate { protocol, rank });
        }
        for &index in by_fit {
            let protocol = ProtocolId::at(index);
            candidates.add_by_fit(Candidate { protocol, rank: HEADER });
        }
        candidates.settle();
        candidates
    }

    fn of(candidates: &Candidates, transport: Transport, source: u16, to: u16) -> Vec<usize> {
        candidates.of(transport, source, to).iter().map(|it| it.protocol.index()).collect()
    }

    #[test]
    fn a_rule_looks_at_its_transport_and_end() {
        use Transport::*;
        let candidates = candidates(
            &[("udp.port==7", 0, RULE), ("udp.srcport==8", 1, RULE), ("tcp.dstport==9", 2, RULE)],
            &[],
        );
        for (transport, source, to, expected) in [
            (Udp, 7, 1, &[0][..]),
            (Udp, 1, 7, &[0]),
            (Tcp, 1, 7, &[]),
            (Udp, 8, 1, &[1]),
            (Udp, 1, 8, &[]),
            (Tcp, 1, 9, &[2]),
            (Tcp, 9, 1, &[]),
            (Udp, 8, 7, &[0]),
            (Udp, 7, 8, &[0]),
            (Udp, 1, 2, &[]),
        ] {
            assert_eq!(
                of(&candidates, transport, source, to),
                expected,
                "{transport:?} {source} {to}"
            );
        }
    }

    #[test]
    fn one_of_two_ports_is_declared() {
        let candidates = candidates(&[("tcp.port==9", 0, RULE), ("tcp.srcport==8", 0, RULE)], &[]);
        let of = |one, other| candidates.declared_port(Transport::Tcp, one, other);
        assert_eq!((of(9, 1), of(1, 9), of(1, 8)), (Some(9), Some(9), Some(8)));
        assert_eq!((of(8, 9), of(1, 2), of(9, 9)), (None, None, None));
        assert_eq!(candidates.declared_port(Transport::Udp, 9, 1), None);
    }

    #[test]
    fn what_every_port_sets_aside_is_out_of_reach() {
        let candidates = candidates(
            &[("udp.port==1", 0, BUILT_IN), ("udp.port==1", 1, PROFILE), ("udp.port==1", 2, RULE)],
            &[],
        );
        assert_eq!(candidates.protocols().into_iter().collect::<Vec<_>>(), [ProtocolId::at(2)]);
    }

    #[test]
    fn a_better_founded_rule_leaves_no_other_candidate() {
        let candidates = candidates(
            &[
                ("udp.port==1", 0, BUILT_IN),
                ("udp.port==1", 1, PROFILE),
                ("udp.port==1", 2, RULE),
                ("udp.dstport==1", 3, RULE),
                ("udp.port==1", 2, RULE),
                ("udp.port==2", 0, BUILT_IN + 1),
                ("udp.port==2", 4, BUILT_IN),
                ("udp.port==3", 1, PROFILE),
                ("udp.port==3", 0, BUILT_IN),
                ("tcp.port==2", 5, BUILT_IN),
            ],
            &[6, 7],
        );
        let udp = |source, to| of(&candidates, Transport::Udp, source, to);
        assert_eq!(udp(5, 1), [2, 3], "several rules of the command line, in its order");
        assert_eq!(udp(1, 5), [2], "one looks at the destination only");
        assert_eq!(udp(5, 3), [1], "the profile before the built-ins");
        assert_eq!(udp(5, 2), [6, 7, 4, 0], "a header without a rule, then the built-ins");
        assert_eq!(udp(5, 5), [6, 7], "a port without any rule");
        let by_fit = |port| {
            let found = candidates.of(Transport::Udp, 5, port).iter();
            found.map(|it| it.is_by_fit()).collect::<Vec<_>>()
        };
        assert_eq!(by_fit(1), [false, false]);
        assert_eq!(by_fit(3), [false]);
        assert_eq!(by_fit(2), [true; 4]);
        assert_eq!(by_fit(5), [true, true]);
        let reachable: Vec<_> = candidates.protocols().into_iter().map(ProtocolId::index).collect();
        assert_eq!(reachable, [0, 1, 2, 3, 4, 5, 6, 7], "each has a port somewhere");
        assert_eq!(udp(1, 3), [2], "the command line at either end");
        assert_eq!(udp(3, 2), [1], "an explicit rule at either end");
        assert_eq!(of(&candidates, Transport::Tcp, 2, 5), [5], "no messages by fit in streams");
        assert!(of(&candidates, Transport::Tcp, 5, 5).is_empty());
    }
}
