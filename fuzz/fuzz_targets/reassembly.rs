//! One side of a connection, cut and ordered anyhow: whatever arrives, the bytes given out are
//! those that were sent, in order, with gaps only where nothing arrived.
//!
//! The input's first byte seeds the sequence number; each further 4 bytes are one segment: where
//! it begins, how long it is, and whether an acknowledgement precedes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::packet::{Checksum, Endpoint, Packet, TcpFlags, TcpHeader};
use wirereel::flow::{Held, Reassembly};
use wirereel::flow::{Input, Side};

const LEN: usize = 1 << 12;

fuzz_target!(|input: &[u8]| {
    let Some((&seed, rest)) = input.split_first() else { return };
    let sent: Vec<u8> = (0..LEN).map(|at| (at ^ (at >> 8)) as u8).collect();
    let first = u32::from(seed).wrapping_mul(0x0101_0101).wrapping_sub(64);
    let ends: [Endpoint; 2] = ["10.0.0.1:40000", "10.0.0.2:80"].map(|it| it.parse().unwrap());
    let packet = |from: usize, seq: u32, flags: TcpFlags, ack: u32, payload| Packet {
        src: ends[from],
        dst: ends[1 - from],
        tcp: Some(TcpHeader { seq, ack, window: 65535, flags, len: 20 }),
        payload,
        wire_len: sent.len().min(<[u8]>::len(payload)),
        frame_offset: None,
        checksum: Checksum::Good,
    };
    let syn = TcpFlags { syn: true, ..TcpFlags::default() };
    let ack = TcpFlags { ack: true, ..TcpFlags::default() };
    let open = packet(0, first.wrapping_sub(1), syn, 0, &[]);
    let (mut reassembly, mut held) = (Reassembly::new(&open, true), Held::default());
    let mut at = 0usize;
    let mut take = |side: Side, input: Input<'_>| match (side, input) {
        (Side::Client, Input::Bytes(bytes)) => {
            assert_eq!(bytes, &sent[at..at + bytes.len()]);
            at += bytes.len();
        }
        (Side::Client, Input::Gap(len)) => at += usize::try_from(len).expect("a gap within 4 KiB"),
        _ => {}
    };
    reassembly.push(&open, true, &mut held, &mut take);
    for segment in rest.chunks_exact(4) {
        let start = usize::from(u16::from_be_bytes([segment[0], segment[1]])) % LEN;
        let end = (start + usize::from(segment[2])).min(LEN);
        if segment[3] & 1 == 1 {
            let answer = packet(1, 1, ack, first.wrapping_add(start as u32), &[]);
            reassembly.push(&answer, false, &mut held, &mut take);
        }
        let data = packet(0, first.wrapping_add(start as u32), ack, 1, &sent[start..end]);
        reassembly.push(&data, true, &mut held, &mut take);
    }
    reassembly.finish(&mut held, &mut take);
    assert_eq!(reassembly.anomalies.conflicting_bytes, 0);
});
