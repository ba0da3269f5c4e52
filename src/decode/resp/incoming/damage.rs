//! What ends a message before its own end, and how the next one is found: gaps, closes, and what
//! cannot be read.

use std::ops::ControlFlow::{self, Continue};

use memchr::memchr;

use super::super::super::unread::Unread;
use super::super::header::{self, Header, Kind, LineFault};
use super::super::reading::Next;
use super::{Context, Incoming, MAX_LINE, State, narrow};
use crate::flow::Side;
use crate::message::{DecodeError, ErrorKind, Mark};

/// Elements of a command that is taken for one where the framing was lost.
const MAX_PLAUSIBLE: u64 = 1 << 20;

impl Incoming {
    /// Bytes that are not known.
    pub(super) fn pass_gap(&mut self, len: u64, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        if let (State::Kept, Next::String(_)) = (self.state, self.reading.next) {
            self.kept(&[], cx)?;
        }
        if let State::String(mut block) = self.state
            && block.gap(len, &mut self.cuts)
        {
            self.marks.insert(Mark::Gap);
            self.state = State::String(block);
            return Continue(());
        }
        match self.state {
            State::Idle => self.lose(Unread::RespGap),
            State::Lost { len, .. } => {
                let len = len.saturating_add(self.buffer.len() as u64);
                self.buffer.clear();
                self.state = State::Lost { len, is_within_line: false, reason: Unread::RespGap };
            }
            _ => {
                self.marks.insert(Mark::Gap);
                self.break_off(cx)?;
                self.lose(Unread::RespGap);
            }
        }
        cx.shared.lose();
        Continue(())
    }

    /// The side sends no more.
    pub(super) fn end(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        match self.state {
            State::Idle => {}
            State::Lost { len, reason, .. } => {
                cx.output.skipped(len.saturating_add(self.buffer.len() as u64), reason)?;
                self.buffer.clear();
                self.reset();
            }
            _ => {
                self.break_off(cx)?;
                self.reset();
            }
        }
        Continue(())
    }

    /// The message ends before it is complete.
    fn break_off(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        if self.is_complete() {
            return self.kept(&[], cx).map_continue(|_| ());
        }
        let context = match self.state {
            State::String(_) => "string",
            _ if self.buffer.len() > self.pos => "line",
            _ => "elements",
        };
        self.marks.insert(Mark::CutShort);
        if self.reading.is_at_start() {
            // What there is of its first line tells the kind at least.
            _ = self.reading.line(cx.output.side, &self.buffer, 0..self.buffer.len().min(1));
        }
        let buffer = std::mem::take(&mut self.buffer);
        let offset = (buffer.len() as u64).saturating_add(self.cuts.len());
        let error = DecodeError { offset: narrow(offset), context, kind: ErrorKind::Short };
        self.reading.abandon(buffer.len());
        self.lend_kept(&buffer, Some(error), cx)?;
        self.give_back(buffer);
        Continue(())
    }

    fn lose(&mut self, reason: Unread) {
        self.reset();
        self.state = State::Lost { len: 0, is_within_line: false, reason };
    }

    /// What is kept cannot be read on, from the line or string on that begins at `from`.
    pub(super) fn fail_kept(
        &mut self,
        from: usize,
        fault: LineFault,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.fail_at(from, fault, buffer.len(), cx, |it, error, cx| {
            it.lend_kept(&buffer, error, cx)
        })?;
        self.give_back(buffer);
        Continue(())
    }

    pub(super) fn fail(
        &mut self,
        bytes: &[u8],
        from: usize,
        fault: LineFault,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        self.fail_at(from, fault, bytes.len(), cx, |it, error, cx| it.lend(bytes, error, cx))
    }

    fn fail_at(
        &mut self,
        from: usize,
        fault: LineFault,
        len: usize,
        cx: &mut Context<'_, '_>,
        lend: impl FnOnce(
            &mut Self,
            Option<DecodeError<'static>>,
            &mut Context<'_, '_>,
        ) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let dropped = self.cuts.len();
        let offset = (from.saturating_add(fault.offset) as u64).saturating_add(dropped);
        let error =
            DecodeError { offset: narrow(offset), context: fault.context, kind: fault.kind };
        let passed_over = if self.reading.is_at_start() { len as u64 } else { 0 };
        if passed_over == 0 {
            self.reading.abandon(len);
            lend(self, Some(error), cx)?;
        }
        let is_within_line = fault.kind == ErrorKind::Limit && fault.context == "bytes of a line";
        self.reset();
        let reason = Unread::RespResync;
        self.state = State::Lost { len: passed_over, is_within_line, reason };
        cx.shared.lose();
        Continue(())
    }

    /// Looks for a message, line by line. The bytes taken.
    pub(super) fn lost(
        &mut self,
        bytes: &[u8],
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<(), usize> {
        let State::Lost { len, is_within_line, reason } = self.state else {
            return Continue(bytes.len());
        };
        let window = bytes.get(..MAX_LINE.saturating_sub(self.buffer.len())).unwrap_or(bytes);
        let end = memchr(b'\n', window).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(window.len());
        self.buffer.extend_from_slice(window.get(..taken).unwrap_or_default());
        let is_full = self.buffer.len() >= MAX_LINE;
        if end.is_none() && !is_full {
            return Continue(taken);
        }
        if end.is_some() && !is_within_line && begins(cx.output.side, &self.buffer) {
            cx.output.skipped(len, reason)?;
            self.state = State::Kept;
            self.line(cx)?;
            return Continue(taken);
        }
        let len = len.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        self.state = State::Lost { len, is_within_line: end.is_none(), reason };
        Continue(taken)
    }
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
