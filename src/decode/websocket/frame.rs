//! Frames (RFC 6455 section 5.2), read as their bytes come and with their masks taken off.
//!
//! Payload passes through, whatever length a frame says that it has.

/// Bytes of a mask.
const MASK_LEN: usize = 4;
/// The longest head, its mask included.
const MAX_HEAD: usize = 14;

/// Bytes of payload that are lent at once.
const PIECE: usize = 16 << 10;

/// Payload of a control frame (RFC 6455 section 5.5).
pub const MAX_CONTROL: u64 = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message that an earlier frame began.
    Continuation,
    /// A message of UTF-8 begins.
    Text,
    /// A message of bytes begins.
    Binary,
    /// The sender closes.
    Close,
    /// The other side is to answer with a pong.
    Ping,
    /// It has.
    Pong,
}

/// What stands before the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// The message ends with it.
    pub is_final: bool,
    /// RSV1: the message is compressed.
    pub is_deflated: bool,
    /// What it is.
    pub opcode: Opcode,
    /// Of the payload, bytes.
    pub len: u64,
    mask: Option<[u8; MASK_LEN]>,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePart<'p> {
    /// A frame begins.
    Head(FrameHead),
    /// The next bytes of the payload.
    Payload(&'p [u8]),
    /// The frame ends.
    End,
}

/// The bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads the frames of one side.
#[derive(Debug, Default)]
pub struct Frames {
    /// Of a head that is not whole.
    head: Vec<u8>,
    mask: Option<[u8; MASK_LEN]>,
    /// Of the payload under way: bytes that came, and those that are to come.
    at: usize,
    left: u64,
    piece: Vec<u8>,
}

impl Frames {
    /// Takes the next bytes, and lends what they complete.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(FramePart<'_>),
    ) -> Result<(), Malformed> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                bytes = self.payload(bytes, sink);
                continue;
            }
            bytes = rest;
            self.head.push(*first);
            let Some(head) = FrameHead::parse(&self.head)? else { continue };
            self.head.clear();
            (self.mask, self.at, self.left) = (head.mask, 0, head.len);
            sink(FramePart::Head(head));
            if head.len == 0 {
                sink(FramePart::End);
            }
        }
        Ok(())
    }

    fn payload<'b>(&mut self, bytes: &'b [u8], sink: &mut dyn FnMut(FramePart<'_>)) -> &'b [u8] {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let len = left.min(bytes.len()).min(PIECE);
        let (own, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        let mask = self.mask.unwrap_or_default();
        let keys = mask.iter().cycle().skip(self.at % MASK_LEN);
        self.piece.clear();
        self.piece.extend(own.iter().zip(keys).map(|(byte, key)| byte ^ key));
        sink(FramePart::Payload(&self.piece));
        self.at = self.at.wrapping_add(len);
        self.left = self.left.saturating_sub(len as u64);
        if self.left == 0 {
            sink(FramePart::End);
        }
        rest
    }
}

impl FrameHead {
    /// The head of an unmasked frame.
    pub fn new(opcode: Opcode, is_final: bool, len: u64) -> Self {
        Self { is_final, is_deflated: false, opcode, len, mask: None }
    }

    /// Reads a head; `None` where it is not whole.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let opcode = Opcode::of(first & 0x0f).ok_or(Malformed)?;
        let long = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_len = if second & 0x80 == 0 { 0 } else { MASK_LEN };
        let (Some(len), Some(mask)) =
            (rest.get(..long), rest.get(long..long.saturating_add(mask_len)))
        else {
            return Ok(None);
        };
        let len = match long {
            0 => u64::from(second & 0x7f),
            _ => len.iter().fold(0, |len, byte| len << 8 | u64::from(*byte)),
        };
        let (is_final, is_deflated) = (first & 0x80 != 0, first & 0x40 != 0);
        let is_control_well = is_final && !is_deflated && len <= MAX_CONTROL;
        let is_well = first & 0x30 == 0 && len >> 63 == 0;
        if !is_well || (opcode.is_control() && !is_control_well) {
            return Err(Malformed);
        }
        Ok(Some(Self { is_final, is_deflated, opcode, len, mask: mask.try_into().ok() }))
    }

    /// Writes it, without a mask.
    pub fn write(self, out: &mut Vec<u8>) {
        let bits = u8::from(self.is_final) << 7 | u8::from(self.is_deflated) << 6;
        out.reserve(MAX_HEAD);
        out.push(bits | self.opcode.number());
        match (u8::try_from(self.len), u16::try_from(self.len)) {
            (Ok(len @ ..126), _) => out.push(len),
            (_, Ok(len)) => {
                out.push(126);
                out.extend(len.to_be_bytes());
            }
            _ => {
                out.push(127);
                out.extend(self.len.to_be_bytes());
            }
        }
    }
}

