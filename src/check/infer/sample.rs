//! The messages of one sender that evidence is drawn from: the first distinct ones, each with how
//! often it came.
//!
//! Bounded in number and in bytes; what comes later is judged as it arrives and not kept.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::message::Captured;
use crate::packet::Endpoint;

/// Distinct messages of a sender that are kept. Between 10 and 100 the share of mistakes found grows
/// from 76% to 79%: more would say no more.
pub(super) const MAX_DISTINCT: usize = 100;
/// Messages after which a sender is judged though few of them are distinct: one that repeats itself
/// so long has said what it has to say, and what comes later is judged as it arrives.
const MAX_MESSAGES: u64 = 10_000;
/// First frames that are kept of equal messages, and that a finding shows: as many as one looks up.
pub(super) const MAX_FRAMES: usize = 5;

#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    bytes: Vec<u8>,
    kept: Vec<Kept>,
    messages: u64,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    hash: u64,
    start: usize,
    end: usize,
    len: usize,
    count: u64,
    frames: [u64; MAX_FRAMES],
    time: Option<i64>,
    src: Endpoint,
}

/// A distinct message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Its bytes, or the first of them where there was no room for more.
    pub bytes: &'a [u8],
    /// Its whole length, bytes.
    pub len: usize,
    /// How often it came.
    pub count: u64,
    /// The first of the frames; 0 where there is none.
    pub frames: [u64; MAX_FRAMES],
    /// Of the first, nanoseconds since 1970.
    pub time: Option<i64>,
    /// Who sent the first.
    pub src: Endpoint,
}

impl<'a> Seen<'a> {
    /// A message that has just come.
    pub fn of(captured: &Captured<'a>) -> Self {
        let bytes = captured.message.bytes;
        let mut frames = [0; MAX_FRAMES];
        if let Some(first) = frames.first_mut() {
            *first = captured.frame;
        }
        let time = captured.time.map(|it| it.0);
        Self { bytes, len: bytes.len(), count: 1, frames, time, src: captured.src }
    }
}

impl Sample {
    /// Keeps a message, or counts it with its like. `room` is what may still be kept, bytes.
    pub fn push(&mut self, seen: &Seen<'_>, room: &mut usize) {
        self.messages += 1;
        let hash = FixedState::default().hash_one((seen.bytes, seen.len));
        if let Some(same) = self.kept.iter_mut().find(|it| it.hash == hash && it.len == seen.len) {
            if let Some(free) = same.frames.iter_mut().find(|it| **it == 0) {
                *free = seen.frames.first().copied().unwrap_or(0);
            }
            same.count += 1;
            return;
        }
        let bytes = seen.bytes.get(..seen.bytes.len().min(*room)).unwrap_or_default();
        *room -= bytes.len();
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let (end, len) = (self.bytes.len(), seen.len);
        let Seen { count, frames, time, src, .. } = *seen;
        self.kept.push(Kept { hash, start, end, len, count, frames, time, src });
    }

    /// Whether it is time to judge.
    pub fn is_full(&self) -> bool {
        self.kept.len() >= MAX_DISTINCT || self.messages >= MAX_MESSAGES
    }

    /// The distinct messages, in the order of their arrival.
    pub fn iter(&self) -> impl Iterator<Item = Seen<'_>> + Clone {
        self.kept.iter().map(|it| Seen {
            bytes: self.bytes.get(it.start..it.end).unwrap_or_default(),
            len: it.len,
            count: it.count,
            frames: it.frames,
            time: it.time,
            src: it.src,
        })
    }

    /// Some of the messages, as if the others had not come.
    pub fn only(&self, which: impl Fn(&Seen<'_>) -> bool) -> Self {
        let mut only = Self::default();
        for (seen, kept) in self.iter().zip(&self.kept).filter(|it| which(&it.0)) {
            let start = only.bytes.len();
            only.bytes.extend_from_slice(seen.bytes);
            only.kept.push(Kept { start, end: only.bytes.len(), ..*kept });
            only.messages += kept.count;
        }
        only
    }

    /// Bytes that are kept.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}
