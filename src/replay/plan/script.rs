//! One TCP conversation to steps: what each side sent, and when.

use std::net::SocketAddr;
use std::time::Duration;

use super::payload::{Payloads, Span};
use super::plan::{Action, Conversation, Step};
use super::preflight::Traffic;
use crate::flow::{Delivered, Held, Input, Reassembly, Side};
use crate::packet::{Packet, StreamId, Transport};
use crate::replay::ReplayError;
use crate::replay::reason::Reason;

/// Bytes of a side that come so much after its last are a new step.
const PAUSE: Duration = Duration::from_millis(1);
/// Steps and spans that all conversations of TCP in a plan have together.
pub const MAX_PARTS: usize = 1 << 23;
/// What a conversation costs beside its steps and spans, in their number.
const CONVERSATION_COST: usize = 8;

/// A conversation whose steps are being written.
#[derive(Debug)]
pub(in crate::replay) struct Script {
    reassembly: Reassembly,
    steps: Steps,
}

/// What is shared by all that are being written.
#[derive(Debug)]
pub(in crate::replay) struct Store {
    pub payloads: Payloads,
    /// Steps and spans so far.
    pub parts: usize,
}

/// A segment, when it came, and where its payload lies in the capture's file.
#[derive(Clone, Copy)]
pub(in crate::replay) struct Source<'a> {
    pub at: Duration,
    pub payload: &'a [u8],
    /// `None` where it cannot be read again there.
    pub offset: Option<u64>,
}

#[derive(Debug)]
struct Steps {
    conversation: Conversation,
    traffic: Traffic,
    /// The server answered, or the client went on.
    is_established: bool,
    is_reset: bool,
    /// When each side's last bytes came.
    last: Duration,
    fault: Option<Reason>,
}

impl Script {
    /// A conversation that begins with `packet`, which has these addresses.
    pub fn new(
        packet: &Packet<'_>,
        (src, dst): (SocketAddr, SocketAddr),
        stream: StreamId,
        from_low: bool,
        at: Duration,
    ) -> Self {
        let reassembly = Reassembly::new(packet, from_low);
        let (client, server) = match reassembly.side(from_low) {
            Side::Client => (src, dst),
            Side::Server => (dst, src),
        };
        let has_begun = packet.tcp.is_some_and(|tcp| tcp.flags.syn);
        let conversation = Conversation {
            transport: Transport::Tcp,
            stream,
            client,
            server,
            start: at,
            steps: Vec::new(),
            spans: Vec::new(),
        };
        let steps = Steps {
            conversation,
            traffic: Traffic { end: at, ..Traffic::default() },
            is_established: false,
            is_reset: false,
            last: at,
            fault: (!has_begun).then_some(Reason::MidStream),
        };
        Self { reassembly, steps }
    }

    /// Whether it is the same two ends' as `packet`.
    pub fn is_between_ends_of(&self, packet: &Packet<'_>) -> bool {
        let Conversation { client, server, .. } = self.steps.conversation;
        let (client, server) = (client.into(), server.into());
        [(packet.src, packet.dst), (packet.dst, packet.src)].contains(&(client, server))
    }

    /// Whether it came before the SYN that begins the conversation.
    pub fn gives_way_to(&self, packet: &Packet<'_>) -> bool {
        let is_syn = packet.tcp.is_some_and(|tcp| tcp.flags.syn && !tcp.flags.ack);
        is_syn && self.steps.fault == Some(Reason::MidStream) && !self.reassembly.are_sides_known()
    }

    /// Takes one segment.
    ///
    /// # Errors
    ///
    /// Payload that must be kept cannot be.
    pub fn push(
        &mut self,
        delivered: &Delivered<'_>,
        source: Source<'_>,
        store: &mut Store,
        held: &mut Held,
    ) -> Result<(), ReplayError> {
        let Self { reassembly, steps } = self;
        let Delivered { packet, from_low, .. } = *delivered;
        let Some(tcp) = &packet.tcp else { return Ok(()) };
        let resets = tcp.flags.rst && !reassembly.is_stray(tcp, from_low);
        let side = reassembly.side(from_low);
        let is_request = side == Side::Client && tcp.flags.syn;
        steps.is_established |= !is_request && !tcp.flags.rst;
        if side == Side::Client && packet.snapped() > 0 {
            steps.give_up(Reason::ClientSnapped, store);
        }
        let take = &mut |side, input: Input<'_>| steps.take(side, input, source, store);
        reassembly.push(packet, from_low, held, take)?;
        if resets && !std::mem::replace(&mut steps.is_reset, true) {
            // Sockets that broke off cannot go on: what follows is not replayed.
            let take = &mut |side, input: Input<'_>| steps.take(side, input, source, store);
            reassembly.finish(held, take)?;
            steps.act(side, Action::Reset, source.at, &mut store.parts);
        }
        steps.respect_bound(store);
        Ok(())
    }

