//! pcapng files (draft-ietf-opsawg-pcapng): sections, their interfaces, and packets in enhanced,
//! simple and obsolete blocks. Every other block is skipped.
//!
//! pcap-file frames the blocks. Their bodies are read here: its typed parsing refuses a whole
//! section for one comment that is not UTF-8, and finer resolutions than nanoseconds.

use std::ops::Range;

use byteorder::{BigEndian, LittleEndian};
use pcap_file::pcapng::blocks::{
    ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK, PACKET_BLOCK, SECTION_HEADER_BLOCK,
    SIMPLE_PACKET_BLOCK,
};
use pcap_file::pcapng::{RawBlock, RawBlockParseError};

use super::byte_order::ByteOrder;
use super::error::Flaw;
use super::input::Input;
use super::interface::Interface;
use super::record::{MAX_RECORD_LEN, Record};

/// Where a block's type stands (section 3.1).
const BLOCK_TYPE: Range<usize> = 0..4;
/// Type and length.
const BLOCK_HEADER_LEN: usize = 8;
/// The length again.
const BLOCK_TRAILER_LEN: usize = 4;
/// Bytes of a block beside its body.
pub(super) const SHORTEST_BLOCK_LEN: usize = BLOCK_HEADER_LEN + BLOCK_TRAILER_LEN;

/// Fields in the body of a section header (section 4.1).
mod section {
    use super::Range;

    pub const BYTE_ORDER_MAGIC: Range<usize> = 0..4;
    pub const MAJOR: Range<usize> = 4..6;
    pub const MINOR: Range<usize> = 6..8;
}

/// Fields in the body of an enhanced packet (section 4.3).
mod enhanced {
    use super::Range;

    pub const INTERFACE: Range<usize> = 0..4;
    pub const TIME_HIGH: Range<usize> = 4..8;
    pub const TIME_LOW: Range<usize> = 8..12;
    pub const CAPTURED_LEN: Range<usize> = 12..16;
    pub const ORIGINAL_LEN: Range<usize> = 16..20;
    /// Where the frame begins.
    pub const DATA: usize = 20;
}

/// What differs in an obsolete packet (appendix A.1): a count of drops follows the interface.
mod obsolete {
    use super::Range;

    pub const INTERFACE: Range<usize> = 0..2;
}

/// Fields in the body of a simple packet (section 4.4).
mod simple {
    use super::Range;

    pub const ORIGINAL_LEN: Range<usize> = 0..4;
    /// Where the frame begins.
    pub const DATA: usize = 4;
}

/// More interfaces in a section than any real file has.
const MAX_INTERFACES: usize = 65_536;
/// Interfaces kept for [`PcapngRecords::described`].
const MAX_DESCRIBED: usize = 256;

/// Reads the packet blocks of a pcapng file.
#[derive(Debug)]
pub(super) struct PcapngRecords {
    /// Of the current section.
    order: ByteOrder,
    /// Of the current section.
    interfaces: Vec<Interface>,
    described: Vec<Interface>,
    interface_count: u64,
}

impl PcapngRecords {
    /// Reads the first section header.
    pub fn open(input: &mut Input) -> Result<Self, Flaw> {
        let mut records = Self {
            order: ByteOrder::Big,
            interfaces: Vec::new(),
            described: Vec::new(),
            interface_count: 0,
        };
        let (_, len) = records.next_block(input)?.ok_or(Flaw::Truncated)?;
        records.begin_section(body(input, len))?;
        input.take(len);
        Ok(records)
    }

    pub fn byte_order(&self) -> ByteOrder {
        self.order
    }

    /// The interfaces of all sections so far, at most 256 of them.
    pub fn described(&self) -> &[Interface] {
        &self.described
    }

    /// How many interfaces all sections so far have.
    pub fn interface_count(&self) -> u64 {
        self.interface_count
    }

    /// The next frame; `None` where the file ends between blocks.
    pub fn next_record(&mut self, input: &mut Input) -> Result<Option<Record>, Flaw> {
        while let Some((kind, len)) = self.next_block(input)? {
            let body = body(input, len);
            let found = match kind {
                SECTION_HEADER_BLOCK => self.begin_section(body).map(|()| None)?,
                INTERFACE_DESCRIPTION_BLOCK => self.add_interface(body).map(|()| None)?,
                ENHANCED_PACKET_BLOCK => Some(self.enhanced(body)?),
                PACKET_BLOCK => Some(self.obsolete(body)?),
                SIMPLE_PACKET_BLOCK => Some(self.simple(body)?),
                _ => None,
            };
            let block = input.take(len);
            if let Some(record) = found {
                return Ok(Some(record.moved_by(block.start.saturating_add(BLOCK_HEADER_LEN))));
            }
        }
        Ok(None)
    }

