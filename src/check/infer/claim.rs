//! What may be said of a sender once its layout and its orders are known, and the messages that
//! show each of it.
//!
//! Claims are made once; a message is then judged without allocating.

use super::{
    counted::{self, Count},
    drift::{self, Change},
    evidence::{Fit, fit, read},
    layouts::Candidate,
    posterior::Posterior,
    sample::{MAX_FRAMES, Sample, Seen},
    slots::{Kind, Slot},
    way::Way,
};
use crate::check::Evidence;
use crate::schema::PartId;

/// Bytes of a message that a finding shows.
const EVIDENCE_LEN: usize = 64;
/// Below, the declared order is the more probable one: there is no evidence for a mistake.
const MIN_DOUBT: f64 = 0.5;
/// Letters in front of a NUL that make an array text: one letter is any byte often enough.
const MIN_LETTERS: usize = 2;

/// Something that may be wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// The layout is not the declared one.
    Layout,
    /// The struct is another version than the declared one.
    Drift(Change),
    /// A field whose bytes do not arrive in the declared order.
    Order(PartId, Way),
    /// What counts a text tail without a NUL.
    Counted(Count),
    Length,
    Trailing,
    /// A text tail without its NUL; the field in front of it, where that is zero and may have counted it.
    Terminator(Option<PartId>),
    /// Bytes behind the NUL of a text field.
    BehindNul(PartId),
    /// Bytes behind the NUL of a text tail.
    BehindTail,
    Holes,
}

/// What may be wrong, and what shows it.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub subject: Subject,
    pub support: u64,
    pub total: u64,
    pub frames: Vec<u64>,
    pub evidence: Option<Evidence>,
    slots: Vec<Slot>,
}

/// A sender whose hypotheses are weighed.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub posterior: Posterior,
    pub claims: Vec<Claim>,
    /// The other versions that were weighed, each with its probability; the layout where one of them won.
    pub versions: Vec<(Change, f64)>,
    version: Option<Box<Candidate>>,
}

impl Verdict {
    /// Weighs the sample, and judges the messages in it.
    pub fn of(candidates: &[Candidate], sample: &Sample) -> Self {
        let drifted = drift::candidates(candidates, sample);
        let all: Vec<_> = candidates.iter().chain(&drifted).collect();
        let posterior = Posterior::of(&all, sample);
        let mut claims = Vec::new();
        if let Some(winner) = all.get(posterior.winner) {
            claim_all(winner, &posterior, sample, &mut claims);
        }
        let shares = all.iter().zip(&posterior.layouts);
        let versions = shares.filter_map(|(it, share)| Some((it.drift?, *share))).collect();
        let version = all.get(posterior.winner).filter(|it| it.drift.is_some());
        let version = version.map(|&it| Box::new(it.clone()));
        let mut verdict = Self { posterior, claims, versions, version };
        for seen in sample.iter() {
            verdict.judge(candidates, &seen);
        }
        verdict
    }

    /// Judges one message under the layout that won.
    pub fn judge(&mut self, candidates: &[Candidate], seen: &Seen<'_>) {
        let Self { posterior, claims, version, .. } = self;
        let winner = version.as_deref().or_else(|| candidates.get(posterior.winner));
        let Some(winner) = winner else { return };
        let Some(declared) = candidates.first() else { return };
        let fit = fit(winner, seen);
        for claim in claims {
            claim.total += seen.count;
            let shown = claim.shown(winner, declared, fit, seen);
            if let Some((offset, len)) = shown {
                claim.add(seen, offset, len);
            }
        }
    }
}

impl Verdict {
    /// The layout that won.
    pub fn winner<'a>(&'a self, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
        self.version.as_deref().or_else(|| candidates.get(self.posterior.winner))
    }
}

