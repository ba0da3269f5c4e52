//! Numbers for conversations: a pair of endpoints, both directions alike.
//!
//! Numbered in order of first appearance, as Wireshark's udp.stream and tcp.stream. At most
//! [`MAX_STREAMS`] conversations of a transport are known at once; the one unused for longest
//! gives way, and a pair that returns after that is a new stream.

use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::num::NonZeroUsize;

use lru::LruCache;

/// Conversations known at once, for each transport.
pub const MAX_STREAMS: usize = 1 << 17;

/// The conversations of one transport, each with a state of the caller's.
pub(super) struct Streams<S> {
    /// Where in `slots` the stream of a pair is.
    known: LruCache<Pair, usize, foldhash::fast::RandomState>,
    slots: Vec<Stream<S>>,
    /// The pair that was asked for last, and its slot: most packets follow one of their own.
    last: Option<(Pair, usize)>,
    next: u32,
    evicted: u64,
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
        let capacity = NonZeroUsize::new(MAX_STREAMS).unwrap_or(NonZeroUsize::MIN);
        let mut known = LruCache::unbounded_with_hasher(foldhash::fast::RandomState::default());
        known.resize(capacity);
        Self { known, slots: Vec::new(), last: None, next: 0, evicted: 0 }
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
        (&mut self.slots[slot], gone)
    }

    /// Numbers a pair that was only spoken of. It gets no place of its own where that would cost
    /// another conversation its place.
    pub fn mention(&mut self, pair: Pair) {
        if self.known.contains(&pair) {
            return;
        }
        if self.known.len() < self.known.cap().get() {
            self.insert(pair);
        } else {
            self.number();
        }
    }

    /// Begins a new stream for a pair; gives back the one that it replaces or that gives way.
    pub fn renew(&mut self, pair: Pair) -> Option<Stream<S>> {
        let number = self.number();
        let stream = self.known.get(&pair).and_then(|slot| self.slots.get_mut(*slot))?;
        Some(std::mem::replace(stream, Stream { number, state: S::default() }))
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
        self.slots.drain(..)
    }

    /// Makes a slot for a new pair: a fresh one, or that of the stream unused for longest.
    fn insert(&mut self, pair: Pair) -> (usize, Option<Stream<S>>) {
        let stream = Stream { number: self.number(), state: S::default() };
        if self.known.len() < self.known.cap().get() {
            let slot = self.slots.len();
            self.slots.push(stream);
            self.known.put(pair, slot);
            return (slot, None);
        }
        let slot = self.known.pop_lru().map_or(self.slots.len(), |(_, slot)| slot);
        self.known.put(pair, slot);
        self.evicted = self.evicted.saturating_add(1);
        let gone = self.slots.get_mut(slot).map(|old| std::mem::replace(old, stream));
        (slot, gone)
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }
}
