//! One TCP conversation, from segments to messages: its reassembly and its decoder.

use std::num::NonZeroU64;
use std::ops::ControlFlow::{self, Continue};

use super::found::{Carriers, Found};
use super::recognition::{StreamDecoder, StreamFormats, Tools};
use super::stream::StreamEvent;
use crate::capture::Timestamp;
use crate::flow::{Delivered, Held, Input, PATIENCE, Reassembly, Side, Sides, TcpAnomalies};
use crate::message::{Captured, Carrier};
use crate::packet::{Endpoint, Packet, StreamId, Transport};
use crate::profile::{Candidate, ProtocolId};

/// A conversation.
pub(super) struct Talk {
    reassembly: Reassembly,
    decoder: StreamDecoder,
    place: Standing,
}

/// What is declared for the ports of a conversation.
#[derive(Clone, Copy)]
pub(super) struct Rules<'c> {
    /// What it may be.
    pub candidates: &'c [Candidate],
    /// The one port of the two that a rule names: it is the server's.
    pub server: Option<u16>,
}

/// Where a conversation stands.
struct Standing {
    stream: StreamId,
    /// Its last frame.
    now: Moment,
    senders: Sides<Sender>,
    /// The capture that it was seen in last, where several are read.
    file: Option<Box<str>>,
    ends: Sides<Endpoint>,
    /// The decoder was given something of the last segment.
    decoded: bool,
    /// Whose input the decoder has.
    speaker: Option<Side>,
}

/// How far one side has come.
#[derive(Default)]
struct Sender {
    /// Position of the first frame that may carry bytes of the message under way.
    began: Option<NonZeroU64>,
    /// Position of the first frame since when segments have waited for bytes that precede them.
    waiting_since: Option<NonZeroU64>,
    /// The frame with its last bytes.
    last: Option<Moment>,
}

/// A frame.
#[derive(Clone, Copy, Default)]
struct Moment {
    frame: u64,
    time: Option<Timestamp>,
    /// Its position among all that were pushed, from 1.
    position: u64,
}

