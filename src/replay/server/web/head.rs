//! The head of a recorded response, changed field by field; what is not changed stays as it was.

use super::super::piece::PIECE;
use super::super::service::Service;
use super::catalogue::Answer;
use crate::decode::http::MAX_HEAD;
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::replay::ReplayError;

/// A status line and field lines, with the empty line behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// The head that an answer begins with.
    pub fn of(service: &Service<'_>, answer: &Answer) -> Result<Self, ReplayError> {
        // To a HEAD the head alone is the message.
        let mut connection = service.decoder();
        let ask = Input::Bytes(b"HEAD / HTTP/1.1\r\n\r\n");
        service.push(&mut connection, Side::Client, ask, &mut |_| {});
        let (mut bytes, mut len) = (Vec::new(), None);
        for piece in answer.spans.iter().flat_map(|span| span.pieces(PIECE)) {
            let begin = bytes.len();
            service.plan().payloads.read(piece, &mut bytes)?;
            let input = Input::Bytes(bytes.get(begin..).unwrap_or_default());
            service.push(&mut connection, Side::Server, input, &mut |event| {
                if let StreamEvent::Message { side: Side::Server, message } = event {
                    len.get_or_insert(message.len);
                }
            });
            if len.is_some() || bytes.len() > MAX_HEAD {
                break;
            }
        }
        bytes.truncate(len.unwrap_or_default());
        Ok(Self { bytes })
    }

    /// One that says no more than the status.
    pub fn new(status: &str) -> Self {
        Self { bytes: format!("HTTP/1.1 {status}\r\n\r\n").into_bytes() }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The values of the fields of that name, as one (RFC 9110 section 5.3).
    pub fn value(&self, name: &str) -> Option<Vec<u8>> {
        let lines = self.bytes.split(|it| *it == b'\n').skip(1);
        let mut values = lines.filter_map(|line| {
            let (own, value) = line.split_at_checked(line.iter().position(|it| *it == b':')?)?;
            let is_it = own.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
            is_it.then(|| value.get(1..).unwrap_or_default().trim_ascii().to_vec())
        });
        let first = values.next()?;
        Some(values.fold(first, |all, value| [&all[..], b", ", &value].concat()))
    }

    /// With another status.
    pub fn status(&mut self, status: &str) {
        let line =
            self.bytes.iter().position(|it| *it == b'\n').map_or(0, |at| at.saturating_add(1));
        let fields = self.bytes.get(line..).unwrap_or_default();
        self.bytes = [b"HTTP/1.1 ", status.as_bytes(), b"\r\n", fields].concat();
    }

    /// Without the fields of that name.
    pub fn remove(&mut self, name: &str) {
        let mut is_gone = false;
        let mut kept = Vec::with_capacity(self.bytes.len());
        for (index, line) in self.bytes.split_inclusive(|it| *it == b'\n').enumerate() {
            let goes_on = line.starts_with(b" ") || line.starts_with(b"\t");
            if index > 0 && !goes_on {
                let end = line.iter().position(|it| *it == b':').unwrap_or(line.len());
                let own = line.get(..end).unwrap_or_default().trim_ascii();
                is_gone = own.eq_ignore_ascii_case(name.as_bytes());
            }
            if !is_gone {
                kept.extend_from_slice(line);
            }
        }
        self.bytes = kept;
    }

    /// With one field of that name, behind the others.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        let blank = if self.bytes.ends_with(b"\r\n") { 2 } else { 1 };
        self.bytes.truncate(self.bytes.len().saturating_sub(blank));
        self.bytes.extend_from_slice(format!("{name}: {value}\r\n\r\n").as_bytes());
    }

    /// With a body of that length, and nothing else that delimits it.
    pub fn set_length(&mut self, len: u64) {
        self.remove("Transfer-Encoding");
        self.remove("Trailer");
        self.set("Content-Length", &len.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays_as_it_was() {
        let bytes =
            b"HTTP/1.0 200 OK\r\nA: 1\r\ntransfer-encoding: gzip,\r\n chunked\r\nB : 2\r\n\r\n";
        let mut head = Head { bytes: bytes.to_vec() };
        assert_eq!(head.value("b").as_deref(), Some(&b"2"[..]));
        assert_eq!(head.value("c"), None);
        head.set_length(5);
        assert_eq!(head.bytes(), b"HTTP/1.0 200 OK\r\nA: 1\r\nB : 2\r\nContent-Length: 5\r\n\r\n");
        head.status("206 Partial Content");
        head.remove("a");
        head.set("b", "3");
        assert_eq!(
            head.bytes(),
            b"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nb: 3\r\n\r\n"
        );
        let mut bare = Head { bytes: b"HTTP/1.1 200 OK\nA: 1\n\n".to_vec() };
        bare.set("B", "2");
        assert_eq!(bare.bytes(), b"HTTP/1.1 200 OK\nA: 1\nB: 2\r\n\r\n");
    }
}
