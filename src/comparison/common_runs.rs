//! The runs that two sequences have in common, in order, where few of their elements differ.
//!
//! E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy way forward,
//! which is exact and takes time by the length and by the number of changes. The caller bounds
//! these: the search keeps half their square of words.

/// So many elements that are the same, from these places on; there is at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub old: usize,
    pub new: usize,
    pub len: usize,
}

/// The longest common sequence as runs, where fewer than `limit` elements are removed and inserted.
pub(crate) fn common_runs<T: Eq>(old: &[T], new: &[T], limit: usize) -> Option<Vec<Run>> {
    // How far into the old one each diagonal got with so many changes: from as many inserted to as
    // many removed, every other.
    let mut reached: Vec<Vec<usize>> = Vec::new();
    for changes in 0..limit {
        let mut front = Vec::with_capacity(changes + 1);
        for diagonal in 0..=changes {
            let begin = reached.last().map_or(0, |before| step(before, diagonal).0);
            let Some(y) = (begin + changes).checked_sub(2 * diagonal) else {
                front.push(begin);
                continue;
            };
            let run = match (old.get(begin..), new.get(y..)) {
                (Some(old), Some(new)) => alike(old.iter(), new.iter()),
                _ => 0,
            };
            front.push(begin + run);
            if begin + run == old.len() && y + run == new.len() {
                reached.push(front);
                return Some(trace(&reached, diagonal));
            }
        }
        reached.push(front);
    }
    None
}

/// How many elements are the same, from the first on.
pub(crate) fn alike<'s, T: Eq + 's>(
    old: impl Iterator<Item = &'s T>,
    new: impl Iterator<Item = &'s T>,
) -> usize {
    old.zip(new).take_while(|(old, new)| old == new).count()
}

/// Where a diagonal is entered, in the old one, and whether an element is removed on the way there,
/// not inserted. `before` are the diagonals with one change fewer.
fn step(before: &[usize], diagonal: usize) -> (usize, bool) {
    let inserted = before.get(diagonal).copied();
    let removed = diagonal.checked_sub(1).and_then(|it| before.get(it)).map(|it| it + 1);
    match (removed, inserted) {
        (Some(removed), Some(inserted)) if removed > inserted => (removed, true),
        (_, Some(inserted)) => (inserted, false),
        (Some(removed), None) => (removed, true),
        (None, None) => (0, false),
    }
}

/// The way back from the end.
fn trace(reached: &[Vec<usize>], mut diagonal: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for changes in (0..reached.len()).rev() {
        let end = reached.get(changes).and_then(|it| it.get(diagonal)).copied().unwrap_or(0);
        let before = changes.checked_sub(1).and_then(|it| reached.get(it));
        let (old, is_removed) = before.map_or((0, false), |before| step(before, diagonal));
        let len = end.saturating_sub(old);
        if len > 0 {
            runs.push(Run { old, new: (old + changes).saturating_sub(2 * diagonal), len });
        }
        diagonal = diagonal.saturating_sub(usize::from(is_removed));
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_what_both_have_in_order() {
        let runs = |old: &str, new: &str, limit| {
            let found = common_runs(old.as_bytes(), new.as_bytes(), limit)?;
            Some(found.into_iter().map(|it| (it.old, it.new, it.len)).collect::<Vec<_>>())
        };
        assert_eq!(runs("", "", 1), Some(vec![]));
        assert_eq!(runs("abc", "abc", 1), Some(vec![(0, 0, 3)]));
        assert_eq!(runs("abcd", "acd", 2), Some(vec![(0, 0, 1), (2, 1, 2)]));
        assert_eq!(runs("abcd", "acd", 1), None);
        assert_eq!(runs("ab", "xy", 5), Some(vec![]));
        assert_eq!(runs("ab", "xy", 4), None);
    }
}
