//! Which sums there are, by name.

use super::catalogue::{CATALOGUE, SHORT};

/// One way to compute a sum.
#[derive(Clone, Copy, Debug)]
pub struct Algorithm {
    /// What profiles call it.
    pub name: &'static str,
    pub(super) form: Form,
}

/// How its bytes are added up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Crc8(&'static crc::Algorithm<u8>),
    Crc16(&'static crc::Algorithm<u16>),
    Crc32(&'static crc::Algorithm<u32>),
    Crc64(&'static crc::Algorithm<u64>),
    /// The bytes, modulo 2 to the power of so many bits.
    Sum {
        bits: u32,
    },
    /// The same in 8 bits, negated: sum and bytes together are zero.
    Lrc,
    /// All bytes by exclusive or.
    Xor,
    /// RFC 1071: words of 16 bits, big-endian, in ones' complement, the sum inverted.
    Internet,
    /// Two sums of bytes modulo a number: of the bytes, from `first` on, and of these sums. The latter
    /// is the upper half of so many bits.
    Twice {
        bits: u32,
        modulus: u32,
        first: u64,
    },
}

/// Those that are no CRC.
static PLAIN: &[Algorithm] = &[
    Algorithm { name: "sum8", form: Form::Sum { bits: 8 } },
    Algorithm { name: "sum16", form: Form::Sum { bits: 16 } },
    Algorithm { name: "sum32", form: Form::Sum { bits: 32 } },
    Algorithm { name: "lrc8", form: Form::Lrc },
    Algorithm { name: "xor8", form: Form::Xor },
    Algorithm { name: "internet", form: Form::Internet },
    // RFC 1950 section 8.2.
    Algorithm { name: "adler32", form: Form::Twice { bits: 32, modulus: 65521, first: 1 } },
    Algorithm { name: "fletcher16", form: Form::Twice { bits: 16, modulus: 255, first: 0 } },
    // RFC 1145 with sums of 8 bits that wrap, as the UBX protocol of u-blox has it.
    Algorithm { name: "fletcher16-ubx", form: Form::Twice { bits: 16, modulus: 256, first: 0 } },
];

impl Algorithm {
    /// The one of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|it| it.name == name)
    }

    /// All of them: those for short names first, then the catalogue of CRCs.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        SHORT.iter().chain(PLAIN).chain(CATALOGUE)
    }

    /// The short names.
    pub fn short_names() -> impl Iterator<Item = &'static str> {
        SHORT.iter().chain(PLAIN).map(|it| it.name)
    }

    /// How many bits its sums have, at most 64.
    pub fn bits(&self) -> u32 {
        match self.form {
            Form::Crc8(it) => it.width.into(),
            Form::Crc16(it) => it.width.into(),
            Form::Crc32(it) => it.width.into(),
            Form::Crc64(it) => it.width.into(),
            Form::Sum { bits } | Form::Twice { bits, .. } => bits,
            Form::Lrc | Form::Xor => 8,
            Form::Internet => 16,
        }
    }

    /// Bytes of the smallest field that has room for it.
    pub fn bytes(&self) -> u64 {
        u64::from(self.bits().div_ceil(8))
    }
}

/// No two have a name in common.
impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        let names: HashSet<_> = Algorithm::all().map(|it| it.name).collect();
        assert_eq!(names.len(), Algorithm::all().count());
        assert!(names.len() > 120, "{}", names.len());
        assert_eq!(Algorithm::named("crc-16-mcrf4xx").unwrap().bits(), 16);
        assert!(Algorithm::named("crc-16").is_none());
    }

    #[test]
    fn a_field_of_whole_bytes_has_room() {
        for (name, len) in [("crc-3-gsm", 1), ("crc-10-atm", 2), ("crc24", 3), ("crc64", 8)] {
            assert_eq!(Algorithm::named(name).unwrap().bytes(), len, "{name}");
        }
        assert!(Algorithm::all().all(|it| (1..=8).contains(&it.bytes())));
    }
}
