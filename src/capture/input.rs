//! The buffer between a byte stream and the readers of records.
//!
//! It grows with what really arrives, never with what a length field claims, and stops at the
//! longest record.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use super::record::MAX_RECORD_LEN;

const FIRST_CAPACITY: usize = 64 << 10;
/// The longest record with its header.
const MAX_CAPACITY: usize = MAX_RECORD_LEN + 64;

/// A stream, and those of its bytes that are not yet used.
pub(super) struct Input {
    stream: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes used before `start`.
    offset: u64,
}

impl Input {
    pub fn new(stream: Box<dyn Read + Send>) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, end: 0, offset: 0 }
    }

    /// Where the unused bytes begin in the stream.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where bytes that were used since the last read lie in the stream, given the start of their
    /// range.
    pub fn offset_of(&self, start: usize) -> u64 {
        self.offset.saturating_sub(self.start.saturating_sub(start) as u64)
    }

    /// What was read and not yet used.
    pub fn unused(&self) -> &[u8] {
        self.slice(self.start..self.end)
    }

    /// Bytes that [`Input::take`] gave the range of, as long as nothing was read since.
    pub fn slice(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Uses up `len` of the unused bytes.
    pub fn take(&mut self, len: usize) -> Range<usize> {
        let taken = self.start..self.start.saturating_add(len).min(self.end);
        self.start = taken.end;
        self.offset = self.offset.saturating_add(taken.len() as u64);
        taken
    }

    /// Reads more behind the unused bytes, as much as is there. `false` at the end of the stream.
    pub fn read_more(&mut self) -> io::Result<bool> {
        self.make_room();
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return Err(io::Error::other("the read buffer is full"));
        }
        let read = loop {
            match self.stream.read(room) {
                Err(interrupted) if interrupted.kind() == io::ErrorKind::Interrupted => {}
                done => break done?,
            }
        };
        self.end = self.end.saturating_add(read);
        Ok(read > 0)
    }

    /// Reads until `len` bytes are unused; fewer only at the end of the stream.
    pub fn read_to(&mut self, len: usize) -> io::Result<&[u8]> {
        while self.unused().len() < len && self.read_more()? {}
        Ok(self.unused())
    }

    /// Uses up `len` bytes that need not be in the buffer. `false`, with the offset as it was, if
    /// the stream ends before.
    pub fn skip(&mut self, len: u64) -> io::Result<bool> {
        let begin = self.offset;
        let mut left = len;
        loop {
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.unused().len());
            self.take(here);
            left = left.saturating_sub(here as u64);
            if left == 0 {
                return Ok(true);
            }
            if !self.read_more()? {
                self.offset = begin;
                return Ok(false);
            }
        }
    }

    /// Moves the unused bytes to the front, and doubles the buffer if they fill it.
    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            let doubled = self.buffer.len().saturating_mul(2);
            self.buffer.resize(doubled.clamp(FIRST_CAPACITY, MAX_CAPACITY), 0);
        }
    }
}

impl Read for Input {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut unused = self.fill_buf()?;
        let read = unused.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.read_to(1)
    }

    fn consume(&mut self, len: usize) {
        self.take(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_grows_with_what_arrives_and_no_further_than_a_record() {
        let mut input = Input::new(Box::new(io::repeat(7)));
        assert_eq!(input.read_to(10).unwrap().len(), FIRST_CAPACITY);
        assert_eq!(input.read_to(MAX_CAPACITY).unwrap().len(), MAX_CAPACITY);
        assert!(input.read_to(MAX_CAPACITY + 1).is_err());
    }

    #[test]
    fn skipping_counts_and_notices_the_end() {
        let mut input = Input::new(Box::new(io::repeat(7).take(1_000_000)));
        assert!(input.skip(999_999).unwrap());
        assert_eq!((input.offset(), input.read_to(9).unwrap().len()), (999_999, 1));
        assert!(!input.skip(2).unwrap());
        assert_eq!(input.offset(), 999_999);
    }
}
