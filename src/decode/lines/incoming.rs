//! One side of a conversation in lines: its bytes to lines and blocks, and these to messages.
//!
//! A message that lies within one piece of input is read where it is; only what a piece leaves
//! incomplete is kept.

mod damage;

use std::ops::ControlFlow::{self, Continue};

use memchr::memchr;

use super::super::block::{Behind, Block};
use super::super::cut::Cuts;
use super::super::duplex::{self, Incoming as _};
use super::super::unread::Unread;
use super::dialect::{self, Joined, Joining};
use super::fields::{CUT, Record, fill, table};
use super::pairing::Pairing;
use super::text::is_binary;
use crate::flow::Side;
use crate::message::{DecodeError, ErrorKind, Item, Marks, Message};
use crate::profile::Standard;

/// Bytes of a line, its end included. The rest of a longer one is passed over.
pub const MAX_LINE: usize = 64 << 10;

/// Bytes of a block of data that are kept.
pub const MAX_DATA: usize = 64 << 10;

/// Lines that are joined to one reply.
pub const MAX_LINES: usize = 1024;

/// Bytes of such a reply, before what its last line adds.
pub const MAX_REPLY: usize = 1 << 20;

/// Blocks that turned out not to be such, after which a side's lines announce none. Each is read
/// twice.
const MAX_UNDONE: u8 = 4;

/// Room for items and lines that is kept for the next message.
const KEPT_ITEMS: usize = 256;

/// What begins a TLS record that begins a conversation (RFC 8446 section 5.1).
const TLS: &[u8] = &[0x16, 3];

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
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
    /// In a block of data, or right behind it.
    Data(Block),
    /// Passing over what is left of a line.
    Skip { len: u64, reason: Unread },
    /// Passing over all; how much of the input so far.
    Binary { len: u64, reason: Unread },
}

/// What a side works with.
type Context<'c, 's> = duplex::Context<'c, 's, Pairing>;

impl duplex::Incoming for Incoming {
    type Shared = Pairing;

    fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Idle | State::Skip { .. } | State::Binary { .. })
    }

    fn bytes(&mut self, mut bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Idle => self.lent(bytes, cx)?,
                State::Line => self.kept(bytes, cx)?,
                State::Data(block) => self.data(block, bytes, cx)?,
                State::Skip { len, reason } => self.skip(len, reason, bytes, cx)?,
                State::Binary { len, reason } => {
                    let len = len.saturating_add(bytes.len() as u64);
                    self.state = State::Binary { len, reason };
                    bytes.len()
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        if let State::Binary { len, reason } = self.state {
            cx.output.skipped(len, reason)?;
            self.state = State::Binary { len: 0, reason };
        }
        Continue(())
    }

    fn gap(&mut self, len: u64, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        self.pass_gap(len, cx)
    }

    fn close(&mut self, clean: bool, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        self.end(clean, cx)
    }
}

