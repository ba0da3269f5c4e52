//! What a stack holds where nobody cleared it: addresses, and what earlier calls left.

use rand::{Rng, RngExt};

/// Fills bytes that lie at an offset of a struct. They are never all zero, so that a message whose
/// sender left them uncleared shows it.
pub(super) fn fill(bytes: &mut [u8], offset: usize, random: &mut impl Rng) {
    let mut word = [0; 8];
    for (at, byte) in (offset..).zip(bytes.iter_mut()) {
        let within = at % word.len();
        if within == 0 || at == offset {
            word = stacked(random);
        }
        *byte = word.get(within).copied().unwrap_or_default();
    }
    if bytes.iter().all(|it| *it == 0)
        && let Some(first) = bytes.first_mut()
    {
        *first = random.random_range(1..=u8::MAX);
    }
}

/// A word as it lies on the stack of a process of Linux on x86-64: an address of the stack, of the
/// program, or a small number.
fn stacked(random: &mut impl Rng) -> [u8; 8] {
    let low = u64::from(random.random::<u32>());
    let word = match low % 4 {
        0 | 1 => 0x7ffc_0000_0000 | low,
        2 => 0x5555_0000_0000 | low,
        _ => low % 1_000,
    };
    word.to_le_bytes()
}
