//! What a message has apart from the bytes that are kept of it: values that a decoder computed, and
//! where bytes are left out.

use std::ops::Range;

/// What a message has apart from the bytes that are kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// The texts that were computed, one behind the other.
    pub computed: String,
    /// What [`Message::bytes`](super::Message::bytes) leaves out, in the order of the message.
    pub omitted: Vec<Omitted>,
}

/// Bytes of a message that are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Omitted {
    /// Where in what is kept they would lie.
    pub at: usize,
    /// How many.
    pub len: u64,
}

impl Apart {
    /// Forgets all, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.computed.clear();
        self.omitted.clear();
    }

    /// Adds a text; where it stands.
    pub(crate) fn text(&mut self, text: &str) -> Range<usize> {
        let start = self.computed.len();
        self.computed.push_str(text);
        start..self.computed.len()
    }

    /// Adds bytes in hexadecimal digits; where these stand.
    pub(crate) fn hex(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.computed.len();
        let nibbles = bytes.iter().flat_map(|it| [it >> 4, it & 0xf]);
        self.computed.extend(nibbles.filter_map(|it| char::from_digit(it.into(), 16)));
        start..self.computed.len()
    }
}
