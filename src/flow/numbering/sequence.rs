//! What became of numbered messages: lost, twice, out of order; numbers wrap at their width.
//!
//! RFC 4737 section 3: a message is reordered whose number is less than the one that is expected next,
//! which is one more than the greatest so far; of messages that come twice only the first counts
//! (RFC 5560). What does not come between the least and the greatest number is lost: what was before
//! the first one heard, or behind the last, nobody can know.
//!
//! A sender that begins anew is told by two numbers: one that is far from what is expected, and its
//! successor (as RFC 3550 appendix A.1 has it). One that is alone is a stray.

use super::gaps::Gaps;
use super::window::{WINDOW, Window};

/// How far ahead a number may be, for those between to be lost: a minute at 300,000 a second.
const MAX_AHEAD: u64 = 1 << 24;

/// How far from what is expected the first number of all is that of a sender that begins anew, and
/// how much behind it the next one may be (`MAX_MISORDER` of RFC 3550 appendix A.1).
const NEAR: u64 = 100;

/// Where counting begins within an epoch: far from 0, since what comes late may be less than the first.
const ORIGIN: u64 = 1 << 32;

/// What has come of one sender's numbers.
#[derive(Clone, Debug)]
pub struct Sequence {
    mask: u64,
    max_behind: u64,
    max_ahead: u64,
    epoch: Option<Epoch>,
    /// A number that is far from what is expected, until the next one tells what it is.
    doubtful: Option<u64>,
    /// Of the epochs that are over.
    past: Counts,
    restarts: u64,
}

/// Since the sender began.
#[derive(Clone, Debug)]
struct Epoch {
    /// The number that came first.
    first: u64,
    /// The least and the one that is expected next, counted from [`ORIGIN`] without wrapping.
    least: u64,
    next: u64,
    window: Window,
    gaps: Gaps,
    counts: Counts,
}

/// What numbers came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Numbers from the least to the greatest.
    pub expected: u64,
    /// Numbers that came, once or more.
    pub distinct: u64,
    /// Messages whose number had come already.
    pub duplicates: u64,
    /// Messages whose number was less than one before (RFC 4737 section 3.3, Type-P-Reordered).
    pub reordered: u64,
    /// Messages whose number is in no relation to the others': neither lost nor found.
    pub stray: u64,
}

/// What one number is among those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In order, with so many skipped before it.
    InOrder(u64),
    /// Late, by so many messages (RFC 4737 section 4.2.1).
    Reordered(u64),
    /// It had come already.
    Duplicate,
    /// Far from what is expected: the next number will tell.
    Doubtful,
}

impl Counts {
    /// Numbers that did not come.
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.distinct)
    }

    fn add(&mut self, other: &Self) {
        let sum = |own: &mut u64, it: u64| *own = own.saturating_add(it);
        sum(&mut self.expected, other.expected);
        sum(&mut self.distinct, other.distinct);
        sum(&mut self.duplicates, other.duplicates);
        sum(&mut self.reordered, other.reordered);
        sum(&mut self.stray, other.stray);
    }
}

impl Sequence {
    /// Of numbers that have so many bits, from 1 to 64, and wrap behind the greatest.
    pub fn new(bits: u32) -> Self {
        let mask = u64::MAX >> 64_u32.saturating_sub(bits.clamp(1, 64));
        Self {
            mask,
            // Of few bits, a quarter back and a half ahead: the rest is neither.
            max_behind: WINDOW.min(mask / 4),
            max_ahead: MAX_AHEAD.min(mask / 2),
            epoch: None,
            doubtful: None,
            past: Counts::default(),
            restarts: 0,
        }
    }

    /// Takes the next number that came; what is above its bits does not count.
    pub fn push(&mut self, number: u64) -> Place {
        let number = number & self.mask;
        if let Some(doubtful) = self.doubtful.take() {
            self.settle(doubtful, number);
        }
        if self.is_doubtful(number) {
            self.doubtful = Some(number);
            return Place::Doubtful;
        }
        self.place(number)
    }

