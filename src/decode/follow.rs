//! One conversation's bytes: both sides, each in order, in the order in which they came to light.

use std::fmt;
use std::str::FromStr;

use super::recognition::{Given, Untold};
use crate::capture::{Frame, Timestamp};
use crate::flow::StreamCounts;
use crate::flow::split_transport;
use crate::flow::{Arrival, Delivery, Flow, Gone};
use crate::flow::{Held, Reassembly};
use crate::flow::{Input, Side};
use crate::packet::{Endpoint, Packet, StreamId, Transport};

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
    flow: Flow<Option<Box<Followed>>>,
    transport: Transport,
    number: StreamId,
    held: Held,
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

struct Followed {
    /// `None` for UDP.
    reassembly: Option<Reassembly>,
    /// What came before it was told who the client is; `None` once it is.
    untold: Option<Untold>,
    client: Endpoint,
    server: Endpoint,
    /// How much the client and the server have sent.
    sent: [u64; 2],
    frame: u64,
    time: Option<Timestamp>,
}

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
        Self { flow: Flow::default(), transport, number, held: Held::default() }
    }

    /// Takes one frame, and lends what it brings to light.
    pub fn push(&mut self, frame: &Frame<'_>, sink: &mut impl FnMut(Piece<'_>)) {
        let Self { flow, transport, number, held } = self;
        let Arrival::Packet(delivery) = flow.push(frame) else { return };
        let Delivery { packet, stream, from_low, state, gone, .. } = delivery;
        if let Some(gone) = gone {
            end(gone, held, sink);
        }
        if (packet.transport(), stream) == (*transport, *number) {
            let followed = state.get_or_insert_with(|| Box::new(Followed::new(&packet, from_low)));
            followed.push(frame, &packet, from_low, held, sink);
        }
    }

    /// How many conversations there were so far.
    pub fn counts(&self) -> StreamCounts {
        self.flow.counts()
    }

    /// The capture has ended: lends what still waited for missing bytes.
    pub fn finish(mut self, sink: &mut impl FnMut(Piece<'_>)) {
        let Self { flow, held, .. } = &mut self;
        flow.finish().for_each(|gone| end(gone, held, sink));
    }
}

fn end(gone: Gone<Option<Box<Followed>>>, held: &mut Held, sink: &mut impl FnMut(Piece<'_>)) {
    if let Some(mut followed) = gone.state {
        followed.finish(held, sink);
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
        let untold = (!is_told).then(Untold::default);
        Self { reassembly, untold, client, server, sent: [0; 2], frame: 0, time: None }
    }

    fn push(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        from_low: bool,
        held: &mut Held,
        sink: &mut impl FnMut(Piece<'_>),
    ) {
        (self.frame, self.time) = (frame.number, frame.time);
        match self.reassembly.take() {
            Some(mut reassembly) => {
                if reassembly.is_reversed_by(packet, from_low) {
                    self.reverse();
                }
                if reassembly.are_sides_known() {
                    self.tell_all(sink);
                }
                let mut is_reversed = false;
                reassembly.push(packet, from_low, held, &mut |side, input| {
                    let side = if is_reversed { side.other() } else { side };
                    is_reversed |= self.lend(side, input, sink);
                });
                if is_reversed {
                    reassembly.reverse();
                }
                self.reassembly = Some(reassembly);
            }
            None => {
                let side = if packet.src == self.client { Side::Client } else { Side::Server };
                self.piece(side, Content::Datagram(packet.payload), sink);
                if packet.snapped() > 0 {
                    self.piece(side, Content::Missing(packet.snapped() as u64), sink);
                }
            }
        }
    }

    fn finish(&mut self, held: &mut Held, sink: &mut impl FnMut(Piece<'_>)) {
        if let Some(mut reassembly) = self.reassembly.take() {
            let mut is_reversed = false;
            reassembly.finish(held, &mut |side, input| {
                let side = if is_reversed { side.other() } else { side };
                is_reversed |= self.lend(side, input, sink);
            });
        }
        self.tell_all(sink);
    }

    /// Takes what a side gives. Whether it shows that the sides are the other way round than was
    /// assumed; then it was taken for the other's.
    fn lend(&mut self, side: Side, input: Input<'_>, sink: &mut impl FnMut(Piece<'_>)) -> bool {
        let (bytes, missing) = match input {
            Input::Bytes(bytes) => (bytes, 0),
            Input::Gap(len) => (&[][..], len),
            Input::Close { .. } => return false,
        };
        let Some(untold) = &mut self.untold else {
            self.give(side, bytes, missing, sink);
            return false;
        };
        let role = untold.role(side, bytes);
        let (frame, time) = (self.frame, self.time);
        let is_full = untold.hold(Given { side, frame, time, bytes: bytes.into(), missing });
        let is_reversed = role.is_some_and(|role| role != side);
        if is_reversed {
            self.reverse();
        }
        if role.is_some() || is_full {
            self.tell_all(sink);
        }
        is_reversed
    }

    /// Exchanges the sides.
    fn reverse(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
        if let Some(untold) = &mut self.untold {
            untold.reverse();
        }
    }

    /// It is told, or will not be, who the client is: gives out what was held back.
    fn tell_all(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
        let Some(untold) = self.untold.take() else { return };
        let now = (self.frame, self.time);
        for Given { side, frame, time, bytes, missing } in untold.into_pieces() {
            (self.frame, self.time) = (frame, time);
            self.give(side, &bytes, missing, sink);
        }
        (self.frame, self.time) = now;
    }

    fn give(&mut self, side: Side, bytes: &[u8], missing: u64, sink: &mut impl FnMut(Piece<'_>)) {
        if !bytes.is_empty() {
            self.piece(side, Content::Segment(bytes), sink);
        }
        if missing > 0 {
            self.piece(side, Content::Missing(missing), sink);
        }
    }

    fn piece(&mut self, side: Side, content: Content<'_>, sink: &mut impl FnMut(Piece<'_>)) {
        let Self { client, server, sent: [from_client, from_server], frame, time, .. } = self;
        let (src, dst, sent) = match side {
            Side::Client => (*client, *server, from_client),
            Side::Server => (*server, *client, from_server),
        };
        let offset = *sent;
        *sent = sent.saturating_add(content.len());
        sink(Piece { side, src, dst, frame: *frame, time: *time, offset, content });
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
