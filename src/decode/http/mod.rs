//! HTTP 0.9, 1.0 and 1.1 over one TCP conversation (RFC 1945, RFC 9110, RFC 9112).
//!
//! [`Http`] takes both sides' bytes as they arrive, cut anyhow, and lends messages and the bytes
//! of their bodies. Requests and responses are paired in order; a response that was seen without
//! its request is taken for the answer to a GET, since only the request tells HEAD. After an
//! upgrade or a CONNECT both sides are opaque.
//!
//! Bounds: a head, or the trailers with it, of [`MAX_HEAD`] bytes and [`MAX_FIELDS`] fields; a
//! chunk's size line of [`MAX_CHUNK_LINE`] bytes; [`MAX_WAITING`] outstanding requests with
//! [`MAX_WAITING_TEXT`] bytes of names. What goes beyond is an error of the message or a mark on
//! it. Where the framing is lost, bytes are passed over until a start line is found.
//!
//! A gap within a body is counted in its `len`, and there is no `sha256` then. A gap elsewhere
//! loses the framing of its side, and a gap of the server also the pairing of what was asked.

mod chunked;
mod current;
mod direction;
mod early;
pub mod encoding;
mod fields;
mod framing;
mod head;
mod known_heads;
mod method;
mod pairing;
#[cfg(feature = "replay")]
mod requests;
mod start_line;

pub use chunked::MAX_CHUNK_LINE;
#[cfg(feature = "redact")]
pub(crate) use chunked::{Chunked, Chunking};
pub use current::MAX_HEAD;
pub use early::MAX_EARLY;
pub use fields::{
    header_values, is_http, is_interim, messages, method, status, table, target, version,
};
pub use head::MAX_FIELDS;
pub use pairing::{MAX_WAITING, MAX_WAITING_TEXT};
#[cfg(feature = "replay")]
pub(crate) use requests::{Part, Requests};
pub use start_line::{RECOGNITION_LEN, Recognition, recognises};

use std::ops::ControlFlow::{self, Continue};

use super::stream::{Lend, StreamEvent};
use super::unread::Unread;
use crate::flow::{Input, Returned, Side, Sides, SinkResult};
use crate::message::{Apart, Item};
use direction::Direction;
use early::Early;
use head::Field;
use known_heads::KnownHeads;
use pairing::Pairing;

/// The decoder of one conversation.
#[derive(Debug, Default)]
pub struct Http {
    directions: Sides<Direction>,
    pairing: Pairing,
    early: Early,
    digest: bool,
}

/// Decoders whose memory is kept for the next conversations.
const MAX_SPARE: usize = 64;

/// Memory that decoders on one thread share: each between its calls only, and its own once its
/// conversation has ended.
#[derive(Debug, Default)]
pub struct Scratch {
    items: Vec<Item>,
    /// What a message has beside its head.
    apart: Apart,
    fields: Vec<Field>,
    trailers: Vec<Field>,
    #[expect(clippy::vec_box, reason = "decoders go to conversations in their boxes")]
    spare: Vec<Box<Http>>,
    /// `None` where heads are not likely to come again.
    known: Option<KnownHeads>,
}

/// What a direction works with.
struct Context<'c> {
    side: Side,
    digest: bool,
    pairing: &'c mut Pairing,
    scratch: &'c mut Scratch,
    /// The head of the message whose body comes, if the scratch has its fields.
    head: Option<head::Head>,
    /// Bytes that were passed over where the framing is lost, and are not told yet.
    passed_over: u64,
    lend: Lend<'c>,
}

impl Http {
    /// A decoder; with `digest` messages have the SHA-256 of their bodies.
    pub fn new(digest: bool) -> Self {
        Self { digest, ..Self::default() }
    }

    /// What comes was captured, and from the connection's start or not. If so, a response that
    /// nothing asked for yet was captured before its request; if not, a first line that is no
    /// request line may be of a body.
    pub(super) fn is_captured(&mut self, is_from_start: bool) {
        self.pairing.is_from_start = is_from_start;
        self.pairing.is_from_within = !is_from_start;
    }

    /// What the client says is no HTTP, or it says nothing: what the server said so far answers no
    /// request.
    pub(super) fn expect_no_request(
        &mut self,
        scratch: &mut Scratch,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        self.early.end();
        self.release(scratch, lend)
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        let holds = side == Side::Server && !self.early.is_empty();
        self.directions.of(side).is_between_messages() && !holds
    }

    /// The client may hold the body of its request back until the server asks for it with a 100.
    pub fn awaits_continue(&self) -> bool {
        self.directions.client.awaits_continue()
    }

