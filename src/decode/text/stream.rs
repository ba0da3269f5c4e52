//! A stream of records, however its bytes were cut.
//!
//! Records that lie within one piece of input are read where they are; only what a piece leaves
//! incomplete is kept, less than [`MAX_RECORD_LEN`] bytes for each side.

use std::ops::ControlFlow::{self, Continue};
use std::sync::Arc;

use memchr::memchr;

use super::MAX_RECORD_LEN;
use super::format::TextFormat;
use super::scan::{Ended, Record, Scan};
use crate::decode::duplex::{self, Context, Duplex, Output};
use crate::decode::unread::Unread;
use crate::message::{DecodeError, ErrorKind, Item, Marks, Message};

/// Reads both sides of a conversation as records of one format.
///
/// A gap drops the record that it falls into, and what follows up to the next end of a record;
/// of a record longer than [`MAX_RECORD_LEN`] the rest is dropped. Both are told as
/// [`Skipped`](crate::decode::stream::StreamEvent::Skipped), which counts the bytes that are there.
pub type TextStream = Duplex<Incoming>;

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// The start of a record; while skipping, the last bytes, in which an end may have begun.
    buffer: Vec<u8>,
    scan: Scan,
    items: Vec<Item>,
    skipping: Option<Skipping>,
}

#[derive(Clone, Copy, Debug)]
struct Skipping {
    len: u64,
    reason: Unread,
}

impl duplex::Incoming for Incoming {
    type Shared = Arc<TextFormat>;

    fn is_between_messages(&self) -> bool {
        self.skipping.is_some() || self.buffer.is_empty()
    }

