//! Frames to packets: link, IP and transport headers; and payload to frames again.
//!
//! A damaged frame is a value, never an error: [`Undecoded`] says why, and is counted. The only
//! room that names `etherparse`: `headers.rs` reads with it, `build.rs` builds.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod build;
mod checksum;
pub(crate) mod endpoint;
pub(crate) mod headers;
mod membership;
#[expect(
    clippy::module_inception,
    reason = "the type has the name of the room, and a file of its own"
)]
pub(crate) mod packet;
mod stream_id;
mod transport;

pub use endpoint::{ChannelId, Endpoint, Host, LocalEnd, ProcessId};
pub use membership::Membership;
pub use packet::{Checksum, Packet, TcpFlags, TcpHeader, Undecoded};
pub use stream_id::StreamId;
pub use transport::{PerTransport, Transport};
