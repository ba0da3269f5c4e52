//! Structs of one size over TCP, one behind the other.
//!
//! A stream does not say where a message ends: cut by the declared size, it is out of step where
//! the sender's struct has another. So its bytes are kept from the start and cut at the end, by the
//! one size that goes into all streams of a sender. Where no size does, or several do, nothing is
//! said of that sender; nor of a stream with a gap.
//!
//! Bounds: [`MAX_INFERRED`](super::key::MAX_INFERRED) streams, [`MAX_STREAM`] bytes of each.

use foldhash::{HashMap, HashMapExt};

use super::{
    key::{Key, MAX_INFERRED},
    layouts::Candidate,
    sample::{MAX_FRAMES, Seen},
};
use crate::flow::Side;
use crate::message::Captured;
use crate::packet::{Endpoint, StreamId};

/// Bytes of one side of a stream that are kept; all are counted.
const MAX_STREAM: usize = 16 << 10;
/// What is kept beside the bytes of a message, bytes.
const END_LEN: usize = std::mem::size_of::<End>();

/// What each side of the streams sent.
#[derive(Default)]
pub(super) struct Streams {
    list: Vec<Kept>,
    by_side: HashMap<(StreamId, Side), usize>,
    left_out: u64,
}

/// One side of a stream.
pub(super) struct Kept {
    pub key: Key,
    pub src: Endpoint,
    pub dst: Endpoint,
    pub stream: StreamId,
    bytes: Vec<u8>,
    ends: Vec<End>,
    len: u64,
    has_gap: bool,
}

/// Where a message ended, as the declared size has it.
#[derive(Clone, Copy)]
struct End {
    at: usize,
    frame: u64,
    time: Option<i64>,
}

impl Streams {
    /// Takes what follows on one side of a stream. `room` is what may still be kept, bytes.
    pub fn push(&mut self, key: Key, side: Side, captured: &Captured<'_>, room: &mut usize) {
        let Captured { src, dst, stream, .. } = *captured;
        let index = match self.by_side.get(&(stream, side)) {
            Some(&index) => index,
            None if self.list.len() >= MAX_INFERRED => {
                self.left_out = self.left_out.saturating_add(1);
                return;
            }
            None => {
                let (bytes, ends) = (Vec::new(), Vec::new());
                self.list.push(Kept { key, src, dst, stream, bytes, ends, len: 0, has_gap: false });
                self.by_side.insert((stream, side), self.list.len() - 1);
                self.list.len() - 1
            }
        };
        if let Some(kept) = self.list.get_mut(index) {
            kept.take(captured, room);
        }
    }

    /// Bytes are missing on one side of a stream.
    pub fn gap(&mut self, stream: StreamId, side: Side) {
        let index = self.by_side.get(&(stream, side));
        if let Some(kept) = index.and_then(|&it| self.list.get_mut(it)) {
            kept.has_gap = true;
        }
    }

    /// Messages of streams beyond the bound.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The streams without a gap, with the size of their messages.
    pub fn settle(mut self, sizes: impl Fn(Key) -> Vec<usize>) -> Vec<(Kept, usize)> {
        self.list.retain(|it| !it.has_gap && it.len > 0);
        let mut known: HashMap<Key, Vec<usize>> = HashMap::new();
        for kept in &self.list {
            let sizes = known.entry(kept.key).or_insert_with(|| sizes(kept.key));
            sizes.retain(|&size| size > 0 && kept.len.is_multiple_of(size as u64));
        }
        let size_of = |kept: &Kept| match known.get(&kept.key).map(Vec::as_slice) {
            Some(&[size]) => Some(size),
            _ => None,
        };
        let sized = self.list.into_iter().filter_map(|kept| size_of(&kept).map(|it| (kept, it)));
        sized.collect()
    }
}

impl Kept {
    fn take(&mut self, captured: &Captured<'_>, room: &mut usize) {
        let message = &captured.message;
        let is_first = self.len == self.bytes.len() as u64;
        self.len = self.len.saturating_add(message.len as u64);
        let cost = message.bytes.len().saturating_add(END_LEN);
        let is_over = self.bytes.len().saturating_add(message.bytes.len()) > MAX_STREAM;
        if !is_first || is_over || cost > *room || message.bytes.len() != message.len {
            return;
        }
        *room -= cost;
        self.bytes.extend_from_slice(message.bytes);
        let time = captured.time.map(|it| it.0);
        self.ends.push(End { at: self.bytes.len(), frame: captured.frame, time });
    }

    /// The messages of that size, as far as they were kept.
    pub fn messages(&self, size: usize) -> impl Iterator<Item = Seen<'_>> {
        self.bytes.chunks_exact(size.max(1)).enumerate().map(move |(index, bytes)| {
            let at = (index + 1) * size;
            let end = self.ends.get(self.ends.partition_point(|it| it.at < at));
            let mut frames = [0; MAX_FRAMES];
            if let (Some(first), Some(end)) = (frames.first_mut(), end) {
                *first = end.frame;
            }
            let time = end.and_then(|it| it.time);
            Seen { bytes, len: bytes.len(), count: 1, frames, time, src: self.src }
        })
    }
}

/// The sizes that a struct may have; none where one of its layouts has a tail.
pub(super) fn sizes(candidates: &[Candidate]) -> Vec<usize> {
    if candidates.iter().any(|it| it.slots.tail.is_some()) {
        return Vec::new();
    }
    let mut sizes: Vec<_> = candidates.iter().map(|it| it.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}
