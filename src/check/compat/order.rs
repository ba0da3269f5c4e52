//! What of a list kept its order.

/// The most of these numbers, by their indices, that rise: all others were put elsewhere.
pub(super) fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // For each length the index of the least number with which a row of that length ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let number = |index: usize| numbers.get(index).copied().unwrap_or(usize::MAX);
    for (index, it) in numbers.iter().enumerate() {
        let at = ends.partition_point(|end| number(*end) < *it);
        before.push(at.checked_sub(1).and_then(|it| ends.get(it).copied()));
        match ends.get_mut(at) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let last = ends.last().copied();
    let next = |it: &usize| before.get(*it).copied().flatten();
    let mut kept: Vec<_> = std::iter::successors(last, next).collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::longest_rising;

    #[test]
    fn the_most_that_rise_stay() {
        for (numbers, kept) in [
            (&[][..], &[][..]),
            (&[0, 1, 2], &[0, 1, 2]),
            (&[1, 0], &[1]),
            (&[3, 0, 1, 2], &[1, 2, 3]),
            (&[1, 2, 3, 0], &[0, 1, 2]),
            (&[2, 0, 1, 5, 3, 4], &[1, 2, 4, 5]),
        ] {
            assert_eq!(longest_rising(numbers), kept, "{numbers:?}");
        }
    }
}
