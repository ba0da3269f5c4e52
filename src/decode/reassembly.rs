//! TCP segments to the bytes of a connection, each side in order (RFC 9293 section 3.10).
//!
//! Sequence numbers become 64-bit offsets from the first byte, so that they never wrap. What
//! arrived first wins; bytes of a retransmission that differ are counted. A segment behind a gap
//! waits until the gap is filled, the peer acknowledges bytes beyond it (then the capture lacks
//! them), or a bound is reached: [`MAX_HELD`] a direction, [`MAX_HELD_TOTAL`] in all. Missing
//! bytes become [`Input::Gap`] and are never glued over.

use std::collections::BTreeMap;

use super::packet::{Packet, TcpHeader};
use super::stream::{Input, Side};

/// Bytes behind a gap that one direction may hold.
pub const MAX_HELD: usize = 4 << 20;
/// Bytes behind gaps that all connections may hold together.
pub const MAX_HELD_TOTAL: usize = 16 << 20;
/// The last bytes given out are kept, to compare retransmissions with; so many a direction.
pub const HISTORY: usize = 2 << 10;
/// Bytes of history that all connections may keep together; what begins beyond has none.
pub const MAX_HISTORY_TOTAL: usize = 12 << 20;
/// What holding one segment costs beside its bytes.
const SEGMENT_COST: usize = 64;

/// What all connections hold together, bytes.
#[derive(Debug, Default)]
pub struct Held {
    bytes: usize,
    history: usize,
}

/// One connection.
#[derive(Debug)]
pub struct Reassembly {
    client: Half,
    server: Half,
    client_is_low: bool,
    /// What was noticed.
    pub anomalies: TcpAnomalies,
}

/// What reassembly noticed in a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpAnomalies {
    /// Segments whose bytes had all been seen.
    pub retransmitted: u64,
    /// Segments that arrived before one that precedes them.
    pub out_of_order: u64,
    /// Bytes of a retransmission or an overlap that differ from those that arrived first.
    pub conflicting_bytes: u64,
    /// Bytes that the capture lacks.
    pub missing_bytes: u64,
    /// Gaps given up since a bound was reached.
    pub bounds_hit: u64,
    /// Segments after the end of their side.
    pub after_close: u64,
}

impl TcpAnomalies {
    /// Adds what was noticed in another connection.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.retransmitted, other.retransmitted),
            (&mut self.out_of_order, other.out_of_order),
            (&mut self.conflicting_bytes, other.conflicting_bytes),
            (&mut self.missing_bytes, other.missing_bytes),
            (&mut self.bounds_hit, other.bounds_hit),
            (&mut self.after_close, other.after_close),
        ];
        for (total, count) in pairs {
            *total = total.saturating_add(count);
        }
    }

    /// What each count is of, and the count.
    pub fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("TCP segment retransmitted", self.retransmitted),
            ("TCP segment out of order", self.out_of_order),
            ("TCP byte that contradicts the one that came first", self.conflicting_bytes),
            ("TCP byte missing from the capture", self.missing_bytes),
            ("TCP gap given up to keep memory bounded", self.bounds_hit),
            ("TCP segment behind the end of its side", self.after_close),
        ]
    }
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Half {
    /// Sequence number and offset of the byte that comes next; `None` until the first segment.
    next: Option<(u32, u64)>,
    /// Its SYN was seen.
    known_start: bool,
    /// Segments behind a gap, by offset; they do not overlap.
    held: BTreeMap<u64, Box<[u8]>>,
    held_len: usize,
    /// How far the peer has acknowledged.
    acked: u64,
    /// Where FIN said that the side ends.
    fin: Option<u64>,
    closed: bool,
    /// The last bytes given out.
    history: Vec<u8>,
}

