//! One TCP conversation, from segments to messages: its reassembly and its decoder.

use std::num::NonZeroU64;

use super::recognition::{StreamDecoder, StreamFormats, Tools};
use super::stream::StreamEvent;
use crate::capture::{Frame, Timestamp};
use crate::flow::Sides;
use crate::flow::{Held, Reassembly, TcpAnomalies};
use crate::flow::{Input, Side};
use crate::message::Captured;
use crate::packet::{Endpoint, Packet, StreamId};
use crate::profile::{Candidate, ProtocolId};

/// A conversation.
pub(super) struct Talk {
    reassembly: Reassembly,
    decoder: StreamDecoder,
    place: Place,
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
struct Place {
    /// Its last frame.
    frame: u64,
    time: Option<Timestamp>,
    /// Position of that frame among all that were pushed, from 1.
    position: u64,
    senders: Sides<Sender>,
    /// The capture that it was seen in last, where several are read.
    file: Option<Box<str>>,
    ends: [Endpoint; 2],
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
    /// The frame with its last bytes, with its time and position.
    last: Option<(u64, Option<Timestamp>, u64)>,
}

/// A segment of the conversation, and where it was.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a> {
    pub frame: &'a Frame<'a>,
    /// Position of the frame among all that were pushed, from 1.
    pub position: u64,
    pub file: Option<&'a str>,
    pub packet: &'a Packet<'a>,
    pub from_low: bool,
}

/// Something of a conversation, and where it was.
pub(super) struct Happening<'a> {
    /// Its protocol; `None` for bytes that no decoder reads.
    pub protocol: Option<ProtocolId>,
    pub event: StreamEvent<'a>,
    pub file: Option<&'a str>,
    pub frame: u64,
    pub time: Option<Timestamp>,
    pub src: Endpoint,
    pub dst: Endpoint,
    /// Positions of the first and the last frame that may carry bytes of the message.
    pub frames: (u64, u64),
    /// Where the message lies in the frame, if it does as a whole.
    pub frame_offset: Option<usize>,
}

impl Talk {
    /// A conversation that begins with `packet`. `ports` tell what it may be, and which of them is
    /// the server's where no handshake does.
    pub fn new(
        packet: &Packet<'_>,
        from_low: bool,
        formats: &StreamFormats,
        ports: Rules<'_>,
    ) -> Self {
        let reassembly = Reassembly::with_server_port(packet, from_low, ports.server);
        let are_sides_assumed = !reassembly.are_sides_known();
        let decoder =
            StreamDecoder::begin(formats, ports.candidates, are_sides_assumed).of_capture();
        let (client, server) = match reassembly.side(from_low) {
            Side::Client => (packet.src, packet.dst),
            Side::Server => (packet.dst, packet.src),
        };
        let place = Place {
            frame: 0,
            time: None,
            position: 0,
            senders: Sides::default(),
            file: None,
            ends: [client, server],
            decoded: false,
            speaker: None,
        };
        Self { reassembly, decoder, place }
    }

