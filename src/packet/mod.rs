//! Frames to packets: link, IP and transport headers; and payload to frames again.
//!
//! A damaged frame is a value, never an error: [`Undecoded`] says why, and is counted. The only
//! room that names `etherparse`: `headers.rs` reads with it, `build.rs` and `fragmented.rs` build.
//!
//! ```
//! use wirereel::packet::build;
//!
//! let mut frame = Vec::new();
//! build::datagram("10.0.0.1:4000".parse()?, "10.0.0.2:53".parse()?, b"hello", &mut frame)?;
//! assert_eq!(frame.len(), 14 + 20 + 8 + 5);
//! assert!(frame.ends_with(b"hello"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod anatomy;
pub mod build;
mod checksum;
pub(crate) mod endpoint;
mod facts;
pub mod fragmented;
pub(crate) mod headers;
pub mod joining;
mod membership;
#[expect(
    clippy::module_inception,
    reason = "the type has the name of the room, and a file of its own"
)]
pub(crate) mod packet;
mod stream_id;
mod tcp_header;
mod transport;
mod undecoded;

pub use anatomy::{Anatomy, Region, RegionKind};
pub use checksum::Checksum;
pub use endpoint::{ChannelId, Endpoint, Host, LocalEnd, ProcessId};
pub(crate) use facts::{EthernetFacts, IpFacts};
pub use membership::Membership;
pub use packet::Packet;
pub use stream_id::StreamId;
pub use tcp_header::{TcpFlags, TcpHeader};
pub use transport::{PerTransport, Transport};
pub use undecoded::Undecoded;
