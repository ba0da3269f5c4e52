//! How probable the values of an integer field are, read in one order.
//!
//! A mixture of what programs put into integers. Some models know what is large and what is small:
//! magnitudes, walks (counters, sensors, times), multiples of a power of two. Others treat all
//! bytes, or all bits, alike: uniform values, flags, bytes of their own. The latter give both
//! orders the same probability, so that they bound how sure an order can become, and values that
//! look like theirs are no evidence at all.
//!
//! The weights of the models are how often programs put such values into integers, by judgement:
//! rough, since what decides is the ratio of models that know an order to those that do not. Each
//! was halved and doubled; what that changes is said at those that matter and listed for all in
//! `docs/checking.md`.

use super::{
    content::sensible,
    magnitude::{magnitude, magnitudes, mask},
    mixture::{Bits, Classes, mixture, temper},
    parts::parts as word_of_parts,
    steps::{steps, walk},
};
use crate::{
    profile::{FieldRules, TimeUnit},
    schema::EnumDef,
};

/// What is known of an integer field before its values are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// Bytes: 2, 4 or 8; also 1, which has no order.
    pub size: usize,
    pub signed: bool,
    pub rules: &'a FieldRules,
    pub names: Option<&'a EnumDef>,
}

/// A value as it was read, in the low bytes, and when: nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub value: u64,
    pub time: Option<i64>,
}

/// The probability of distinct values in the order of their arrival.
pub(super) fn bits(readings: &[Reading], known: &Known<'_>) -> Bits {
    if readings.is_empty() {
        return Bits::default();
    }
    let width = known.size as u32 * 8;
    let n = readings.len() as f64;
    let temper = temper(readings.len());
    let values = || readings.iter().map(|it| it.value);
    let uniform = -f64::from(width) * n;
    let mut parts = Vec::with_capacity(24);
    let counter = if known.rules.counter.is_some() { 20.0 } else { 1.0 };
    let timed = if known.rules.unix_time().is_some() { 50.0 } else { 1.0 };
    // Most integers are small for their width. Half of it loses 47 of 4,726 cases told, and one in
    // thirteen of the single fields; twice as much tells 29 more, one of them wrongly.
    parts.push((0.35, magnitudes(values(), width, known.signed)));
    parts.push((0.15 * counter, walk(values(), width, known.signed)));
    parts.push((0.08 * counter, steps(values(), width)));
    // What keeps colours, addresses and versions from being told to be swapped. Half of it tells 27
    // cases more, twice as much 36 fewer, with half the wrong ones.
    parts.push((0.08, word_of_parts(values(), known.size, 1.0 / temper)));
    parts.push((0.15, uniform));
    parts.push((0.06, set_bits(values(), width)));
    parts.push((0.15, few_bits(values(), width)));
    parts.push((0.06, flags(values(), width)));
    parts.push((0.04, single_bytes(values(), known.size)));
    if matches!(known.size, 4 | 8) {
        let floats: Vec<_> = values().collect();
        parts.push((0.04, sensible(&floats, known.size)));
    }
    for (weight, bits) in times(readings, known, width).into_iter().flatten() {
        parts.push((weight * timed, bits));
    }
    for (shift, weight) in SHIFTS {
        if shift < width && values().all(|it| it.trailing_zeros() >= shift) {
            let shifted = || values().map(|it| it >> shift);
            parts.push((weight, magnitudes(shifted(), width - shift, false)));
            let walks = if shift < 24 { 0.3 } else { 0.1 };
            parts.push((weight * walks, walk(shifted(), width - shift, false)));
        }
    }
    if let Some(range) = known.rules.raw_range() {
        let in_range = in_range_bits(readings, known, width, *range.start(), *range.end());
        parts.push((5.0, in_range));
    }
    if let Some(names) = known.names {
        parts.push((5.0, named(values(), names, width)));
    }
    let total: f64 = parts.iter().map(|it| it.0).sum();
    let plain = mixture(&parts) - total.log2();
    parts.iter_mut().for_each(|it| it.1 *= temper);
    Bits { plain, cautious: mixture(&parts) - total.log2() }
}

/// Low bits that are always zero, and how probable that is: fixed-point numbers with 4 to 16 bits
/// of fraction, page sizes (12), numbers in the high half or the first bytes of a wider word. The
/// more bits, the rarer: what ends in 24 zero bits is nearly always a small number in the other order.
const SHIFTS: [(u32, f64); 9] = [
    (4, 0.02),
    (8, 0.01),
    (12, 0.005),
    (16, 0.003),
    (24, 0.0003),
    (32, 0.0005),
    (40, 0.0002),
    (48, 0.0002),
    (56, 0.0002),
];

