//! The client's side of a capture, played to live servers.

mod udp;

pub use udp::play as play_udp;
