//! The bytes of a message in hex and as characters, with offsets, as `tshark -x` has them.

use std::io::{self, Write};

use crate::message::Message;
use crate::output::escape::{character, spaced};

/// Bytes on a line.
const ACROSS: usize = 16;

/// Writes the bytes of messages below them: what was captured and kept of each, with what is left
/// over behind it. Offsets count from the message's first byte.
#[derive(Debug, Default)]
pub struct DumpWriter {
    text: Vec<u8>,
}

impl DumpWriter {
    /// Writes the bytes of one message and an empty line, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, message: &Message<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.text.clear();
        let end = message.len.saturating_add(message.trailing);
        let bytes = message.bytes.get(..end).unwrap_or(message.bytes);
        for (index, line) in bytes.chunks(ACROSS).enumerate() {
            write!(self.text, "{:04x}  ", index.saturating_mul(ACROSS))?;
            spaced(line, &mut self.text);
            let missing = ACROSS.saturating_sub(line.len()).saturating_mul(3);
            write!(self.text, "{:1$}", "", missing.saturating_add(3))?;
            self.text.extend(line.iter().copied().map(character));
            self.text.push(b'\n');
        }
        self.text.push(b'\n');
        out.write_all(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::basic;
    use super::*;

    fn written(message: &Message<'_>) -> String {
        let mut out = Vec::new();
        DumpWriter::default().write(message, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bytes_stand_in_rows_of_sixteen() {
        let sample = basic();
        let mut message = sample.captured().message;
        message.bytes = b"Alan\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\x56~";
        (message.len, message.trailing) = (19, 1);
        assert_eq!(
            written(&message),
            "0000  41 6c 61 6e 00 00 00 00 00 00 00 00 00 00 53 00   Alan..........S.\n\
             0010  00 00 56 7e                                       ..V~\n\n"
        );
        (message.len, message.trailing) = (17, 0);
        let last = format!("0010  00 {:47}.\n\n", "");
        assert!(written(&message).ends_with(&last), "{}", written(&message));
    }

    #[test]
    fn no_bytes_are_no_row() {
        let sample = basic();
        let mut message = sample.captured().message;
        (message.bytes, message.len) = (b"", 0);
        assert_eq!(written(&message), "\n");
    }
}
