//! Datagrams that leave one socket together: their bytes lie one behind the other.

use std::net::SocketAddr;
use std::ops::Range;

/// Datagrams that a batch holds at most; the caller sends it before more come.
pub const MAX_BATCH: usize = 256;
/// Bytes, after which no more come.
const MAX_BYTES: usize = 256 << 10;
/// Segments that the kernel cuts one send into, `UDP_MAX_SEGMENTS` of the oldest one that can.
const MAX_SEGMENTS: usize = 64;
/// Bytes of one send: the longest payload of UDP over IPv4 (65,535 less 20 and 8).
const MAX_RUN: usize = 65_507;

/// Datagrams of one socket, in their order.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    datagrams: Vec<Datagram>,
}

#[derive(Clone, Copy, Debug)]
struct Datagram {
    begin: usize,
    end: usize,
    to: Option<SocketAddr>,
}

impl Batch {
    /// Adds a datagram; to the socket's peer where `to` is `None`.
    pub fn push(&mut self, to: Option<SocketAddr>, bytes: &[u8]) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.datagrams.push(Datagram { begin, end: self.bytes.len(), to });
    }

    /// Forgets all; the memory stays for the next ones.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.datagrams.clear();
    }

    /// How many datagrams there are.
    pub fn len(&self) -> usize {
        self.datagrams.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Whether it is to be sent before another is added.
    pub fn is_full(&self) -> bool {
        self.len() >= MAX_BATCH || self.bytes.len() >= MAX_BYTES
    }

    /// The payload of one, counted from 0; empty where there is none.
    pub fn datagram(&self, index: usize) -> &[u8] {
        self.bytes_of(index..index.saturating_add(1))
    }

    /// Where one goes; `None` for the socket's peer.
    pub fn destination(&self, index: usize) -> Option<SocketAddr> {
        self.datagrams.get(index).and_then(|it| it.to)
    }

    /// The bytes of several that follow each other.
    pub(super) fn bytes_of(&self, range: Range<usize>) -> &[u8] {
        let datagrams = self.datagrams.get(range).unwrap_or_default();
        match (datagrams.first(), datagrams.last()) {
            (Some(first), Some(last)) => self.bytes.get(first.begin..last.end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// How many datagrams from `first` on the kernel can cut from one piece: to one destination,
    /// of one length of at most `max_len`, only the last may be shorter. At least 1.
    pub(super) fn run_from(&self, first: usize, max_len: usize) -> usize {
        let rest = self.datagrams.get(first..).unwrap_or_default();
        let Some(head) = rest.first() else { return 1 };
        let segment = head.len();
        if segment == 0 || segment > max_len {
            return 1;
        }
        let room = (MAX_RUN / segment).min(MAX_SEGMENTS);
        let equal = rest.iter().take(room).take_while(|it| it.to == head.to && it.len() == segment);
        let equal = equal.count();
        match rest.get(equal) {
            Some(last) if equal < room && last.to == head.to && last.is_shorter(segment) => {
                equal.saturating_add(1)
            }
            _ => equal,
        }
    }
}

impl Datagram {
    fn len(&self) -> usize {
        self.end.saturating_sub(self.begin)
    }

    /// An empty one cannot be cut off.
    fn is_shorter(&self, segment: usize) -> bool {
        (1..segment).contains(&self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(lens: &[usize]) -> Batch {
        let mut batch = Batch::default();
        lens.iter().for_each(|len| batch.push(None, &vec![7; *len]));
        batch
    }

    #[test]
    fn runs_are_of_one_length_and_end_with_a_shorter_one() {
        for (lens, max_len, run) in [
            (&[19, 19, 19][..], 1472, 3),
            (&[19, 19, 5, 5], 1472, 3),
            (&[19, 20, 19], 1472, 1),
            (&[19, 0, 19], 1472, 1),
            (&[0, 0], 1472, 1),
            (&[1473, 1473], 1472, 1),
            (&[1472, 1472], 1472, 2),
            (&[19; 100], 1472, 64),
            (&[1400; 100], 1472, 46),
            (&[40_000, 30_000], 65_507, 1),
            (&[], 1472, 1),
        ] {
            assert_eq!(batch(lens).run_from(0, max_len), run, "{lens:?}");
        }
    }

    #[test]
    fn another_destination_ends_a_run() {
        let [one, other] = ["127.0.0.1:1", "127.0.0.1:2"].map(|it| it.parse().unwrap());
        let mut batch = Batch::default();
        [one, one, other].iter().for_each(|to| batch.push(Some(*to), b"abc"));
        assert_eq!((batch.run_from(0, 1472), batch.run_from(2, 1472)), (2, 1));
        assert_eq!(batch.destination(2), Some(other));
    }

    #[test]
    fn bytes_lie_one_behind_the_other() {
        let mut batch = Batch::default();
        [&b"one"[..], b"", b"three"].iter().for_each(|it| batch.push(None, it));
        assert_eq!(batch.bytes_of(0..3), b"onethree");
        assert_eq!((batch.datagram(1), batch.datagram(2)), (&b""[..], &b"three"[..]));
        assert_eq!(batch.datagram(3), b"");
        batch.clear();
        assert!(batch.is_empty());
    }
}
