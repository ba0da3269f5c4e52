//! One conversation's bytes: both sides, each in order, in the order in which they came to light.

use std::fmt;
use std::ops::ControlFlow::{self, Continue};
use std::str::FromStr;

use super::recognition::{Given, Untold};
use crate::capture::{Frame, Timestamp};
use crate::flow::{
    Consumer, Delivered, Driver, Gone, Held, Input, Reassembly, Returned, Side, Sides, SinkResult,
    StreamCounts, split_transport,
};
use crate::packet::{Endpoint, Packet, StreamId, Transport, Undecoded};

/// A stream as a user names it: `3`, `tcp:3`, `udp:0`, `tcp.stream==3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamName {
    /// What carries it, where that is said.
    pub transport: Option<Transport>,
    /// Its number, as Wireshark's tcp.stream or udp.stream.
    pub number: StreamId,
}

/// What names no stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no stream; names are like 3, tcp:3, udp:0 and tcp.stream==3")]
pub struct StreamNameError(String);

/// Follows one conversation of a capture.
pub struct Follow {
    driver: Driver<Option<Box<Followed>>>,
    transport: Transport,
    number: StreamId,
}

/// Bytes of one side, or that they are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Who sent it. In UDP the client is who sent first.
    pub side: Side,
    /// The sender.
    pub src: Endpoint,
    /// The receiver.
    pub dst: Endpoint,
    /// The frame that brought it to light: for TCP the one that filled the last gap before it.
    pub frame: u64,
    /// That frame's time.
    pub time: Option<Timestamp>,
    /// How many bytes the side had sent before it.
    pub offset: u64,
    /// What it is.
    pub content: Content<'a>,
}

/// What a [`Piece`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// The next bytes of a TCP stream.
    Segment(&'a [u8]),
    /// A UDP datagram, as far as it was captured.
    Datagram(&'a [u8]),
    /// So many bytes that the capture lacks.
    Missing(u64),
}

/// The conversation.
struct Followed {
    /// `None` for UDP.
    reassembly: Option<Reassembly>,
    pieces: Pieces,
}

/// What the sides have given so far.
struct Pieces {
    /// What came before it was told who the client is; `None` once it is.
    untold: Option<Untold>,
    ends: Sides<Endpoint>,
    /// How much each side has sent.
    sent: Sides<u64>,
    /// The last frame, and its time.
    frame: u64,
    time: Option<Timestamp>,
}

/// Lends the pieces of one conversation among all.
struct Following<'s> {
    transport: Transport,
    number: StreamId,
    sink: Sink<'s>,
}

