//! pcap files (draft-ietf-opsawg-pcap), of every age.
//!
//! pcap-file reads the header and ordinary records, by its raw interface: the strict one refuses
//! files that exist. The records of two old kinds are read here: those with the longer header of
//! Kuznetzov's modification, and those from before version 2.4, in which the two lengths are
//! swapped.

use std::borrow::Cow;
use std::ops::Range;

use pcap_file::pcap::{PcapParseError, PcapParser, PcapTsResolution, RawPcapPacket};

use super::byte_order::ByteOrder;
use super::error::Flaw;
use super::input::Input;
use super::interface::{Clock, Interface};
use super::record::{MAX_RECORD_LEN, Record};
use super::{Format, LinkType, Timestamp};

/// Length of the file's header (section 4).
const HEADER_LEN: usize = 24;
/// Length of a record's header (section 5), and its fields.
const RECORD_HEADER_LEN: usize = 16;
const SECONDS: Range<usize> = 0..4;
const FRACTION: Range<usize> = 4..8;
const CAPTURED_LEN: Range<usize> = 8..12;
const ORIGINAL_LEN: Range<usize> = 12..16;
/// Interface index, protocol, packet type and a byte of padding more.
const MODIFIED_RECORD_HEADER_LEN: usize = 24;

/// Reads the records of a pcap file.
#[derive(Debug)]
pub(super) struct PcapRecords {
    parser: PcapParser,
    shape: Shape,
    link_type: LinkType,
    nanos_per_tick: u64,
}

/// What a record's header looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Ordinary,
    Modified,
    /// Version 2.2 and older: the length on the wire comes first.
    LengthsSwapped,
    /// Version 2.3 was written by both old and new programs.
    LengthsInEitherOrder,
}

impl PcapRecords {
    /// Reads the file's header.
    pub fn open(input: &mut Input, format: Format) -> Result<Self, Flaw> {
        let start = input.read_to(HEADER_LEN)?;
        let mut header: [u8; HEADER_LEN] = *start.first_chunk().ok_or(Flaw::Truncated)?;
        if format == Format::PcapModified {
            as_ordinary(&mut header);
        }
        let (_, parser) =
            PcapParser::new(&header).map_err(|error| Flaw::corrupt(error.to_string()))?;
        let records = Self::with_parser(parser, format)?;
        input.take(HEADER_LEN);
        Ok(records)
    }

    fn with_parser(parser: PcapParser, format: Format) -> Result<Self, Flaw> {
        let header = parser.header();
        let shape = match (header.version_major, header.version_minor) {
            (2, 0..=4) if format == Format::PcapModified => Shape::Modified,
            (2, 0..=2) => Shape::LengthsSwapped,
            (2, 3) => Shape::LengthsInEitherOrder,
            // DG/UX wrote 543.0.
            (2, 4) | (543, 0) => Shape::Ordinary,
            (major, minor) => return Err(Flaw::Version { format: "pcap", major, minor }),
        };
        let nanos_per_tick = match header.ts_resolution {
            PcapTsResolution::MicroSecond => 1000,
            PcapTsResolution::NanoSecond => 1,
        };
        // The high 16 bits tell of a frame check sequence.
        let [.., high, low] = u32::from(header.datalink).to_be_bytes();
        let link_type = LinkType::from(u16::from_be_bytes([high, low]));
        Ok(Self { parser, shape, link_type, nanos_per_tick })
    }

    pub fn byte_order(&self) -> ByteOrder {
        self.parser.header().endianness.into()
    }

    /// What the header says of the one interface.
    pub fn interface(&self) -> Interface {
        let snaplen = self.parser.header().snaplen;
        Interface { name: None, link_type: self.link_type, snaplen, clock: Clock::default() }
    }

    /// The next frame; `None` where the file ends between records.
    #[inline]
    pub fn next_record(&self, input: &mut Input) -> Result<Option<Record>, Flaw> {
        match self.record(input) {
            Ok(record) => Ok(Some(record)),
            Err(incomplete) => self.read_record(input, incomplete),
        }
    }

    /// Reads more until the next frame is there.
    #[inline(never)]
    fn read_record(
        &self,
        input: &mut Input,
        mut incomplete: PcapParseError,
    ) -> Result<Option<Record>, Flaw> {
        loop {
            match incomplete {
                PcapParseError::IncompleteBuffer(needed, _) if needed > MAX_RECORD_LEN => {
                    return Err(Flaw::TooLong(needed as u64));
                }
                PcapParseError::IncompleteBuffer(..) => {
                    let at_a_record = input.unused().is_empty();
                    if !input.read_more()? {
                        return if at_a_record { Ok(None) } else { Err(Flaw::Truncated) };
                    }
                }
                PcapParseError::Validation(error) => {
                    return Err(Flaw::corrupt(error.to_string()));
                }
            }
            incomplete = match self.record(input) {
                Ok(record) => return Ok(Some(record)),
                Err(incomplete) => incomplete,
            };
        }
    }

