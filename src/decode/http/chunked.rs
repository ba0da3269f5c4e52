//! Chunked transfer coding (RFC 9112 section 7.1), up to the trailers, byte by byte where it must
//! be and in one piece where data is.

use super::super::framing_fault::FramingFault;

/// Bytes of one chunk's size line, its extensions included.
pub const MAX_CHUNK_LINE: u32 = 4096;

/// Where in a chunked body the next byte lies.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Chunked {
    part: Part,
    size: u64,
    /// Bytes of the size line so far.
    line: u32,
    /// A line ended without CR.
    pub bare_lf: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Part {
    /// Before the first digit.
    #[default]
    Size,
    /// Behind a digit.
    Digits,
    /// Between the digits and the line's end.
    Extension,
    /// Behind the CR of the size line.
    SizeLf,
    /// So many bytes of data are left.
    Data(u64),
    /// Behind the data.
    DataEnd,
    /// Behind the CR that follows the data.
    DataLf,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Chunking {
    /// So many bytes of framing.
    Framing(usize),
    /// So many bytes of the body.
    Data(usize),
    /// So many bytes of framing; trailers follow.
    Last(usize),
    /// After so many bytes, not what the grammar allows.
    Fault(usize, &'static str, FramingFault),
}

impl Chunked {
    /// Tells what the first of `bytes` are, at least one where there is one.
    pub fn step(&mut self, bytes: &[u8]) -> Chunking {
        if let Part::Data(left) = self.part {
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            self.pass(left, len as u64);
            return Chunking::Data(len);
        }
        let mut used = 0usize;
        for &byte in bytes {
            let context = self.context();
            match self.next(byte) {
                Ok(part) => self.part = part,
                Err(fault) => return Chunking::Fault(used, context, fault),
            }
            used = used.saturating_add(1);
            match self.part {
                Part::Data(0) => return Chunking::Last(used),
                Part::Data(_) => break,
                _ => {}
            }
        }
        Chunking::Framing(used)
    }

    /// Passes over bytes that are not known; `false` where they reach beyond the chunk's data.
    pub fn gap(&mut self, len: u64) -> bool {
        match self.part {
            Part::Data(left) if len <= left => {
                self.pass(left, len);
                true
            }
            _ => false,
        }
    }

    fn pass(&mut self, left: u64, len: u64) {
        self.part = match left.saturating_sub(len) {
            0 => Part::DataEnd,
            left => Part::Data(left),
        };
    }

    fn context(&self) -> &'static str {
        match self.part {
            Part::Extension => "chunk extension",
            Part::DataEnd | Part::DataLf => "chunk end",
            _ => "chunk size",
        }
    }

    /// Where the byte leads; what is wrong where it may not stand.
    fn next(&mut self, byte: u8) -> Result<Part, FramingFault> {
        self.line = self.line.saturating_add(1);
        match (self.part, byte) {
            (Part::DataEnd, b'\r') => return Ok(Part::DataLf),
            (Part::DataEnd, b'\n') => {
                self.bare_lf = true;
                return Ok(self.begin());
            }
            (Part::DataLf, b'\n') => return Ok(self.begin()),
            (Part::DataEnd | Part::DataLf, _) => return Err(FramingFault::ChunkEnd),
            (Part::SizeLf, b'\n') => return Ok(Part::Data(self.size)),
            (Part::SizeLf, _) => return Err(FramingFault::ChunkSize),
            _ if self.line > MAX_CHUNK_LINE => return Err(FramingFault::ChunkLineTooLong),
            (Part::Digits | Part::Extension, b'\r') => return Ok(Part::SizeLf),
            (Part::Digits | Part::Extension, b'\n') => {
                self.bare_lf = true;
                return Ok(Part::Data(self.size));
            }
            (Part::Digits, b';' | b' ' | b'\t') => return Ok(Part::Extension),
            (Part::Extension, _) => return Ok(Part::Extension),
            _ => {}
        }
        let digit = char::from(byte).to_digit(16).ok_or(FramingFault::ChunkSize)?;
        let size = self.size.checked_mul(16).and_then(|it| it.checked_add(digit.into()));
        self.size = size.ok_or(FramingFault::ChunkSizeOverflows)?;
        Ok(Part::Digits)
    }

    /// A new chunk.
    fn begin(&mut self) -> Part {
        self.size = 0;
        self.line = 0;
        Part::Size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was wrong where; nothing where more bytes were needed.
    type Wrong = (usize, &'static str, Option<FramingFault>);

    /// The data, and where the trailers begin or what was wrong where.
    fn read(mut bytes: &[u8], at_once: usize) -> (Vec<u8>, Result<usize, Wrong>, bool) {
        let mut chunked = Chunked::default();
        let (mut data, mut offset) = (Vec::new(), 0);
        while !bytes.is_empty() {
            let used = match chunked.step(&bytes[..at_once.min(bytes.len())]) {
                Chunking::Framing(used) => used,
                Chunking::Data(used) => {
                    data.extend_from_slice(&bytes[..used]);
                    used
                }
                Chunking::Last(used) => return (data, Ok(offset + used), chunked.bare_lf),
                Chunking::Fault(used, context, fault) => {
                    return (data, Err((offset + used, context, Some(fault))), chunked.bare_lf);
                }
            };
            offset += used;
            bytes = &bytes[used..];
        }
        (data, Err((offset, "more", None)), chunked.bare_lf)
    }

    #[test]
    fn chunks_give_their_data_however_they_are_cut() {
        use FramingFault::{ChunkEnd, ChunkLineTooLong, ChunkSize, ChunkSizeOverflows};

        let long = format!("1;{}\r\n", "x".repeat(5000));
        let zeros = "0".repeat(5000);
        let wrong = |at, context, fault| Err((at, context, Some(fault)));
        for (bytes, data, end, bare_lf) in [
            (&b"5\r\nhello\r\n0\r\n\r\n"[..], &b"hello"[..], Ok(13), false),
            (b"5;a=b\r\nhello\r\n00\r\n\r\n", b"hello", Ok(18), false),
            (b"5 \t\r\nhello\r\n1\r\n!\r\n0;last\r\nX: y\r\n\r\n", b"hello!", Ok(26), false),
            (
                b"0000000000000000000001\r\na\r\nA\r\n0123456789\r\n0\r\n",
                b"a0123456789",
                Ok(45),
                false,
            ),
            (b"1\na\n0\n", b"a", Ok(6), true),
            (b"\r\n", b"", wrong(0, "chunk size", ChunkSize), false),
            (b"5x\r\n", b"", wrong(1, "chunk size", ChunkSize), false),
            (b"-5\r\n", b"", wrong(0, "chunk size", ChunkSize), false),
            (b"ffffffffffffffff\r\na", b"a", Err((19, "more", None)), false),
            (b"0x5\r\n", b"", wrong(1, "chunk size", ChunkSize), false),
            (b" 5\r\n", b"", wrong(0, "chunk size", ChunkSize), false),
            (zeros.as_bytes(), b"", wrong(4096, "chunk size", ChunkLineTooLong), false),
            (b"10000000000000000\r\n", b"", wrong(16, "chunk size", ChunkSizeOverflows), false),
            (b"1\r\nab\r\n", b"a", wrong(4, "chunk end", ChunkEnd), false),
            (b"1\r\na\rb", b"a", wrong(5, "chunk end", ChunkEnd), false),
            (b"1\rx", b"", wrong(2, "chunk size", ChunkSize), false),
            (long.as_bytes(), b"", wrong(4096, "chunk extension", ChunkLineTooLong), false),
        ] {
            for at_once in [1, 2, 3, usize::MAX] {
                let found = read(bytes, at_once);
                assert_eq!(found, (data.to_vec(), end, bare_lf), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn a_gap_may_lie_within_the_data_of_one_chunk_only() {
        for (prefix, gap, known) in [
            (&b"5\r\nh"[..], 3, true),
            (b"5\r\nh", 4, true),
            (b"5\r\nh", 5, false),
            (b"5", 1, false),
        ] {
            let mut chunked = Chunked::default();
            let mut rest = prefix;
            while !rest.is_empty() {
                let (Chunking::Framing(used) | Chunking::Data(used)) = chunked.step(rest) else {
                    panic!()
                };
                rest = &rest[used..];
            }
            assert_eq!(chunked.gap(gap), known, "{} {gap}", prefix.escape_ascii());
        }
    }
}
