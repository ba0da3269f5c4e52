//! What ends a message or a line before its own end: gaps, closes, bounds, and data that is no text.

use std::ops::ControlFlow::{self, Continue};

use super::super::super::block::Block;
use super::super::super::unread::Unread;
use super::super::dialect::Joined;
use super::super::fields::Record;
use super::{Context, End, Incoming, State, narrow, turns_binary};
use crate::message::{DecodeError, ErrorKind, Mark};

impl Incoming {
    /// Bytes that are not known.
    pub(super) fn pass_gap(&mut self, len: u64, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        if let State::Data(mut block) = self.state
            && block.gap(len, &mut self.cuts)
        {
            self.marks.insert(Mark::Gap);
            self.state = State::Data(block);
            return Continue(());
        }
        match self.state {
            State::Binary { .. } => return Continue(()),
            State::Data(block) => {
                self.marks.insert(Mark::Gap);
                self.break_off_data(block, (ErrorKind::Short, "data"), cx)?;
                self.skip_behind_gap(0);
            }
            State::Idle => self.skip_behind_gap(0),
            State::Skip { len, .. } => self.skip_behind_gap(len),
            State::Line => {
                let len = self.buffer.len().saturating_sub(self.pos);
                self.buffer.truncate(self.pos);
                if !self.records.is_empty() {
                    self.marks.insert(Mark::Gap);
                    self.message(End::Own, cx)?;
                }
                self.reset();
                self.skip_behind_gap(len as u64);
            }
        }
        cx.shared.lose();
        Continue(())
    }

    fn skip_behind_gap(&mut self, len: u64) {
        self.state = State::Skip { len, reason: Unread::LineGap };
    }

    /// The side sends no more.
    pub(super) fn end(&mut self, clean: bool, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        match self.state {
            State::Idle | State::Binary { .. } => {}
            State::Skip { len, reason } => cx.output.skipped(len, reason)?,
            State::Data(block) if block.is_whole() => {
                self.undo(block, cx)?;
                return self.end(clean, cx);
            }
            State::Data(block) => {
                self.break_off_data(block, (ErrorKind::Short, "data"), cx)?;
            }
            State::Line if self.buffer.len() > self.pos => {
                if !self.turn_binary(cx)? {
                    self.close_line(clean, cx)?;
                }
                if let State::Binary { len, reason } = self.state {
                    cx.output.skipped(len, reason)?;
                }
            }
            // A line that looked as if others were to follow is one by itself.
            State::Line if self.records.len() == 1 => self.message(End::Own, cx)?,
            State::Line if !self.records.is_empty() => {
                self.break_off(ErrorKind::Short, "last line of the reply", cx)?;
            }
            State::Line => {}
        }
        self.reset();
        Continue(())
    }

    /// The close ends the line under way.
    fn close_line(&mut self, clean: bool, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        if self.joining.is_some_and(|it| it.next(self.under_way()) == Joined::Another) {
            self.end_reply(cx)?;
        }
        let end = self.pos.saturating_add(self.under_way().len());
        self.records.push(Record { line: self.pos..end, data: None });
        match clean {
            true => self.message(End::Close, cx),
            false => self.break_off(ErrorKind::Short, "line end", cx),
        }
    }

    /// The line under way is longer than any may be.
    pub(super) fn too_long(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<()> {
        if self.joining.is_some_and(|it| it.next(self.under_way()) == Joined::Another) {
            self.end_reply(cx)?;
        }
        self.records.push(Record { line: self.pos..self.buffer.len(), data: None });
        self.break_off(ErrorKind::Limit, "bytes of a line", cx)?;
        self.state = State::Skip { len: 0, reason: Unread::LineTooLong };
        Continue(())
    }

    /// Whether the line under way is none, and the side no longer one of lines.
    pub(super) fn turn_binary(&mut self, cx: &mut Context<'_, '_>) -> ControlFlow<(), bool> {
        let Some(reason) = turns_binary(self.under_way()) else { return Continue(false) };
        let len = self.buffer.len().saturating_sub(self.pos);
        self.buffer.truncate(self.pos);
        if !self.records.is_empty() {
            self.message(End::Own, cx)?;
        }
        self.reset();
        self.state = State::Binary { len: len as u64, reason };
        Continue(true)
    }

    /// The message ends within its block, or behind it.
    pub(super) fn break_off_data(
        &mut self,
        block: Block,
        (kind, context): (ErrorKind, &'static str),
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        self.note_data(block);
        self.break_off(kind, context, cx)
    }

    /// The message ends before it is complete, or cannot be read on.
    fn break_off(
        &mut self,
        kind: ErrorKind,
        context: &'static str,
        cx: &mut Context<'_, '_>,
    ) -> ControlFlow<()> {
        self.marks.insert(Mark::CutShort);
        let offset = narrow((self.buffer.len() as u64).saturating_add(self.cuts.len()));
        self.message(End::Error(DecodeError { offset, context, kind }), cx)
    }
}
