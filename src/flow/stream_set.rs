//! Streams as a user names them: one, or several by ranges.
//!
//! Numbers are Wireshark's tcp.stream and udp.stream, which both count from 0: a number alone means
//! the stream of either transport.

use std::fmt;
use std::str::FromStr;

use crate::packet::{PerTransport, StreamId, Transport};

/// Streams whose numbers follow each other: `3`, `tcp:3`, `udp:0`, `2..5`, `tcp:2-5`, `7..`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamRange {
    /// What carries them; `None` for either transport's.
    pub transport: Option<Transport>,
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// What names no streams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no streams; write 3, tcp:3, udp:0, or a range: 2..5, tcp:2-5")]
pub struct StreamRangeError(String);

/// Streams of a capture; an empty set stands for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamSet(Vec<StreamRange>);

/// How many streams a capture has of each transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts(PerTransport<u32>);

/// The transport that a name of streams begins with, and what follows it; `None` where nothing
/// that could be a number does.
pub(crate) fn split_transport(name: &str) -> Option<(Option<Transport>, &str)> {
    let begins = |it: Transport| Some((it, name.strip_prefix(it.as_str())?));
    let Some((transport, rest)) = Transport::ALL.into_iter().find_map(begins) else {
        return Some((None, name));
    };
    let numbers = rest
        .strip_prefix(':')
        .or_else(|| rest.strip_prefix(".stream")?.trim_start().strip_prefix("=="))?;
    Some((Some(transport), numbers.trim_start()))
}

impl FromStr for StreamRange {
    type Err = StreamRangeError;

    fn from_str(text: &str) -> Result<Self, StreamRangeError> {
        parse(text.trim()).ok_or_else(|| StreamRangeError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<StreamRange> {
    let (transport, numbers) = split_transport(text)?;
    let (first, last) = match numbers.split_once("..").or_else(|| numbers.split_once('-')) {
        Some((first, last)) => (first.trim_end(), last.trim_start()),
        None => (numbers, numbers),
    };
    let first = first.parse().ok()?;
    let last = if last.is_empty() { u32::MAX } else { last.parse().ok()? };
    (first <= last).then_some(StreamRange { transport, first, last })
}

impl StreamRange {
    fn contains(&self, transport: Transport, stream: StreamId) -> bool {
        self.transport.is_none_or(|it| it == transport)
            && (self.first..=self.last).contains(&stream.0)
    }

    /// Whether a capture has its first stream; the last may be beyond what there is.
    fn begins_in(&self, counts: StreamCounts) -> bool {
        let count = match self.transport {
            Some(transport) => counts.of(transport),
            None => Transport::ALL.map(|it| counts.of(it)).into_iter().max().unwrap_or_default(),
        };
        self.first < count
    }
}

impl fmt::Display for StreamRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, first, last } = self;
        if let Some(transport) = transport {
            write!(f, "{}:", transport.as_str())?;
        }
        match *last {
            u32::MAX => write!(f, "{first}.."),
            last if last == *first => write!(f, "{first}"),
            last => write!(f, "{first}..{last}"),
        }
    }
}

impl StreamSet {
    /// The streams of these ranges; of none: all.
    pub fn new(ranges: Vec<StreamRange>) -> Self {
        Self(ranges)
    }

    /// Whether it stands for all streams.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a stream is in it.
    pub fn contains(&self, transport: Transport, stream: StreamId) -> bool {
        self.is_all() || self.0.iter().any(|it| it.contains(transport, stream))
    }

    /// The first range that begins beyond the streams that there are.
    pub fn missing(&self, counts: StreamCounts) -> Option<StreamRange> {
        self.0.iter().find(|it| !it.begins_in(counts)).copied()
    }
}

impl StreamCounts {
    /// So many of each transport.
    pub fn new(of: impl FnMut(Transport) -> u32) -> Self {
        Self(PerTransport::new(of))
    }

    /// Of one transport.
    pub fn of(self, transport: Transport) -> u32 {
        *self.0.of(transport)
    }

    /// Whether there is a stream of that number.
    pub fn has(self, transport: Transport, stream: StreamId) -> bool {
        stream.0 < self.of(transport)
    }

