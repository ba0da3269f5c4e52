//! Decoders that read both sides of a stream by the same rules, each side as its bytes arrive.
//!
//! [`Duplex`] is what all of them share: which side an input is of, where its messages go, and
//! that a gap of nothing is none.

use std::ops::ControlFlow::{self, Continue};

use super::stream::{Lend, StreamEvent};
use super::unread::Unread;
use crate::flow::{Input, Returned, Side, Sides, SinkResult};
use crate::message::Message;

/// A side's buffer is given back to the system where it has grown beyond this, bytes.
const KEPT_CAPACITY: usize = 4096;

/// One side of a stream, from its start on.
pub trait Incoming: Default {
    /// What both sides know: the format of their messages, or which commands await a reply.
    type Shared;

    /// No message is under way.
    fn is_between_messages(&self) -> bool;

    /// Takes the next bytes.
    fn bytes(&mut self, bytes: &[u8], cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()>;

    /// Passes over bytes that are not known, one at least.
    fn gap(&mut self, len: u64, cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()>;

    /// Takes the end of the side; `clean` where a FIN told it.
    fn close(&mut self, clean: bool, cx: &mut Context<'_, '_, Self::Shared>) -> ControlFlow<()>;
}

/// What a side works with.
pub struct Context<'c, 's, S> {
    /// What both sides know.
    pub shared: &'c mut S,
    /// Where its messages go.
    pub output: Output<'s>,
}

/// Reads both sides of a conversation.
#[derive(Clone, Debug)]
pub struct Duplex<I: Incoming> {
    sides: Sides<I>,
    shared: I::Shared,
}

/// The decoder of a conversation, whichever it is.
pub(super) trait StreamReader {
    /// Takes what arrives on one side, in the order of the conversation; lends what it completes.
    fn read(&mut self, side: Side, input: Input<'_>, lend: Lend<'_>) -> ControlFlow<()>;

    /// No message of a side is under way.
    fn is_between_messages(&self, side: Side) -> bool;
}

/// Where the events of one side go.
pub struct Output<'s> {
    /// The side.
    pub side: Side,
    lend: Lend<'s>,
}

impl<I: Incoming> Duplex<I> {
    /// At the start of a conversation.
    pub fn new(shared: I::Shared) -> Self {
        Self { sides: Sides::default(), shared }
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        self.sides.of(side).is_between_messages()
    }

    /// Takes what arrives on one side, in the order of the conversation; lends what it completes.
    pub fn push<R: SinkResult>(
        &mut self,
        side: Side,
        input: Input<'_>,
        sink: &mut (impl FnMut(StreamEvent<'_>) -> R + ?Sized),
    ) -> R {
        Returned::of(|returned| {
            StreamReader::read(self, side, input, &mut |event| returned.keep(sink(event)))
        })
    }
}

impl<I: Incoming<Shared: Default>> Default for Duplex<I> {
    fn default() -> Self {
        Self::new(I::Shared::default())
    }
}

impl<I: Incoming> StreamReader for Duplex<I> {
    fn read(&mut self, side: Side, input: Input<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        let Self { sides, shared } = self;
        let incoming = sides.of_mut(side);
        let cx = &mut Context { shared, output: Output { side, lend } };
        match input {
            Input::Bytes(bytes) => incoming.bytes(bytes, cx),
            Input::Gap(0) => Continue(()),
            Input::Gap(len) => incoming.gap(len, cx),
            Input::Close { clean } => incoming.close(clean, cx),
        }
    }

    fn is_between_messages(&self, side: Side) -> bool {
        Self::is_between_messages(self, side)
    }
}

impl Output<'_> {
    /// Lends a message.
    pub fn message(&mut self, message: Message<'_>) -> ControlFlow<()> {
        (self.lend)(StreamEvent::Message { side: self.side, message })
    }

    /// Says that bytes were passed over, if any were.
    pub fn skipped(&mut self, len: u64, reason: Unread) -> ControlFlow<()> {
        if len == 0 {
            return Continue(());
        }
        (self.lend)(StreamEvent::Skipped { side: self.side, len, reason })
    }
}

/// Gives a side's buffer back to the system, if it has grown much and is empty.
pub(super) fn give_back(buffer: &mut Vec<u8>) {
    if buffer.is_empty() && buffer.capacity() > KEPT_CAPACITY {
        *buffer = Vec::new();
    }
}
