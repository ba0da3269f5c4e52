//! Any bytes as a capture: reading ends, no frame is longer than the limit, and what was read can
//! be written as pcapng and read again alike.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use wirereel::capture::{CaptureError, Frame, MAX_RECORD_LEN, Reader, WriteFormat, Writer};

/// What a few bytes may decompress to, so that a run is not spent on one input.
const MAX_LEN: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Ok(mut reader) = Reader::new(Cursor::new(data.to_vec())) else { return };
    let mut writer = Writer::new("again", Vec::new(), WriteFormat::Pcapng).unwrap();
    let mut first = Vec::new();
    let mut len = 0;
    while let Ok(Some(frame)) = reader.next_frame() {
        assert!(frame.data.len() <= MAX_RECORD_LEN);
        len += 1 + frame.data.len() as u64;
        if len > MAX_LEN {
            return;
        }
        match writer.write(&frame) {
            Ok(()) => first.push(facts(&frame)),
            Err(CaptureError::Unwritable { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let written = writer.finish().unwrap();
    let mut again = Reader::new(Cursor::new(written)).unwrap();
    for expected in first {
        let frame = again.next_frame().unwrap().unwrap();
        assert_eq!(facts(&frame), expected);
    }
    assert!(again.next_frame().unwrap().is_none());
});

/// What a writer keeps. A snapped frame without a time gets one.
fn facts(frame: &Frame<'_>) -> (i64, u16, Vec<u8>, u32) {
    let time = frame.time.unwrap_or_default().0;
    (time, frame.link_type.number(), frame.data.to_vec(), frame.orig_len)
}
