//! Frames to those who want what they come to: the one loop of all who read captures.
//!
//! A [`Consumer`] takes packets, with what it keeps of their conversation. Who wants the bytes of
//! connections keeps a [`Reassembly`](super::Reassembly) there, who wants messages a decoder too.

use std::ops::ControlFlow::{self, Continue};

use super::flow::{Arrival, Delivery, Flow, Gone};
use super::stream_set::StreamCounts;
use super::waiting::Held;
use crate::capture::{Frame, Timestamp};
use crate::packet::{Membership, Packet, StreamId, Undecoded};

/// A packet of a conversation, and where it was.
#[derive(Clone, Copy)]
pub(crate) struct Delivered<'a> {
    pub packet: &'a Packet<'a>,
    /// The frame; of a packet in fragments, the last one.
    pub frame: &'a Frame<'a>,
    /// The frames that carried it, as [`Delivery::frames`].
    pub frames: &'a [u64],
    /// The conversation.
    pub stream: StreamId,
    /// The sender is the lesser of the two endpoints.
    pub from_low: bool,
}

impl Delivered<'_> {
    /// Position of the frame among all that were pushed, from 1.
    pub fn position(&self) -> u64 {
        self.frames.last().copied().unwrap_or_default()
    }
}

/// Takes what frames come to. Where it breaks, the driver stops at once.
pub(crate) trait Consumer {
    /// What is kept of each conversation.
    type State: Default;
    /// What it stops with.
    type Stop;

    /// A packet of a conversation; what gave way for it has been [`ended`](Self::ended).
    fn packet(
        &mut self,
        delivered: Delivered<'_>,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<Self::Stop>;

    /// A conversation is over: it gave way to that of `packet`, or nothing more will come.
    fn ended(
        &mut self,
        gone: Gone<Self::State>,
        packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> ControlFlow<Self::Stop>;

    /// So many frames give no packet.
    fn undecoded(&mut self, reason: Undecoded, frames: u64);

    /// A host reports which groups it is a member of; no packet either.
    fn joined(&mut self, report: &mut Membership<'_>, _frame: u64) -> ControlFlow<Self::Stop> {
        self.undecoded(report.undecoded(), 1);
        Continue(())
    }

    /// Time has passed, and something of a connection may wait for what will not come.
    fn tick(
        &mut self,
        _now: Timestamp,
        _state: &mut Self::State,
        _held: &mut Held,
    ) -> ControlFlow<Self::Stop> {
        Continue(())
    }
}

/// The conversations of a run, and what all of them hold.
pub(crate) struct Driver<S> {
    flow: Flow<S>,
    held: Held,
}

impl<S: Default> Default for Driver<S> {
    fn default() -> Self {
        Self { flow: Flow::default(), held: Held::default() }
    }
}

impl<S: Default> Driver<S> {
    /// Takes one frame.
    #[inline]
    pub fn push<C: Consumer<State = S>>(
        &mut self,
        frame: &Frame<'_>,
        consumer: &mut C,
    ) -> ControlFlow<C::Stop> {
        let Self { flow, held } = self;
        // Kept where it was made: a delivery is too large to be moved for nothing.
        let mut arrival = flow.push(frame);
        take(&mut arrival, frame, held, consumer)
    }

    /// Takes one packet that came without a frame, as if it were that of `frame`, of which the number
    /// and the time are asked.
    #[inline]
    pub fn push_packet<C: Consumer<State = S>>(
        &mut self,
        packet: Packet<'_>,
        frame: &Frame<'_>,
        consumer: &mut C,
    ) -> ControlFlow<C::Stop> {
        let Self { flow, held } = self;
        let mut arrival = flow.push_packet(packet);
        take(&mut arrival, frame, held, consumer)
    }

    /// Time has passed without a frame: what has waited for too long waits no more. Looks at each
    /// connection, so that once a second is often enough.
    pub fn tick<C: Consumer<State = S>>(
        &mut self,
        now: Timestamp,
        consumer: &mut C,
    ) -> ControlFlow<C::Stop> {
        let Self { flow, held } = self;
        held.note_time(Some(now));
        flow.tick(now);
        consumer.undecoded(Undecoded::FragmentDropped, flow.take_dropped());
        flow.connections().try_for_each(|state| consumer.tick(now, state, held))
    }

    /// No more frames come: ends all conversations, in the order of their numbers.
    pub fn finish<C: Consumer<State = S>>(&mut self, consumer: &mut C) -> ControlFlow<C::Stop> {
        let Self { flow, held } = self;
        let mut left: Vec<_> = flow.finish().collect();
        left.sort_unstable_by_key(|gone| (gone.transport, gone.stream));
        consumer.undecoded(Undecoded::FragmentDropped, flow.take_dropped());
        left.into_iter().try_for_each(|gone| consumer.ended(gone, None, held))
    }

    /// How many frames there were so far.
    pub fn frames(&self) -> u64 {
        self.flow.frames()
    }

    /// How many conversations there were so far, those in packets that ICMP quotes included.
    pub fn counts(&self) -> StreamCounts {
        self.flow.counts()
    }

    /// Conversations that gave way to others.
    pub fn evicted(&self) -> u64 {
        self.flow.evicted()
    }
}

/// Hands on what a frame, or a packet without one, came to.
#[inline(always)]
fn take<C: Consumer>(
    arrival: &mut Arrival<'_, C::State>,
    frame: &Frame<'_>,
    held: &mut Held,
    consumer: &mut C,
) -> ControlFlow<C::Stop> {
    match arrival {
        Arrival::Packet(delivery) => {
            let Delivery { packet, frames, stream, from_low, state, gone } = delivery;
            if let Some(gone) = gone.take() {
                consumer.ended(gone, Some(packet), held)?;
            }
            if packet.tcp.is_some() {
                held.note_time(frame.time);
            }
            let (stream, from_low) = (*stream, *from_low);
            let delivered = Delivered { packet, frame, frames, stream, from_low };
            consumer.packet(delivered, state, held)
        }
        Arrival::Held => Continue(()),
        Arrival::Membership(report) => consumer.joined(report, frame.number),
        Arrival::Undecoded(reason) => {
            consumer.undecoded(*reason, 1);
            Continue(())
        }
    }
}