    /// Nothing more will come of it: the conversation, or why it is not replayed.
    ///
    /// # Errors
    ///
    /// Payload that must be kept cannot be.
    pub fn finish(
        mut self,
        is_evicted: bool,
        store: &mut Store,
        held: &mut Held,
    ) -> Result<Result<(Conversation, Traffic), Reason>, ReplayError> {
        let Self { reassembly, steps } = &mut self;
        if is_evicted && !reassembly.is_closed() && !steps.is_reset {
            steps.give_up(Reason::Evicted, store);
        }
        let source = Source { at: steps.traffic.end, payload: &[], offset: None };
        let take = &mut |side, input: Input<'_>| steps.take(side, input, source, store);
        reassembly.finish(held, take)?;
        Ok(self.steps.finish(store))
    }
}

impl Steps {
    /// Takes what a side gives, unless the conversation is not replayed.
    fn take(
        &mut self,
        side: Side,
        input: Input<'_>,
        source: Source<'_>,
        store: &mut Store,
    ) -> Result<(), ReplayError> {
        if self.fault.is_some() {
            return Ok(());
        }
        let Store { payloads, parts } = store;
        match input {
            Input::Bytes(bytes) => {
                let span = source.span(bytes, payloads)?;
                self.send(side, span, source.at, parts);
            }
            Input::Gap(_) if side == Side::Client => self.fault = Some(Reason::ClientGap),
            Input::Gap(len) => self.act(side, Action::Missing(len), source.at, parts),
            Input::Close { clean: true } => self.act(side, Action::Finish, source.at, parts),
            Input::Close { clean: false } => {}
        }
        Ok(())
    }

    fn send(&mut self, side: Side, span: Span, at: Duration, parts: &mut usize) {
        let goes_on = at.saturating_sub(self.last) < PAUSE;
        let Conversation { steps, spans, .. } = &mut self.conversation;
        let sent = match steps.last_mut() {
            Some(Step { side: last, action: Action::Send(range), .. })
                if *last == side && goes_on =>
            {
                Some(range)
            }
            _ => None,
        };
        let begin = u32::try_from(spans.len()).unwrap_or(u32::MAX);
        match (sent, spans.last_mut()) {
            (Some(_), Some(last)) if last.is_followed_by(span) => {
                last.len = last.len.saturating_add(span.len);
            }
            (sent, _) => {
                spans.push(span);
                *parts = parts.saturating_add(1);
                let end = begin.saturating_add(1);
                match sent {
                    Some(range) => range.end = end,
                    None => self.act(side, Action::Send(begin..end), at, parts),
                }
            }
        }
        self.last = at;
        self.traffic.end = self.traffic.end.max(at);
        let volume = self.traffic.of(side);
        volume.bytes = volume.bytes.saturating_add(u64::from(span.len));
    }

    fn act(&mut self, side: Side, action: Action, at: Duration, parts: &mut usize) {
        if self.fault.is_some() {
            return;
        }
        if matches!(action, Action::Send(_)) {
            let volume = self.traffic.of(side);
            volume.messages = volume.messages.saturating_add(1);
        }
        self.conversation.steps.push(Step { at, side, action });
        self.traffic.end = self.traffic.end.max(at);
        *parts = parts.saturating_add(1);
    }

    fn respect_bound(&mut self, store: &mut Store) {
        if self.fault.is_none() && store.parts > MAX_PARTS {
            self.give_up(Reason::TooLarge, store);
        }
    }

    /// It is not replayed; what it holds makes room for others. The first reason is told.
    fn give_up(&mut self, fault: Reason, store: &mut Store) {
        self.fault.get_or_insert(fault);
        let Conversation { steps, spans, .. } = &mut self.conversation;
        store.parts = store.parts.saturating_sub(steps.len().saturating_add(spans.len()));
        (*steps, *spans) = (Vec::new(), Vec::new());
    }

    fn finish(mut self, store: &mut Store) -> Result<(Conversation, Traffic), Reason> {
        let fault = match self.fault.take() {
            Some(fault) => Some(fault),
            None if !self.is_established => Some(Reason::NotEstablished),
            None if self.conversation.steps.is_empty() => Some(Reason::Empty),
            None => None,
        };
        if let Some(fault) = fault {
            self.give_up(fault.clone(), store);
            return Err(fault);
        }
        store.parts = store.parts.saturating_add(CONVERSATION_COST);
        self.conversation.steps.shrink_to_fit();
        self.conversation.spans.shrink_to_fit();
        Ok((self.conversation, self.traffic))
    }
}

impl Source<'_> {
    /// Where bytes can be read again: in the capture if they are the segment's own, else in the
    /// spool.
    pub fn span(self, bytes: &[u8], payloads: &mut Payloads) -> Result<Span, ReplayError> {
        let into = bytes.as_ptr().addr().checked_sub(self.payload.as_ptr().addr());
        let own = into.filter(|into| into.saturating_add(bytes.len()) <= self.payload.len());
        match (own, self.offset, u32::try_from(bytes.len())) {
            (Some(into), Some(offset), Ok(len)) if payloads.has_capture() => {
                Ok(Span { offset: offset.saturating_add(into as u64), len, is_spooled: false })
            }
            _ => payloads.keep(bytes),
        }
    }
}

impl Span {
    /// Whether the other begins where it ends.
    fn is_followed_by(self, next: Self) -> bool {
        self.is_spooled == next.is_spooled
            && self.offset.checked_add(u64::from(self.len)) == Some(next.offset)
            && self.len.checked_add(next.len).is_some()
    }
}
