//! Messages (RFC 6455 section 5.4) of frames, decompressed (RFC 7692 section 6.2).
//!
//! They pass through in parts; one that stands for more than [`MAX_INFLATED`] bytes is the last
//! that is read, as is what is no frame.

use super::frame::{FrameHead, FramePart, Frames, MAX_CONTROL, Opcode};
use crate::capture::Inflate;
use crate::decode::http::encoding::MIN_LIMIT;

/// Bytes that a compressed message may stand for.
pub const MAX_INFLATED: u64 = MIN_LIMIT;

/// What every compressed message ends with, and none is sent with.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'p> {
    /// A message begins: text or binary.
    Begin(Opcode),
    /// The next bytes of it, decompressed.
    Data(&'p [u8]),
    /// The message ends.
    End,
    /// A control frame, with its payload.
    Control(Opcode, &'p [u8]),
    /// What follows cannot be read.
    Broken,
}

/// Reads the messages of one side.
#[derive(Debug, Default)]
pub struct Messages {
    frames: Frames,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    /// Where messages may be compressed.
    inflate: Option<Box<Inflate>>,
    /// The frame under way.
    frame: Option<FrameHead>,
    is_within_message: bool,
    is_deflated: bool,
    inflated: u64,
    control: Vec<u8>,
    is_broken: bool,
}

impl Messages {
    /// Reads messages, which may be compressed if both sides have agreed to it.
    pub fn new(may_be_deflated: bool) -> Self {
        let inflate = may_be_deflated.then(Box::default);
        Self { frames: Frames::default(), state: State { inflate, ..State::default() } }
    }

    /// Whether what follows cannot be read.
    pub fn is_broken(&self) -> bool {
        self.state.is_broken
    }

    /// Bytes are not known: what follows cannot be read.
    pub fn lose(&mut self) {
        self.state.is_broken = true;
    }

    /// Takes the next bytes, and lends what they complete.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Part<'_>)) {
        let Self { frames, state } = self;
        if state.is_broken {
            return;
        }
        let read = frames.push(bytes, &mut |part| state.take(part, sink));
        if read.is_err() {
            state.fail(sink);
        }
    }
}

