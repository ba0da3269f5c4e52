//! What is kept of a body to compare it: a small one as it is, else its length and digest, and of
//! one with a Content-Encoding the encoded bytes, until it is known whether they must be undone.
//!
//! Two small ones that differ are compared as JSON where both are that, else the first bytes that
//! differ are shown. The boundaries of bodies in parts are no difference, however long these are.
//!
//! Bodies pass through: no more than [`MAX_PLAIN`] bytes are kept of one, [`MAX_IN_MEMORY`] bytes
//! of an encoded one wait in memory, more in a temporary file. One of more than [`MAX_ENCODED`], or
//! that is too long when its coding is undone, is compared as it came.

use std::borrow::Cow;
use std::io::{self, BufReader, Seek, Write};

use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::bytes::first_difference::unlike;
use super::bytes::sieve::Sieve;
use super::json::difference::{self as json_difference, JsonCriteria};
use super::json::value::Json;
use super::multipart::{self, Alike};
use super::unequal::Unequal;
use crate::decode::http::encoding::{ContentEncoding, Undone};
use crate::decode::http::header_values;
use crate::message::{Mark, Message};

/// Bytes of a body that are kept as they are, so that what differs can be shown. Answers of
/// programs are seldom longer, and few of them wait at once.
pub const MAX_PLAIN: usize = 64 << 10;

/// Bytes of one encoded body that wait in memory.
pub const MAX_IN_MEMORY: usize = 64 << 10;

/// Bytes of one encoded body that are kept.
pub const MAX_ENCODED: u64 = 16 << 20;

/// A body that passes by.
#[derive(Debug, Default)]
pub struct Passing {
    measured: Measured,
    encoded: Option<Box<SpooledTempFile>>,
}

/// A body that has passed.
#[derive(Debug, Default)]
pub struct Body {
    sum: Sum,
    /// Without the encoded bytes it is not undone: a bound was met.
    encoding: Option<ContentEncoding>,
    encoded: Option<Box<SpooledTempFile>>,
    /// What delimits its parts.
    boundary: Option<Box<[u8]>>,
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
    Digest {
        sha256: [u8; 32],
        /// The same with delimiters of parts alike, where it begins with one.
        of_parts: Option<[u8; 32]>,
    },
}

/// Counts what is written to it, and keeps or digests it.
#[derive(Debug, Default)]
struct Measured {
    len: u64,
    /// All of it, until it is too long.
    plain: Vec<u8>,
    digest: Option<Box<Sha256>>,
    of_parts: Option<Box<(Alike, Sha256)>>,
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
        let boundary = header_values(message, "content-type").find_map(multipart::boundary);
        Body { sum: measured.sum(), encoding, encoded, boundary: boundary.map(Into::into) }
    }

    /// It has passed, and is nothing but these bytes.
    pub fn finish_plain(self) -> Body {
        Body { sum: self.measured.sum(), ..Body::default() }
    }
}

impl Body {
    /// Whether both are the same when their codings are undone.
    pub fn is_same(&mut self, other: &mut Self) -> bool {
        let is_alike = self.encoding == other.encoding;
        (is_alike && self.sum == other.sum)
            || {
                let is_encoded = self.encoding.is_some() || other.encoding.is_some();
                is_encoded && self.undo() == other.undo()
            }
            || self.is_same_in_parts(other)
    }

    /// What the other has in its place, codings undone: nothing where they are the same, the
    /// members and elements of JSON that are not, or where the two first differ.
    pub(super) fn differences(
        &mut self,
        actual: &mut Self,
        criteria: &JsonCriteria,
    ) -> Vec<Unequal> {
        if self.is_same(actual) || self.is_sifted_same(actual, &criteria.sieve) {
            return Vec::new();
        }
        let whole = |expected: String, actual: String| Unequal {
            field: "body".to_owned(),
            expected: Some(expected),
            actual: Some(actual),
        };
        let is_undone = [&*self, &*actual].iter().all(|it| it.is_undone());
        let (Some(one), Some(other), true) = (self.parts(), actual.parts(), is_undone) else {
            return vec![whole(self.text(), actual.text())];
        };
        if let Some((one, other)) = Json::parse(&one).zip(Json::parse(&other))
            && (one.is_nested() || other.is_nested())
        {
            return json_difference::compare(criteria, &one, &other);
        }
        let shown = unlike(&one, &other, &criteria.sieve);
        shown.map(|[expected, actual]| whole(expected, actual)).into_iter().collect()
    }

