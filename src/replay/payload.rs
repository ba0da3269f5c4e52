//! Payload that is read again when it is due.
//!
//! A [`Span`] says where bytes lie: in the capture itself where that can be read again, else in a
//! spool, a temporary file. No payload stays in memory.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use super::ReplayError;

/// Where the bytes of a step lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// In its file, bytes.
    pub offset: u64,
    /// Bytes.
    pub len: u32,
    /// In the spool, not in the capture.
    pub is_spooled: bool,
}

/// The files that spans lie in.
#[derive(Debug)]
pub struct Payloads {
    /// `None` where the capture cannot be read twice: standard input, a compressed file.
    capture: Option<File>,
    spool: Option<io::BufWriter<File>>,
    spool_len: u64,
}

impl Payloads {
    /// Spans of a capture, which is open a second time in `capture` if it can be read again.
    pub fn new(capture: Option<File>) -> Self {
        Self { capture, spool: None, spool_len: 0 }
    }

    /// Whether spans may lie in the capture.
    pub fn has_capture(&self) -> bool {
        self.capture.is_some()
    }

    /// Keeps bytes in the spool.
    ///
    /// # Errors
    ///
    /// No temporary file can be made, or written.
    pub fn keep(&mut self, bytes: &[u8]) -> Result<Span, ReplayError> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            None => {
                let file = tempfile::tempfile().map_err(ReplayError::Spool)?;
                self.spool.insert(io::BufWriter::new(file))
            }
        };
        spool.write_all(bytes).map_err(ReplayError::Spool)?;
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let span = Span { offset: self.spool_len, len, is_spooled: true };
        self.spool_len = self.spool_len.saturating_add(u64::from(len));
        Ok(span)
    }

    /// All that is to be kept has been; what is still in memory is written.
    ///
    /// # Errors
    ///
    /// The spool cannot be written.
    pub fn seal(&mut self) -> Result<(), ReplayError> {
        self.spool.as_mut().map_or(Ok(()), Write::flush).map_err(ReplayError::Spool)
    }

    /// Reads a span, behind what `into` holds already.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has become shorter.
    pub fn read(&self, span: Span, into: &mut Vec<u8>) -> Result<(), ReplayError> {
        let begin = into.len();
        into.resize(begin.saturating_add(span.len as usize), 0);
        let room = into.get_mut(begin..).unwrap_or_default();
        let file = match span.is_spooled {
            true => self.spool.as_ref().map(io::BufWriter::get_ref),
            false => self.capture.as_ref(),
        };
        let read = match file {
            Some(file) => file.read_exact_at(room, span.offset),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        read.map_err(|cause| ReplayError::Payload { offset: span.offset, cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_they_were_kept_or_captured() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"header Alan 83").unwrap();
        let mut payloads = Payloads::new(Some(file));
        let kept = [payloads.keep(b"one").unwrap(), payloads.keep(b"three").unwrap()];
        payloads.seal().unwrap();
        let captured = Span { offset: 7, len: 4, is_spooled: false };
        let mut bytes = Vec::new();
        for span in [kept[1], captured, kept[0]] {
            payloads.read(span, &mut bytes).unwrap();
        }
        assert_eq!(bytes, b"threeAlanone");
    }

    #[test]
    fn a_file_that_became_shorter_is_an_error_with_the_offset() {
        let payloads = Payloads::new(Some(tempfile::tempfile().unwrap()));
        let gone = Span { offset: 40, len: 4, is_spooled: false };
        let error = payloads.read(gone, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the payload at offset 40 again: "), "{error}");
    }
}
