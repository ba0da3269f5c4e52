//! An algorithm made ready, and the sums that it gives.

use crc::Crc;

use super::algorithm::{Algorithm, Form};

/// Computes the sums of one algorithm. What a CRC looks up is made once.
#[derive(Clone)]
pub struct Summer {
    algorithm: &'static Algorithm,
    /// The value before the first byte, where it is not the usual one.
    seed: Option<u64>,
    register: Register,
}

#[derive(Clone)]
enum Register {
    Crc8(Box<Crc<u8>>),
    Crc16(Box<Crc<u16>>),
    Crc32(Box<Crc<u32>>),
    Crc64(Box<Crc<u64>>),
    /// It needs none.
    None,
}

impl Summer {
    /// `seed` takes the place of the algorithm's own value before the first byte; its low bits count.
    pub fn new(algorithm: &'static Algorithm, seed: Option<u64>) -> Self {
        let register = match algorithm.form {
            Form::Crc8(it) => Register::Crc8(Box::new(Crc::<u8>::new(it))),
            Form::Crc16(it) => Register::Crc16(Box::new(Crc::<u16>::new(it))),
            Form::Crc32(it) => Register::Crc32(Box::new(Crc::<u32>::new(it))),
            Form::Crc64(it) => Register::Crc64(Box::new(Crc::<u64>::new(it))),
            _ => Register::None,
        };
        Self { algorithm, seed, register }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> &'static Algorithm {
        self.algorithm
    }

    /// The sum of some bytes, piece by piece.
    pub fn sum<'b>(&self, pieces: impl IntoIterator<Item = &'b [u8]>) -> u64 {
        let (pieces, seed) = (pieces.into_iter(), self.seed);
        match &self.register {
            Register::Crc8(crc) => {
                let own = || crc.digest();
                let mut digest = seed.map_or_else(own, |it| crc.digest_with_initial(it as u8));
                pieces.for_each(|it| digest.update(it));
                digest.finalize().into()
            }
            Register::Crc16(crc) => {
                let own = || crc.digest();
                let mut digest = seed.map_or_else(own, |it| crc.digest_with_initial(it as u16));
                pieces.for_each(|it| digest.update(it));
                digest.finalize().into()
            }
            Register::Crc32(crc) => {
                let own = || crc.digest();
                let mut digest = seed.map_or_else(own, |it| crc.digest_with_initial(it as u32));
                pieces.for_each(|it| digest.update(it));
                digest.finalize().into()
            }
            Register::Crc64(crc) => {
                let own = || crc.digest();
                let mut digest = seed.map_or_else(own, |it| crc.digest_with_initial(it));
                pieces.for_each(|it| digest.update(it));
                digest.finalize()
            }
            Register::None => self.plain(pieces.flatten().copied()),
        }
    }

    fn plain(&self, bytes: impl Iterator<Item = u8>) -> u64 {
        let seed = self.seed.unwrap_or(0);
        let added = |bytes: &mut dyn Iterator<Item = u8>| {
            bytes.fold(seed, |sum, it| sum.wrapping_add(it.into()))
        };
        let mut bytes = bytes;
        match self.algorithm.form {
            Form::Sum { bits } => added(&mut bytes) & mask(bits),
            Form::Lrc => added(&mut bytes).wrapping_neg() & mask(8),
            Form::Xor => bytes.fold(seed, |sum, it| sum ^ u64::from(it)) & mask(8),
            Form::Internet => internet(seed, bytes),
            Form::Twice { bits, modulus, first } => {
                twice(self.seed.unwrap_or(first), bits, modulus.into(), bytes)
            }
            Form::Crc8(_) | Form::Crc16(_) | Form::Crc32(_) | Form::Crc64(_) => 0,
        }
    }
}

impl std::fmt::Debug for Summer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Summer({}, {:?})", self.algorithm.name, self.seed)
    }
}

fn mask(bits: u32) -> u64 {
    u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0)
}

/// A last byte that is alone is the upper half of its word.
fn internet(seed: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    let is_upper = std::iter::successors(Some(true), |it| Some(!it));
    let word = |(byte, is_upper): (u8, bool)| match is_upper {
        true => u64::from(byte) << 8,
        false => u64::from(byte),
    };
    let mut sum = bytes.zip(is_upper).map(word).fold(seed, u64::wrapping_add);
    while sum > 0xffff {
        sum = (sum & 0xffff).saturating_add(sum >> 16);
    }
    !sum & 0xffff
}