    /// The frame at the start of what is in the buffer.
    #[inline]
    fn record(&self, input: &mut Input) -> Result<Record, PcapParseError> {
        let unused = input.unused();
        let (rest, packet) = self.parse(unused)?;
        let len = unused.len().saturating_sub(rest.len());
        let nanos = u64::from(packet.ts_frac).saturating_mul(self.nanos_per_tick);
        let time = Timestamp::from_parts(i64::from(packet.ts_sec), nanos);
        let (orig_len, data_len) = (packet.orig_len, packet.data.len());
        let taken = input.take(len);
        Ok(Record {
            time: Some(time),
            interface: 0,
            link_type: self.link_type,
            orig_len,
            data: taken.end.saturating_sub(data_len)..taken.end,
        })
    }

    #[inline]
    fn parse<'a>(&self, unused: &'a [u8]) -> Result<(&'a [u8], RawPcapPacket<'a>), PcapParseError> {
        match self.shape {
            Shape::Ordinary => self.parser.next_raw_packet(unused),
            old => old.parse(self.byte_order(), unused),
        }
    }
}

impl Shape {
    /// As [`PcapParser::next_raw_packet`].
    fn parse(
        self,
        order: ByteOrder,
        unused: &[u8],
    ) -> Result<(&[u8], RawPcapPacket<'_>), PcapParseError> {
        let header_len = match self {
            Self::Modified => MODIFIED_RECORD_HEADER_LEN,
            _ => RECORD_HEADER_LEN,
        };
        let incomplete = |needed| PcapParseError::IncompleteBuffer(needed, unused.len());
        let (header, rest) =
            unused.split_at_checked(header_len).ok_or_else(|| incomplete(header_len))?;
        let field = |field| order.u32(header, field).ok_or_else(|| incomplete(header_len));
        let (ts_sec, ts_frac) = (field(SECONDS)?, field(FRACTION)?);
        let (mut incl_len, mut orig_len) = (field(CAPTURED_LEN)?, field(ORIGINAL_LEN)?);
        if self.lengths_are_swapped(incl_len, orig_len) {
            std::mem::swap(&mut incl_len, &mut orig_len);
        }
        let (data, rest) = usize::try_from(incl_len)
            .ok()
            .and_then(|len| rest.split_at_checked(len))
            .ok_or_else(|| incomplete(usize::try_from(incl_len).unwrap_or(usize::MAX)))?;
        let data = Cow::Borrowed(data);
        Ok((rest, RawPcapPacket { ts_sec, ts_frac, incl_len, orig_len, data }))
    }

    fn lengths_are_swapped(self, first: u32, second: u32) -> bool {
        match self {
            Self::Ordinary | Self::Modified => false,
            Self::LengthsSwapped => true,
            Self::LengthsInEitherOrder => first > second,
        }
    }
}

