//! What holds for captures of every kind: cut anywhere, compressed, trickling in, damaged.

use std::io::{self, Cursor, Read, Write};

use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::sample::{Expected, MICROS, MODIFIED, NANOS, Sample, read, read_stream};
use super::{CaptureError, Compression, Reader};

/// A capture, and how many frames it holds up to each place where it may end.
struct Marked {
    bytes: Vec<u8>,
    ends: Vec<(usize, usize)>,
}

/// Frames more, and what adds them.
type Change = (usize, fn(&mut Sample));

impl Marked {
    fn new(mut file: Sample, steps: &[Change]) -> Self {
        let mut ends = vec![(file.bytes.len(), 0)];
        let mut frames = 0;
        for (more, step) in steps {
            step(&mut file);
            frames += more;
            ends.push((file.bytes.len(), frames));
        }
        Self { bytes: file.bytes, ends }
    }
}

/// A small file of each kind.
fn files() -> Vec<Marked> {
    let ordinary: [Change; 3] = [
        (1, |file| file.pcap_record(1, 2, b"first", 5)),
        (1, |file| file.pcap_record(2, 2, b"", 0)),
        (1, |file| file.pcap_record(3, 2, b"third.", 60)),
    ];
    let modified: [Change; 2] = [
        (1, |file| file.modified_record(1, 2, b"first", 5)),
        (1, |file| file.modified_record(2, 2, b"second", 60)),
    ];
    let blocks: [Change; 9] = [
        (0, |file| file.interface(1, 0, &[(9, &[9]), (2, b"lo")])),
        (1, |file| file.enhanced(0, 7, b"first", 5, &[1, 0, 1, 0, 0xff, 0, 0, 0])),
        (0, |file| file.other(5, b"statistics")),
        (1, |file| file.simple(b"second", 6)),
        (1, |file| file.obsolete(0, 9, b"third", 50)),
        (0, |file| *file = file.clone().swapped()),
        (0, |file| file.begin_section(1, 0)),
        (0, |file| file.interface(276, 4, &[])),
        (1, |file| file.simple(b"four", 44)),
    ];
    let mut files = Vec::new();
    for sample in Sample::both() {
        for magic in [MICROS, NANOS] {
            files.push(Marked::new(sample.clone().pcap(magic, 1), &ordinary));
        }
        files.push(Marked::new(sample.clone().pcap(MODIFIED, 1), &modified));
        files.push(Marked::new(sample.section(), &blocks));
    }
    files
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn whole(bytes: &[u8]) -> Vec<Expected> {
    let (frames, error) = read(bytes);
    assert!(error.is_none(), "{error:?}");
    frames
}

#[test]
fn every_prefix_gives_the_whole_frames_before_the_cut() {
    for Marked { bytes, ends } in files() {
        let all = whole(&bytes);
        assert_eq!(all.len(), ends.last().unwrap().1);
        for len in 0..bytes.len() {
            let (frames, error) = read(&bytes[..len]);
            let before = ends.iter().rev().find(|(end, _)| *end <= len);
            let &(end, count) = before.unwrap_or(&(0, 0));
            assert_eq!(frames, all[..count], "cut at {len}");
            match error {
                None => assert_eq!(end, len),
                Some(CaptureError::Empty { .. }) => assert_eq!(len, 0),
                Some(CaptureError::Truncated { frame, offset, .. }) => {
                    assert_ne!(end, len);
                    assert_eq!((frame, offset), (count as u64, end as u64));
                }
                Some(other) => panic!("cut at {len}: {other}"),
            }
        }
    }
}

#[test]
fn compressed_files_give_the_same_frames() {
    for Marked { bytes, .. } in files() {
        let all = whole(&bytes);
        let (front, back) = bytes.split_at(bytes.len() / 2);
        let skippable = b"\x50\x2a\x4d\x18\x04\0\0\0skip";
        for (compressed, layers) in [
            (gzip(&bytes), vec![Compression::Gzip]),
            (zstd(&bytes), vec![Compression::Zstd]),
            ([gzip(front), gzip(back)].concat(), vec![Compression::Gzip]),
            ([zstd(front), zstd(back)].concat(), vec![Compression::Zstd]),
            ([skippable.to_vec(), zstd(&bytes)].concat(), vec![Compression::Zstd]),
            (gzip(&zstd(&bytes)), vec![Compression::Gzip, Compression::Zstd]),
        ] {
            assert_eq!(whole(&compressed), all);
            let reader = Reader::new(Cursor::new(compressed)).unwrap();
            assert_eq!(reader.compression(), layers);
        }
    }
}

#[test]
fn every_prefix_of_a_compressed_file_is_cut_short() {
    for Marked { bytes, .. } in files() {
        let all = whole(&bytes);
        for compressed in [gzip(&bytes), zstd(&bytes)] {
            for len in 4..compressed.len() {
                let (frames, error) = read(&compressed[..len]);
                assert!(all.starts_with(&frames));
                let error = error.unwrap();
                assert!(matches!(error, CaptureError::Truncated { .. }), "{len}: {error}");
            }
        }
    }
}

#[test]
fn a_damaged_checksum_comes_after_the_frames() {
    let Marked { bytes, .. } = files().swap_remove(0);
    let mut compressed = gzip(&bytes);
    let checksum = compressed.len() - 8;
    compressed[checksum] ^= 1;
    let (frames, error) = read(&compressed);
    assert_eq!(frames.len(), 3);
    assert!(matches!(error, Some(CaptureError::Decompress { frame: 3, .. })), "{error:?}");
}

#[test]
fn a_zstd_frame_may_not_ask_for_a_huge_window() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.window_log(27).unwrap();
    let Marked { bytes, .. } = files().swap_remove(0);
    encoder.write_all(&bytes).unwrap();
    let error = read(&encoder.finish().unwrap()).1.unwrap();
    assert!(matches!(error, CaptureError::Decompress { frame: 0, .. }), "{error}");
}

