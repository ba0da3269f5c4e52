//! Numbers for conversations: a pair of endpoints, both directions alike.
//!
//! Numbered in order of first appearance, as Wireshark's udp.stream and tcp.stream. At most
//! [`MAX_STREAMS`] conversations of a transport are known at once; the one unused for longest
//! gives way, and a pair that returns after that is a new stream.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use lru::LruCache;

/// Conversations known at once, for each transport.
pub const MAX_STREAMS: usize = 1 << 17;

/// The conversations of one transport, each with a state of the caller's.
pub(super) struct Streams<S> {
    known: LruCache<Pair, Stream<S>, foldhash::fast::RandomState>,
    next: u32,
    evicted: u64,
}

/// One conversation.
pub(super) struct Stream<S> {
    /// Its number, from 0.
    pub number: u32,
    /// What the caller keeps of it.
    pub state: S,
}

/// Two endpoints, the lesser first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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

impl<S: Default> Streams<S> {
    pub fn new() -> Self {
        let capacity = NonZeroUsize::new(MAX_STREAMS).unwrap_or(NonZeroUsize::MIN);
        let mut known = LruCache::unbounded_with_hasher(foldhash::fast::RandomState::default());
        known.resize(capacity);
        Self { known, next: 0, evicted: 0 }
    }

    /// The stream of a pair, and what gave way for it where it is new.
    pub fn of(&mut self, pair: Pair) -> (&mut Stream<S>, Option<Stream<S>>) {
        let mut gone = None;
        if !self.known.contains(&pair) {
            gone = self.insert(pair);
        }
        let next = self.next;
        let stream =
            self.known.get_or_insert_mut(pair, || Stream { number: next, state: S::default() });
        (stream, gone)
    }

    /// Begins a new stream for a pair; gives back the one that it replaces or that gives way.
    pub fn renew(&mut self, pair: Pair) -> Option<Stream<S>> {
        self.insert(pair)
    }

    /// How many conversations gave way.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Takes the conversations out, in no order.
    pub fn drain(&mut self) -> impl Iterator<Item = Stream<S>> + '_ {
        std::iter::from_fn(|| self.known.pop_lru().map(|(_, stream)| stream))
    }

    fn insert(&mut self, pair: Pair) -> Option<Stream<S>> {
        let stream = Stream { number: self.next, state: S::default() };
        self.next = self.next.wrapping_add(1);
        let (old, gone) = self.known.push(pair, stream)?;
        if old != pair {
            self.evicted = self.evicted.saturating_add(1);
        }
        Some(gone)
    }
}
