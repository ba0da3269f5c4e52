//! Any bytes as frames of one capture: packets, fragments and conversations stay within bounds,
//! and every payload lies inside its frame.
//!
//! The first byte chooses the link type; frames are separated by their length in two bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::capture::{Frame, LinkType, Timestamp};
use wirereel::flow::{Arrival, Flow};

const LINK_TYPES: [LinkType; 8] = [
    LinkType::Ethernet,
    LinkType::Null,
    LinkType::Loop,
    LinkType::Raw,
    LinkType::Ipv4,
    LinkType::Ipv6,
    LinkType::LinuxSll,
    LinkType::LinuxSll2,
];

fuzz_target!(|input: &[u8]| {
    let Some((&first, mut rest)) = input.split_first() else { return };
    let link_type = LINK_TYPES[usize::from(first) % LINK_TYPES.len()];
    let mut flow = Flow::<()>::default();
    let mut number = 0u32;
    while let Some((len, behind)) = rest.split_first_chunk::<2>() {
        let len = usize::from(u16::from_be_bytes(*len)).min(behind.len());
        let (data, behind) = behind.split_at(len);
        rest = behind;
        number += 1;
        let time = Some(Timestamp(i64::from(number) << 32));
        let orig_len = data.len() as u32;
        let frame = Frame { number: number.into(), time, interface: 0, link_type, data, orig_len };
        if let Arrival::Packet(delivery) = flow.push(&frame) {
            let packet = delivery.packet;
            assert!(packet.payload.len() <= packet.wire_len);
            if let Some(offset) = packet.frame_offset {
                let end = offset + packet.payload.len();
                assert_eq!(&data[offset..end], packet.payload);
            }
        }
    }
    flow.finish().for_each(drop);
});