    /// Takes what arrives on one side, in the order of the conversation; lends what it completes.
    pub fn push<R: SinkResult>(
        &mut self,
        side: Side,
        input: Input<'_>,
        scratch: &mut Scratch,
        sink: &mut (impl FnMut(StreamEvent<'_>) -> R + ?Sized),
    ) -> R {
        Returned::of(|returned| {
            self.read(side, input, scratch, &mut |event| returned.keep(sink(event)))
        })
    }

    /// As [`push`](Self::push), for those who stand between it and the sink.
    pub(super) fn read(
        &mut self,
        side: Side,
        input: Input<'_>,
        scratch: &mut Scratch,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        let input = match input {
            Input::Bytes(bytes) if side == Side::Client && self.early.is_holding() => {
                Input::Bytes(self.take_first_request(bytes, scratch, lend)?)
            }
            Input::Bytes(_) if side == Side::Server && !self.pairing.has_asked => {
                if self.early.hold(input) {
                    return self.release(scratch, lend);
                }
                input
            }
            Input::Close { .. } if side == Side::Server && self.early.hold(input) => {
                return Continue(());
            }
            input => {
                self.early.end();
                input
            }
        };
        if side == Side::Server || self.has_asked() {
            self.release(scratch, lend)?;
        }
        self.take(side, input, scratch, lend)?;
        self.release(scratch, lend)
    }

    /// Takes the client's bytes up to the end of what the server could answer; gives the rest.
    fn take_first_request<'a>(
        &mut self,
        mut bytes: &'a [u8],
        scratch: &mut Scratch,
        lend: Lend<'_>,
    ) -> ControlFlow<(), &'a [u8]> {
        while !bytes.is_empty() && !self.has_asked() {
            let mut cx = Context::new(Side::Client, self.digest, &mut self.pairing, scratch, lend);
            bytes = self.directions.client.step(bytes, &mut cx)?;
            cx.tell_passed_over()?;
        }
        if self.has_asked() {
            self.early.end();
        }
        Continue(bytes)
    }

    /// A request has a head, or a line that is all of it.
    fn has_asked(&self) -> bool {
        self.pairing.has_asked && !self.directions.client.may_go_on_blank()
    }

    /// Takes what was held, if it is no more.
    #[inline]
    fn release(&mut self, scratch: &mut Scratch, lend: Lend<'_>) -> ControlFlow<()> {
        if self.early.is_due() { self.take_early(scratch, lend) } else { Continue(()) }
    }

    /// Takes what was held.
    #[cold]
    fn take_early(&mut self, scratch: &mut Scratch, lend: Lend<'_>) -> ControlFlow<()> {
        if let Some((bytes, close)) = self.early.release() {
            self.take(Side::Server, Input::Bytes(&bytes), scratch, lend)?;
            if let Some(clean) = close {
                self.take(Side::Server, Input::Close { clean }, scratch, lend)?;
            }
        }
        Continue(())
    }

    fn take(
        &mut self,
        side: Side,
        input: Input<'_>,
        scratch: &mut Scratch,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        let Self { directions, pairing, digest, .. } = self;
        let mut cx = Context::new(Side::Client, *digest, pairing, scratch, lend);
        if side == Side::Server {
            directions.client.answered(&mut cx)?;
        }
        cx.side = side;
        let direction = directions.of_mut(side);
        match input {
            Input::Bytes(bytes) => direction.bytes(bytes, &mut cx)?,
            Input::Gap(len) => direction.gap(len, &mut cx)?,
            Input::Close { clean } => direction.close(clean, &mut cx)?,
        }
        cx.tell_passed_over()
    }
}

impl Scratch {
    /// Memory for conversations of which each head is likely to come again.
    pub fn of_repeated() -> Self {
        Self { known: Some(KnownHeads::default()), ..Self::default() }
    }

    /// A decoder that knows of nothing yet.
    pub(super) fn take(&mut self, digest: bool) -> Box<Http> {
        let mut http = self.spare.pop().unwrap_or_default();
        http.digest = digest;
        http
    }

    /// Keeps a decoder's memory, unless there is enough.
    pub(super) fn give(&mut self, mut http: Box<Http>) {
        if self.spare.len() < MAX_SPARE {
            let Http { directions, pairing, early, .. } = &mut *http;
            early.reset();
            directions.client.reset();
            directions.server.reset();
            pairing.reset();
            self.spare.push(http);
        }
    }
}

impl<'c> Context<'c> {
    fn new(
        side: Side,
        digest: bool,
        pairing: &'c mut Pairing,
        scratch: &'c mut Scratch,
        lend: Lend<'c>,
    ) -> Self {
        Self { side, digest, pairing, scratch, head: None, passed_over: 0, lend }
    }
}

impl Context<'_> {
    /// Skips bytes. Those where the framing is lost are passed over line by line, and told as one.
    fn skip(&mut self, len: u64, reason: Unread) -> ControlFlow<()> {
        if reason == Unread::HttpResync {
            self.passed_over = self.passed_over.saturating_add(len);
        } else if len > 0 {
            self.lend(StreamEvent::Skipped { side: self.side, len, reason })?;
        }
        Continue(())
    }

    fn tell_passed_over(&mut self) -> ControlFlow<()> {
        let len = std::mem::take(&mut self.passed_over);
        if len > 0 {
            let reason = Unread::HttpResync;
            (self.lend)(StreamEvent::Skipped { side: self.side, len, reason })?;
        }
        Continue(())
    }

    fn body(&mut self, bytes: &[u8], is_encoded: bool) -> ControlFlow<()> {
        if !bytes.is_empty() {
            self.lend(StreamEvent::Body { side: self.side, bytes, is_encoded })?;
        }
        Continue(())
    }

    fn body_gap(&mut self, len: u64) -> ControlFlow<()> {
        if len > 0 {
            self.lend(StreamEvent::BodyGap { side: self.side, len })?;
        }
        Continue(())
    }

    /// Lends an event, behind what was passed over before it.
    fn lend(&mut self, event: StreamEvent<'_>) -> ControlFlow<()> {
        self.tell_passed_over()?;
        (self.lend)(event)
    }
}

#[cfg(test)]
mod tests;
