//! WebSocket (RFC 6455) with permessage-deflate (RFC 7692): its handshake, its frames, and the
//! messages that these make up.

mod frame;
mod handshake;
mod message;

pub(super) use frame::{FramePart, Frames, Opcode, write};
pub(super) use handshake::{Offer, accept, deflates, may_answer, names_websocket};
pub(super) use message::{Messages, Part};