    /// With those of another capture.
    pub fn plus(self, other: Self) -> Self {
        Self::new(|it| self.of(it).saturating_add(other.of(it)))
    }

    /// What carries the stream that a bare number means: TCP goes before UDP, and where there is no
    /// such stream, it is one of TCP that is missed.
    pub fn carrier_of(self, stream: StreamId) -> Transport {
        let mut all = Transport::ALL.into_iter().rev();
        all.find(|it| self.has(*it, stream)).unwrap_or(Transport::Tcp)
    }
}

/// `3 TCP streams and 1 UDP stream`
impl fmt::Display for StreamCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, transport) in Transport::ALL.into_iter().rev().enumerate() {
            let (and, count) = (if at > 0 { " and " } else { "" }, self.of(transport));
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{and}{count} {} stream{plural}", transport.label())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: Option<Transport> = Some(Transport::Tcp);
    const UDP: Option<Transport> = Some(Transport::Udp);

    #[test]
    fn ranges_read_as_they_are_written() {
        for (text, transport, first, last, shown) in [
            ("3", None, 3, 3, "3"),
            (" tcp:3", TCP, 3, 3, "tcp:3"),
            ("udp:0", UDP, 0, 0, "udp:0"),
            ("2..5", None, 2, 5, "2..5"),
            ("2-5", None, 2, 5, "2..5"),
            ("tcp:2 .. 5", TCP, 2, 5, "tcp:2..5"),
            ("udp.stream == 7", UDP, 7, 7, "udp:7"),
            ("tcp.stream==2-4", TCP, 2, 4, "tcp:2..4"),
            ("7..", None, 7, u32::MAX, "7.."),
        ] {
            let range: StreamRange = text.parse().unwrap();
            assert_eq!(range, StreamRange { transport, first, last }, "{text}");
            assert_eq!(range.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_range_is_named() {
        for text in ["", "-", "..", "5..2", "tcp", "tcp3", "sctp:1", "-1", "1.5", "4294967296"] {
            let error = text.parse::<StreamRange>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{text}\" names no streams")), "{error}");
        }
    }

    #[test]
    fn a_number_alone_is_of_either_transport() {
        let set =
            |text: &str| StreamSet::new(text.split(',').map(|it| it.parse().unwrap()).collect());
        let chosen = set("tcp:3,udp:0,7..8");
        for (transport, numbers) in
            [(Transport::Tcp, vec![3, 7, 8]), (Transport::Udp, vec![0, 7, 8])]
        {
            let found: Vec<_> =
                (0..20).filter(|it| chosen.contains(transport, StreamId(*it))).collect();
            assert_eq!(found, numbers);
        }
        assert!(StreamSet::default().contains(Transport::Udp, StreamId(9)));
    }

    #[test]
    fn a_range_that_begins_beyond_what_there_is_is_missing() {
        let counts = StreamCounts::new(|it| if it == Transport::Tcp { 3 } else { 1 });
        for (text, is_there) in [
            ("2", true),
            ("3", false),
            ("udp:1", false),
            ("tcp:2..99", true),
            ("0..", true),
            ("udp:1..", false),
        ] {
            let range: StreamRange = text.parse().unwrap();
            let missing = StreamSet::new(vec![range]).missing(counts);
            assert_eq!(missing, (!is_there).then_some(range), "{text}");
        }
        assert_eq!(StreamSet::default().missing(StreamCounts::default()), None);
        let carriers = [0, 2, 3, 9].map(|it| counts.carrier_of(StreamId(it)));
        assert_eq!(carriers, [Transport::Tcp; 4]);
        let counts = StreamCounts::new(|it| if it == Transport::Tcp { 1 } else { 3 });
        assert_eq!(
            [0, 1, 3].map(|it| counts.carrier_of(StreamId(it))),
            [TCP, UDP, TCP].map(Option::unwrap)
        );
        let counts = StreamCounts::new(|it| if it == Transport::Tcp { 3 } else { 1 });
        assert_eq!(counts.to_string(), "3 TCP streams and 1 UDP stream");
    }
}
