//! One side of a RESP conversation: its bytes to lines and strings, and these to a message.
//!
//! A message that lies within one piece of input is read where it is. Only what a piece leaves
//! incomplete is kept: [`MAX_LINE`] bytes of a line, [`MAX_STRING`] of a string and [`MAX_KEPT`]
//! of a message. The rest passes by and is digested.

use std::ops::Range;

use memchr::memchr;

use super::super::cut::{Cuts, whole_characters};
use super::super::stream::{Output, Side};
use super::super::{DecodeError, ErrorKind, Mark, Marks, Message};
use super::fields::{cut_node, table};
use super::header::{self, Fault, Header, Kind};
use super::pairing::Pairing;
use super::reading::{Next, Reading};
use super::reason;

/// Bytes of a line, as Redis bounds what it reads as one.
pub const MAX_LINE: usize = 64 << 10;

/// Bytes of a string that are kept.
pub const MAX_STRING: usize = 64 << 10;

/// Bytes of a message that are kept, before what its last line or string adds.
pub const MAX_KEPT: usize = 1 << 20;

/// A side's buffer is given back to the system where it has grown beyond this, bytes.
const KEPT_CAPACITY: usize = 4096;

/// Elements of a command that is taken for one where the framing was lost.
const MAX_PLAUSIBLE: u64 = 1 << 20;

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Incoming {
    reading: Reading,
    /// What is kept of the message under way, or of a line where the framing is lost.
    buffer: Vec<u8>,
    cuts: Cuts,
    state: State,
    /// Where in what is kept the next line or string begins.
    pos: usize,
    marks: Marks,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    /// Between messages.
    #[default]
    Idle,
    /// What was read of a message is in the buffer; within a line of it, perhaps.
    Kept,
    /// In a string that begins at `start`, of which `left` bytes are to come and `room` are kept.
    String { start: usize, left: u64, room: usize },
    /// Behind that string, whose kept bytes end at `end`.
    StringEnd { start: usize, end: usize },
    /// Looking for a message: what was passed over, and whether in the middle of a line.
    Lost { len: u64, is_within_line: bool, reason: &'static str },
}

/// What a side works with.
pub(super) struct Context<'c, 's> {
    pub pairing: &'c mut Pairing,
    pub output: Output<'s>,
}

impl Incoming {
    /// No message is under way.
    pub fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Idle | State::Lost { .. })
    }

    /// Takes the next bytes.
    pub fn bytes(&mut self, mut bytes: &[u8], cx: &mut Context<'_, '_>) {
        while !bytes.is_empty() || self.is_complete() {
            let taken = match self.state {
                State::Idle => self.lent(bytes, cx),
                State::Kept => self.kept(bytes, cx),
                State::String { start, left, room } => self.string(start, left, room, bytes),
                State::StringEnd { start, end } => self.string_end(start..end, bytes, cx),
                State::Lost { .. } => self.lost(bytes, cx),
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// The message is complete, and was not lent yet; or its string is empty.
    fn is_complete(&self) -> bool {
        self.state == State::Kept && self.reading.next == Next::Done
    }

    /// Reads a message where it is; keeps what is read if it is not whole. The bytes taken.
    fn lent(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> usize {
        let side = cx.output.side;
        loop {
            let pos = self.pos;
            let rest = bytes.get(pos..).unwrap_or_default();
            let found = match self.reading.next {
                Next::Done => {
                    self.lend(bytes.get(..pos).unwrap_or(bytes), None, cx);
                    self.reset();
                    return pos;
                }
                _ if self.is_full() => None,
                Next::Line => {
                    let window = rest.get(..MAX_LINE).unwrap_or(rest);
                    memchr(b'\n', window).map(|at| pos.saturating_add(at).saturating_add(1))
                }
                Next::String(len) => string_end(len, rest).map(|it| pos.saturating_add(it)),
            };
            let Some(end) = found else { return self.keep(bytes) };
            self.pos = end;
            let read = match self.reading.next {
                Next::String(_) => {
                    let string = pos..end.saturating_sub(2);
                    check_end(bytes, string.end)
                        .inspect(|()| self.reading.string(side, &string, end))
                }
                _ => self.reading.line(side, bytes, pos..end),
            };
            if let Err(fault) = read {
                self.fail(bytes.get(..end).unwrap_or(bytes), pos, fault, cx);
                return end;
            }
        }
    }

    /// Goes on in the buffer. The bytes taken: those that were read.
    fn keep(&mut self, bytes: &[u8]) -> usize {
        self.buffer.extend_from_slice(bytes.get(..self.pos).unwrap_or(bytes));
        self.state = State::Kept;
        self.pos
    }

    /// Takes more of a message that is kept: up to the end of a line. The bytes taken.
    fn kept(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> usize {
        match self.reading.next {
            Next::Done => {
                let mut buffer = std::mem::take(&mut self.buffer);
                self.lend_kept(&mut buffer, None, cx);
                self.give_back(buffer);
                self.reset();
                return 0;
            }
            Next::String(left) => {
                let start = self.start_token();
                let room = if self.reading.is_thin { 0 } else { MAX_STRING };
                self.state = match left {
                    0 => State::StringEnd { start, end: start },
                    _ => State::String { start, left, room },
                };
                return 0;
            }
            Next::Line => {}
        }
        if self.buffer.len() == self.pos {
            self.start_token();
        }
        let begun = self.buffer.len().saturating_sub(self.pos);
        let window = bytes.get(..MAX_LINE.saturating_sub(begun)).unwrap_or(bytes);
        let end = memchr(b'\n', window).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(window.len());
        self.buffer.extend_from_slice(window.get(..taken).unwrap_or_default());
        if end.is_some() {
            self.line(cx);
        } else if begun.saturating_add(taken) >= MAX_LINE {
            let fault = Fault { offset: 0, context: "bytes of a line", kind: ErrorKind::Limit };
            self.fail_kept(self.pos, fault, cx);
        }
        taken
    }

    /// A line or a string begins: tells where, and lists no more where enough is.
    fn start_token(&mut self) -> usize {
        if self.is_full() {
            self.reading.is_thin = true;
        }
        self.pos
    }

    fn is_full(&self) -> bool {
        !self.reading.is_thin && (self.reading.is_full() || self.pos >= MAX_KEPT)
    }

    /// The buffer ends with a line.
    fn line(&mut self, cx: &mut Context<'_, '_>) {
        let line = self.pos..self.buffer.len();
        let read = self.reading.line(cx.output.side, &self.buffer, line.clone());
        match read {
            Ok(()) => self.token_is_read(line.end),
            Err(fault) => self.fail_kept(line.start, fault, cx),
        }
    }

    /// What follows begins at `end`. Where nothing more is kept, what was read is left out.
    fn token_is_read(&mut self, end: usize) {
        if self.reading.is_thin {
            self.cuts.bytes(self.pos, self.buffer.get(self.pos..).unwrap_or_default());
            self.buffer.truncate(self.pos);
        } else {
            self.pos = end;
        }
        self.state = State::Kept;
    }

    /// Takes bytes of a string. How many.
    fn string(&mut self, start: usize, left: u64, room: usize, bytes: &[u8]) -> usize {
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let taken = bytes.get(..len).unwrap_or(bytes);
        let (kept, cut) = taken.split_at_checked(room).unwrap_or((taken, &[]));
        self.buffer.extend_from_slice(kept);
        self.cuts.bytes(self.buffer.len(), cut);
        self.string_is_known_to(
            start,
            left.saturating_sub(len as u64),
            room.saturating_sub(kept.len()),
        );
        len
    }

    fn string_is_known_to(&mut self, start: usize, left: u64, room: usize) {
        self.state = match left {
            0 => State::StringEnd { start, end: self.buffer.len() },
            _ => State::String { start, left, room },
        };
    }

    /// Takes the CRLF behind a string. The bytes taken.
    fn string_end(
        &mut self,
        string: Range<usize>,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> usize {
        let begun = self.buffer.len().saturating_sub(string.end);
        let taken = bytes.get(..2_usize.saturating_sub(begun)).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        let end = self.buffer.len();
        if end.saturating_sub(string.end) < 2 {
            return taken.len();
        }
        match check_end(&self.buffer, string.end) {
            Ok(()) => {
                let text = self.whole_characters(string);
                self.reading.string(cx.output.side, &text, end);
                if !self.reading.is_thin {
                    self.cuts.end_run();
                }
                self.token_is_read(end);
            }
            Err(fault) => self.fail_kept(string.start, fault, cx),
        }
        taken.len()
    }

    /// A string's text: without the start of a character whose rest was cut off.
    fn whole_characters(&self, string: Range<usize>) -> Range<usize> {
        let bytes = self.buffer.get(string.clone()).unwrap_or_default();
        let len = if bytes.len() == MAX_STRING { whole_characters(bytes) } else { bytes.len() };
        string.start..string.start.saturating_add(len)
    }

    /// Looks for a message, line by line. The bytes taken.
    fn lost(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> usize {
        let State::Lost { len, is_within_line, reason } = self.state else { return bytes.len() };
        let window = bytes.get(..MAX_LINE.saturating_sub(self.buffer.len())).unwrap_or(bytes);
        let end = memchr(b'\n', window).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(window.len());
        self.buffer.extend_from_slice(window.get(..taken).unwrap_or_default());
        let is_full = self.buffer.len() >= MAX_LINE;
        if end.is_none() && !is_full {
            return taken;
        }
        if end.is_some() && !is_within_line && begins(cx.output.side, &self.buffer) {
            cx.output.skipped(len, reason);
            self.state = State::Kept;
            self.line(cx);
            return taken;
        }
        let len = len.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        self.state = State::Lost { len, is_within_line: end.is_none(), reason };
        taken
    }

    /// Bytes that are not known.
    pub fn gap(&mut self, len: u64, cx: &mut Context<'_, '_>) {
        if let (State::Kept, Next::String(_)) = (self.state, self.reading.next) {
            self.kept(&[], cx);
        }
        match self.state {
            State::String { start, left, .. } if len <= left => {
                // Which bytes they are is all that is not known.
                self.marks.insert(Mark::Gap);
                self.cuts.gap(self.buffer.len(), len);
                self.string_is_known_to(start, left.saturating_sub(len), 0);
                return;
            }
            State::Idle => self.lose(reason::GAP),
            State::Lost { len, .. } => {
                let len = len.saturating_add(self.buffer.len() as u64);
                self.buffer.clear();
                self.state = State::Lost { len, is_within_line: false, reason: reason::GAP };
            }
            _ => {
                self.marks.insert(Mark::Gap);
                self.break_off(cx);
                self.lose(reason::GAP);
            }
        }
        cx.pairing.lose();
    }

    /// The side sends no more.
    pub fn close(&mut self, cx: &mut Context<'_, '_>) {
        match self.state {
            State::Idle => {}
            State::Lost { len, reason, .. } => {
                cx.output.skipped(len.saturating_add(self.buffer.len() as u64), reason);
                self.buffer.clear();
                self.reset();
            }
            _ => {
                self.break_off(cx);
                self.reset();
            }
        }
    }

    /// The message ends before it is complete.
    fn break_off(&mut self, cx: &mut Context<'_, '_>) {
        if self.is_complete() {
            self.kept(&[], cx);
            return;
        }
        let context = match self.state {
            State::String { .. } | State::StringEnd { .. } => "string",
            _ if self.buffer.len() > self.pos => "line",
            _ => "elements",
        };
        self.marks.insert(Mark::CutShort);
        if self.reading.is_at_start() {
            // What there is of its first line tells the kind at least.
            _ = self.reading.line(cx.output.side, &self.buffer, 0..self.buffer.len().min(1));
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let offset = (buffer.len() as u64).saturating_add(self.cuts.len());
        let error = DecodeError { offset: narrow(offset), context, kind: ErrorKind::Short };
        self.reading.abandon(buffer.len());
        self.lend_kept(&mut buffer, Some(error), cx);
        self.give_back(buffer);
    }

    fn lose(&mut self, reason: &'static str) {
        self.reset();
        self.state = State::Lost { len: 0, is_within_line: false, reason };
    }

    /// What is kept cannot be read on, from the line or string on that begins at `from`.
    fn fail_kept(&mut self, from: usize, fault: Fault, cx: &mut Context<'_, '_>) {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.fail_at(from, fault, buffer.len(), cx, |it, error, cx| {
            it.lend_kept(&mut buffer, error, cx);
        });
        self.give_back(buffer);
    }

    fn fail(&mut self, bytes: &[u8], from: usize, fault: Fault, cx: &mut Context<'_, '_>) {
        self.fail_at(from, fault, bytes.len(), cx, |it, error, cx| it.lend(bytes, error, cx));
    }

    fn fail_at(
        &mut self,
        from: usize,
        fault: Fault,
        len: usize,
        cx: &mut Context<'_, '_>,
        lend: impl FnOnce(&mut Self, Option<DecodeError<'static>>, &mut Context<'_, '_>),
    ) {
        let dropped = self.cuts.len();
        let offset = (from.saturating_add(fault.offset) as u64).saturating_add(dropped);
        let error =
            DecodeError { offset: narrow(offset), context: fault.context, kind: fault.kind };
        let passed_over = if self.reading.is_at_start() { len as u64 } else { 0 };
        if passed_over == 0 {
            self.reading.abandon(len);
            lend(self, Some(error), cx);
        }
        let is_within_line = fault.kind == ErrorKind::Limit && fault.context == "bytes of a line";
        self.reset();
        let reason = reason::RESYNC;
        self.state = State::Lost { len: passed_over, is_within_line, reason };
        cx.pairing.lose();
    }

    /// Lends a message that was kept, with what was cut from it.
    fn lend_kept(
        &mut self,
        buffer: &mut Vec<u8>,
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) {
        let len = (buffer.len() as u64).saturating_add(self.cuts.len());
        self.cuts.list(cut_node(), &mut self.reading.items, buffer);
        self.lend_of(buffer, narrow(len), error, cx);
    }

    fn lend(
        &mut self,
        bytes: &[u8],
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) {
        self.lend_of(bytes, bytes.len(), error, cx);
    }

    fn lend_of(
        &mut self,
        bytes: &[u8],
        len: usize,
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) {
        let items = &self.reading.items;
        if items.is_empty() {
            // An empty command, which a server passes over.
            return cx.output.skipped(len as u64, reason::EMPTY);
        }
        let (name, pair) = match cx.output.side {
            Side::Client => ("command", cx.pairing.ask(items, bytes)),
            Side::Server => {
                let kind = self.reading.kind.unwrap_or(Kind::Attribute);
                ("reply", cx.pairing.answer(kind, items, bytes))
            }
        };
        cx.output.message(Message {
            protocol: "resp",
            name,
            table: table(),
            items,
            bytes,
            len,
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: self.marks,
            request: None,
            pair,
            error,
        });
    }

    fn reset(&mut self) {
        self.reading.clear();
        self.cuts.clear();
        self.state = State::Idle;
        self.pos = 0;
        self.marks = Marks::default();
    }

    fn give_back(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT_CAPACITY {
            buffer.clear();
            self.buffer = buffer;
        }
    }
}

/// Where a string of so many bytes and its CRLF end, if they are there and all are kept.
fn string_end(len: u64, rest: &[u8]) -> Option<usize> {
    let len = usize::try_from(len).ok().filter(|len| *len <= MAX_STRING)?;
    let end = len.saturating_add(2);
    (end <= rest.len()).then_some(end)
}

fn check_end(bytes: &[u8], end: usize) -> Result<(), Fault> {
    let is_ended = bytes.get(end..).is_some_and(|it| it.starts_with(b"\r\n"));
    let fault = Fault { offset: 0, context: "end of a string", kind: ErrorKind::Malformed };
    is_ended.then_some(()).ok_or(fault)
}

/// Whether a line may begin a message, where the framing was lost: it may lie within a string.
fn begins(side: Side, line: &[u8]) -> bool {
    match (side, header::read(line)) {
        (Side::Client, Ok((Kind::Array, Header::Values(count)))) => {
            (1..=MAX_PLAUSIBLE).contains(&count)
        }
        (Side::Client, _) | (_, Err(_)) => false,
        (Side::Server, Ok((_, Header::Text(_)))) => {
            line.iter().all(|it| !it.is_ascii_control() || b"\t\r\n".contains(it))
        }
        (Side::Server, Ok(_)) => true,
    }
}

fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
