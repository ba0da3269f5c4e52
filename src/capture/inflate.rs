//! DEFLATE (RFC 1951) undone as its bytes come, where what is compressed has no end of its own:
//! messages that share one window (RFC 7692 section 7.2.2).

use flate2::{Decompress, FlushDecompress, Status};

/// Bytes that are given at once.
const PIECE: usize = 16 << 10;

/// What was compressed is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// A decompressor, which keeps its window from one message to the next.
#[derive(Debug)]
pub struct Inflate {
    state: Decompress,
    buffer: Vec<u8>,
    /// The stream has said that it ends; what follows belongs to nothing.
    has_ended: bool,
}

impl Default for Inflate {
    fn default() -> Self {
        Self { state: Decompress::new(false), buffer: vec![0; PIECE], has_ended: false }
    }
}

impl Inflate {
    /// Takes the next bytes, and lends what they stand for.
    ///
    /// # Errors
    ///
    /// They are not what the format allows.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Damaged> {
        while !self.has_ended {
            let [read, written] = [self.state.total_in(), self.state.total_out()];
            let flush = FlushDecompress::Sync;
            let status = self.state.decompress(bytes, &mut self.buffer, flush);
            let status = status.map_err(|_| Damaged)?;
            let [read, written] = [
                self.state.total_in().saturating_sub(read),
                self.state.total_out().saturating_sub(written),
            ]
            .map(|it| usize::try_from(it).unwrap_or(usize::MAX));
            bytes = bytes.get(read..).unwrap_or_default();
            out(self.buffer.get(..written).unwrap_or_default());
            self.has_ended = status == Status::StreamEnd;
            // A full buffer may not be all that there is.
            if read == 0 && written == 0 || (bytes.is_empty() && written < self.buffer.len()) {
                break;
            }
        }
        Ok(())
    }

    /// A message has ended: a stream that said that it ends begins anew.
    pub fn end_message(&mut self) {
        if std::mem::take(&mut self.has_ended) {
            self.state.reset(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// Messages that share a window, each without the four bytes that it would end with.
    fn compressed(messages: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut state = Compress::new(Compression::best(), false);
        let one = |message: &&[u8]| {
            let mut out = Vec::with_capacity(message.len() + 100);
            state.compress_vec(message, &mut out, FlushCompress::Sync).unwrap();
            assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
            out.truncate(out.len() - 4);
            out
        };
        messages.iter().map(one).collect()
    }

    #[test]
    fn messages_share_a_window_however_they_are_cut() {
        let long = b"a long text ".repeat(10_000);
        let messages = [&b"Hello"[..], b"Hello", b"", &long, b"Hello"];
        let compressed = compressed(&messages);
        assert!(compressed[1].len() < compressed[0].len());
        for cut in [1, 3, usize::MAX] {
            let mut inflate = Inflate::default();
            for (bytes, expected) in compressed.iter().zip(messages) {
                let mut all = Vec::new();
                for bytes in bytes.chunks(cut).chain([&[0, 0, 0xff, 0xff][..]]) {
                    inflate.push(bytes, &mut |it| all.extend_from_slice(it)).unwrap();
                }
                inflate.end_message();
                assert_eq!(all, expected);
            }
        }
    }

    #[test]
    fn a_stream_that_ends_begins_anew_and_damage_is_told() {
        let mut inflate = Inflate::default();
        for _ in 0..2 {
            // RFC 7692 section 7.2.3.4: "Hello" in a block that says that it is the last.
            let mut all = Vec::new();
            let hello = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
            inflate.push(&hello, &mut |it| all.extend_from_slice(it)).unwrap();
            inflate.end_message();
            assert_eq!(all, b"Hello");
        }
        assert_eq!(Inflate::default().push(&[0x07, 0xff], &mut |_| {}), Err(Damaged));
    }
}
