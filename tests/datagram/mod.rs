//! Bytes lent to the inference as if a capture had them: what generated senders have in common.

use wirereel::capture::Timestamp;
use wirereel::check::Inference;
use wirereel::flow::Side;
use wirereel::message::{Captured, FieldTable, Marks, Message};
use wirereel::packet::{Endpoint, StreamId, Transport};

/// One payload, and what it is said to be.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    pub protocol: &'a str,
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub frame: u64,
    pub time: Option<Timestamp>,
    /// The receiver's port.
    pub port: u16,
}

impl Payload<'_> {
    /// Lends it as a datagram from a port of 10.0.0.1 to 10.0.0.2.
    pub fn push(&self, inference: &mut Inference<'_>, src: u16) {
        self.lend(inference, Transport::Udp, (0, src), None);
    }

    /// Lends it as what the client of a stream sent next.
    pub fn push_streamed(&self, inference: &mut Inference<'_>, stream: u32) {
        self.lend(inference, Transport::Tcp, (stream, 4000), Some(Side::Client));
    }

    fn lend(
        &self,
        inference: &mut Inference<'_>,
        transport: Transport,
        (stream, src): (u32, u16),
        side: Option<Side>,
    ) {
        let Self { protocol, name, bytes, frame, time, port } = *self;
        let table = FieldTable::default();
        let message = Message {
            protocol,
            name,
            table: &table,
            items: &[],
            bytes,
            apart: None,
            len: bytes.len(),
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        };
        inference.push(
            &Captured {
                file: None,
                frame,
                time,
                transport,
                src: Endpoint::Ip(([10, 0, 0, 1], src).into()),
                dst: Endpoint::Ip(([10, 0, 0, 2], port).into()),
                stream: StreamId(stream),
                frame_offset: None,
                carrier: None,
                message,
            },
            side,
        );
    }
}
