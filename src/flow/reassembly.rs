//! TCP segments to the bytes of a connection, each side in order (RFC 9293 section 3.10).
//!
//! What arrived first wins; bytes of a retransmission that differ are counted. A segment behind a
//! gap waits until the gap is filled, the peer acknowledges bytes beyond it (then the capture lacks
//! them), or a bound is reached: [`MAX_HELD`] a direction, [`MAX_HELD_TOTAL`] in all. Missing
//! bytes become [`Input::Gap`] and are never glued over.
//!
//! A side begins with the SYN that its peer accepts. Segments that acknowledge what the peer never
//! sent are left of another connection between the same ports: they are counted, and left out.
//!
//! A reset ends nothing by itself: it may be forged or come too late, and whoever is not fooled by
//! it goes on. What follows it is given out like any other bytes, as Wireshark does.

use std::ops::ControlFlow;

pub use super::anomalies::TcpAnomalies;
use super::beginning::{MAX_FIRST_REACH, MAX_REACH};
use super::half::Half;
use super::side::{Input, Side};
use super::sink::{Returned, SinkResult};
use super::waiting::Held;
use crate::capture::Timestamp;
use crate::packet::{Packet, TcpHeader};

/// One connection.
#[derive(Debug)]
pub struct Reassembly {
    /// What the lesser and what the greater endpoint sends: a segment's own is found before
    /// anything of the connection has come from memory.
    low: Half,
    high: Half,
    client_is_low: bool,
    /// A handshake told who the client is.
    are_sides_known: bool,
    /// What was noticed.
    pub anomalies: TcpAnomalies,
}

