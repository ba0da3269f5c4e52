//! The conversations of a capture: who spoke to whom, how much, and by which protocol.

use super::codec::CodecError;
use super::flow::{Arrival, Flow, Gone};
use super::packet::{Checksum, Packet};
use super::selection::{Selected, Selection};
use super::{Conversation, Transport};
use crate::capture::Frame;
use crate::profile::Protocols;

/// Counts packets and bytes by conversation. As many are known at once as
/// [`MAX_STREAMS`](super::streams::MAX_STREAMS); those that give way are given out early.
pub struct Conversations<'p> {
    flow: Flow<Option<Conversation>>,
    selection: Selection<'p>,
}

impl<'p> Conversations<'p> {
    /// Prepares a decoder for each protocol.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        Ok(Self { flow: Flow::default(), selection: Selection::new(protocols)? })
    }

    /// Takes one frame. `ended` is lent a conversation that had to give way.
    pub fn push(&mut self, frame: &Frame<'_>, ended: &mut impl FnMut(Conversation)) {
        let Arrival::Packet(delivery) = self.flow.push(frame) else { return };
        let packet = &delivery.packet;
        let stream = delivery.stream;
        let conversation = delivery.state.get_or_insert_with(|| begin(packet, stream));
        count(conversation, packet, frame);
        if conversation.protocol.is_none()
            && let Ok(Selected { message, .. }) = self.selection.read(packet)
        {
            conversation.protocol = Some(message.protocol.to_owned());
        }
        if let Some(Gone { state: Some(conversation), .. }) = delivery.gone {
            ended(conversation);
        }
    }

    /// The capture has ended: the conversations that are left, by transport and number.
    pub fn finish(mut self) -> Vec<Conversation> {
        let mut left: Vec<_> = self.flow.finish().filter_map(|gone| gone.state).collect();
        left.sort_by_key(|it| (it.transport, it.stream));
        left
    }
}

fn begin(packet: &Packet<'_>, stream: u32) -> Conversation {
    Conversation {
        transport: packet.transport(),
        stream,
        a: packet.src,
        b: packet.dst,
        packets: [0; 2],
        bytes: [0; 2],
        first: None,
        last: None,
        protocol: None,
        anomalies: Vec::new(),
    }
}

fn count(conversation: &mut Conversation, packet: &Packet<'_>, frame: &Frame<'_>) {
    let is_from_a = packet.src == conversation.a;
    let [from_a, from_b] = &mut conversation.packets;
    let packets = if is_from_a { from_a } else { from_b };
    *packets = packets.saturating_add(1);
    let [from_a, from_b] = &mut conversation.bytes;
    let bytes = if is_from_a { from_a } else { from_b };
    *bytes = bytes.saturating_add(u64::from(frame.orig_len));
    if let Some(time) = frame.time {
        conversation.first = Some(conversation.first.map_or(time, |first| first.min(time)));
        conversation.last = Some(conversation.last.map_or(time, |last| last.max(time)));
    }
    if packet.checksum == Checksum::Bad {
        note(conversation, "wrong checksum");
    }
    if packet.snapped() > 0 {
        note(conversation, "snapped");
    }
    if packet.frame_offset.is_none() && conversation.transport == Transport::Udp {
        note(conversation, "fragmented");
    }
}

fn note(conversation: &mut Conversation, anomaly: &'static str) {
    match conversation.anomalies.iter_mut().find(|(known, _)| *known == anomaly) {
        Some((_, count)) => *count = count.saturating_add(1),
        None => conversation.anomalies.push((anomaly, 1)),
    }
}
