//! TCP segments to the bytes of a connection, each side in order (RFC 9293 section 3.10).
//!
//! Sequence numbers become 64-bit offsets from the first byte, so that they never wrap. What
//! arrived first wins; bytes of a retransmission that differ are counted. A segment behind a gap
//! waits until the gap is filled, the peer acknowledges bytes beyond it (then the capture lacks
//! them), or a bound is reached: [`MAX_HELD`] a direction, [`MAX_HELD_TOTAL`] in all. Missing
//! bytes become [`Input::Gap`] and are never glued over.
//!
//! A reset ends nothing by itself: it may be forged or come too late, and whoever is not fooled by
//! it goes on. What follows it is given out like any other bytes, as Wireshark does.

pub use super::anomalies::TcpAnomalies;
pub use super::waiting::{Held, MAX_HELD, MAX_HELD_TOTAL};

use super::beginning::{Beginning, MAX_FIRST_REACH, MAX_REACH, Opening};
use super::history::Trail;
use super::packet::{Packet, TcpHeader};
use super::stream::{Input, Side};
use super::waiting::Waiting;

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

/// One direction of a connection. It is looked at for every segment, and fits a line of the
/// processor's cache.
#[derive(Debug, Default)]
struct Half {
    beginning: Beginning,
    /// Of the byte that comes next.
    offset: u64,
    /// How far the peer has acknowledged.
    acked: u64,
    /// Where FIN said that the side ends.
    fin: Option<u64>,
    /// The last bytes given out.
    trail: Trail,
    /// What waits behind a gap, once something had to.
    waiting: Option<Box<Waiting>>,
    closed: bool,
}