    /// Whether two that are kept as they are, their codings undone, are the same but for what
    /// patterns match.
    fn is_sifted_same(&self, other: &Self, sieve: &Sieve) -> bool {
        match (&self.sum.content, &other.sum.content) {
            (Content::Plain(one), Content::Plain(other)) => sieve.is_same(one, other),
            _ => false,
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

    /// Tells it from others, its coding undone and its boundaries apart.
    pub fn fingerprint(mut self) -> [u8; 32] {
        self.undo();
        let of_parts = self.boundary.is_some().then(|| self.digest_of_parts()).flatten();
        of_parts.unwrap_or_else(|| self.sum.content.sha256())
    }

    /// Bytes that it keeps in memory.
    pub fn memory(&self) -> usize {
        match &self.sum.content {
            Content::Plain(bytes) => bytes.len(),
            Content::Digest { .. } => 0,
        }
    }

    /// It is what it was before it was coded, all of it.
    fn is_undone(&self) -> bool {
        !self.sum.is_damaged && self.encoding.is_none()
    }

    /// Keeps no more than its digest.
    pub fn condense(&mut self) {
        let (sha256, of_parts) = (self.sum.content.sha256(), self.digest_of_parts());
        self.sum.content = Content::Digest { sha256, of_parts };
    }

    /// Its bytes, as far as they are kept, with the delimiters of parts alike.
    fn parts(&self) -> Option<Cow<'_, [u8]>> {
        match (&self.sum.content, &self.boundary) {
            (Content::Plain(bytes), None) => Some(Cow::Borrowed(bytes)),
            (Content::Plain(bytes), Some(it)) => Some(Cow::Owned(multipart::alike(bytes, it))),
            (Content::Digest { .. }, _) => None,
        }
    }

    fn is_same_in_parts(&self, other: &Self) -> bool {
        self.boundary.is_some()
            && other.boundary.is_some()
            && self.digest_of_parts().is_some_and(|it| other.digest_of_parts() == Some(it))
    }

    fn digest_of_parts(&self) -> Option<[u8; 32]> {
        match (&self.sum.content, &self.boundary) {
            (Content::Digest { of_parts, .. }, _) => *of_parts,
            (Content::Plain(_), None) => None,
            (Content::Plain(_), Some(_)) => self.parts().map(|it| Sha256::digest(it).into()),
        }
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
            Self::Digest { sha256, .. } => *sha256,
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
        if self.digest.is_some() {
            return self.digest(bytes);
        }
        if self.len <= MAX_PLAIN as u64 {
            return self.plain.extend_from_slice(bytes);
        }
        self.digest = Some(Box::default());
        let kept = std::mem::take(&mut self.plain);
        let begin = if kept.is_empty() { bytes } else { &kept };
        self.of_parts = Alike::by_begin(begin).map(|it| Box::new((it, Sha256::default())));
        self.digest(&kept);
        self.digest(bytes);
    }

    fn digest(&mut self, bytes: &[u8]) {
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        if let Some((parts, digest)) = self.of_parts.as_deref_mut() {
            parts.push(bytes, &mut |alike| digest.update(alike));
        }
    }

    fn sum(self) -> Sum {
        let of_parts = self.of_parts.map(|it| {
            let (parts, mut digest) = *it;
            parts.finish(&mut |alike| digest.update(alike));
            digest.finalize().into()
        });
        let content = match self.digest {
            Some(digest) => Content::Digest { sha256: digest.finalize().into(), of_parts },
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
