//! Capture files to frames: pcap and pcapng, plain or compressed, from a path or standard input.
//!
//! The only room that names `pcap-file`, `flate2` and `zstd`.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod frame;

pub use frame::{Frame, LinkType, Timestamp};
