//! Where numbers were skipped: what tells how far a late one was out of its order.
//!
//! RFC 4737 section 4.2.1: the extent of a packet that arrives as the `i`th is `i - j`, where the `j`th
//! is the earliest that has a greater number. That one skipped it.

use std::collections::VecDeque;

use super::window::WINDOW;

/// Gaps that are remembered. Behind more than these an extent is no less than what is told.
pub(super) const MAX_GAPS: usize = 4096;

/// The latest gaps, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps {
    gaps: VecDeque<Gap>,
    /// When the latest that was forgotten was made; 0, the first arrival, where none was.
    forgotten: u64,
}

/// Numbers that were skipped together.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// The first number behind it.
    end: u64,
    begin: u64,
    /// The arrival that skipped it.
    arrival: u64,
}

impl Gaps {
    /// The numbers from `begin` to before `end` were skipped by this arrival.
    pub fn push(&mut self, begin: u64, end: u64, arrival: u64) {
        let is_old = |it: &Gap| it.end.saturating_add(WINDOW) < end;
        while self.gaps.len() >= MAX_GAPS || self.gaps.front().is_some_and(is_old) {
            self.forgotten = self.gaps.pop_front().map_or(self.forgotten, |it| it.arrival);
        }
        self.gaps.push_back(Gap { begin, end, arrival });
    }

    /// The earliest arrival with a greater number than one that comes late.
    pub fn skipped_at(&self, number: u64) -> u64 {
        let index = self.gaps.partition_point(|it| it.end <= number);
        let gap = self.gaps.get(index).filter(|it| it.begin <= number);
        gap.map_or(self.forgotten, |it| it.arrival)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_number_finds_who_skipped_it() {
        let mut gaps = Gaps::default();
        gaps.push(5, 7, 3);
        gaps.push(9, 10, 4);
        for (number, arrival) in [(5, 3), (6, 3), (9, 4), (2, 0)] {
            assert_eq!(gaps.skipped_at(number), arrival, "{number}");
        }
    }

    #[test]
    fn the_oldest_give_way() {
        let mut gaps = Gaps::default();
        let many = MAX_GAPS as u64 + 10;
        (0..many).for_each(|it| gaps.push(2 * it, 2 * it + 1, it + 1));
        assert_eq!(gaps.gaps.len(), MAX_GAPS);
        assert_eq!((gaps.skipped_at(0), gaps.skipped_at(20)), (10, 11));
        gaps.push(3 * WINDOW, 4 * WINDOW, many);
        assert_eq!(gaps.gaps.len(), 1);
    }
}