fn twice(seed: u64, bits: u32, modulus: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    let half = bits / 2;
    let remainder = |it: u64| it.checked_rem(modulus).unwrap_or(0);
    let begin = (seed & mask(half), seed.wrapping_shr(half) & mask(half));
    let (one, both) = bytes.fold(begin, |(one, both), byte| {
        let one = remainder(one.saturating_add(byte.into()));
        (one, remainder(both.saturating_add(one)))
    });
    both.wrapping_shl(half) | one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(name: &str, seed: Option<u64>, bytes: &[u8]) -> u64 {
        let summer = Summer::new(Algorithm::named(name).unwrap(), seed);
        let whole = summer.sum([bytes]);
        for cut in 0..=bytes.len() {
            let (one, other) = bytes.split_at(cut);
            assert_eq!(summer.sum([one, other]), whole, "{name} cut at {cut}");
        }
        whole
    }

    /// The values that are published for these nine characters.
    #[test]
    fn sums_are_those_that_are_published() {
        for (name, expected) in [
            ("crc8", 0xf4),
            ("crc-8-maxim-dow", 0xa1),
            ("crc16-ccitt", 0x29b1),
            ("crc16-xmodem", 0x31c3),
            ("crc16-kermit", 0x2189),
            ("crc16-modbus", 0x4b37),
            ("crc16-arc", 0xbb3d),
            ("crc16-x25", 0x906e),
            ("crc16-mcrf4xx", 0x6f91),
            ("crc-16-mcrf4xx", 0x6f91),
            ("crc24", 0x21cf02),
            ("crc32", 0xcbf4_3926),
            ("crc32c", 0xe306_9283),
            ("crc32-mpeg2", 0x0376_e6e7),
            ("crc64", 0x6c40_df5f_0b49_7347),
            ("crc64-xz", 0x995d_c9bb_df19_39fa),
            ("adler32", 0x091e_01de),
            ("fletcher16", 0x1ede),
            ("sum8", 0xdd),
            ("sum16", 0x01dd),
            ("sum32", 0x01dd),
            ("lrc8", 0x23),
            ("xor8", 0x31),
        ] {
            assert_eq!(sum(name, None, b"123456789"), expected, "{name}");
        }
    }

    #[test]
    fn each_of_the_catalogue_gives_its_check_value() {
        for it in Algorithm::all() {
            let check = match it.form {
                Form::Crc8(it) => it.check.into(),
                Form::Crc16(it) => it.check.into(),
                Form::Crc32(it) => it.check.into(),
                Form::Crc64(it) => it.check,
                _ => continue,
            };
            assert_eq!(sum(it.name, None, b"123456789"), check, "{}", it.name);
        }
    }

    /// The example of RFC 1071 section 3, whose sum is ddf2 before it is inverted; the header of
    /// a packet together with its checksum; a byte that is alone.
    #[test]
    fn the_internet_checksum_is_as_its_rfc_has_it() {
        let example = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(sum("internet", None, &example), 0xffff - 0xddf2);
        assert_eq!(sum("internet", None, &[0x01]), 0xfeff);
        assert_eq!(sum("internet", None, &[]), 0xffff);
    }

    #[test]
    fn fletcher_sums_are_those_of_the_textbook() {
        for (text, expected) in [("abcde", 0xc8f0_u64), ("abcdef", 0x2057), ("abcdefgh", 0x0627)] {
            assert_eq!(sum("fletcher16", None, text.as_bytes()), expected);
        }
        // A poll of UBX-MON-VER: class 0a, id 04, no payload.
        assert_eq!(sum("fletcher16-ubx", None, &[0x0a, 0x04, 0, 0]), 0x340e);
    }

    #[test]
    fn a_seed_stands_for_what_came_before() {
        assert_eq!(sum("crc16-ccitt", Some(0), b"123456789"), 0x31c3, "that of XMODEM");
        assert_eq!(sum("sum8", Some(0x55), &[1]), 0x56);
        assert_eq!(sum("xor8", Some(0xff), &[0x0f]), 0xf0);
        assert_eq!(sum("adler32", Some(sum("adler32", None, b"1234")), b"56789"), 0x091e_01de);
        assert_eq!(sum("fletcher16", Some(0), b"abcde"), 0xc8f0);
    }
}
