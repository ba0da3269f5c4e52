//! What can be wrong with a capture, with the place where it is.

use std::io;

use super::record::MAX_RECORD_LEN;

/// Why a capture could not be read to its end, or not be written.
///
/// Each is one clear line. `frame` is the number of the last whole frame before the fault, 0 if
/// there was none. `offset` is where the faulty record begins, in bytes from the start of the
/// file, or of what it decompresses to.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file is missing or may not be read.
    #[error("cannot open {file}: {cause}")]
    Open {
        /// The path, or what the caller calls the stream.
        file: String,
        /// What the system says.
        cause: io::Error,
    },
    /// A directory, not a file.
    #[error("{file} is a directory, not a capture")]
    Directory {
        /// The path, or what the caller calls the stream.
        file: String,
    },
    /// There is not one byte in it.
    #[error("{file} is empty")]
    Empty {
        /// The path, or what the caller calls the stream.
        file: String,
    },
    /// The first bytes are those of no known capture format.
    #[error(
        "{file} is no capture: it begins with {begins}; known are pcap and pcapng, plain or \
         compressed with gzip or zstd"
    )]
    NotACapture {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The first bytes in hex, and what they are if that is known.
        begins: String,
    },
    /// Compressed more often than anyone does in earnest.
    #[error("{file} is compressed more than twice; decompress it first")]
    Nested {
        /// The path, or what the caller calls the stream.
        file: String,
    },
    /// A version of the format that is not defined.
    #[error("{file}: {format} version {major}.{minor} at offset {offset} is not supported")]
    Version {
        /// The path, or what the caller calls the stream.
        file: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Before the point; 2 of pcap and 1 of pcapng are defined.
        major: u16,
        /// Behind the point.
        minor: u16,
        /// Where the header or section begins.
        offset: u64,
    },
    /// The file ends within a record. All frames before that were given out.
    #[error("{file} is cut short{}", within(*offset, *frame))]
    Truncated {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The last whole frame, from 1; 0 if there was none.
        frame: u64,
        /// Where the record that is cut begins; 0 where it is the file's header.
        offset: u64,
    },
    /// A record claims to be longer than any is read: damage, or not for this program.
    #[error(
        "{file}: the record at offset {offset}, after frame {frame}, claims {len} bytes; the \
         limit is {MAX_RECORD_LEN}"
    )]
    TooLong {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The last whole frame, from 1; 0 if there was none.
        frame: u64,
        /// Where the record begins, bytes of the file or of what it decompresses to.
        offset: u64,
        /// What it says that its length is, bytes.
        len: u64,
    },
    /// A record that contradicts itself.
    #[error("{file} is damaged at offset {offset}, after frame {frame}: {what}")]
    Corrupt {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The last whole frame, from 1; 0 if there was none.
        frame: u64,
        /// Where the record begins, bytes of the file or of what it decompresses to.
        offset: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The compressed stream is damaged.
    #[error("{file} does not decompress past offset {offset}, after frame {frame}: {cause}")]
    Decompress {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The last whole frame, from 1; 0 if there was none.
        frame: u64,
        /// How much could be decompressed and was used.
        offset: u64,
        /// What the decompressor says.
        cause: io::Error,
    },
    /// The system could not read on.
    #[error("cannot read {file} at offset {offset}, after frame {frame}: {cause}")]
    Read {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The last whole frame, from 1; 0 if there was none.
        frame: u64,
        /// How much was read and used, bytes.
        offset: u64,
        /// What the system says.
        cause: io::Error,
    },
    /// The output could not be written.
    #[error("cannot write {file}: {cause}")]
    Write {
        /// The path, or what the caller calls the stream.
        file: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The format cannot hold the frame.
    #[error("cannot write frame {frame} to {file}: {what}")]
    Unwritable {
        /// The path, or what the caller calls the stream.
        file: String,
        /// The frame's number in the capture it comes from.
        frame: u64,
        /// What the format cannot hold, and which can.
        what: String,
    },
}

/// Where a file ends: at its beginning stands its header, and no record.
fn within(offset: u64, frame: u64) -> String {
    match offset {
        0 => " within its file header".to_owned(),
        _ => format!(": it ends within the record at offset {offset}, after frame {frame}"),
    }
}

/// A fault as a format's reader finds it, before file, frame and offset are added.
#[derive(Debug)]
pub(super) enum Flaw {
    Truncated,
    TooLong(u64),
    Corrupt(String),
    Version { format: &'static str, major: u16, minor: u16 },
    Io(io::Error),
}

impl Flaw {
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}

impl From<io::Error> for Flaw {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}
