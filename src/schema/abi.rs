//! What each ABI says about the basic types: size, alignment, sign.
//!
//! Sources: System V psABI for x86-64 (fig. 3.1), i386 (fig. 2.1) and s390x; AAPCS32 and AAPCS64
//! (section 4, fundamental data types); Microsoft's x64 conventions. The platform types (`time_t`,
//! `off_t`) are those of glibc without large-file options, and of Microsoft's C library.

use std::str::FromStr;

use super::byte_order::ByteOrder;
use super::ctype::{EnumDef, FloatKind, IntKind};
use super::nearest::nearest;

/// A compiler's rules for sizes, alignment and bit-fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Abi {
    /// System V x86-64 (LP64).
    #[default]
    X86_64,
    /// System V i386 (ILP32): 8-byte types aligned to 4 in structs.
    I386,
    /// Microsoft x64 (LLP64), with Microsoft's bit-fields.
    Win64,
    /// Arm EABI (ILP32).
    Arm,
    /// AArch64 (LP64).
    Aarch64,
    /// s390x (LP64), big-endian.
    S390x,
    /// Some other machine with addresses and `long` of 64 bits, each type aligned to its size. Of this
    /// and the next three only a program's own debug data speak.
    Lp64Little,
    /// The same, big-endian.
    Lp64Big,
    /// Some other machine with addresses and `long` of 32 bits, each type aligned to its size.
    Ilp32Little,
    /// The same, big-endian.
    Ilp32Big,
}

/// A basic type as an ABI gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Primitive {
    /// `sizeof`, bytes.
    pub size: u64,
    /// Alignment as a struct member, bytes.
    pub align: u64,
    /// Whether it can be negative.
    pub signed: bool,
}

/// A name that is none of the ABIs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown ABI `{name}`: use one of x86_64, i386, win64, arm, aarch64, s390x{}", hint(name))]
pub struct UnknownAbi {
    /// What was given in place of a name.
    pub name: String,
}

fn hint(name: &str) -> String {
    let nearest = nearest(name, Abi::ALL.map(Abi::name));
    nearest.map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
}

impl FromStr for Abi {
    type Err = UnknownAbi;

    fn from_str(name: &str) -> Result<Self, UnknownAbi> {
        let known = Self::ALL.into_iter().find(|abi| abi.name() == name);
        known.ok_or_else(|| UnknownAbi { name: name.to_owned() })
    }
}

impl std::fmt::Display for Abi {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(self.name())
    }
}