/// Lends what a connection gives: its bytes in order, gaps and closes.
pub trait Sink: FnMut(Side, Input<'_>) {}
impl<F: FnMut(Side, Input<'_>)> Sink for F {}

impl Reassembly {
    /// A connection that begins with `packet`. Who sends SYN, or is answered by SYN and ACK, is
    /// the client; where no handshake was seen, the server is the one with the lower port.
    pub fn new(packet: &Packet<'_>, from_low: bool) -> Self {
        Self::with_server_port(packet, from_low, None)
    }

    /// As [`new`](Self::new); where no handshake was seen, the server is the one with this port.
    pub fn with_server_port(packet: &Packet<'_>, from_low: bool, port: Option<u16>) -> Self {
        let from_client = match port {
            Some(port) if packet.src.port() != packet.dst.port() => packet.dst.port() == port,
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

    /// Takes one segment.
    pub fn push(
        &mut self,
        packet: &Packet<'_>,
        from_low: bool,
        held: &mut Held,
        sink: &mut impl Sink,
    ) {
        let Some(tcp) = &packet.tcp else { return };
        if self.is_stray(tcp, from_low) {
            self.anomalies.stray = self.anomalies.stray.saturating_add(1);
            return;
        }
        let side = self.side(from_low);
        let (own, peer) = match from_low {
            true => (&mut self.low, &mut self.high),
            false => (&mut self.high, &mut self.low),
        };
        if tcp.flags.ack && !tcp.flags.rst {
            let other = side.other();
            peer.acknowledge(tcp.ack, &mut self.anomalies, held, &mut |input| sink(other, input));
        }
        own.segment(tcp, packet, &mut self.anomalies, held, &mut |input| sink(side, input));
    }

    /// The capture ends, or the port pair is used again: gives out what is held, and closes both
    /// sides.
    pub fn finish(&mut self, held: &mut Held, sink: &mut impl Sink) {
        let Self { low, high, client_is_low, anomalies, .. } = self;
        let (client, server) = if *client_is_low { (low, high) } else { (high, low) };
        for (side, half) in [(Side::Client, client), (Side::Server, server)] {
            half.finish(anomalies, held, &mut |input| sink(side, input));
        }
    }
}

impl Side {
    /// The peer.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl Half {
    fn segment(
        &mut self,
        tcp: &TcpHeader,
        packet: &Packet<'_>,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        if tcp.flags.rst && packet.payload.is_empty() {
            // It has no place in what the side sends.
            return;
        }
        let begin = if tcp.flags.syn { tcp.seq.wrapping_add(1) } else { tcp.seq };
        if tcp.flags.syn {
            self.open(begin, anomalies, held);
        } else if self.offset == 0 && self.beginning.prefers_rival(begin, false) {
            self.start_over(anomalies, held);
        }
        self.begin_earlier(begin, packet.payload);
        self.beginning.guess(begin);
        let Some(offset) = self.offset_of(begin) else {
            return self.before_start(packet.payload, anomalies);
        };
        if tcp.flags.fin && self.fin.is_none() {
            self.fin = Some(offset.saturating_add(packet.wire_len as u64));
        }
        if !packet.payload.is_empty() {
            if self.closed {
                anomalies.after_close = anomalies.after_close.saturating_add(1);
                return;
            }
            self.data(offset, packet.payload, anomalies, held, give);
        }
        self.close_at_fin(anomalies, held, give);
    }

    /// Takes the SYN of the side.
    fn open(&mut self, first: u32, anomalies: &mut TcpAnomalies, held: &mut Held) {
        let is_fresh = self.is_fresh();
        let guess = self.beginning;
        match self.beginning.open(first) {
            Opening::Known => {}
            Opening::Elsewhere(Some(earlier)) if is_fresh => {
                self.acked = self.acked.saturating_add(u64::from(earlier));
            }
            // It was captured late: the side goes on from where it was seen first.
            Opening::Elsewhere(Some(_)) => self.beginning = guess,
            Opening::Elsewhere(None) => self.start_over(anomalies, held),
        }
    }

    /// What came so far was not of this connection.
    fn start_over(&mut self, anomalies: &mut TcpAnomalies, held: &mut Held) {
        let Self { beginning, waiting, .. } = std::mem::take(self);
        let strays = waiting.map_or(0, |it| it.release(held));
        anomalies.stray = anomalies.stray.saturating_add(strays);
        self.beginning = beginning;
    }

    /// Nothing of the side was given out or waits, and its end is not known.
    fn is_fresh(&self) -> bool {
        self.offset == 0 && self.fin.is_none() && self.first_held().is_none()
    }

    /// Where no SYN was seen, the side begins with its first bytes, although their
    /// acknowledgement may have been captured before them.
    fn begin_earlier(&mut self, seq: u32, payload: &[u8]) {
        if self.beginning.is_opened() || self.beginning.is_unknown() || !self.is_fresh() {
            return;
        }
        let earlier = self.beginning.earlier(seq);
        // A keep-alive lies one byte before the next.
        if earlier > 1 || (earlier == 1 && payload.len() > 1) {
            self.beginning.guess_anew(seq);
            self.acked = self.acked.saturating_add(u64::from(earlier));
        }
    }

    /// Bytes from before the first that was seen: the capture began in the middle.
    fn before_start(&self, payload: &[u8], anomalies: &mut TcpAnomalies) {
        if payload.len() > 1 {
            anomalies.retransmitted = anomalies.retransmitted.saturating_add(1);
        }
    }

    fn data(
        &mut self,
        offset: u64,
        bytes: &[u8],
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        let next = self.offset;
        let end = offset.saturating_add(bytes.len() as u64);
        if end <= next {
            // A keep-alive repeats the last byte, or a made-up one in its place.
            if bytes.len() > 1 || end < next {
                anomalies.retransmitted = anomalies.retransmitted.saturating_add(1);
                self.compare(offset, bytes, anomalies, held);
            }
        } else if offset > next {
            anomalies.out_of_order = anomalies.out_of_order.saturating_add(1);
            let waiting = self.waiting.get_or_insert_default();
            waiting.hold(offset, bytes, anomalies, held);
            self.respect_bounds(anomalies, held, give);
        } else {
            let seen = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
            let (old, new) = bytes.split_at_checked(seen).unwrap_or((bytes, &[]));
            self.compare(offset, old, anomalies, held);
            self.deliver_around_held(new, anomalies, held, give);
        }
    }

    /// Gives out bytes that come next. What is held within them arrived first, and wins.
    fn deliver_around_held(
        &mut self,
        bytes: &[u8],
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        let mut rest = bytes;
        while let Some((start, first)) = self.first_held() {
            let ahead = usize::try_from(start.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            let Some((before, after)) = rest.split_at_checked(ahead) else { break };
            let shared = first.len().min(after.len());
            let differing = after.iter().zip(first.iter()).filter(|(a, b)| a != b).count() as u64;
            anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
            rest = after.get(shared..).unwrap_or_default();
            self.deliver(before, held, give);
            if self.is_behind_fin() || !self.deliver_held(anomalies, held, give) {
                break;
            }
        }
        self.deliver(rest, held, give);
        self.deliver_contiguous(anomalies, held, give);
    }

    fn deliver_contiguous(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        while self.first_held().is_some_and(|(start, _)| start <= self.offset)
            && !self.is_behind_fin()
            && self.deliver_held(anomalies, held, give)
        {}
    }

    /// Takes out the segment that waits and comes first, and gives it out behind whatever is
    /// missing before it. Every loop over what waits goes by this: a segment leaves with each
    /// call that gives true.
    fn deliver_held(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) -> bool {
        let first = self.waiting.as_mut().and_then(|it| it.pop_first(held));
        let Some((start, bytes)) = first else { return false };
        self.gap(start, anomalies, give);
        self.deliver(&bytes, held, give);
        true
    }

    fn deliver(&mut self, bytes: &[u8], held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        if bytes.is_empty() {
            return;
        }
        let offset = self.offset;
        held.history.remember(&mut self.trail, offset, bytes);
        self.advance(bytes.len() as u64);
        give(Input::Bytes(bytes));
    }

    fn respect_bounds(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        while self.waiting.as_ref().is_some_and(|it| it.is_too_much(held))
            && self.deliver_held(anomalies, held, give)
        {
            anomalies.bounds_hit = anomalies.bounds_hit.saturating_add(1);
            self.deliver_contiguous(anomalies, held, give);
        }
    }

    fn acknowledge(
        &mut self,
        ack: u32,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        // The first that is known of a side may be what its peer expects next.
        self.beginning.guess(ack);
        if self.offset == 0 && self.beginning.prefers_rival(ack, true) {
            self.start_over(anomalies, held);
        }
        if let Some(offset) = self.offset_of(ack) {
            self.acked = self.acked.max(offset);
        }
        self.give_up_acknowledged(anomalies, held, give);
        self.close_at_fin(anomalies, held, give);
    }

    /// The peer has received bytes beyond a gap, hence those in it: the capture lacks them. That
    /// is judged when an acknowledgement comes, since captures also swap the two directions: one
    /// that came before what it acknowledges says nothing of the order of what follows.
    fn give_up_acknowledged(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        while self.first_held().is_some_and(|(start, _)| start < self.acked)
            && !self.is_behind_fin()
            && self.deliver_held(anomalies, held, give)
        {
            self.deliver_contiguous(anomalies, held, give);
        }
        let nothing_before_fin = self.first_held().is_none() || self.is_behind_fin();
        if let Some(fin) = self.fin.filter(|&fin| fin < self.acked && nothing_before_fin) {
            self.gap(fin, anomalies, give);
        }
    }

    fn gap(&mut self, end: u64, anomalies: &mut TcpAnomalies, give: &mut impl FnMut(Input<'_>)) {
        let len = end.saturating_sub(self.offset);
        if len == 0 || self.closed {
            return;
        }
        anomalies.missing_bytes = anomalies.missing_bytes.saturating_add(len);
        self.advance(len);
        give(Input::Gap(len));
    }

    fn close_at_fin(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        if !self.closed && self.fin.is_some_and(|fin| fin <= self.offset) {
            self.close(true, anomalies, held, give);
        }
    }

    /// Ends the side: what still waits lies behind its end. A side that is closed holds nothing.
    fn close(
        &mut self,
        clean: bool,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        self.closed = true;
        if let Some(waiting) = self.waiting.take() {
            let behind = waiting.release(held);
            anomalies.after_close = anomalies.after_close.saturating_add(behind);
        }
        give(Input::Close { clean });
    }

    fn finish(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        if self.closed {
            return;
        }
        while !self.is_behind_fin() && self.deliver_held(anomalies, held, give) {}
        if let Some(fin) = self.fin {
            self.gap(fin, anomalies, give);
        }
        let clean = self.fin.is_some_and(|fin| fin <= self.offset);
        self.close(clean, anomalies, held, give);
    }

    /// What waits and comes first lies behind the end of the side.
    fn is_behind_fin(&self) -> bool {
        self.fin.zip(self.first_held()).is_some_and(|(fin, (start, _))| fin <= start)
    }

    /// Compares bytes that were given out before with what is still known of them.
    fn compare(&self, offset: u64, bytes: &[u8], anomalies: &mut TcpAnomalies, held: &Held) {
        if bytes.is_empty() {
            return;
        }
        let differing = held.history.differing(self.trail, offset, bytes);
        anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
    }

    /// The segment that waits and comes first, with its offset.
    fn first_held(&self) -> Option<(u64, &[u8])> {
        self.waiting.as_ref()?.first()
    }

    fn offset_of(&self, seq: u32) -> Option<u64> {
        self.beginning.offset_of(seq, self.offset)
    }

    /// Whether a sequence number is one of the side's: not before its first byte, and no further
    /// than `reach` beyond what is known to have been sent.
    fn reaches(&self, seq: u32, reach: u64) -> bool {
        let end = self.offset.max(self.acked).saturating_add(reach);
        self.offset_of(seq).is_some_and(|offset| offset <= end)
    }

    fn advance(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
    }
}