impl State {
    fn take(&mut self, part: FramePart<'_>, sink: &mut dyn FnMut(Part<'_>)) {
        if self.is_broken {
            return;
        }
        match part {
            FramePart::Head(head) => self.begin(head, sink),
            FramePart::Payload(bytes) => self.payload(bytes, sink),
            FramePart::End => self.end(sink),
        }
    }

    fn begin(&mut self, head: FrameHead, sink: &mut dyn FnMut(Part<'_>)) {
        self.frame = Some(head);
        if head.opcode.is_control() {
            return self.control.clear();
        }
        let goes_on = head.opcode == Opcode::Continuation;
        if goes_on != self.is_within_message || (goes_on && head.is_deflated) {
            return self.fail(sink);
        }
        if !goes_on {
            self.is_within_message = true;
            self.is_deflated = head.is_deflated && self.inflate.is_some();
            self.inflated = 0;
            sink(Part::Begin(head.opcode));
        }
    }

    fn payload(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Part<'_>)) {
        match self.frame {
            Some(head) if head.opcode.is_control() => {
                let room = usize::try_from(MAX_CONTROL).unwrap_or(usize::MAX);
                let room = room.saturating_sub(self.control.len());
                self.control.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            _ if self.is_deflated => self.inflate(bytes, sink),
            _ => sink(Part::Data(bytes)),
        }
    }

    fn inflate(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Part<'_>)) {
        let Some(inflate) = &mut self.inflate else { return };
        let inflated = &mut self.inflated;
        let done = inflate.push(bytes, &mut |bytes| {
            *inflated = inflated.saturating_add(bytes.len() as u64);
            if *inflated <= MAX_INFLATED && !bytes.is_empty() {
                sink(Part::Data(bytes));
            }
        });
        if done.is_err() || self.inflated > MAX_INFLATED {
            self.fail(sink);
        }
    }

    fn end(&mut self, sink: &mut dyn FnMut(Part<'_>)) {
        let Some(head) = self.frame.take() else { return };
        if head.opcode.is_control() {
            return sink(Part::Control(head.opcode, &self.control));
        }
        if !head.is_final {
            return;
        }
        if self.is_deflated {
            self.inflate(&TAIL, sink);
            if let Some(inflate) = &mut self.inflate {
                inflate.end_message();
            }
        }
        self.is_within_message = false;
        if !self.is_broken {
            sink(Part::End);
        }
    }

    fn fail(&mut self, sink: &mut dyn FnMut(Part<'_>)) {
        if !std::mem::replace(&mut self.is_broken, true) {
            sink(Part::Broken);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is read, in words.
    fn read(may_be_deflated: bool, bytes: &[u8], cut: usize) -> Vec<String> {
        let (mut messages, mut found) = (Messages::new(may_be_deflated), vec![String::new()]);
        for bytes in bytes.chunks(cut) {
            messages.push(bytes, &mut |part| match part {
                Part::Begin(opcode) => found.push(format!("{opcode:?} ")),
                Part::Data(bytes) => {
                    found.last_mut().unwrap().push_str(&bytes.escape_ascii().to_string());
                }
                Part::End => found.last_mut().unwrap().push('.'),
                Part::Control(opcode, bytes) => {
                    found.push(format!("{opcode:?} {}!", bytes.escape_ascii()));
                    found.push(String::new());
                }
                Part::Broken => found.push("broken".to_owned()),
            });
        }
        found.retain(|it| !it.is_empty());
        found
    }

    #[test]
    fn fragments_are_one_message_and_control_stands_between() {
        for cut in [1, 3, 100] {
            let found =
                read(false, b"\x01\x03Hel\x89\x02pp\x80\x02lo\x82\x00\x88\x02\x03\xe8", cut);
            let expected = ["Text Hel", "Ping pp!", "lo.", "Binary .", "Close \\x03\\xe8!"];
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn compressed_messages_are_read_where_that_is_agreed() {
        // RFC 7692 sections 7.2.3.1 to 7.2.3.3: alone, in fragments, with the window of the one
        // before.
        let alone = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
        let fragments = b"\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00";
        for cut in [1, 4, 100] {
            assert_eq!(read(true, alone, cut), ["Text Hello."]);
            assert_eq!(read(true, fragments, cut), ["Text Hello."]);
            let two = [&alone[..], b"\xc1\x05\xf2\x00\x11\x00\x00", b"\x81\x01x"].concat();
            assert_eq!(read(true, &two, cut), ["Text Hello.", "Text Hello.", "Text x."]);
        }
        assert_eq!(read(false, alone, 100), ["Text \\xf2H\\xcd\\xc9\\xc9\\x07\\x00."]);
        assert_eq!(read(true, b"\xc1\x02\x07\xff\x81\x00", 100), ["Text ", "broken"]);
    }

    #[test]
    fn what_is_out_of_order_breaks() {
        for bytes in [&b"\x80\x00"[..], b"\x01\x00\x01\x00", b"\x01\x00\xc0\x00", b"HTTP"] {
            assert_eq!(read(true, bytes, 1).last().unwrap(), "broken", "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_alike_in_any_pieces(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0..6u8, 0x80..0x8bu8, 0xc0..0xc3u8], 0..60),
            cut in 1..20usize,
            may_be_deflated in any::<bool>(),
        ) {
            let [whole, pieces] = [100, cut].map(|cut| {
                let mut found = read(may_be_deflated, &bytes, cut);
                // How much a damaged message gives before its damage is seen depends on the pieces.
                if found.pop_if(|last| last == "broken").is_some() && may_be_deflated {
                    found.pop();
                }
                found
            });
            prop_assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn a_bomb_breaks_at_the_bound() {
        let zeros = vec![0; 1 << 20];
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..=MAX_INFLATED >> 20 {
            std::io::Write::write_all(&mut encoder, &zeros).unwrap();
        }
        let bytes = encoder.finish().unwrap();
        let mut frame = Vec::new();
        FrameHead::new(Opcode::Binary, true, bytes.len() as u64).write(&mut frame);
        frame[0] |= 0x40;
        frame.extend_from_slice(&bytes);
        let (mut messages, mut len) = (Messages::new(true), 0);
        messages.push(&frame, &mut |part| {
            if let Part::Data(bytes) = part {
                len += bytes.len() as u64;
            }
        });
        assert!(messages.is_broken() && len <= MAX_INFLATED, "{len}");
    }
}
