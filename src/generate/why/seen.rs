//! What the link showed: a bounded table of who sends where, as far as it has to do with what is
//! waited for.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use super::Wanted;
use super::aim::Aim;
use super::sighting::{Datagram, Sighting};
use crate::net::{Direction, Interface, LinkPacket};

/// Senders that are told apart for each [`Aim`]; the frames of others are counted.
const MAX_FLOWS: usize = 64;

/// What the link showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    flows: HashMap<Key, Flow>,
    /// Packets of any kind.
    pub packets: u64,
    /// Frames of senders beyond the bound.
    pub untold: u64,
    /// Frames that the packet socket had no room for.
    pub missed: u64,
    /// Who asked for members, last of all.
    pub querier: Option<IpAddr>,
}

/// Which frames are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The number of the interface.
    pub index: u32,
    pub from: IpAddr,
    pub to: SocketAddr,
    /// The VLAN that is named by a tag.
    pub vlan: Option<u16>,
    /// Whether it left this host, and did not come to it.
    pub is_outgoing: bool,
}

/// Frames that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub key: Key,
    pub aim: Aim,
    pub frames: u64,
    /// Of them, those whose IP header's checksum is wrong.
    pub wrong_headers: u64,
    /// Of the others, those whose UDP checksum is wrong.
    pub wrong_checksums: u64,
    /// Of them, those that are the first of several fragments.
    pub fragments: u64,
    /// Hops that the first had left.
    pub hops: u8,
}

impl Seen {
    /// Counts a packet.
    pub fn add(&mut self, packet: &LinkPacket<'_>, wanted: &Wanted, interfaces: &[Interface]) {
        self.packets = self.packets.saturating_add(1);
        match Sighting::of(packet) {
            Some(Sighting::Datagram(it)) => self.add_datagram(&it, packet, wanted, interfaces),
            Some(Sighting::Query(from)) => self.querier = Some(from),
            None => {}
        }
    }

    fn add_datagram(
        &mut self,
        datagram: &Datagram,
        packet: &LinkPacket<'_>,
        wanted: &Wanted,
        interfaces: &[Interface],
    ) {
        let by = interfaces.iter().find(|it| it.index == packet.index);
        let is_outgoing = packet.direction == Direction::Out;
        // On loopback each is seen twice: it also comes.
        if is_outgoing && by.is_none_or(|it| it.is_loopback) {
            return;
        }
        let Some(aim) = wanted.aim(datagram.to, packet.direction, by, interfaces) else { return };
        let key = Key {
            index: packet.index,
            from: datagram.from.ip(),
            to: datagram.to,
            // A tag of priority alone is looked through (IEEE 802.1Q).
            vlan: packet.vlan.filter(|it| *it != 0),
            is_outgoing,
        };
        let is_known = self.flows.contains_key(&key);
        if !is_known && self.of(aim).count() >= MAX_FLOWS {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.flows.entry(key).or_insert_with(|| Flow::new(key, aim, datagram.hops)).add(datagram);
    }

    /// Those that go there, most frames first.
    pub fn flows(&self, aim: Aim) -> Vec<Flow> {
        let mut flows: Vec<_> = self.of(aim).copied().collect();
        flows
            .sort_by_key(|it| (std::cmp::Reverse(it.frames), it.key.index, it.key.from, it.key.to));
        flows
    }

    /// Who sends to what is waited for; each as often as it has flows.
    pub fn senders(&self) -> impl Iterator<Item = IpAddr> {
        self.of(Aim::Wanted).map(|it| it.key.from)
    }

    fn of(&self, aim: Aim) -> impl Iterator<Item = &Flow> {
        self.flows.values().filter(move |it| it.aim == aim)
    }

    #[cfg(test)]
    pub fn with(flows: &[Flow]) -> Self {
        let flows = flows.iter().map(|it| (it.key, *it)).collect();
        Self { flows, packets: 1, ..Self::default() }
    }
}

impl Flow {
    pub fn new(key: Key, aim: Aim, hops: u8) -> Self {
        Self { key, aim, frames: 0, wrong_headers: 0, wrong_checksums: 0, fragments: 0, hops }
    }

    fn add(&mut self, datagram: &Datagram) {
        let wrong_checksum = datagram.checksum_is_wrong && !datagram.header_is_wrong;
        for (count, is_so) in [
            (&mut self.frames, true),
            (&mut self.wrong_headers, datagram.header_is_wrong),
            (&mut self.wrong_checksums, wrong_checksum),
            (&mut self.fragments, datagram.is_fragment),
        ] {
            *count = count.saturating_add(u64::from(is_so));
        }
    }
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;
    use crate::generate::Cast;
    use crate::generate::why::evidence::tests::{interface, wanted};

    fn frame(from: [u8; 4], to: [u8; 4], port: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let ip = PacketBuilder::ipv4(from, to, 1);
        ip.udp(4000, port).write(&mut bytes, b"x").unwrap();
        bytes
    }

    fn add(seen: &mut Seen, direction: Direction, vlan: Option<u16>, bytes: &[u8]) {
        let all = [interface(2, "eth0", "10.9.0.1/24"), interface(1, "lo", "127.0.0.1/8")];
        let packet = LinkPacket { index: 2, direction, vlan, checksum_is_settled: false, bytes };
        seen.add(&packet, &wanted(Cast::Multicast), &all);
    }

    #[test]
    fn frames_are_counted_by_their_way() {
        let mut seen = Seen::default();
        let bytes = frame([10, 9, 0, 2], [224, 2, 2, 2], 1989);
        let ways = [(Direction::In, None), (Direction::In, Some(0)), (Direction::In, Some(5))];
        for (direction, vlan) in ways.into_iter().chain([(Direction::Out, None)]) {
            add(&mut seen, direction, vlan, &bytes);
        }
        add(&mut seen, Direction::In, None, &frame([10, 9, 0, 2], [224, 2, 2, 2], 7));
        add(&mut seen, Direction::In, None, b"no packet");
        let told = |aim| {
            let flows = seen.flows(aim);
            flows.iter().map(|it| (it.frames, it.key.vlan, it.key.is_outgoing)).collect::<Vec<_>>()
        };
        let mut wanted = told(Aim::Wanted);
        wanted.sort_unstable();
        assert_eq!(wanted, [(1, None, true), (1, Some(5), false), (2, None, false)]);
        assert_eq!(told(Aim::OtherPort), [(1, None, false)]);
        assert_eq!((seen.packets, seen.untold), (6, 0));
    }

    #[test]
    fn senders_beyond_the_bound_are_counted() {
        let mut seen = Seen::default();
        for last in 0..100 {
            add(&mut seen, Direction::In, None, &frame([10, 9, 1, last], [224, 9, 9, 9], 1989));
        }
        add(&mut seen, Direction::In, None, &frame([10, 9, 0, 2], [224, 2, 2, 2], 1989));
        assert_eq!(seen.flows(Aim::OtherGroup).len(), 64);
        assert_eq!(seen.untold, 36);
        assert_eq!(seen.flows(Aim::Wanted).len(), 1, "those that are waited for keep their room");
    }
}