/// Gives the header of a modified file the magic number of an ordinary one, all else being equal.
fn as_ordinary(header: &mut [u8; HEADER_LEN]) {
    match header {
        [0xa1, 0xb2, third, fourth, ..] => (*third, *fourth) = (0xc3, 0xd4),
        [first, second, 0xb2, 0xa1, ..] => (*first, *second) = (0xd4, 0xc3),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::CaptureError;
    use crate::capture::sample::{MICROS, MODIFIED, NANOS, Sample, read};

    #[test]
    fn both_units_in_both_byte_orders() {
        for (magic, fraction) in [(MICROS, 123_456), (NANOS, 123_456_000)] {
            for sample in Sample::both() {
                let mut file = sample.pcap(magic, 1);
                file.pcap_record(1_700_000_000, fraction, b"one", 3);
                file.pcap_record(0xffff_ffff, 1, b"", 1500);
                let tick = if magic == MICROS { 1000 } else { 1 };
                let (frames, error) = read(&file.bytes);
                assert!(error.is_none(), "{error:?}");
                assert_eq!(
                    frames,
                    [
                        (
                            Some(1_700_000_000_123_456_000),
                            0,
                            LinkType::Ethernet,
                            b"one".to_vec(),
                            3
                        ),
                        (
                            Some(4_294_967_295_000_000_000 + tick),
                            0,
                            LinkType::Ethernet,
                            vec![],
                            1500
                        ),
                    ]
                );
            }
        }
    }

    #[test]
    fn modified_records_have_longer_headers() {
        for sample in Sample::both() {
            let mut file = sample.pcap(MODIFIED, 1);
            file.modified_record(7, 8, b"first", 50);
            file.modified_record(9, 0, b"second", 6);
            let (frames, error) = read(&file.bytes);
            assert!(error.is_none(), "{error:?}");
            assert_eq!(
                frames,
                [
                    (Some(7_000_008_000), 0, LinkType::Ethernet, b"first".to_vec(), 50),
                    (Some(9_000_000_000), 0, LinkType::Ethernet, b"second".to_vec(), 6),
                ]
            );
        }
    }

    #[test]
    fn odd_fields_lose_no_frame() {
        let mut file = Sample::little().pcap(MICROS, 1);
        // Microseconds of more than a second; more data than the header's snap length of 64;
        // less on the wire than was captured.
        file.pcap_record(1, 2_500_000, b"late", 4);
        file.pcap_record(2, 0, &[7; 100], 100);
        file.pcap_record(3, u32::MAX, b"short", 2);
        let (frames, error) = read(&file.bytes);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(
            frames,
            [
                (Some(3_500_000_000), 0, LinkType::Ethernet, b"late".to_vec(), 4),
                (Some(2_000_000_000), 0, LinkType::Ethernet, vec![7; 100], 100),
                (Some(4_297_967_295_000), 0, LinkType::Ethernet, b"short".to_vec(), 2),
            ]
        );
    }

    #[test]
    fn the_link_type_is_the_low_half_of_its_field() {
        for (field, link_type) in [
            (0x2400_0001, LinkType::Ethernet),
            (12, LinkType::Raw),
            (14, LinkType::Raw),
            (0xf000_0114, LinkType::LinuxSll2),
        ] {
            let mut file = Sample::big().pcap(MICROS, field);
            file.pcap_record(1, 0, b"x", 1);
            assert_eq!(read(&file.bytes).0[0].2, link_type);
        }
    }

    #[test]
    fn lengths_before_version_2_4_are_swapped() {
        // As they are in the file; the second is what version 2.4 puts first.
        for (minor, first, second, captured, orig_len) in
            [(2, 90, 4, 4, 90), (3, 90, 4, 4, 90), (3, 4, 90, 4, 90), (4, 4, 90, 4, 90)]
        {
            let mut file = Sample::little().pcap_version(MICROS, 1, 2, minor);
            [1, 0, first, second].into_iter().for_each(|field| file.u32(field));
            file.bytes.extend(b"data");
            let (frames, error) = read(&file.bytes);
            assert!(error.is_none(), "{error:?}");
            assert_eq!((frames[0].3.len(), frames[0].4), (captured, orig_len));
        }
    }

    #[test]
    fn other_versions_are_refused() {
        let file = Sample::little().pcap_version(MICROS, 1, 2, 5);
        let error = read(&file.bytes).1.unwrap();
        assert_eq!(error.to_string(), "the capture: pcap version 2.5 at offset 0 is not supported");
        assert!(read(&Sample::big().pcap_version(MICROS, 1, 543, 0).bytes).1.is_none());
    }

    #[test]
    fn a_record_that_claims_too_much_is_not_called_cut_short() {
        for sample in Sample::both() {
            for (magic, version) in [(MICROS, 4), (MODIFIED, 4), (NANOS, 2)] {
                let mut file = sample.clone().pcap_version(magic, 1, 2, version);
                [1, 0, u32::MAX, u32::MAX, 0, 0].into_iter().for_each(|field| file.u32(field));
                let error = read(&file.bytes).1.unwrap();
                assert!(
                    matches!(
                        error,
                        CaptureError::TooLong { frame: 0, offset: 24, len: 4_294_967_295, .. }
                    ),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn the_longest_record_is_read() {
        let mut file = Sample::little().pcap(MICROS, 1);
        file.pcap_record(1, 0, b"before", 6);
        file.pcap_record(2, 0, &vec![5; MAX_RECORD_LEN], MAX_RECORD_LEN as u32);
        file.pcap_record(3, 0, b"after", 5);
        let (frames, error) = read(&file.bytes);
        assert!(error.is_none(), "{error:?}");
        let lens: Vec<_> = frames.iter().map(|frame| frame.3.len()).collect();
        assert_eq!(lens, [6, MAX_RECORD_LEN, 5]);
    }
}
