//! The Internet checksum: a ones' complement sum of 16-bit words (RFC 1071).
//!
//! Words of 64 bits are summed in the machine's own byte order, and folded at the end: sections
//! 2(B) and 2(C) show that both give the same sum. etherparse's sum is right too, but has much to
//! do for few bytes, and every packet is summed twice.

/// What verifying a checksum came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Good,
    /// It is wrong, and offload does not explain it.
    Bad,
    /// Left for the network card to fill in: not yet made when the frame was captured.
    Offloaded,
    /// The sender made none.
    Absent,
    /// Not enough of the packet was captured, or the addresses it is made over are not known.
    Unverified,
}

/// The sum of some bytes. A carry out of its highest bit comes in again at the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds bytes; of several slices only the last may be of odd length.
    #[inline]
    pub fn add(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks();
        let mut sum = self;
        for &word in words {
            sum = sum.word(u64::from_ne_bytes(word));
        }
        // What is left is shorter than a word: each of these loops goes round once at most.
        let (words, rest) = rest.as_chunks();
        for &word in words {
            sum = sum.word(u32::from_ne_bytes(word).into());
        }
        let (words, odd) = rest.as_chunks();
        for &word in words {
            sum = sum.word(u16::from_ne_bytes(word).into());
        }
        odd.iter().fold(sum, |sum, &byte| sum.word(u16::from_ne_bytes([byte, 0]).into()))
    }

    #[inline]
    fn word(self, word: u64) -> Self {
        let (sum, carry) = self.0.overflowing_add(word);
        Self(sum.wrapping_add(carry.into()))
    }

    /// The sum in 16 bits, in the byte order that a field with it has in memory.
    #[inline]
    pub fn folded(self) -> u16 {
        // A number and itself with its halves swapped: the upper half of their sum is that of the
        // two halves, with the carry from the lower.
        let halves = self.0.wrapping_add(self.0.rotate_left(32));
        let sum = halves.wrapping_shr(32) as u32;
        let halves = sum.wrapping_add(sum.rotate_left(16));
        halves.wrapping_shr(16) as u16
    }

    /// Whether the bytes are right, where the checksum is among them.
    #[inline]
    pub fn is_right(self) -> bool {
        self.folded() == u16::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_rfc() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        let sum = Sum::default().add(&bytes).folded();
        assert_eq!(sum.to_ne_bytes(), [0xdd, 0xf2]);
        let [high, low] = (!sum).to_ne_bytes();
        assert!(Sum::default().add(&bytes).add(&[high, low]).is_right());
        assert!(!Sum::default().add(&bytes).add(&[low, high]).is_right());
        assert!(!Sum::default().add(&[0; 20]).is_right(), "all zeros have no checksum");
    }

    /// Word by word, as the RFC writes it down first.
    fn slow(bytes: &[u8]) -> [u8; 2] {
        let sum = bytes.chunks(2).fold(0_u32, |sum, pair| {
            let word = u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            let sum = sum + word;
            (sum & 0xffff) + (sum >> 16)
        });
        (sum as u16).to_be_bytes()
    }

    proptest! {
        #[test]
        fn any_bytes_sum_alike(
            start in prop::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..40),
            rest in prop::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..40),
        ) {
            let even = &start[..start.len() / 2 * 2];
            let sum = Sum::default().add(even).add(&rest).folded();
            prop_assert_eq!(sum.to_ne_bytes(), slow(&[even, &rest].concat()));
        }
    }
}
