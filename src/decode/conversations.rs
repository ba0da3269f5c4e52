//! The conversations of a capture: who spoke to whom, how much, and by which protocol.

use super::codec::CodecError;
use super::conversation::Conversation;
use super::http;
use super::recognition::{StreamFormats, Tools};
use super::selection::Selection;
use super::stream::StreamEvent;
use super::summary::FlowSummary;
use super::talk::{Happening, Segment, Talk};
use super::unread::Unread;
use crate::capture::Frame;
use crate::flow::{Anomaly, Held, TcpAnomalies};
use crate::flow::{Arrival, Delivery, Flow, Gone};
use crate::packet::{Checksum, Packet, StreamId, Undecoded};
use crate::profile::Protocols;

/// Counts packets and bytes by conversation. As many are known at once as
/// [`MAX_STREAMS`](crate::flow::MAX_STREAMS); those that give way are given out early.
pub struct Conversations<'p> {
    flow: Flow<Option<Box<Known>>>,
    selection: Selection<'p>,
    formats: StreamFormats,
    scratch: http::Scratch,
    held: Held,
    summary: FlowSummary,
}

/// A conversation as far as it has come.
struct Known {
    conversation: Conversation,
    /// Of TCP.
    talk: Option<Talk>,
}

impl<'p> Conversations<'p> {
    /// Prepares a decoder for each protocol.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let selection = Selection::new(protocols)?;
        let formats = StreamFormats::new(protocols, selection.codecs(), false)?;
        let (scratch, held) = (http::Scratch::default(), Held::default());
        let (flow, summary) = (Flow::default(), FlowSummary::default());
        Ok(Self { flow, selection, formats, scratch, held, summary })
    }

    /// Takes one frame. `ended` is lent a conversation that had to give way.
    pub fn push(&mut self, frame: &Frame<'_>, ended: &mut impl FnMut(Conversation)) {
        let Self { flow, selection, formats, scratch, held, summary } = self;
        summary.frames = summary.frames.saturating_add(1);
        let delivery = match flow.push(frame) {
            Arrival::Packet(delivery) => delivery,
            Arrival::Held => return,
            Arrival::Membership(report) => {
                return summary.undecoded(report.undecoded(), 1);
            }
            Arrival::Undecoded(reason) => return summary.undecoded(reason, 1),
        };
        let Delivery { packet, frames, stream, from_low, state, gone } = delivery;
        let mut tools = Tools { formats, scratch };
        if let Some(Gone { state: Some(known), .. }) = gone {
            ended(known.finish(held, &mut tools));
        }
        let Known { conversation, talk } = &mut **state.get_or_insert_with(|| {
            let conversation = begin(&packet, stream);
            summary.conversation(conversation.transport);
            let talk = packet.tcp.map(|_| {
                Talk::new(&packet, from_low, tools.formats, selection.stream_rules(&packet))
            });
            Box::new(Known { conversation, talk })
        });
        count(conversation, &packet, frame);
        match talk {
            Some(talk) => {
                let position = frames.last().copied().unwrap_or_default();
                let segment = Segment { frame, position, file: None, packet: &packet, from_low };
                let lend = &mut |it: Happening<'_>| name(conversation, &it.event);
                talk.push(&segment, held, &mut tools, lend);
            }
            None if conversation.protocol.is_none() => {
                if let Ok(selected) = selection.read(&packet) {
                    let message = selected.message(packet.payload);
                    conversation.protocol = Some(message.protocol.to_owned());
                }
            }
            None => {}
        }
    }

    /// The capture has ended: the conversations that are left, by transport and number, and what
    /// the run came to.
    pub fn finish(mut self) -> (Vec<Conversation>, FlowSummary) {
        let Self { flow, formats, scratch, held, summary, .. } = &mut self;
        let mut tools = Tools { formats, scratch };
        let known = flow.finish().filter_map(|gone| gone.state);
        let mut left: Vec<_> = known.map(|known| known.finish(held, &mut tools)).collect();
        left.sort_by_key(|it| (it.transport, it.stream));
        summary.undecoded(Undecoded::FragmentDropped, flow.take_dropped());
        summary.streams = flow.counts();
        (left, self.summary)
    }
}

impl Known {
    /// Nothing more will come of it.
    fn finish(self, held: &mut Held, tools: &mut Tools<'_>) -> Conversation {
        let Self { mut conversation, talk } = self;
        if let Some(talk) = talk {
            let lend = &mut |it: Happening<'_>| name(&mut conversation, &it.event);
            let anomalies: TcpAnomalies = talk.finish(held, tools, lend);
            let noticed = anomalies.counts().into_iter().filter(|(_, count)| *count > 0);
            conversation.anomalies.extend(noticed);
        }
        conversation
    }
}

/// Names the protocol after the first message; until one comes, after what the first bytes are
/// recognised as.
fn name(conversation: &mut Conversation, event: &StreamEvent<'_>) {
    let known = conversation.protocol.as_deref();
    let protocol = match event {
        StreamEvent::Message { message, .. } if known.is_none_or(Unread::is_protocol) => {
            Some(message.protocol)
        }
        StreamEvent::Skipped { reason, .. } if known.is_none() => reason.protocol(),
        _ => None,
    };
    if let Some(protocol) = protocol {
        conversation.protocol = Some(protocol.to_owned());
    }
}

fn begin(packet: &Packet<'_>, stream: StreamId) -> Conversation {
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
        note(conversation, Anomaly::WrongChecksum);
    }
    if packet.snapped() > 0 {
        note(conversation, Anomaly::Snapped);
    }
    if packet.frame_offset.is_none() && !conversation.transport.is_stream() {
        note(conversation, Anomaly::Fragmented);
    }
}

fn note(conversation: &mut Conversation, anomaly: Anomaly) {
    match conversation.anomalies.iter_mut().find(|(known, _)| *known == anomaly) {
        Some((_, count)) => *count = count.saturating_add(1),
        None => conversation.anomalies.push((anomaly, 1)),
    }
}
