//! Frames to messages: one call a frame, over all conversations of a capture.

use std::net::IpAddr;

use super::codec::CodecError;
use super::http;
use super::recognition::{StreamFormats, Tools};
use super::selection::Selection;
use super::stream::StreamEvent;
use super::summary::Summary;
use super::talk::{Happening, Segment, Talk};
use super::tally::Tally;
use crate::capture::{Frame, Timestamp};
use crate::flow::Held;
use crate::flow::Side;
use crate::flow::{Arrival, Delivery, Flow};
use crate::message::{Captured, Known};
use crate::packet::{Checksum, Endpoint, Membership, Packet, StreamId, Transport, Undecoded};
use crate::profile::{ProtocolId, Protocols};

/// Decodes the frames of a capture and counts what they came to.
pub struct Dissector<'p> {
    flow: Flow<Option<Box<Talk>>>,
    selection: Selection<'p>,
    formats: StreamFormats,
    scratch: http::Scratch,
    held: Held,
    tally: Tally,
}

/// Something that a frame brought to light.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A datagram or a segment; what is found in it follows.
    Packet {
        /// The frame; of a datagram in fragments, the last one.
        frame: u64,
        /// That frame's time.
        time: Option<Timestamp>,
        /// The conversation.
        stream: StreamId,
        /// The packet.
        packet: &'a Packet<'a>,
    },
    /// A host reports that it is, or was, a member of a group: IGMP or MLD.
    Joined {
        /// The frame.
        frame: u64,
        /// The host.
        src: IpAddr,
        /// The group.
        group: IpAddr,
        /// It reports that it listens no longer, to the group or to some of its senders.
        has_left: bool,
    },
    /// A message.
    Message {
        /// The message in its place.
        captured: &'a Captured<'a>,
        /// Its protocol.
        protocol: ProtocolId,
        /// Who sent it in its stream; `None` for a datagram.
        side: Option<Side>,
        /// The frames that carried it.
        carriers: Carriers<'a>,
    },
    /// Anything that a stream's decoder lends: bodies, and messages once more.
    Stream {
        /// The frame.
        frame: u64,
        /// The conversation.
        stream: StreamId,
        /// Who sent it.
        src: Endpoint,
        /// To whom.
        dst: Endpoint,
        /// What was found.
        event: &'a StreamEvent<'a>,
    },
}

/// The frames that carried a message, counted from 1 in the order in which they were pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriers<'a> {
    /// Those of a datagram: several where it came in fragments.
    Datagram(&'a [u64]),
    /// Among these, those of the message's stream that its sender sent.
    Segments {
        /// The first that may carry bytes of it.
        first: u64,
        /// The one that completed it.
        last: u64,
    },
}

