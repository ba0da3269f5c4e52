//! Fragments joined to datagrams, in a bounded table (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! At most [`MAX_DATAGRAMS`] incomplete datagrams and [`MAX_BYTES`] of them are held, none longer
//! than [`TIMEOUT`]; the oldest gives way. Overlapping fragments drop their datagram, as
//! RFC 5722 asks and Linux does for IPv4 too; an exact repetition is ignored.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;

use crate::capture::Timestamp;
use crate::packet::Undecoded;
use crate::packet::headers::{IpDefragBuf, IpNumber};
use crate::packet::packet::Fragment;

/// Incomplete datagrams held at once.
pub const MAX_DATAGRAMS: usize = 1024;
/// Bytes of incomplete datagrams held at once.
pub const MAX_BYTES: usize = 4 << 20;
/// How long a datagram may stay incomplete, in time of the capture; Linux waits as long.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The datagrams that are not complete yet.
pub(crate) struct Fragments {
    /// Ordered by arrival of the first fragment: entries are never promoted.
    pending: LruCache<Key, Pending, foldhash::fast::RandomState>,
    bytes: usize,
    /// The datagram that was completed last.
    whole: Vec<u8>,
    /// The frames that it came in.
    whole_frames: Vec<u64>,
    /// Frames whose datagram was dropped and that are not counted yet.
    dropped: u64,
}

/// A datagram whose fragments were joined.
pub(crate) struct Whole<'a> {
    pub payload: &'a [u8],
    /// Positions of the frames that carried it.
    pub frames: &'a [u64],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    protocol: IpNumber,
    id: u32,
}

struct Pending {
    buffer: IpDefragBuf,
    /// Positions of the frames that carried its fragments.
    frames: Vec<u64>,
    first: Option<Timestamp>,
}

impl Default for Fragments {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(MAX_DATAGRAMS).unwrap_or(NonZeroUsize::MIN);
        Self {
            pending: LruCache::with_hasher(capacity, foldhash::fast::RandomState::default()),
            bytes: 0,
            whole: Vec::new(),
            whole_frames: Vec::new(),
            dropped: 0,
        }
    }
}

impl Fragments {
    /// Takes one fragment, that of the frame at `position`. Gives the datagram where it was the
    /// last one missing.
    pub fn push(
        &mut self,
        fragment: &Fragment<'_>,
        time: Option<Timestamp>,
        position: u64,
    ) -> Result<Option<Whole<'_>>, Undecoded> {
        let ip = &fragment.ip;
        if ip.payload.len() < ip.wire_len {
            return Err(Undecoded::FragmentDropped);
        }
        if let Some(now) = time {
            self.tick(now);
        }
        let key = Key { src: ip.src, dst: ip.dst, protocol: ip.protocol, id: fragment.part.id };
        self.admit(key, time);
        // A look that leaves the order of arrival as it is.
        let Some(pending) = self.pending.peek_mut(&key) else { return Ok(None) };
        let before = pending.cost();
        pending.frames.push(position);
        let (added, is_complete) = (pending.add(fragment), pending.buffer.is_complete());
        let after = pending.cost();
        self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        if added.is_ok() && !is_complete {
            while self.bytes > MAX_BYTES && self.drop_oldest() {}
            return Ok(None);
        }
        let Some(pending) = self.pending.pop(&key) else { return Ok(None) };
        self.bytes = self.bytes.saturating_sub(after);
        if let Err(Conflict) = added {
            self.dropped = self.dropped.saturating_add(pending.count().saturating_sub(1));
            return Err(Undecoded::FragmentConflict);
        }
        self.whole = pending.buffer.take_bufs().0;
        self.whole_frames = pending.frames;
        Ok(Some(Whole { payload: &self.whole, frames: &self.whole_frames }))
    }

    /// Frames of datagrams that were dropped since the last call.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Drops all that is incomplete: the capture has ended.
    pub fn finish(&mut self) {
        while self.drop_oldest() {}
    }

    /// Makes room for a datagram that is new; the oldest may have to give way.
    fn admit(&mut self, key: Key, time: Option<Timestamp>) {
        if self.pending.contains(&key) {
            return;
        }
        if let Some((_, oldest)) = self.pending.push(key, Pending::new(key.protocol, time)) {
            self.count_dropped(&oldest);
        }
    }

    /// Drops what has stayed incomplete for longer than [`TIMEOUT`].
    pub fn tick(&mut self, now: Timestamp) {
        let is_old = |it: &Pending| it.first.is_some_and(|first| now.is_beyond(first, TIMEOUT));
        while self.pending.peek_lru().is_some_and(|(_, oldest)| is_old(oldest)) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) -> bool {
        let oldest = self.pending.pop_lru();
        if let Some((_, pending)) = &oldest {
            self.count_dropped(pending);
        }
        oldest.is_some()
    }

    fn count_dropped(&mut self, pending: &Pending) {
        self.bytes = self.bytes.saturating_sub(pending.cost());
        self.dropped = self.dropped.saturating_add(pending.count());
    }
}

/// A fragment contradicts another of its datagram.
struct Conflict;

impl Pending {
    fn new(protocol: IpNumber, first: Option<Timestamp>) -> Self {
        let buffer = IpDefragBuf::new(protocol, Vec::new(), Vec::new());
        Self { buffer, frames: Vec::new(), first }
    }

    /// How many frames it holds up.
    fn count(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Bytes that count towards [`MAX_BYTES`]. The same fragment may come any number of times, and
    /// each leaves its position.
    fn cost(&self) -> usize {
        self.buffer.data().len().saturating_add(self.frames.len().saturating_mul(size_of::<u64>()))
    }

    fn add(&mut self, fragment: &Fragment<'_>) -> Result<(), Conflict> {
        let payload = fragment.ip.payload;
        let start = usize::from(fragment.part.offset.byte_offset());
        let end = start.saturating_add(payload.len());
        for section in self.buffer.sections() {
            let (held_start, held_end) = (usize::from(section.start), usize::from(section.end));
            if start < held_end && held_start < end {
                let held = self.buffer.data().get(start..end);
                return if held == Some(payload) { Ok(()) } else { Err(Conflict) };
            }
        }
        let part = &fragment.part;
        self.buffer.add(part.offset, part.more, payload).map_err(|_| Conflict)
    }
}
