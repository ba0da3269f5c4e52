//! Packets that a capture has several times, because it saw them at several places: on every
//! interface (`any`), on both ends of a veth pair, on the ports of a bridge or of a mirror.
//!
//! A packet is taken for one that was seen before where both agree in what a host on the way leaves
//! as it is (addresses, identification or flow label, fragment, payload but for its checksum,
//! which offload fills in late), and differ in what tells two places apart: interface, direction,
//! MAC addresses, VLAN or hops left. Hops never become more. A place sees a packet once: what comes
//! from the same place again was sent again, also where a program sends equal datagrams whose
//! identification is 0 (RFC 6864 section 4.1 allows it). So nothing is taken out of a capture of
//! one place.
//!
//! Bounds: [`MAX_RECENT`] packets that were seen within [`WINDOW`].

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::ops::Range;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::capture::{Frame, Timestamp};
use crate::packet::headers;
use crate::packet::headers::{Ip, IpNumber};

/// Packets that are remembered; those of 100 ms at 160,000 a second.
pub const MAX_RECENT: usize = 1 << 14;

/// How long after the first place another may see a packet, nanoseconds: less than the 200 ms after
/// which TCP sends again at the earliest (Linux, `TCP_RTO_MIN`), and far more than a host, a bridge
/// or a router takes.
pub const WINDOW: i64 = 100_000_000;

/// Where UDP has its checksum (RFC 768), and TCP (RFC 9293 section 3.1).
const UDP_CHECKSUM: Range<usize> = 6..8;
const TCP_CHECKSUM: Range<usize> = 16..18;

/// Places of one packet that are told apart.
const MAX_PLACES: usize = 8;

/// The packets that were seen lately.
#[derive(Debug, Default)]
pub struct Duplicates {
    recent: VecDeque<Seen>,
    /// The number of the first of them; they are numbered on.
    first: u64,
    /// Their numbers, by what they agree in.
    known: HashTable<u64>,
    hasher: RandomState,
    now: Timestamp,
}

/// What was seen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicate {
    /// A datagram of UDP.
    Datagram,
    /// A segment of TCP.
    Segment,
    /// A fragment of either.
    Fragment,
}

/// A packet, and where it was seen.
#[derive(Debug)]
struct Seen {
    what: u64,
    at: Timestamp,
    hops: u8,
    places: [u64; MAX_PLACES],
    count: usize,
}

impl Duplicates {
    /// Takes the next frame; says whether what it carries was seen before.
    pub fn push(&mut self, frame: &Frame<'_>) -> Option<Duplicate> {
        let (link, ip) = headers::link_and_ip(frame.link_type, frame.data).ok()?;
        let kind = match (ip.fragment.is_some(), ip.protocol) {
            (false, IpNumber::UDP) => Duplicate::Datagram,
            (false, IpNumber::TCP) => Duplicate::Segment,
            (true, IpNumber::UDP | IpNumber::TCP) => Duplicate::Fragment,
            _ => return None,
        };
        self.now = self.now.max(frame.time.unwrap_or_default());
        self.forget();
        let (what, place) = (self.what(ip), self.place(frame, link, ip.hops));
        match self.find(what, place, ip.hops) {
            Some(seen) => {
                seen.add(place, ip.hops);
                Some(kind)
            }
            None => {
                self.remember(what, place, ip.hops);
                None
            }
        }
    }

    /// What all places see alike.
    fn what(&self, ip: Ip<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for address in [ip.src, ip.dst] {
            match address {
                IpAddr::V4(it) => hasher.write_u32(it.to_bits()),
                IpAddr::V6(it) => hasher.write_u128(it.to_bits()),
            }
        }
        let part = ip.fragment;
        hasher.write_u32(ip.id);
        hasher.write_u32(part.map_or(u32::MAX, |it| u32::from(it.offset.value())));
        hasher.write_u8(part.map_or(0, |it| u8::from(it.more)));
        hasher.write_u8(ip.protocol.0);
        hasher.write_usize(ip.wire_len);
        let is_first = part.is_none_or(|it| it.offset.value() == 0);
        let checksum = match ip.protocol {
            IpNumber::UDP if is_first => UDP_CHECKSUM,
            IpNumber::TCP if is_first => TCP_CHECKSUM,
            _ => 0..0,
        };
        let rest = ip.payload.get(checksum.end..).unwrap_or_default();
        hasher.write(ip.payload.get(..checksum.start).unwrap_or_default());
        hasher.write(rest);
        hasher.finish()
    }

