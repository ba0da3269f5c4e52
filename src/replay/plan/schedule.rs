//! When which datagram is due: entries of fixed size in a temporary file.
//!
//! However many datagrams a capture has, memory stays flat: entries are written and read again
//! through a buffer, and payload lies elsewhere ([`Span`]).

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::conversation_id::ConversationId;
use super::cuts::Cuts;
use super::payload::Span;
use crate::flow::Side;
use crate::replay::ReplayError;

/// An entry is so many 64-bit numbers: time in nanoseconds, port and offset, and the rest.
const WORDS: usize = 3;
const ENTRY_LEN: usize = WORDS * 8;
/// Bytes gathered before they are written.
const WRITE_BUFFER: usize = 64 << 10;
/// Entries that are read ahead.
const ENTRIES_AHEAD: usize = 1 << 13;
/// Bits of an offset; no file system has files that need more.
const OFFSET_BITS: u32 = 48;
const FROM_SERVER: u64 = 1;
const SPOOLED: u64 = 2;

/// Every datagram of both sides, in the order of the capture.
#[derive(Debug)]
pub struct Schedule {
    /// `None` where there is no datagram.
    file: Option<File>,
    len: u64,
    /// What times are counted from, since those of the file.
    begin: Duration,
    /// What is cut from them, one after the other.
    cuts: Vec<Cuts>,
}

/// One datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// When, since the first conversation of the plan began.
    pub at: Duration,
    /// Index of its conversation in the plan.
    pub conversation: ConversationId,
    /// Who sent it.
    pub side: Side,
    /// The server's port in the capture, where it is not that of the conversation's server.
    pub port: Option<NonZeroU16>,
    /// Its payload, at most 65,527 bytes.
    pub span: Span,
}

/// Lends the entries of a schedule, one after the other.
#[derive(Debug)]
pub struct Entries<'s> {
    schedule: &'s Schedule,
    /// Entries that are read.
    read: u64,
    buffer: Vec<u8>,
    /// How much of the buffer was given out.
    used: usize,
}

/// A schedule that is being written.
#[derive(Debug, Default)]
pub(in crate::replay) struct Scheduling {
    file: Option<io::BufWriter<File>>,
    len: u64,
}

impl Scheduling {
    /// Adds a datagram.
    ///
    /// # Errors
    ///
    /// No temporary file can be made, or written; payload beyond 256 TiB.
    pub fn push(&mut self, datagram: Datagram) -> Result<(), ReplayError> {
        if datagram.span.offset >> OFFSET_BITS > 0 {
            return Err(ReplayError::Spool(io::ErrorKind::FileTooLarge.into()));
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = tempfile::tempfile().map_err(ReplayError::Spool)?;
                self.file.insert(io::BufWriter::with_capacity(WRITE_BUFFER, file))
            }
        };
        let words = encode(datagram).map(u64::to_le_bytes);
        file.write_all(words.as_flattened()).map_err(ReplayError::Spool)?;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// All is written; times count from `begin`.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn finish(self, begin: Duration) -> Result<Schedule, ReplayError> {
        let file = self.file.map(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
        let file = file.transpose().map_err(ReplayError::Spool)?;
        Ok(Schedule { file, len: self.len, begin, cuts: Vec::new() })
    }
}

impl Schedule {
    /// How many datagrams there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Cuts idle times.
    pub(in crate::replay) fn cut(&mut self, cuts: Cuts) {
        self.cuts.push(cuts);
    }

    /// Those of conversations that have an index in what is left of them, given by the index that
    /// they had; times count from `begin`.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be made, read or written.
    pub(in crate::replay) fn renumbered(
        &self,
        indices: &[Option<ConversationId>],
        begin: Duration,
    ) -> Result<Self, ReplayError> {
        let mut writing = Scheduling::default();
        let mut entries = self.entries();
        while let Some(datagram) = entries.next_entry()? {
            let index = indices.get(datagram.conversation.index()).copied().flatten();
            if let Some(conversation) = index {
                writing.push(Datagram { conversation, ..datagram })?;
            }
        }
        writing.finish(begin)
    }

    /// All of them, from the first.
    pub fn entries(&self) -> Entries<'_> {
        Entries { schedule: self, read: 0, buffer: Vec::new(), used: 0 }
    }
}

