//! Structs over TCP, one behind the other.
//!
//! Where a message ends, its layout says: by its size, by the case that its tag chooses, by the
//! field that counts the elements of its tail, or by the NUL of a character tail. Any other tail
//! reaches to the close.
//!
//! A message is at most [`MAX_STREAMED_LEN`] bytes, and no more than that is kept for each side.
//! Where it cannot be told how far a message reaches, nothing behind it can be understood.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::ops::ControlFlow::{self, Continue};
use std::sync::Arc;

use memchr::memchr;

use super::codec::{Codec, Extent, Framing, MAX_STREAMED_LEN, MessageWords};
use super::duplex::{self, Context, Duplex, Output};
use super::unread::Unread;
use crate::flow::Side;
use crate::message::{DecodeError, ErrorKind, Item, Mark, Marks, Message};

/// The messages of a protocol of structs over TCP.
#[derive(Clone, Debug)]
pub struct RecordFormat {
    protocol: String,
    codec: Codec,
    framing: Framing,
    /// Bytes before each message.
    skip: usize,
    /// What each message begins with.
    sync: Vec<u8>,
}

/// Reads both sides of a conversation as structs of one format.
///
/// A gap drops the message that it falls into. Messages of one size are found again behind it;
/// else all that follows on this side is dropped. [`Skipped`](super::stream::StreamEvent::Skipped) counts the
/// bytes that are there.
pub type RecordStream = Duplex<Incoming>;

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// The start of a message.
    buffer: Vec<u8>,
    items: Vec<Item>,
    skipping: Option<Skipping>,
}

#[derive(Clone, Copy, Debug)]
struct Skipping {
    len: u64,
    /// Bytes up to the next message; `None` where it cannot be found.
    left: Option<u64>,
    reason: Unread,
    /// The next message is looked for in the bytes.
    seek: bool,
    /// What is kept has not been looked at.
    is_new: bool,
}

/// What the start of some bytes is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Frame<'f> {
    /// A message of so many bytes.
    Whole(usize),
    /// One that is not there yet.
    Part,
    /// One of which no more than `len` bytes can be read.
    Lost { len: usize, error: DecodeError<'f>, reason: Unread },
}

impl RecordFormat {
    /// `words` are those by which `codec` was made.
    pub fn new(protocol: &str, codec: Codec, words: &MessageWords) -> Self {
        let framing = codec.framing();
        let (skip, sync) = (words.skip, words.sync.clone());
        Self { protocol: protocol.to_owned(), codec, framing, skip, sync }
    }

    /// The codec of the messages.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Whether a message can begin with these bytes; `None` where more of them would tell.
    fn begins(&self, bytes: &[u8]) -> Option<bool> {
        let bytes = bytes.get(self.skip..)?;
        let len = self.sync.len().min(bytes.len());
        if self.sync.get(..len) != bytes.get(..len) {
            return Some(false);
        }
        if bytes.len() < self.sync.len().max(self.codec.identity_len()) {
            return None;
        }
        Some(self.codec.matches(bytes))
    }

    /// Whether a message begins with these bytes by what is in every message; `None` where more of them
    /// would tell.
    pub fn tells(&self, bytes: &[u8]) -> Option<bool> {
        if self.can_seek() { self.begins(bytes) } else { Some(false) }
    }

    /// Whether a message can be found behind what is none.
    fn can_seek(&self) -> bool {
        !self.sync.is_empty() || self.codec.identity_len() > 0
    }