    /// Type and length of the next block, which is then wholly in the buffer.
    fn next_block(&self, input: &mut Input) -> Result<Option<(u32, usize)>, Flaw> {
        loop {
            let unused = input.unused();
            let parsed = match self.order {
                ByteOrder::Big => RawBlock::from_slice::<BigEndian>(unused),
                ByteOrder::Little => RawBlock::from_slice::<LittleEndian>(unused),
            };
            match parsed {
                Ok((rest, block)) => {
                    return Ok(Some((block.type_, unused.len().saturating_sub(rest.len()))));
                }
                Err(RawBlockParseError::IncompleteBuffer(needed, _)) => {
                    // The need is counted from behind the block's header once that is there.
                    let len = match unused.len() {
                        0..SHORTEST_BLOCK_LEN => 0,
                        _ => needed.saturating_add(BLOCK_HEADER_LEN),
                    };
                    if len > MAX_RECORD_LEN {
                        self.skip_block(input, len as u64)?;
                        continue;
                    }
                    let at_a_block = unused.is_empty();
                    if !input.read_more()? {
                        return if at_a_block { Ok(None) } else { Err(Flaw::Truncated) };
                    }
                }
                Err(RawBlockParseError::InvalidFormat(error)) => {
                    return Err(Flaw::corrupt(error.to_string()));
                }
            }
        }
    }

    /// Passes over a block that is longer than the buffer, unless it is one that counts.
    fn skip_block(&self, input: &mut Input, len: u64) -> Result<(), Flaw> {
        match self.order.u32(input.unused(), BLOCK_TYPE) {
            Some(
                SECTION_HEADER_BLOCK
                | INTERFACE_DESCRIPTION_BLOCK
                | ENHANCED_PACKET_BLOCK
                | PACKET_BLOCK
                | SIMPLE_PACKET_BLOCK,
            ) => Err(Flaw::TooLong(len)),
            _ if input.skip(len)? => Ok(()),
            _ => Err(Flaw::Truncated),
        }
    }

    fn begin_section(&mut self, body: &[u8]) -> Result<(), Flaw> {
        let order = match body.get(section::BYTE_ORDER_MAGIC) {
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        let version = order.u16(body, section::MAJOR).zip(order.u16(body, section::MINOR));
        match version.ok_or_else(|| Flaw::corrupt("a section header without its version"))? {
            // Some programs write 1.2, which is 1.0 in all but the number.
            (1, 0 | 2) => {}
            (major, minor) => return Err(Flaw::Version { format: "pcapng", major, minor }),
        }
        self.order = order;
        self.interfaces.clear();
        Ok(())
    }

    fn add_interface(&mut self, body: &[u8]) -> Result<(), Flaw> {
        let interface = Interface::parse(self.order, body)
            .ok_or_else(|| Flaw::corrupt("an interface description that is too short"))?;
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(Flaw::corrupt(format!("more than {MAX_INTERFACES} interfaces")));
        }
        if self.described.len() < MAX_DESCRIBED {
            self.described.push(interface.clone());
        }
        self.interface_count = self.interface_count.saturating_add(1);
        self.interfaces.push(interface);
        Ok(())
    }

    fn enhanced(&self, body: &[u8]) -> Result<Record, Flaw> {
        let interface = self.order.u32(body, enhanced::INTERFACE).ok_or_else(too_short)?;
        self.timed(body, interface)
    }

    fn obsolete(&self, body: &[u8]) -> Result<Record, Flaw> {
        let interface = self.order.u16(body, obsolete::INTERFACE).ok_or_else(too_short)?;
        self.timed(body, u32::from(interface))
    }

    /// What both of them have behind the interface.
    fn timed(&self, body: &[u8], id: u32) -> Result<Record, Flaw> {
        let interface = self.interface(id)?;
        let field = |field| self.order.u32(body, field).ok_or_else(too_short);
        let (high, low) = (field(enhanced::TIME_HIGH)?, field(enhanced::TIME_LOW)?);
        let ticks = u64::from(high) << 32 | u64::from(low);
        let captured_len = usize::try_from(field(enhanced::CAPTURED_LEN)?).unwrap_or(usize::MAX);
        Ok(Record {
            time: Some(interface.clock.time(ticks)),
            interface: id,
            link_type: interface.link_type,
            orig_len: field(enhanced::ORIGINAL_LEN)?,
            data: within(body, enhanced::DATA, captured_len)?,
        })
    }

