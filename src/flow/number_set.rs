//! A set of small numbers: frames by position, streams by number. A bit each, up to the largest.

/// A set of numbers.
///
/// ```
/// use wirereel::flow::NumberSet;
///
/// let mut frames = NumberSet::default();
/// frames.insert(64);
/// assert!(frames.contains(64) && !frames.contains(63));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberSet {
    words: Vec<u64>,
}

impl NumberSet {
    /// Adds a number.
    pub fn insert(&mut self, number: u64) {
        let Ok(word) = usize::try_from(number / 64) else { return };
        if word >= self.words.len() {
            self.words.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    /// Adds the numbers of another set, but those of a third.
    pub fn add_but(&mut self, others: &Self, but: &Self) {
        if others.words.len() > self.words.len() {
            self.words.resize(others.words.len(), 0);
        }
        let but = but.words.iter().copied().chain(std::iter::repeat(0));
        for ((word, others), but) in self.words.iter_mut().zip(&others.words).zip(but) {
            *word |= others & !but;
        }
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|word| self.words.get(word));
        word.is_some_and(|word| word & 1 << (number % 64) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_in_it_and_nothing_else() {
        let mut numbers = NumberSet::default();
        for number in [1, 63, 64, 1000] {
            assert!(!numbers.contains(number));
            numbers.insert(number);
        }
        let found: Vec<_> = (0..2000).filter(|&it| numbers.contains(it)).collect();
        assert_eq!(found, [1, 63, 64, 1000]);
        assert!(!numbers.contains(u64::MAX));
    }

    #[test]
    fn others_are_added_but_for_some() {
        let of = |numbers: &[u64]| {
            let mut set = NumberSet::default();
            numbers.iter().for_each(|it| set.insert(*it));
            set
        };
        let mut numbers = of(&[1, 2]);
        numbers.add_but(&of(&[2, 3, 70, 200]), &of(&[2, 70]));
        assert_eq!(numbers, of(&[1, 2, 3, 200]));
        numbers.add_but(&of(&[5]), &of(&[300]));
        assert_eq!(numbers, of(&[1, 2, 3, 5, 200]));
    }
}
