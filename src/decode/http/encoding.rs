//! Content-Encoding undone (RFC 9110 section 8.4): gzip, deflate, zstd, and with the feature
//! `brotli` br (RFC 7932), which is unknown without it.
//!
//! A body may be small and stand for a disk full of zeros: no more is given than
//! [`MAX_RATIO`] times what there was, or [`MIN_LIMIT`] where that is less. A body that meets a
//! bound may be intact: [`Undone`] and [`NotRead`] name the bound, and keep it apart from damage.

use std::io::{self, BufRead, BufReader, Read, Write};

use crate::capture;

/// Decoded bytes for each encoded one, beyond [`MIN_LIMIT`].
pub const MAX_RATIO: u64 = 100;

/// Decoded bytes that any body may have: 64 MiB.
pub const MIN_LIMIT: u64 = 64 << 20;

/// Codings on top of one another.
pub const MAX_CODINGS: usize = 4;

const BUFFER_LEN: usize = 16 << 10;

/// The codings of a body, in the order in which they were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentEncoding {
    codings: Vec<Coding>,
}

/// How undoing it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// All of it is decoded.
    Whole,
    /// The rest is not what the coding allows, or is missing.
    Damaged,
    /// The rest is beyond [`MAX_RATIO`] and [`MIN_LIMIT`].
    TooLong,
    /// It asks for more memory than is given to a coding: zstd with a window of more than 16 MiB
    /// (RFC 9659 allows 8 MiB).
    WindowTooLarge,
}

/// Why codings are not undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// One of them is not known.
    Unknown,
    /// There are more than [`MAX_CODINGS`].
    TooMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Capture(capture::Coding),
    #[cfg(feature = "brotli")]
    Brotli,
}

impl ContentEncoding {
    /// Reads the values of the Content-Encoding fields. `None` where one of the codings is not
    /// known, or where there are more than [`MAX_CODINGS`].
    pub fn parse<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Option<Self> {
        Self::read(values).ok()
    }

    /// The same, and why not.
    ///
    /// # Errors
    ///
    /// One of the codings is not known, or they are too many.
    pub fn read<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Result<Self, NotRead> {
        let mut codings = Vec::new();
        for name in values.into_iter().flat_map(|value| value.split(|&it| it == b',')) {
            codings.push(match name.trim_ascii().to_ascii_lowercase().as_slice() {
                b"" | b"identity" => continue,
                b"gzip" | b"x-gzip" => Coding::Capture(capture::Coding::Gzip),
                b"deflate" => Coding::Capture(capture::Coding::Deflate),
                b"zstd" => Coding::Capture(capture::Coding::Zstd),
                #[cfg(feature = "brotli")]
                b"br" => Coding::Brotli,
                _ => return Err(NotRead::Unknown),
            });
            if codings.len() > MAX_CODINGS {
                return Err(NotRead::TooMany);
            }
        }
        Ok(Self { codings })
    }

    /// The body is as it was.
    pub fn is_identity(&self) -> bool {
        self.codings.is_empty()
    }

    /// Writes what `encoded`, of `len` bytes, stands for to `out`: all of it, or as much as can be
    /// decoded within the bounds.
    ///
    /// # Errors
    ///
    /// Those of `out`, and of `encoded` where it cannot be read.
    pub fn undo<'r>(
        &self,
        encoded: impl BufRead + 'r,
        len: u64,
        out: &mut dyn Write,
    ) -> io::Result<Undone> {
        let mut reader: Box<dyn BufRead + 'r> = Box::new(encoded);
        for coding in self.codings.iter().rev() {
            let decoded: Box<dyn Read + 'r> = match coding {
                Coding::Capture(coding) => match coding.undo(reader) {
                    Ok(decoded) => decoded,
                    Err(error) => return judge(error),
                },
                #[cfg(feature = "brotli")]
                Coding::Brotli => {
                    Box::new(brotli_decompressor::Decompressor::new(reader, BUFFER_LEN))
                }
            };
            reader = Box::new(BufReader::with_capacity(BUFFER_LEN, decoded));
        }
        let limit = len.saturating_mul(MAX_RATIO).max(MIN_LIMIT);
        copy(&mut *reader, limit, out)
    }
}

fn copy(reader: &mut dyn BufRead, limit: u64, out: &mut dyn Write) -> io::Result<Undone> {
    let mut left = limit;
    loop {
        let decoded = match reader.fill_buf() {
            Ok([]) => return Ok(Undone::Whole),
            Ok(decoded) => decoded,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return judge(error),
        };
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(decoded.len());
        out.write_all(decoded.get(..len).unwrap_or_default())?;
        if len < decoded.len() {
            return Ok(Undone::TooLong);
        }
        left = left.saturating_sub(len as u64);
        reader.consume(len);
    }
}

/// A decoder's complaint, as against a file that cannot be read: that has a number of the system.
fn judge(error: io::Error) -> io::Result<Undone> {
    match error.raw_os_error() {
        Some(_) => Err(error),
        None if capture::is_window_too_large(&error) => Ok(Undone::WindowTooLarge),
        None => Ok(Undone::Damaged),
    }
}

impl Undone {
    /// The mark of an object whose body is not whole for it.
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Damaged => Some("encoding-damaged"),
            Self::TooLong => Some("encoding-too-long"),
            Self::WindowTooLarge => Some("encoding-window-too-large"),
        }
    }

    /// Nothing is wrong with the body that is known: a bound was met.
    pub fn is_bound(self) -> bool {
        matches!(self, Self::TooLong | Self::WindowTooLarge)
    }
}

