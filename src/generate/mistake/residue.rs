//! What a stack holds where nobody cleared it: addresses, and what earlier calls left.

use rand::{Rng, RngExt};

/// What was in the sender's memory before a message was.
pub(super) trait Held {
    /// Fills bytes that lie at an offset of the message.
    fn fill(&mut self, bytes: &mut [u8], offset: usize);
}

/// Any stack. What it leaves is never all zero, so that a message whose sender left it uncleared
/// shows it.
pub(super) struct Stack<'r, R>(pub &'r mut R);

/// What a message that came shows of it.
pub(super) struct Shown<'b>(pub &'b [u8]);

/// How many bytes there are of it.
#[derive(Default)]
pub(super) struct Counted(pub usize);

impl Held for Counted {
    fn fill(&mut self, bytes: &mut [u8], _: usize) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

impl<R: Rng> Held for Stack<'_, R> {
    fn fill(&mut self, bytes: &mut [u8], offset: usize) {
        let mut word = [0; 8];
        for (at, byte) in (offset..).zip(bytes.iter_mut()) {
            let within = at % word.len();
            if within == 0 || at == offset {
                word = stacked(self.0);
            }
            *byte = word.get(within).copied().unwrap_or_default();
        }
        if bytes.iter().all(|it| *it == 0)
            && let Some(first) = bytes.first_mut()
        {
            *first = self.0.random_range(1..=u8::MAX);
        }
    }
}

impl Held for Shown<'_> {
    fn fill(&mut self, bytes: &mut [u8], offset: usize) {
        let shown = self.0.get(offset..).unwrap_or_default();
        bytes.iter_mut().zip(shown).for_each(|(to, from)| *to = *from);
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
