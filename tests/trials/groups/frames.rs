//! The datagrams of a capture, read without the library.

use std::fs;
use std::path::Path;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use libtest_mimic::Failed;

/// The headers of a pcap file and of its records (draft-ietf-opsawg-pcap, sections 4 and 5).
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// The frames of a pcap file that tcpdump wrote on this machine.
pub fn frames(file: &Path) -> Result<Vec<Vec<u8>>, Failed> {
    let bytes = fs::read(file).map_err(|it| format!("{}: {it}", file.display()))?;
    let mut rest = bytes.get(FILE_HEADER..).ok_or("no pcap file")?;
    let mut frames = Vec::new();
    while let Some((header, behind)) = rest.split_at_checked(RECORD_HEADER) {
        let len = u32::from_ne_bytes(header[8..12].try_into()?) as usize;
        let (frame, behind) = behind.split_at_checked(len).ok_or("a record is cut short")?;
        frames.push(frame.to_vec());
        rest = behind;
    }
    Ok(frames)
}

/// The payload of each datagram to a port, in the order of the capture.
pub fn payloads(file: &Path, port: u16) -> Result<Vec<Vec<u8>>, Failed> {
    Ok(frames(file)?.iter().filter_map(|it| payload(it, port)).collect())
}

/// The payload of a frame that holds a datagram to a port.
pub fn payload(frame: &[u8], port: u16) -> Option<Vec<u8>> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    match (packet.net?, packet.transport?) {
        (NetSlice::Ipv4(_) | NetSlice::Ipv6(_), TransportSlice::Udp(udp)) => {
            (udp.destination_port() == port).then(|| udp.payload().to_vec())
        }
        _ => None,
    }
}
