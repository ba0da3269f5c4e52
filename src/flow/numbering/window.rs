//! Which of the latest numbers have come: a bit for each, in a ring.

/// Numbers that are remembered, back from the highest one.
pub(super) const WINDOW: u64 = 1 << 16;

const WORDS: usize = (WINDOW / 64) as usize;

/// The latest [`WINDOW`] numbers.
#[derive(Clone, Debug)]
pub(super) struct Window {
    bits: Box<[u64; WORDS]>,
}

impl Default for Window {
    fn default() -> Self {
        Self { bits: Box::new([0; WORDS]) }
    }
}

impl Window {
    /// Forgets what was known of `count` numbers from `first` on, which are to come.
    pub fn forget(&mut self, first: u64, count: u64) {
        if count >= WINDOW {
            self.bits.fill(0);
            return;
        }
        for number in first..first.saturating_add(count) {
            let (word, bit) = self.place(number);
            *word &= !bit;
        }
    }

    /// Notes that a number has come; returns whether it had before.
    pub fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = self.place(number);
        let had_come = *word & bit != 0;
        *word |= bit;
        had_come
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is within the ring")]
    fn place(&mut self, number: u64) -> (&mut u64, u64) {
        let bit = number % WINDOW;
        (&mut self.bits[(bit / 64) as usize], 1 << (bit % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_until_it_is_forgotten() {
        let mut window = Window::default();
        for number in [0, 63, 64, WINDOW - 1] {
            assert!(!window.insert(number), "{number}");
            assert!(window.insert(number), "{number}");
        }
        window.forget(WINDOW, 64);
        assert!(!window.insert(WINDOW + 63));
        assert!(window.insert(64));
        window.forget(2 * WINDOW, WINDOW);
        assert!(!window.insert(64));
    }
}