fn claim_all(winner: &Candidate, posterior: &Posterior, sample: &Sample, claims: &mut Vec<Claim>) {
    let mut claim = |subject, slots: Vec<Slot>| {
        let (frames, evidence) = (Vec::with_capacity(MAX_FRAMES), None);
        claims.push(Claim { subject, support: 0, total: 0, frames, evidence, slots });
    };
    match winner.drift {
        Some(change) => claim(Subject::Drift(change), Vec::new()),
        None if posterior.winner != 0 => claim(Subject::Layout, Vec::new()),
        None => {}
    }
    for (field, _) in winner.layout.fields() {
        let tail = winner.slots.tail.iter().map(|it| &it.element);
        let slots = || winner.slots.slots.iter().chain(tail.clone());
        let own: Vec<_> = slots().filter(|it| it.field == field).cloned().collect();
        let wrong = posterior.wrong.get(field.index()).copied().unwrap_or_default();
        let has_own = posterior.own.get(field.index()).is_some_and(|it| it.tells_other());
        if wrong.share() >= MIN_DOUBT && has_own {
            claim(Subject::Order(field, wrong.way()), own.clone());
        }
        let fixed: Vec<_> = own
            .into_iter()
            .filter(|it| {
                it.kind == Kind::Text && winner.slots.slots.iter().any(|s| s.offset == it.offset)
            })
            .collect();
        if !fixed.is_empty() && fixed.iter().all(|it| is_text(it, sample)) {
            claim(Subject::BehindNul(field), fixed);
        }
    }
    if winner.is_open {
        return;
    }
    if !winner.holes.is_empty() {
        claim(Subject::Holes, Vec::new());
    }
    let end = counted::of(winner, sample)
        .map_or_else(|| Subject::Terminator(counted::lost(winner, sample)), Subject::Counted);
    for subject in [Subject::Length, Subject::Trailing, end, Subject::BehindTail] {
        claim(subject, Vec::new());
    }
}

/// Whether what stands in front of the NULs is text, and enough of it.
fn is_text(slot: &Slot, sample: &Sample) -> bool {
    let mut longest = 0;
    for seen in sample.iter() {
        let Some(bytes) = seen.bytes.get(slot.offset..slot.offset + slot.len) else { continue };
        let text = text_of(bytes);
        if !text.iter().all(|&it| is_letter(it)) {
            return false;
        }
        longest = longest.max(text.len());
    }
    longest >= MIN_LETTERS
}