    /// The frame of a message, and of what stands before it that is not of it.
    fn frame(&self, side: Side, bytes: &[u8]) -> Frame<'_> {
        let Some(own) = bytes.get(self.skip..) else { return Frame::Part };
        match self.own_frame(side, own) {
            Frame::Whole(len) => Frame::Whole(len.saturating_add(self.skip)),
            Frame::Lost { len, error, reason } => {
                Frame::Lost { len: len.saturating_add(self.skip), error, reason }
            }
            Frame::Part => Frame::Part,
        }
    }

    fn own_frame(&self, side: Side, bytes: &[u8]) -> Frame<'_> {
        let lost = |len, offset, context, kind, reason| {
            let error = DecodeError { offset, context, kind };
            Frame::Lost { len, error, reason }
        };
        let too_long = |len, offset| {
            lost(len, offset, self.codec.name(), ErrorKind::Limit, Unread::StructTooLong)
        };
        match self.codec.extent(&self.framing, bytes, side == Side::Client) {
            // What takes no bytes could be there any number of times.
            Extent::Bytes(len) if len == 0 || len > MAX_STREAMED_LEN => too_long(0, 0),
            Extent::Bytes(len) if len <= bytes.len() => Frame::Whole(len),
            Extent::Bytes(_) | Extent::Needs(_) => Frame::Part,
            Extent::Nul(from) => {
                let tail = bytes.get(from..).unwrap_or_default();
                let end = memchr(0, tail).map(|at| from.saturating_add(at).saturating_add(1));
                match end.filter(|&end| end <= MAX_STREAMED_LEN) {
                    Some(end) => Frame::Whole(end),
                    None if bytes.len() < MAX_STREAMED_LEN => Frame::Part,
                    None => too_long(MAX_STREAMED_LEN, from),
                }
            }
            Extent::Close if bytes.len() < MAX_STREAMED_LEN => Frame::Part,
            Extent::Close => too_long(MAX_STREAMED_LEN, MAX_STREAMED_LEN),
            Extent::Unknown { path, offset, len, kind } => {
                lost(len, offset, path, kind, Unread::StructUnknown)
            }
        }
    }

    /// How many of `bytes` belong to the message that `begun` begins, or tell where it ends: one
    /// at least.
    fn share(&self, side: Side, begun: &[u8], bytes: &[u8]) -> usize {
        let Some(begun) = begun.get(self.skip..) else {
            return self.skip.saturating_sub(begun.len()).clamp(1, bytes.len().max(1));
        };
        let up_to = |len: usize| len.saturating_sub(begun.len());
        let share = match self.codec.extent(&self.framing, begun, side == Side::Client) {
            Extent::Bytes(len) | Extent::Needs(len) => up_to(len),
            Extent::Nul(from) if begun.len() < from => up_to(from),
            Extent::Nul(_) => memchr(0, bytes).map_or(bytes.len(), |at| at.saturating_add(1)),
            Extent::Close => bytes.len(),
            Extent::Unknown { .. } => 1,
        };
        share.min(up_to(MAX_STREAMED_LEN)).clamp(1, bytes.len().max(1))
    }
}

impl duplex::Incoming for Incoming {
    type Shared = Arc<RecordFormat>;

    fn is_between_messages(&self) -> bool {
        self.skipping.is_some() || self.buffer.is_empty()
    }