/// Takes what a connection gives: its bytes in order, gaps and closes. Says whether they show that
/// the sides are the other way round than was assumed, and then has taken them for the other's.
pub(crate) trait Listener: FnMut(Side, Input<'_>) -> ControlFlow<(), bool> {}
impl<F: FnMut(Side, Input<'_>) -> ControlFlow<(), bool>> Listener for F {}

impl Reassembly {
    /// A connection that begins with `packet`. Who sends SYN, or is answered by SYN and ACK, is
    /// the client; where no handshake was seen, the server is the one with the lower port.
    pub fn new(packet: &Packet<'_>, from_low: bool) -> Self {
        Self::with_server_port(packet, from_low, None)
    }

    /// As [`new`](Self::new); where no handshake was seen, the server is the one with this port.
    pub fn with_server_port(packet: &Packet<'_>, from_low: bool, port: Option<u16>) -> Self {
        let from_client = match port {
            Some(port) if packet.src.port() != packet.dst.port() => packet.dst.port() == Some(port),
            _ => packet.src.port() >= packet.dst.port(),
        };
        let mut new = Self {
            low: Half::default(),
            high: Half::default(),
            client_is_low: from_low == from_client,
            are_sides_known: false,
            anomalies: TcpAnomalies::default(),
        };
        new.is_reversed_by(packet, from_low);
        new
    }

    /// Whether a handshake told which side is which.
    pub fn are_sides_known(&self) -> bool {
        self.are_sides_known
    }

    /// Whether `packet` is the first of a handshake and shows that the sides are the other way
    /// round than was assumed; then they have been exchanged.
    pub fn is_reversed_by(&mut self, packet: &Packet<'_>, from_low: bool) -> bool {
        let Some(flags) = packet.tcp.map(|tcp| tcp.flags).filter(|it| it.syn && !it.rst) else {
            return false;
        };
        let from_client = !flags.ack;
        let is_reversed = !self.are_sides_known && (from_low == from_client) != self.client_is_low;
        if is_reversed {
            self.reverse();
        }
        self.are_sides_known = true;
        is_reversed
    }

    /// Exchanges the sides: what was taken for the client is the server.
    pub fn reverse(&mut self) {
        self.client_is_low = !self.client_is_low;
    }

    /// Which side a packet comes from.
    pub fn side(&self, from_low: bool) -> Side {
        if from_low == self.client_is_low { Side::Client } else { Side::Server }
    }

    /// Whether segments of a side wait for bytes that precede them.
    pub fn is_waiting(&self, side: Side) -> bool {
        let is_low = (side == Side::Client) == self.client_is_low;
        let half = if is_low { &self.low } else { &self.high };
        half.first_held().is_some()
    }

    /// The sequence number of the first byte of the lesser or of the greater end, where anything is
    /// known of it.
    pub fn first_seq(&self, of_low: bool) -> Option<u32> {
        let half = if of_low { &self.low } else { &self.high };
        half.beginning.first()
    }

    /// Nothing more will come from either side.
    pub fn is_closed(&self) -> bool {
        self.low.closed && self.high.closed
    }

    /// Whether a segment is of another connection between the same ports, which its receiver does
    /// not heed: it acknowledges what was never sent, or breaks off elsewhere (RFC 9293 section
    /// 3.10.7, RFC 5961). That is known of who has seen the peer's SYN.
    pub fn is_stray(&self, tcp: &TcpHeader, from_low: bool) -> bool {
        let (own, peer) = if from_low { (&self.low, &self.high) } else { (&self.high, &self.low) };
        let reach = if own.beginning.is_unknown() { MAX_FIRST_REACH } else { MAX_REACH };
        let acks_other =
            tcp.flags.ack && peer.beginning.is_opened() && !peer.reaches(tcp.ack, reach);
        let resets_other =
            tcp.flags.rst && own.beginning.is_opened() && !own.reaches(tcp.seq, MAX_REACH);
        acks_other || resets_other
    }

    /// Takes one segment, and lends what it gives.
    pub fn push<R: SinkResult>(
        &mut self,
        packet: &Packet<'_>,
        from_low: bool,
        held: &mut Held,
        sink: &mut impl FnMut(Side, Input<'_>) -> R,
    ) -> R {
        Returned::of(|returned| {
            self.tell(packet, from_low, held, &mut |side, input| {
                returned.keep(sink(side, input)).map_continue(|()| false)
            })
        })
    }

    /// The capture ends, or the port pair is used again: gives out what is held, and closes both
    /// sides.
    pub fn finish<R: SinkResult>(
        &mut self,
        held: &mut Held,
        sink: &mut impl FnMut(Side, Input<'_>) -> R,
    ) -> R {
        Returned::of(|returned| {
            self.tell_rest(held, &mut |side, input| {
                returned.keep(sink(side, input)).map_continue(|()| false)
            })
        })
    }

    /// Takes one segment, and tells what it gives.
    pub(crate) fn tell(
        &mut self,
        packet: &Packet<'_>,
        from_low: bool,
        held: &mut Held,
        listener: &mut impl Listener,
    ) -> ControlFlow<()> {
        let Some(tcp) = &packet.tcp else { return ControlFlow::Continue(()) };
        if self.is_stray(tcp, from_low) {
            self.anomalies.stray = self.anomalies.stray.saturating_add(1);
            return ControlFlow::Continue(());
        }
        let side = self.side(from_low);
        let (own, peer) = match from_low {
            true => (&mut self.low, &mut self.high),
            false => (&mut self.high, &mut self.low),
        };
        let mut is_reversed = false;
        let mut tell = telling(&mut is_reversed, listener);
        if tcp.flags.ack && !tcp.flags.rst {
            let give = &mut |input: Input<'_>| tell(side.other(), input);
            peer.acknowledge(tcp.ack, &mut self.anomalies, held, give)?;
        }
        let give = &mut |input: Input<'_>| tell(side, input);
        own.segment(tcp, packet, &mut self.anomalies, held, give)?;
        drop(tell);
        if is_reversed {
            self.reverse();
        }
        ControlFlow::Continue(())
    }

    /// Time has passed without a segment: tells what has waited for longer than
    /// [`PATIENCE`](super::PATIENCE).
    pub(crate) fn tick(
        &mut self,
        now: Timestamp,
        held: &mut Held,
        listener: &mut impl Listener,
    ) -> ControlFlow<()> {
        self.each(listener, |half, anomalies, give| half.tick(now, anomalies, held, give))
    }

    /// Nothing more will come: tells what is held, and closes both sides.
    pub(crate) fn tell_rest(
        &mut self,
        held: &mut Held,
        listener: &mut impl Listener,
    ) -> ControlFlow<()> {
        self.each(listener, |half, anomalies, give| half.finish(anomalies, held, give))
    }

    /// Lets each side give what it has, the client first.
    fn each(
        &mut self,
        listener: &mut impl Listener,
        mut run: impl FnMut(
            &mut Half,
            &mut TcpAnomalies,
            &mut dyn FnMut(Input<'_>) -> ControlFlow<()>,
        ) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Self { low, high, client_is_low, anomalies, .. } = self;
        let (client, server) = if *client_is_low { (low, high) } else { (high, low) };
        let mut is_reversed = false;
        let mut tell = telling(&mut is_reversed, listener);
        for (side, half) in [(Side::Client, client), (Side::Server, server)] {
            run(half, anomalies, &mut |input| tell(side, input))?;
        }
        drop(tell);
        if is_reversed {
            self.reverse();
        }
        ControlFlow::Continue(())
    }
}

/// Tells what a side gives as the side's that it is found to be.
#[inline]
fn telling<'l>(
    is_reversed: &'l mut bool,
    listener: &'l mut impl Listener,
) -> impl FnMut(Side, Input<'_>) -> ControlFlow<()> + 'l {
    |side, input| {
        let side = if *is_reversed { side.other() } else { side };
        *is_reversed |= listener(side, input)?;
        ControlFlow::Continue(())
    }
}
