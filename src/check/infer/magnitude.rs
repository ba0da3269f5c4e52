//! How probable values are by their size, bits.

use super::mixture::{Classes, mixture};

/// Sign and length in bits, learned; all values of one length alike. The longest that can come is
/// a whole number of bytes, each as probable as the next. A signed field is often never negative.
pub(super) fn magnitudes(
    values: impl Iterator<Item = u64> + Clone,
    width: u32,
    signed: bool,
) -> f64 {
    if !signed {
        return bounded(values, width, false);
    }
    let negative = values.clone().any(|it| it >> (width - 1) == 1);
    let positive = if negative { f64::NEG_INFINITY } else { bounded(values.clone(), width, false) };
    mixture(&[(0.6, positive), (0.4, bounded(values, width, true))])
}

fn bounded(values: impl Iterator<Item = u64> + Clone, width: u32, signed: bool) -> f64 {
    let longest = values.clone().map(|it| span(it, width, signed)).max().unwrap_or(0);
    let bounds = (1..=width.div_ceil(8)).map(|it| (8 * it).min(width));
    let share = 1.0 / f64::from(width.div_ceil(8));
    let mut parts = [(0.0, 0.0); 8];
    for (part, bound) in parts.iter_mut().zip(bounds) {
        if bound >= longest {
            let mut classes = Classes::<192>::new(bound as usize * if signed { 2 } else { 1 } + 1);
            let bits = values.clone().map(|it| magnitude(it, width, signed, &mut classes)).sum();
            *part = (share, bits);
        }
    }
    mixture(&parts)
}

/// Bits that a value needs, without its sign.
fn span(value: u64, width: u32, signed: bool) -> u32 {
    let inverse = !value & mask(width);
    let is_negative = value >> (width - 1) == 1;
    if is_negative && (signed || length(inverse) <= width / 2) {
        return length(inverse);
    }
    length(value)
}

pub(super) fn magnitude(value: u64, width: u32, signed: bool, classes: &mut Classes<192>) -> f64 {
    let sentinel = is_extreme(value, width);
    let negative = value >> (width - 1) == 1;
    let inverse = !value & mask(width);
    let is_negative = negative && (signed || length(inverse) <= width / 2);
    let size = length(if is_negative { inverse } else { value });
    // An unsigned field that holds a negative number is rare, one in 16: it marks what is unset.
    // Half as rare and twice as rare give one and two wrong verdicts more of 4,726.
    let rare = if is_negative && !signed { -4.0 } else { 0.0 };
    let class = size as usize + if is_negative { 96 } else { 0 };
    let bits = classes.take(class) + rare - f64::from(size.saturating_sub(1));
    if sentinel { bits.max(-8.0) } else { bits }
}

/// Bytes that are all ones or all zeros, as in masks, or the largest or smallest that some bytes
/// hold with a sign.
fn is_extreme(value: u64, width: u32) -> bool {
    let is_mask = value.to_be_bytes().iter().all(|it| matches!(it, 0 | 0xff));
    let is_limit = |it: u64| value == it >> 1 || value == (it >> 1) + 1;
    value != 0 && (is_mask || (8..=width).step_by(8).any(|it| is_limit(mask(it))))
}

pub(super) fn mask(width: u32) -> u64 {
    u64::MAX >> (64 - width.clamp(1, 64))
}

pub(super) fn length(value: u64) -> u32 {
    64 - value.leading_zeros()
}