/// Lends what a connection gives: its bytes in order, gaps and closes.
pub trait Sink: FnMut(Side, Input<'_>) {}
impl<F: FnMut(Side, Input<'_>)> Sink for F {}

impl Reassembly {
    /// A connection that begins with `packet`. Who sends SYN, or is answered by SYN and ACK, is
    /// the client; where no handshake was seen, the server is the one with the lower port.
    pub fn new(packet: &Packet<'_>, from_low: bool) -> Self {
        let from_client = match &packet.tcp {
            Some(tcp) if tcp.flags.syn => !tcp.flags.ack,
            _ => packet.src.port() >= packet.dst.port(),
        };
        Self {
            client: Half::default(),
            server: Half::default(),
            client_is_low: from_low == from_client,
            anomalies: TcpAnomalies::default(),
        }
    }

    /// Which side a packet comes from.
    pub fn side(&self, from_low: bool) -> Side {
        if from_low == self.client_is_low { Side::Client } else { Side::Server }
    }

    /// Whether segments of a side wait for bytes that precede them.
    pub fn is_waiting(&self, side: Side) -> bool {
        match side {
            Side::Client => !self.client.held.is_empty(),
            Side::Server => !self.server.held.is_empty(),
        }
    }

    /// Nothing more will come from either side.
    pub fn is_closed(&self) -> bool {
        self.client.closed && self.server.closed
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
        let side = self.side(from_low);
        let (own, peer) = match side {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        };
        if tcp.flags.ack && !tcp.flags.rst {
            let other = side.other();
            peer.acknowledge(tcp.ack, &mut self.anomalies, held, &mut |input| sink(other, input));
        }
        own.segment(tcp, packet, &mut self.anomalies, held, &mut |input| sink(side, input));
        if tcp.flags.rst {
            self.finish(held, sink);
        }
    }

    /// The capture ends, or a reset came: gives out what is held, and closes both sides.
    pub fn finish(&mut self, held: &mut Held, sink: &mut impl Sink) {
        for (side, half) in [(Side::Client, &mut self.client), (Side::Server, &mut self.server)] {
            half.finish(&mut self.anomalies, held, &mut |input| sink(side, input));
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
        let begin = if tcp.flags.syn { tcp.seq.wrapping_add(1) } else { tcp.seq };
        self.known_start |= tcp.flags.syn;
        self.begin_earlier(begin, packet.payload);
        let (next_seq, next) = *self.next.get_or_insert((begin, 0));
        let Some(offset) = offset_of(begin, next_seq, next) else {
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
        self.close_at_fin(held, give);
    }

    /// Where no SYN was seen, the side begins with its first bytes, although their
    /// acknowledgement may have been captured before them.
    fn begin_earlier(&mut self, seq: u32, payload: &[u8]) {
        let untouched = self.offset() == 0 && self.held.is_empty() && self.fin.is_none();
        let Some((start, _)) = self.next.filter(|_| untouched && !self.known_start) else { return };
        let earlier = start.wrapping_sub(seq).cast_signed();
        // A keep-alive lies one byte before the next.
        if earlier > 1 || (earlier == 1 && payload.len() > 1) {
            self.next = Some((seq, 0));
            self.acked = self.acked.saturating_add(u64::from(earlier.unsigned_abs()));
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
        let next = self.offset();
        let end = offset.saturating_add(bytes.len() as u64);
        if end <= next {
            // A keep-alive repeats the last byte, or a made-up one in its place.
            if bytes.len() > 1 || end < next {
                anomalies.retransmitted = anomalies.retransmitted.saturating_add(1);
                self.compare(offset, bytes, anomalies);
            }
        } else if offset > next {
            anomalies.out_of_order = anomalies.out_of_order.saturating_add(1);
            self.hold(offset, bytes, anomalies, held);
            self.respect_bounds(anomalies, held, give);
        } else {
            let seen = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
            let (old, new) = bytes.split_at_checked(seen).unwrap_or((bytes, &[]));
            self.compare(offset, old, anomalies);
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
        while let Some((&start, first)) = self.held.first_key_value() {
            let ahead = usize::try_from(start.saturating_sub(self.offset())).unwrap_or(usize::MAX);
            let Some((before, after)) = rest.split_at_checked(ahead) else { break };
            let shared = first.len().min(after.len());
            let differing = after.iter().zip(first.iter()).filter(|(a, b)| a != b).count() as u64;
            anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
            rest = after.get(shared..).unwrap_or_default();
            self.deliver(before, held, give);
            self.deliver_first_held(held, give);
        }
        self.deliver(rest, held, give);
        self.deliver_contiguous(held, give);
    }

    fn deliver_contiguous(&mut self, held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        while self.held.first_key_value().is_some_and(|(&start, _)| start <= self.offset()) {
            self.deliver_first_held(held, give);
        }
    }

    fn deliver_first_held(&mut self, held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        if let Some((_, bytes)) = self.held.pop_first() {
            self.release(bytes.len(), held);
            self.deliver(&bytes, held, give);
        }
    }

    fn deliver(&mut self, bytes: &[u8], held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        if bytes.is_empty() {
            return;
        }
        self.advance(bytes.len() as u64);
        self.remember(bytes, held);
        give(Input::Bytes(bytes));
    }

    fn hold(&mut self, offset: u64, bytes: &[u8], anomalies: &mut TcpAnomalies, held: &mut Held) {
        let (mut start, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            // What is held at or before `start` may reach into it; what follows may cut it off.
            let covered = self.held.range(..=start).next_back().and_then(|(&at, bytes)| {
                let skip = usize::try_from(start.saturating_sub(at)).ok()?;
                bytes.get(skip..).filter(|known| !known.is_empty())
            });
            if let Some(known) = covered {
                let len = known.len().min(rest.len());
                let differing = known.iter().zip(rest).filter(|(a, b)| a != b).count() as u64;
                anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
                rest = rest.get(len..).unwrap_or_default();
                start = start.saturating_add(len as u64);
                continue;
            }
            let room = self
                .held
                .range(start..)
                .next()
                .and_then(|(&at, _)| usize::try_from(at.saturating_sub(start)).ok())
                .unwrap_or(usize::MAX);
            let (new, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.held.insert(start, new.into());
            self.held_len = self.held_len.saturating_add(new.len()).saturating_add(SEGMENT_COST);
            held.bytes = held.bytes.saturating_add(new.len()).saturating_add(SEGMENT_COST);
            start = start.saturating_add(new.len() as u64);
            rest = after;
        }
    }

    fn release(&mut self, len: usize, held: &mut Held) {
        let cost = len.saturating_add(SEGMENT_COST);
        self.held_len = self.held_len.saturating_sub(cost);
        held.bytes = held.bytes.saturating_sub(cost);
    }

    fn respect_bounds(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        while self.held_len > MAX_HELD || (held.bytes > MAX_HELD_TOTAL && self.held_len > 0) {
            anomalies.bounds_hit = anomalies.bounds_hit.saturating_add(1);
            self.give_up_gap(anomalies, held, give);
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
        let (next_seq, next) = *self.next.get_or_insert((ack, 0));
        if let Some(offset) = offset_of(ack, next_seq, next) {
            self.acked = self.acked.max(offset);
        }
        self.give_up_acknowledged(anomalies, held, give);
        self.close_at_fin(held, give);
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
        while self.held.first_key_value().is_some_and(|(&start, _)| start < self.acked) {
            self.give_up_gap(anomalies, held, give);
        }
        let before_fin = self.fin.filter(|&fin| fin < self.acked && self.held.is_empty());
        if let Some(fin) = before_fin {
            self.gap(fin, anomalies, give);
        }
    }

    fn give_up_gap(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        if let Some((&start, _)) = self.held.first_key_value() {
            self.gap(start, anomalies, give);
        }
        self.deliver_contiguous(held, give);
    }

    fn gap(&mut self, end: u64, anomalies: &mut TcpAnomalies, give: &mut impl FnMut(Input<'_>)) {
        let len = end.saturating_sub(self.offset());
        if len == 0 || self.closed {
            return;
        }
        anomalies.missing_bytes = anomalies.missing_bytes.saturating_add(len);
        self.advance(len);
        self.history.clear();
        give(Input::Gap(len));
    }

    fn close_at_fin(&mut self, held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        if !self.closed && self.fin.is_some_and(|fin| fin <= self.offset()) {
            self.close(true, held, give);
        }
    }

    fn close(&mut self, clean: bool, held: &mut Held, give: &mut impl FnMut(Input<'_>)) {
        self.closed = true;
        self.forget(held);
        give(Input::Close { clean });
    }

    fn finish(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut impl FnMut(Input<'_>),
    ) {
        while !self.held.is_empty() {
            self.give_up_gap(anomalies, held, give);
        }
        if let Some(fin) = self.fin {
            self.gap(fin, anomalies, give);
        }
        self.close_at_fin(held, give);
        if !self.closed {
            self.close(false, held, give);
        }
    }

    /// Compares bytes that were given out before with what is still known of them.
    fn compare(&self, offset: u64, bytes: &[u8], anomalies: &mut TcpAnomalies) {
        let known_from = self.offset().saturating_sub(self.history.len() as u64);
        let skip = usize::try_from(known_from.saturating_sub(offset)).unwrap_or(usize::MAX);
        let into = usize::try_from(offset.saturating_sub(known_from)).unwrap_or(usize::MAX);
        let known = self.history.get(into..).unwrap_or_default();
        let again = bytes.get(skip..).unwrap_or_default();
        let differing = again.iter().zip(known).filter(|(a, b)| a != b).count() as u64;
        anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
    }

    fn remember(&mut self, bytes: &[u8], held: &mut Held) {
        let before = self.history.capacity();
        let tail = bytes.get(bytes.len().saturating_sub(HISTORY)..).unwrap_or(bytes);
        if before < HISTORY {
            let wanted = tail.len().max(before.saturating_mul(2)).min(HISTORY);
            if held.history.saturating_add(wanted) > MAX_HISTORY_TOTAL {
                return self.forget(held);
            }
            self.history.reserve_exact(wanted.saturating_sub(self.history.len()));
        }
        let room = self.history.capacity().min(HISTORY);
        let tail = tail.get(tail.len().saturating_sub(room)..).unwrap_or(tail);
        let excess = self.history.len().saturating_add(tail.len()).saturating_sub(room);
        self.history.drain(..excess.min(self.history.len()));
        self.history.extend_from_slice(tail);
        held.history = held.history.saturating_add(self.history.capacity().saturating_sub(before));
    }

    fn forget(&mut self, held: &mut Held) {
        held.history = held.history.saturating_sub(self.history.capacity());
        self.history = Vec::new();
    }

    fn offset(&self) -> u64 {
        self.next.map_or(0, |(_, offset)| offset)
    }

    fn advance(&mut self, len: u64) {
        if let Some((seq, offset)) = &mut self.next {
            // Sequence numbers are modulo 2^32.
            *seq = seq.wrapping_add(len as u32);
            *offset = offset.saturating_add(len);
        }
    }
}

/// The offset of a sequence number, given that of another within 2^31 of it; `None` where it
/// lies before the first byte.
fn offset_of(seq: u32, known_seq: u32, known: u64) -> Option<u64> {
    let distance = seq.wrapping_sub(known_seq).cast_signed();
    known.checked_add_signed(i64::from(distance))
}
