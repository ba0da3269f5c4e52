//! Text records: a format, how to cut, and a stream. Any segmentation gives the same messages, no
//! byte is lost, and what reads without error and is written reads the same.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use wirereel::decode::codec::FieldValue;
use wirereel::flow::{Input, Side};
use wirereel::decode::stream::StreamEvent;
use wirereel::decode::text::{TextFormat, TextStream};

fuzz_target!(|data: (Vec<u8>, Vec<u8>, Vec<u8>, bool)| {
    let (format, cuts, stream, clean) = data;
    let Ok(format) = TextFormat::new("fuzz", "FMT", &format) else { return };
    let format = Arc::new(format);
    let whole = events(&format, [stream.as_slice()].into_iter(), clean);
    let cut = events(&format, pieces(&stream, &cuts).into_iter(), clean);
    assert_eq!(whole.0, cut.0);
    assert_eq!(whole.1, stream.len() as u64);
});

fn pieces<'s>(mut stream: &'s [u8], cuts: &[u8]) -> Vec<&'s [u8]> {
    let mut pieces = Vec::new();
    for cut in cuts {
        let (head, tail) = stream.split_at(usize::from(*cut).min(stream.len()));
        pieces.push(head);
        stream = tail;
    }
    pieces.push(stream);
    pieces
}

/// The events as text, and the bytes that they account for.
fn events<'s>(
    format: &Arc<TextFormat>,
    pieces: impl Iterator<Item = &'s [u8]>,
    clean: bool,
) -> (Vec<String>, u64) {
    let mut stream = TextStream::new(Arc::clone(format));
    let (mut events, mut bytes) = (Vec::new(), 0);
    let inputs = pieces.map(Input::Bytes).chain([Input::Close { clean }]);
    for input in inputs {
        stream.push(Side::Server, input, &mut |event| {
            match event {
                StreamEvent::Message { message, .. } => {
                    bytes += message.len as u64;
                    for item in message.items {
                        assert!(item.bytes_in(message.bytes).is_some(), "{item:?}");
                    }
                    if message.error.is_none() {
                        let mut out = Vec::new();
                        // What a float was written with is not kept, and may not fit.
                        let _ = format.encode(&FieldValue::from(&message), &mut out);
                    }
                }
                StreamEvent::Skipped { len, .. } => bytes += len,
                _ => {}
            }
            events.push(format!("{event:?}"));
        });
    }
    (events, bytes)
}
