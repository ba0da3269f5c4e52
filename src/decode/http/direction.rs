//! One side of an HTTP conversation: where in a message its next byte lies.

use std::ops::ControlFlow::{self, Continue};

use super::super::framing_fault::FramingFault;
use super::super::unread::Unread;
use super::Context;
use super::chunked::{Chunked, Chunking};
use super::current::{Current, Line};
use super::framing::Body;
use super::method::has_method;
use super::start_line::{self, StartLine};
use crate::flow::Side;
use crate::message::{ErrorKind, Mark};

const STATUS_PREFIX: &[u8] = b"HTTP/1.";

/// One side.
#[derive(Debug, Default)]
pub(super) struct Direction {
    state: State,
    current: Current,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Between messages, or within a start line.
    #[default]
    Start,
    /// In a line of unknown origin; the framing is lost.
    Lost,
    /// Behind a line that is no request line, up to an empty line or an answer.
    Rest,
    /// Behind the start line.
    Head,
    /// Behind a request without a version, after which an empty line may come. Its CR was seen.
    Blank {
        cr: bool,
    },
    /// So many bytes of the body are left.
    Length(u64),
    Chunks(Chunked),
    Trailers,
    UntilClose,
}

impl Direction {
    /// Takes the side's next bytes.
    pub fn bytes(&mut self, mut bytes: &[u8], cx: &mut Context<'_>) -> ControlFlow<()> {
        while !bytes.is_empty() {
            bytes = self.step(bytes, cx)?;
        }
        Continue(())
    }

