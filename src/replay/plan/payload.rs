//! Payload that is read again when it is due.
//!
//! A [`Span`] says where bytes lie: in the capture itself where that can be read again, else in a
//! spool, a temporary file. Payload stays in memory only where the capture is no longer than
//! [`MAX_IN_MEMORY`]: a [`Window`] holds what is read ahead.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use crate::replay::ReplayError;

/// Where the bytes of a step lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// In its file, bytes.
    pub offset: u64,
    /// Bytes.
    pub len: u32,
    /// In the spool, not in the capture.
    pub is_spooled: bool,
}

impl Span {
    /// It in pieces of at most `max` bytes, where all of it may be too much for the memory.
    ///
    /// ```
    /// use wirereel::replay::Span;
    ///
    /// let span = Span { offset: 24, len: 5, is_spooled: true };
    /// let pieces = span.pieces(2).map(|piece| (piece.offset, piece.len));
    /// assert_eq!(pieces.collect::<Vec<_>>(), [(24, 2), (26, 2), (28, 1)]);
    /// ```
    pub fn pieces(self, max: u32) -> impl Iterator<Item = Self> {
        (0..self.len).step_by(max.max(1) as usize).map(move |into| Self {
            offset: self.offset.saturating_add(u64::from(into)),
            len: self.len.saturating_sub(into).min(max.max(1)),
            ..self
        })
    }
}

/// How much a [`Window`] reads ahead, bytes.
pub const READ_AHEAD: usize = 256 << 10;

/// Bytes of a capture that is read once, and stays in memory: a run that plays it again and again
/// would read each segment's payload by a call of its own.
pub const MAX_IN_MEMORY: u64 = 16 << 20;

/// The files that spans lie in.
#[derive(Debug)]
pub struct Payloads {
    /// `None` where the capture cannot be read twice: standard input, a compressed file.
    capture: Option<File>,
    /// What the capture began with when it was opened; nothing of a longer one.
    begin: Vec<u8>,
    spool: Option<io::BufWriter<File>>,
    spool_len: u64,
}

impl Payloads {
    /// Spans of a capture, which is open a second time in `capture` if it can be read again.
    pub fn new(capture: Option<File>) -> Self {
        let begin = capture.as_ref().and_then(in_memory).unwrap_or_default();
        Self { capture, begin, spool: None, spool_len: 0 }
    }

    /// Whether spans may lie in the capture.
    pub fn has_capture(&self) -> bool {
        self.capture.is_some()
    }

    /// Keeps bytes in the spool.
    ///
    /// # Errors
    ///
    /// No temporary file can be made, or written.
    pub fn keep(&mut self, bytes: &[u8]) -> Result<Span, ReplayError> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            None => {
                let file = tempfile::tempfile().map_err(ReplayError::Spool)?;
                self.spool.insert(io::BufWriter::new(file))
            }
        };
        spool.write_all(bytes).map_err(ReplayError::Spool)?;
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let span = Span { offset: self.spool_len, len, is_spooled: true };
        self.spool_len = self.spool_len.saturating_add(u64::from(len));
        Ok(span)
    }

    /// All that is to be kept has been; what is still in memory is written.
    ///
    /// # Errors
    ///
    /// The spool cannot be written.
    pub fn seal(&mut self) -> Result<(), ReplayError> {
        self.spool.as_mut().map_or(Ok(()), Write::flush).map_err(ReplayError::Spool)
    }

    /// Reads a span, behind what `into` holds already.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has become shorter.
    pub fn read(&self, span: Span, into: &mut Vec<u8>) -> Result<(), ReplayError> {
        if let Some(bytes) = self.in_memory(span) {
            into.extend_from_slice(bytes);
            return Ok(());
        }
        let begin = into.len();
        into.resize(begin.saturating_add(span.len as usize), 0);
        let room = into.get_mut(begin..).unwrap_or_default();
        let read = self.file(span).and_then(|file| file.read_exact_at(room, span.offset));
        read.map_err(|cause| ReplayError::Payload { offset: span.offset, cause })
    }

    /// Reads spans that lie one behind the other, ahead.
    pub fn window(&self) -> Window<'_> {
        Window { payloads: self, capture: Ahead::default(), spool: Ahead::default() }
    }

    /// A span that needs not be read.
    fn in_memory(&self, span: Span) -> Option<&[u8]> {
        let start = usize::try_from(span.offset).ok().filter(|_| !span.is_spooled)?;
        self.begin.get(start..start.checked_add(span.len as usize)?)
    }

    /// The file that a span lies in.
    fn file(&self, span: Span) -> io::Result<&File> {
        let file = match span.is_spooled {
            true => self.spool.as_ref().map(io::BufWriter::get_ref),
            false => self.capture.as_ref(),
        };
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A short file; what cannot be read is read again when it is due, and told then.
fn in_memory(file: &File) -> Option<Vec<u8>> {
    let len = file.metadata().ok().map(|it| it.len()).filter(|it| *it <= MAX_IN_MEMORY)?;
    let mut bytes = vec![0; usize::try_from(len).ok()?];
    file.read_exact_at(&mut bytes, 0).ok()?;
    Some(bytes)
}

/// Reads spans again in about the order in which they lie, [`READ_AHEAD`] bytes at a time; of the
/// capture and of the spool apart.
#[derive(Debug)]
pub struct Window<'p> {
    payloads: &'p Payloads,
    capture: Ahead,
    spool: Ahead,
}