/// How many bits are set is learned; which ones, alike.
fn set_bits(values: impl Iterator<Item = u64>, width: u32) -> f64 {
    let mut classes = Classes::<65>::new(width as usize + 1);
    values
        .map(|it| {
            let set = it.count_ones();
            classes.take(set as usize) - log2_choose(width, set)
        })
        .sum()
}

/// A few bits, which may be any, are each set as often as not.
fn few_bits(values: impl Iterator<Item = u64> + Clone, width: u32) -> f64 {
    let used = values.clone().fold(0, |used, it| used | it).count_ones();
    let n = values.count() as f64;
    -f64::from(width).log2() - log2_choose(width, used) - f64::from(used) * n
}

/// Every bit by itself, seldom set until seen to be.
fn flags(values: impl Iterator<Item = u64>, width: u32) -> f64 {
    let mut set = [0.0; 64];
    let mut bits = 0.0;
    for (before, value) in values.enumerate() {
        for (bit, count) in set.iter_mut().take(width as usize).enumerate() {
            // One in eight at first: of 32 bits some four are set.
            let chance = (*count + 0.15) / (before as f64 + 1.15);
            let is_set = value >> bit & 1 == 1;
            bits += if is_set { chance.log2() } else { (1.0 - chance).log2() };
            *count += if is_set { 1.0 } else { 0.0 };
        }
    }
    bits
}

/// Every byte by itself, any at first, then as seen.
fn single_bytes(values: impl Iterator<Item = u64>, size: usize) -> f64 {
    let mut classes = vec![Classes::<256>::new(256); size];
    let of = |value: u64, at: usize| (value >> (8 * at) & 0xff) as usize;
    values
        .map(|it| {
            let each = classes.iter_mut().enumerate();
            each.map(|(at, classes)| classes.take(of(it, at))).sum::<f64>()
        })
        .sum()
}

/// By the distance from the time of capture, in each unit that fits.
fn times(readings: &[Reading], known: &Known<'_>, width: u32) -> [Option<(f64, f64)>; 4] {
    let units = [
        (TimeUnit::S, 1_000_000_000, 0.04),
        (TimeUnit::Ms, 1_000_000, 0.02),
        (TimeUnit::Us, 1000, 0.02),
        (TimeUnit::Ns, 1, 0.02),
    ];
    units.map(|(unit, nanos, weight)| {
        let is_meant = known.rules.unix_time().is_none_or(|it| it == unit);
        if width < 32 || (width == 32 && unit != TimeUnit::S) || !is_meant {
            return None;
        }
        let mut classes = Classes::<192>::new(width as usize * 2);
        let each = readings.iter().map(|it| {
            let now = it.time? / nanos;
            let away = it.value.wrapping_sub(now as u64) & mask(width);
            Some(magnitude(away, width, true, &mut classes))
        });
        Some((weight, each.sum::<Option<f64>>()?))
    })
}

/// Nearly always within the declared range.
fn in_range_bits(readings: &[Reading], known: &Known<'_>, width: u32, low: f64, high: f64) -> f64 {
    let within = 0.97 / (high - low + 1.0).max(1.0);
    let bits = |it: &Reading| {
        let value = number(it.value, width, known.signed);
        let makes_sense = (low..=high).contains(&value) || known.rules.is_none(value);
        if makes_sense { within.log2() } else { -f64::from(width) }
    };
    readings.iter().map(bits).sum()
}

/// Nearly always a value that has a name.
fn named(values: impl Iterator<Item = u64>, names: &EnumDef, width: u32) -> f64 {
    let chance = (0.97 / names.enumerators.len().max(1) as f64).log2();
    let is_known =
        |value: u64| names.enumerators.iter().any(|it| it.value as u64 & mask(width) == value);
    values.map(|it| if is_known(it) { chance } else { -5.0 - f64::from(width) }).sum()
}

/// The value as C reads it.
pub(super) fn number(value: u64, width: u32, signed: bool) -> f64 {
    if signed && width > 0 && value >> (width - 1) & 1 == 1 {
        return (value | !mask(width)) as i64 as f64;
    }
    value as f64
}

fn log2_choose(of: u32, taken: u32) -> f64 {
    (0..taken.min(of - taken)).map(|it| f64::from(of - it).log2() - f64::from(it + 1).log2()).sum()
}
