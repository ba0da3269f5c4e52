//! A block of declared length under way, with CRLF behind it.
//!
//! Its first bytes are kept, up to a bound; the rest is counted and digested.

use std::ops::Range;

use super::cut::Cuts;

/// What is known of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    /// Where it lies in what is kept.
    start: usize,
    end: usize,
    /// Bytes to come.
    left: u64,
    /// How many of them are kept.
    room: usize,
    is_whole: bool,
}

/// What the bytes behind a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// Not there yet, or not both.
    Nothing,
    /// As they should.
    CrLf,
    /// Two others.
    Other,
}

impl Block {
    /// A block of `len` bytes that begins at `start` of what is kept; `room` of them are kept.
    pub fn new(start: usize, len: u64, room: usize) -> Self {
        Self { start, end: start, left: len, room, is_whole: true }
    }

    /// All of it that came is kept.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Where it begins in what is kept.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where what is kept of it ends.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Takes bytes of it, then those behind it. How many, and what is behind it.
    pub fn take(&mut self, bytes: &[u8], kept: &mut Vec<u8>, cuts: &mut Cuts) -> (usize, Behind) {
        if self.left > 0 {
            return (self.take_own(bytes, kept, cuts), Behind::Nothing);
        }
        let begun = kept.len().saturating_sub(self.end);
        let taken = bytes.get(..2_usize.saturating_sub(begun)).unwrap_or(bytes);
        kept.extend_from_slice(taken);
        let behind = match kept.get(self.end..) {
            Some(b"\r\n") => Behind::CrLf,
            Some([_, _]) => Behind::Other,
            _ => Behind::Nothing,
        };
        (taken.len(), behind)
    }

    fn take_own(&mut self, bytes: &[u8], kept: &mut Vec<u8>, cuts: &mut Cuts) -> usize {
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let taken = bytes.get(..len).unwrap_or(bytes);
        let (own, cut) = taken.split_at_checked(self.room).unwrap_or((taken, &[]));
        kept.extend_from_slice(own);
        cuts.bytes(kept.len(), cut);
        self.end = kept.len();
        self.left = self.left.saturating_sub(len as u64);
        self.room = self.room.saturating_sub(own.len());
        self.is_whole &= cut.is_empty();
        len
    }

    /// Bytes that are not known; `false` where they reach beyond it.
    pub fn gap(&mut self, len: u64, cuts: &mut Cuts) -> bool {
        if len > self.left {
            return false;
        }
        // Which bytes they are is all that is not known. What follows is not kept: it would seem
        // to join what precedes.
        cuts.gap(self.end, len);
        self.left = self.left.saturating_sub(len);
        self.room = 0;
        self.is_whole = false;
        true
    }

    /// Where its text is: what is kept, without the start of a character whose rest was cut off.
    pub fn text(&self, kept: &[u8]) -> Range<usize> {
        let bytes = kept.get(self.start..self.end).unwrap_or_default();
        let len = match std::str::from_utf8(bytes) {
            Err(error) if !self.is_whole && error.error_len().is_none() => error.valid_up_to(),
            _ => bytes.len(),
        };
        self.start..self.start.saturating_add(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_kept_up_to_its_room_and_has_crlf_behind_it() {
        for (text, len, room, kept, dropped, behind) in [
            ("abc\r\n", 3, 9, "abc", 0, Behind::CrLf),
            ("\r\n", 0, 9, "", 0, Behind::CrLf),
            ("ab\r\n\r\n", 4, 9, "ab\r\n", 0, Behind::CrLf),
            ("abcdef\r\n", 6, 2, "ab", 4, Behind::CrLf),
            ("aéé\r\n", 5, 2, "a", 3, Behind::CrLf),
            ("abc!\r\n", 3, 9, "abc", 0, Behind::Other),
            ("abc\r", 3, 9, "abc", 0, Behind::Nothing),
            ("ab", 3, 9, "ab", 0, Behind::Nothing),
        ] {
            for at_once in 1..=text.len() {
                let mut block = Block::new(1, len, room);
                let (mut buffer, mut cuts) = (b">".to_vec(), Cuts::default());
                let mut last = Behind::Nothing;
                for mut part in text.as_bytes().chunks(at_once) {
                    while !part.is_empty() && last == Behind::Nothing {
                        let (taken, behind) = block.take(part, &mut buffer, &mut cuts);
                        part = &part[taken..];
                        last = behind;
                    }
                }
                assert_eq!(
                    (&buffer[block.text(&buffer)], last),
                    (kept.as_bytes(), behind),
                    "{text}"
                );
                assert_eq!(cuts.len(), dropped, "{text}");
            }
        }
    }

    #[test]
    fn a_gap_lies_within_it_or_not() {
        let (mut buffer, mut cuts) = (Vec::new(), Cuts::default());
        let mut block = Block::new(0, 9, 9);
        assert_eq!(block.take(b"abc", &mut buffer, &mut cuts), (3, Behind::Nothing));
        assert!(!block.gap(7, &mut cuts));
        assert!(block.gap(4, &mut cuts) && !block.is_whole());
        assert_eq!(block.take(b"hi\r\n", &mut buffer, &mut cuts), (2, Behind::Nothing));
        assert_eq!(block.take(b"\r\n", &mut buffer, &mut cuts), (2, Behind::CrLf));
        assert_eq!((&buffer[block.text(&buffer)], cuts.len()), (&b"abc"[..], 6));
    }
}