    /// Where a frame was seen.
    fn place(&self, frame: &Frame<'_>, link: &[u8], hops: u8) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(frame.interface);
        hasher.write_u16(frame.link_type.number());
        hasher.write_u8(hops);
        hasher.write(link);
        hasher.finish()
    }

    /// The oldest that agrees, and that was not seen there.
    fn find(&mut self, what: u64, place: u64, hops: u8) -> Option<&mut Seen> {
        let Self { recent, first, known, .. } = self;
        let index = |number: u64| usize::try_from(number.wrapping_sub(*first)).ok();
        let is_it = |number: &u64| {
            let seen = index(*number).and_then(|it| recent.get(it));
            seen.is_some_and(|it| it.what == what && it.may_be_seen_at(place, hops))
        };
        let oldest = known.iter_hash(what).copied().filter(is_it).min()?;
        recent.get_mut(index(oldest)?)
    }

    fn remember(&mut self, what: u64, place: u64, hops: u8) {
        let Self { recent, first, known, now, .. } = self;
        let number = first.wrapping_add(recent.len() as u64);
        let mut seen = Seen { what, at: *now, hops, places: [0; MAX_PLACES], count: 0 };
        seen.add(place, hops);
        recent.push_back(seen);
        let hash = |it: &u64| {
            let index = usize::try_from(it.wrapping_sub(*first)).ok();
            index.and_then(|it| recent.get(it)).map_or(0, |it| it.what)
        };
        known.insert_unique(what, number, hash);
    }

    /// Forgets those that no place will see any more.
    fn forget(&mut self) {
        let now = self.now;
        let is_over = |it: &Seen| now.nanos_since(it.at) > WINDOW;
        while self.recent.len() >= MAX_RECENT || self.recent.front().is_some_and(is_over) {
            let Some(gone) = self.recent.pop_front() else { return };
            let number = self.first;
            self.first = number.wrapping_add(1);
            if let Ok(entry) = self.known.find_entry(gone.what, |it| *it == number) {
                entry.remove();
            }
        }
    }
}

impl Seen {
    fn may_be_seen_at(&self, place: u64, hops: u8) -> bool {
        let seen = self.places.get(..self.count).unwrap_or_default();
        hops <= self.hops && seen.len() < MAX_PLACES && !seen.contains(&place)
    }

    fn add(&mut self, place: u64, hops: u8) {
        if let Some(free) = self.places.get_mut(self.count) {
            *free = place;
            self.count = self.count.saturating_add(1);
        }
        self.hops = hops;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use etherparse::{IpHeaders, Ipv4Header, PacketBuilder};

    /// One sighting: microseconds, interface, MAC address of the sender, hops and payload.
    type Sighting<'a> = (i64, u32, u8, u8, &'a [u8]);

    fn packet(id: u16, hops: u8, payload: &[u8]) -> Vec<u8> {
        let mut header = Ipv4Header::new(0, hops, IpNumber::UDP, [10, 0, 0, 1], [10, 0, 0, 2]);
        let header = header.as_mut().unwrap();
        header.identification = id;
        let mut data = Vec::new();
        PacketBuilder::ip(IpHeaders::Ipv4(header.clone(), Default::default()))
            .udp(4000, 5000)
            .write(&mut data, payload)
            .unwrap();
        data
    }

    fn ethernet(from: u8, packet: &[u8]) -> Vec<u8> {
        [&[2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, from, 8, 0][..], packet].concat()
    }

