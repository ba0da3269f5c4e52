//! The client's side of a capture, played to live servers.

pub mod udp;