impl Opcode {
    const ALL: [(u8, Self); 6] = [
        (0, Self::Continuation),
        (1, Self::Text),
        (2, Self::Binary),
        (8, Self::Close),
        (9, Self::Ping),
        (10, Self::Pong),
    ];

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|(it, _)| *it == number).map(|(_, opcode)| opcode)
    }

    fn number(self) -> u8 {
        Self::ALL.into_iter().find(|(_, it)| *it == self).map_or(0, |(number, _)| number)
    }

    /// It stands for itself, also within a message.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// An unmasked frame.
pub fn write(opcode: Opcode, is_final: bool, payload: &[u8], out: &mut Vec<u8>) {
    FrameHead::new(opcode, is_final, payload.len() as u64).write(out);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is, whether it is final and compressed, and its payload.
    type Read = (Opcode, bool, bool, Vec<u8>);

    /// What is read, payloads joined, where the bytes come so many at a time.
    fn read(bytes: &[u8], cut: usize) -> Result<Vec<Read>, Malformed> {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        for bytes in bytes.chunks(cut) {
            frames.push(bytes, &mut |part| match part {
                FramePart::Head(it) => {
                    found.push((it.opcode, it.is_final, it.is_deflated, Vec::new()));
                }
                FramePart::Payload(bytes) => found.last_mut().unwrap().3.extend_from_slice(bytes),
                FramePart::End => {}
            })?;
        }
        Ok(found)
    }

    #[test]
    fn the_frames_of_the_rfc_are_read_in_any_pieces() {
        // RFC 6455 section 5.7, RFC 7692 section 7.2.3.1.
        let hello = b"Hello".to_vec();
        for (bytes, expected) in [
            (&b"\x81\x05Hello"[..], vec![(Opcode::Text, true, false, hello.clone())]),
            (
                b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
                vec![(Opcode::Text, true, false, hello.clone())],
            ),
            (
                b"\x01\x03Hel\x89\x00\x80\x02lo",
                vec![
                    (Opcode::Text, false, false, b"Hel".to_vec()),
                    (Opcode::Ping, true, false, vec![]),
                    (Opcode::Continuation, true, false, b"lo".to_vec()),
                ],
            ),
            (
                b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
                vec![(Opcode::Text, true, true, b"\xf2\x48\xcd\xc9\xc9\x07\x00".to_vec())],
            ),
        ] {
            for cut in [1, 2, 5, 100] {
                assert_eq!(read(bytes, cut), Ok(expected.clone()), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again_at_every_length() {
        for len in [0, 1, 125, 126, 127, 65535, 65536, 70000] {
            let payload = vec![b'x'; len];
            let mut bytes = Vec::new();
            write(Opcode::Binary, true, &payload, &mut bytes);
            write(Opcode::Close, true, b"", &mut bytes);
            let close = (Opcode::Close, true, false, vec![]);
            assert_eq!(read(&bytes, 9999), Ok(vec![(Opcode::Binary, true, false, payload), close]));
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for bytes in [
            &b"\x83\x00"[..],
            b"\x8b\x00",
            b"\xa1\x00",
            b"\x91\x00",
            b"\x09\x00",
            b"\xc9\x00",
            b"\x88\x7e\x00\x7e",
            b"\x82\x7f\x80\0\0\0\0\0\0\0",
            b"HTTP/1.1",
        ] {
            assert_eq!(read(bytes, 1), Err(Malformed), "{}", bytes.escape_ascii());
        }
    }
}
