//! Frames to a capture file. What is written depends on the frames alone: always little-endian,
//! and without names of programs or machines.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use byteorder::LittleEndian;
use pcap_file::pcap::{PcapHeader, PcapTsResolution, PcapWriteError, RawPcapPacket};
use pcap_file::pcapng::blocks::{
    ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK, SECTION_HEADER_BLOCK, SIMPLE_PACKET_BLOCK,
};
use pcap_file::pcapng::{PcapNgWriteError, RawBlock};
use pcap_file::{DataLink, Endianness};

use super::pcapng::SHORTEST_BLOCK_LEN;
use super::{CaptureError, Frame, LinkType, Timestamp};

/// The snap length in a pcap header; libpcap's largest.
const SNAPLEN: u32 = 262_144;

/// The format of a capture that is written, which decides how exact its times are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFormat {
    /// pcap with microseconds: what is finer is lost.
    Pcap,
    /// pcap with nanoseconds, by a magic number of its own.
    PcapNs,
    /// pcapng with nanoseconds, which holds frames of different link types.
    Pcapng,
}

/// Writes a capture.
///
/// ```
/// use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};
///
/// let mut writer = Writer::new("memory", Vec::new(), WriteFormat::Pcap)?;
/// writer.write(&Frame {
///     number: 1,
///     time: Some(Timestamp::from_parts(1_700_000_000, 0)),
///     interface: 0,
///     link_type: LinkType::Ethernet,
///     data: &[0; 60],
///     orig_len: 60,
/// })?;
/// assert_eq!(writer.finish()?.len(), 24 + 16 + 60);
/// # Ok::<(), wirereel::capture::CaptureError>(())
/// ```
#[derive(Debug)]
pub struct Writer<W: Write> {
    file: String,
    out: W,
    format: WriteFormat,
    /// Frames of different interfaces are of different ones in the file, too.
    keeps_interfaces: bool,
    /// Of the pcap file, or of each pcapng interface; with its number in the capture that frames come
    /// from, where those are kept apart.
    interfaces: Vec<(u32, LinkType)>,
    /// The block that is being put together.
    body: Vec<u8>,
}

impl Writer<BufWriter<File>> {
    /// Creates a file, or empties it if it is there.
    ///
    /// # Errors
    /// The file cannot be created or written.
    pub fn create(path: &Path, format: WriteFormat) -> Result<Self, CaptureError> {
        let file = path.display().to_string();
        match File::create(path) {
            Ok(out) => Self::new(file, BufWriter::new(out), format),
            Err(cause) => Err(CaptureError::Write { file, cause }),
        }
    }
}

