//! Numbers for conversations: a pair of endpoints, both directions alike.
//!
//! Numbered in order of first appearance, as Wireshark's udp.stream and tcp.stream. At most
//! [`MAX_STREAMS`] conversations of a transport are known at once; then one that was not used
//! since the last look at it gives way (second chance), and a pair that returns after that is a
//! new stream. Unlike a list in order of use, this touches one place in memory for a packet.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;

/// Conversations known at once, for each transport.
pub const MAX_STREAMS: usize = 1 << 17;

/// The conversations of one transport, each with a state of the caller's.
pub(super) struct Streams<S> {
    /// Where in `slots` the stream of a pair is.
    known: HashMap<Pair, usize, foldhash::fast::RandomState>,
    slots: Vec<Slot<S>>,
    /// The slot that is looked at next for one to give way.
    hand: usize,
    /// The pair that was asked for last, and its slot: most packets follow one of their own.
    last: Option<(Pair, usize)>,
    next: u32,
    evicted: u64,
}

struct Slot<S> {
    pair: Pair,
    /// Since the hand came by.
    used: bool,
    stream: Stream<S>,
}

/// One conversation.
#[derive(Default)]
pub(super) struct Stream<S> {
    /// Its number, from 0.
    pub number: u32,
    /// What the caller keeps of it.
    pub state: S,
}

/// Two endpoints, the lesser first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    low: SocketAddr,
    high: SocketAddr,
}

impl Pair {
    /// The pair, and whether `src` is its lesser endpoint.
    pub fn new(src: SocketAddr, dst: SocketAddr) -> (Self, bool) {
        if src <= dst {
            (Self { low: src, high: dst }, true)
        } else {
            (Self { low: dst, high: src }, false)
        }
    }
}

/// As few words as an endpoint has: this is done for every packet.
impl Hash for Pair {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for end in [self.low, self.high] {
            match end {
                SocketAddr::V4(v4) => {
                    let address = u64::from(v4.ip().to_bits());
                    state.write_u64(address << 16 | u64::from(v4.port()));
                }
                SocketAddr::V6(v6) => {
                    state.write_u128(v6.ip().to_bits());
                    state.write_u16(v6.port());
                }
            }
        }
    }
}

impl<S: Default> Streams<S> {
    pub fn new() -> Self {
        let known = HashMap::default();
        Self { known, slots: Vec::new(), hand: 0, last: None, next: 0, evicted: 0 }
    }

    /// The stream of a pair, and what gave way for it where it is new.
    pub fn of(&mut self, pair: Pair) -> (&mut Stream<S>, Option<Stream<S>>) {
        let known = match self.last {
            Some((last, slot)) if last == pair => Some(slot),
            _ => self.known.get(&pair).copied(),
        };
        let (slot, gone) = match known {
            Some(slot) => (slot, None),
            None => self.insert(pair),
        };
        self.last = Some((pair, slot));
        #[expect(clippy::indexing_slicing, reason = "slots are never taken away, only renewed")]
        let slot = &mut self.slots[slot];
        slot.used = true;
        (&mut slot.stream, gone)
    }

    /// Numbers a pair that was only spoken of. It gets no place of its own where that would cost
    /// another conversation its place.
    pub fn mention(&mut self, pair: Pair) {
        if self.known.contains_key(&pair) {
            return;
        }
        if self.slots.len() < MAX_STREAMS {
            self.insert(pair);
        } else {
            self.number();
        }
    }

    /// Begins a new stream for a pair; gives back the one that it replaces or that gives way.
    pub fn renew(&mut self, pair: Pair) -> Option<Stream<S>> {
        let number = self.number();
        let slot = self.known.get(&pair).and_then(|slot| self.slots.get_mut(*slot))?;
        Some(std::mem::replace(&mut slot.stream, Stream { number, state: S::default() }))
    }

    /// How many conversations there were.
    pub fn count(&self) -> u32 {
        self.next
    }

    /// How many conversations gave way.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Takes the conversations out, in no order.
    pub fn drain(&mut self) -> impl Iterator<Item = Stream<S>> + '_ {
        self.known.clear();
        self.last = None;
        self.slots.drain(..).map(|slot| slot.stream)
    }

    /// Makes a slot for a new pair: a fresh one, or that of a stream that gives way.
    fn insert(&mut self, pair: Pair) -> (usize, Option<Stream<S>>) {
        let stream = Stream { number: self.number(), state: S::default() };
        let new = Slot { pair, used: false, stream };
        if self.slots.len() < MAX_STREAMS {
            let slot = self.slots.len();
            self.slots.push(new);
            self.known.insert(pair, slot);
            return (slot, None);
        }
        let slot = self.unused();
        self.evicted = self.evicted.saturating_add(1);
        let gone = self.slots.get_mut(slot).map(|old| std::mem::replace(old, new));
        if let Some(gone) = &gone {
            self.known.remove(&gone.pair);
        }
        self.known.insert(pair, slot);
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

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(number: usize) -> Pair {
        let src = SocketAddr::from(([10, 0, (number >> 16) as u8, 1], number as u16));
        Pair::new(src, SocketAddr::from(([10, 0, 0, 2], 80))).0
    }

    #[test]
    fn the_one_that_is_not_used_gives_way() {
        let mut streams = Streams::<u32>::new();
        for number in 0..MAX_STREAMS {
            streams.of(pair(number)).0.state = number as u32;
        }
        // The hand takes every mark once, and comes back to the first.
        let (stream, gone) = streams.of(pair(MAX_STREAMS));
        assert_eq!(stream.number, MAX_STREAMS as u32);
        assert_eq!(gone.map(|it| (it.number, it.state)), Some((0, 0)));
        // 1 is used again, so that 2 gives way.
        assert_eq!(streams.of(pair(1)).0.state, 1);
        let (_, gone) = streams.of(pair(0));
        assert_eq!(gone.map(|it| it.number), Some(2));
        assert_eq!(streams.of(pair(0)).0.number, MAX_STREAMS as u32 + 1, "a new stream");
        assert_eq!(streams.evicted(), 2);
        streams.mention(pair(2));
        assert_eq!((streams.evicted(), streams.count()), (2, MAX_STREAMS as u32 + 3));
        assert_eq!(streams.drain().count(), MAX_STREAMS);
    }
}
