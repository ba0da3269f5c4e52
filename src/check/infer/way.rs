//! How a field arrives that does not arrive as declared.

use super::evidence::swap;
use super::slots::{Kind, Slot};
use crate::schema::ByteOrder;

/// What became of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// They stand in the other order.
    Other,
    /// Two halves, each in the declared order, the other one first.
    Halves,
    /// Two halves in their places, the bytes of each in the other order.
    TurnedHalves,
    /// The function for half as many bytes was called: the number stands in the first half, zeros in the other.
    FirstHalf,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Other, Self::Halves, Self::TurnedHalves, Self::FirstHalf];

    /// All but the other order, each with the probability that a field of 4 bytes, and one of 8, arrives so. Far
    /// fewer do; but nothing that is right reads as well so, and of right senders none is accused for it.
    const RARE: [(Self, [f64; 2]); 3] = [
        (Self::Halves, [0.0025, 0.04]),
        (Self::TurnedHalves, [0.0025, 0.01]),
        (Self::FirstHalf, [0.08, 0.05]),
    ];

    /// Those that a field of so many distinct values may have, each with its probability. Halves of a single value are
    /// as good as any.
    pub fn rare(slot: &Slot, values: usize) -> impl Iterator<Item = (Self, f64)> {
        let is_one = move |it: &(Self, _)| it.0 == Self::FirstHalf || values > 1;
        let those = Self::RARE.into_iter().filter(|it| it.0.is_of(slot)).filter(is_one);
        those.map(|(way, [narrow, wide])| (way, if slot.len == 8 { wide } else { narrow }))
    }

    /// Whether a field may arrive so, whatever its values.
    fn is_of(self, slot: &Slot) -> bool {
        let is_wide = matches!(slot.len, 4 | 8);
        match (self, &slot.kind) {
            (Self::Other, _) => true,
            // No function exchanges the halves of 32 bits; programs that carry numbers in registers do so with floats.
            (Self::Halves | Self::TurnedHalves, Kind::Float { .. }) => is_wide,
            (Self::Halves | Self::TurnedHalves, _) => slot.len == 8,
            // On a big-endian host these functions do nothing.
            (Self::FirstHalf, Kind::Integer { order, .. }) => is_wide && *order == ByteOrder::Big,
            (Self::FirstHalf, _) => false,
        }
    }

    /// The number of a field of `len` bytes whose bytes read as `value` where they are declared; `None` where it
    /// cannot have arrived so.
    pub fn read(self, value: u64, len: usize) -> Option<u64> {
        let half = 4 * len as u32;
        let low = u64::MAX.checked_shr(64 - half)?;
        let [first, last] = [value >> half & low, value & low];
        match self {
            Self::Other => Some(swap(value, len)),
            Self::Halves => Some(last << half | first),
            Self::TurnedHalves => Some(swap(first, len / 2) << half | swap(last, len / 2)),
            Self::FirstHalf => (last == 0).then_some(first),
        }
    }

    /// In words: what a field of `len` bytes arrives as that should be in `order`.
    pub fn as_what(self, order: ByteOrder, len: usize) -> String {
        let half = 4 * len;
        let other = if order == ByteOrder::Big { "little" } else { "big" };
        match self {
            Self::Other => format!("in {other}-endian order"),
            Self::Halves => format!("as two halves of {half} bits, the wrong one first"),
            Self::TurnedHalves => {
                format!("as two halves of {half} bits, each in {other}-endian order")
            }
            Self::FirstHalf => format!("as {half} bits in the first half of its {}", 2 * half),
        }
    }

    /// The bytes of the number that it has arrived as.
    pub fn size(self, len: usize) -> usize {
        if self == Self::FirstHalf { len / 2 } else { len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_undone() {
        let read = |way: Way, value, len| way.read(value, len);
        assert_eq!(read(Way::Other, 0x0102, 2), Some(0x0201));
        assert_eq!(read(Way::Halves, 0x0102_0304, 4), Some(0x0304_0102));
        assert_eq!(read(Way::Halves, 0x0102_0304_0506_0708, 8), Some(0x0506_0708_0102_0304));
        assert_eq!(read(Way::TurnedHalves, 0x0102_0304, 4), Some(0x0201_0403));
        assert_eq!(read(Way::FirstHalf, 0x0102_0000, 4), Some(0x0102));
        assert_eq!(read(Way::FirstHalf, 0x0102_0001, 4), None);
        assert_eq!(read(Way::FirstHalf, 0x0102_0304 << 32, 8), Some(0x0102_0304));
    }
}
