//! Segments that wait for bytes that precede them, within [`MAX_HELD`] bytes a direction and
//! [`MAX_HELD_TOTAL`] in all; and no longer than [`PATIENCE`], where somebody looks at the clock.

use std::collections::BTreeMap;
use std::time::Duration;

use super::anomalies::TcpAnomalies;
use super::history::History;
use crate::capture::Timestamp;

/// Bytes behind a gap that one direction may hold.
pub const MAX_HELD: usize = 4 << 20;
/// Bytes behind gaps that all connections may hold together.
pub const MAX_HELD_TOTAL: usize = 16 << 20;
/// How long something waits for what must come before it, once no more frames come: a sender that
/// still tries does so within a minute (RFC 6298 section 2.5).
pub const PATIENCE: Duration = Duration::from_secs(60);
/// What holding one segment costs beside its bytes.
const SEGMENT_COST: usize = 64;

/// What all connections hold together.
#[derive(Debug, Default)]
pub struct Held {
    /// Behind gaps.
    bytes: usize,
    /// Time of the last frame or tick.
    pub(super) now: Option<Timestamp>,
    /// What was given out last.
    pub(super) history: History,
}

impl Held {
    /// What waits behind gaps costs, bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// A frame came at this time, or time has passed.
    pub(crate) fn note_time(&mut self, now: Option<Timestamp>) {
        self.now = now.or(self.now);
    }
}

/// Segments of one direction behind a gap.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// By offset; they do not overlap.
    segments: BTreeMap<u64, Box<[u8]>>,
    /// What they cost, bytes.
    cost: usize,
    /// When the first of them began to wait.
    since: Option<Timestamp>,
}

impl Waiting {
    /// Keeps the bytes that are not kept yet; those that are arrived first, and win.
    pub fn hold(
        &mut self,
        offset: u64,
        bytes: &[u8],
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
    ) {
        if self.segments.is_empty() {
            self.since = held.now;
        }
        let (mut start, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            // What is held at or before `start` may reach into it; what follows may cut it off.
            let covered = self.segments.range(..=start).next_back().and_then(|(&at, bytes)| {
                let skip = usize::try_from(start.saturating_sub(at)).ok()?;
                bytes.get(skip..).filter(|known| !known.is_empty())
            });
            if let Some(known) = covered {
                let len = known.len().min(rest.len());
                let differing = known.iter().zip(rest).filter(|(a, b)| a != b).count() as u64;
                anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
                rest = rest.get(len..).unwrap_or_default();
                start = start.saturating_add(len as u64);
                continue;
            }
            let room = self
                .segments
                .range(start..)
                .next()
                .and_then(|(&at, _)| usize::try_from(at.saturating_sub(start)).ok())
                .unwrap_or(usize::MAX);
            let (new, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            if new.is_empty() {
                // Never so: what is kept at `start` would have covered it.
                return;
            }
            self.segments.insert(start, new.into());
            self.cost = self.cost.saturating_add(new.len()).saturating_add(SEGMENT_COST);
            held.bytes = held.bytes.saturating_add(new.len()).saturating_add(SEGMENT_COST);
            start = start.saturating_add(new.len() as u64);
            rest = after;
        }
    }

    /// The segment that comes first, with its offset.
    pub fn first(&self) -> Option<(u64, &[u8])> {
        let (&start, bytes) = self.segments.first_key_value()?;
        Some((start, bytes))
    }

    /// Whether what comes first has waited for longer than [`PATIENCE`].
    pub fn is_overdue(&mut self, now: Timestamp) -> bool {
        let since = *self.since.get_or_insert(now);
        !self.segments.is_empty() && now.is_beyond(since, PATIENCE)
    }

    /// Whether a bound is exceeded.
    pub fn is_too_much(&self, held: &Held) -> bool {
        self.cost > MAX_HELD || (held.bytes > MAX_HELD_TOTAL && self.cost > 0)
    }

    /// Takes the first segment out, with its offset.
    pub fn pop_first(&mut self, held: &mut Held) -> Option<(u64, Box<[u8]>)> {
        let (start, bytes) = self.segments.pop_first()?;
        self.since = held.now;
        let cost = bytes.len().saturating_add(SEGMENT_COST);
        self.cost = self.cost.saturating_sub(cost);
        held.bytes = held.bytes.saturating_sub(cost);
        Some((start, bytes))
    }

    /// Drops all segments, and gives their number.
    pub fn release(self, held: &mut Held) -> u64 {
        held.bytes = held.bytes.saturating_sub(self.cost);
        self.segments.len() as u64
    }
}