    /// Takes the first of the side's next bytes, at least one; gives back the rest, and whether they
    /// were of a field line of a head.
    #[cfg(feature = "replay")]
    pub fn take<'a>(
        &mut self,
        bytes: &'a [u8],
        cx: &mut Context<'_>,
    ) -> ControlFlow<(), (&'a [u8], bool)> {
        let mut rest = bytes;
        let mut is_field = false;
        while !bytes.is_empty() && rest.len() == bytes.len() {
            is_field = matches!(self.state, State::Head);
            rest = self.step(rest, cx)?;
        }
        Continue((rest, is_field))
    }

    /// A request without a version was seen; an empty line may still belong to it.
    pub fn may_go_on_blank(&self) -> bool {
        matches!(self.state, State::Blank { .. })
    }

    /// Another conversation begins; memory is kept.
    pub fn reset(&mut self) {
        self.state = State::Start;
        self.current.reset();
    }

    /// Nothing of a message is known yet.
    pub fn is_between_messages(&self) -> bool {
        let is_between = matches!(self.state, State::Start | State::Lost | State::Rest);
        is_between && self.current.head.is_empty()
    }

    /// What it sends next may wait until a 100 asks for it.
    pub fn awaits_continue(&self) -> bool {
        self.current.awaits_continue()
    }

    /// The other side speaks: a request without a version is complete, and so is one that is none.
    pub fn answered(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        match self.state {
            State::Blank { .. } => self.finish(cx),
            State::Rest => {
                self.state = State::Start;
                self.drop_line(Unread::HttpResync, cx)
            }
            _ => Continue(()),
        }
    }

    /// Takes the end of the side's bytes.
    pub fn close(&mut self, clean: bool, cx: &mut Context<'_>) -> ControlFlow<()> {
        if self.may_be_simple(cx) && !self.current.head.is_empty() {
            self.begin_simple_response(cx)?;
        }
        match self.state {
            State::Start => self.close_line(cx),
            State::Lost | State::Rest => self.drop_line(Unread::HttpResync, cx),
            State::Blank { .. } => self.finish(cx),
            State::UntilClose if clean => self.finish(cx),
            State::Head => self.break_off("headers", Mark::CutShort, cx),
            State::Length(_) => self.end_body("body", FramingFault::BodyTooShort, clean, cx),
            State::Chunks(_) => self.end_body("body", FramingFault::ChunksUnfinished, clean, cx),
            State::Trailers => self.end_body("trailers", FramingFault::ChunksUnfinished, clean, cx),
            State::UntilClose => self.break_off("body", Mark::CutShort, cx),
        }?;
        self.state = State::Start;
        Continue(())
    }

    /// The end comes within a line that was to be a start line.
    fn close_line(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        let line = &self.current.head;
        if line.is_empty() {
            return Continue(());
        }
        let is_status = STATUS_PREFIX.starts_with(line) || line.starts_with(STATUS_PREFIX);
        match cx.side {
            Side::Client if cx.pairing.tunnel.is_none() && self.is_request(cx) => {
                self.current.mark(Mark::CutShort);
                self.current.abandon(cx)
            }
            Side::Server if !is_status => {
                let reason = self.reason_behind().unwrap_or(Unread::HttpCutShort);
                self.drop_line(reason, cx)
            }
            _ => self.drop_line(Unread::HttpCutShort, cx),
        }
    }

    /// The end comes within a body; its sender is to blame where it closed by itself.
    fn end_body(
        &mut self,
        context: &'static str,
        fault: FramingFault,
        clean: bool,
        cx: &mut Context<'_>,
    ) -> ControlFlow<()> {
        if clean {
            self.current.misframed(fault);
        }
        self.break_off(context, Mark::CutShort, cx)
    }

    /// Passes over bytes that are not known.
    pub fn gap(&mut self, len: u64, cx: &mut Context<'_>) -> ControlFlow<()> {
        if let State::Blank { .. } = self.state {
            self.finish(cx)?;
        }
        if self.may_be_simple(cx) {
            self.begin_simple_response(cx)?;
        }
        match self.state {
            State::Start | State::Lost | State::Rest | State::Blank { .. } => {
                let tunnel = cx.pairing.tunnel;
                self.drop_line(tunnel.unwrap_or(Unread::HttpResync), cx)?;
                self.lose(len, tunnel.unwrap_or(Unread::HttpGap), cx)
            }
            State::UntilClose => self.current.body_gap(len, cx),
            State::Length(left) => {
                let within = len.min(left);
                self.current.body_gap(within, cx)?;
                self.body_is_known_to(left.saturating_sub(within), cx)?;
                match len > within {
                    true => self.lose(len.saturating_sub(within), Unread::HttpGap, cx),
                    false => Continue(()),
                }
            }
            State::Chunks(mut chunked) => {
                if chunked.gap(len) {
                    self.state = State::Chunks(chunked);
                    self.current.body_gap(len, cx)
                } else {
                    self.break_off("body", Mark::Gap, cx)?;
                    self.lose(len, Unread::HttpGap, cx)
                }
            }
            State::Head | State::Trailers => {
                let is_head = matches!(self.state, State::Head);
                self.break_off(if is_head { "headers" } else { "trailers" }, Mark::Gap, cx)?;
                self.lose(len, Unread::HttpGap, cx)
            }
        }
    }

    /// Takes at least one of the bytes, or changes the state; gives back the rest.
    pub fn step<'a>(&mut self, bytes: &'a [u8], cx: &mut Context<'_>) -> ControlFlow<(), &'a [u8]> {
        match self.state {
            State::Start | State::Lost | State::Rest if cx.pairing.tunnel.is_some() => {
                self.tunnel(bytes, cx)
            }
            State::Start => self.start(bytes, cx),
            State::Lost | State::Rest => self.resume(bytes, cx),
            State::Head => self.head(bytes, cx),
            State::Blank { cr } => self.blank(cr, bytes, cx),
            State::Length(left) => {
                let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                let (body, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
                self.current.body(body, cx)?;
                self.body_is_known_to(left.saturating_sub(len as u64), cx)?;
                Continue(rest)
            }
            State::Chunks(chunked) => self.chunks(chunked, bytes, cx),
            State::Trailers => self.trailers(bytes, cx),
            State::UntilClose => {
                self.current.body(bytes, cx)?;
                Continue(&[])
            }
        }
    }

    /// Collects a start line.
    fn start<'a>(
        &mut self,
        mut bytes: &'a [u8],
        cx: &mut Context<'_>,
    ) -> ControlFlow<(), &'a [u8]> {
        let may_be_simple = cx.side == Side::Server && cx.pairing.expects_simple();
        if self.may_be_simple(cx) {
            let room = STATUS_PREFIX.len().saturating_sub(self.current.head.len());
            bytes = self.current.append(bytes, room);
            if !STATUS_PREFIX.starts_with(&self.current.head) {
                self.begin_simple_response(cx)?;
                return Continue(bytes);
            }
        } else if self.current.head.is_empty() {
            // Empty lines before a message are ignored (RFC 9112 section 2.2).
            bytes = trim_line_ends(bytes);
        }
        let (rest, line) = self.current.collect(bytes);
        let found = match line {
            Line::Part => return Continue(rest),
            Line::Whole | Line::Blank => start_line::classify(cx.side, &self.current.head),
            Line::Full => None,
        };
        match found {
            Some(StartLine::Simple) => {
                self.current.begin_simple_request(cx);
                self.state = State::Blank { cr: false };
            }
            Some(StartLine::Request | StartLine::Status) => self.state = State::Head,
            None if may_be_simple => self.begin_simple_response(cx)?,
            None => self.unrecognised(line, cx)?,
        }
        Continue(rest)
    }

    /// A line that is no start line stands where one must: it is taken for a malformed one, unless
    /// it is the rest of something else.
    fn unrecognised(&mut self, line: Line, cx: &mut Context<'_>) -> ControlFlow<()> {
        let head = &self.current.head;
        let is_full = line == Line::Full;
        let before = start_line::find(cx.side, head).and_then(|at| head.get(..at));
        let is_rest = before.is_some_and(|it| !it.trim_ascii().is_empty());
        if is_rest && !is_full {
            self.look_within(line, State::Lost, cx)?;
        } else if start_line::is_versioned(cx.side, head) && !is_full {
            self.state = State::Head;
        } else if self.is_request(cx) {
            if is_full {
                self.current.fail("request line", ErrorKind::Limit);
            }
            self.current.abandon(cx)?;
            self.state = if is_full { State::Lost } else { State::Rest };
        } else {
            let reason = self.reason_behind().unwrap_or(Unread::HttpResync);
            self.drop_line(reason, cx)?;
            self.state = State::Lost;
        }
        Continue(())
    }

    /// Whether a line that is no request line was to be one.
    fn is_request(&self, cx: &Context<'_>) -> bool {
        let is_known = !cx.pairing.is_within() || has_method(&self.current.head);
        cx.side == Side::Client && is_known
    }

    /// Why a line is skipped that directly follows a response. Zeros that fill up a frame are no
    /// fault of HTTP.
    fn reason_behind(&mut self) -> Option<Unread> {
        let is_filling = self.current.head.iter().all(|it| *it == 0);
        self.current.behind.take().filter(|_| !is_filling)
    }

    /// Looks for a start line where the framing is lost.
    fn resume<'a>(&mut self, bytes: &'a [u8], cx: &mut Context<'_>) -> ControlFlow<(), &'a [u8]> {
        let (rest, line) = self.current.collect(bytes);
        match (line, self.state) {
            (Line::Part, _) => {}
            (Line::Blank, State::Rest) => {
                self.drop_line(Unread::HttpResync, cx)?;
                self.state = State::Start;
            }
            (_, state) => self.look_within(line, state, cx)?,
        }
        Continue(rest)
    }

    /// Passes over the collected line, up to a start line within it; without one the state is
    /// `otherwise`.
    fn look_within(
        &mut self,
        line: Line,
        otherwise: State,
        cx: &mut Context<'_>,
    ) -> ControlFlow<()> {
        let head = &self.current.head;
        let found = if line == Line::Full { None } else { start_line::find(cx.side, head) };
        match found {
            Some(offset) => {
                cx.skip(offset as u64, Unread::HttpResync)?;
                self.current.begin_at(offset);
                self.state = State::Head;
            }
            None => {
                self.drop_line(Unread::HttpResync, cx)?;
                self.state = otherwise;
            }
        }
        Continue(())
    }

    fn head<'a>(&mut self, bytes: &'a [u8], cx: &mut Context<'_>) -> ControlFlow<(), &'a [u8]> {
        let (rest, line) = self.current.collect_lines(bytes);
        match line {
            Line::Part | Line::Whole => {}
            Line::Blank => {
                self.state = match self.current.head_is_complete(cx)? {
                    Body::Empty => State::Start,
                    Body::Unknown => State::Lost,
                    Body::Length(len) => State::Length(len),
                    Body::Chunked => State::Chunks(Chunked::default()),
                    Body::Close => State::UntilClose,
                }
            }
            Line::Full => {
                self.current.fail("headers", ErrorKind::Limit);
                self.current.abandon(cx)?;
                self.state = State::Lost;
            }
        }
        Continue(rest)
    }

    fn blank<'a>(
        &mut self,
        cr: bool,
        bytes: &'a [u8],
        cx: &mut Context<'_>,
    ) -> ControlFlow<(), &'a [u8]> {
        match (bytes, cr) {
            ([b'\n', rest @ ..], _) => {
                self.current.count(1);
                if !cr {
                    self.current.mark(Mark::HttpBareLf);
                }
                self.finish(cx)?;
                Continue(rest)
            }
            ([b'\r', rest @ ..], false) => {
                self.current.count(1);
                self.state = State::Blank { cr: true };
                Continue(rest)
            }
            _ => {
                self.finish(cx)?;
                Continue(bytes)
            }
        }
    }

    fn chunks<'a>(
        &mut self,
        mut chunked: Chunked,
        bytes: &'a [u8],
        cx: &mut Context<'_>,
    ) -> ControlFlow<(), &'a [u8]> {
        let step = chunked.step(bytes);
        self.state = State::Chunks(chunked);
        if chunked.bare_lf {
            self.current.mark(Mark::HttpBareLf);
        }
        let (Chunking::Framing(used)
        | Chunking::Data(used)
        | Chunking::Last(used)
        | Chunking::Fault(used, ..)) = step;
        let (known, rest) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
        match step {
            Chunking::Data(_) => self.current.body(known, cx)?,
            _ => self.current.count(used),
        }
        match step {
            Chunking::Framing(_) | Chunking::Data(_) => {}
            Chunking::Last(_) => self.state = State::Trailers,
            Chunking::Fault(_, context, fault) => {
                let is_bound = fault == FramingFault::ChunkLineTooLong;
                let kind = if is_bound { ErrorKind::Limit } else { ErrorKind::Malformed };
                self.current.misframed(fault);
                self.current.mark(Mark::CutShort);
                self.current.fail(context, kind);
                self.finish(cx)?;
                self.state = State::Lost;
            }
        }
        Continue(rest)
    }

    fn trailers<'a>(&mut self, bytes: &'a [u8], cx: &mut Context<'_>) -> ControlFlow<(), &'a [u8]> {
        let (rest, line) = self.current.collect_lines(bytes);
        match line {
            Line::Part | Line::Whole => {}
            Line::Blank => self.finish(cx)?,
            Line::Full => {
                self.current.fail("trailers", ErrorKind::Limit);
                self.finish(cx)?;
                self.state = State::Lost;
            }
        }
        Continue(rest)
    }

    fn tunnel<'a>(&mut self, bytes: &'a [u8], cx: &mut Context<'_>) -> ControlFlow<(), &'a [u8]> {
        let reason = cx.pairing.tunnel.unwrap_or(Unread::HttpTunnel);
        self.drop_line(reason, cx)?;
        cx.skip(bytes.len() as u64, reason)?;
        Continue(&[])
    }

    /// Whether these may be the first bytes of an answer that has no status line.
    fn may_be_simple(&self, cx: &Context<'_>) -> bool {
        matches!(self.state, State::Start)
            && cx.side == Side::Server
            && cx.pairing.tunnel.is_none()
            && cx.pairing.expects_simple()
            && self.current.head.len() < STATUS_PREFIX.len()
    }

    fn begin_simple_response(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        self.state = State::UntilClose;
        self.current.begin_simple_response(cx)
    }

    fn body_is_known_to(&mut self, left: u64, cx: &mut Context<'_>) -> ControlFlow<()> {
        self.state = State::Length(left);
        if left == 0 { self.finish(cx) } else { Continue(()) }
    }

    /// The message is complete.
    fn finish(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        self.state = State::Start;
        self.current.finish(cx)
    }

    /// The message ends before it is complete.
    fn break_off(
        &mut self,
        context: &'static str,
        mark: Mark,
        cx: &mut Context<'_>,
    ) -> ControlFlow<()> {
        self.current.mark(mark);
        self.current.fail(context, ErrorKind::Short);
        match self.state {
            State::Head => self.current.abandon(cx),
            _ => self.current.finish(cx),
        }?;
        self.state = State::Lost;
        Continue(())
    }

    /// So many bytes are lost between messages; on the server's side also which answer is next.
    fn lose(&mut self, len: u64, reason: Unread, cx: &mut Context<'_>) -> ControlFlow<()> {
        cx.skip(len, reason)?;
        self.state = State::Lost;
        match cx.side {
            Side::Server => cx.pairing.lose(),
            Side::Client => cx.pairing.lose_requests(),
        }
        Continue(())
    }

    fn drop_line(&mut self, reason: Unread, cx: &mut Context<'_>) -> ControlFlow<()> {
        cx.skip(self.current.head.len() as u64, reason)?;
        self.current.clear();
        Continue(())
    }
}