    /// As much of the frame as the snap length let through, of the section's first interface.
    fn simple(&self, body: &[u8]) -> Result<Record, Flaw> {
        let interface = self.interface(0)?;
        let orig_len = self.order.u32(body, simple::ORIGINAL_LEN).ok_or_else(too_short)?;
        let captured_len = match interface.snaplen {
            0 => orig_len,
            snaplen => orig_len.min(snaplen),
        };
        Ok(Record {
            time: None,
            interface: 0,
            link_type: interface.link_type,
            orig_len,
            data: within(body, simple::DATA, usize::try_from(captured_len).unwrap_or(usize::MAX))?,
        })
    }

    fn interface(&self, id: u32) -> Result<&Interface, Flaw> {
        let known = usize::try_from(id).ok().and_then(|index| self.interfaces.get(index));
        known.ok_or_else(|| Flaw::corrupt(format!("a packet of interface {id}, not described")))
    }
}

/// What a block of `len` bytes, the next in the input, holds between header and trailer.
fn body(input: &Input, len: usize) -> &[u8] {
    let end = len.saturating_sub(BLOCK_TRAILER_LEN);
    input.unused().get(BLOCK_HEADER_LEN..end).unwrap_or_default()
}

/// `len` bytes at `offset`, if the block's body has them.
fn within(body: &[u8], offset: usize, len: usize) -> Result<Range<usize>, Flaw> {
    let end = offset.checked_add(len).filter(|&end| end <= body.len());
    end.map(|end| offset..end).ok_or_else(|| {
        let room = body.len().saturating_sub(offset);
        Flaw::corrupt(format!("a packet of {len} bytes in a block with room for {room}"))
    })
}

