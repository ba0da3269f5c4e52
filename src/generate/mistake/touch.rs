//! What is done to the bytes of a message that the codec has written.

use super::residue::Held;
use memchr::memchr;

/// One change. Offsets are from the start of the message, bytes; what is not there is not changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Touch {
    /// The message ends with the text at `tail`, without its NUL.
    Unterminated { tail: usize },
    /// In place of the tail is an array that ends at `end`, and the length is counted as for a tail of
    /// one character: what is sent has the text's length less one more than the struct.
    Array { tail: usize, end: usize },
    /// The whole buffer of so many bytes is sent.
    Buffer { len: usize },
    /// The message ends after so many bytes.
    Cut { len: usize },
    /// Of elements of `stride` bytes from `tail` on, the last lacks `by` bytes. Where there are
    /// none, what is left of one is there.
    CutElement { tail: usize, stride: usize, by: usize },
    /// What the stack held is in a hole.
    Hole { offset: usize, len: usize },
    /// The same behind the NUL of a text, up to `end`, or to the end of the message.
    BehindNul { offset: usize, end: Option<usize> },
}

impl Touch {
    /// Changes the message from `start` of `out` on.
    pub fn apply(&self, start: usize, out: &mut Vec<u8>, held: &mut impl Held) {
        let len = out.len().saturating_sub(start);
        match *self {
            Self::Unterminated { tail } => {
                if let Some(text) = text_len(out, start, tail) {
                    out.truncate(start.saturating_add(tail).saturating_add(text));
                }
            }
            Self::Array { tail, end } => {
                let text = text_len(out, start, tail).unwrap_or(len.saturating_sub(tail));
                let wanted = end.saturating_sub(1).saturating_add(text);
                extend(out, start, wanted.max(len.saturating_add(1)));
            }
            Self::Buffer { len: wanted } => extend(out, start, wanted),
            Self::Cut { len: wanted } => out.truncate(start.saturating_add(wanted)),
            Self::CutElement { tail, stride, by } if len > tail => {
                out.truncate(start.saturating_add(len).saturating_sub(by.min(stride)));
            }
            Self::CutElement { stride, by, .. } => {
                extend(out, start, len.saturating_add(stride.saturating_sub(by)));
            }
            Self::Hole { offset, len } => {
                let end = offset.saturating_add(len);
                leave(out, start, offset, end, held);
            }
            Self::BehindNul { offset, end } => {
                let end = end.unwrap_or(len).min(len);
                if let Some(text) = text_len(out, start, offset) {
                    leave(out, start, offset.saturating_add(text).saturating_add(1), end, held);
                }
            }
        }
    }
}

/// Characters before the first NUL at or behind an offset; `None` where there is no NUL.
fn text_len(out: &[u8], start: usize, offset: usize) -> Option<usize> {
    memchr(0, out.get(start.saturating_add(offset)..)?)
}

fn extend(out: &mut Vec<u8>, start: usize, len: usize) {
    let end = start.saturating_add(len);
    if out.len() < end {
        out.resize(end, 0);
    }
}

fn leave(out: &mut [u8], start: usize, offset: usize, end: usize, held: &mut impl Held) {
    let span = start.saturating_add(offset)..start.saturating_add(end);
    if let Some(bytes) = out.get_mut(span) {
        held.fill(bytes, offset);
    }
}
