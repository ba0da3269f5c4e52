//! What is odd about a message that was decoded all the same.

use std::fmt;

use crate::decode::{FramingFault, FramingFaults};

/// One oddity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mark {
    /// A line of HTTP ended by LF without CR (RFC 9112 section 2.2).
    HttpBareLf,
    /// What an HTTP message says of where it ends is contradicted, or is nothing (RFC 9112 sections
    /// 6 and 7); [`Marks::framing`] says how.
    HttpFraming,
    /// More requests were outstanding than are kept: the answer to this one is not paired with it.
    HttpUnpaired,
    /// The capture lacks bytes of the message.
    Gap,
    /// The message is not complete: the connection or the capture ended within it, or what
    /// delimits its body could not be read.
    CutShort,
}

/// The oddities of one message.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Marks {
    bits: u8,
    framing: FramingFaults,
}

impl Mark {
    const ALL: [Self; 5] =
        [Self::HttpBareLf, Self::HttpFraming, Self::HttpUnpaired, Self::Gap, Self::CutShort];

    /// The name in output; for the first two the code of the finding.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HttpBareLf => "http-bare-lf",
            Self::HttpFraming => "http-framing",
            Self::HttpUnpaired => "http-unpaired",
            Self::Gap => "gap",
            Self::CutShort => "cut-short",
        }
    }

    fn bit(self) -> u8 {
        1u8.wrapping_shl(self as u32)
    }
}

impl Marks {
    /// Adds a mark.
    pub fn insert(&mut self, mark: Mark) {
        self.bits |= mark.bit();
    }

    /// Adds what is wrong with how the message ends; with any of it, the mark.
    pub fn insert_framing(&mut self, faults: FramingFaults) {
        self.framing.extend(faults);
        if !faults.is_empty() {
            self.insert(Mark::HttpFraming);
        }
    }

    /// What is wrong with how the message ends.
    pub fn framing(self) -> impl Iterator<Item = FramingFault> {
        self.framing.iter()
    }

    /// Whether it has the mark.
    pub fn contains(self, mark: Mark) -> bool {
        self.bits & mark.bit() != 0
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The marks, in the order of [`Mark`].
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |&mark| self.contains(mark))
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Mark::as_str)
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_kept_once_and_apart_from_the_others() {
        let mut marks = Marks::default();
        assert!(marks.is_empty());
        for mark in [Mark::CutShort, Mark::HttpBareLf, Mark::CutShort] {
            marks.insert(mark);
        }
        assert_eq!(marks.names().collect::<Vec<_>>(), ["http-bare-lf", "cut-short"]);
        assert!(!marks.contains(Mark::HttpFraming));
        marks.insert_framing(FramingFaults::default());
        assert!(!marks.contains(Mark::HttpFraming));
        marks.insert_framing([FramingFault::ChunkEnd].into_iter().collect());
        assert_eq!(
            marks.names().collect::<Vec<_>>(),
            ["http-bare-lf", "http-framing", "cut-short"]
        );
        assert!(marks.framing().eq([FramingFault::ChunkEnd]));
    }
}
