//! Which conversations of a capture are wanted: by number, and by a filter.
//!
//! A filter speaks of messages, so that a conversation is wanted where one of its messages passes,
//! whichever side sent it. Where nothing decodes a conversation there are only its packets:
//! addresses, ports, stream and frame of each are asked then.

use super::found::Found;
use crate::flow::{NumberSet, StreamSet};
use crate::message::filter::Filter;
use crate::message::{Captured, FieldTable, Marks, Message};
use crate::packet::{Packet, PerTransport, StreamId, Transport};

/// The conversations that are wanted.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    streams: StreamSet,
    /// Those that the filter lets pass; `None` where there is no filter.
    passed: Option<StreamNumbers>,
}

/// Finds out which conversations a filter lets pass.
pub struct Choosing<'f> {
    filter: &'f Filter,
    passed: StreamNumbers,
    /// Those with a message.
    decoded: StreamNumbers,
    /// Those of which a packet passes.
    packets: StreamNumbers,
    /// What a packet has of fields: none.
    table: FieldTable,
}

/// Numbers of streams.
#[derive(Clone, Debug, Default)]
struct StreamNumbers(PerTransport<NumberSet>);

impl Choice {
    /// The conversations of these numbers.
    pub fn by_number(streams: StreamSet) -> Self {
        Self { streams, passed: None }
    }

    /// Whether all are wanted.
    pub fn is_all(&self) -> bool {
        self.streams.is_all() && self.passed.is_none()
    }

    /// Whether a conversation is wanted.
    pub fn has(&self, transport: Transport, stream: StreamId) -> bool {
        self.streams.contains(transport, stream)
            && self.passed.as_ref().is_none_or(|it| it.contains(transport, stream))
    }

    /// Those that are wanted by number.
    pub fn streams(&self) -> &StreamSet {
        &self.streams
    }
}

impl<'f> Choosing<'f> {
    /// Nothing has passed yet.
    pub fn new(filter: &'f Filter) -> Self {
        let (passed, decoded, packets) = Default::default();
        Self { filter, passed, decoded, packets, table: FieldTable::default() }
    }

    /// Takes what a [`Dissector`](super::dissector::Dissector) found.
    pub fn take(&mut self, found: &Found<'_>) {
        match found {
            Found::Message { captured, .. } => {
                let Captured { transport, stream, .. } = **captured;
                self.decoded.insert(transport, stream);
                if !self.passed.contains(transport, stream) && self.filter.matches(captured) {
                    self.passed.insert(transport, stream);
                }
            }
            Found::Packet { frame, time, stream, packet } => {
                let (transport, stream) = (packet.transport(), *stream);
                let is_known = [&self.decoded, &self.packets]
                    .into_iter()
                    .any(|it| it.contains(transport, stream));
                if is_known {
                    return;
                }
                let message = nothing(&self.table, packet);
                let captured = Captured {
                    file: None,
                    frame: *frame,
                    time: *time,
                    transport,
                    src: packet.src,
                    dst: packet.dst,
                    stream,
                    frame_offset: packet.frame_offset,
                    carrier: None,
                    message,
                };
                if self.filter.matches(&captured) {
                    self.packets.insert(transport, stream);
                }
            }
            Found::Joined { .. }
            | Found::Body { .. }
            | Found::BodyGap { .. }
            | Found::Arrived { .. }
            | Found::Skipped { .. } => {}
        }
    }

    /// The capture has ended: those of the streams of which something passed.
    pub fn finish(self, streams: StreamSet) -> Choice {
        let Self { mut passed, decoded, packets, .. } = self;
        for transport in Transport::ALL {
            let (packets, decoded) = (packets.0.of(transport), decoded.0.of(transport));
            passed.0.of_mut(transport).add_but(packets, decoded);
        }
        Choice { streams, passed: Some(passed) }
    }
}

/// What a packet says where nothing decodes it.
fn nothing<'a>(table: &'a FieldTable, packet: &Packet<'a>) -> Message<'a> {
    Message {
        protocol: "",
        name: "",
        table,
        items: &[],
        bytes: packet.payload,
        apart: None,
        len: packet.payload.len(),
        trailing: 0,
        candidates: &[],
        ended_by_close: false,
        marks: Marks::default(),
        request: None,
        pair: None,
        error: None,
    }
}

impl StreamNumbers {
    fn contains(&self, transport: Transport, stream: StreamId) -> bool {
        self.0.of(transport).contains(stream.into())
    }

    fn insert(&mut self, transport: Transport, stream: StreamId) {
        self.0.of_mut(transport).insert(stream.into());
    }
}
