//! Numbers for conversations: a pair of endpoints, both directions alike.
//!
//! Numbered in order of first appearance, as Wireshark's udp.stream and tcp.stream. At most
//! [`MAX_STREAMS`] conversations of a transport are known at once; then one that was not used
//! since the last look at it gives way (second chance), and a pair that returns after that is a
//! new stream. Unlike a list in order of use, this touches one place in memory for a packet.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{SocketAddr, SocketAddrV4};

use hashbrown::HashTable;

use crate::packet::{Endpoint, StreamId};

/// Conversations known at once, for each transport.
pub const MAX_STREAMS: usize = 1 << 17;

/// The conversations of one transport, each with a state of the caller's.
pub(super) struct Streams<S> {
    /// Where in `slots` the stream of a pair is. The pairs stand there alone, so that the table
    /// stays in the processor's cache.
    known: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    slots: Vec<Slot<S>>,
    /// The slot that is looked at next for one to give way.
    hand: usize,
    /// What was asked for last: most packets follow one of their own.
    last: Option<Last>,
    next: u32,
    evicted: u64,
}

struct Slot<S> {
    pair: Pair,
    /// Since the hand came by.
    used: bool,
    stream: Stream<S>,
    /// The stream that takes its place with the next packet of the pair: one that has begun with
    /// what was only spoken of.
    successor: Option<Box<Stream<S>>>,
}

/// A conversation, and where that is.
struct Last {
    pair: Pair,
    slot: usize,
}

/// One conversation.
#[derive(Default)]
pub(super) struct Stream<S> {
    /// Its number.
    pub number: StreamId,
    /// What the caller keeps of it.
    pub state: S,
}

/// Two endpoints, the lesser first. Those of IPv4 are a number each: a pair is made, hashed and
/// compared for every packet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pair {
    V4(u64, u64),
    Any(Endpoint, Endpoint),
}

impl Pair {
    /// The pair, and whether `src` is its lesser endpoint.
    #[inline(always)]
    fn new(src: Endpoint, dst: Endpoint) -> (Self, bool) {
        match (src, dst) {
            (Endpoint::Ip(SocketAddr::V4(src)), Endpoint::Ip(SocketAddr::V4(dst))) => {
                let (src, dst) = (number_of(src), number_of(dst));
                (Self::V4(src.min(dst), src.max(dst)), src <= dst)
            }
            _ if src <= dst => (Self::Any(src, dst), true),
            _ => (Self::Any(dst, src), false),
        }
    }
}

impl Pair {
    /// Equality, with that of IPv4 where it is asked for.
    #[inline(always)]
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::V4(low, high), Self::V4(other_low, other_high)) => {
                low == other_low && high == other_high
            }
            _ => self == other,
        }
    }
}

/// The address and the port, in one number that is in their order.
#[inline]
fn number_of(it: SocketAddrV4) -> u64 {
    u64::from(it.ip().to_bits()) << 16 | u64::from(it.port())
}

impl Hash for Pair {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match *self {
            Self::V4(low, high) => state.write_u128(u128::from(low) << 64 | u128::from(high)),
            Self::Any(low, high) => (low, high).hash(state),
        }
    }
}

impl<S: Default> Streams<S> {
    pub fn new() -> Self {
        let (known, hasher) = (HashTable::new(), foldhash::fast::RandomState::default());
        Self { known, hasher, slots: Vec::new(), hand: 0, last: None, next: 0, evicted: 0 }
    }

    /// The stream between two endpoints, whether the sender is the lesser of them, and what gave
    /// way for the stream where it is new. `begins_anew` says whether the state that is known is
    /// that of an earlier stream, given that state and whether the sender is the lesser.
    #[inline(always)]
    pub fn between(
        &mut self,
        src: Endpoint,
        dst: Endpoint,
        begins_anew: impl FnOnce(&S, bool) -> bool,
    ) -> (&mut Stream<S>, bool, Option<Stream<S>>) {
        let (pair, from_low) = Pair::new(src, dst);
        let (slot, mut gone) = match &self.last {
            Some(last) if last.pair.is(&pair) => (last.slot, None),
            _ => self.find(pair),
        };
        #[expect(clippy::indexing_slicing, reason = "slots are never taken away, only renewed")]
        let slot = &mut self.slots[slot];
        slot.used = true;
        if let Some(successor) = slot.successor.take() {
            gone = Some(std::mem::replace(&mut slot.stream, *successor));
        }
        if begins_anew(&slot.stream.state, from_low) {
            let anew = Stream { number: StreamId(self.next), state: S::default() };
            self.next = self.next.wrapping_add(1);
            let before = std::mem::replace(&mut slot.stream, anew);
            gone = gone.or(Some(before));
        }
        (&mut slot.stream, from_low, gone)
    }

