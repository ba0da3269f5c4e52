//! What is kept of an HTTP body to compare it: a small one as it is, else its length and digest,
//! and of one with a Content-Encoding the encoded bytes, until it is known whether they must be
//! undone.
//!
//! Bodies pass through: no more than [`MAX_PLAIN`] bytes are kept of one, [`MAX_IN_MEMORY`] bytes
//! of an encoded one wait in memory, more in a temporary file. One of more than [`MAX_ENCODED`], or
//! that is too long when its coding is undone, is compared as it came.

use std::io::{self, BufReader, Seek, Write};

use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::decode::http::encoding::{ContentEncoding, Undone};
use crate::decode::http::header_values;
use crate::decode::{Mark, Message};

/// Bytes of a body that are kept as they are: they are compared sooner than digested.
pub(super) const MAX_PLAIN: usize = 8 << 10;

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
    /// Without the encoded bytes it is not undone: a bound was met.
    encoding: Option<ContentEncoding>,
    encoded: Option<Box<SpooledTempFile>>,
}

/// Tells one body from another.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    len: u64,
    content: Content,
    /// The coding could not be undone to its end.
    is_damaged: bool,
}

/// What a body consists of.
#[derive(Debug)]
enum Content {
    /// All of it, at most [`MAX_PLAIN`] bytes.
    Plain(Vec<u8>),
    Digest([u8; 32]),
}

/// Counts what is written to it, and keeps or digests it.
#[derive(Debug, Default)]
struct Measured {
    len: u64,
    /// All of it, until it is too long.
    plain: Vec<u8>,
    digest: Option<Box<Sha256>>,
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
        let encoding = (encoded.is_some() || measured.len > MAX_ENCODED)
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
            let is_encoded = self.encoding.is_some() || other.encoding.is_some();
            is_encoded && self.undo() == other.undo()
        }
    }

    /// Its length and digest: `5120 bytes, sha256 …`.
    pub fn text(&self) -> String {
        let Sum { len, content, is_damaged } = &self.sum;
        let hex: String = content.sha256().iter().map(|byte| format!("{byte:02x}")).collect();
        let damaged = match (is_damaged, &self.encoding, &self.encoded) {
            (true, ..) => ", its coding damaged",
            (false, Some(_), None) => ", as it came: too long to undo its coding",
            _ => "",
        };
        match len {
            0 => format!("0 bytes{damaged}"),
            1 => format!("1 byte, sha256 {hex}{damaged}"),
            _ => format!("{len} bytes, sha256 {hex}{damaged}"),
        }
    }

    /// Keeps no more than its digest.
    pub fn condense(&mut self) {
        self.sum.content = Content::Digest(self.sum.content.sha256());
    }

    /// Undoes its coding, once.
    fn undo(&mut self) -> &Sum {
        let Some((encoding, mut encoded)) = self.encoding.as_ref().zip(self.encoded.take()) else {
            return &self.sum;
        };
        let mut out = Measured::default();
        let undone = encoded
            .rewind()
            .and_then(|()| encoding.undo(BufReader::new(&mut encoded), self.sum.len, &mut out));
        // What met a bound stays as it came.
        if !undone.as_ref().is_ok_and(|it| it.is_bound()) {
            self.encoding = None;
            self.sum = Sum { is_damaged: !matches!(undone, Ok(Undone::Whole)), ..out.sum() };
        }
        &self.sum
    }
}

/// Whether all of a message's body is known.
pub(super) fn is_whole(message: &Message<'_>) -> bool {
    !message.marks.contains(Mark::Gap) && !message.marks.contains(Mark::CutShort)
}

impl Content {
    fn sha256(&self) -> [u8; 32] {
        match self {
            Self::Plain(bytes) => Sha256::digest(bytes).into(),
            Self::Digest(sha256) => *sha256,
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one == other,
            _ => self.sha256() == other.sha256(),
        }
    }
}

impl Eq for Content {}

impl Measured {
    fn put(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len() as u64);
        match &mut self.digest {
            Some(digest) => digest.update(bytes),
            None if self.len <= MAX_PLAIN as u64 => self.plain.extend_from_slice(bytes),
            None => {
                let digest = self.digest.insert(Box::default());
                digest.update(std::mem::take(&mut self.plain));
                digest.update(bytes);
            }
        }
    }

    fn sum(self) -> Sum {
        let content = match self.digest {
            Some(digest) => Content::Digest(digest.finalize().into()),
            None => Content::Plain(self.plain),
        };
        Sum { len: self.len, content, is_damaged: false }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(parts: &[&[u8]]) -> Sum {
        let mut measured = Measured::default();
        parts.iter().for_each(|bytes| measured.put(bytes));
        measured.sum()
    }

    #[test]
    fn a_body_is_kept_or_digested_by_its_length_alone() {
        let long = vec![7; MAX_PLAIN + 1];
        let (kept, last) = long.split_at(MAX_PLAIN);
        for (parts, is_plain) in [
            (&[kept][..], true),
            (&[&kept[1..], last], true),
            (&[&long], false),
            (&[kept, last], false),
        ] {
            let sum = sum(parts);
            assert_eq!(matches!(sum.content, Content::Plain(_)), is_plain);
            assert_eq!(sum.len, parts.iter().map(|it| it.len() as u64).sum::<u64>());
            assert_eq!(sum.content.sha256()[..], Sha256::digest(parts.concat())[..]);
        }
        assert_eq!(sum(&[&long]), sum(&[kept, last]));
    }

    #[test]
    fn a_condensed_body_is_the_same_as_before() {
        let body = |bytes: &[u8]| Body { sum: sum(&[bytes]), ..Body::default() };
        for (one, other, is_same) in
            [("page", "page", true), ("page", "pale", false), ("", "", true)]
        {
            let (mut one, mut other) = (body(one.as_bytes()), body(other.as_bytes()));
            let text = one.text();
            one.condense();
            assert_eq!(one.text(), text);
            assert_eq!(one.is_same(&mut other), is_same);
        }
    }
}