/// What was read of one file.
#[derive(Debug, Default)]
struct Ahead {
    /// Where it lies in the file, bytes.
    offset: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// Lends a span.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has become shorter.
    pub fn read(&mut self, span: Span) -> Result<&[u8], ReplayError> {
        let ahead = if span.is_spooled { &mut self.spool } else { &mut self.capture };
        if ahead.range(span).is_none() {
            let read = self.payloads.file(span).and_then(|file| ahead.fill(file, span));
            read.map_err(|cause| ReplayError::Payload { offset: span.offset, cause })?;
        }
        let range = ahead.range(span).unwrap_or_default();
        Ok(ahead.bytes.get(range).unwrap_or_default())
    }
}

impl Ahead {
    /// Where a span lies in what was read, if all of it does.
    fn range(&self, span: Span) -> Option<Range<usize>> {
        let start = usize::try_from(span.offset.checked_sub(self.offset)?).ok()?;
        let end = start.checked_add(span.len as usize)?;
        (end <= self.bytes.len()).then_some(start..end)
    }

    /// Reads a span, and what lies behind it.
    fn fill(&mut self, file: &File, span: Span) -> io::Result<()> {
        let len = span.len as usize;
        self.bytes.resize(READ_AHEAD.max(len), 0);
        self.offset = span.offset;
        let mut filled = 0;
        while filled < len.max(1) {
            let room = self.bytes.get_mut(filled..).unwrap_or_default();
            match file.read_at(room, span.offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(again) if again.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.truncate(filled);
        if filled < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_they_were_kept_or_captured() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"header Alan 83").unwrap();
        let mut payloads = Payloads::new(Some(file));
        let kept = [payloads.keep(b"one").unwrap(), payloads.keep(b"three").unwrap()];
        payloads.seal().unwrap();
        let captured = Span { offset: 7, len: 4, is_spooled: false };
        let mut bytes = Vec::new();
        for span in [kept[1], captured, kept[0]] {
            payloads.read(span, &mut bytes).unwrap();
        }
        assert_eq!(bytes, b"threeAlanone");
    }

    #[test]
    fn a_long_capture_is_read_again_and_a_short_one_may_grow() {
        let long: Vec<u8> = (0..=MAX_IN_MEMORY).map(|it| (it % 251) as u8).collect();
        for (first, is_kept) in [(&long[..], false), (&long[1..], true), (&long[..9], true)] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(first).unwrap();
            let payloads = Payloads::new(Some(file.try_clone().unwrap()));
            assert_eq!(payloads.begin.len(), if is_kept { first.len() } else { 0 });
            file.write_all(b"more").unwrap();
            for offset in [0, first.len() - 5, first.len() - 2, first.len()] {
                let mut bytes = Vec::new();
                let span = Span { offset: offset as u64, len: 4, is_spooled: false };
                payloads.read(span, &mut bytes).unwrap();
                assert_eq!(bytes, [first, b"more"].concat()[offset..offset + 4]);
            }
        }
    }

    #[test]
    fn a_file_that_became_shorter_is_an_error_with_the_offset() {
        let payloads = Payloads::new(Some(tempfile::tempfile().unwrap()));
        let gone = Span { offset: 40, len: 4, is_spooled: false };
        let error = payloads.read(gone, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the payload at offset 40 again: "), "{error}");
        let error = payloads.window().read(gone).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the payload at offset 40 again: "), "{error}");
    }

    #[test]
    fn a_window_lends_what_is_there_whatever_the_order_and_the_length() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|it| (it % 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let mut payloads = Payloads::new(Some(file));
        let kept = payloads.keep(b"kept apart").unwrap();
        payloads.seal().unwrap();
        let mut window = payloads.window();
        // Forward, across the end of what was read, back, longer than the buffer, none, the last.
        for (offset, len) in
            [(0, 10), (262_140, 10), (5, 1), (1000, 500_000), (600_000, 0), (599_999, 1), (7, 0)]
        {
            let span = Span { offset: offset as u64, len: len as u32, is_spooled: false };
            assert_eq!(window.read(span).unwrap(), &bytes[offset..offset + len], "{offset}");
            assert_eq!(window.read(kept).unwrap(), b"kept apart");
            assert!(window.capture.bytes.len() <= READ_AHEAD.max(len));
        }
        let beyond = Span { offset: 599_999, len: 2, is_spooled: false };
        assert!(window.read(beyond).is_err());
    }
}