/// Takes pieces, until it is told to stop.
type Sink<'s> = &'s mut dyn FnMut(Piece<'_>) -> ControlFlow<()>;

impl FromStr for StreamName {
    type Err = StreamNameError;

    fn from_str(text: &str) -> Result<Self, StreamNameError> {
        let named = split_transport(text.trim());
        let name = named.and_then(|(transport, number)| {
            Some(Self { transport, number: StreamId(number.parse().ok()?) })
        });
        name.ok_or_else(|| StreamNameError(text.to_owned()))
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(transport) = self.transport {
            write!(f, "{}:", transport.as_str())?;
        }
        self.number.fmt(f)
    }
}

impl Follow {
    /// Follows the conversation of that number.
    pub fn new(transport: Transport, number: StreamId) -> Self {
        Self { driver: Driver::default(), transport, number }
    }

    /// Takes one frame, and lends what it brings to light.
    pub fn push<R: SinkResult>(
        &mut self,
        frame: &Frame<'_>,
        sink: &mut impl FnMut(Piece<'_>) -> R,
    ) -> R {
        self.drive(sink, |driver, consumer| driver.push(frame, consumer))
    }

    /// Time has passed without a frame: lends what has waited for too long, as
    /// [`Dissector::tick`](super::dissector::Dissector::tick).
    pub fn tick<R: SinkResult>(
        &mut self,
        now: Timestamp,
        sink: &mut impl FnMut(Piece<'_>) -> R,
    ) -> R {
        self.drive(sink, |driver, consumer| driver.tick(now, consumer))
    }

    /// How many conversations there were so far.
    pub fn counts(&self) -> StreamCounts {
        self.driver.counts()
    }

    /// The capture has ended: lends what still waited for missing bytes.
    pub fn finish<R: SinkResult>(mut self, sink: &mut impl FnMut(Piece<'_>) -> R) -> R {
        self.drive(sink, |driver, consumer| driver.finish(consumer))
    }

    fn drive<R: SinkResult>(
        &mut self,
        sink: &mut impl FnMut(Piece<'_>) -> R,
        run: impl FnOnce(&mut Driver<Option<Box<Followed>>>, &mut Following<'_>) -> ControlFlow<()>,
    ) -> R {
        let Self { driver, transport, number } = self;
        Returned::of(|returned| {
            let sink = &mut |piece: Piece<'_>| returned.keep(sink(piece));
            run(driver, &mut Following { transport: *transport, number: *number, sink })
        })
    }
}

impl Consumer for Following<'_> {
    /// Of the one that is followed.
    type State = Option<Box<Followed>>;
    type Stop = ();

    fn packet(
        &mut self,
        delivered: Delivered<'_>,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Delivered { packet, stream, from_low, .. } = delivered;
        if (packet.transport(), stream) != (self.transport, self.number) {
            return Continue(());
        }
        let followed = state.get_or_insert_with(|| Box::new(Followed::new(packet, from_low)));
        followed.push(&delivered, held, self.sink)
    }

    fn ended(
        &mut self,
        gone: Gone<Self::State>,
        _packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(mut followed) = gone.state else { return Continue(()) };
        followed.finish(held, self.sink)
    }

    fn undecoded(&mut self, _reason: Undecoded, _frames: u64) {}

    fn tick(
        &mut self,
        now: Timestamp,
        state: &mut Self::State,
        held: &mut Held,
    ) -> ControlFlow<()> {
        let Some(followed) = state else { return Continue(()) };
        followed.tick(now, held, self.sink)
    }
}

impl Followed {
    fn new(packet: &Packet<'_>, from_low: bool) -> Self {
        let reassembly = packet.tcp.map(|_| Reassembly::new(packet, from_low));
        let side = reassembly.as_ref().map_or(Side::Client, |it| it.side(from_low));
        let (client, server) = match side {
            Side::Client => (packet.src, packet.dst),
            Side::Server => (packet.dst, packet.src),
        };
        let is_told = reassembly.as_ref().is_none_or(Reassembly::are_sides_known);
        let pieces = Pieces {
            untold: (!is_told).then(Untold::default),
            ends: Sides { client, server },
            sent: Sides::default(),
            frame: 0,
            time: None,
        };
        Self { reassembly, pieces }
    }

    fn push(
        &mut self,
        delivered: &Delivered<'_>,
        held: &mut Held,
        sink: Sink<'_>,
    ) -> ControlFlow<()> {
        let Self { reassembly, pieces } = self;
        let Delivered { packet, frame, from_low, .. } = *delivered;
        (pieces.frame, pieces.time) = (frame.number, frame.time);
        let Some(reassembly) = reassembly else { return pieces.datagram(packet, sink) };
        if reassembly.is_reversed_by(packet, from_low) {
            pieces.reverse();
        }
        if reassembly.are_sides_known() {
            pieces.tell_all(sink)?;
        }
        let listener = &mut |side, input: Input<'_>| pieces.take(side, input, sink);
        reassembly.tell(packet, from_low, held, listener)
    }

    fn tick(&mut self, now: Timestamp, held: &mut Held, sink: Sink<'_>) -> ControlFlow<()> {
        let Self { reassembly, pieces } = self;
        let Some(reassembly) = reassembly else { return Continue(()) };
        reassembly.tick(now, held, &mut |side, input| pieces.take(side, input, sink))
    }

    fn finish(&mut self, held: &mut Held, sink: Sink<'_>) -> ControlFlow<()> {
        let Self { reassembly, pieces } = self;
        if let Some(reassembly) = reassembly {
            reassembly.tell_rest(held, &mut |side, input| pieces.take(side, input, sink))?;
        }
        pieces.tell_all(sink)
    }
}

impl Pieces {
    fn datagram(&mut self, packet: &Packet<'_>, sink: Sink<'_>) -> ControlFlow<()> {
        let side = if packet.src == self.ends.client { Side::Client } else { Side::Server };
        self.piece(side, Content::Datagram(packet.payload), sink)?;
        match packet.snapped() {
            0 => Continue(()),
            missing => self.piece(side, Content::Missing(missing as u64), sink),
        }
    }

    /// Takes what a side gives. Whether it shows that the sides are the other way round than was
    /// assumed; then it was taken for the other's.
    fn take(&mut self, side: Side, input: Input<'_>, sink: Sink<'_>) -> ControlFlow<(), bool> {
        let (bytes, missing) = match input {
            Input::Bytes(bytes) => (bytes, 0),
            Input::Gap(len) => (&[][..], len),
            Input::Close { .. } => return Continue(false),
        };
        let Some(untold) = &mut self.untold else {
            self.give(side, bytes, missing, sink)?;
            return Continue(false);
        };
        let role = untold.role(side, bytes);
        let (frame, time) = (self.frame, self.time);
        let is_full = untold.hold(Given { side, frame, time, bytes: bytes.into(), missing });
        let is_reversed = role.is_some_and(|role| role != side);
        if is_reversed {
            self.reverse();
        }
        if role.is_some() || is_full {
            self.tell_all(sink)?;
        }
        Continue(is_reversed)
    }

    /// Exchanges the sides.
    fn reverse(&mut self) {
        self.ends.exchange();
        if let Some(untold) = &mut self.untold {
            untold.reverse();
        }
    }

    /// It is told, or will not be, who the client is: gives out what was held back.
    fn tell_all(&mut self, sink: Sink<'_>) -> ControlFlow<()> {
        let Some(untold) = self.untold.take() else { return Continue(()) };
        let now = (self.frame, self.time);
        for Given { side, frame, time, bytes, missing } in untold.into_pieces() {
            (self.frame, self.time) = (frame, time);
            self.give(side, &bytes, missing, sink)?;
        }
        (self.frame, self.time) = now;
        Continue(())
    }

    fn give(&mut self, side: Side, bytes: &[u8], missing: u64, sink: Sink<'_>) -> ControlFlow<()> {
        if !bytes.is_empty() {
            self.piece(side, Content::Segment(bytes), sink)?;
        }
        if missing > 0 {
            self.piece(side, Content::Missing(missing), sink)?;
        }
        Continue(())
    }

    fn piece(&mut self, side: Side, content: Content<'_>, sink: Sink<'_>) -> ControlFlow<()> {
        let Self { ends, sent, frame, time, .. } = self;
        let (src, dst) = (*ends.of(side), *ends.of(side.other()));
        let sent = sent.of_mut(side);
        let offset = *sent;
        *sent = sent.saturating_add(content.len());
        sink(Piece { side, src, dst, frame: *frame, time: *time, offset, content })
    }
}

impl Content<'_> {
    /// Bytes, the missing ones included.
    pub fn len(&self) -> u64 {
        match self {
            Self::Segment(bytes) | Self::Datagram(bytes) => bytes.len() as u64,
            Self::Missing(len) => *len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_streams() {
        let tcp = Some(Transport::Tcp);
        let udp = Some(Transport::Udp);
        for (text, transport, number) in [
            ("3", None, 3),
            ("tcp:3", tcp, 3),
            ("udp:0", udp, 0),
            ("tcp.stream==12", tcp, 12),
            ("udp.stream == 4294967295", udp, u32::MAX),
        ] {
            let number = StreamId(number);
            assert_eq!(text.parse(), Ok(StreamName { transport, number }), "{text}");
        }
        for text in ["", "tcp", "tcp3", "tcp:", "tcp:-1", "sctp:1", "tcp.stream=3", "4294967296"] {
            let error = text.parse::<StreamName>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{text}\" names no stream")), "{error}");
        }
    }
}
