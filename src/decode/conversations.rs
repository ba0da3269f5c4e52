//! The conversations of a capture: who spoke to whom, how much, and by which protocol.

use std::ops::ControlFlow::{self, Continue};

use super::codec::CodecError;
use super::conversation::Conversation;
use super::decoders::Decoders;
use super::exchange::{PairCounts, Pairing};
use super::found::Found;
use super::numbers::Numbers;
use super::selection::Selection;
use super::summary::FlowSummary;
use super::talk::Talk;
use super::unread::Unread;
use crate::capture::{Frame, Timestamp};
use crate::flow::{Anomaly, Consumer, Delivered, Driver, Gone, Held, Returned, SinkResult};
use crate::message::Captured;
use crate::packet::{Checksum, Packet, Undecoded};
use crate::profile::{ProtocolId, Protocols};

/// Counts packets and bytes by conversation. As many are known at once as
/// [`MAX_STREAMS`](crate::flow::MAX_STREAMS); those that give way are given out early.
pub struct Conversations<'p> {
    driver: Driver<Option<Box<Known>>>,
    decoders: Decoders<'p>,
    summary: FlowSummary,
    watch: Watch,
}

/// What is asked of all messages; where profiles ask for nothing, each datagram but the first of a
/// conversation is counted only.
struct Watch {
    pairing: Option<Box<Pairing>>,
    numbers: Option<Numbers>,
}

/// A conversation as far as it has come.
struct Known {
    conversation: Conversation,
    /// Of TCP.
    talk: Option<Talk>,
}

/// Counts what frames come to, and lends the conversations that are over.
struct Counting<'c, 'p, F> {
    decoders: &'c mut Decoders<'p>,
    summary: &'c mut FlowSummary,
    watch: &'c mut Watch,
    sink: F,
}

impl<'p> Conversations<'p> {
    /// Prepares a decoder for each protocol.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let decoders = Decoders::new(protocols, false)?;
        let (driver, summary) = (Driver::default(), FlowSummary::default());
        let watch = Watch { pairing: Pairing::new(protocols), numbers: Numbers::new(protocols) };
        Ok(Self { driver, decoders, summary, watch })
    }

    /// Takes one frame. `ended` is lent a conversation that had to give way.
    pub fn push<R: SinkResult>(
        &mut self,
        frame: &Frame<'_>,
        ended: &mut impl FnMut(Conversation) -> R,
    ) -> R {
        let Self { driver, decoders, summary, watch } = self;
        Returned::of(|returned| {
            let sink = |it| returned.keep(ended(it));
            driver.push(frame, &mut Counting { decoders, summary, watch, sink })
        })
    }

    /// Time has passed without a frame: gives up what has waited for too long, as
    /// [`Dissector::tick`](super::dissector::Dissector::tick).
    pub fn tick(&mut self, now: Timestamp) {
        let Self { driver, decoders, summary, watch } = self;
        let sink = |_| Continue(());
        // No conversation ends by time, and none but those that end could stop it.
        let _ = driver.tick(now, &mut Counting { decoders, summary, watch, sink });
    }

    /// The capture has ended: the conversations that are left, by transport and number, and what
    /// the run came to.
    pub fn finish(self) -> (Vec<Conversation>, FlowSummary) {
        let Self { mut driver, mut decoders, mut summary, mut watch } = self;
        let mut left = Vec::new();
        let sink = |it| {
            left.push(it);
            Continue(())
        };
        let (decoders, counts) = (&mut decoders, &mut summary);
        let watched = &mut watch;
        let _ = driver.finish(&mut Counting { decoders, summary: counts, watch: watched, sink });
        if let Some(numbers) = &mut watch.numbers {
            (summary.numbers, summary.unnumbered) = numbers.of_senders();
        }
        summary.pairs = watch.pairing.map_or_else(PairCounts::default, |it| it.counts());
        (summary.frames, summary.streams) = (driver.frames(), driver.counts());
        (left, summary)
    }
}

impl<F: FnMut(Conversation) -> ControlFlow<()>> Consumer for Counting<'_, '_, F> {
    type State = Option<Box<Known>>;
    type Stop = ();

    fn packet(
        &mut self,
        delivered: Delivered<'_>,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Self { decoders, summary, watch, .. } = self;
        let packet = delivered.packet;
        let Known { conversation, talk } = &mut **state.get_or_insert_with(|| {
            let conversation = begin(&delivered);
            let protocols = decoders.selection.protocols();
            for candidate in decoders.selection.of_packet(packet) {
                watch.learn(protocols, candidate.protocol);
            }
            summary.conversation(conversation.transport);
            let talk = packet.tcp.map(|_| decoders.begin(&delivered));
            Box::new(Known { conversation, talk })
        });
        count(conversation, packet, delivered.frame);
        if let Some(talk) = talk {
            let sink = &mut |found: Found<'_>| watch.found(conversation, &found);
            return talk.push(&delivered, None, held, &mut decoders.tools(), sink);
        }
        if conversation.protocol.is_none() || watch.is_any() {
            watch.datagram(conversation, &mut decoders.selection, &delivered);
        }
        Continue(())
    }

    fn ended(
        &mut self,
        gone: Gone<Self::State>,
        _packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(known) = gone.state else { return Continue(()) };
        let Known { mut conversation, talk } = *known;
        if let Some(mut talk) = talk {
            let watch = &mut *self.watch;
            let sink = &mut |found: Found<'_>| watch.found(&mut conversation, &found);
            talk.finish(held, &mut self.decoders.tools(), sink)?;
            let noticed = talk.anomalies().counts().into_iter().filter(|(_, count)| *count > 0);
            conversation.anomalies.extend(noticed);
        }
        self.watch.end(&mut conversation);
        (self.sink)(conversation)
    }

