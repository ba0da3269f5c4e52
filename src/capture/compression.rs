//! gzip (RFC 1952) and Zstandard (RFC 8878), recognised by their first bytes and undone as a
//! stream; several members or frames in a row are one stream.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;

use super::input::Input;

/// The largest window that a zstd frame may ask for, as a power of 2: 16 MiB. Every level of zstd
/// up to 19 stays within 8 MiB.
pub(super) const ZSTD_WINDOW_LOG_MAX: u32 = 24;

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// The name in output: `gzip` or `zstd`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// By the first bytes of a stream.
    pub(super) fn detect(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second is a skippable frame, with which parallel compressors begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The stream that `compressed` holds.
    pub(super) fn decode(self, compressed: Input) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(compressed)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(compressed)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
        })
    }
}