impl NotRead {
    /// The mark of an object whose body is left as it was for it.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Unknown => "encoding-unknown",
            Self::TooMany => "encoding-too-many",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By node's zlib.brotliCompressSync.
    const BROTLI: &[u8] = &[
        0x1b, 0x1f, 0x00, 0xf8, 0x1d, 0x07, 0x6e, 0xac, 0x1b, 0x9f, 0x9c, 0x5c, 0x5b, 0x09, 0x12,
        0xe6, 0xd6, 0x20, 0x2c, 0x64, 0x74, 0xaa, 0x0c, 0x2f, 0x0b, 0xd9, 0xe4, 0x97, 0x74, 0x20,
        0x84, 0x2d, 0x96, 0x5d, 0x3a, 0x16,
    ];

    const TEXT: &[u8] = b"a text, a text, and again a text";

    /// By the same: 70 MiB of zeros.
    const BOMB: &[u8] = &[
        0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x8f, 0xff,
        0xff, 0x7f, 0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff,
        0xe0, 0x9f, 0x00, 0x88, 0xc3, 0x02, 0x00, 0xdd, 0xfb, 0x3f, 0xfe, 0xff, 0xff, 0xc1, 0x3f,
        0x01, 0x10, 0x87, 0x05, 0x00, 0xba, 0xf7, 0x7f, 0xfc, 0xff, 0xff, 0x83, 0x7f, 0x02, 0x20,
        0x0e, 0x0b, 0x00, 0x74, 0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0xff, 0x04, 0x40, 0x1c, 0x16,
        0x00, 0xe8, 0xde, 0xff, 0xf1, 0xff, 0xff, 0x0f, 0xfe, 0x09, 0x80, 0x38, 0x2c, 0x00, 0xd0,
        0xbd, 0xff, 0xe3, 0xff, 0xff, 0x1f, 0xfc, 0x13, 0x00, 0x71, 0x58, 0x00, 0xa0, 0x7b, 0xff,
        0x97, 0xff, 0xff, 0x5f, 0xf8, 0x27, 0x00, 0xe2, 0xb0, 0x00, 0x40, 0xf7, 0xfe, 0x0b,
    ];

    fn undo(encoding: &str, encoded: &[u8], out: &mut dyn Write) -> Undone {
        let encoding = ContentEncoding::parse([encoding.as_bytes()]).unwrap();
        encoding.undo(encoded, encoded.len() as u64, out).unwrap()
    }

    #[test]
    fn names_are_read_in_any_case_and_order() {
        for (values, is_identity) in [
            (&[][..], Ok(true)),
            (&["identity"], Ok(true)),
            (&["", " , "], Ok(true)),
            (&["GZip"], Ok(false)),
            (&["x-gzip, br", "deflate"], Ok(false)),
            (&["gzip", "compress"], Err(NotRead::Unknown)),
            (&["gzip,gzip,identity,gzip,gzip"], Ok(false)),
            (&["gzip,gzip,gzip,gzip,gzip"], Err(NotRead::TooMany)),
            (&["br,br,br,br", "br,compress"], Err(NotRead::TooMany)),
        ] {
            let encoding = ContentEncoding::read(values.iter().map(|it| it.as_bytes()));
            assert_eq!(encoding.map(|it| it.is_identity()), is_identity, "{values:?}");
        }
    }

    #[test]
    fn codings_are_undone_from_the_last() {
        let zstd = zstd::encode_all(BROTLI, 3).unwrap();
        for (encoding, encoded) in [("br", BROTLI), ("br, zstd", &zstd), ("identity", TEXT)] {
            let mut out = Vec::new();
            assert_eq!(undo(encoding, encoded, &mut out), Undone::Whole, "{encoding}");
            assert_eq!(out, TEXT, "{encoding}");
        }
    }

    #[test]
    fn damage_leaves_what_was_before_it() {
        for encoding in ["br", "gzip", "deflate", "zstd"] {
            let mut out = Vec::new();
            assert_eq!(undo(encoding, &BROTLI[..30], &mut out), Undone::Damaged, "{encoding}");
            assert!(TEXT.starts_with(&out), "{encoding}: {}", out.escape_ascii());
        }
    }

    struct Counter(u64);

    impl Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bomb_stops_at_the_bound_and_is_not_damaged() {
        let zeros = || io::repeat(0).take(MIN_LIMIT + 1);
        let mut gzip = Vec::new();
        let best = flate2::Compression::best();
        flate2::bufread::GzEncoder::new(BufReader::new(zeros()), best)
            .read_to_end(&mut gzip)
            .unwrap();
        let mut deflate = Vec::new();
        flate2::bufread::ZlibEncoder::new(BufReader::new(zeros()), best)
            .read_to_end(&mut deflate)
            .unwrap();
        let zstd = zstd::encode_all(zeros(), 3).unwrap();
        for (encoding, encoded) in
            [("br", BOMB), ("gzip", &gzip), ("deflate", &deflate), ("zstd", &zstd)]
        {
            let mut out = Counter(0);
            assert_eq!(undo(encoding, encoded, &mut out), Undone::TooLong, "{encoding}");
            assert_eq!(out.0, MIN_LIMIT, "{encoding}");
        }
    }

    #[test]
    fn a_window_beyond_the_bound_is_no_damage_either() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(25).unwrap();
        encoder.write_all(TEXT).unwrap();
        let encoded = encoder.finish().unwrap();
        assert_eq!(undo("zstd", &encoded, &mut Counter(0)), Undone::WindowTooLarge);
        assert_eq!(undo("zstd", &encoded[1..], &mut Counter(0)), Undone::Damaged);
    }
}
