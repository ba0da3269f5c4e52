//! Which format a file has, by its first four bytes.

use std::fmt::Write as _;

/// A capture format, with its variant where the magic number tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// pcap with microseconds (draft-ietf-opsawg-pcap).
    Pcap,
    /// pcap with nanoseconds, by a magic number of its own.
    PcapNs,
    /// pcap as Alexey Kuznetzov modified it for early Linux: longer record headers.
    PcapModified,
    /// draft-ietf-opsawg-pcapng.
    Pcapng,
}

const MAGICS: [([u8; 4], Format); 7] = [
    ([0xa1, 0xb2, 0xc3, 0xd4], Format::Pcap),
    ([0xd4, 0xc3, 0xb2, 0xa1], Format::Pcap),
    ([0xa1, 0xb2, 0x3c, 0x4d], Format::PcapNs),
    ([0x4d, 0x3c, 0xb2, 0xa1], Format::PcapNs),
    ([0xa1, 0xb2, 0xcd, 0x34], Format::PcapModified),
    ([0x34, 0xcd, 0xb2, 0xa1], Format::PcapModified),
    ([0x0a, 0x0d, 0x0d, 0x0a], Format::Pcapng),
];

/// What a file may be instead, so that the user sees what to do with it.
const OTHERS: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"\x04\x22\x4d\x18", "compressed with lz4"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"snoop\0\0\0", "a snoop capture"),
    (b"GMBU", "a Network Monitor capture"),
    (b"RTSS", "a Network Monitor capture"),
    (b"\x7fELF", "a program"),
    (b"<", "markup"),
    (b"{", "JSON"),
];

impl Format {
    /// The name in output: `pcap`, `pcap-ns`, `pcap-modified`, `pcapng`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::PcapNs => "pcap-ns",
            Self::PcapModified => "pcap-modified",
            Self::Pcapng => "pcapng",
        }
    }

    pub(super) fn detect(start: &[u8]) -> Option<Self> {
        let known = MAGICS.iter().find(|(magic, _)| start.starts_with(magic));
        known.map(|&(_, format)| format)
    }

    /// Whether a file that is shorter than a magic number may have been a capture.
    pub(super) fn may_begin(start: &[u8]) -> bool {
        MAGICS.iter().any(|(magic, _)| magic.starts_with(start))
    }
}

/// The first bytes of a file that is no capture, for the user: hex, and what they are.
pub(super) fn describe(start: &[u8]) -> String {
    let mut text = String::new();
    for byte in start.iter().take(8) {
        let _ = write!(text, "{byte:02x} ");
    }
    text.truncate(text.trim_end().len());
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
        let _ = write!(text, " ({what})");
    } else if start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        text.push_str(" (text)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_what_a_file_may_be() {
        for (start, text) in [
            (&b"PK\x03\x04\x14\0\0\0\x08\0"[..], "50 4b 03 04 14 00 00 00 (a zip archive)"),
            (b"hello", "68 65 6c 6c 6f (text)"),
            (b"\xff\xfe", "ff fe"),
        ] {
            assert_eq!(describe(start), text);
        }
    }

    #[test]
    fn a_start_of_a_magic_number_may_be_a_capture() {
        assert!(Format::may_begin(b"\xd4\xc3"));
        assert!(!Format::may_begin(b"\xd4\xc4"));
    }
}