/// Takes what is found, until it is told to stop.
pub(super) type Sink<'s> = &'s mut dyn FnMut(Found<'_>) -> ControlFlow<()>;

impl Talk {
    /// A conversation that begins with a segment. `ports` tell what it may be, and which of them is
    /// the server's where no handshake does.
    pub fn new(delivered: &Delivered<'_>, formats: &StreamFormats, ports: Rules<'_>) -> Self {
        let Delivered { packet, stream, from_low, .. } = *delivered;
        let reassembly = Reassembly::with_server_port(packet, from_low, ports.server);
        let are_sides_assumed = !reassembly.are_sides_known();
        let decoder =
            StreamDecoder::begin(formats, ports.candidates, are_sides_assumed).of_capture();
        let (client, server) = match reassembly.side(from_low) {
            Side::Client => (packet.src, packet.dst),
            Side::Server => (packet.dst, packet.src),
        };
        let place = Standing {
            stream,
            now: Moment::default(),
            senders: Sides::default(),
            file: None,
            ends: Sides { client, server },
            decoded: false,
            speaker: None,
        };
        Self { reassembly, decoder, place }
    }

    /// Takes one segment, and lends what is found. `file` is the capture's path, where several are
    /// read.
    pub fn push(
        &mut self,
        delivered: &Delivered<'_>,
        file: Option<&str>,
        held: &mut Held,
        tools: &mut Tools<'_>,
        sink: Sink<'_>,
    ) -> ControlFlow<()> {
        let Self { reassembly, decoder, place } = self;
        let Delivered { packet, frame, from_low, .. } = *delivered;
        let carrier = Some(Carrier { frame, packet });
        place.now =
            Moment { frame: frame.number, time: frame.time, position: delivered.position() };
        if place.file.as_deref() != file {
            place.file = file.map(Box::from);
        }
        if reassembly.is_reversed_by(packet, from_low) {
            decoder.reverse(tools, &mut |id, event| place.lend(id, event, carrier, sink))?;
            place.reverse();
        }
        reassembly.tell(packet, from_low, held, &mut |side, input| {
            place.decode(decoder, side, input, carrier, tools, sink)
        })?;
        self.settle(tools);
        Continue(())
    }

    /// Time has passed: gives up what has waited for too long.
    pub fn tick(
        &mut self,
        now: Timestamp,
        held: &mut Held,
        tools: &mut Tools<'_>,
        sink: Sink<'_>,
    ) -> ControlFlow<()> {
        let Self { reassembly, decoder, place } = self;
        reassembly.tick(now, held, &mut |side, input| {
            place.decode(decoder, side, input, None, tools, sink)
        })?;
        if place.now.time.is_some_and(|last| now.is_beyond(last, PATIENCE)) {
            decoder.tick(tools, &mut |id, event| place.lend(id, event, None, sink))?;
        }
        self.settle(tools);
        Continue(())
    }

    /// Notes where the messages under way began; what is over keeps nothing.
    fn settle(&mut self, tools: &mut Tools<'_>) {
        let Self { reassembly, decoder, place } = self;
        let position = NonZeroU64::new(place.now.position);
        let decoded = std::mem::take(&mut place.decoded);
        for side in [Side::Client, Side::Server] {
            let Sender { began, waiting_since, .. } = place.senders.of_mut(side);
            *waiting_since = waiting_since.or(position).filter(|_| reassembly.is_waiting(side));
            if decoded && decoder.is_between_messages(side) {
                *began = None;
            }
        }
        if reassembly.is_closed() {
            self.give_back(tools);
        }
    }

    /// Nothing more can come of it: what its decoder holds may serve another.
    fn give_back(&mut self, tools: &mut Tools<'_>) {
        std::mem::replace(&mut self.decoder, StreamDecoder::over()).recycle(tools.scratch);
    }

    /// The capture ends, or the conversation is forgotten: lends what is left of it.
    pub fn finish(
        &mut self,
        held: &mut Held,
        tools: &mut Tools<'_>,
        sink: Sink<'_>,
    ) -> ControlFlow<()> {
        let Self { reassembly, decoder, place } = self;
        reassembly.tell_rest(held, &mut |side, input| {
            place.decode(decoder, side, input, None, tools, sink)
        })?;
        self.give_back(tools);
        Continue(())
    }

    /// What was noticed so far.
    pub fn anomalies(&self) -> &TcpAnomalies {
        &self.reassembly.anomalies
    }
}

impl Standing {
    /// Decodes what arrives on a side. Whether it shows that the sides are the other way round than
    /// was assumed; then it was taken for the other's.
    fn decode(
        &mut self,
        decoder: &mut StreamDecoder,
        side: Side,
        input: Input<'_>,
        carrier: Option<Carrier<'_>>,
        tools: &mut Tools<'_>,
        sink: Sink<'_>,
    ) -> ControlFlow<(), bool> {
        self.decoded = true;
        let is_reversed = decoder.is_reversed_by(side, input, tools, &mut |id, event| {
            self.lend(id, event, carrier, sink)
        })?;
        let side = if is_reversed { side.other() } else { side };
        if is_reversed {
            self.reverse();
        }
        if let Input::Bytes(_) = input {
            let Sender { began, waiting_since, last } = self.senders.of_mut(side);
            *began = began.or(*waiting_since).or(NonZeroU64::new(self.now.position));
            *last = Some(self.now);
        }
        self.speaker = Some(side);
        decoder.push(side, input, tools, &mut |id, event| self.lend(id, event, carrier, sink))?;
        self.speaker = None;
        let Moment { frame, time, .. } = self.now;
        let (stream, (src, dst)) = (self.stream, self.ends(side));
        sink(Found::Arrived { frame, time, stream, side, src, dst, input })?;
        Continue(is_reversed)
    }

    /// Exchanges the sides.
    fn reverse(&mut self) {
        self.ends.exchange();
        self.senders.exchange();
    }

    /// Lends what the decoder found, with where it was.
    fn lend(
        &mut self,
        protocol: Option<ProtocolId>,
        event: StreamEvent<'_>,
        carrier: Option<Carrier<'_>>,
        sink: Sink<'_>,
    ) -> ControlFlow<()> {
        match event {
            StreamEvent::Message { side, message } => {
                let Some(protocol) = protocol else { return Continue(()) };
                // What the other side's bytes tell of a message was sent before them.
                let carrier = carrier.filter(|_| !self.is_earlier(side));
                let packet = carrier.map(|it| it.packet);
                let Moment { frame, time, position } = self.moment(side);
                let (src, dst) = self.ends(side);
                let Sender { began, waiting_since, .. } = self.senders.of_mut(side);
                let first = began.map_or(position, NonZeroU64::get);
                // What is left of this input belongs to the next message.
                *began = waiting_since.or(NonZeroU64::new(position));
                let captured = &Captured {
                    file: self.file.as_deref(),
                    frame,
                    time,
                    transport: Transport::Tcp,
                    src,
                    dst,
                    stream: self.stream,
                    frame_offset: packet.and_then(|it| offset_in_frame(it, message.bytes)),
                    carrier,
                    message,
                };
                let (side, carriers) = (Some(side), Carriers::Segments { first, last: position });
                sink(Found::Message { captured, protocol, side, carriers, packet })
            }
            StreamEvent::Body { side, bytes, is_encoded } => {
                let (frame, stream) = (self.moment(side).frame, self.stream);
                sink(Found::Body { frame, stream, side, bytes, is_encoded })
            }
            StreamEvent::BodyGap { side, len } => {
                let (frame, stream) = (self.moment(side).frame, self.stream);
                sink(Found::BodyGap { frame, stream, side, len })
            }
            StreamEvent::Skipped { side, len, reason } => {
                let (frame, stream) = (self.moment(side).frame, self.stream);
                let (src, dst) = self.ends(side);
                sink(Found::Skipped { frame, stream, side, src, dst, len, reason })
            }
        }
    }

    /// What is told of a side is told by what the other says.
    fn is_earlier(&self, side: Side) -> bool {
        self.speaker.is_some_and(|it| it != side)
    }

    /// When what is told of a side was sent.
    fn moment(&self, side: Side) -> Moment {
        let last = self.senders.of(side).last;
        last.filter(|_| self.is_earlier(side)).unwrap_or(self.now)
    }

    /// The sender and the receiver of what a side says.
    fn ends(&self, side: Side) -> (Endpoint, Endpoint) {
        (*self.ends.of(side), *self.ends.of(side.other()))
    }
}

/// Where bytes lie in the frame of a packet, if they are its own.
fn offset_in_frame(packet: &Packet<'_>, bytes: &[u8]) -> Option<usize> {
    let payload = packet.payload.as_ptr_range();
    let inside = payload.contains(&bytes.as_ptr()) && bytes.as_ptr_range().end <= payload.end;
    let into = (bytes.as_ptr() as usize).wrapping_sub(payload.start as usize);
    inside.then(|| packet.frame_offset?.checked_add(into)).flatten()
}