#[test]
fn compression_is_undone_twice_at_most() {
    let Marked { bytes, .. } = files().swap_remove(0);
    let error = read(&gzip(&gzip(&gzip(&bytes)))).1.unwrap();
    assert!(matches!(error, CaptureError::Nested { .. }), "{error}");
}

/// Gives one byte at a time, and is interrupted before each.
struct Trickle(Cursor<Vec<u8>>, bool);

impl Read for Trickle {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let one = out.len().min(1);
        self.0.read(&mut out[..one])
    }
}

#[test]
fn how_the_stream_comes_in_does_not_matter() {
    for Marked { bytes, .. } in files() {
        for bytes in [gzip(&bytes), zstd(&bytes), bytes] {
            let (frames, error) = read_stream(Trickle(Cursor::new(bytes.clone()), false));
            assert!(error.is_none(), "{error:?}");
            assert_eq!(frames, whole(&bytes));
        }
    }
}

#[test]
fn a_stream_that_fails_is_not_cut_short() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
    }
    for Marked { bytes, .. } in files() {
        for bytes in [bytes.clone(), gzip(&bytes)[..20].to_vec()] {
            let (_, error) = read_stream(Cursor::new(bytes).chain(Failing));
            assert!(matches!(error, Some(CaptureError::Read { .. })), "{error:?}");
        }
    }
}

#[test]
fn what_is_no_capture_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = Reader::open(&path).err().unwrap().to_string();
        error.strip_prefix(&path.display().to_string()).unwrap().to_owned()
    };
    assert_eq!(told(b""), " is empty");
    assert_eq!(
        told(b"#!/bin/sh\n"),
        " is no capture: it begins with 23 21 2f 62 69 6e 2f 73 (text); known are pcap and \
         pcapng, plain or compressed with gzip or zstd"
    );
    assert!(told(&gzip(b"")).contains("begins with nothing, once decompressed;"));
    assert_eq!(told(&[0xd4, 0xc3, 0xb2]), " is cut short within its file header");

    let error = Reader::open(folder.path()).err().unwrap().to_string();
    assert!(error.ends_with(" is a directory, not a capture"), "{error}");
    let missing = folder.path().join("none");
    let error = Reader::open(&missing).err().unwrap().to_string();
    let expected = format!("cannot open {}: No such file", missing.display());
    assert!(error.starts_with(&expected), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Neither panics nor goes on for ever: every frame uses bytes up.
    #[test]
    fn damage_anywhere_is_survived(
        kind in 0_usize..8,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = files().swap_remove(kind).bytes;
        for (place, value) in damage {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        let (frames, _) = read(&bytes);
        prop_assert!(frames.len() * 16 <= bytes.len());
    }
}
