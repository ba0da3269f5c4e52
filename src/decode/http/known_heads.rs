//! Heads that were read a moment ago: a program that plays a capture meets each of them twice, as
//! recorded and as it passes, and those of one server again and again.
//!
//! [`MAX_KNOWN`] heads of at most [`MAX_LEN`] bytes are kept; a new one takes the place of the
//! oldest. What a head holds depends on its side and its bytes alone.

use super::head::{self, Field, Head};
use crate::flow::Side;

/// Heads that are kept: request and response, recorded and live.
const MAX_KNOWN: usize = 4;

/// Bytes of a head that is kept.
const MAX_LEN: usize = 1024;

/// The heads that were read last.
#[derive(Debug, Default)]
pub(super) struct KnownHeads {
    known: Vec<Known>,
    /// The oldest.
    next: usize,
}

#[derive(Debug)]
struct Known {
    side: Side,
    bytes: Vec<u8>,
    head: Head,
    fields: Vec<Field>,
}

impl KnownHeads {
    /// Reads a head as [`head::parse`] does, unless that was done; `fields` is empty.
    pub fn parse(&mut self, side: Side, bytes: &[u8], fields: &mut Vec<Field>) -> Head {
        if bytes.len() > MAX_LEN {
            return head::parse(side, bytes, fields);
        }
        if let Some(known) = self.known.iter().find(|it| it.side == side && it.bytes == bytes) {
            fields.extend_from_slice(&known.fields);
            return known.head.clone();
        }
        let head = head::parse(side, bytes, fields);
        match self.known.get_mut(self.next) {
            Some(oldest) => oldest.become_another(side, bytes, &head, fields),
            None => {
                let (bytes, fields) = (bytes.to_vec(), fields.clone());
                self.known.push(Known { side, bytes, head: head.clone(), fields });
            }
        }
        self.next = self.next.saturating_add(1).checked_rem(MAX_KNOWN).unwrap_or(0);
        head
    }
}

impl Known {
    fn become_another(&mut self, side: Side, bytes: &[u8], head: &Head, fields: &[Field]) {
        self.side = side;
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.head.clone_from(head);
        self.fields.clear();
        self.fields.extend_from_slice(fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_what_is_read() {
        let mut known = KnownHeads::default();
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(MAX_LEN));
        let heads = [
            (Side::Client, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
            (Side::Server, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nDate: today\r\n\r\n"),
            (Side::Client, "GET /b HTTP/1.0\r\nbad line\r\n\r\n"),
            (Side::Server, "HTTP/1.1 404 Not Found\r\n\r\n"),
            (Side::Client, long.as_str()),
            (Side::Client, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"),
            // The same bytes of the other side are another head.
            (Side::Server, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"),
        ];
        // Forward and backward, so that some are known and some had to give way.
        for (side, text) in heads.iter().chain(heads.iter().rev()).chain(&heads[..2]) {
            let (mut fields, mut expected) = (Vec::new(), Vec::new());
            let head = known.parse(*side, text.as_bytes(), &mut fields);
            let read = head::parse(*side, text.as_bytes(), &mut expected);
            assert_eq!(
                (&head.start, &head.version, &head.fault),
                (&read.start, &read.version, &read.fault)
            );
            assert_eq!(fields, expected, "{text}");
            assert!(known.known.len() <= MAX_KNOWN);
        }
    }
}
