//! The message that one side of an HTTP conversation is sending: what is kept of it until it is
//! complete, and how it is lent then.

use std::ops::ControlFlow::{self, Continue};
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::super::framing_fault::FramingFault;
use super::super::stream::StreamEvent;
use super::super::unread::Unread;
use super::fields::{Items, table};
use super::framing::{self, Body};
use super::head::{self, Head, HeadFault, Start};
use super::pairing::{Method, Waiting};
use super::{Context, start_line};
use crate::flow::Side;
use crate::message::{Apart, DecodeError, ErrorKind, Mark, Marks, Message, Omitted};
use crate::profile::Standard;

/// Bytes of a head, its trailers included.
pub const MAX_HEAD: usize = 64 << 10;

/// Memory that a side keeps for its next head, bytes.
const KEPT_HEAD: usize = 1024;

/// A message, or a line of which it is not known yet what it is.
#[derive(Debug, Default)]
pub(super) struct Current {
    /// Head and trailers.
    pub head: Vec<u8>,
    /// Where the line begins that is being collected.
    pub line: usize,
    /// Where the trailers begin, once there is a head.
    head_len: usize,
    /// HTTP/0.9.
    simple: bool,
    /// The head has a Content-Encoding.
    is_encoded: bool,
    /// The request is sent on once it is asked for.
    expects_continue: bool,
    /// Bytes of the message so far, and of its body.
    len: u64,
    body_len: u64,
    digest: Option<Box<Sha256>>,
    marks: Marks,
    fault: Option<HeadFault>,
    /// The request that the message answers.
    answers: Option<Waiting>,
    /// The message can have no body.
    is_bodiless: bool,
    /// Why bytes are skipped that follow the last response and are none; nothing where its framing
    /// is in doubt.
    pub behind: Option<Unread>,
}

/// How far a line has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Line {
    Part,
    Whole,
    /// Whole, and empty.
    Blank,
    /// [`MAX_HEAD`] is reached without an end.
    Full,
}