    /// What all numbers came to so far.
    pub fn counts(&self) -> Counts {
        let mut counts = self.past;
        if let Some(epoch) = &self.epoch {
            counts.add(&epoch.counts());
        }
        counts.stray = counts.stray.saturating_add(self.doubtful.is_some().into());
        counts
    }

    /// How often the sender has begun anew.
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    /// The number behind a doubtful one tells what that was.
    fn settle(&mut self, doubtful: u64, number: u64) {
        let step = number.wrapping_sub(doubtful) & self.mask;
        if (1..=NEAR.min(self.max_ahead)).contains(&step) {
            if let Some(epoch) = self.epoch.take() {
                self.past.add(&epoch.counts());
            }
            self.restarts = self.restarts.saturating_add(1);
        }
        self.place(doubtful);
    }

    fn is_doubtful(&self, number: u64) -> bool {
        let Some(epoch) = &self.epoch else { return false };
        let (ahead, behind) = self.distance(epoch, number);
        let is_far = ahead > self.max_ahead && behind > self.max_behind;
        is_far || (number == epoch.first && ahead.min(behind) > NEAR)
    }

    /// How far a number is ahead of the expected one, or behind it.
    fn distance(&self, epoch: &Epoch, number: u64) -> (u64, u64) {
        let next = epoch.first.wrapping_add(epoch.next.wrapping_sub(ORIGIN)) & self.mask;
        (number.wrapping_sub(next) & self.mask, next.wrapping_sub(number) & self.mask)
    }

    fn place(&mut self, number: u64) -> Place {
        let Some(epoch) = &self.epoch else {
            self.epoch = Some(Epoch::begin(number));
            return Place::InOrder(0);
        };
        let (ahead, behind) = self.distance(epoch, number);
        let Some(epoch) = &mut self.epoch else { return Place::Doubtful };
        if ahead <= self.max_ahead {
            epoch.go_on(ahead)
        } else if behind <= self.max_behind {
            epoch.go_back(behind)
        } else {
            epoch.counts.stray = epoch.counts.stray.saturating_add(1);
            Place::Doubtful
        }
    }
}

impl Epoch {
    fn begin(first: u64) -> Self {
        let (window, gaps, counts) = (Window::default(), Gaps::default(), Counts::default());
        let mut epoch = Self { first, least: ORIGIN, next: ORIGIN, window, gaps, counts };
        epoch.go_on(0);
        epoch
    }

    fn counts(&self) -> Counts {
        Counts { expected: self.next.saturating_sub(self.least), ..self.counts }
    }

    /// A number that so many are skipped before.
    fn go_on(&mut self, skipped: u64) -> Place {
        let number = self.next.saturating_add(skipped);
        let new = skipped.saturating_add(1);
        self.window.forget(self.next, new);
        self.window.insert(number);
        if skipped > 0 {
            self.gaps.push(self.next, number, self.counts.distinct);
        }
        self.next = self.next.saturating_add(new);
        self.counts.distinct = self.counts.distinct.saturating_add(1);
        Place::InOrder(skipped)
    }

    /// A number so far before the expected one.
    fn go_back(&mut self, behind: u64) -> Place {
        let number = self.next.saturating_sub(behind);
        let counts = &mut self.counts;
        if self.window.insert(number) {
            counts.duplicates = counts.duplicates.saturating_add(1);
            return Place::Duplicate;
        }
        // What came before the first one is told by nobody, and is less than all.
        let skipped_at = if number < ORIGIN { 0 } else { self.gaps.skipped_at(number) };
        let extent = counts.distinct.saturating_sub(skipped_at);
        self.least = self.least.min(number);
        counts.distinct = counts.distinct.saturating_add(1);
        counts.reordered = counts.reordered.saturating_add(1);
        Place::Reordered(extent)
    }
}
