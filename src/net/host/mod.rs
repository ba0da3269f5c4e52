//! What the kernel says of this host's own state, without any right: the files of `/proc/net`.
//!
//! Each file is read whole, up to a bound, and parsed by a function of its text: lines that are
//! not understood are passed over.

mod counters;
mod joined_groups;
mod reverse_path;
mod routes;
mod source_filters;
mod udp_sockets;

pub use counters::Counters;
pub use joined_groups::{JoinedGroup, joined_groups};
pub use reverse_path::ReversePath;
pub use routes::{Route, routes};
pub use source_filters::{SourceFilter, source_filters};
pub use udp_sockets::{BoundSocket, bound_sockets};

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A host of 100,000 sockets has a table of some 13 MB.
const MAX_FILE: u64 = 16 << 20;

/// A file's text, as far as the bound goes.
fn read(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// An address of IPv4 as the kernel prints it: the word that it has in memory.
fn v4_of_memory(hex: &str) -> Option<Ipv4Addr> {
    let word = u32::from_str_radix(hex, 16).ok()?;
    Some(Ipv4Addr::from(word.to_ne_bytes()))
}

/// An address of IPv6, its bytes in order.
fn v6_in_order(hex: &str) -> Option<Ipv6Addr> {
    (hex.len() == 32).then(|| u128::from_str_radix(hex, 16).ok().map(Ipv6Addr::from))?
}

/// An address of IPv6 as four words that it has in memory.
fn v6_of_memory(hex: &str) -> Option<Ipv6Addr> {
    let words = u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32)?.to_be_bytes();
    let mut bytes = [0; 16];
    let (from, _) = words.as_chunks::<4>();
    let (to, _) = bytes.as_chunks_mut::<4>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = u32::from_be_bytes(*from).to_ne_bytes();
    }
    Some(Ipv6Addr::from(bytes))
}