    fn frame(micros: i64, interface: u32, link_type: LinkType, data: &[u8]) -> Frame<'_> {
        let time = Some(Timestamp(1_700_000_000_000_000_000 + micros * 1000));
        let orig_len = data.len() as u32;
        Frame { number: 1, time, interface, link_type, data, orig_len }
    }

    /// Which of them were seen before.
    fn again(id: u16, sightings: &[Sighting<'_>]) -> Vec<bool> {
        let mut duplicates = Duplicates::default();
        let is_again = |it: &Sighting<'_>| {
            let &(micros, interface, from, hops, payload) = it;
            let data = ethernet(from, &packet(id, hops, payload));
            let found = duplicates.push(&frame(micros, interface, LinkType::Ethernet, &data));
            assert!(matches!(found, None | Some(Duplicate::Datagram)));
            found.is_some()
        };
        sightings.iter().map(is_again).collect()
    }

    #[test]
    fn another_place_sees_it_again_and_the_same_place_another() {
        for id in [0, 7] {
            // Interfaces.
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (5, 1, 1, 64, b"a")]), [false, true]);
            // MAC addresses, and hops.
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (5, 0, 2, 64, b"a")]), [false, true]);
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (5, 0, 2, 63, b"a")]), [false, true]);
            // Sent twice.
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (5, 0, 1, 64, b"a")]), [false, false]);
            // A probe with more hops than the one before.
            assert_eq!(again(id, &[(0, 0, 1, 1, b"a"), (5, 0, 1, 2, b"a")]), [false, false]);
            // Another payload; too late.
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (5, 1, 1, 64, b"b")]), [false, false]);
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (100_001, 1, 1, 64, b"a")]), [false; 2]);
            assert_eq!(again(id, &[(0, 0, 1, 64, b"a"), (99_999, 1, 1, 64, b"a")]), [false, true]);
        }
    }

    #[test]
    fn equal_datagrams_that_were_sent_twice_stay_two_in_any_order_of_sightings() {
        let (one, other) = ((0, 0, 1, 64, &b"a"[..]), (0, 1, 1, 64, &b"a"[..]));
        for order in [[one, other, one, other], [one, one, other, other], [one, other, other, one]]
        {
            let found = again(0, &order);
            assert_eq!(found.iter().filter(|it| **it).count(), 2, "{order:?}");
        }
        assert_eq!(again(0, &[one; 9]), [false; 9]);
    }

    #[test]
    fn another_identification_is_another_packet() {
        let mut duplicates = Duplicates::default();
        for (id, interface, expected) in [(1, 0, false), (2, 1, false), (1, 1, true), (2, 0, true)]
        {
            let data = packet(id, 64, b"equal");
            let found = duplicates.push(&frame(0, interface, LinkType::Raw, &data));
            assert_eq!(found.is_some(), expected, "{id} at {interface}");
        }
    }

    #[test]
    fn directions_of_cooked_captures_and_padded_frames_are_places() {
        let packet = packet(0, 64, b"x");
        let cooked =
            |kind: u8| [&[0, kind, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], &*packet].concat();
        let (out, into) = (cooked(4), cooked(0));
        let padded = [ethernet(1, &packet), vec![0; 17]].concat();
        let mut duplicates = Duplicates::default();
        let mut push =
            |link_type, data: &[u8]| duplicates.push(&frame(0, 0, link_type, data)).is_some();
        assert!(!push(LinkType::LinuxSll, &out));
        assert!(push(LinkType::LinuxSll, &into));
        assert!(push(LinkType::Ethernet, &padded));
        assert!(!push(LinkType::LinuxSll, &into));
    }

    #[test]
    fn a_checksum_that_offload_leaves_open_makes_no_difference() {
        let whole = packet(3, 64, b"x");
        let mut open = whole.clone();
        open[26..28].copy_from_slice(&[1, 2]);
        let mut duplicates = Duplicates::default();
        assert_eq!(duplicates.push(&frame(0, 0, LinkType::Raw, &open)), None);
        let found = duplicates.push(&frame(0, 1, LinkType::Raw, &whole));
        assert_eq!(found, Some(Duplicate::Datagram));
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut duplicates = Duplicates::default();
        for number in 0..3 * MAX_RECENT as u32 {
            let data = packet(number as u16, 64, &number.to_be_bytes());
            assert_eq!(duplicates.push(&frame(0, 0, LinkType::Raw, &data)), None);
        }
        assert_eq!((duplicates.recent.len(), duplicates.known.len()), (MAX_RECENT, MAX_RECENT));
        let data = packet(7, 64, &7_u32.to_be_bytes());
        assert_eq!(duplicates.push(&frame(200_000, 1, LinkType::Raw, &data)), None);
        assert_eq!((duplicates.recent.len(), duplicates.known.len()), (1, 1));
    }
}
