//! What the headers of a frame say, read where somebody asks for it: filters and columns.
//!
//! Nothing here is on the way of a frame to its message. Names and values are those that Wireshark
//! has for the frame that completed a message: `eth.src`, `ip.ttl`. Sources: IEEE 802.3 section 3.2,
//! RFC 791 section 3.1, RFC 8200 section 3.

use super::headers;
use crate::capture::{Frame, LinkType};

/// A length instead of a type is less (IEEE 802.3 section 3.2.6).
const FIRST_ETHER_TYPE: u16 = 0x0600;

/// An Ethernet header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EthernetFacts<'a> {
    pub dst: &'a [u8; 6],
    pub src: &'a [u8; 6],
    /// That of the outermost tag, where there is one; `None` for a length.
    pub ether_type: Option<u16>,
}

/// The outermost IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IpFacts {
    V4 { id: u16, ttl: u8, protocol: u8 },
    V6 { payload_len: u16, next: u8, hop_limit: u8 },
}

impl<'a> EthernetFacts<'a> {
    /// Those of a frame that begins with such a header.
    pub fn of(frame: &Frame<'a>) -> Option<Self> {
        if frame.link_type != LinkType::Ethernet {
            return None;
        }
        let (dst, rest) = frame.data.split_first_chunk()?;
        let (src, rest) = rest.split_first_chunk()?;
        let ether_type = u16::from_be_bytes(*rest.first_chunk()?);
        let ether_type = (ether_type >= FIRST_ETHER_TYPE).then_some(ether_type);
        Some(Self { dst, src, ether_type })
    }
}

impl IpFacts {
    /// Those of a frame that carries IP.
    pub fn of(frame: &Frame<'_>) -> Option<Self> {
        let at = headers::ip_offset(frame.link_type, frame.data).ok()?;
        let header = frame.data.get(at..)?;
        let two = |at: usize| header.get(at..)?.first_chunk().copied().map(u16::from_be_bytes);
        let one = |at: usize| header.get(at).copied();
        match one(0)? >> 4 {
            4 => Some(Self::V4 { id: two(4)?, ttl: one(8)?, protocol: one(9)? }),
            6 => Some(Self::V6 { payload_len: two(4)?, next: one(6)?, hop_limit: one(7)? }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    #[test]
    fn headers_say_what_they_say() {
        let mut data = Vec::new();
        etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
            .single_vlan(etherparse::VlanId::try_new(7).unwrap())
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 61)
            .udp(40_000, 1989)
            .write(&mut data, b"message")
            .unwrap();
        let frame = Frame::ethernet(1, Timestamp(0), &data);
        let ethernet = EthernetFacts::of(&frame).unwrap();
        assert_eq!((ethernet.src, ethernet.dst), (&[2; 6], &[4; 6]));
        assert_eq!(ethernet.ether_type, Some(0x8100));
        assert_eq!(IpFacts::of(&frame), Some(IpFacts::V4 { id: 0, ttl: 61, protocol: 17 }));
        for len in 0..data.len() {
            let cut = Frame::ethernet(1, Timestamp(0), &data[..len]);
            assert_eq!(EthernetFacts::of(&cut).is_some(), len >= 14, "{len}");
            assert_eq!(IpFacts::of(&cut).is_some(), len >= 18 + 10, "{len}");
        }
        let other = Frame { link_type: LinkType::Other(147), ..frame };
        assert_eq!((EthernetFacts::of(&other), IpFacts::of(&other)), (None, None));
    }
}