    fn undecoded(&mut self, reason: Undecoded, frames: u64) {
        self.summary.undecoded(reason, frames);
    }

    fn tick(
        &mut self,
        now: Timestamp,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(Known { conversation, talk: Some(talk) }) = state.as_deref_mut() else {
            return Continue(());
        };
        let watch = &mut *self.watch;
        let sink = &mut |found: Found<'_>| watch.found(conversation, &found);
        talk.tick(now, held, &mut self.decoders.tools(), sink)
    }
}

impl Watch {
    fn is_any(&self) -> bool {
        self.pairing.is_some() || self.numbers.is_some()
    }

    /// Takes in what a bundled protocol says of its messages.
    fn learn(&mut self, protocols: &Protocols, protocol: ProtocolId) {
        Pairing::learn(&mut self.pairing, protocols, protocol);
        Numbers::learn(&mut self.numbers, protocols, protocol);
    }

    /// Takes the messages of a datagram.
    fn datagram(
        &mut self,
        conversation: &mut Conversation,
        selection: &mut Selection<'_>,
        delivered: &Delivered<'_>,
    ) {
        let Delivered { packet, frame, stream, .. } = *delivered;
        let mut at = 0_usize;
        loop {
            let part = packet.behind(at);
            let Ok(selected) = selection.read(&part, frame.time) else { return };
            let message = selected.message(part.payload);
            let name = || message.protocol.to_owned();
            conversation.protocol.get_or_insert_with(name);
            let captured = Captured {
                file: None,
                frame: frame.number,
                time: frame.time,
                transport: conversation.transport,
                src: packet.src,
                dst: packet.dst,
                stream,
                frame_offset: None,
                carrier: None,
                message,
            };
            self.take(&captured, selected.id);
            // Each message takes one byte at least.
            match selected.next_at().filter(|_| self.is_any()) {
                Some(len) => at = at.saturating_add(len),
                None => return,
            }
        }
    }

    /// Takes what is found in a stream.
    fn found(&mut self, conversation: &mut Conversation, found: &Found<'_>) -> ControlFlow<()> {
        if let Found::Message { captured, protocol, .. } = found {
            self.take(captured, *protocol);
        }
        name(conversation, found)
    }

    fn take(&mut self, captured: &Captured<'_>, protocol: ProtocolId) {
        if let Some(pairing) = &mut self.pairing {
            pairing.take(captured, protocol);
        }
        if let Some(numbers) = &mut self.numbers {
            numbers.take(captured, protocol);
        }
    }

    /// Tells of a conversation that is over what its messages came to.
    fn end(&mut self, conversation: &mut Conversation) {
        let Conversation { transport, stream, a, b, .. } = *conversation;
        if let Some(pairing) = &mut self.pairing {
            conversation.pairs = pairing.end(transport, stream);
        }
        if let Some(numbers) = &mut self.numbers {
            conversation.numbers = numbers.of_conversation((transport, stream), [a, b]);
        }
    }
}

/// Names the protocol after the first message; until one comes, after what the first bytes are
/// recognised as.
fn name(conversation: &mut Conversation, found: &Found<'_>) -> ControlFlow<()> {
    let known = conversation.protocol.as_deref();
    let protocol = match found {
        Found::Message { captured, .. } if known.is_none_or(Unread::is_protocol) => {
            Some(captured.message.protocol)
        }
        Found::Skipped { reason, .. } if known.is_none() => reason.protocol(),
        _ => None,
    };
    if let Some(protocol) = protocol {
        conversation.protocol = Some(protocol.to_owned());
    }
    Continue(())
}

fn begin(delivered: &Delivered<'_>) -> Conversation {
    let Delivered { packet, stream, .. } = *delivered;
    Conversation {
        transport: packet.transport(),
        stream,
        a: packet.src,
        b: packet.dst,
        packets: [0; 2],
        bytes: [0; 2],
        first: None,
        last: None,
        protocol: None,
        numbers: Vec::new(),
        pairs: None,
        anomalies: Vec::new(),
    }
}

fn count(conversation: &mut Conversation, packet: &Packet<'_>, frame: &Frame<'_>) {
    let is_from_a = packet.src == conversation.a;
    let [from_a, from_b] = &mut conversation.packets;
    let packets = if is_from_a { from_a } else { from_b };
    *packets = packets.saturating_add(1);
    let [from_a, from_b] = &mut conversation.bytes;
    let bytes = if is_from_a { from_a } else { from_b };
    *bytes = bytes.saturating_add(u64::from(frame.orig_len));
    if let Some(time) = frame.time {
        conversation.first = Some(conversation.first.map_or(time, |first| first.min(time)));
        conversation.last = Some(conversation.last.map_or(time, |last| last.max(time)));
    }
    if packet.checksum == Checksum::Bad {
        note(conversation, Anomaly::WrongChecksum);
    }
    if packet.snapped() > 0 {
        note(conversation, Anomaly::Snapped);
    }
    if packet.frame_offset.is_none() && !conversation.transport.is_stream() {
        note(conversation, Anomaly::Fragmented);
    }
}

fn note(conversation: &mut Conversation, anomaly: Anomaly) {
    match conversation.anomalies.iter_mut().find(|(known, _)| *known == anomaly) {
        Some((_, count)) => *count = count.saturating_add(1),
        None => conversation.anomalies.push((anomaly, 1)),
    }
}
