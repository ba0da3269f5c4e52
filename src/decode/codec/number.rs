//! Integers, floating-point numbers and bit-fields, from bytes and to bytes.
//!
//! Bit-fields are numbered as [`crate::schema::Field::bits`] has it: from the least significant
//! bit of byte 0 upwards on little-endian ABIs, from the most significant one on big-endian ABIs.

use nom::bytes::complete::take;

use crate::message::Scalar;
use crate::schema::ByteOrder;

/// A number of 1 to 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Bytes.
    pub size: u8,
    pub kind: NumberKind,
    pub order: ByteOrder,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NumberKind {
    Unsigned,
    Signed,
    /// IEEE 754; 4 or 8 bytes.
    Float,
}

/// A bit-field of at most 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BitField {
    /// From the first bit of the step's first byte.
    pub first: u32,
    pub width: u32,
    pub signed: bool,
    /// The ABI's, which says from which end bits are counted.
    pub order: ByteOrder,
}

impl Number {
    /// The number at the start of `input`; `None` where it is too short.
    #[inline]
    pub fn read(self, input: &[u8]) -> Option<Scalar> {
        let word = read_word(input, self.size, self.order)?;
        Some(match self.kind {
            NumberKind::Unsigned => Scalar::Unsigned(word),
            NumberKind::Signed => {
                Scalar::Signed(sign_extend(word, u32::from(self.size).saturating_mul(8)))
            }
            NumberKind::Float if self.size == 4 => {
                Scalar::Float(f64::from(f32::from_bits(word as u32)))
            }
            NumberKind::Float => Scalar::Float(f64::from_bits(word)),
        })
    }

    /// The lowest and the highest integer that it can hold.
    pub fn range(self) -> (i128, i128) {
        range(u32::from(self.size).saturating_mul(8), matches!(self.kind, NumberKind::Signed))
    }

    /// Writes the low bytes of `word`.
    pub fn write(self, word: u64, out: &mut [u8]) {
        let size = usize::from(self.size);
        match self.order {
            ByteOrder::Big => copy(out, word.to_be_bytes().get(8_usize.saturating_sub(size)..)),
            ByteOrder::Little => copy(out, word.to_le_bytes().get(..size)),
        }
    }
}

impl BitField {
    /// The field's value; `input` holds just the bytes that it touches, at most nine.
    #[inline(never)]
    pub fn read(self, input: &[u8]) -> Scalar {
        let bits = gather(input, self.order).checked_shr(self.shift(input.len())).unwrap_or(0);
        let word = (bits & mask(self.width)) as u64;
        match self.signed {
            true => Scalar::Signed(sign_extend(word, self.width)),
            false => Scalar::Unsigned(word),
        }
    }

    /// The lowest and the highest integer that it can hold.
    pub fn range(self) -> (i128, i128) {
        range(self.width, self.signed)
    }

    /// Sets the field in the bytes that it touches and leaves the other bits.
    pub fn write(self, word: u64, bytes: &mut [u8]) {
        let shift = self.shift(bytes.len());
        let mask = mask(self.width);
        let clear = gather(bytes, self.order) & !mask.checked_shl(shift).unwrap_or(0);
        let merged = clear | (u128::from(word) & mask).checked_shl(shift).unwrap_or(0);
        let len = bytes.len();
        match self.order {
            ByteOrder::Big => copy(bytes, merged.to_be_bytes().get(16_usize.saturating_sub(len)..)),
            ByteOrder::Little => copy(bytes, merged.to_le_bytes().get(..len)),
        }
    }

    /// How far its least significant bit is from that of the touched bytes, read in its order.
    fn shift(self, len: usize) -> u32 {
        match self.order {
            ByteOrder::Little => self.first,
            ByteOrder::Big => {
                (len as u32).saturating_mul(8).saturating_sub(self.first).saturating_sub(self.width)
            }
        }
    }
}

/// An unsigned number; [`take`] sees that its bytes are there.
#[inline]
fn read_word(input: &[u8], size: u8, order: ByteOrder) -> Option<u64> {
    Some(match (size, order) {
        (1, _) => u64::from(u8::from_be_bytes(chunk(input)?)),
        (2, ByteOrder::Big) => u64::from(u16::from_be_bytes(chunk(input)?)),
        (2, ByteOrder::Little) => u64::from(u16::from_le_bytes(chunk(input)?)),
        (4, ByteOrder::Big) => u64::from(u32::from_be_bytes(chunk(input)?)),
        (4, ByteOrder::Little) => u64::from(u32::from_le_bytes(chunk(input)?)),
        (8, ByteOrder::Big) => u64::from_be_bytes(chunk(input)?),
        (8, ByteOrder::Little) => u64::from_le_bytes(chunk(input)?),
        _ => return odd_word(input, size, order),
    })
}

/// The number of as many bytes as no type of C has.
#[cold]
fn odd_word(input: &[u8], size: u8, order: ByteOrder) -> Option<u64> {
    let (_, bytes) = take::<_, _, ()>(size)(input).ok()?;
    u64::try_from(gather(bytes, order)).ok()
}

#[inline]
fn chunk<const N: usize>(input: &[u8]) -> Option<[u8; N]> {
    let (_, bytes) = take::<_, _, ()>(N)(input).ok()?;
    bytes.try_into().ok()
}

/// The `width` low bits of `word` as a two's complement number.
fn sign_extend(word: u64, width: u32) -> i64 {
    let unused = 64_u32.saturating_sub(width);
    (word as i64).wrapping_shl(unused).wrapping_shr(unused)
}

