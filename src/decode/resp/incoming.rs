//! One side of a RESP conversation: its bytes to lines and strings, and these to a message.
//!
//! A message that lies within one piece of input is read where it is. Only what a piece leaves
//! incomplete is kept: [`MAX_LINE`] bytes of a line, [`MAX_STRING`] of a string and [`MAX_KEPT`]
//! of a message. The rest passes by and is digested.

mod damage;

use std::ops::ControlFlow::{self, Continue};

use memchr::memchr;

use super::super::block::{Behind, Block};
use super::super::cut::Cuts;
use super::super::duplex;
use super::super::unread::Unread;
use super::fields::{CUT, table};
use super::header::{Kind, LineFault};
use super::pairing::Pairing;
use super::reading::{Next, Reading};
use crate::flow::Side;
use crate::message::{DecodeError, ErrorKind, Marks, Message};
use crate::profile::Standard;

/// Bytes of a line, as Redis bounds what it reads as one.
pub const MAX_LINE: usize = 64 << 10;

/// Bytes of a string that are kept.
pub const MAX_STRING: usize = 64 << 10;

/// Bytes of a message that are kept, before what its last line or string adds.
pub const MAX_KEPT: usize = 1 << 20;

/// What is known of one side.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
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
    /// In a string, or right behind it.
    String(Block),
    /// Looking for a message: what was passed over, and whether in the middle of a line.
    Lost { len: u64, is_within_line: bool, reason: Unread },
}

/// What a side works with.
type Context<'c, 's> = duplex::Context<'c, 's, Pairing>;

impl duplex::Incoming for Incoming {
    type Shared = Pairing;

    fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Idle | State::Lost { .. })
    }

    fn bytes(&mut self, mut bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        while !bytes.is_empty() || self.is_complete() {
            let taken = match self.state {
                State::Idle => self.lent(bytes, cx)?,
                State::Kept => self.kept(bytes, cx)?,
                State::String(block) => self.string(block, bytes, cx)?,
                State::Lost { .. } => self.lost(bytes, cx)?,
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Continue(())
    }

    fn gap(&mut self, len: u64, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        self.pass_gap(len, cx)
    }

    fn close(&mut self, _clean: bool, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        self.end(cx)
    }
}

impl Incoming {
    /// The message is complete, and was not lent yet; or its string is empty.
    fn is_complete(&self) -> bool {
        self.state == State::Kept && self.reading.next == Next::Done
    }

    /// Reads a message where it is; keeps what is read if it is not whole. The bytes taken.
    fn lent(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<(), usize> {
        let side = cx.output.side;
        loop {
            let pos = self.pos;
            let rest = bytes.get(pos..).unwrap_or_default();
            let found = match self.reading.next {
                Next::Done => {
                    self.lend(bytes.get(..pos).unwrap_or(bytes), None, cx)?;
                    self.reset();
                    return Continue(pos);
                }
                _ if self.is_full() => None,
                Next::Line => {
                    let window = rest.get(..MAX_LINE).unwrap_or(rest);
                    memchr(b'\n', window).map(|at| pos.saturating_add(at).saturating_add(1))
                }
                Next::String(len) => string_end(len, rest).map(|it| pos.saturating_add(it)),
            };
            let Some(end) = found else { return Continue(self.keep(bytes)) };
            self.pos = end;
            let read = match self.reading.next {
                Next::String(_) if bytes.get(..end).is_some_and(|it| it.ends_with(b"\r\n")) => {
                    self.reading.string(side, &(pos..end.saturating_sub(2)), end);
                    Ok(())
                }
                Next::String(_) => Err(NO_END),
                _ => self.reading.line(side, bytes, pos..end),
            };
            if let Err(fault) = read {
                self.fail(bytes.get(..end).unwrap_or(bytes), pos, fault, cx)?;
                return Continue(end);
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
    fn kept(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> ControlFlow<(), usize> {
        match self.reading.next {
            Next::Done => {
                let buffer = std::mem::take(&mut self.buffer);
                self.lend_kept(&buffer, None, cx)?;
                self.give_back(buffer);
                self.reset();
                return Continue(0);
            }
            Next::String(left) => {
                let start = self.start_token();
                let room = if self.reading.is_thin { 0 } else { MAX_STRING };
                self.state = State::String(Block::new(start, left, room));
                return Continue(0);
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
            self.line(cx)?;
        } else if begun.saturating_add(taken) >= MAX_LINE {
            let fault = LineFault { offset: 0, context: "bytes of a line", kind: ErrorKind::Limit };
            self.fail_kept(self.pos, fault, cx)?;
        }
        Continue(taken)
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
    fn line(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        let line = self.pos..self.buffer.len();
        let read = self.reading.line(cx.output.side, &self.buffer, line.clone());
        match read {
            Ok(()) => {
                self.token_is_read(line.end);
                Continue(())
            }
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

    /// Takes bytes of a string, or its CRLF. How many.
    fn string(
        &mut self,
        mut block: Block,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<(), usize> {
        let (taken, behind) = block.take(bytes, &mut self.buffer, &mut self.cuts);
        self.state = State::String(block);
        match behind {
            Behind::Nothing => {}
            Behind::CrLf => {
                let end = self.buffer.len();
                self.reading.string(cx.output.side, &block.text(&self.buffer), end);
                if !self.reading.is_thin {
                    self.cuts.end_run();
                }
                self.token_is_read(end);
            }
            Behind::Other => self.fail_kept(block.start(), NO_END, cx)?,
        }
        Continue(taken)
    }

    /// Lends a message that was kept, with what was cut from it.
    fn lend_kept(
        &mut self,
        buffer: &[u8],
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        let len = (buffer.len() as u64).saturating_add(self.cuts.len());
        self.cuts.list(CUT, &mut self.reading.items);
        self.lend_of(buffer, narrow(len), error, cx)
    }

    fn lend(
        &mut self,
        bytes: &[u8],
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        self.lend_of(bytes, bytes.len(), error, cx)
    }

    fn lend_of(
        &mut self,
        bytes: &[u8],
        len: usize,
        error: Option<DecodeError<'static>>,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        let items = &self.reading.items;
        if items.is_empty() {
            // An empty command, which a server passes over.
            return cx.output.skipped(len as u64, Unread::RespEmpty);
        }
        let (name, pair) = match cx.output.side {
            Side::Client => ("command", cx.shared.ask(items, bytes)),
            Side::Server => {
                let kind = self.reading.kind.unwrap_or(Kind::Attribute);
                ("reply", cx.shared.answer(kind, items, bytes))
            }
        };
        cx.output.message(Message {
            protocol: Standard::Resp.name(),
            name,
            table: table(),
            items,
            bytes,
            apart: self.cuts.apart(),
            len,
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: self.marks,
            request: None,
            pair,
            error,
        })
    }

    fn reset(&mut self) {
        self.reading.clear();
        self.cuts.clear();
        self.state = State::Idle;
        self.pos = 0;
        self.marks = Marks::default();
    }

    fn give_back(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        duplex::give_back(&mut buffer);
        self.buffer = buffer;
    }
}

/// Behind a string stands something else than CRLF.
const NO_END: LineFault =
    LineFault { offset: 0, context: "end of a string", kind: ErrorKind::Malformed };

/// Where a string of so many bytes and its CRLF end, if they are there and all are kept.
fn string_end(len: u64, rest: &[u8]) -> Option<usize> {
    let len = usize::try_from(len).ok().filter(|len| *len <= MAX_STRING)?;
    let end = len.saturating_add(2);
    (end <= rest.len()).then_some(end)
}

fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