impl Incoming {
    /// Reads a message where it is, unless it is not whole. The bytes taken.
    fn lent(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<(), usize> {
        let side = cx.output.side;
        let len = self.whole(side, bytes);
        if let Some(message) = len.and_then(|len| bytes.get(..len)) {
            fill(&mut self.items, side, message, &self.records);
            self.lend(message, message.len(), End::Own, cx)?;
            self.reset();
            return Continue(message.len());
        }
        self.reset();
        self.state = State::Line;
        Continue(0)
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
    fn kept(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<(), usize> {
        let begun = self.buffer.len().saturating_sub(self.pos);
        let window = bytes.get(..MAX_LINE.saturating_sub(begun)).unwrap_or(bytes);
        let end = memchr(b'\n', window).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(window.len());
        self.buffer.extend_from_slice(window.get(..taken).unwrap_or_default());
        let is_full = begun.saturating_add(taken) >= MAX_LINE;
        if (end.is_some() || is_full) && !self.turn_binary(cx)? {
            match end {
                Some(_) => self.line(cx)?,
                None => self.too_long(cx)?,
            }
        }
        Continue(taken)
    }

    /// The buffer ends with a line, its end included.
    fn line(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        let joined = self.joining.map(|it| it.next(self.under_way()));
        if joined == Some(Joined::Another) {
            self.end_reply(cx)?;
        }
        let text = self.under_way();
        let (end, announced) =
            (self.pos.saturating_add(text.len()), self.announced(cx.output.side, text));
        self.records.push(Record { line: self.pos..end, data: None });
        match announced {
            Some(len) => self.state = State::Data(Block::new(self.buffer.len(), len, MAX_DATA)),
            None => self.line_is_read(joined == Some(Joined::Last), cx)?,
        }
        Continue(())
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
    fn line_is_read(&mut self, is_last: bool, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        self.pos = self.buffer.len();
        self.state = State::Line;
        let buffer = std::mem::take(&mut self.buffer);
        let is_complete = self.is_complete(&buffer, self.pos, cx.output.side, is_last);
        self.buffer = buffer;
        if is_complete { self.message(End::Own, cx) } else { Continue(()) }
    }

    /// The line under way begins another reply: the lines before it are one.
    fn end_reply(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        let line = self.buffer.split_off(self.pos.min(self.buffer.len()));
        self.message(End::Own, cx)?;
        self.buffer = line;
        self.state = State::Line;
        Continue(())
    }

    /// Takes bytes of a block, or its CRLF. How many.
    fn data(
        &mut self,
        mut block: Block,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<(), usize> {
        let (taken, behind) = block.take(bytes, &mut self.buffer, &mut self.cuts);
        self.state = State::Data(block);
        match behind {
            Behind::Nothing => {}
            Behind::CrLf => {
                self.note_data(block);
                self.cuts.end_run();
                self.line_is_read(false, cx)?;
            }
            Behind::Other if block.is_whole() => self.undo(block, cx)?,
            Behind::Other => {
                let behind = self.buffer.split_off(block.end().min(self.buffer.len()));
                self.break_off_data(block, (ErrorKind::Malformed, "end of the data"), cx)?;
                self.bytes(&behind, cx)?;
            }
        }
        Continue(taken)
    }

    /// The last line has announced this block.
    fn note_data(&mut self, block: Block) {
        let data = block.text(&self.buffer);
        if let Some(record) = self.records.last_mut() {
            record.data = Some(data);
        }
    }

    /// The block is none: its bytes are lines.
    fn undo(&mut self, block: Block, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        let lines = self.buffer.split_off(block.start().min(self.buffer.len()));
        self.undone = self.undone.saturating_add(1);
        self.line_is_read(false, cx)?;
        self.bytes(&lines, cx)
    }

    /// Passes over what is left of a line. The bytes taken.
    fn skip(
        &mut self,
        len: u64,
        reason: Unread,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<(), usize> {
        let end = memchr(b'\n', bytes).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(bytes.len());
        let len = len.saturating_add(taken as u64);
        self.state = State::Skip { len, reason };
        if end.is_some() {
            self.state = State::Idle;
            cx.output.skipped(len, reason)?;
        }
        Continue(taken)
    }

    /// Lends the message that is kept, and forgets it.
    fn message(&mut self, end: End, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let len = narrow((buffer.len() as u64).saturating_add(self.cuts.len()));
        fill(&mut self.items, cx.output.side, &buffer, &self.records);
        self.cuts.list(CUT, &mut self.items);
        self.lend(&buffer, len, end, cx)?;
        buffer.clear();
        duplex::give_back(&mut buffer);
        self.buffer = buffer;
        self.reset();
        Continue(())
    }

    /// Lends a message whose items are listed.
    fn lend(
        &self,
        bytes: &[u8],
        len: usize,
        end: End,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        let first = self.records.first().and_then(|it| bytes.get(it.line.clone()));
        let first = first.unwrap_or_default();
        let (name, pair) = match cx.output.side {
            Side::Client => ("command", cx.shared.ask(first)),
            Side::Server => ("reply", cx.shared.answer(first)),
        };
        let error = if let End::Error(error) = end { Some(error) } else { None };
        cx.output.message(Message {
            protocol: Standard::Lines.name(),
            name,
            table: table(),
            items: &self.items,
            bytes,
            apart: self.cuts.apart(),
            len,
            trailing: 0,
            candidates: &[],
            ended_by_close: matches!(end, End::Close),
            marks: self.marks,
            request: None,
            pair,
            error,
        })
    }

    /// Forgets the message; what was learnt of the side stays.
    fn reset(&mut self) {
        self.items.clear();
        self.items.shrink_to(KEPT_ITEMS);
        self.records.clear();
        self.records.shrink_to(KEPT_ITEMS);
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
fn turns_binary(line: &[u8]) -> Option<Unread> {
    match line.starts_with(TLS) {
        true => Some(Unread::LinesTls),
        false => is_binary(line).then_some(Unread::LinesBinary),
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
