//! What one sender's messages come to. Its address and port, the port that it sends to and the protocol
//! tell it from others: one that sends to several groups in turn counts through all of them.

use std::net::SocketAddr;

use hdrhistogram::CreationError;

use super::destinations::Destinations;
use super::distribution::Distribution;
use super::jitter::Jitter;
use super::measured::Number;
use crate::flow::numbering::{Place, Sequence};

/// What has come from an address and port, of one protocol.
#[derive(Clone, Debug)]
pub struct SenderFigures {
    /// Who sent it.
    pub src: SocketAddr,
    /// Where it was sent to.
    pub destinations: Destinations,
    /// What it was decoded as; `None` where nothing decodes it.
    pub protocol: Option<String>,
    /// Datagrams, those that came twice too.
    pub received: u64,
    /// Bytes of their payload.
    pub bytes: u64,
    /// When the first and the last of them came, nanoseconds since 1970.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// What became of their numbers, where they have some.
    pub sequence: Option<Sequence>,
    /// By how many messages those were late that were reordered.
    pub extents: Option<Distribution>,
    /// From sending to arrival, nanoseconds, where they tell when they were sent: of each number the
    /// first one that came.
    pub latencies: Option<Distribution>,
    /// RFC 3550 jitter of the same messages.
    pub jitter: Jitter,
    /// Messages whose time of sending makes no sense.
    pub untimed: u64,
    /// Whether `src` is an address of this host.
    pub is_local: bool,
    /// From one arrival to the next, nanoseconds.
    pub intervals: Distribution,
    empty: Distribution,
}

/// One datagram of a sender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Where it was sent to.
    pub dst: SocketAddr,
    /// When it came, nanoseconds since 1970.
    pub arrival: i64,
    /// Bytes of its payload.
    pub len: usize,
    /// Its number, where it has one.
    pub number: Option<Number>,
    /// From sending to arrival, nanoseconds; as [`Measured::latency`](super::Measured::latency).
    pub latency: Option<Option<i64>>,
}

impl SenderFigures {
    /// Without any messages.
    ///
    /// # Errors
    ///
    /// As [`Distribution::new`].
    pub(super) fn new(src: SocketAddr) -> Result<Self, CreationError> {
        let empty = Distribution::new()?;
        Ok(Self {
            src,
            destinations: Destinations::default(),
            protocol: None,
            received: 0,
            bytes: 0,
            first: 0,
            last: 0,
            sequence: None,
            extents: None,
            latencies: None,
            jitter: Jitter::default(),
            untimed: 0,
            is_local: false,
            intervals: empty.clone(),
            empty,
        })
    }

    /// Counts a datagram.
    pub(super) fn push(&mut self, sample: &Sample) {
        let Sample { dst, arrival, len, number, latency } = *sample;
        self.destinations.push(dst);
        if self.received == 0 {
            self.first = arrival;
        } else {
            self.intervals.record(arrival.saturating_sub(self.last));
        }
        self.last = arrival;
        self.received = self.received.saturating_add(1);
        self.bytes = self.bytes.saturating_add(len as u64);
        let place = number.map(|it| self.place(it));
        match latency {
            Some(Some(nanos)) if place != Some(Place::Duplicate) => {
                self.jitter.push(nanos);
                self.latencies.get_or_insert_with(|| self.empty.clone()).record(nanos);
            }
            Some(None) => self.untimed = self.untimed.saturating_add(1),
            _ => {}
        }
    }

    /// Numbers that did not come; `None` where messages have no number.
    pub fn lost(&self) -> Option<u64> {
        self.sequence.as_ref().map(|it| it.counts().lost())
    }

    /// Whether it has the clock that we have: it sends from an address of this host.
    pub fn is_same_clock(&self) -> bool {
        self.src.ip().is_loopback() || self.is_local
    }

    fn place(&mut self, number: Number) -> Place {
        let sequence = self.sequence.get_or_insert_with(|| Sequence::new(number.bits));
        let place = sequence.push(number.value);
        if let Place::Reordered(extent) = place {
            let extent = i64::try_from(extent).unwrap_or(i64::MAX);
            self.extents.get_or_insert_with(|| self.empty.clone()).record(extent);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_received_and_measured_once() {
        let src = "127.0.0.1:7".parse().unwrap();
        let mut figures = SenderFigures::new(src).unwrap();
        for (arrival, value, latency) in [(100, 1, 40), (300, 3, 50), (350, 3, 900), (450, 2, 60)] {
            let number = Some(Number { value, bits: 32 });
            let latency = Some(Some(latency));
            figures.push(&Sample { dst: src, arrival, len: 19, number, latency });
        }
        figures.push(&Sample { dst: src, arrival: 500, len: 1, number: None, latency: Some(None) });
        assert_eq!((figures.received, figures.bytes, figures.untimed), (5, 77, 1));
        assert_eq!((figures.first, figures.last, figures.lost()), (100, 500, Some(0)));
        let counts = figures.sequence.as_ref().unwrap().counts();
        assert_eq!((counts.duplicates, counts.reordered), (1, 1));
        assert_eq!(figures.extents.unwrap().max(), Some(1));
        let latencies = figures.latencies.unwrap();
        assert_eq!((latencies.count(), latencies.max()), (3, Some(60)));
        assert_eq!((figures.intervals.count(), figures.intervals.max()), (4, Some(200)));
    }
}