fn trim_line_ends(bytes: &[u8]) -> &[u8] {
    let begin = bytes.iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
    bytes.get(begin..).unwrap_or_default()
}

#[cfg(test)]
impl Direction {
    /// Bytes allocated for what is kept between calls.
    pub fn memory(&self) -> usize {
        self.current.head.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::StreamEvent;
    use super::super::current::MAX_HEAD;
    use super::super::{Http, Scratch};
    use super::*;
    use crate::flow::Input;

    /// The bytes and reasons of all that is skipped when a server sends this and closes.
    fn skipped(sent: &[u8]) -> Vec<(u64, Unread)> {
        let (mut http, mut scratch) = (Http::new(false), Scratch::default());
        let mut skipped = Vec::new();
        let close = Input::Close { clean: true };
        for (side, input) in
            [(Side::Client, close), (Side::Server, Input::Bytes(sent)), (Side::Server, close)]
        {
            http.push(side, input, &mut scratch, &mut |event| {
                if let StreamEvent::Skipped { len, reason, .. } = event {
                    skipped.push((len, reason));
                }
            });
        }
        skipped
    }

    #[test]
    fn lines_behind_a_head_that_is_too_long_are_told_as_one() {
        let head = [b"HTTP/1.1 200 OK\r\n".as_slice(), &b"A: b\r\n".repeat(MAX_HEAD)].concat();
        let rest = (head.len() - MAX_HEAD) as u64;
        assert_eq!(skipped(&head), [(rest, Unread::HttpResync)]);
    }

    #[test]
    fn a_line_that_the_close_cuts_is_a_start_line_only_where_one_may_be() {
        assert_eq!(skipped(b"HTTP/1."), [(7, Unread::HttpCutShort)]);
        assert_eq!(skipped(b"no start\nno"), [(9, Unread::HttpResync), (2, Unread::HttpResync)]);
    }
}
