//! Datagrams that were received together: their bytes lie one behind the other.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Datagrams, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    bytes: Vec<u8>,
    datagrams: Vec<Placed>,
    dropped: u64,
}

/// A datagram that a socket received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// Who sent it.
    pub src: SocketAddr,
    /// The address that it was sent to: this host's, a broadcast address or a group's. `None` where
    /// the kernel did not say.
    pub to: Option<IpAddr>,
    /// When the kernel took it in, since 1970: what it has waited for since does not count.
    pub time: Duration,
    /// Its bytes.
    pub payload: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    begin: usize,
    end: usize,
    src: SocketAddr,
    to: Option<IpAddr>,
    time: Duration,
}

impl Arrivals {
    /// Adds a datagram.
    pub fn push(&mut self, arrival: &Arrival<'_>) {
        let Arrival { src, to, time, payload } = *arrival;
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        self.datagrams.push(Placed { begin, end: self.bytes.len(), src, to, time });
    }

    /// Forgets all; the memory stays for the next ones.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.datagrams.clear();
        self.dropped = 0;
    }

    /// How many datagrams there are.
    pub fn len(&self) -> usize {
        self.datagrams.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Bytes of all.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The datagrams, in order.
    pub fn iter(&self) -> impl Iterator<Item = Arrival<'_>> {
        self.datagrams.iter().map(|it| {
            let Placed { begin, end, src, to, time } = *it;
            let payload = self.bytes.get(begin..end).unwrap_or_default();
            Arrival { src, to, time, payload }
        })
    }

    /// Datagrams that the kernel dropped before these came, since the ones before.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn count_dropped(&mut self, datagrams: u64) {
        self.dropped = self.dropped.saturating_add(datagrams);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_given_as_they_were_added() {
        let src = "127.0.0.1:7".parse().unwrap();
        let arrival = |payload: &'static [u8], second| Arrival {
            src,
            to: Some(src.ip()),
            time: Duration::from_secs(second),
            payload,
        };
        let all = [arrival(b"one", 1), arrival(b"", 2), arrival(b"three", 3)];
        let mut arrivals = Arrivals::default();
        all.iter().for_each(|it| arrivals.push(it));
        arrivals.count_dropped(2);
        assert_eq!(arrivals.iter().collect::<Vec<_>>(), all);
        assert_eq!((arrivals.len(), arrivals.bytes(), arrivals.dropped()), (3, 8, 2));
        arrivals.clear();
        assert_eq!((arrivals.is_empty(), arrivals.bytes(), arrivals.dropped()), (true, 0, 0));
    }
}
