//! One side of a conversation in lines: its bytes to lines and blocks, and these to messages.
//!
//! A message that lies within one piece of input is read where it is; only what a piece leaves
//! incomplete is kept.

use memchr::memchr;

use super::super::cut::{Cuts, whole_characters};
use super::super::stream::{Output, Side};
use super::super::{DecodeError, ErrorKind, Item, Mark, Marks, Message};
use super::dialect::{self, Joined, Joining};
use super::fields::{Record, cut_node, fill, table};
use super::pairing::Pairing;
use super::text::is_binary;
use super::{MAX_DATA, MAX_LINE, MAX_LINES, MAX_REPLY, reason};

/// Blocks that turned out not to be such, after which a side's lines announce none. Each is read
/// twice.
const MAX_UNDONE: u8 = 4;

/// A side's buffer is given back to the system where it has grown beyond this, bytes.
const KEPT_CAPACITY: usize = 4096;

/// What begins a TLS record that begins a conversation (RFC 8446 section 5.1).
const TLS: &[u8] = &[0x16, 3];

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Incoming {
    /// What is kept of the message under way.
    buffer: Vec<u8>,
    /// Its lines that are complete.
    records: Vec<Record>,
    items: Vec<Item>,
    cuts: Cuts,
    state: State,
    /// How the reply goes on, once it is known to.
    joining: Option<Joining>,
    /// Where in the buffer the line under way begins.
    pos: usize,
    marks: Marks,
    undone: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    /// Between messages.
    #[default]
    Idle,
    /// In the buffer: within a line, or between the lines of a message.
    Line,
    /// In a block.
    Data { block: Block, left: u64, room: usize },
    /// Behind a block, whose kept bytes end at `end`.
    DataEnd { block: Block, end: usize },
    /// Passing over what is left of a line.
    Skip { len: u64, reason: &'static str },
    /// Passing over all; how much of the input so far.
    Binary { len: u64, reason: &'static str },
}

/// A block of data.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Block {
    /// Where it begins in the buffer.
    start: usize,
    /// All of it is kept, so that it can be read as lines yet.
    is_whole: bool,
}

/// What a side works with.
pub(super) struct Context<'c, 's> {
    pub pairing: &'c mut Pairing,
    pub output: Output<'s>,
}

impl Incoming {
    /// No message is under way.
    pub fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Idle | State::Skip { .. } | State::Binary { .. })
    }

    /// Takes the next bytes.
    pub fn bytes(&mut self, mut bytes: &[u8], cx: &mut Context<'_, '_>) {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Idle => self.lent(bytes, cx),
                State::Line => self.kept(bytes, cx),
                State::Data { block, left, room } => self.data(block, left, room, bytes),
                State::DataEnd { block, end } => self.data_end(block, end, bytes, cx),
                State::Skip { len, reason } => self.skip(len, reason, bytes, cx),
                State::Binary { len, reason } => {
                    let len = len.saturating_add(bytes.len() as u64);
                    self.state = State::Binary { len, reason };
                    bytes.len()
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        if let State::Binary { len, reason } = self.state {
            cx.output.skipped(len, reason);
            self.state = State::Binary { len: 0, reason };
        }
    }

    /// Reads a message where it is, unless it is not whole. The bytes taken.
    fn lent(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> usize {
        let side = cx.output.side;
        let len = self.whole(side, bytes);
        if let Some(message) = len.and_then(|len| bytes.get(..len)) {
            fill(&mut self.items, side, message, &self.records);
            self.lend(message, message.len(), End::Own, cx);
            self.reset();
            return message.len();
        }
        self.reset();
        self.state = State::Line;
        0
    }

    /// Notes the lines of the message that `bytes` begin with, and gives its length, if all of it
    /// is there and nothing about it is odd.
    fn whole(&mut self, side: Side, bytes: &[u8]) -> Option<usize> {
        let mut at = 0_usize;
        loop {
            let rest = bytes.get(at..)?;
            let window = rest.get(..MAX_LINE).unwrap_or(rest);
            let line = window.get(..=memchr(b'\n', window)?)?;
            let text = without_end(line);
            if turns_binary(text).is_some() {
                return None;
            }
            let joined = self.joining.map(|it| it.next(text));
            if joined == Some(Joined::Another) {
                return Some(at);
            }
            let end = at.saturating_add(text.len());
            self.records.push(Record { line: at..end, data: None });
            at = at.saturating_add(line.len());
            if let Some(len) = self.announced(side, text) {
                let len = usize::try_from(len).ok().filter(|len| *len <= MAX_DATA)?;
                let data = at..at.saturating_add(len);
                bytes.get(data.end..).filter(|it| it.starts_with(b"\r\n"))?;
                at = data.end.saturating_add(2);
                self.records.last_mut()?.data = Some(data);
            }
            if self.is_complete(bytes, at, side, joined == Some(Joined::Last)) {
                return Some(at);
            }
        }
    }

    /// Whether the lines up to `at` are a message: no more belong to it, or no more are joined.
    fn is_complete(&mut self, bytes: &[u8], at: usize, side: Side, is_last: bool) -> bool {
        if self.joining.is_none() && side == Side::Server {
            let first = self.records.first().and_then(|it| bytes.get(it.line.clone()));
            self.joining = first.and_then(dialect::joining);
        }
        let is_full = self.records.len() >= MAX_LINES || at >= MAX_REPLY;
        is_last || is_full || self.joining.is_none()
    }

    /// Takes more of a line that is kept, up to its end. The bytes taken.
    fn kept(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> usize {
        let begun = self.buffer.len().saturating_sub(self.pos);
        let window = bytes.get(..MAX_LINE.saturating_sub(begun)).unwrap_or(bytes);
        let end = memchr(b'\n', window).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(window.len());
        self.buffer.extend_from_slice(window.get(..taken).unwrap_or_default());
        let is_full = begun.saturating_add(taken) >= MAX_LINE;
        if (end.is_some() || is_full) && !self.turn_binary(cx) {
            match end {
                Some(_) => self.line(cx),
                None => self.too_long(cx),
            }
        }
        taken
    }

    /// The buffer ends with a line, its end included.
    fn line(&mut self, cx: &mut Context<'_, '_>) {
        let joined = self.joining.map(|it| it.next(self.under_way()));
        if joined == Some(Joined::Another) {
            self.end_reply(cx);
        }
        let text = self.under_way();
        let (end, announced) =
            (self.pos.saturating_add(text.len()), self.announced(cx.output.side, text));
        self.records.push(Record { line: self.pos..end, data: None });
        match announced {
            Some(left) => self.begin_data(left),
            None => self.line_is_read(joined == Some(Joined::Last), cx),
        }
    }

    /// The line at the end of the buffer, without its own end.
    fn under_way(&self) -> &[u8] {
        without_end(self.buffer.get(self.pos..).unwrap_or_default())
    }

    fn announced(&self, side: Side, line: &[u8]) -> Option<u64> {
        dialect::announced(side, line).filter(|_| self.undone < MAX_UNDONE)
    }

    /// A line, with the block that it announced, is complete: so is the message, unless more lines
    /// belong to it.
    fn line_is_read(&mut self, is_last: bool, cx: &mut Context<'_, '_>) {
        self.pos = self.buffer.len();
        self.state = State::Line;
        let buffer = std::mem::take(&mut self.buffer);
        let is_complete = self.is_complete(&buffer, self.pos, cx.output.side, is_last);
        self.buffer = buffer;
        if is_complete {
            self.message(End::Own, cx);
        }
    }

    /// The line under way begins another reply: the lines before it are one.
    fn end_reply(&mut self, cx: &mut Context<'_, '_>) {
        let line = self.buffer.split_off(self.pos.min(self.buffer.len()));
        self.message(End::Own, cx);
        self.buffer = line;
        self.state = State::Line;
    }

    fn begin_data(&mut self, left: u64) {
        let block = Block { start: self.buffer.len(), is_whole: true };
        self.state = match left {
            0 => State::DataEnd { block, end: block.start },
            _ => State::Data { block, left, room: MAX_DATA },
        };
    }

    /// Takes bytes of a block. How many.
    fn data(&mut self, block: Block, left: u64, room: usize, bytes: &[u8]) -> usize {
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let taken = bytes.get(..len).unwrap_or(bytes);
        let (kept, cut) = taken.split_at_checked(room).unwrap_or((taken, &[]));
        self.buffer.extend_from_slice(kept);
        self.cuts.bytes(self.buffer.len(), cut);
        let block = Block { is_whole: block.is_whole && cut.is_empty(), ..block };
        let room = room.saturating_sub(kept.len());
        self.data_is_known_to(block, left.saturating_sub(len as u64), room);
        len
    }

    fn data_is_known_to(&mut self, block: Block, left: u64, room: usize) {
        self.state = match left {
            0 => State::DataEnd { block, end: self.buffer.len() },
            _ => State::Data { block, left, room },
        };
    }

    /// Takes the CRLF behind a block. The bytes taken.
    fn data_end(
        &mut self,
        block: Block,
        end: usize,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> usize {
        let begun = self.buffer.len().saturating_sub(end);
        let taken = bytes.get(..2_usize.saturating_sub(begun)).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        let behind = self.buffer.get(end..).unwrap_or_default();
        if behind == b"\r\n" {
            self.data_is_read(block, end, cx);
        } else if !b"\r\n".starts_with(behind) {
            if block.is_whole {
                self.undo(block, cx);
            } else {
                let behind = self.buffer.split_off(end.min(self.buffer.len()));
                self.break_off_data(block, (ErrorKind::Malformed, "end of the data"), cx);
                self.bytes(&behind, cx);
            }
        }
        taken.len()
    }

    fn data_is_read(&mut self, block: Block, end: usize, cx: &mut Context<'_, '_>) {
        self.note_data(block, end);
        self.cuts.end_run();
        self.line_is_read(false, cx);
    }

    /// The block's kept bytes end at `end`.
    fn note_data(&mut self, block: Block, end: usize) {
        let kept = self.buffer.get(block.start..end).unwrap_or_default();
        let len = if block.is_whole { kept.len() } else { whole_characters(kept) };
        if let Some(record) = self.records.last_mut() {
            record.data = Some(block.start..block.start.saturating_add(len));
        }
    }

    /// The message ends within its block, or behind it.
    fn break_off_data(
        &mut self,
        block: Block,
        (kind, context): (ErrorKind, &'static str),
        cx: &mut Context<'_, '_>,
    ) {
        self.note_data(block, self.buffer.len());
        self.break_off(kind, context, cx);
    }

    /// The block is none: its bytes are lines.
    fn undo(&mut self, block: Block, cx: &mut Context<'_, '_>) {
        let lines = self.buffer.split_off(block.start.min(self.buffer.len()));
        self.undone = self.undone.saturating_add(1);
        self.line_is_read(false, cx);
        self.bytes(&lines, cx);
    }

    /// Passes over what is left of a line. The bytes taken.
    fn skip(
        &mut self,
        len: u64,
        reason: &'static str,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> usize {
        let end = memchr(b'\n', bytes).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(bytes.len());
        let len = len.saturating_add(taken as u64);
        self.state = State::Skip { len, reason };
        if end.is_some() {
            self.state = State::Idle;
            cx.output.skipped(len, reason);
        }
        taken
    }

    /// The line under way is longer than any may be.
    fn too_long(&mut self, cx: &mut Context<'_, '_>) {
        if self.joining.is_some_and(|it| it.next(self.under_way()) == Joined::Another) {
            self.end_reply(cx);
        }
        self.records.push(Record { line: self.pos..self.buffer.len(), data: None });
        self.break_off(ErrorKind::Limit, "bytes of a line", cx);
        self.state = State::Skip { len: 0, reason: reason::TOO_LONG };
    }

    /// Whether the line under way is none, and the side no longer one of lines.
    fn turn_binary(&mut self, cx: &mut Context<'_, '_>) -> bool {
        let Some(reason) = turns_binary(self.under_way()) else { return false };
        let len = self.buffer.len().saturating_sub(self.pos);
        self.buffer.truncate(self.pos);
        if !self.records.is_empty() {
            self.message(End::Own, cx);
        }
        self.reset();
        self.state = State::Binary { len: len as u64, reason };
        true
    }

    /// Bytes that are not known.
    pub fn gap(&mut self, len: u64, cx: &mut Context<'_, '_>) {
        match self.state {
            State::Binary { .. } => return,
            State::Data { block, left, .. } if len <= left => {
                // Which bytes they are is all that is not known.
                self.marks.insert(Mark::Gap);
                self.cuts.gap(self.buffer.len(), len);
                let block = Block { is_whole: false, ..block };
                self.data_is_known_to(block, left.saturating_sub(len), 0);
                return;
            }
            State::Data { block, .. } | State::DataEnd { block, .. } => {
                self.marks.insert(Mark::Gap);
                self.break_off_data(block, (ErrorKind::Short, "data"), cx);
                self.skip_behind_gap(0);
            }
            State::Idle => self.skip_behind_gap(0),
            State::Skip { len, .. } => self.skip_behind_gap(len),
            State::Line => {
                let len = self.buffer.len().saturating_sub(self.pos);
                self.buffer.truncate(self.pos);
                if !self.records.is_empty() {
                    self.marks.insert(Mark::Gap);
                    self.message(End::Own, cx);
                }
                self.reset();
                self.skip_behind_gap(len as u64);
            }
        }
        cx.pairing.lose();
    }

    fn skip_behind_gap(&mut self, len: u64) {
        self.state = State::Skip { len, reason: reason::GAP };
    }

    /// The side sends no more.
    pub fn close(&mut self, clean: bool, cx: &mut Context<'_, '_>) {
        match self.state {
            State::Idle | State::Binary { .. } => {}
            State::Skip { len, reason } => cx.output.skipped(len, reason),
            State::Data { block, .. } | State::DataEnd { block, .. } if block.is_whole => {
                self.undo(block, cx);
                return self.close(clean, cx);
            }
            State::Data { block, .. } | State::DataEnd { block, .. } => {
                self.break_off_data(block, (ErrorKind::Short, "data"), cx);
            }
            State::Line if self.buffer.len() > self.pos => {
                if !self.turn_binary(cx) {
                    self.close_line(clean, cx);
                }
                if let State::Binary { len, reason } = self.state {
                    cx.output.skipped(len, reason);
                }
            }
            // A line that looked as if others were to follow is one by itself.
            State::Line if self.records.len() == 1 => self.message(End::Own, cx),
            State::Line if !self.records.is_empty() => {
                self.break_off(ErrorKind::Short, "last line of the reply", cx);
            }
            State::Line => {}
        }
        self.reset();
    }

    /// The close ends the line under way.
    fn close_line(&mut self, clean: bool, cx: &mut Context<'_, '_>) {
        if self.joining.is_some_and(|it| it.next(self.under_way()) == Joined::Another) {
            self.end_reply(cx);
        }
        let end = self.pos.saturating_add(self.under_way().len());
        self.records.push(Record { line: self.pos..end, data: None });
        match clean {
            true => self.message(End::Close, cx),
            false => self.break_off(ErrorKind::Short, "line end", cx),
        }
    }

    /// The message ends before it is complete, or cannot be read on.
    fn break_off(&mut self, kind: ErrorKind, context: &'static str, cx: &mut Context<'_, '_>) {
        self.marks.insert(Mark::CutShort);
        let offset = narrow((self.buffer.len() as u64).saturating_add(self.cuts.len()));
        self.message(End::Error(DecodeError { offset, context, kind }), cx);
    }

    /// Lends the message that is kept, and forgets it.
    fn message(&mut self, end: End, cx: &mut Context<'_, '_>) {
        let mut buffer = std::mem::take(&mut self.buffer);
        let len = narrow((buffer.len() as u64).saturating_add(self.cuts.len()));
        fill(&mut self.items, cx.output.side, &buffer, &self.records);
        self.cuts.list(cut_node(), &mut self.items, &mut buffer);
        self.lend(&buffer, len, end, cx);
        if buffer.capacity() <= KEPT_CAPACITY {
            buffer.clear();
            self.buffer = buffer;
        }
        self.reset();
    }

    /// Lends a message whose items are listed.
    fn lend(&self, bytes: &[u8], len: usize, end: End, cx: &mut Context<'_, '_>) {
        let first = self.records.first().and_then(|it| bytes.get(it.line.clone()));
        let first = first.unwrap_or_default();
        let (name, pair) = match cx.output.side {
            Side::Client => ("command", cx.pairing.ask(first)),
            Side::Server => ("reply", cx.pairing.answer(first)),
        };
        let error = if let End::Error(error) = end { Some(error) } else { None };
        cx.output.message(Message {
            protocol: "lines",
            name,
            table: table(),
            items: &self.items,
            bytes,
            len,
            trailing: 0,
            candidates: &[],
            ended_by_close: matches!(end, End::Close),
            marks: self.marks,
            request: None,
            pair,
            error,
        });
    }

    /// Forgets the message; what was learnt of the side stays.
    fn reset(&mut self) {
        self.records.clear();
        self.cuts.clear();
        self.buffer.clear();
        self.state = State::Idle;
        self.joining = None;
        self.pos = 0;
        self.marks = Marks::default();
    }
}

/// How a message ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// As it should.
    Own,
    /// By the close, within its line.
    Close,
    Error(DecodeError<'static>),
}

/// Why a side is passed over that goes on with this line.
fn turns_binary(line: &[u8]) -> Option<&'static str> {
    match line.starts_with(TLS) {
        true => Some(reason::TLS),
        false => is_binary(line).then_some(reason::BINARY),
    }
}

/// A line without its LF or CRLF.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
