//! What is kept of an HTTP body to compare it: its length and digest, and of one with a
//! Content-Encoding the encoded bytes, until it is known whether they must be undone.
//!
//! Bodies pass through: [`MAX_IN_MEMORY`] bytes of an encoded one wait in memory, more in a
//! temporary file. One of more than [`MAX_ENCODED`] is compared as it came.

use std::io::{self, BufReader, Seek, Write};

use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::decode::http::encoding::{ContentEncoding, Undone};
use crate::decode::http::header_values;
use crate::decode::{Mark, Message};

/// Bytes of one encoded body that wait in memory.
pub const MAX_IN_MEMORY: usize = 64 << 10;

/// Bytes of one encoded body that are kept.
pub const MAX_ENCODED: u64 = 16 << 20;

/// A body that passes by.
#[derive(Debug, Default)]
pub(super) struct Passing {
    measured: Measured,
    encoded: Option<Box<SpooledTempFile>>,
}

/// A body that has passed.
#[derive(Debug, Default)]
pub(super) struct Body {
    sum: Sum,
    encoding: Option<ContentEncoding>,
    encoded: Option<Box<SpooledTempFile>>,
}

/// Tells one body from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    len: u64,
    sha256: [u8; 32],
    /// The coding could not be undone to its end.
    is_damaged: bool,
}

/// Counts and digests what is written to it.
#[derive(Debug, Default)]
struct Measured {
    len: u64,
    digest: Sha256,
}

impl Passing {
    /// Takes the next bytes.
    pub fn put(&mut self, bytes: &[u8], is_encoded: bool) {
        if is_encoded && self.measured.len == 0 {
            self.encoded = Some(Box::new(SpooledTempFile::new(MAX_IN_MEMORY)));
        }
        self.measured.put(bytes);
        // Where it cannot be kept, it is compared as it came.
        let is_kept = self.measured.len <= MAX_ENCODED;
        let spool = self.encoded.as_mut();
        if spool.is_some_and(|spool| !is_kept || spool.write_all(bytes).is_err()) {
            self.encoded = None;
        }
    }

    /// It has passed, and `message` is whole.
    pub fn finish(self, message: &Message<'_>) -> Body {
        let Self { measured, encoded } = self;
        let encoding = encoded
            .is_some()
            .then(|| ContentEncoding::parse(header_values(message, "content-encoding")))
            .flatten()
            .filter(|it| !it.is_identity());
        Body { sum: measured.sum(), encoding, encoded }
    }
}

impl Body {
    /// Whether both are the same when their codings are undone.
    pub fn is_same(&mut self, other: &mut Self) -> bool {
        let is_alike = self.encoding == other.encoding;
        (is_alike && self.sum == other.sum) || {
            (self.encoding.is_some() || other.encoding.is_some()) && self.undo() == other.undo()
        }
    }

    /// Its length and digest: `5120 bytes, sha256 …`.
    pub fn text(&self) -> String {
        let Sum { len, sha256, is_damaged } = &self.sum;
        let hex: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let damaged = if *is_damaged { ", its coding damaged" } else { "" };
        match len {
            0 => format!("0 bytes{damaged}"),
            1 => format!("1 byte, sha256 {hex}{damaged}"),
            _ => format!("{len} bytes, sha256 {hex}{damaged}"),
        }
    }

    /// Undoes its coding, once.
    fn undo(&mut self) -> Sum {
        let (Some(encoding), Some(mut encoded)) = (self.encoding.take(), self.encoded.take())
        else {
            return self.sum;
        };
        let mut out = Measured::default();
        let undone = encoded
            .rewind()
            .and_then(|()| encoding.undo(BufReader::new(&mut encoded), self.sum.len, &mut out));
        self.sum = Sum { is_damaged: !matches!(undone, Ok(Undone::Whole)), ..out.sum() };
        self.sum
    }
}

/// Whether all of a message's body is known.
pub(super) fn is_whole(message: &Message<'_>) -> bool {
    !message.marks.contains(Mark::Gap) && !message.marks.contains(Mark::CutShort)
}

impl Measured {
    fn put(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len() as u64);
        self.digest.update(bytes);
    }

    fn sum(self) -> Sum {
        // An absent body is an empty one, whose digest is of no interest.
        let sha256 = if self.len == 0 { [0; 32] } else { self.digest.finalize().into() };
        Sum { len: self.len, sha256, is_damaged: false }
    }
}

impl Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
