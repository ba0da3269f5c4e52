//! Numbers that come in any order, and what is to be said of them.

use proptest::prelude::*;

use super::sequence::{Place, Sequence};
use super::window::WINDOW;

/// Lost, duplicates, reordered, stray and restarts.
fn figures(sequence: &Sequence) -> [u64; 5] {
    let counts = sequence.counts();
    let (lost, restarts) = (counts.lost(), sequence.restarts());
    [lost, counts.duplicates, counts.reordered, counts.stray, restarts]
}

fn heard(bits: u32, numbers: impl IntoIterator<Item = u64>) -> [u64; 5] {
    let mut sequence = Sequence::new(bits);
    numbers.into_iter().for_each(|it| _ = sequence.push(it));
    figures(&sequence)
}

#[test]
fn each_figure_counts_what_it_says() {
    for (what, numbers, expected) in [
        ("nothing", &[][..], [0, 0, 0, 0, 0]),
        ("one", &[7], [0, 0, 0, 0, 0]),
        ("in order", &[7, 8, 9], [0, 0, 0, 0, 0]),
        ("lost", &[7, 9, 12], [3, 0, 0, 0, 0]),
        ("twice", &[7, 8, 8, 9, 7], [0, 2, 0, 0, 0]),
        ("swapped", &[7, 9, 8, 10], [0, 0, 1, 0, 0]),
        ("late and twice", &[7, 9, 8, 8, 10], [0, 1, 1, 0, 0]),
        ("before the first", &[7, 8, 5], [1, 0, 1, 0, 0]),
        ("before the first, in reverse", &[7, 6, 5], [0, 0, 2, 0, 0]),
    ] {
        assert_eq!(heard(32, numbers.iter().copied()), expected, "{what}");
    }
}

#[test]
fn extents_are_those_of_rfc_4737() {
    // The example of section 7.3, then one more.
    let mut sequence = Sequence::new(32);
    let places: Vec<_> = [1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11, 13, 14, 12]
        .into_iter()
        .map(|it| sequence.push(it))
        .collect();
    let late = |extents: &[u64]| extents.iter().map(|it| Place::Reordered(*it)).collect::<Vec<_>>();
    assert_eq!(places[7..10], late(&[4, 5, 6]));
    assert_eq!(places[13..], late(&[2]));
    assert_eq!(places[3], Place::InOrder(3));
    // A duplicate is no arrival of its own.
    let mut sequence = Sequence::new(32);
    let places: Vec<_> = [1, 3, 3, 3, 2].into_iter().map(|it| sequence.push(it)).collect();
    assert_eq!(places[2..], [Place::Duplicate, Place::Duplicate, Place::Reordered(1)]);
}

#[test]
fn numbers_wrap_at_their_width() {
    for bits in [8, 16, 32, 64] {
        let last = u64::MAX >> (64 - bits);
        let around = [last - 2, last - 1, 0, last, 2, 2, 1, 3];
        assert_eq!(heard(bits, around), [0, 1, 2, 0, 0], "{bits}");
        assert_eq!(heard(bits, [last, 3]), [3, 0, 0, 0, 0], "{bits}");
    }
    let rounds = (0..1000_u64).map(|it| it & 0xff);
    assert_eq!(heard(8, rounds.filter(|it| *it != 9)), [4, 0, 0, 0, 0]);
    let far = (0..1_000_000_u64).filter(|it| it % 10 != 3);
    assert_eq!(heard(16, far), [100_000, 0, 0, 0, 0]);
    // What a register of the host has above the field's bits does not count.
    assert_eq!(heard(32, [-2_i64, -1, 0, 1].map(|it| it as u64)), [0, 0, 0, 0, 0]);
}

#[test]
fn a_sender_that_begins_anew_has_lost_nothing() {
    let again = |first: u64, second: u64| (0..first).chain(0..second);
    assert_eq!(heard(32, again(100_000, 10)), [0, 0, 0, 0, 1]);
    assert_eq!(heard(32, again(200, 10)), [0, 0, 0, 0, 1]);
    assert_eq!(heard(16, again(40_000, 10)), [0, 0, 0, 0, 1]);
    assert_eq!(heard(32, [5, 6, 900_000_000, 900_000_001]), [0, 0, 0, 0, 1]);
    // What was lost before, and after, still is.
    let lossy = (0..100_000).filter(|it| it % 1000 != 1).chain([0, 2, 3]);
    assert_eq!(heard(32, lossy), [101, 0, 0, 0, 1]);
    // A few again are duplicates.
    assert_eq!(heard(32, again(50, 10)), [0, 10, 0, 0, 0]);
}

#[test]
fn one_number_that_is_far_is_stray_or_what_it_seems() {
    assert_eq!(heard(32, [5, 6, 900_000_000, 7, 8]), [0, 0, 0, 1, 0]);
    assert_eq!(heard(32, [5, 6, 900_000_000]), [0, 0, 0, 1, 0]);
    // The first number once more is a duplicate where no other follows it.
    assert_eq!(heard(32, (5..1000).chain([5, 1000, 1001])), [0, 1, 0, 0, 0]);
    let old = (0..2 * WINDOW).chain([1, 2 * WINDOW]);
    assert_eq!(heard(32, old), [0, 0, 0, 1, 0]);
}

#[test]
fn a_long_silence_is_loss() {
    let outage = (0..10).chain(5_000_000..5_000_010);
    assert_eq!(heard(32, outage), [4_999_990, 0, 0, 0, 0]);
}

proptest! {
    /// Whatever comes within the window, what is told of it adds up.
    #[test]
    fn figures_add_up(
        start in any::<u64>(),
        bits in prop::sample::select(vec![16_u32, 32, 64]),
        moved in prop::collection::vec((0_u64..45, 0_u64..4), 1..400),
    ) {
        // Each number at its place, moved by up to 90, and sent from 0 to 3 times.
        let mut arrivals: Vec<(u64, u64)> = moved
            .iter()
            .zip(0_u64..)
            .flat_map(|(&(by, copies), number)| (0..copies).map(move |it| (number + by * it, number)))
            .collect();
        arrivals.sort_by_key(|(at, _)| *at);
        let mut sequence = Sequence::new(bits);
        arrivals.iter().for_each(|(_, it)| _ = sequence.push(start.wrapping_add(*it)));
        let numbers = || arrivals.iter().map(|(_, it)| *it);
        let distinct: std::collections::BTreeSet<_> = numbers().collect();
        let (least, most) = (distinct.first(), distinct.last());
        let range = least.zip(most).map_or(0, |(least, most)| most - least + 1);
        let counts = sequence.counts();
        prop_assert_eq!(counts.distinct, distinct.len() as u64);
        prop_assert_eq!(counts.lost() + counts.distinct, range);
        prop_assert_eq!(counts.distinct + counts.duplicates, arrivals.len() as u64);
        // By the definition itself.
        let (mut seen, mut next, mut reordered) = (std::collections::BTreeSet::new(), 0, 0);
        for number in numbers().filter(|it| seen.insert(*it)) {
            reordered += u64::from(number < next);
            next = next.max(number + 1);
        }
        prop_assert_eq!((counts.reordered, counts.stray, sequence.restarts()), (reordered, 0, 0));
    }
}