    /// Takes one segment, and lends what happens.
    pub fn push(
        &mut self,
        segment: &Segment<'_>,
        held: &mut Held,
        tools: &mut Tools<'_>,
        lend: &mut dyn FnMut(Happening<'_>),
    ) {
        let Self { reassembly, decoder, place } = self;
        let Segment { frame, position, file, packet, from_low } = *segment;
        place.frame = frame.number;
        place.time = frame.time;
        place.position = position;
        if place.file.as_deref() != file {
            place.file = file.map(Box::from);
        }
        if reassembly.is_reversed_by(packet, from_low) {
            decoder.reverse(tools, &mut |protocol, event| {
                lend(place.happening(protocol, event, Some(packet)));
            });
            place.reverse();
        }
        let mut is_reversed = false;
        reassembly.push(packet, from_low, held, &mut |side, input| {
            let side = if is_reversed { side.other() } else { side };
            is_reversed |= place.decode(decoder, side, input, Some(packet), tools, lend);
        });
        if is_reversed {
            reassembly.reverse();
        }
        let decoded = std::mem::take(&mut place.decoded);
        for side in [Side::Client, Side::Server] {
            let Sender { began, waiting_since, .. } = place.senders.of_mut(side);
            let since = waiting_since.or(NonZeroU64::new(position));
            *waiting_since = since.filter(|_| reassembly.is_waiting(side));
            if decoded && decoder.is_between_messages(side) {
                *began = None;
            }
        }
        if reassembly.is_closed() {
            // Nothing more can come of it; what it holds is given back.
            *decoder = StreamDecoder::over();
        }
    }

    /// The capture ends, or the conversation is forgotten: lends what is left of it, and gives
    /// what was noticed.
    pub fn finish(
        mut self,
        held: &mut Held,
        tools: &mut Tools<'_>,
        lend: &mut dyn FnMut(Happening<'_>),
    ) -> TcpAnomalies {
        let Self { reassembly, decoder, place } = &mut self;
        let mut is_reversed = false;
        reassembly.finish(held, &mut |side, input| {
            let side = if is_reversed { side.other() } else { side };
            is_reversed |= place.decode(decoder, side, input, None, tools, lend);
        });
        self.reassembly.anomalies
    }
}

impl Place {
    /// Decodes what arrives on a side. Whether it shows that the sides are the other way round than
    /// was assumed; then it was taken for the other's.
    fn decode(
        &mut self,
        decoder: &mut StreamDecoder,
        side: Side,
        input: Input<'_>,
        packet: Option<&Packet<'_>>,
        tools: &mut Tools<'_>,
        lend: &mut dyn FnMut(Happening<'_>),
    ) -> bool {
        self.decoded = true;
        let mut tell = |place: &mut Self, protocol, event: StreamEvent<'_>| {
            lend(place.happening(protocol, event, packet));
        };
        let is_reversed = decoder.is_reversed_by(side, input, tools, &mut |protocol, event| {
            tell(self, protocol, event);
        });
        let side = if is_reversed { side.other() } else { side };
        if is_reversed {
            self.reverse();
        }
        if let Input::Bytes(_) = input {
            let Sender { began, waiting_since, last } = self.senders.of_mut(side);
            *began = began.or(*waiting_since).or(NonZeroU64::new(self.position));
            *last = Some((self.frame, self.time, self.position));
        }
        self.speaker = Some(side);
        decoder.push(side, input, tools, &mut |protocol, event| tell(self, protocol, event));
        self.speaker = None;
        is_reversed
    }

    /// Exchanges the sides.
    fn reverse(&mut self) {
        self.ends.reverse();
        self.senders.exchange();
    }

    fn happening<'e>(
        &'e mut self,
        protocol: Option<ProtocolId>,
        event: StreamEvent<'e>,
        packet: Option<&Packet<'_>>,
    ) -> Happening<'e> {
        let side = match event {
            StreamEvent::Message { side, .. }
            | StreamEvent::Body { side, .. }
            | StreamEvent::BodyGap { side, .. }
            | StreamEvent::Skipped { side, .. } => side,
        };
        let [client, server] = self.ends;
        let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
        let Sender { began, waiting_since, last } = self.senders.of_mut(side);
        // What the other side's bytes tell of a message was sent before them.
        let is_earlier = self.speaker.is_some_and(|it| it != side);
        let now = (self.frame, self.time, self.position);
        let (frame, time, position) = last.filter(|_| is_earlier).unwrap_or(now);
        let frames = (began.map_or(position, NonZeroU64::get), position);
        let mut frame_offset = None;
        if let StreamEvent::Message { message, .. } = &event {
            // What is left of this input belongs to the next message.
            *began = waiting_since.or(NonZeroU64::new(position));
            frame_offset = packet.and_then(|packet| offset_in_frame(packet, message.bytes));
        }
        let file = self.file.as_deref();
        Happening { protocol, event, file, frame, time, src, dst, frames, frame_offset }
    }
}

/// Where bytes lie in the frame of a packet, if they are its own.
fn offset_in_frame(packet: &Packet<'_>, bytes: &[u8]) -> Option<usize> {
    let payload = packet.payload.as_ptr_range();
    let inside = payload.contains(&bytes.as_ptr()) && bytes.as_ptr_range().end <= payload.end;
    let into = (bytes.as_ptr() as usize).wrapping_sub(payload.start as usize);
    inside.then(|| packet.frame_offset?.checked_add(into)).flatten()
}

impl Happening<'_> {
    /// The message of the happening, if it is one, in its place.
    pub fn captured<'a>(&'a self, stream: StreamId) -> Option<Captured<'a>> {
        let StreamEvent::Message { message, .. } = self.event else { return None };
        Some(Captured {
            file: self.file,
            frame: self.frame,
            time: self.time,
            transport: crate::packet::Transport::Tcp,
            src: self.src,
            dst: self.dst,
            stream,
            frame_offset: self.frame_offset,
            message,
        })
    }
}
