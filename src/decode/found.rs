//! What frames bring to light, as it is lent to whoever reads a capture.

use std::net::IpAddr;

use super::stream::StreamEvent;
use super::unread::Unread;
use crate::capture::Timestamp;
use crate::flow::{Input, Side};
use crate::message::Captured;
use crate::packet::{Endpoint, Packet, StreamId};
use crate::profile::ProtocolId;

/// Something that a frame brought to light.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A segment, before what is found in it; or a datagram that no decoder reads. That of a message
    /// is lent with it.
    Packet {
        /// The frame; of a datagram in fragments, the last one.
        frame: u64,
        /// That frame's time.
        time: Option<Timestamp>,
        /// The conversation.
        stream: StreamId,
        /// The packet.
        packet: &'a Packet<'a>,
    },
    /// A host reports that it is, or was, a member of a group: IGMP or MLD.
    Joined {
        /// The frame.
        frame: u64,
        /// The host.
        src: IpAddr,
        /// The group.
        group: IpAddr,
        /// It reports that it listens no longer, to the group or to some of its senders.
        has_left: bool,
    },
    /// A message.
    Message {
        /// The message in its place.
        captured: &'a Captured<'a>,
        /// Its protocol.
        protocol: ProtocolId,
        /// Who sent it in its stream; `None` for a datagram.
        side: Option<Side>,
        /// The frames that carried it.
        carriers: Carriers<'a>,
        /// The packet that completed it; `None` where none of its sender's did: the end of the
        /// capture, the peer, or the clock.
        packet: Option<&'a Packet<'a>>,
    },
    /// Bytes of the body of a message that is under way; the message follows.
    Body {
        /// The frame.
        frame: u64,
        /// The conversation.
        stream: StreamId,
        /// Who sends it.
        side: Side,
        /// The next bytes, chunking undone.
        bytes: &'a [u8],
        /// The message has a Content-Encoding, which is not undone.
        is_encoded: bool,
    },
    /// Bytes of that body that are not known.
    BodyGap {
        /// The frame.
        frame: u64,
        /// The conversation.
        stream: StreamId,
        /// Who sent them.
        side: Side,
        /// How many.
        len: u64,
    },
    /// What arrived on a side of a stream, in order, behind what was found in it.
    Arrived {
        /// The frame.
        frame: u64,
        /// That frame's time.
        time: Option<Timestamp>,
        /// The conversation.
        stream: StreamId,
        /// Who sent it.
        side: Side,
        /// The sender.
        src: Endpoint,
        /// The receiver.
        dst: Endpoint,
        /// It.
        input: Input<'a>,
    },
    /// Bytes of a stream that no message explains.
    Skipped {
        /// The frame.
        frame: u64,
        /// The conversation.
        stream: StreamId,
        /// Who sent them.
        side: Side,
        /// The sender.
        src: Endpoint,
        /// The receiver.
        dst: Endpoint,
        /// How many.
        len: u64,
        /// Why.
        reason: Unread,
    },
}

/// The frames that carried a message, counted from 1 in the order in which they were pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriers<'a> {
    /// Those of a datagram: several where it came in fragments.
    Datagram(&'a [u64]),
    /// Among these, those of the message's stream that its sender sent.
    Segments {
        /// The first that may carry bytes of it.
        first: u64,
        /// The one that completed it.
        last: u64,
    },
}

impl<'a> Found<'a> {
    /// What a stream's decoder found, with its frame and its conversation; `None` for all else.
    pub fn of_stream(&self) -> Option<(u64, StreamId, StreamEvent<'a>)> {
        match *self {
            Self::Message { captured, side: Some(side), .. } => {
                let Captured { frame, stream, message, .. } = *captured;
                Some((frame, stream, StreamEvent::Message { side, message }))
            }
            Self::Body { frame, stream, side, bytes, is_encoded } => {
                Some((frame, stream, StreamEvent::Body { side, bytes, is_encoded }))
            }
            Self::BodyGap { frame, stream, side, len } => {
                Some((frame, stream, StreamEvent::BodyGap { side, len }))
            }
            Self::Skipped { frame, stream, side, len, reason, .. } => {
                Some((frame, stream, StreamEvent::Skipped { side, len, reason }))
            }
            Self::Packet { .. }
            | Self::Joined { .. }
            | Self::Message { .. }
            | Self::Arrived { .. } => None,
        }
    }
}
