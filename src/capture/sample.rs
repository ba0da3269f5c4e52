//! Builds captures byte by byte, for tests.

use std::io::{Cursor, Read};

use super::{CaptureError, LinkType, Reader};

/// Magic numbers of pcap, as the writer's machine holds them.
pub(super) const MICROS: u32 = 0xa1b2_c3d4;
pub(super) const NANOS: u32 = 0xa1b2_3c4d;
pub(super) const MODIFIED: u32 = 0xa1b2_cd34;

/// A capture in the making.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub bytes: Vec<u8>,
    big: bool,
}

impl Sample {
    pub fn big() -> Self {
        Self { bytes: Vec::new(), big: true }
    }

    pub fn little() -> Self {
        Self { bytes: Vec::new(), big: false }
    }

    pub fn both() -> [Self; 2] {
        [Self::big(), Self::little()]
    }

    pub fn u16(&mut self, number: u16) {
        self.bytes.extend(if self.big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    pub fn u32(&mut self, number: u32) {
        self.bytes.extend(if self.big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    pub fn pcap(self, magic: u32, link_type: u32) -> Self {
        self.pcap_version(magic, link_type, 2, 4)
    }

    pub fn pcap_version(mut self, magic: u32, link_type: u32, major: u16, minor: u16) -> Self {
        self.u32(magic);
        self.u16(major);
        self.u16(minor);
        [0, 0, 64, link_type].into_iter().for_each(|field| self.u32(field));
        self
    }

    pub fn pcap_record(&mut self, secs: u32, fraction: u32, data: &[u8], orig_len: u32) {
        [secs, fraction, data.len() as u32, orig_len].into_iter().for_each(|field| self.u32(field));
        self.bytes.extend(data);
    }

    pub fn modified_record(&mut self, secs: u32, micros: u32, data: &[u8], orig_len: u32) {
        for field in [secs, micros, data.len() as u32, orig_len, 2] {
            self.u32(field);
        }
        self.u16(0x0800);
        self.bytes.extend([4, 0]);
        self.bytes.extend(data);
    }

    pub fn section(mut self) -> Self {
        self.begin_section(1, 0);
        self
    }

    pub fn begin_section(&mut self, major: u16, minor: u16) {
        let mut body = self.body();
        body.u32(0x1a2b_3c4d);
        body.u16(major);
        body.u16(minor);
        body.bytes.extend([0xff; 8]);
        // A comment that is not UTF-8.
        body.option(1, b"caf\xe9");
        self.block(0x0a0d_0d0a, body);
    }

    pub fn swapped(mut self) -> Self {
        self.big = !self.big;
        self
    }

    pub fn interface(&mut self, link_type: u16, snaplen: u32, options: &[(u16, &[u8])]) {
        let mut body = self.body();
        body.u16(link_type);
        body.u16(0);
        body.u32(snaplen);
        options.iter().for_each(|(code, value)| body.option(*code, value));
        self.block(1, body);
    }

    /// `options` as they are in the file.
    pub fn enhanced(&mut self, id: u32, ticks: u64, data: &[u8], orig_len: u32, options: &[u8]) {
        let mut body = self.body();
        body.u32(id);
        body.packet(ticks, data, orig_len);
        body.bytes.extend(options);
        self.block(6, body);
    }

    pub fn obsolete(&mut self, id: u16, ticks: u64, data: &[u8], orig_len: u32) {
        let mut body = self.body();
        body.u16(id);
        body.u16(0xffff);
        body.packet(ticks, data, orig_len);
        self.block(2, body);
    }

    pub fn simple(&mut self, data: &[u8], orig_len: u32) {
        let mut body = self.body();
        body.u32(orig_len);
        body.bytes.extend(data);
        self.block(3, body);
    }

    /// A block of any type.
    pub fn other(&mut self, kind: u32, bytes: &[u8]) {
        let mut body = self.body();
        body.bytes.extend(bytes);
        self.block(kind, body);
    }

    fn body(&self) -> Self {
        Self { bytes: Vec::new(), big: self.big }
    }

    fn packet(&mut self, ticks: u64, data: &[u8], orig_len: u32) {
        self.u32((ticks >> 32) as u32);
        self.u32(ticks as u32);
        self.u32(data.len() as u32);
        self.u32(orig_len);
        self.bytes.extend(data);
        self.pad();
    }

    pub fn option(&mut self, code: u16, value: &[u8]) {
        self.u16(code);
        self.u16(value.len() as u16);
        self.bytes.extend(value);
        self.pad();
    }

    fn block(&mut self, kind: u32, mut body: Self) {
        body.pad();
        let len = body.bytes.len() as u32 + 12;
        self.u32(kind);
        self.u32(len);
        self.bytes.extend(body.bytes);
        self.u32(len);
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// A frame as a test expects it: nanoseconds, interface, link type, data, length on the wire.
pub(super) type Expected = (Option<i64>, u32, LinkType, Vec<u8>, u32);

/// Everything that a capture gives, and the error at its end.
pub(super) fn read(bytes: &[u8]) -> (Vec<Expected>, Option<CaptureError>) {
    read_stream(Cursor::new(bytes.to_vec()))
}

pub(super) fn read_stream(
    stream: impl Read + Send + 'static,
) -> (Vec<Expected>, Option<CaptureError>) {
    let mut frames = Vec::new();
    let error = Reader::new(stream).and_then(|mut reader| read_into(&mut reader, &mut frames));
    (frames, error.err())
}

fn read_into(reader: &mut Reader, frames: &mut Vec<Expected>) -> Result<(), CaptureError> {
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => {
                assert_eq!(frame.number, frames.len() as u64 + 1);
                let time = frame.time.map(|time| time.0);
                let data = frame.data.to_vec();
                frames.push((time, frame.interface, frame.link_type, data, frame.orig_len));
            }
            Ok(None) => return Ok(()),
            Err(error) => {
                assert!(reader.next_frame().unwrap().is_none(), "nothing follows an error");
                return Err(error);
            }
        }
    }
}