    fn bytes(&mut self, bytes: &[u8], cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()> {
        let Context { shared: format, output } = cx;
        let (mut rest, mut at) = (Cow::Borrowed(bytes), 0_usize);
        loop {
            let search = self.skipping.filter(|it| it.seek);
            if at >= rest.len() && !search.is_some_and(|it| it.is_new) {
                return Continue(());
            }
            if search.is_some() && !self.buffer.is_empty() {
                // What a search has kept is looked at again, with what follows it.
                let mut joined = std::mem::take(&mut self.buffer);
                joined.extend_from_slice(rest.get(at..).unwrap_or_default());
                (rest, at) = (Cow::Owned(joined), 0);
            }
            let next = rest.get(at..).unwrap_or_default();
            let taken = match (search, self.skipping) {
                (Some(_), _) => self.seek(format, next, output)?,
                (None, Some(_)) => self.skip(next, output)?,
                (None, None) if self.buffer.is_empty() => self.lent(format, next, output)?,
                (None, None) => self.kept(format, next, output)?,
            };
            at = at.saturating_add(taken);
        }
    }

    fn gap(&mut self, len: u64, cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()> {
        self.pass_gap(cx.shared, len, &mut cx.output)
    }

    fn close(&mut self, clean: bool, cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()> {
        self.end(cx.shared, clean, &mut cx.output)
    }
}

impl Incoming {
    /// Reads one message where it is; keeps it if it is not whole. The bytes taken.
    fn lent(
        &mut self,
        format: &RecordFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        if format.can_seek() && format.begins(bytes) != Some(true) {
            return Continue(self.foreign(format, bytes));
        }
        match format.frame(output.side, bytes) {
            Frame::Part => {
                self.buffer.extend_from_slice(bytes);
                Continue(bytes.len())
            }
            frame => self.message(format, bytes, frame, output),
        }
    }

    /// Adds to the message that is kept. The bytes taken.
    fn kept(
        &mut self,
        format: &RecordFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let share = format.share(output.side, &self.buffer, bytes);
        self.buffer.extend_from_slice(bytes.get(..share).unwrap_or(bytes));
        if format.can_seek() && format.begins(&self.buffer) == Some(false) {
            self.seek_from(0, Unread::StructForeign);
            return Continue(share);
        }
        let frame = format.frame(output.side, &self.buffer);
        if frame != Frame::Part {
            let mut buffer = std::mem::take(&mut self.buffer);
            let read = self.message(format, &buffer, frame, output)?;
            // Of a message that is lost, the rest goes with what follows it.
            if self.skipping.is_some_and(|it| it.seek) {
                self.buffer = buffer.get(read..).unwrap_or_default().to_vec();
                return Continue(share);
            }
            if let Some(skipping) = &mut self.skipping {
                let rest = buffer.len().saturating_sub(read);
                skipping.len = skipping.len.saturating_add(rest as u64);
            }
            buffer.clear();
            duplex::give_back(&mut buffer);
            self.buffer = buffer;
        }
        Continue(share)
    }

    /// Lends the message at the start of `bytes`. The bytes that it took.
    fn message(
        &mut self,
        format: &RecordFormat,
        bytes: &[u8],
        frame: Frame<'_>,
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let (len, error) = match frame {
            Frame::Part => return Continue(0),
            Frame::Whole(len) => (len, None),
            Frame::Lost { len, error, reason } => {
                let seek = format.can_seek();
                // What begins where another ended, and is none, is not tried there again.
                let past = u64::from(seek && len == 0);
                self.skipping =
                    Some(Skipping { len: past, left: None, reason, seek, is_new: true });
                (len, Some(error))
            }
        };
        let own = bytes.get(format.skip..len).unwrap_or_default();
        let own_len = len.saturating_sub(format.skip);
        let side = output.side;
        output.message(message(format, side, own, own_len, error, false, &mut self.items))?;
        let is_lost = self.skipping.is_some_and(|it| it.seek);
        Continue(if is_lost { len.max(1) } else { len })
    }

    /// Keeps the bytes of what may be a message, or begins to look for one. The bytes taken.
    fn foreign(&mut self, format: &RecordFormat, bytes: &[u8]) -> usize {
        match format.begins(bytes) {
            Some(_) => {
                self.seek_from(0, Unread::StructForeign);
                0
            }
            None => {
                self.buffer.extend_from_slice(bytes);
                bytes.len()
            }
        }
    }

    /// From here on a message is looked for.
    fn seek_from(&mut self, len: u64, reason: Unread) {
        self.skipping = Some(Skipping { len, left: None, reason, seek: true, is_new: true });
    }

    /// Passes over bytes up to what can be a message. The bytes taken.
    fn seek(
        &mut self,
        format: &RecordFormat,
        bytes: &[u8],
        output: &mut Output<'_>,
    ) -> ControlFlow<(), usize> {
        let mut at = 0_usize;
        let found = loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match format.begins(rest) {
                Some(false) if !rest.is_empty() => at = at.saturating_add(1),
                found => break found == Some(true),
            }
        };
        if let Some(skipping) = &mut self.skipping {
            skipping.len = skipping.len.saturating_add(at as u64);
            skipping.is_new = false;
        }
        if found {
            self.end_skip(output)?;
            return Continue(at);
        }
        self.buffer.extend_from_slice(bytes.get(at..).unwrap_or_default());
        Continue(bytes.len())
    }

    /// Passes over bytes up to the next message. The bytes taken.
    fn skip(&mut self, bytes: &[u8], output: &mut Output<'_>) -> ControlFlow<(), usize> {
        let Some(skipping) = &mut self.skipping else { return Continue(0) };
        let most = skipping.left.and_then(|left| usize::try_from(left).ok());
        let taken = most.unwrap_or(bytes.len()).min(bytes.len());
        skipping.len = skipping.len.saturating_add(taken as u64);
        skipping.left = skipping.left.map(|left| left.saturating_sub(taken as u64));
        if skipping.left == Some(0) {
            self.end_skip(output)?;
        }
        Continue(taken)
    }

    fn end_skip(&mut self, output: &mut Output<'_>) -> ControlFlow<()> {
        if let Some(Skipping { len, reason, .. }) = self.skipping.take() {
            output.skipped(len, reason)?;
        }
        Continue(())
    }

    fn pass_gap(
        &mut self,
        format: &RecordFormat,
        gap: u64,
        output: &mut Output<'_>,
    ) -> ControlFlow<()> {
        let kept = self.buffer.len() as u64;
        // What a search has kept is not counted yet.
        let kept_in_search = if self.skipping.is_some() { kept } else { 0 };
        self.buffer = Vec::new();
        let before = self.skipping.get_or_insert(Skipping {
            len: kept,
            left: None,
            reason: Unread::StructGap,
            seek: format.can_seek(),
            is_new: false,
        });
        if before.seek {
            before.len = before.len.saturating_add(kept_in_search);
            return Continue(());
        }
        if before.reason != Unread::StructGap {
            return Continue(());
        }
        let Some(size) = format.framing.fixed().and_then(|it| NonZeroU64::new(it as u64)) else {
            return Continue(());
        };
        // Where the gap ends, counted from the start of the message in which it began.
        let begun = match before.left {
            Some(left) => size.get().saturating_sub(left),
            None => kept,
        };
        let within = (begun % size).saturating_add(gap % size) % size;
        before.left = Some(size.get().saturating_sub(within) % size);
        if before.left == Some(0) {
            self.end_skip(output)?;
        }
        Continue(())
    }

    fn end(
        &mut self,
        format: &RecordFormat,
        clean: bool,
        output: &mut Output<'_>,
    ) -> ControlFlow<()> {
        if let Some(skipping) = &mut self.skipping {
            skipping.len = skipping.len.saturating_add(self.buffer.len() as u64);
            self.buffer = Vec::new();
            return self.end_skip(output);
        }
        let buffer = std::mem::take(&mut self.buffer);
        if buffer.is_empty() {
            return Continue(());
        }
        let own = buffer.get(format.skip..).unwrap_or_default();
        let len = own.len();
        let side = output.side;
        let extent = format.codec.extent(&format.framing, own, side == Side::Client);
        let (wire_len, is_whole) = match extent {
            Extent::Bytes(len) | Extent::Needs(len) => (len, false),
            Extent::Close => (len, clean),
            Extent::Nul(_) | Extent::Unknown { .. } => (len, false),
        };
        let context = format.codec.name();
        let short = DecodeError { offset: len, context, kind: ErrorKind::Short };
        let error = (!is_whole).then_some(short);
        let mut message = message(format, side, own, wire_len, error, is_whole, &mut self.items);
        // Whether the sender would have sent more, nobody knows.
        if !clean && message.error.is_some() {
            message.marks.insert(Mark::CutShort);
        }
        output.message(message)
    }
}

/// Decodes a message of `wire_len` bytes. `error` stands unless the codec has one to tell.
fn message<'m>(
    format: &'m RecordFormat,
    side: Side,
    bytes: &'m [u8],
    wire_len: usize,
    error: Option<DecodeError<'m>>,
    ended_by_close: bool,
    items: &'m mut Vec<Item>,
) -> Message<'m> {
    let to_server = side == Side::Client;
    let decoded = format.codec.decode_toward(to_server, bytes, wire_len, items);
    let missing = wire_len.saturating_sub(bytes.len());
    let error = match (decoded.error, error) {
        // The bytes end here because of the other error.
        (Some(_), Some(given)) if decoded.is_cut() && given.kind != ErrorKind::Short => Some(given),
        // What is missing was never sent.
        (Some(own), _) if own.kind == ErrorKind::Snapped => {
            Some(DecodeError { kind: ErrorKind::Short, ..own })
        }
        (own, given) => own.or(given),
    };
    Message {
        protocol: &format.protocol,
        name: decoded.name,
        table: format.codec.table(),
        items,
        bytes,
        apart: None,
        len: decoded.len,
        trailing: decoded.trailing.saturating_sub(missing),
        candidates: &[],
        ended_by_close,
        marks: Marks::default(),
        request: None,
        pair: None,
        error,
    }
}

#[cfg(test)]
mod tests;
