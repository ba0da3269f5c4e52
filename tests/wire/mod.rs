//! Captures made frame by frame: TCP connections as hosts and lossy links leave them.
//!
//! A [`Conversation`](conversation::Conversation) writes the segments of one connection, with what
//! befalls them on the way; [`write`] lays several over each other into one capture.

pub mod conversation;
pub mod frame;
pub mod http;
pub mod malformed;
pub mod reassembled;
pub mod tshark;

use std::path::Path;

use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

use crate::generator::random::Random;

/// The packets that follow each other between hosts: what the capture holds keeps their order.
pub type Lane = Vec<Vec<u8>>;

/// Writes a capture in which the lanes' frames are interleaved at random.
pub fn write(path: &Path, lanes: Vec<Lane>, random: &mut Random) {
    let mut writer = Writer::create(path, WriteFormat::PcapNs).expect("a new file");
    let mut waiting: Vec<_> = lanes.into_iter().map(Vec::into_iter).collect();
    let mut number = 0;
    while !waiting.is_empty() {
        let lane = random.below(waiting.len());
        match waiting[lane].next() {
            None => drop(waiting.swap_remove(lane)),
            Some(data) => {
                number += 1;
                writer.write(&frame(number, &data)).expect("a frame that fits");
            }
        }
    }
    writer.finish().expect("written");
}

fn frame(number: u64, data: &[u8]) -> Frame<'_> {
    const INTERVAL: i64 = 100_000;
    Frame {
        number,
        time: Some(Timestamp(1_700_000_000_000_000_000 + number as i64 * INTERVAL)),
        interface: 0,
        link_type: LinkType::Ethernet,
        data,
        orig_len: packet_end(data).unwrap_or(0).max(data.len()) as u32,
    }
}

/// Where IP says that the packet of an Ethernet frame ends: a snapped frame lacks what is before.
fn packet_end(data: &[u8]) -> Option<usize> {
    let field =
        |at: usize| data.get(at..at + 2).map(|it| usize::from(u16::from_be_bytes([it[0], it[1]])));
    match field(12)? {
        0x0800 => Some(14 + field(16)?),
        0x86dd => Some(14 + 40 + field(18)?),
        _ => None,
    }
}
