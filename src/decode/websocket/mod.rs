//! WebSocket (RFC 6455) with permessage-deflate (RFC 7692): its handshake, its frames, and the
//! messages that these make up.

mod frame;
mod handshake;
mod message;

pub use frame::{FramePart, Frames, Opcode, write};
pub use handshake::{Offer, accept, deflates, may_answer, names_websocket};
pub use message::{Messages, Part};
