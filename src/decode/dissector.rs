//! Frames to messages: one call a frame, over all conversations of a capture.

use std::ops::ControlFlow::{self, Continue};

use super::codec::CodecError;
use super::decoders::Decoders;
use super::exchange::{PairCounts, Pairing};
use super::found::{Carriers, Found};
use super::summary::Summary;
use super::talk::Talk;
use super::tally::Tally;
use crate::capture::{Frame, LinkType, Timestamp};
use crate::flow::{Consumer, Delivered, Driver, Gone, Held, Returned, SinkResult};
use crate::message::{Captured, Carrier, Known};
use crate::packet::{Checksum, Membership, Packet, Transport, Undecoded};
use crate::profile::{ProtocolId, Protocols};

/// Decodes the frames of a capture and counts what they came to.
pub struct Dissector<'p> {
    driver: Driver<Option<Box<Talk>>>,
    decoders: Decoders<'p>,
    tally: Tally,
    /// `None` where no profile pairs messages.
    pairing: Option<Box<Pairing>>,
}

/// Decodes what frames come to, and lends it.
struct Dissecting<'d, 'p, F> {
    decoders: &'d mut Decoders<'p>,
    tally: &'d mut Tally,
    pairing: &'d mut Option<Box<Pairing>>,
    /// The capture's path, where several are read.
    file: Option<&'d str>,
    sink: F,
}