    fn bytes(
        &mut self,
        mut bytes: &[u8],
        cx: &mut Context<'_, '_, Self::Shared>,
    ) -> ControlFlow<()> {
        let Context { shared: format, output } = cx;
        while !bytes.is_empty() {
            let taken = if self.skipping.is_some() {
                self.skip(format, bytes, output)?
            } else if self.buffer.is_empty() {
                self.lent(format, bytes, output)?
            } else {
                self.kept(format, bytes, output)?
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Continue(())
    }

    fn gap(&mut self, _len: u64, _cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()> {
        self.pass_gap();
        Continue(())
    }

    fn close(&mut self, clean: bool, cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()> {
        self.end(cx.shared, clean, &mut cx.output)
    }
}

impl Incoming {
    /// Reads one record where it is; keeps it if it is not complete. The bytes taken.
    fn lent(
        &mut self,
        format: &TextFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let Some(record) = self.scan.advance(format, bytes, false, &mut self.items) else {
            self.buffer.extend_from_slice(bytes);
            return Continue(bytes.len());
        };
        output.message(message(format, bytes, &record, &self.items, false))?;
        self.next(format, bytes, &record);
        Continue(record.len)
    }

    /// Adds to the record that is kept, up to the next byte that may end it. The bytes taken.
    fn kept(
        &mut self,
        format: &TextFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let room = MAX_RECORD_LEN.saturating_sub(self.buffer.len());
        let within = bytes.get(..room).unwrap_or(bytes);
        let last = format.end.last().and_then(|&last| memchr(last, within));
        let taken = last.map_or(within.len(), |at| at.saturating_add(1));
        self.buffer.extend_from_slice(within.get(..taken).unwrap_or_default());
        if last.is_some() && self.buffer.ends_with(&format.end) || taken == room {
            self.records(format, output)?;
        }
        Continue(taken)
    }

    /// Reads the records that are kept and complete: one, unless the format has its end within.
    fn records(&mut self, format: &TextFormat, output: &mut Output<'_>) -> ControlFlow<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        while !buffer.is_empty() && self.skipping.is_none() {
            let Some(record) = self.scan.advance(format, &buffer, false, &mut self.items) else {
                break;
            };
            output.message(message(format, &buffer, &record, &self.items, false))?;
            self.next(format, &buffer, &record);
            buffer.drain(..record.len.min(buffer.len()));
        }
        if self.skipping.is_none() {
            self.buffer = buffer;
            duplex::give_back(&mut self.buffer);
        }
        Continue(())
    }

    /// Makes ready for what follows a record at the start of `bytes`.
    fn next(&mut self, format: &TextFormat, bytes: &[u8], record: &Record<'_>) {
        self.start();
        if record.ended == Ended::Limit {
            self.skipping = Some(Skipping { len: 0, reason: Unread::TextTooLong });
            self.keep_last(format, bytes.get(..record.len).unwrap_or(bytes));
        }
    }

    fn start(&mut self) {
        self.scan = Scan::default();
        self.items.clear();
        self.skipping = None;
    }

    /// Passes over bytes up to the end of a record. The bytes taken.
    fn skip(
        &mut self,
        format: &TextFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let taken = self.end_of_skip(format, bytes);
        let len = taken.unwrap_or(bytes.len());
        if let Some(skipping) = &mut self.skipping {
            skipping.len = skipping.len.saturating_add(len as u64);
        }
        match taken {
            Some(_) => self.end_skip(output)?,
            None => self.keep_last(format, bytes),
        }
        Continue(len)
    }

    /// Where the next end in `bytes` ends; it may have begun in what is kept.
    fn end_of_skip(&mut self, format: &TextFormat, bytes: &[u8]) -> Option<usize> {
        if format.end.is_empty() {
            return None;
        }
        let begun = self.buffer.len();
        let head = bytes.get(..format.end.len().saturating_sub(1)).unwrap_or(bytes);
        self.buffer.extend_from_slice(head);
        let across = format.end_finder.find(&self.buffer);
        self.buffer.truncate(begun);
        let end = |at: usize| at.saturating_add(format.end.len());
        let across = across.map(|at| end(at).saturating_sub(begun));
        across.or_else(|| format.end_finder.find(bytes).map(end))
    }

    /// Keeps the last bytes, in which an end may have begun.
    fn keep_last(&mut self, format: &TextFormat, bytes: &[u8]) {
        let most = format.end.len().saturating_sub(1);
        let from = bytes.len().saturating_sub(most);
        self.buffer.extend_from_slice(bytes.get(from..).unwrap_or_default());
        let surplus = self.buffer.len().saturating_sub(most);
        self.buffer.drain(..surplus);
    }

    fn end_skip(&mut self, output: &mut Output<'_>) -> ControlFlow<()> {
        if let Some(Skipping { len, reason }) = self.skipping {
            output.skipped(len, reason)?;
        }
        self.buffer.clear();
        duplex::give_back(&mut self.buffer);
        self.start();
        Continue(())
    }

    fn pass_gap(&mut self) {
        let kept = if self.skipping.is_some() { 0 } else { self.buffer.len() as u64 };
        self.skipping.get_or_insert(Skipping { len: kept, reason: Unread::TextGap });
        self.buffer.clear();
    }

    fn end(
        &mut self,
        format: &TextFormat,
        clean: bool,
        output: &mut Output<'_>,
    ) -> ControlFlow<()> {
        if self.skipping.is_some() {
            return self.end_skip(output);
        }
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        while !rest.is_empty() {
            let Some(record) = self.scan.advance(format, rest, true, &mut self.items) else {
                break;
            };
            output.message(message(format, rest, &record, &self.items, clean))?;
            rest = rest.get(record.len..).unwrap_or_default();
            self.start();
        }
        Continue(())
    }
}

/// `clean`: a close that ends a record was one by FIN, and not where the capture ends.
fn message<'m>(
    format: &'m TextFormat,
    bytes: &'m [u8],
    record: &Record<'m>,
    items: &'m [Item],
    clean: bool,
) -> Message<'m> {
    let at_close = record.ended == Ended::Close;
    let missing = (at_close && !clean).then_some(DecodeError {
        offset: record.len,
        context: &format.end_shown,
        kind: ErrorKind::Short,
    });
    Message {
        protocol: &format.protocol,
        name: &format.message,
        table: &format.table,
        items,
        bytes: bytes.get(..record.len).unwrap_or(bytes),
        apart: None,
        len: record.len,
        trailing: record.trailing,
        candidates: &[],
        ended_by_close: at_close && clean,
        marks: Marks::default(),
        request: None,
        pair: None,
        error: record.error.or(missing),
    }
}
