//! A message together with where in the capture it was.

use super::message::Message;
use crate::capture::Timestamp;
use crate::packet::{Endpoint, StreamId, Transport};

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
    /// What was decoded.
    pub message: Message<'a>,
}