impl<W: Write> Writer<W> {
    /// Writes to any stream; errors call it by `name`.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn new(name: impl Into<String>, out: W, format: WriteFormat) -> Result<Self, CaptureError> {
        let mut writer = Self {
            file: name.into(),
            out,
            format,
            keeps_interfaces: false,
            interfaces: Vec::new(),
            body: Vec::new(),
        };
        if format == WriteFormat::Pcapng {
            writer.write_section_header().map_err(|cause| writer.failed(cause))?;
        }
        Ok(writer)
    }

    /// In pcapng, frames of different interfaces are to be of different interfaces in the file, without
    /// their names.
    pub fn keeping_interfaces(mut self) -> Self {
        self.keeps_interfaces = self.format == WriteFormat::Pcapng;
        self
    }

    /// Writes a frame. Its number is not kept, nor is its interface unless that was asked for. Without a time, it gets that of 1970
    /// in pcap, and is a simple packet block in pcapng if it was neither snapped nor is of another
    /// link type than the first frame.
    ///
    /// # Errors
    /// The stream cannot be written, or the format cannot hold the frame: its time, its length, or
    /// in pcap a link type other than the first frame's.
    pub fn write(&mut self, frame: &Frame<'_>) -> Result<(), CaptureError> {
        let own = self.interface(frame);
        let known = self.interfaces.iter().position(|&known| known == own);
        let interface = match known {
            Some(index) => index,
            None => self.begin_link_type(frame)?,
        };
        let result = match self.format {
            WriteFormat::Pcap => self.write_pcap(frame, 1000),
            WriteFormat::PcapNs => self.write_pcap(frame, 1),
            WriteFormat::Pcapng => self.write_pcapng(frame, interface),
        };
        result.map_err(|failure| match failure {
            Failure::Io(cause) => self.failed(cause),
            Failure::Unwritable(what) => self.unwritable(frame, what),
        })
    }

    /// Hands on what the stream still holds: whole frames.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn flush(&mut self) -> Result<(), CaptureError> {
        self.out.flush().map_err(|cause| self.failed(cause))
    }

    /// Completes the capture, which may hold no frame, and gives back the stream.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn finish(mut self) -> Result<W, CaptureError> {
        if self.format != WriteFormat::Pcapng && self.interfaces.is_empty() {
            self.write_pcap_header(LinkType::Ethernet).map_err(|cause| self.failed(cause))?;
        }
        self.out.flush().map_err(|cause| self.failed(cause))?;
        Ok(self.out)
    }

    /// What frames are of one interface by.
    fn interface(&self, frame: &Frame<'_>) -> (u32, LinkType) {
        (if self.keeps_interfaces { frame.interface } else { 0 }, frame.link_type)
    }

    /// What comes before the first frame of a link type. Gives its interface.
    fn begin_link_type(&mut self, frame: &Frame<'_>) -> Result<usize, CaptureError> {
        let index = self.interfaces.len();
        let written = match self.format {
            WriteFormat::Pcapng => self.write_interface(frame.link_type),
            _ if index == 0 => self.write_pcap_header(frame.link_type),
            _ => {
                let what = format!(
                    "it is {}, and a pcap file holds only one link type; pcapng holds several",
                    frame.link_type.name()
                );
                return Err(self.unwritable(frame, what));
            }
        };
        written.map_err(|cause| self.failed(cause))?;
        self.interfaces.push(self.interface(frame));
        Ok(index)
    }

    fn write_pcap_header(&mut self, link_type: LinkType) -> io::Result<()> {
        let header = PcapHeader {
            snaplen: SNAPLEN,
            datalink: DataLink::from(u32::from(link_type.number())),
            ts_resolution: match self.format {
                WriteFormat::Pcap => PcapTsResolution::MicroSecond,
                WriteFormat::PcapNs | WriteFormat::Pcapng => PcapTsResolution::NanoSecond,
            },
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        header.write_to(&mut self.out).map(drop).map_err(pcap_cause)
    }

    fn write_pcap(&mut self, frame: &Frame<'_>, nanos_per_tick: u32) -> Result<(), Failure> {
        let (secs, nanos) = frame.time.unwrap_or_default().parts();
        let packet = RawPcapPacket {
            ts_sec: u32::try_from(secs)
                .map_err(|_| Failure::time(frame, "pcap reaches from 1970 to 2106"))?,
            ts_frac: nanos.checked_div(nanos_per_tick).unwrap_or_default(),
            incl_len: captured_len(frame)?,
            orig_len: frame.orig_len,
            data: Cow::Borrowed(frame.data),
        };
        packet.write_to::<_, LittleEndian>(&mut self.out).map_err(pcap_cause)?;
        Ok(())
    }

    fn write_section_header(&mut self) -> io::Result<()> {
        self.body.extend(0x1a2b_3c4d_u32.to_le_bytes());
        self.body.extend(1_u16.to_le_bytes());
        self.body.extend(0_u16.to_le_bytes());
        self.body.extend((-1_i64).to_le_bytes());
        self.write_block(SECTION_HEADER_BLOCK)
    }

    fn write_interface(&mut self, link_type: LinkType) -> io::Result<()> {
        const NO_SNAPLEN: u32 = 0;
        // if_tsresol, of one byte: 10 to the power of -9.
        const NANOSECONDS: [u8; 8] = [9, 0, 1, 0, 9, 0, 0, 0];
        const END_OF_OPTIONS: [u8; 4] = [0; 4];
        self.body.extend(u32::from(link_type.number()).to_le_bytes());
        self.body.extend(NO_SNAPLEN.to_le_bytes());
        self.body.extend(NANOSECONDS);
        self.body.extend(END_OF_OPTIONS);
        self.write_block(INTERFACE_DESCRIPTION_BLOCK)
    }

    fn write_pcapng(&mut self, frame: &Frame<'_>, interface: usize) -> Result<(), Failure> {
        let captured_len = captured_len(frame)?;
        let kind = match frame.time {
            None if interface == 0 && captured_len == frame.orig_len => SIMPLE_PACKET_BLOCK,
            time => {
                let Timestamp(nanos) = time.unwrap_or_default();
                let ticks = u64::try_from(nanos)
                    .map_err(|_| Failure::time(frame, "pcapng begins with 1970"))?;
                let [a, b, c, d, low @ ..] = ticks.to_be_bytes();
                let interface = u32::try_from(interface).unwrap_or_default();
                self.body.extend(interface.to_le_bytes());
                self.body.extend([d, c, b, a]);
                self.body.extend(low.iter().rev());
                self.body.extend(captured_len.to_le_bytes());
                ENHANCED_PACKET_BLOCK
            }
        };
        self.body.extend(frame.orig_len.to_le_bytes());
        self.body.extend(frame.data);
        Ok(self.write_block(kind)?)
    }

    /// Writes what stands in `body` as a block, and clears it.
    fn write_block(&mut self, kind: u32) -> io::Result<()> {
        self.body.resize(self.body.len().next_multiple_of(4), 0);
        let len = u32::try_from(self.body.len().saturating_add(SHORTEST_BLOCK_LEN));
        let len = len.map_err(io::Error::other)?;
        let body = Cow::Borrowed(self.body.as_slice());
        let block = RawBlock { type_: kind, initial_len: len, body, trailer_len: len };
        let written = block.write_to::<LittleEndian, _>(&mut self.out);
        self.body.clear();
        written.map(drop).map_err(pcapng_cause)
    }

    fn failed(&self, cause: io::Error) -> CaptureError {
        CaptureError::Write { file: self.file.clone(), cause }
    }

    fn unwritable(&self, frame: &Frame<'_>, what: String) -> CaptureError {
        CaptureError::Unwritable { file: self.file.clone(), frame: frame.number, what }
    }
}