impl Abi {
    /// Every ABI that has a name of its own, the default first.
    pub const ALL: [Self; 6] =
        [Self::X86_64, Self::I386, Self::Win64, Self::Arm, Self::Aarch64, Self::S390x];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::I386 => "i386",
            Self::Win64 => "win64",
            Self::Arm => "arm",
            Self::Aarch64 => "aarch64",
            Self::S390x => "s390x",
            Self::Lp64Little => "lp64-little",
            Self::Lp64Big => "lp64-big",
            Self::Ilp32Little => "ilp32-little",
            Self::Ilp32Big => "ilp32-big",
        }
    }

    /// What is known of a machine of which only the bytes of an address and their order are.
    pub const fn generic(pointer_size: u64, order: ByteOrder) -> Self {
        match (pointer_size, order) {
            (4, ByteOrder::Little) => Self::Ilp32Little,
            (4, ByteOrder::Big) => Self::Ilp32Big,
            (_, ByteOrder::Little) => Self::Lp64Little,
            (_, ByteOrder::Big) => Self::Lp64Big,
        }
    }

    /// The order of an integer's bytes in memory.
    pub const fn byte_order(self) -> ByteOrder {
        match self {
            Self::S390x | Self::Lp64Big | Self::Ilp32Big => ByteOrder::Big,
            _ => ByteOrder::Little,
        }
    }

    /// Whether plain `char` is signed.
    pub const fn char_signed(self) -> bool {
        matches!(self, Self::X86_64 | Self::I386 | Self::Win64)
    }

    /// `sizeof(void *)`, bytes.
    pub const fn pointer_size(self) -> u64 {
        match self {
            Self::I386 | Self::Arm | Self::Ilp32Little | Self::Ilp32Big => 4,
            _ => 8,
        }
    }

    /// `sizeof(long)`, bytes.
    pub const fn long_size(self) -> u64 {
        match self {
            Self::Win64 => 4,
            _ => self.pointer_size(),
        }
    }

    /// What a pointer is: without a sign, of the size of an address.
    pub const fn pointer(self) -> Primitive {
        self.sized(self.pointer_size(), false)
    }

    /// An integer type; `None` where the ABI has none such (`__int128` on 32 bits).
    pub const fn integer(self, kind: IntKind) -> Option<Primitive> {
        let long = self.long_size();
        let pointer = self.pointer_size();
        let (size, signed) = match kind {
            IntKind::Bool | IntKind::UnsignedChar => (1, false),
            IntKind::Char => (1, self.char_signed()),
            IntKind::SignedChar => (1, true),
            IntKind::Short => (2, true),
            IntKind::UnsignedShort => (2, false),
            IntKind::Int => (4, true),
            IntKind::UnsignedInt => (4, false),
            IntKind::Long => (long, true),
            IntKind::UnsignedLong => (long, false),
            IntKind::LongLong => (8, true),
            IntKind::UnsignedLongLong => (8, false),
            IntKind::Int128 => (16, true),
            IntKind::UnsignedInt128 => (16, false),
            IntKind::Fixed { bits, signed } => (bits as u64 / 8, signed),
            IntKind::Size | IntKind::UnsignedPtr => (pointer, false),
            IntKind::SignedSize | IntKind::PtrDiff => (pointer, true),
            IntKind::Time => (if matches!(self, Self::Win64) { 8 } else { long }, true),
            IntKind::Off => (long, true),
            IntKind::WideChar => match self {
                Self::Win64 => (2, false),
                Self::Arm | Self::Aarch64 => (4, false),
                _ => (4, true),
            },
        };
        match size {
            1 | 2 | 4 | 8 => Some(self.sized(size, signed)),
            16 if pointer == 8 => Some(self.sized(size, signed)),
            _ => None,
        }
    }

    /// A floating-point type, and how many of its bytes carry the number.
    pub const fn float(self, kind: FloatKind) -> (Primitive, u64) {
        let (size, align, significant) = match (kind, self) {
            (FloatKind::Float, _) => (4, 4, 4),
            (FloatKind::Double, Self::I386) => (8, 4, 8),
            (FloatKind::LongDouble, Self::X86_64) => (16, 16, 10),
            (FloatKind::LongDouble, Self::I386) => (12, 4, 10),
            (FloatKind::LongDouble, Self::Aarch64 | Self::Lp64Little | Self::Lp64Big) => {
                (16, 16, 16)
            }
            (FloatKind::LongDouble, Self::S390x) => (16, 8, 16),
            (FloatKind::Double | FloatKind::LongDouble, _) => (8, 8, 8),
            (FloatKind::Half, _) => (2, 2, 2),
            (FloatKind::Quad, Self::S390x) => (16, 8, 16),
            (FloatKind::Quad, _) => (16, 16, 16),
        };
        (Primitive { size, align, signed: true }, significant)
    }

    /// The integer that stands for an enum: the one it is declared with; else as gcc chooses it, `unsigned int` or `int` unless a
    /// value needs more, and the smallest that holds every value where it is packed. Microsoft's
    /// is always `int`. `None` where 64 bits do not hold its values.
    pub fn enumeration(self, def: &EnumDef) -> Option<Primitive> {
        if let Some(kind) = def.underlying {
            return self.integer(kind);
        }
        if self == Self::Win64 {
            return Some(self.sized(4, true));
        }
        let values = || def.enumerators.iter().map(|it| it.value);
        let (min, max) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
        let signed = min < 0;
        let sizes: &[u64] = if def.packed { &[1, 2, 4, 8] } else { &[4, 8] };
        let holds = |size: u64| {
            let end = 1_i128 << (8 * size - u64::from(signed));
            max < end && (!signed || min >= -end)
        };
        let size = sizes.iter().copied().find(|&size| holds(size))?;
        Some(self.sized(size, signed))
    }

    /// Whether unnamed and zero-width bit-fields raise the alignment of their record (AAPCS32
    /// section 8.1.8.4).
    pub(in crate::schema) const fn aligns_unnamed_bit_fields(self) -> bool {
        matches!(self, Self::Arm | Self::Aarch64)
    }

    const fn sized(self, size: u64, signed: bool) -> Primitive {
        let align = match (self, size) {
            (Self::I386, 8) => 4,
            (Self::S390x, 16) => 8,
            _ => size,
        };
        Primitive { size, align, signed }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ctype::Enumerator;
    use super::super::source::Span;
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for abi in Abi::ALL {
            assert_eq!(abi.name().parse(), Ok(abi));
        }
        let error = "amd64".parse::<Abi>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown ABI `amd64`: use one of x86_64, i386, win64, arm, aarch64, s390x"
        );
    }

    #[test]
    fn the_error_names_every_abi() {
        let text = UnknownAbi { name: String::new() }.to_string();
        for abi in Abi::ALL {
            assert!(text.contains(abi.name()), "{abi}");
        }
    }

    #[test]
    fn enums_take_the_type_that_gcc_takes() {
        for (packed, values, size, signed) in [
            (false, &[0, 1][..], 4, false),
            (false, &[-1, 1], 4, true),
            (false, &[0xffff_ffff], 4, false),
            (false, &[-1, 0xffff_ffff], 8, true),
            (false, &[0x1_0000_0000], 8, false),
            (true, &[0, 255], 1, false),
            (true, &[-1, 128], 2, true),
            (true, &[-128, 127], 1, true),
            (true, &[0, 65536], 4, false),
        ] {
            let def = enumeration(packed, values);
            let expected = Primitive { size, align: size, signed };
            assert_eq!(Abi::X86_64.enumeration(&def), Some(expected), "{values:?}");
            let int = Primitive { size: 4, align: 4, signed: true };
            assert_eq!(Abi::Win64.enumeration(&def), Some(int), "{values:?}");
        }
        assert_eq!(Abi::X86_64.enumeration(&enumeration(false, &[1 << 64])), None);
        assert_eq!(Abi::X86_64.enumeration(&enumeration(false, &[-1, 1 << 63])), None);
    }

    fn enumeration(packed: bool, values: &[i128]) -> EnumDef {
        let enumerators =
            values.iter().map(|&value| Enumerator { name: "E".into(), value }).collect();
        EnumDef { tag: None, enumerators, packed, underlying: None, span: Span::default() }
    }
}