impl<'p> Dissector<'p> {
    /// Prepares a decoder for each protocol. With `digest` HTTP messages have the SHA-256 of their
    /// bodies.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols, digest: bool) -> Result<Self, CodecError> {
        let decoders = Decoders::new(protocols, digest)?;
        let (driver, tally) = (Driver::default(), Tally::new(protocols));
        Ok(Self { driver, decoders, tally, pairing: Pairing::new(protocols) })
    }

    /// Takes one frame, and lends what it brings to light. `file` is the capture's path, where
    /// several are read.
    #[inline]
    pub fn push<R: SinkResult>(
        &mut self,
        frame: &Frame<'_>,
        file: Option<&str>,
        sink: &mut impl FnMut(Found<'_>) -> R,
    ) -> R {
        let Self { driver, decoders, tally, pairing } = self;
        Returned::of(|returned| {
            let sink = |found: Found<'_>| returned.keep(sink(found));
            driver.push(frame, &mut Dissecting { decoders, tally, pairing, file, sink })
        })
    }

    /// Takes a datagram that came without a frame, as the `number`th from 1, and lends what it brings
    /// to light. It counts as a frame.
    #[inline]
    pub fn push_datagram<R: SinkResult>(
        &mut self,
        packet: Packet<'_>,
        number: u64,
        time: Option<Timestamp>,
        sink: &mut impl FnMut(Found<'_>) -> R,
    ) -> R {
        let Self { driver, decoders, tally, pairing } = self;
        let link_type = LinkType::Ethernet;
        let frame = Frame { number, time, interface: 0, link_type, data: &[], orig_len: 0 };
        Returned::of(|returned| {
            let sink = |found: Found<'_>| returned.keep(sink(found));
            driver.push_packet(
                packet,
                &frame,
                &mut Dissecting { decoders, tally, pairing, file: None, sink },
            )
        })
    }

    /// Time has passed without a frame: gives up what has waited for too long, and lends what that
    /// brings to light. Fragments are dropped after [`TIMEOUT`](crate::flow::TIMEOUT); bytes behind a
    /// gap, and what waits for who speaks next, are given out after
    /// [`PATIENCE`](crate::flow::PATIENCE).
    pub fn tick<R: SinkResult>(
        &mut self,
        now: Timestamp,
        sink: &mut impl FnMut(Found<'_>) -> R,
    ) -> R {
        let Self { driver, decoders, tally, pairing } = self;
        Returned::of(|returned| {
            let sink = |found: Found<'_>| returned.keep(sink(found));
            driver.tick(now, &mut Dissecting { decoders, tally, pairing, file: None, sink })
        })
    }

    /// Every message that can come out.
    pub fn known(&self) -> Vec<Known<'_>> {
        self.decoders.known()
    }

    /// What the run came to so far; of TCP's anomalies those of conversations that are over.
    pub fn summary(&self) -> Summary {
        let Self { driver, decoders, tally, pairing } = self;
        let summary = tally.summary(decoders.selection.protocols(), driver.evicted());
        let idle_rules = decoders.selection.idle_rules();
        let pairs = pairing.as_ref().map_or_else(PairCounts::default, |it| it.counts());
        Summary { frames: driver.frames(), streams: driver.counts(), idle_rules, pairs, ..summary }
    }

    /// The capture has ended: lends what was still under way, and tells what the run came to.
    pub fn finish<R: SinkResult>(
        mut self,
        sink: &mut impl FnMut(Found<'_>) -> R,
    ) -> R::With<Summary> {
        let Self { driver, decoders, tally, pairing } = &mut self;
        let returned = Returned::of(|returned| {
            let sink = |found: Found<'_>| returned.keep(sink(found));
            driver.finish(&mut Dissecting { decoders, tally, pairing, file: None, sink })
        });
        returned.with(self.summary())
    }
}

impl<F: FnMut(Found<'_>) -> ControlFlow<()>> Consumer for Dissecting<'_, '_, F> {
    /// Of TCP; of a datagram nothing is kept.
    type State = Option<Box<Talk>>;
    type Stop = ();

    #[inline]
    fn packet(
        &mut self,
        delivered: Delivered<'_>,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        if delivered.packet.checksum == Checksum::Bad {
            self.tally.bad_checksum();
        }
        match delivered.packet.transport() {
            Transport::Udp => self.datagram(delivered),
            Transport::Tcp => self.segment(delivered, state, held),
        }
    }

    fn ended(
        &mut self,
        gone: Gone<Self::State>,
        _packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(mut talk) = gone.state else { return Continue(()) };
        let Self { decoders, tally, pairing, sink, .. } = self;
        let lend = &mut |found: Found<'_>| lend(found, tally, pairing, sink);
        talk.finish(held, &mut decoders.tools(), lend)?;
        tally.tcp(talk.anomalies());
        if let Some(pairing) = pairing {
            pairing.end(gone.transport, gone.stream);
        }
        Continue(())
    }

    fn undecoded(&mut self, reason: Undecoded, frames: u64) {
        self.tally.undecoded(reason, frames);
    }

    fn joined(&mut self, report: &mut Membership<'_>, frame: u64) -> ControlFlow<()> {
        self.tally.undecoded(report.undecoded(), 1);
        let src = report.src;
        report.try_for_each(|(group, has_left)| {
            (self.sink)(Found::Joined { frame, src, group, has_left })
        })
    }

    fn tick(
        &mut self,
        now: Timestamp,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(talk) = state else { return Continue(()) };
        let Self { decoders, tally, pairing, sink, .. } = self;
        let lend = &mut |found: Found<'_>| lend(found, tally, pairing, sink);
        talk.tick(now, held, &mut decoders.tools(), lend)
    }
}

impl<F: FnMut(Found<'_>) -> ControlFlow<()>> Dissecting<'_, '_, F> {
    #[inline]
    fn datagram(&mut self, delivered: Delivered<'_>) -> ControlFlow<()> {
        match self.message_at(&delivered, delivered.packet, 0)? {
            None => Continue(()),
            Some(len) => self.further(&delivered, len),
        }
    }

    /// The messages of a datagram behind its first.
    #[inline(never)]
    fn further(&mut self, delivered: &Delivered<'_>, mut at: usize) -> ControlFlow<()> {
        // Each message takes one byte at least.
        loop {
            match self.message_at(delivered, &delivered.packet.behind(at), at)? {
                Some(len) => at = at.saturating_add(len),
                None => return Continue(()),
            }
        }
    }

    /// The message of a datagram that begins at an offset; its length, where another follows it.
    #[inline(always)]
    fn message_at(
        &mut self,
        delivered: &Delivered<'_>,
        part: &Packet<'_>,
        at: usize,
    ) -> ControlFlow<(), Option<usize>> {
        let Self { decoders, tally, pairing, file, sink } = self;
        let Delivered { packet, frame, frames, stream, .. } = *delivered;
        let protocols = decoders.selection.protocols();
        match decoders.selection.read(part, frame.time) {
            Ok(selected) => {
                tally.message(selected.id, selected.case());
                let mut captured = Captured {
                    file: *file,
                    frame: frame.number,
                    time: frame.time,
                    transport: Transport::Udp,
                    src: packet.src,
                    dst: packet.dst,
                    stream,
                    frame_offset: match selected.is_plain() {
                        true => packet.frame_offset,
                        false => {
                            let before = at.saturating_add(selected.skip());
                            packet.frame_offset.map(|it| it.saturating_add(before))
                        }
                    },
                    carrier: Some(Carrier { frame, packet }),
                    message: selected.message(part.payload),
                };
                let (protocol, carriers) = (selected.id, Carriers::Datagram(frames));
                if pairing.is_some() || protocols.is_bundled(protocol) {
                    captured.message.pair = pair(pairing, protocols, &captured, protocol);
                }
                let more = selected.next_at();
                // The datagram came once, however many messages are in it.
                let (captured, packet) = (&captured, Some(packet).filter(|_| at == 0));
                sink(Found::Message { captured, protocol, side: None, carriers, packet })?;
                Continue(more)
            }
            Err(reason) => {
                tally.undecoded(reason, 1);
                sink(Found::Packet { frame: frame.number, time: frame.time, stream, packet })?;
                Continue(None)
            }
        }
    }

    #[inline]
    fn segment(
        &mut self,
        delivered: Delivered<'_>,
        state: &mut Option<Box<Talk>>,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Self { decoders, tally, pairing, file, sink } = self;
        let Delivered { packet, frame, stream, .. } = delivered;
        sink(Found::Packet { frame: frame.number, time: frame.time, stream, packet })?;
        let talk = state.get_or_insert_with(|| {
            let protocols = decoders.selection.protocols();
            for candidate in decoders.selection.stream_rules(packet).candidates {
                Pairing::learn(pairing, protocols, candidate.protocol);
            }
            Box::new(decoders.begin(&delivered))
        });
        let sink = &mut |found: Found<'_>| lend(found, tally, pairing, sink);
        talk.push(&delivered, *file, held, &mut decoders.tools(), sink)
    }
}

/// The number of a datagram's request, where messages of its protocol are paired.
#[inline(never)]
fn pair(
    pairing: &mut Option<Box<Pairing>>,
    protocols: &Protocols,
    captured: &Captured<'_>,
    protocol: ProtocolId,
) -> Option<u64> {
    Pairing::learn(pairing, protocols, protocol);
    pairing.as_mut().and_then(|it| it.take(captured, protocol))
}

/// Counts what a stream gave, and lends it.
fn lend(
    found: Found<'_>,
    tally: &mut Tally,
    pairing: &mut Option<Box<Pairing>>,
    sink: &mut impl FnMut(Found<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match found {
        Found::Message { captured, protocol, side, carriers, packet } if pairing.is_some() => {
            tally.named(protocol, captured.message.name);
            let mut captured = *captured;
            if let Some(number) = pairing.as_mut().and_then(|it| it.take(&captured, protocol)) {
                captured.message.pair = Some(number);
            }
            return sink(Found::Message { captured: &captured, protocol, side, carriers, packet });
        }
        Found::Message { captured, protocol, .. } => tally.named(protocol, captured.message.name),
        Found::Skipped { reason, .. } => tally.undecoded(reason, 1),
        _ => {}
    }
    sink(found)
}
