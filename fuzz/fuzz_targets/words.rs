//! Profiles: the first bytes draw a layout and words about how much, which and whether; the rest is a message
//! of it. What is read lies within the message, whatever its lengths and counts say; what is written of
//! it reads alike and is written again the same; and where it ends is told of a stream as it is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::decode::codec::Extent;

#[path = "../../tests/words/mod.rs"]
mod words;

use words::Drawn;

fuzz_target!(|data: &[u8]| {
    let Some((drawn, wire)) = Drawn::from(data) else { return };
    let snapped = usize::from(data.first().copied().unwrap_or(0) % 4);
    let _ = drawn.rewritten(wire, wire.len() + snapped);
    let first = drawn.rewritten(wire, wire.len());
    let framing = drawn.codec.framing();
    if let (Extent::Bytes(end), None) = (drawn.codec.extent(&framing, wire, true), first.error) {
        assert!(first.ends_at(end, wire.len()), "{end} of {}", first.len);
    }
    if first.error.is_some() {
        return;
    }
    let bytes = first.bytes.expect("what is read is written");
    let second = drawn.rewritten(&bytes, bytes.len());
    assert_eq!((second.error, second.len), (None, bytes.len()));
    assert_eq!(second.value, first.value);
    assert_eq!(second.bytes.as_ref(), Some(&bytes));
});
