//! One direction of a TCP connection: its segments to its bytes in order.
//!
//! Sequence numbers become 64-bit offsets from the first byte, so that they never wrap. What waits
//! lies behind what was given out; a side that is closed holds nothing. Every loop over what waits
//! takes a segment out with each pass.

use std::ops::ControlFlow;

use super::anomalies::TcpAnomalies;
use super::beginning::{Beginning, Opening};
use super::history::Trail;
use super::side::Input;
use super::waiting::{Held, Waiting};
use crate::capture::Timestamp;
use crate::packet::{Packet, TcpHeader};

/// One direction of a connection. It is looked at for every segment, and fits a line of the
/// processor's cache.
#[derive(Debug, Default)]
pub(super) struct Half {
    pub beginning: Beginning,
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
    pub closed: bool,
}

impl Half {
    /// Takes a segment of the side.
    #[inline(always)]
    pub fn segment(
        &mut self,
        tcp: &TcpHeader,
        packet: &Packet<'_>,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        if tcp.flags.rst && packet.payload.is_empty() {
            // It has no place in what the side sends.
            return ControlFlow::Continue(());
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
            self.before_start(packet.payload, anomalies);
            return ControlFlow::Continue(());
        };
        if tcp.flags.fin && self.fin.is_none() {
            self.fin = Some(offset.saturating_add(packet.wire_len as u64));
        }
        if !packet.payload.is_empty() {
            if self.closed {
                anomalies.after_close = anomalies.after_close.saturating_add(1);
                return ControlFlow::Continue(());
            }
            self.data(offset, packet.payload, anomalies, held, give)?;
        }
        self.close_at_fin(anomalies, held, give)
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
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        let next = self.offset;
        let end = offset.saturating_add(bytes.len() as u64);
        if end <= next {
            // A keep-alive repeats the last byte, or a made-up one in its place.
            if bytes.len() > 1 || end < next {
                anomalies.retransmitted = anomalies.retransmitted.saturating_add(1);
                self.compare(offset, bytes, anomalies, held);
            }
            ControlFlow::Continue(())
        } else if offset > next {
            anomalies.out_of_order = anomalies.out_of_order.saturating_add(1);
            let waiting = self.waiting.get_or_insert_default();
            waiting.hold(offset, bytes, anomalies, held);
            self.respect_bounds(anomalies, held, give)
        } else {
            let seen = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
            let (old, new) = bytes.split_at_checked(seen).unwrap_or((bytes, &[]));
            self.compare(offset, old, anomalies, held);
            self.deliver_around_held(new, anomalies, held, give)
        }
    }

    /// Gives out bytes that come next. What is held within them arrived first, and wins.
    fn deliver_around_held(
        &mut self,
        bytes: &[u8],
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        let mut rest = bytes;
        while let Some((start, first)) = self.first_held() {
            let ahead = usize::try_from(start.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            let Some((before, after)) = rest.split_at_checked(ahead) else { break };
            let shared = first.len().min(after.len());
            let differing = after.iter().zip(first.iter()).filter(|(a, b)| a != b).count() as u64;
            anomalies.conflicting_bytes = anomalies.conflicting_bytes.saturating_add(differing);
            rest = after.get(shared..).unwrap_or_default();
            self.deliver(before, held, give)?;
            if self.is_behind_fin() || !self.deliver_held(anomalies, held, give)? {
                break;
            }
        }
        self.deliver(rest, held, give)?;
        self.deliver_contiguous(anomalies, held, give)
    }

    fn deliver_contiguous(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        while self.first_held().is_some_and(|(start, _)| start <= self.offset)
            && !self.is_behind_fin()
            && self.deliver_held(anomalies, held, give)?
        {}
        ControlFlow::Continue(())
    }

    /// Takes out the segment that waits and comes first, and gives it out behind whatever is
    /// missing before it. Every loop over what waits goes by this: a segment leaves with each
    /// call that gives true.
    fn deliver_held(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<(), bool> {
        let first = self.waiting.as_mut().and_then(|it| it.pop_first(held));
        let Some((start, bytes)) = first else { return ControlFlow::Continue(false) };
        self.gap(start, anomalies, give)?;
        self.deliver(&bytes, held, give)?;
        ControlFlow::Continue(true)
    }

    fn deliver(
        &mut self,
        bytes: &[u8],
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        if bytes.is_empty() {
            return ControlFlow::Continue(());
        }
        let offset = self.offset;
        held.history.remember(&mut self.trail, offset, bytes);
        self.advance(bytes.len() as u64);
        give(Input::Bytes(bytes))
    }

    fn respect_bounds(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        while self.waiting.as_ref().is_some_and(|it| it.is_too_much(held))
            && self.deliver_held(anomalies, held, give)?
        {
            anomalies.bounds_hit = anomalies.bounds_hit.saturating_add(1);
            self.deliver_contiguous(anomalies, held, give)?;
        }
        ControlFlow::Continue(())
    }

    /// Takes what the peer acknowledges.
    #[inline(always)]
    pub fn acknowledge(
        &mut self,
        ack: u32,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        // The first that is known of a side may be what its peer expects next.
        self.beginning.guess(ack);
        if self.offset == 0 && self.beginning.prefers_rival(ack, true) {
            self.start_over(anomalies, held);
        }
        if let Some(offset) = self.offset_of(ack) {
            self.acked = self.acked.max(offset);
        }
        self.give_up_acknowledged(anomalies, held, give)?;
        self.close_at_fin(anomalies, held, give)
    }

    /// Time has passed: gives out what has waited for too long, as if the peer had acknowledged it.
    pub fn tick(
        &mut self,
        now: Timestamp,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        while self.waiting.as_mut().is_some_and(|it| it.is_overdue(now))
            && !self.is_behind_fin()
            && self.deliver_held(anomalies, held, give)?
        {
            self.deliver_contiguous(anomalies, held, give)?;
        }
        self.close_at_fin(anomalies, held, give)
    }

    /// The peer has received bytes beyond a gap, hence those in it: the capture lacks them. That
    /// is judged when an acknowledgement comes, since captures also swap the two directions: one
    /// that came before what it acknowledges says nothing of the order of what follows.
    fn give_up_acknowledged(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        while self.first_held().is_some_and(|(start, _)| start < self.acked)
            && !self.is_behind_fin()
            && self.deliver_held(anomalies, held, give)?
        {
            self.deliver_contiguous(anomalies, held, give)?;
        }
        let nothing_before_fin = self.first_held().is_none() || self.is_behind_fin();
        if let Some(fin) = self.fin.filter(|&fin| fin < self.acked && nothing_before_fin) {
            self.gap(fin, anomalies, give)?;
        }
        ControlFlow::Continue(())
    }

    fn gap(
        &mut self,
        end: u64,
        anomalies: &mut TcpAnomalies,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        let len = end.saturating_sub(self.offset);
        if len == 0 || self.closed {
            return ControlFlow::Continue(());
        }
        anomalies.missing_bytes = anomalies.missing_bytes.saturating_add(len);
        self.advance(len);
        give(Input::Gap(len))
    }

    fn close_at_fin(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        if !self.closed && self.fin.is_some_and(|fin| fin <= self.offset) {
            self.close(true, anomalies, held, give)?;
        }
        ControlFlow::Continue(())
    }

    /// Ends the side: what still waits lies behind its end. A side that is closed holds nothing.
    fn close(
        &mut self,
        clean: bool,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        self.closed = true;
        if let Some(waiting) = self.waiting.take() {
            let behind = waiting.release(held);
            anomalies.after_close = anomalies.after_close.saturating_add(behind);
        }
        give(Input::Close { clean })
    }

    /// Nothing more will come: gives out what waits, and closes the side.
    pub fn finish(
        &mut self,
        anomalies: &mut TcpAnomalies,
        held: &mut Held,
        give: &mut (impl FnMut(Input<'_>) -> ControlFlow<()> + ?Sized),
    ) -> ControlFlow<()> {
        if self.closed {
            return ControlFlow::Continue(());
        }
        while !self.is_behind_fin() && self.deliver_held(anomalies, held, give)? {}
        if let Some(fin) = self.fin {
            self.gap(fin, anomalies, give)?;
        }
        let clean = self.fin.is_some_and(|fin| fin <= self.offset);
        self.close(clean, anomalies, held, give)
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
    pub fn first_held(&self) -> Option<(u64, &[u8])> {
        self.waiting.as_ref()?.first()
    }

    fn offset_of(&self, seq: u32) -> Option<u64> {
        self.beginning.offset_of(seq, self.offset)
    }

    /// Whether a sequence number is one of the side's: not before its first byte, and no further
    /// than `reach` beyond what is known to have been sent.
    pub fn reaches(&self, seq: u32, reach: u64) -> bool {
        let end = self.offset.max(self.acked).saturating_add(reach);
        self.offset_of(seq).is_some_and(|offset| offset <= end)
    }

    fn advance(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
    }
}