    /// Numbers a pair that was only spoken of. It gets no place of its own where that would cost
    /// another conversation its place. `begins_anew` is as for [`between`](Self::between), and
    /// `note` is lent the state of the pair's stream.
    pub fn mention(
        &mut self,
        src: Endpoint,
        dst: Endpoint,
        begins_anew: impl FnOnce(&S, bool) -> bool,
        note: impl FnOnce(&mut S, bool),
    ) {
        let (pair, from_low) = Pair::new(src, dst);
        let slot = match self.slot_of(&pair) {
            Some(slot) => slot,
            None if self.slots.len() < MAX_STREAMS => self.insert(pair).0,
            None => {
                self.number();
                return;
            }
        };
        let next = StreamId(self.next);
        let Some(Slot { stream, successor, .. }) = self.slots.get_mut(slot) else { return };
        let latest = successor.as_deref_mut().unwrap_or(stream);
        if begins_anew(&latest.state, from_low) {
            let mut anew = Stream { number: next, state: S::default() };
            note(&mut anew.state, from_low);
            *successor = Some(Box::new(anew));
            self.number();
        } else {
            note(&mut latest.state, from_low);
        }
    }

    /// How many conversations there were.
    pub fn count(&self) -> u32 {
        self.next
    }

    /// How many conversations gave way.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// What is kept of each conversation, in no order.
    pub fn states(&mut self) -> impl Iterator<Item = &mut S> {
        self.slots.iter_mut().map(|slot| &mut slot.stream.state)
    }