impl Entries<'_> {
    /// The next datagram; `None` behind the last.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<Datagram>, ReplayError> {
        if self.used == self.buffer.len() && !self.fill()? {
            return Ok(None);
        }
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        let words = rest.as_chunks().0.first_chunk::<WORDS>();
        self.used = self.used.saturating_add(ENTRY_LEN);
        Ok(words.map(|words| {
            let datagram = decode(words.map(u64::from_le_bytes));
            let Schedule { begin, cuts, .. } = self.schedule;
            let at = datagram.at.saturating_sub(*begin);
            Datagram { at: cuts.iter().fold(at, |at, it| it.at(at)), ..datagram }
        }))
    }

    /// Reads ahead; `false` at the end.
    fn fill(&mut self) -> Result<bool, ReplayError> {
        let left = self.schedule.len.saturating_sub(self.read);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(ENTRIES_AHEAD);
        self.buffer.resize(count.saturating_mul(ENTRY_LEN), 0);
        self.used = 0;
        if let Some(file) = &self.schedule.file {
            let offset = self.read.saturating_mul(ENTRY_LEN as u64);
            file.read_exact_at(&mut self.buffer, offset).map_err(ReplayError::Spool)?;
        }
        self.read = self.read.saturating_add(count as u64);
        Ok(count > 0)
    }
}

/// The port above the offset; the conversation in the high half, then the length, then flags.
fn encode(datagram: Datagram) -> [u64; WORDS] {
    let Datagram { at, conversation, side, port, span } = datagram;
    let side = if side == Side::Server { FROM_SERVER } else { 0 };
    let place = if span.is_spooled { SPOOLED } else { 0 };
    let sizes = u64::from(conversation.0) << 32 | u64::from(span.len) << 8 | side | place;
    let port = u64::from(port.map_or(0, NonZeroU16::get));
    let nanos = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
    [nanos, port << OFFSET_BITS | span.offset, sizes]
}

fn decode([nanos, place, sizes]: [u64; WORDS]) -> Datagram {
    let offset = place & ((1 << OFFSET_BITS) - 1);
    let side = if sizes & FROM_SERVER == 0 { Side::Client } else { Side::Server };
    let len = (sizes >> 8 & 0xff_ffff) as u32;
    Datagram {
        at: Duration::from_nanos(nanos),
        conversation: ConversationId((sizes >> 32) as u32),
        side,
        port: NonZeroU16::new((place >> OFFSET_BITS) as u16),
        span: Span { offset, len, is_spooled: sizes & SPOOLED != 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(number: u64) -> Datagram {
        Datagram {
            at: Duration::from_nanos(7 + number),
            conversation: ConversationId((number % 3) as u32),
            side: if number.is_multiple_of(2) { Side::Client } else { Side::Server },
            port: NonZeroU16::new((number % 7) as u16),
            span: Span {
                offset: number << 20,
                len: (number % 65_528) as u32,
                is_spooled: number.is_multiple_of(5),
            },
        }
    }

    #[test]
    fn entries_read_as_they_were_written_at_every_limit() {
        let largest = Datagram {
            at: Duration::from_nanos(u64::MAX),
            conversation: ConversationId(u32::MAX),
            side: Side::Server,
            port: Some(NonZeroU16::MAX),
            span: Span { offset: (1 << OFFSET_BITS) - 1, len: 65_527, is_spooled: true },
        };
        for datagram in [datagram(0), datagram(1), datagram(5), largest] {
            assert_eq!(decode(encode(datagram)), datagram);
        }
    }

    #[test]
    fn an_offset_that_no_entry_has_room_for_is_an_error() {
        let mut beyond = datagram(0);
        beyond.span.offset = 1 << OFFSET_BITS;
        let error = Scheduling::default().push(beyond).unwrap_err();
        assert!(matches!(error, ReplayError::Spool(_)), "{error}");
    }

    #[test]
    fn a_million_datagrams_cost_no_memory() {
        let mut writing = Scheduling::default();
        (0..1_000_000).for_each(|number| writing.push(datagram(number)).unwrap());
        assert_eq!(writing.file.as_ref().unwrap().capacity(), WRITE_BUFFER);
        let schedule = writing.finish(Duration::from_nanos(7)).unwrap();
        let mut entries = schedule.entries();
        for number in 0..1_000_000 {
            let expected = Datagram { at: Duration::from_nanos(number), ..datagram(number) };
            assert_eq!(entries.next_entry().unwrap(), Some(expected));
        }
        assert_eq!(entries.next_entry().unwrap(), None);
        assert_eq!(entries.next_entry().unwrap(), None);
        assert_eq!(entries.buffer.capacity(), ENTRIES_AHEAD * ENTRY_LEN);
        assert_eq!(schedule.len(), 1_000_000);
    }

    #[test]
    fn no_datagram_needs_no_file() {
        let schedule = Scheduling::default().finish(Duration::ZERO).unwrap();
        assert!(schedule.is_empty() && schedule.file.is_none());
        assert_eq!(schedule.entries().next_entry().unwrap(), None);
    }
}
