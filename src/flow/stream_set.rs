//! Streams as a user names them: one, or several by ranges.
//!
//! Numbers are Wireshark's tcp.stream and udp.stream, which both count from 0: a number alone means
//! the stream of either transport.

use std::fmt;
use std::str::FromStr;

use crate::packet::Transport;

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
pub struct StreamCounts {
    /// Of TCP.
    pub tcp: u32,
    /// Of UDP.
    pub udp: u32,
}

/// The transport that a name of streams begins with, and what follows it; `None` where nothing
/// that could be a number does.
pub(crate) fn split_transport(name: &str) -> Option<(Option<Transport>, &str)> {
    let (transport, rest) = match name.get(..3) {
        Some("tcp") => (Transport::Tcp, name.get(3..)?),
        Some("udp") => (Transport::Udp, name.get(3..)?),
        _ => return Some((None, name)),
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
    fn contains(&self, transport: Transport, number: u32) -> bool {
        self.transport.is_none_or(|it| it == transport)
            && (self.first..=self.last).contains(&number)
    }

    /// Whether a capture has its first stream; the last may be beyond what there is.
    fn begins_in(&self, counts: StreamCounts) -> bool {
        let count = match self.transport {
            Some(transport) => counts.of(transport),
            None => counts.tcp.max(counts.udp),
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
    pub fn contains(&self, transport: Transport, number: u32) -> bool {
        self.is_all() || self.0.iter().any(|it| it.contains(transport, number))
    }

    /// The first range that begins beyond the streams that there are.
    pub fn missing(&self, counts: StreamCounts) -> Option<StreamRange> {
        self.0.iter().find(|it| !it.begins_in(counts)).copied()
    }
}

impl StreamCounts {
    /// Of one transport.
    pub fn of(self, transport: Transport) -> u32 {
        match transport {
            Transport::Tcp => self.tcp,
            Transport::Udp => self.udp,
        }
    }
}

/// `3 TCP streams and 1 UDP stream`
impl fmt::Display for StreamCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let Self { tcp, udp } = *self;
        write!(f, "{tcp} TCP stream{} and {udp} UDP stream{}", plural(tcp), plural(udp))
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
            let found: Vec<_> = (0..20).filter(|it| chosen.contains(transport, *it)).collect();
            assert_eq!(found, numbers);
        }
        assert!(StreamSet::default().contains(Transport::Udp, 9));
    }

    #[test]
    fn a_range_that_begins_beyond_what_there_is_is_missing() {
        let counts = StreamCounts { tcp: 3, udp: 1 };
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
        assert_eq!(counts.to_string(), "3 TCP streams and 1 UDP stream");
    }
}