/// Why a frame was not written.
enum Failure {
    Io(io::Error),
    Unwritable(String),
}

impl Failure {
    fn time(frame: &Frame<'_>, reach: &str) -> Self {
        Self::Unwritable(format!("its time is {}; {reach}", frame.time.unwrap_or_default()))
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

fn captured_len(frame: &Frame<'_>) -> Result<u32, Failure> {
    u32::try_from(frame.data.len())
        .ok()
        .filter(|&len| len < u32::MAX / 2)
        .ok_or_else(|| Failure::Unwritable(format!("it has {} bytes", frame.data.len())))
}

fn pcap_cause(error: PcapWriteError) -> io::Error {
    match error {
        PcapWriteError::FieldWriteFailed(_, cause) => cause,
        other => io::Error::other(other),
    }
}

fn pcapng_cause(error: PcapNgWriteError) -> io::Error {
    match error {
        PcapNgWriteError::Io(cause) => cause,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::sample::{Expected, read};

    const FORMATS: [WriteFormat; 3] = [WriteFormat::Pcap, WriteFormat::PcapNs, WriteFormat::Pcapng];

    fn frame(time: Option<i64>, link_type: LinkType, data: &[u8], orig_len: u32) -> Frame<'_> {
        Frame { number: 9, time: time.map(Timestamp), interface: 3, link_type, data, orig_len }
    }

    fn written(format: WriteFormat, frames: &[Frame<'_>]) -> Vec<u8> {
        let mut writer = Writer::new("out", Vec::new(), format).unwrap();
        frames.iter().for_each(|frame| writer.write(frame).unwrap());
        writer.finish().unwrap()
    }

    #[test]
    fn interfaces_are_kept_apart_where_asked() {
        let of = |keeps: bool, format| {
            let mut writer = Writer::new("out", Vec::new(), format).unwrap();
            if keeps {
                writer = writer.keeping_interfaces();
            }
            for interface in [7, 3, 7] {
                let frame = Frame { interface, ..frame(Some(5), LinkType::Ethernet, b"x", 1) };
                writer.write(&frame).unwrap();
            }
            read(&writer.finish().unwrap()).0.iter().map(|it| it.1).collect::<Vec<_>>()
        };
        assert_eq!(of(true, WriteFormat::Pcapng), [0, 1, 0]);
        assert_eq!(of(false, WriteFormat::Pcapng), [0, 0, 0]);
        assert_eq!(of(true, WriteFormat::Pcap), [0, 0, 0]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        const TIME: i64 = 1_700_000_000_123_456_789;
        for (format, kept) in FORMATS.into_iter().zip([TIME - 789, TIME, TIME]) {
            let raw = LinkType::Raw;
            let bytes =
                written(format, &[frame(Some(TIME), raw, b"abc", 60), frame(Some(0), raw, b"", 0)]);
            let (frames, error) = read(&bytes);
            assert!(error.is_none(), "{error:?}");
            let expected: [Expected; 2] =
                [(Some(kept), 0, raw, b"abc".to_vec(), 60), (Some(0), 0, raw, vec![], 0)];
            assert_eq!(frames, expected);
        }
    }

    #[test]
    fn a_pcap_file_byte_by_byte() {
        let bytes = written(
            WriteFormat::PcapNs,
            &[frame(Some(1_000_000_002), LinkType::LinuxSll2, b"\xab\xcd", 3)],
        );
        let expected = [
            &[
                0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0x14, 1, 0,
                0,
            ][..],
            &[1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xab, 0xcd],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn pcapng_holds_several_link_types_and_frames_without_a_time() {
        let bytes = written(
            WriteFormat::Pcapng,
            &[
                frame(None, LinkType::Ethernet, b"bare", 4),
                frame(Some(1), LinkType::Null, b"n", 1),
                frame(Some(2), LinkType::Ethernet, b"e", 1),
                frame(None, LinkType::Ethernet, b"snapped", 70),
            ],
        );
        let (frames, error) = read(&bytes);
        assert!(error.is_none(), "{error:?}");
        let expected: [Expected; 4] = [
            (None, 0, LinkType::Ethernet, b"bare".to_vec(), 4),
            (Some(1), 1, LinkType::Null, b"n".to_vec(), 1),
            (Some(2), 0, LinkType::Ethernet, b"e".to_vec(), 1),
            (Some(0), 0, LinkType::Ethernet, b"snapped".to_vec(), 70),
        ];
        assert_eq!(frames, expected);
    }

    #[test]
    fn no_frame_is_a_capture_too() {
        for format in FORMATS {
            let (frames, error) = read(&written(format, &[]));
            assert!(frames.is_empty() && error.is_none(), "{error:?}");
        }
    }

    #[test]
    fn what_a_format_cannot_hold_is_refused_and_the_rest_still_written() {
        let mut writer = Writer::new("out", Vec::new(), WriteFormat::Pcap).unwrap();
        writer.write(&frame(Some(0), LinkType::Ethernet, b"a", 1)).unwrap();
        let other = writer.write(&frame(Some(0), LinkType::Null, b"b", 1)).unwrap_err();
        assert_eq!(
            other.to_string(),
            "cannot write frame 9 to out: it is NULL, and a pcap file holds only one link type; \
             pcapng holds several"
        );
        let late = frame(Some(4_294_967_296_000_000_000), LinkType::Ethernet, b"c", 1);
        assert_eq!(
            writer.write(&late).unwrap_err().to_string(),
            "cannot write frame 9 to out: its time is 2106-02-07T06:28:16.000000000Z; pcap \
             reaches from 1970 to 2106"
        );
        writer.write(&frame(Some(0), LinkType::Ethernet, b"d", 1)).unwrap();
        assert_eq!(read(&writer.finish().unwrap()).0.len(), 2);

        let mut writer = Writer::new("out", Vec::new(), WriteFormat::Pcapng).unwrap();
        assert!(writer.write(&frame(Some(-1), LinkType::Ethernet, b"e", 1)).is_err());
    }

    #[test]
    fn a_full_disk_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in FORMATS {
            let error = Writer::new("out", Full, format)
                .and_then(|mut out| out.write(&frame(Some(0), LinkType::Raw, b"x", 1)))
                .unwrap_err();
            assert!(
                matches!(&error, CaptureError::Write { cause, .. }
                    if cause.kind() == io::ErrorKind::StorageFull),
                "{error}"
            );
        }
    }
}