    /// Takes the conversations out, in no order.
    pub fn drain(&mut self) -> impl Iterator<Item = Stream<S>> + '_ {
        self.known.clear();
        self.last = None;
        self.slots.drain(..).map(|slot| slot.stream)
    }

    fn slot_of(&self, pair: &Pair) -> Option<usize> {
        let is_of_pair =
            |&slot: &u32| self.slots.get(slot as usize).is_some_and(|it| it.pair == *pair);
        self.known.find(self.hasher.hash_one(pair), is_of_pair).map(|&slot| slot as usize)
    }

    /// Notes in which slot a pair is.
    fn note(&mut self, pair: &Pair, slot: usize) {
        let Self { known, hasher, slots, .. } = self;
        let hash = |&slot: &u32| slots.get(slot as usize).map_or(0, |it| hasher.hash_one(it.pair));
        known.insert_unique(hasher.hash_one(pair), slot as u32, hash);
    }

    fn forget(&mut self, pair: &Pair, slot: usize) {
        let hash = self.hasher.hash_one(pair);
        if let Ok(entry) = self.known.find_entry(hash, |&known| known as usize == slot) {
            entry.remove();
        }
    }

    /// Finds the stream of another pair than the last, or begins it.
    #[inline(never)]
    fn find(&mut self, pair: Pair) -> (usize, Option<Stream<S>>) {
        let (slot, gone) = match self.slot_of(&pair) {
            Some(slot) => (slot, None),
            None => self.insert(pair),
        };
        self.last = Some(Last { pair, slot });
        (slot, gone)
    }

    /// Makes a slot for a new pair: a fresh one, or that of a stream that gives way.
    fn insert(&mut self, pair: Pair) -> (usize, Option<Stream<S>>) {
        let stream = Stream { number: self.number(), state: S::default() };
        let new = Slot { pair, used: false, stream, successor: None };
        if self.slots.len() < MAX_STREAMS {
            let slot = self.slots.len();
            self.slots.push(new);
            self.note(&pair, slot);
            return (slot, None);
        }
        let slot = self.unused();
        self.evicted = self.evicted.saturating_add(1);
        let gone = self.slots.get_mut(slot).map(|old| std::mem::replace(old, new));
        if let Some(gone) = &gone {
            self.forget(&gone.pair, slot);
        }
        self.note(&pair, slot);
        (slot, gone.map(|slot| slot.stream))
    }

    /// The next slot whose stream was not used since the hand came by last; the hand takes the
    /// mark of use from those that it passes.
    fn unused(&mut self) -> usize {
        loop {
            let slot = self.hand;
            let next = slot.saturating_add(1);
            self.hand = if next < self.slots.len() { next } else { 0 };
            match self.slots.get_mut(slot) {
                Some(passed) if passed.used => passed.used = false,
                _ => return slot,
            }
        }
    }

    fn number(&mut self) -> StreamId {
        let number = StreamId(self.next);
        self.next = self.next.wrapping_add(1);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(number: usize) -> (Endpoint, Endpoint) {
        let src = SocketAddr::from(([10, 0, (number >> 16) as u8, 1], number as u16));
        (src.into(), SocketAddr::from(([10, 0, 0, 2], 80)).into())
    }

    fn of(streams: &mut Streams<u32>, number: usize) -> (&mut Stream<u32>, Option<Stream<u32>>) {
        let (src, dst) = ends(number);
        let (stream, _, gone) = streams.between(src, dst, |_, _| false);
        (stream, gone)
    }

    #[test]
    fn both_directions_are_one_stream() {
        let mut streams = Streams::<u32>::new();
        let low: Endpoint = "10.0.0.1:9".parse().unwrap();
        let high: Endpoint = "10.0.0.2:5".parse().unwrap();
        let other: Endpoint = "[::1]:5".parse().unwrap();
        for (src, dst, number, from_low) in [
            (high, low, 0, false),
            (low, high, 0, true),
            (low, high, 0, true),
            (high, low, 0, false),
            (other, low, 1, false),
            (high, low, 0, false),
            (low, low, 2, true),
            (low, low, 2, true),
        ] {
            let (stream, is_from_low, gone) = streams.between(src, dst, |_, _| false);
            assert_eq!((stream.number.0, is_from_low), (number, from_low), "{src} to {dst}");
            assert!(gone.is_none());
        }
    }

    #[test]
    fn what_is_spoken_of_may_begin_a_stream_anew() {
        let mut streams = Streams::<u32>::new();
        of(&mut streams, 5).0.state = 7;
        let (src, dst) = ends(5);
        streams.mention(
            dst,
            src,
            |state, from_low| *state == 7 && !from_low,
            |state, _| *state = 8,
        );
        assert_eq!(streams.count(), 2);
        streams.mention(src, dst, |state, _| *state == 7, |state, _| *state += 1);
        assert_eq!(streams.count(), 2, "it is the later one that is looked at");
        let (stream, gone) = of(&mut streams, 5);
        assert_eq!((stream.number.0, stream.state), (1, 9));
        assert_eq!(gone.map(|it| (it.number.0, it.state)), Some((0, 7)));
        assert!(of(&mut streams, 5).1.is_none());
    }

    #[test]
    fn the_one_that_is_not_used_gives_way() {
        let mut streams = Streams::<u32>::new();
        for number in 0..MAX_STREAMS {
            of(&mut streams, number).0.state = number as u32;
        }
        // The hand takes every mark once, and comes back to the first.
        let (stream, gone) = of(&mut streams, MAX_STREAMS);
        assert_eq!(stream.number.0, MAX_STREAMS as u32);
        assert_eq!(gone.map(|it| (it.number.0, it.state)), Some((0, 0)));
        // 1 is used again, so that 2 gives way.
        assert_eq!(of(&mut streams, 1).0.state, 1);
        let (_, gone) = of(&mut streams, 0);
        assert_eq!(gone.map(|it| it.number.0), Some(2));
        assert_eq!(of(&mut streams, 0).0.number.0, MAX_STREAMS as u32 + 1, "a new stream");
        assert_eq!(streams.evicted(), 2);
        let (src, dst) = ends(2);
        streams.mention(src, dst, |_, _| false, |_, _| ());
        assert_eq!((streams.evicted(), streams.count()), (2, MAX_STREAMS as u32 + 3));
        assert_eq!(streams.drain().count(), MAX_STREAMS);
    }
}