fn range(width: u32, signed: bool) -> (i128, i128) {
    let values = 1_i128.checked_shl(width).unwrap_or(i128::MAX);
    match signed {
        true => ((values / 2).saturating_neg(), (values / 2).saturating_sub(1)),
        false => (0, values.saturating_sub(1)),
    }
}

fn mask(width: u32) -> u128 {
    1_u128.checked_shl(width).unwrap_or(0).wrapping_sub(1)
}

/// The bytes as one number.
pub(crate) fn gather(bytes: &[u8], order: ByteOrder) -> u128 {
    let push = |value: u128, &byte: &u8| value.wrapping_shl(8) | u128::from(byte);
    match order {
        ByteOrder::Big => bytes.iter().fold(0, push),
        ByteOrder::Little => bytes.iter().rev().fold(0, push),
    }
}

fn copy(out: &mut [u8], from: Option<&[u8]>) {
    for (to, from) in out.iter_mut().zip(from.unwrap_or_default()) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_and_write_in_both_orders() {
        use ByteOrder::{Big, Little};
        use NumberKind::{Float, Signed, Unsigned};
        for (size, kind, order, bytes, value) in [
            (1, Unsigned, Big, &[0xfe][..], Scalar::Unsigned(0xfe)),
            (1, Signed, Little, &[0xfe], Scalar::Signed(-2)),
            (2, Unsigned, Big, &[1, 2], Scalar::Unsigned(0x0102)),
            (2, Signed, Little, &[0xfe, 0xff], Scalar::Signed(-2)),
            (4, Unsigned, Little, &[100, 0, 0, 0], Scalar::Unsigned(100)),
            (4, Signed, Big, &[0x80, 0, 0, 0], Scalar::Signed(-0x8000_0000)),
            (8, Unsigned, Big, &[0xff; 8], Scalar::Unsigned(u64::MAX)),
            (8, Signed, Big, &[0xff; 8], Scalar::Signed(-1)),
            (3, Unsigned, Big, &[1, 2, 3], Scalar::Unsigned(0x0001_0203)),
            (3, Signed, Little, &[0xfe, 0xff, 0xff], Scalar::Signed(-2)),
            (5, Unsigned, Little, &[1, 0, 0, 0, 2], Scalar::Unsigned(0x02_0000_0001)),
            (6, Signed, Big, &[0x80, 0, 0, 0, 0, 0], Scalar::Signed(-0x8000_0000_0000)),
            (7, Unsigned, Big, &[0xff; 7], Scalar::Unsigned(0x00ff_ffff_ffff_ffff)),
            (4, Float, Big, &[0x3f, 0x80, 0, 0], Scalar::Float(1.0)),
            (8, Float, Little, &[0, 0, 0, 0, 0, 0, 0xf0, 0xbf], Scalar::Float(-1.0)),
        ] {
            let number = Number { size, kind, order };
            assert_eq!(number.read(bytes), Some(value), "{number:?}");
            assert_eq!(number.read(&bytes[1..]), None, "{number:?}");
            let word = match value {
                Scalar::Unsigned(value) => value,
                Scalar::Signed(value) => value as u64,
                Scalar::Float(value) if size == 4 => u64::from((value as f32).to_bits()),
                Scalar::Float(value) => value.to_bits(),
                _ => unreachable!(),
            };
            let mut out = vec![0; bytes.len()];
            number.write(word, &mut out);
            assert_eq!(out, bytes, "{number:?}");
        }
    }

    #[test]
    fn bit_fields_read_and_write_from_either_end() {
        use ByteOrder::{Big, Little};
        let nine = [0x80, 0, 0, 0, 0, 0, 0, 0, 0x7f];
        for (first, width, signed, order, bytes, value) in [
            (0, 4, false, Little, &[0x45][..], Scalar::Unsigned(5)),
            (4, 4, false, Little, &[0x45], Scalar::Unsigned(4)),
            (0, 4, false, Big, &[0x45], Scalar::Unsigned(4)),
            (4, 4, false, Big, &[0x45], Scalar::Unsigned(5)),
            (0, 1, true, Little, &[1], Scalar::Signed(-1)),
            (3, 10, true, Little, &[0xf8, 0x1f], Scalar::Signed(-1)),
            (3, 10, false, Big, &[0x10, 0x08], Scalar::Unsigned(0x201)),
            (7, 64, false, Little, &nine, Scalar::Unsigned(0xfe00_0000_0000_0001)),
            (1, 64, true, Big, &nine, Scalar::Signed(0)),
        ] {
            let field = BitField { first, width, signed, order };
            assert_eq!(field.read(bytes), value, "{field:?}");
            let word = match value {
                Scalar::Unsigned(value) => value,
                Scalar::Signed(value) => value as u64,
                _ => unreachable!(),
            };
            for fill in [0x00, 0xff] {
                let mut out = vec![fill; bytes.len()];
                field.write(word, &mut out);
                assert_eq!(field.read(&out), value, "{field:?}");
                field.write(!word, &mut out);
                field.write(if fill == 0 { 0 } else { u64::MAX }, &mut out);
                assert_eq!(out, vec![fill; bytes.len()], "{field:?} leaves other bits");
            }
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(range(1, true), (-1, 0));
        assert_eq!(range(8, false), (0, 255));
        assert_eq!(range(64, true), (i128::from(i64::MIN), i128::from(i64::MAX)));
        assert_eq!(range(64, false), (0, i128::from(u64::MAX)));
    }
}