impl<'p> Dissector<'p> {
    /// Prepares a decoder for each protocol. With `digest` HTTP messages have the SHA-256 of their
    /// bodies.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols, digest: bool) -> Result<Self, CodecError> {
        let selection = Selection::new(protocols)?;
        let formats = StreamFormats::new(protocols, selection.codecs(), digest)?;
        let tally = Tally::new(protocols);
        let (scratch, held) = (http::Scratch::default(), Held::default());
        Ok(Self { flow: Flow::default(), selection, formats, scratch, held, tally })
    }

    /// Takes one frame, and lends what it brings to light. `file` is the capture's path, where
    /// several are read.
    pub fn push(
        &mut self,
        frame: &Frame<'_>,
        file: Option<&str>,
        sink: &mut impl FnMut(Found<'_>),
    ) {
        self.tally.frame();
        let Self { flow, selection, formats, scratch, held, tally } = self;
        // Kept where it was made: a delivery is too large to be moved for nothing.
        let mut arrival = flow.push(frame);
        let delivery = match &mut arrival {
            Arrival::Packet(delivery) => delivery,
            Arrival::Held => return,
            Arrival::Membership(report) => return joined(report, frame.number, tally, sink),
            Arrival::Undecoded(reason) => return tally.undecoded(*reason, 1),
        };
        if delivery.packet.checksum == Checksum::Bad {
            tally.bad_checksum();
        }
        let Delivery { stream, packet, .. } = &*delivery;
        sink(Found::Packet { frame: frame.number, time: frame.time, stream: *stream, packet });
        let mut tools = Tools { formats, scratch };
        if let Some(gone) = delivery.gone.take()
            && let Some(talk) = gone.state
        {
            let stream = gone.stream;
            let lend = &mut |it: Happening<'_>| lend(&it, stream, tally, sink);
            let anomalies = talk.finish(held, &mut tools, lend);
            tally.tcp(&anomalies);
        }
        match delivery.packet.transport() {
            Transport::Udp => read_datagram(delivery, frame, file, selection, tally, sink),
            Transport::Tcp => {
                let Delivery { packet, frames, stream, from_low, state, .. } = delivery;
                let (packet, stream, from_low) = (&*packet, *stream, *from_low);
                let position = frames.last().copied().unwrap_or_default();
                let talk = state.get_or_insert_with(|| {
                    let rules = selection.stream_rules(packet);
                    Box::new(Talk::new(packet, from_low, tools.formats, rules))
                });
                let lend = &mut |it: Happening<'_>| lend(&it, stream, tally, sink);
                let segment = Segment { frame, position, file, packet, from_low };
                talk.push(&segment, held, &mut tools, lend);
            }
        }
    }

    /// Every message that can come out.
    pub fn known(&self) -> Vec<Known<'_>> {
        self.selection.known().chain(self.formats.known()).collect()
    }

    /// The capture has ended: lends what was still under way, and tells what the run came to.
    pub fn finish(mut self, sink: &mut impl FnMut(Found<'_>)) -> Summary {
        let Self { flow, formats, scratch, held, tally, .. } = &mut self;
        let mut left: Vec<_> = flow.finish().filter(|gone| gone.state.is_some()).collect();
        left.sort_by_key(|gone| gone.stream);
        let mut tools = Tools { formats, scratch };
        for gone in left {
            let stream = gone.stream;
            let lend = &mut |it: Happening<'_>| lend(&it, stream, tally, sink);
            if let Some(talk) = gone.state {
                let anomalies = talk.finish(held, &mut tools, lend);
                tally.tcp(&anomalies);
            }
        }
        tally.undecoded(Undecoded::FragmentDropped, flow.take_dropped());
        let summary = self.tally.summary(self.selection.protocols(), self.flow.evicted());
        Summary { streams: self.flow.counts(), ..summary }
    }
}

fn joined(
    report: &mut Membership<'_>,
    frame: u64,
    tally: &mut Tally,
    sink: &mut impl FnMut(Found<'_>),
) {
    tally.undecoded(report.undecoded(), 1);
    let src = report.src;
    for (group, has_left) in report {
        sink(Found::Joined { frame, src, group, has_left });
    }
}

#[inline]
fn read_datagram(
    delivery: &Delivery<'_, Option<Box<Talk>>>,
    frame: &Frame<'_>,
    file: Option<&str>,
    selection: &mut Selection<'_>,
    tally: &mut Tally,
    sink: &mut impl FnMut(Found<'_>),
) {
    let packet = &delivery.packet;
    match selection.read(packet) {
        Ok(selected) => {
            tally.message(selected.id, selected.case());
            let captured = &Captured {
                file,
                frame: frame.number,
                time: frame.time,
                transport: Transport::Udp,
                src: packet.src,
                dst: packet.dst,
                stream: delivery.stream,
                frame_offset: packet.frame_offset,
                message: selected.message(packet.payload),
            };
            let (protocol, carriers) = (selected.id, Carriers::Datagram(delivery.frames));
            sink(Found::Message { captured, protocol, side: None, carriers });
        }
        Err(reason) => tally.undecoded(reason, 1),
    }
}

fn lend(
    happening: &Happening<'_>,
    stream: StreamId,
    tally: &mut Tally,
    sink: &mut impl FnMut(Found<'_>),
) {
    let Happening { protocol, event, frame, frames: (first, last), .. } = happening;
    if let StreamEvent::Skipped { reason, .. } = event {
        tally.undecoded(*reason, 1);
    }
    let (src, dst) = (happening.src, happening.dst);
    sink(Found::Stream { frame: *frame, stream, src, dst, event });
    if let (Some(captured), Some(protocol)) = (&happening.captured(stream), *protocol) {
        let carriers = Carriers::Segments { first: *first, last: *last };
        let side = match event {
            StreamEvent::Message { side, .. } => Some(*side),
            _ => None,
        };
        tally.named(protocol, captured.message.name);
        sink(Found::Message { captured, protocol, side, carriers });
    }
}
