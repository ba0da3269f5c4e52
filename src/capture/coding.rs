//! gzip (RFC 1952), deflate (RFC 1950, and RFC 1951 without its wrapper, as some servers send it)
//! and Zstandard (RFC 8878) undone as a stream, for content of captures rather than captures.

use std::io::{self, BufRead, Read};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::compression::ZSTD_WINDOW_LOG_MAX;

/// A content coding (RFC 9110 section 8.4.1) that is undone as a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952; several members in a row are one stream.
    Gzip,
    /// RFC 1950, or RFC 1951 alone.
    Deflate,
    /// RFC 8878, with a window of at most 16 MiB.
    Zstd,
}

impl Coding {
    /// The stream that `coded` holds. Reading it fails with [`io::ErrorKind::UnexpectedEof`] where
    /// `coded` is cut short.
    ///
    /// # Errors
    ///
    /// Those of `coded`.
    pub fn undo<'r>(self, mut coded: Box<dyn BufRead + 'r>) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(coded)),
            Self::Deflate => match coded.fill_buf()? {
                start if is_zlib(start) => Box::new(ZlibDecoder::new(coded)),
                _ => Box::new(DeflateDecoder::new(coded)),
            },
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(coded)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
        })
    }
}

/// Whether a coding could not be undone since it asks for a larger window than
/// [`Coding::Zstd`] is given. The library has no other sign of it than its words.
pub fn is_window_too_large(error: &io::Error) -> bool {
    error.to_string().contains("requires too much memory")
}

/// Whether these bytes, or the one that there is, begin a zlib stream (RFC 1950 section 2.2).
fn is_zlib(start: &[u8]) -> bool {
    match *start {
        [method, check, ..] => {
            method & 0x8f == 0x08 && u16::from_be_bytes([method, check]).is_multiple_of(31)
        }
        [method] => method == 0x78,
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"a text, a text, and again a text";

    fn gzip() -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib() -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate() -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn undone(coding: Coding, coded: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        coding.undo(Box::new(coded))?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn every_coding_is_undone_and_a_cut_is_an_error() {
        for (coding, coded) in [
            (Coding::Gzip, gzip()),
            (Coding::Deflate, zlib()),
            (Coding::Deflate, deflate()),
            (Coding::Zstd, zstd::encode_all(TEXT, 3).unwrap()),
        ] {
            assert_eq!(undone(coding, &coded).unwrap(), TEXT, "{coding:?}");
            for len in 2..coded.len() {
                let error = undone(coding, &coded[..len]).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{coding:?} {len}");
            }
        }
        assert_eq!(undone(Coding::Gzip, &[gzip(), gzip()].concat()).unwrap().len(), 2 * TEXT.len());
    }
}
