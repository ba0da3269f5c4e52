//! Integers of a capture file, in the order of the machine that wrote it.

use std::ops::Range;

use pcap_file::Endianness;

/// The byte order of a file, or of a section of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    /// A field of 16 bits, if it is there.
    pub fn u16(self, bytes: &[u8], field: Range<usize>) -> Option<u16> {
        let field = bytes.get(field)?.try_into().ok()?;
        Some(match self {
            Self::Big => u16::from_be_bytes(field),
            Self::Little => u16::from_le_bytes(field),
        })
    }

    /// A field of 32 bits, if it is there.
    pub fn u32(self, bytes: &[u8], field: Range<usize>) -> Option<u32> {
        let field = bytes.get(field)?.try_into().ok()?;
        Some(match self {
            Self::Big => u32::from_be_bytes(field),
            Self::Little => u32::from_le_bytes(field),
        })
    }

    /// A field of 64 bits, if it is there.
    pub fn u64(self, bytes: &[u8], field: Range<usize>) -> Option<u64> {
        let field = bytes.get(field)?.try_into().ok()?;
        Some(match self {
            Self::Big => u64::from_be_bytes(field),
            Self::Little => u64::from_le_bytes(field),
        })
    }

    /// The name in output: `big` or `little`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Big => "big",
            Self::Little => "little",
        }
    }
}

impl From<Endianness> for ByteOrder {
    fn from(order: Endianness) -> Self {
        match order {
            Endianness::Big => Self::Big,
            Endianness::Little => Self::Little,
        }
    }
}