fn too_short() -> Flaw {
    Flaw::corrupt("a packet block that is too short")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, repeat};

    use super::*;
    use crate::capture::sample::{Sample, read, read_stream};
    use crate::capture::{CaptureError, LinkType};

    const CUSTOM: u32 = 0xbad;

    #[test]
    fn packets_of_every_kind_in_both_byte_orders() {
        for sample in Sample::both() {
            let mut file = sample.section();
            file.interface(1, 8, &[(9, &[9]), (2, b"eth0")]);
            file.interface(113, 0, &[]);
            file.other(5, &[0; 12]);
            file.enhanced(0, 1_700_000_000_123_456_789, b"abc", 60, &[]);
            file.other(CUSTOM, b"whatever");
            file.obsolete(1, 5_000_001, b"defg", 4);
            file.simple(b"snapped.", 90);
            file.simple(b"whole", 5);
            let (frames, error) = read(&file.bytes);
            assert!(error.is_none(), "{error:?}");
            let ethernet = LinkType::Ethernet;
            assert_eq!(
                frames,
                [
                    (Some(1_700_000_000_123_456_789), 0, ethernet, b"abc".to_vec(), 60),
                    (Some(5_000_001_000), 1, LinkType::LinuxSll, b"defg".to_vec(), 4),
                    (None, 0, ethernet, b"snapped.".to_vec(), 90),
                    (None, 0, ethernet, b"whole".to_vec(), 5),
                ]
            );
        }
    }

    #[test]
    fn a_section_has_its_own_byte_order_and_interfaces() {
        for sample in Sample::both() {
            let mut file = sample.section();
            file.interface(1, 0, &[(9, &[3])]);
            file.enhanced(0, 1_500, b"one", 3, &[]);
            let mut file = file.swapped();
            file.begin_section(1, 2);
            file.interface(101, 0, &[]);
            file.enhanced(0, 1_500, b"two", 3, &[]);
            file.begin_section(1, 0);
            file.enhanced(0, 0, b"no interface", 12, &[]);
            let (frames, error) = read(&file.bytes);
            assert_eq!(
                frames,
                [
                    (Some(1_500_000_000), 0, LinkType::Ethernet, b"one".to_vec(), 3),
                    (Some(1_500_000), 0, LinkType::Raw, b"two".to_vec(), 3),
                ]
            );
            let error = error.unwrap().to_string();
            assert!(error.ends_with("after frame 2: a packet of interface 0, not described"));
        }
    }

    #[test]
    fn resolution_and_offset_of_times() {
        for sample in Sample::both() {
            let mut file = sample.section();
            let mut offset = sample_option(&file, -10);
            file.interface(1, 0, &[(9, &[0x8a]), (14, &offset)]);
            offset = sample_option(&file, 1_000_000_000);
            file.interface(1, 0, &[(14, &offset), (9, &[12])]);
            file.enhanced(0, 20 * 1024 + 512, b"", 0, &[]);
            file.enhanced(1, 7_999, b"", 0, &[]);
            file.enhanced(1, u64::MAX, b"", 0, &[]);
            let times: Vec<_> = read(&file.bytes).0.iter().map(|frame| frame.0).collect();
            let last = 1_000_000_000_000_000_000 + (u64::MAX / 1000) as i64;
            assert_eq!(times, [Some(10_500_000_000), Some(1_000_000_000_000_000_007), Some(last)]);
        }
    }

    /// An offset in the byte order of the file.
    fn sample_option(file: &Sample, secs: i64) -> Vec<u8> {
        match file.bytes[8] {
            0x1a => secs.to_be_bytes().to_vec(),
            _ => secs.to_le_bytes().to_vec(),
        }
    }

    #[test]
    fn damaged_options_do_not_lose_the_packet() {
        let mut file = Sample::little().section();
        file.interface(1, 0, &[(1, b"\xff\xfe"), (9, &[])]);
        file.enhanced(0, 1, b"data", 4, &[1, 0, 0xff, 0xff, 9, 9, 9, 9]);
        file.enhanced(0, 2, b"data", 4, &[1, 0, 2, 0, 0xff, 0xfe, 0, 0]);
        let (frames, error) = read(&file.bytes);
        assert!(error.is_none(), "{error:?}");
        assert_eq!((frames[0].0, frames[1].0), (Some(1000), Some(2000)));
    }

    #[test]
    fn blocks_that_contradict_themselves_are_damage() {
        let mut good = Sample::little().section();
        good.interface(1, 0, &[]);
        let offset = good.bytes.len();
        let damaged = |kind: u32, body: &[u8]| {
            let mut file = good.clone();
            file.other(kind, body);
            read(&file.bytes).1.unwrap().to_string()
        };
        let prefix = format!("the capture is damaged at offset {offset}, after frame 0: ");
        let told = |error: String| error.strip_prefix(&prefix).map(str::to_owned);
        assert_eq!(told(damaged(6, &[0; 16])).unwrap(), "a packet block that is too short");
        assert_eq!(told(damaged(3, &[])).unwrap(), "a packet block that is too short");
        assert_eq!(
            told(damaged(3, &[200, 0, 0, 0, 1, 2, 3, 4])).unwrap(),
            "a packet of 200 bytes in a block with room for 4"
        );
        assert_eq!(
            told(damaged(1, &[1, 0, 0, 0])).unwrap(),
            "an interface description that is too short"
        );
        for (length, what) in [
            (0_u32, "Block is too short: minimum 12B, actual 0B"),
            (13, "Block length is not a multiple of 4: 13B"),
            (12, "Block length fields don't match: initial 12B, trailing 99B"),
        ] {
            let mut file = good.clone();
            [CUSTOM, length, 99].into_iter().for_each(|field| file.u32(field));
            assert_eq!(told(read(&file.bytes).1.unwrap().to_string()).unwrap(), what);
        }
    }

    #[test]
    fn other_versions_are_refused_wherever_they_begin() {
        let mut file = Sample::big().section();
        let offset = file.bytes.len() as u64;
        file.begin_section(1, 1);
        let error = read(&file.bytes).1.unwrap();
        assert!(
            matches!(error, CaptureError::Version { major: 1, minor: 1, offset: at, .. } if at == offset)
        );
    }

    #[test]
    fn a_block_longer_than_the_buffer_is_skipped_unless_it_counts() {
        for (kind, counts) in [(CUSTOM, false), (6, true), (3, true), (1, true)] {
            let body_len = MAX_RECORD_LEN as u32 + 4;
            let mut before = Sample::little().section();
            before.interface(1, 0, &[]);
            let offset_of_block = before.bytes.len() as u64;
            [kind, body_len + 12].into_iter().for_each(|field| before.u32(field));
            let mut after = Sample::little();
            after.u32(body_len + 12);
            after.enhanced(0, 1, b"after", 5, &[]);
            let stream = Cursor::new(before.bytes)
                .chain(repeat(0).take(u64::from(body_len)))
                .chain(Cursor::new(after.bytes));
            let (frames, error) = read_stream(stream);
            assert_eq!(frames.len(), usize::from(!counts));
            match error {
                None => assert!(!counts),
                Some(CaptureError::TooLong { offset, len, .. }) => {
                    assert!(counts);
                    assert_eq!((offset, len), (offset_of_block, u64::from(body_len) + 12));
                }
                Some(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_section_holds_no_more_interfaces_than_the_bound() {
        let mut file = Sample::little().section();
        (0..=MAX_INTERFACES).for_each(|_| file.interface(1, 0, &[]));
        let error = read(&file.bytes).1.unwrap().to_string();
        assert!(error.ends_with("more than 65536 interfaces"), "{error}");
    }
}
