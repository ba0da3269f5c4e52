//! What a capture file is, in figures.

use std::path::Path;

use super::{CaptureError, Compression, Format, Frame, Interface, LinkType, Reader, Timestamp};

/// Different link types counted in one capture; the rest is left out.
const MAX_LINK_TYPES: usize = 256;

/// The facts of a capture, up to its end or to where it is damaged.
#[derive(Debug, Default)]
pub struct CaptureInfo {
    /// The path, or what the caller calls the stream.
    pub file: String,
    /// `None` where the file is no capture, or could not be read.
    pub format: Option<Format>,
    /// From the outside in; empty if the file is not compressed.
    pub compression: Vec<Compression>,
    /// `"big"` or `"little"`; of the last section in pcapng.
    pub byte_order: Option<&'static str>,
    /// Frames that are whole in the file, whatever their bytes are.
    pub frames: u64,
    /// Bytes of frames in the file.
    pub bytes: u64,
    /// Bytes that those frames had on the wire.
    pub wire_bytes: u64,
    /// Frames of which only the first bytes are in the file.
    pub snapped: u64,
    /// The earliest time of any frame.
    pub first: Option<Timestamp>,
    /// The latest time of any frame.
    pub last: Option<Timestamp>,
    /// Of the interfaces, then of frames, each once.
    pub link_types: Vec<LinkType>,
    /// The interfaces described, of all sections, at most 256.
    pub interfaces: Vec<Interface>,
    /// How many were described, also beyond those.
    pub interface_count: u64,
    /// The file ends within a record.
    pub truncated: bool,
    /// Why the file could not be read to its end.
    pub error: Option<CaptureError>,
}

/// Reads a whole capture file for its facts. What goes wrong is one of them.
pub fn info(path: &Path) -> CaptureInfo {
    CaptureInfo::gather(&path.display().to_string(), Reader::open(path))
}

impl CaptureInfo {
    /// Reads a capture to its end for its facts; `file` is what to call it.
    pub fn gather(file: &str, reader: Result<Reader, CaptureError>) -> Self {
        let mut info = Self { file: file.to_owned(), ..Self::default() };
        let end = match reader {
            Ok(mut reader) => {
                let end = info.count(&mut reader);
                info.describe(&reader);
                end
            }
            Err(error) => Err(error),
        };
        info.error = end.err();
        info.truncated = matches!(info.error, Some(CaptureError::Truncated { .. }));
        info
    }

    fn count(&mut self, reader: &mut Reader) -> Result<(), CaptureError> {
        while let Some(frame) = reader.next_frame()? {
            self.add(&frame);
        }
        Ok(())
    }

    fn add(&mut self, frame: &Frame<'_>) {
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(frame.data.len() as u64);
        self.wire_bytes = self.wire_bytes.saturating_add(u64::from(frame.orig_len));
        self.snapped = self.snapped.saturating_add(u64::from(frame.is_snapped()));
        if let Some(time) = frame.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        note(&mut self.link_types, frame.link_type);
    }

    fn describe(&mut self, reader: &Reader) {
        self.format = Some(reader.format());
        self.compression = reader.compression().to_vec();
        self.byte_order = Some(reader.byte_order());
        self.interfaces = reader.interfaces();
        self.interface_count = reader.interface_count();
        let of_frames = std::mem::take(&mut self.link_types);
        let of_interfaces = self.interfaces.iter().map(|interface| interface.link_type);
        of_interfaces.chain(of_frames).for_each(|link_type| note(&mut self.link_types, link_type));
    }
}

fn note(link_types: &mut Vec<LinkType>, link_type: LinkType) {
    if link_types.len() < MAX_LINK_TYPES && !link_types.contains(&link_type) {
        link_types.push(link_type);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::sample::{MICROS, Sample};

    fn facts(bytes: &[u8]) -> CaptureInfo {
        CaptureInfo::gather("file", Reader::new(std::io::Cursor::new(bytes.to_vec())))
    }

    #[test]
    fn counts_a_capture_up_to_the_cut() {
        let mut file = Sample::big().pcap(MICROS, 1);
        file.pcap_record(20, 5, b"abc", 1500);
        file.pcap_record(10, 0, b"defg", 4);
        file.pcap_record(30, 0, b"never", 5);
        let info = facts(&file.bytes[..file.bytes.len() - 1]);
        assert_eq!((info.frames, info.bytes, info.wire_bytes, info.snapped), (2, 7, 1504, 1));
        assert_eq!(info.first, Some(Timestamp(10_000_000_000)));
        assert_eq!(info.last, Some(Timestamp(20_000_005_000)));
        assert_eq!((info.format, info.byte_order), (Some(Format::Pcap), Some("big")));
        assert_eq!((info.link_types, info.interface_count), (vec![LinkType::Ethernet], 1));
        assert_eq!(info.interfaces[0].snaplen, 64);
        assert!(info.truncated);
        assert_eq!(
            info.error.unwrap().to_string(),
            "file is cut short: it ends within the record at offset 63, after frame 2"
                .replace("file", "the capture")
        );
    }

    #[test]
    fn lists_interfaces_and_their_link_types() {
        let mut file = Sample::little().section();
        file.interface(1, 96, &[(2, b"eth0")]);
        file.interface(113, 0, &[]);
        file.interface(1, 0, &[]);
        file.simple(b"abcd", 4);
        let info = facts(&file.bytes);
        assert!(info.error.is_none() && !info.truncated);
        assert_eq!(info.link_types, [LinkType::Ethernet, LinkType::LinuxSll]);
        assert_eq!((info.interface_count, info.interfaces.len()), (3, 3));
        assert_eq!(info.interfaces[0].name.as_deref(), Some("eth0"));
        assert_eq!((info.first, info.last, info.frames), (None, None, 1));
    }

    #[test]
    fn a_file_that_is_no_capture_has_no_format() {
        let info = facts(b"GET / HTTP/1.1\r\n");
        assert_eq!((info.frames, info.format, info.truncated), (0, None, false));
        assert!(matches!(info.error, Some(CaptureError::NotACapture { .. })));
    }
}