impl Current {
    /// Appends to the head up to the next LF; gives back the rest.
    pub fn collect<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Line) {
        let room = MAX_HEAD.saturating_sub(self.head.len()).min(bytes.len());
        let window = bytes.get(..room).unwrap_or(bytes);
        let end = memchr::memchr(b'\n', window).map(|at| at.saturating_add(1));
        let rest = self.append(bytes, end.unwrap_or(room));
        if end.is_none() {
            let is_full = self.head.len() >= MAX_HEAD;
            return (rest, if is_full { Line::Full } else { Line::Part });
        }
        if !self.head.ends_with(b"\r\n") {
            self.marks.insert(Mark::HttpBareLf);
        }
        let line = self.head.get(self.line..).unwrap_or_default();
        let is_blank = start_line::without_end(line).is_empty();
        self.line = self.head.len();
        (rest, if is_blank { Line::Blank } else { Line::Whole })
    }

    /// Appends lines to the head, up to an empty one; gives back the rest. As
    /// [`collect`](Self::collect) does line by line, but with one copy.
    pub fn collect_lines<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Line) {
        if self.line < self.head.len() {
            // The rest of a line that has begun.
            return self.collect(bytes);
        }
        let room = MAX_HEAD.saturating_sub(self.head.len()).min(bytes.len());
        let window = bytes.get(..room).unwrap_or(bytes);
        let (mut begin, mut is_blank) = (0, false);
        for end in memchr::memchr_iter(b'\n', window) {
            let line = window.get(begin..end).unwrap_or_default();
            let text = line.strip_suffix(b"\r").unwrap_or(line);
            if text.len() == line.len() {
                self.marks.insert(Mark::HttpBareLf);
            }
            begin = end.saturating_add(1);
            if text.is_empty() {
                is_blank = true;
                break;
            }
        }
        if begin == 0 {
            return self.collect(bytes);
        }
        let rest = self.append(bytes, begin);
        self.line = self.head.len();
        (rest, if is_blank { Line::Blank } else { Line::Whole })
    }

    /// Appends `len` bytes at most; gives back the rest.
    pub fn append<'a>(&mut self, bytes: &'a [u8], len: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        if self.head.capacity() == 0 {
            // Most heads fit, which then grow only once.
            self.head.reserve(bytes.len().min(KEPT_HEAD));
        }
        self.head.extend_from_slice(taken);
        self.len = self.len.saturating_add(taken.len() as u64);
        rest
    }

    /// The message begins at `offset` of what was collected.
    pub fn begin_at(&mut self, offset: usize) {
        self.head.drain(..offset.min(self.head.len()));
        self.line = self.head.len();
        self.len = self.head.len() as u64;
    }

    /// A request line without a version was collected.
    pub fn begin_simple_request(&mut self, cx: &mut Context<'_>) {
        let line = start_line::without_end(&self.head);
        let words = line.strip_prefix(b"GET ").unwrap_or_default();
        let target = words.trim_ascii();
        let blank = words.len().saturating_sub(words.trim_ascii_start().len());
        if blank > 0 || target.len() < words.len() {
            let behind = if blank > 0 { 0 } else { target.len() };
            let offset = "GET ".len().saturating_add(behind);
            self.fault = Some(HeadFault::malformed(offset, "request line"));
        }
        if !cx.pairing.ask(Method::Simple, [b"GET", target, b""]) {
            self.marks.insert(Mark::HttpUnpaired);
        }
        self.simple = true;
        self.head_len = self.head.len();
    }

    /// All that was collected, and all that follows, is the answer to such a request.
    pub fn begin_simple_response(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        self.answers = cx.pairing.answer();
        self.simple = true;
        let begin = std::mem::take(&mut self.head);
        self.clear();
        self.body(&begin, cx)
    }

    /// Counts bytes that belong to the message, but neither to its head nor to its body.
    pub fn count(&mut self, len: usize) {
        self.len = self.len.saturating_add(len as u64);
    }

    /// Passes on bytes of the body.
    pub fn body(&mut self, bytes: &[u8], cx: &mut Context<'_>) -> ControlFlow<()> {
        if cx.digest && !self.marks.contains(Mark::Gap) {
            self.digest.get_or_insert_default().update(bytes);
        }
        self.count_body(bytes.len() as u64);
        cx.body(bytes, self.is_encoded)
    }

    /// Passes over bytes of the body that are not known.
    pub fn body_gap(&mut self, len: u64, cx: &mut Context<'_>) -> ControlFlow<()> {
        self.marks.insert(Mark::Gap);
        self.count_body(len);
        cx.body_gap(len)
    }

    /// Nothing of the body has come, and its sender may wait for a 100 (RFC 9110 section 10.1.1).
    pub fn awaits_continue(&self) -> bool {
        self.expects_continue && self.body_len == 0
    }

    fn count_body(&mut self, len: u64) {
        self.len = self.len.saturating_add(len);
        self.body_len = self.body_len.saturating_add(len);
    }

    /// Marks the message.
    pub fn mark(&mut self, mark: Mark) {
        self.marks.insert(mark);
    }

    /// Marks the message with what is wrong with how it ends.
    pub fn misframed(&mut self, fault: FramingFault) {
        self.marks.insert_framing([fault].into_iter().collect());
    }

    /// What could not be read, at the bytes that come next; the first one counts.
    pub fn fail(&mut self, context: &'static str, kind: ErrorKind) {
        self.fault.get_or_insert(HeadFault { offset: self.len, context, kind });
    }

    /// The head is complete: tells how the body is delimited. A message without a body is lent.
    pub fn head_is_complete(&mut self, cx: &mut Context<'_>) -> ControlFlow<(), Body> {
        let head = self.parse_head(cx);
        let answers = self.pair(&head, cx);
        let framing = framing::decide(&self.head, &head, &cx.scratch.fields, answers);
        self.marks.insert_framing(framing.faults);
        self.fault = self.fault.or(framing.fault);
        self.is_bodiless = framing.is_bodiless;
        let coding = framing::named(&self.head, &cx.scratch.fields, b"content-encoding").next();
        self.is_encoded = coding.is_some();
        self.expects_continue = cx.side == Side::Client
            && self.head.get(head.version.clone()).is_some_and(start_line::is_at_least_1_1)
            && framing::named(&self.head, &cx.scratch.fields, b"expect")
                .any(|it| framing::value(&self.head, it).eq_ignore_ascii_case(b"100-continue"));
        if matches!(framing.body, Body::Empty | Body::Unknown) {
            self.emit(Some(&head), cx)?;
        } else {
            cx.head = Some(head);
        }
        Continue(framing.body)
    }

    /// The head will not be complete: the message is what is there.
    pub fn abandon(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        let head = self.parse_head(cx);
        self.pair(&head, cx);
        self.emit(Some(&head), cx)
    }

    /// The message is complete: lends it.
    pub fn finish(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        if self.simple {
            cx.scratch.fields.clear();
            self.emit(None, cx)
        } else {
            let head = cx.head.take().unwrap_or_else(|| self.parse_head(cx));
            self.emit(Some(&head), cx)
        }
    }

    /// Forgets what was collected.
    pub fn clear(&mut self) {
        self.head.clear();
        self.head.shrink_to(KEPT_HEAD);
        self.line = 0;
        self.head_len = 0;
        self.len = 0;
        self.marks = Marks::default();
    }

    /// Another conversation begins: forgets all, and keeps the memory of a head.
    pub fn reset(&mut self) {
        self.clear();
        *self = Self { head: std::mem::take(&mut self.head), ..Self::default() };
    }

    fn parse_head(&mut self, cx: &mut Context<'_>) -> Head {
        if self.head_len == 0 {
            self.head_len = self.head.len();
        }
        let super::Scratch { fields, known, .. } = &mut *cx.scratch;
        fields.clear();
        let head = self.head.get(..self.head_len).unwrap_or_default();
        match known {
            Some(known) => known.parse(cx.side, head, fields),
            None => head::parse(cx.side, head, fields),
        }
    }

    /// Queues a request; finds the request of a response, and gives its method.
    fn pair(&mut self, head: &Head, cx: &mut Context<'_>) -> Option<Method> {
        match &head.start {
            Start::Request { method, target } => {
                self.ask(method, target, cx);
                None
            }
            // An interim response: the final one follows (RFC 9110 section 15.2).
            Start::Response { status, .. } if framing::is_interim(*status) => None,
            Start::Response { status, .. } => {
                self.answers = cx.pairing.answer();
                let method = self.answers.as_ref().map(|it| it.method);
                if *status == 101 {
                    cx.pairing.tunnel = Some(Unread::HttpUpgrade);
                } else if method == Some(Method::Connect) && framing::is_success(*status) {
                    cx.pairing.tunnel = Some(Unread::HttpTunnel);
                }
                method
            }
        }
    }

    fn ask(&mut self, method: &Range<usize>, target: &Range<usize>, cx: &mut Context<'_>) {
        let part = |range: &Range<usize>| self.head.get(range.clone()).unwrap_or_default();
        let (method, target) = (part(method), part(target));
        let host = framing::named(&self.head, &cx.scratch.fields, b"host").next();
        let host = host.map_or(&[][..], |it| framing::value(&self.head, it));
        let kind = match method {
            b"HEAD" => Method::Head,
            b"CONNECT" => Method::Connect,
            _ => Method::Other,
        };
        if !cx.pairing.ask(kind, [method, target, host]) {
            self.marks.insert(Mark::HttpUnpaired);
        }
    }

    /// Lends the message and forgets it. `head` is `None` for HTTP/0.9; its fields are in the
    /// scratch.
    fn emit(&mut self, head: Option<&Head>, cx: &mut Context<'_>) -> ControlFlow<()> {
        cx.tell_passed_over()?;
        let fault = self.fill(head, cx);
        let waiting = match head.map(|it| &it.start) {
            Some(Start::Response { status, .. }) if framing::is_interim(*status) => {
                cx.pairing.front()
            }
            _ => self.answers.as_ref(),
        };
        let message = Message {
            protocol: Standard::Http.name(),
            name: if cx.side == Side::Client { "request" } else { "response" },
            table: table(),
            items: &cx.scratch.items,
            bytes: &self.head,
            apart: Some(&cx.scratch.apart),
            len: usize::try_from(self.len).unwrap_or(usize::MAX),
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: self.marks,
            request: waiting.and_then(Waiting::request),
            pair: None,
            error: fault.map(decode_error),
        };
        (cx.lend)(StreamEvent::Message { side: cx.side, message })?;
        if let Some(waiting) = self.answers.take() {
            cx.pairing.recycle(waiting);
        }
        self.behind = self.reason_behind(cx.side);
        self.simple = false;
        self.is_bodiless = false;
        self.is_encoded = false;
        self.expects_continue = false;
        self.body_len = 0;
        self.fault = None;
        self.clear();
        Continue(())
    }

    /// Why bytes that follow the message are skipped. What its own framing explains is no fault
    /// once more.
    fn reason_behind(&self, side: Side) -> Option<Unread> {
        let is_sure = self.marks.framing().next().is_none() && self.fault.is_none();
        let reason =
            if self.is_bodiless { Unread::HttpBodyNotAllowed } else { Unread::HttpBodyTooLong };
        (side == Side::Server && is_sure).then_some(reason)
    }

    /// Puts the message's items into the scratch; gives its first fault.
    fn fill(&mut self, head: Option<&Head>, cx: &mut Context<'_>) -> Option<HeadFault> {
        let super::Scratch { items, apart, fields, trailers, .. } = &mut *cx.scratch;
        trailers.clear();
        apart.clear();
        let fault = head::lines(&self.head, self.head_len, trailers);
        let trailer_fault = fault.map(|it| self.behind_body(it));
        let mut items = Items::new(items);
        match head {
            Some(head) => items.start(head),
            None => self.fill_simple_start(cx.side, &mut items, apart),
        }
        items.headers(fields);
        let sha256 = self.digest().map(|it| apart.hex(&it));
        items.body(self.body_len, sha256.as_ref());
        items.trailers(trailers);
        // Trailers are kept right behind the head, and lie behind the body.
        let len = self.len.saturating_sub(self.head.len() as u64);
        if len > 0 && self.head_len > 0 {
            apart.omitted.push(Omitted { at: self.head_len, len });
        }
        // A start line that has not come to its end tells less than why.
        let fault = head.and_then(|it| it.fault);
        fault.filter(|it| it.kind != ErrorKind::Short).or(self.fault).or(fault).or(trailer_fault)
    }

    /// A fault in the trailers, counted from the message's end, since they are kept apart from
    /// the body that lies before them.
    fn behind_body(&self, fault: HeadFault) -> HeadFault {
        let before_end = (self.head.len() as u64).saturating_sub(fault.offset);
        HeadFault { offset: self.len.saturating_sub(before_end), ..fault }
    }

    /// What stands before the headers in HTTP/0.9.
    fn fill_simple_start(&self, side: Side, items: &mut Items<'_>, apart: &mut Apart) {
        const METHOD: usize = "GET".len();
        if side == Side::Client {
            let line = start_line::without_end(&self.head);
            let end = line.trim_ascii_end().len();
            let target = line.get(METHOD..end).unwrap_or_default().trim_ascii_start().len();
            items.simple_request(&(0..METHOD), &(end.saturating_sub(target)..end));
        }
        items.version(&apart.text("0.9"));
    }

    /// The body's digest, where all of the body is known.
    fn digest(&mut self) -> Option<impl std::ops::Deref<Target = [u8]> + use<>> {
        if self.body_len == 0 {
            return None;
        }
        let digest = self.digest.as_mut()?.finalize_reset();
        (!self.marks.contains(Mark::Gap)).then_some(digest)
    }
}

fn decode_error(fault: HeadFault) -> DecodeError<'static> {
    DecodeError {
        offset: usize::try_from(fault.offset).unwrap_or(usize::MAX),
        context: fault.context,
        kind: fault.kind,
    }
}