fn text_of(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

fn is_letter(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r')
}

impl Claim {
    /// Where a message shows it: offset and length, bytes.
    fn shown(
        &self,
        winner: &Candidate,
        declared: &Candidate,
        found: Fit,
        seen: &Seen<'_>,
    ) -> Option<(usize, usize)> {
        let rest = |by: usize| Some((seen.len.saturating_sub(by), by));
        match (&self.subject, found) {
            (Subject::Layout, Fit::Exact | Fit::Partial | Fit::Padded | Fit::Unterminated) => {
                // A text that begins elsewhere is another one in each message.
                let differs = fit(declared, seen) != Fit::Exact
                    || tail_start(winner) != tail_start(declared)
                    || winner.slots.tail.is_none();
                differs.then(|| hole_of(winner, declared, seen))
            }
            (Subject::Drift(change), Fit::Exact | Fit::Unterminated) => Some(change.place()),
            (Subject::Length, Fit::Shorter(_)) => Some((0, seen.len)),
            (Subject::Length, Fit::Longer(by)) if !takes_more(winner) => rest(by),
            (Subject::Trailing, Fit::Longer(by)) if takes_more(winner) => rest(by),
            (Subject::Counted(count), Fit::Unterminated) => {
                let slot = winner.slots.slots.iter().find(|it| it.field == count.field)?;
                Some((slot.offset, slot.len))
            }
            (Subject::Terminator(_), Fit::Unterminated) => {
                let offset = winner.slots.tail.as_ref()?.element.offset;
                let text = seen.bytes.get(offset..)?;
                let is_text = !text.is_empty() && text.iter().all(|&it| is_letter(it));
                is_text.then_some((offset, text.len()))
            }
            (Subject::BehindTail, Fit::Padded | Fit::Longer(_)) => {
                let tail = winner.slots.tail.as_ref().filter(|it| it.element.kind == Kind::Text)?;
                behind_nul(seen.bytes.get(tail.element.offset..)?, tail.element.offset)
            }
            (Subject::Holes, _) => winner.holes.iter().find_map(|hole| {
                let (offset, len) = (hole.offset as usize, hole.len as usize);
                let bytes = seen.bytes.get(offset..offset.checked_add(len)?)?;
                let is_dirty = bytes.iter().any(|&it| it != 0);
                is_dirty.then_some((offset, len))
            }),
            (Subject::BehindNul(_), _) => self.slots.iter().find_map(|it| {
                behind_nul(seen.bytes.get(it.offset..it.offset + it.len)?, it.offset)
            }),
            (Subject::Order(_, way), _) => self.slots.iter().find_map(|it| {
                let (Kind::Integer { order, .. } | Kind::Float { order }) = it.kind else {
                    return None;
                };
                let value = read(seen.bytes.get(it.offset..it.offset + it.len)?, order);
                let reads_alike = way.read(value, it.len) == Some(value);
                (!reads_alike).then_some((it.offset, it.len))
            }),
            _ => None,
        }
    }

    fn add(&mut self, seen: &Seen<'_>, offset: usize, len: usize) {
        self.support += seen.count;
        seen.frames.iter().filter(|it| **it != 0).for_each(|&it| self.note_frame(it));
        if self.evidence.is_none() {
            let frame = seen.frames.first().copied().unwrap_or(0);
            let bytes = seen.bytes.get(..EVIDENCE_LEN).unwrap_or(seen.bytes).to_vec();
            self.evidence = Some(Evidence { frame, bytes, offset, len });
        }
    }

    /// Keeps the first frames, in order: messages that came before may have come again.
    fn note_frame(&mut self, frame: u64) {
        let at = self.frames.partition_point(|it| *it < frame);
        if self.frames.get(at) == Some(&frame) || at >= MAX_FRAMES {
            return;
        }
        self.frames.truncate(MAX_FRAMES - 1);
        self.frames.insert(at, frame);
    }
}

/// Whether what is left over leaves the fields in front of it whole.
fn takes_more(winner: &Candidate) -> bool {
    winner.slots.tail.as_ref().is_none_or(|it| it.element.kind == Kind::Text)
}

/// The first bytes where the layouts differ: a hole of the sender's, else what moved.
fn hole_of(winner: &Candidate, declared: &Candidate, seen: &Seen<'_>) -> (usize, usize) {
    let is_new = |it: &&crate::schema::Hole| !declared.holes.contains(it);
    let behind = winner.slots.tail.as_ref();
    if let Some(tail) = behind.filter(|it| it.pad > 0 && it.element.offset == tail_start(declared))
    {
        return (seen.len.saturating_sub(tail.pad), tail.pad);
    }
    if let Some(hole) = winner.holes.iter().find(is_new) {
        return (hole.offset as usize, hole.len as usize);
    }
    let pairs = winner.slots.slots.iter().zip(&declared.slots.slots);
    let moved = pairs.into_iter().find(|(a, b)| (a.offset, a.len) != (b.offset, b.len));
    moved.map_or((0, seen.len), |(it, _)| (it.offset, it.len))
}

fn tail_start(candidate: &Candidate) -> usize {
    candidate.slots.tail.as_ref().map_or(usize::MAX, |it| it.element.offset)
}

/// The bytes from the NUL on, if one of them is not zero.
fn behind_nul(bytes: &[u8], offset: usize) -> Option<(usize, usize)> {
    let end = memchr::memchr(0, bytes)? + 1;
    let rest = bytes.get(end..)?;
    rest.iter().any(|&it| it != 0).then_some((offset + end, rest.len()))
}
