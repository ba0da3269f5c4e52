//! A message together with where in the capture it was.

use super::message::Message;
use crate::capture::{Frame, Timestamp};
use crate::packet::{Endpoint, EthernetFacts, IpFacts, Packet, StreamId, Transport};

/// One message of a capture, as it is lent to the caller.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// The capture's path, where several are read.
    pub file: Option<&'a str>,
    /// The frame that completed the message.
    pub frame: u64,
    /// That frame's time.
    pub time: Option<Timestamp>,
    /// What carried it.
    pub transport: Transport,
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// Number of the conversation, from 0, as Wireshark's udp.stream or tcp.stream.
    pub stream: StreamId,
    /// Where the message's first byte lies in the frame; `None` where it was joined from several.
    pub frame_offset: Option<usize>,
    /// The frame that completed the message, while it is at hand; `None` where the message came
    /// without one, or is told of by a later one.
    pub carrier: Option<Carrier<'a>>,
    /// What was decoded.
    pub message: Message<'a>,
}

/// A frame, and the packet that was read from it, or from it and the fragments before.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// Its packet.
    pub packet: &'a Packet<'a>,
}

impl<'a> Captured<'a> {
    /// The frame that completed it, where it was captured as one.
    pub(super) fn captured_frame(&self) -> Option<&'a Frame<'a>> {
        self.carrier.map(|it| it.frame).filter(|it| it.orig_len > 0)
    }

    /// The packet that completed it, if that is its transport.
    pub(super) fn packet(&self, transport: Transport) -> Option<&'a Packet<'a>> {
        self.carrier.map(|it| it.packet).filter(|_| self.transport == transport)
    }

    /// That frame's Ethernet header.
    pub(super) fn ethernet(&self) -> Option<EthernetFacts<'a>> {
        self.captured_frame().and_then(EthernetFacts::of)
    }

    /// That frame's IP header.
    pub(super) fn ip(&self) -> Option<IpFacts> {
        self.captured_frame().and_then(IpFacts::of)
    }
}
