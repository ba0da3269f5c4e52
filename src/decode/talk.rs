//! One TCP conversation, from segments to messages: its reassembly and its decoder.

use std::net::SocketAddr;

use super::Captured;
use super::packet::Packet;
use super::reassembly::{Held, Reassembly, TcpAnomalies};
use super::stream::{Input, Side, StreamEvent};
use super::stream_decoder::{Lend, StreamDecoder, Tools};
use crate::capture::{Frame, Timestamp};

/// A conversation.
pub(super) struct Talk {
    reassembly: Reassembly,
    decoder: StreamDecoder,
    place: Place,
}

/// Where a conversation stands.
struct Place {
    /// The capture that it was seen in last, where several are read.
    file: Option<Box<str>>,
    client: SocketAddr,
    server: SocketAddr,
    /// Its last frame.
    frame: u64,
    time: Option<Timestamp>,
    /// The frame in which the message that each side is sending began.
    client_began: Option<u64>,
    server_began: Option<u64>,
}

/// Something of a conversation, and where it was.
pub(super) struct Happening<'a> {
    /// Index of its protocol; `None` for HTTP and for what no decoder reads.
    pub protocol: Option<usize>,
    pub event: StreamEvent<'a>,
    pub file: Option<&'a str>,
    pub frame: u64,
    pub time: Option<Timestamp>,
    pub src: SocketAddr,
    pub dst: SocketAddr,
    /// The frame that carried the first byte of the message.
    pub first_frame: u64,
    /// Where the message lies in the frame, if it does as a whole.
    pub frame_offset: Option<usize>,
}

impl Talk {
    /// A conversation that begins with `packet`.
    pub fn new(packet: &Packet<'_>, from_low: bool, decoder: StreamDecoder) -> Self {
        let reassembly = Reassembly::new(packet, from_low);
        let (client, server) = match reassembly.side(from_low) {
            Side::Client => (packet.src, packet.dst),
            Side::Server => (packet.dst, packet.src),
        };
        let place = Place {
            file: None,
            client,
            server,
            frame: 0,
            time: None,
            client_began: None,
            server_began: None,
        };
        Self { reassembly, decoder, place }
    }

    /// Takes one segment, and lends what happens.
    pub fn push(
        &mut self,
        frame: &Frame<'_>,
        file: Option<&str>,
        packet: &Packet<'_>,
        from_low: bool,
        held: &mut Held,
        tools: &mut Tools<'_>,
        lend: &mut dyn FnMut(Happening<'_>),
    ) {
        let Self { reassembly, decoder, place } = self;
        if place.file.as_deref() != file {
            place.file = file.map(Box::from);
        }
        place.frame = frame.number;
        place.time = frame.time;
        reassembly.push(packet, from_low, held, &mut |side, input| {
            place.decode(decoder, side, input, Some(packet), tools, lend);
        });
        if reassembly.is_closed() {
            // Nothing more can come of it; what it holds is given back.
            *decoder = StreamDecoder::Opaque("TCP payload behind the end of its conversation");
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
        reassembly.finish(held, &mut |side, input| {
            place.decode(decoder, side, input, None, tools, lend);
        });
        self.reassembly.anomalies
    }
}

impl Place {
    fn decode(
        &mut self,
        decoder: &mut StreamDecoder,
        side: Side,
        input: Input<'_>,
        packet: Option<&Packet<'_>>,
        tools: &mut Tools<'_>,
        lend: &mut dyn FnMut(Happening<'_>),
    ) {
        if let Input::Bytes(_) = input {
            let frame = self.frame;
            self.began(side).get_or_insert(frame);
        }
        let lend: Lend<'_> = &mut |protocol, event| lend(self.happening(protocol, event, packet));
        decoder.push(side, input, tools, lend);
    }

    fn happening<'e>(
        &'e mut self,
        protocol: Option<usize>,
        event: StreamEvent<'e>,
        packet: Option<&Packet<'_>>,
    ) -> Happening<'e> {
        let side = match event {
            StreamEvent::Message { side, .. }
            | StreamEvent::Body { side, .. }
            | StreamEvent::BodyGap { side, .. }
            | StreamEvent::Skipped { side, .. } => side,
        };
        let frame = self.frame;
        let (src, dst) = match side {
            Side::Client => (self.client, self.server),
            Side::Server => (self.server, self.client),
        };
        let began = self.began(side);
        let first_frame = began.unwrap_or(frame);
        let mut frame_offset = None;
        if let StreamEvent::Message { message, .. } = &event {
            // What is left of this input belongs to the next message, which begins in this frame.
            *began = Some(frame);
            frame_offset = packet.and_then(|packet| offset_in_frame(packet, message.bytes));
        }
        let (file, time) = (self.file.as_deref(), self.time);
        Happening { protocol, event, file, frame, time, src, dst, first_frame, frame_offset }
    }

    fn began(&mut self, side: Side) -> &mut Option<u64> {
        match side {
            Side::Client => &mut self.client_began,
            Side::Server => &mut self.server_began,
        }
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
    pub fn captured<'a>(&'a self, stream: u32) -> Option<Captured<'a>> {
        let StreamEvent::Message { message, .. } = self.event else { return None };
        Some(Captured {
            file: self.file,
            frame: self.frame,
            time: self.time,
            transport: super::Transport::Tcp,
            src: self.src,
            dst: self.dst,
            stream,
            frame_offset: self.frame_offset,
            message,
        })
    }
}
