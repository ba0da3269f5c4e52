//! Captures spoiled at random: frames lost, doubled, put elsewhere and cut; bytes changed; fields of
//! headers shifted or set to extremes, checksums put right or not; and the file itself.
//!
//! One seed always gives one mutant.

use std::io::Cursor;
use std::path::Path;

use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};

use super::packet::{Headers, TCP};
use super::random::Random;

/// Changes to a mutant, at most.
const MAX_CHANGES: usize = 6;

/// A healthy capture.
pub struct Original {
    pub name: String,
    file: Vec<u8>,
    frames: Vec<Record>,
}

#[derive(Clone)]
struct Record {
    time: Option<Timestamp>,
    link_type: LinkType,
    data: Vec<u8>,
    orig_len: u32,
}

impl Original {
    /// The captures of a folder, by name.
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|it| it.expect("an entry").path())
            .filter(|it| it.to_string_lossy().contains(".pcap"))
            .collect();
        paths.sort();
        paths.iter().map(|it| Self::read(it)).collect()
    }

    fn read(path: &Path) -> Self {
        let file = std::fs::read(path).expect("a capture");
        let mut reader = Reader::new(Cursor::new(file.clone())).expect("a capture");
        let mut frames = Vec::new();
        while let Some(frame) = reader.next_frame().expect("a healthy capture") {
            let Frame { time, link_type, data, orig_len, .. } = frame;
            frames.push(Record { time, link_type, data: data.to_vec(), orig_len });
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        Self { name, file, frames }
    }

    /// A capture file that differs from this one in some places.
    pub fn mutant(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        if random.chance(10) {
            let mut file = self.file.clone();
            for _ in 0..=random.below(MAX_CHANGES) {
                spoil_bytes(&mut file, &mut random);
            }
            return file;
        }
        let mut frames = self.frames.clone();
        for _ in 0..=random.below(MAX_CHANGES) {
            spoil(&mut frames, &mut random);
        }
        let mut file = write(&frames);
        if random.chance(5) {
            spoil_bytes(&mut file, &mut random);
        }
        file
    }
}

fn write(frames: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new("mutant", Vec::new(), WriteFormat::Pcapng).expect("a buffer");
    for (number, record) in (1..).zip(frames) {
        let Record { time, link_type, data, orig_len } = record;
        let (time, link_type) = (*time, *link_type);
        // A record that no file can hold is left out.
        let frame = Frame { number, time, interface: 0, link_type, data, orig_len: *orig_len };
        let _ = writer.write(&frame);
    }
    writer.finish().expect("a buffer")
}

/// One change among the frames, or within one.
fn spoil(frames: &mut Vec<Record>, random: &mut Random) {
    if frames.is_empty() {
        return;
    }
    let at = random.below(frames.len());
    let other = random.below(frames.len());
    match random.below(16) {
        0 => drop(frames.remove(at)),
        1 => {
            let twice = frames[at].clone();
            frames.insert(other, twice);
        }
        2 => frames.swap(at, other),
        3 => frames[at..].reverse(),
        4 => cut(&mut frames[at], random),
        5 => drop(frames.drain(at.min(other)..at.max(other))),
        6 | 7 => spoil_bytes(&mut frames[at].data, random),
        8 => frames[at].data.extend(vec![random.next() as u8; random.below(64)]),
        _ => spoil_header(&mut frames[at], random),
    }
    for record in frames {
        record.orig_len = record.orig_len.max(record.data.len() as u32);
    }
}

fn cut(record: &mut Record, random: &mut Random) {
    let len = random.below(record.data.len() + 1);
    record.data.truncate(len);
    if random.chance(50) {
        record.orig_len = len as u32;
    }
}

/// One change of bytes.
fn spoil_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let (at, other) = (random.below(bytes.len()), random.below(bytes.len()));
    match random.below(8) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = extreme(random) as u8,
        3 => bytes.swap(at, other),
        4 => fill(bytes, at, 1 + random.below(4), random),
        5 => bytes.truncate(at),
        6 => drop(bytes.drain(at..bytes.len().min(at + 1 + random.below(8)))),
        _ => {
            let more: Vec<_> = (0..1 + random.below(8)).map(|_| random.next() as u8).collect();
            bytes.splice(at..at, more);
        }
    }
}

/// One change of a header, behind which its checksums may be right again.
fn spoil_header(record: &mut Record, random: &mut Random) {
    let Some(headers) = Headers::find(&record.data) else {
        return spoil_bytes(&mut record.data, random);
    };
    let data = &mut record.data;
    let (lengths, fields) = (headers.lengths(), headers.fields());
    match random.below(5) {
        0 => {
            let (at, len) = *random.pick(&lengths);
            fill(data, at, len, random);
        }
        1 => {
            let (at, len) = *random.pick(&fields);
            fill(data, at, len, random);
        }
        2 | 3 if headers.protocol == TCP => {
            // Sequence and acknowledgement numbers, by a little or by much.
            let at = headers.transport + if random.chance(60) { 4 } else { 8 };
            let by = *random.pick(&[1, 2, 7, 100, 1460, 70_000, 1 << 24, 1 << 31]);
            shift(data, at, if random.chance(50) { by } else { by.wrapping_neg() });
        }
        4 if headers.protocol == TCP => {
            if let Some(flags) = data.get_mut(headers.transport + 13) {
                *flags ^= 1 << random.below(6);
            }
        }
        _ => {
            let (at, len) = *random.pick(&fields);
            if let Some(field) = data.get_mut(at..at + len) {
                field.reverse();
            }
        }
    }
    if random.chance(60) {
        headers.repair(data);
    }
}

fn shift(data: &mut [u8], at: usize, by: u32) {
    if let Some(field) = data.get_mut(at..at + 4) {
        let number = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
        field.copy_from_slice(&number.wrapping_add(by).to_be_bytes());
    }
}

/// Sets a field to an extreme, or to anything.
fn fill(bytes: &mut [u8], at: usize, len: usize, random: &mut Random) {
    let value = extreme(random).to_be_bytes();
    let end = bytes.len().min(at + len);
    for (byte, new) in bytes.get_mut(at..end).into_iter().flatten().zip(value.iter().rev()) {
        *byte = *new;
    }
}

fn extreme(random: &mut Random) -> u64 {
    let any = random.next();
    *random.pick(&[0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, u64::MAX, any, any])
}
