//! The same traffic as frames of a capture, without any socket: Ethernet, IPv4 or IPv6, UDP.
//!
//! Time is not waited for. It begins at a fixed instant and goes on by the deadlines that a live run
//! would have, so that the same messages make the same file. Checksums are valid; what a frame of
//! 1,500 bytes does not hold is cut as a host cuts it.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::error::GenerateError;
use super::recipe::Made;
use super::sending::Make;
use super::{Cast, Destination, DestinationError};
use crate::capture::{CaptureError, Frame, Timestamp, Writer};
use crate::net::{Deadlines, Interface, Pace};
use crate::packet::build::BuildError;
use crate::packet::fragmented::{self, Addressed};
use crate::packet::joining;

/// When every such capture begins: 2026-01-01T00:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_767_225_600_000_000_000);
/// What is between messages at top speed, which has no deadlines; the finest that any pcap tells apart.
const TOP: Duration = Duration::from_micros(1);
/// Hops of what goes to hosts, as Linux has them, and of what goes to groups (RFC 1112 section 6.1).
const HOST_HOPS: u8 = 64;
const GROUP_HOPS: u8 = 1;
/// The first sender's port, where none is named.
const PORT: u16 = 40_000;
/// Messages after which the progress is told.
const TELL: u64 = 256;

/// What is written.
#[derive(Clone, Debug)]
pub struct FrameOptions {
    /// Where messages go.
    pub destination: Destination,
    /// The senders, as [`source`] names them. At least one.
    pub senders: Vec<FrameSender>,
    /// Hops; 64 for hosts and 1 for groups, where it is not given.
    pub hops: Option<u8>,
    /// How fast.
    pub pace: Pace,
    /// Messages, at most. Without it and a duration the messages must end by themselves.
    pub count: Option<u64>,
    /// Time of the capture, at most.
    pub duration: Option<Duration>,
}

/// One of the senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSender {
    /// What its frames come from.
    pub address: SocketAddr,
    /// Whether it joins the groups that it sends to, which a sender need not.
    pub joins: bool,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FramesOutcome {
    /// Messages.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Frames: more than messages, where some had to be cut, and where senders join groups.
    pub frames: u64,
    /// From the first to the last, by the capture's time.
    pub duration: Duration,
    /// Ended by the user before its end.
    pub interrupted: bool,
}

/// The address that a sender's frames come from: the one that is named, else that of the interface,
/// else one of those for documentation (RFC 5737, RFC 3849).
pub fn source(
    index: usize,
    named: Option<SocketAddr>,
    by: Option<&Interface>,
    is_ipv6: bool,
) -> SocketAddr {
    let number = u16::try_from(index).unwrap_or(u16::MAX);
    let port = PORT.saturating_add(number);
    if let Some(named) = named {
        let port = if named.port() == 0 { port } else { named.port() };
        return SocketAddr::new(named.ip(), port);
    }
    let own = by.and_then(|it| it.addresses.iter().find(|it| it.is_ipv6() == is_ipv6).copied());
    let documented = || match is_ipv6 {
        true => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.saturating_add(1))),
        false => {
            let [_, low] = (number % 254).saturating_add(1).to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(192, 0, 2, low))
        }
    };
    SocketAddr::new(own.unwrap_or_else(documented), port)
}

/// Writes messages until all are written, or `is_halted`. `progress` is told how many there
/// are since it was told last.
///
/// # Errors
///
/// The capture cannot be written; a message that cannot be made, or that no packet holds.
pub fn write<W: Write>(
    options: &FrameOptions,
    make: &mut Make<'_>,
    writer: &mut Writer<W>,
    is_halted: &dyn Fn() -> bool,
    progress: &dyn Fn(u64),
) -> Result<FramesOutcome, GenerateError> {
    let to = options.destination.addresses();
    let mut deadlines = Deadlines::new(options.pace, Duration::ZERO);
    let frames = options.join(writer)?;
    let mut outcome = FramesOutcome { frames, ..FramesOutcome::default() };
    let (mut message, mut scratch) = (Vec::new(), Vec::new());
    let mut at = Duration::ZERO;
    for dst in to.iter().cycle() {
        if options.count.is_some_and(|count| outcome.messages >= count) {
            break;
        }
        let due = deadlines.due(at).unwrap_or(at);
        if options.duration.is_some_and(|duration| due >= duration) {
            break;
        }
        if is_halted() {
            outcome.interrupted = true;
            break;
        }
        let time = BEGIN.saturating_add(due);
        message.clear();
        let Some(made) = make(time, &mut message)? else { break };
        deadlines.count(due, message.len());
        at = at.saturating_add(gap(options.pace, made));
        outcome.messages = outcome.messages.saturating_add(1);
        outcome.bytes = outcome.bytes.saturating_add(message.len() as u64);
        outcome.duration = due;
        let addressed = options.addressed(made.sender, *dst);
        let number = outcome.messages;
        let identification = u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
        let mut each = |frame: &[u8]| {
            outcome.frames = outcome.frames.saturating_add(1);
            writer.write(&Frame::ethernet(outcome.frames, time, frame)).map_err(Failure::Write)
        };
        fragmented::frames(&addressed, identification, &message, &mut scratch, &mut each)
            .map_err(|it| it.of(number))?;
        if number.is_multiple_of(TELL) {
            progress(TELL);
        }
    }
    progress(outcome.messages % TELL);
    Ok(outcome)
}

/// What is between a message and the next, where no rate says it.
fn gap(pace: Pace, made: Made) -> Duration {
    match pace {
        Pace::Top => TOP,
        _ => made.gap.unwrap_or_default(),
    }
}

impl FrameOptions {
    /// Refuses a sender of the other version of IP.
    ///
    /// # Errors
    ///
    /// The first of them.
    pub fn require_one_family(&self) -> Result<(), DestinationError> {
        let Some(to) = self.destination.addresses().first().copied() else { return Ok(()) };
        let mut addresses = self.senders.iter().map(|it| it.address);
        match addresses.find(|it| it.is_ipv4() != to.is_ipv4()) {
            Some(from) => Err(DestinationError::Families { from, to }),
            None => Ok(()),
        }
    }

    /// Writes what the senders that join their groups tell the routers, and returns how many frames
    /// that is.
    fn join<W: Write>(&self, writer: &mut Writer<W>) -> Result<u64, CaptureError> {
        let Destination::Groups(groups) = self.destination else { return Ok(0) };
        let (mut frame, mut frames) = (Vec::new(), 0_u64);
        for sender in self.senders.iter().filter(|it| it.joins) {
            for group in groups.addresses() {
                frame.clear();
                joining::report(sender.address.ip(), group, &mut frame);
                frames = frames.saturating_add(1);
                writer.write(&Frame::ethernet(frames, BEGIN, &frame))?;
            }
        }
        Ok(frames)
    }

    fn addressed(&self, sender: usize, dst: SocketAddr) -> Addressed {
        let cast = self.destination.cast();
        let hops = match cast {
            Cast::Multicast => GROUP_HOPS,
            Cast::Unicast | Cast::Broadcast => HOST_HOPS,
        };
        Addressed {
            src: self.senders.get(sender).map_or(dst, |it| it.address),
            dst,
            hops: self.hops.unwrap_or(hops),
            is_broadcast: cast == Cast::Broadcast,
        }
    }
}

/// What a frame ran into.
enum Failure {
    Build(BuildError),
    Write(CaptureError),
}

impl From<BuildError> for Failure {
    fn from(cause: BuildError) -> Self {
        Self::Build(cause)
    }
}

impl Failure {
    fn of(self, number: u64) -> GenerateError {
        match self {
            Self::Build(cause) => GenerateError::Frame { number, cause },
            Self::Write(cause) => cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::WriteFormat;
    use crate::generate::Groups;

    fn options(to: Destination, pace: Pace) -> FrameOptions {
        let sender = |index| {
            let address = source(index, None, None, to.is_ipv6());
            FrameSender { address, joins: false }
        };
        let senders = vec![sender(0), sender(1)];
        let (count, hops, duration) = (Some(4), None, None);
        FrameOptions { destination: to, senders, hops, pace, count, duration }
    }

    /// Frames of messages of `len` bytes, two of each sender; each with the microsecond it is of.
    fn written(options: &FrameOptions, len: usize) -> (FramesOutcome, Vec<(i64, Vec<u8>)>) {
        let mut writer = Writer::new("memory", Vec::new(), WriteFormat::Pcapng).unwrap();
        let mut number = 0;
        let mut make = |time: Timestamp, out: &mut Vec<u8>| {
            number += 1;
            out.extend(std::iter::repeat_n(number, len));
            assert!(time >= BEGIN);
            let gap = Some(Duration::from_millis(number.into()));
            Ok(Some(Made { sender: usize::from(number > 2), gap }))
        };
        let outcome = write(options, &mut make, &mut writer, &|| false, &|_| {}).unwrap();
        let bytes = writer.finish().unwrap();
        let mut reader = crate::capture::Reader::new(std::io::Cursor::new(bytes)).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = reader.next_frame().unwrap() {
            let micros = frame.time.unwrap().nanos_since(BEGIN) / 1000;
            frames.push((micros, frame.data.to_vec()));
        }
        (outcome, frames)
    }

    #[test]
    fn times_are_those_of_the_pace() {
        let host = Destination::Host("10.0.0.2:5".parse().unwrap());
        for (pace, micros) in [
            (Pace::PacketsPerSecond(1000.0), [0, 1000, 2000, 3000]),
            (Pace::Mbps(0.8), [0, 190, 380, 570]),
            (Pace::Top, [0, 1, 2, 3]),
            (Pace::Recorded(1.0), [0, 1000, 3000, 6000]),
        ] {
            let (outcome, frames) = written(&options(host, pace), 19);
            assert_eq!(frames.iter().map(|it| it.0).collect::<Vec<_>>(), micros, "{pace:?}");
            assert_eq!((outcome.messages, outcome.bytes, outcome.frames), (4, 76, 4));
            assert_eq!(outcome.duration.as_micros(), micros[3] as u128);
        }
        let until = FrameOptions {
            duration: Some(Duration::from_millis(2)),
            count: None,
            ..options(host, Pace::PacketsPerSecond(1000.0))
        };
        assert_eq!(written(&until, 1).0.messages, 2);
    }

    #[test]
    fn groups_take_turns_and_have_one_hop() {
        let groups: Groups = "224.2.2.2+3:1989".parse().unwrap();
        let (_, frames) = written(&options(Destination::Groups(groups), Pace::Top), 19);
        let last: Vec<_> = frames.iter().map(|(_, it)| (it[5], it[33], it[22])).collect();
        assert_eq!(last, [(2, 2, 1), (3, 3, 1), (4, 4, 1), (2, 2, 1)]);
        let sources: Vec<_> = frames.iter().map(|(_, it)| (it[29], it[35])).collect();
        assert_eq!(sources, [(1, 0x40), (1, 0x40), (2, 0x41), (2, 0x41)]);
    }

    #[test]
    fn senders_that_join_their_groups_say_so_first() {
        let groups: Groups = "224.2.2.2+3:1989".parse().unwrap();
        let mut options = options(Destination::Groups(groups), Pace::Top);
        options.senders[1].joins = true;
        let (outcome, frames) = written(&options, 19);
        assert_eq!((outcome.messages, outcome.frames, frames.len()), (4, 7, 7));
        assert!(frames[..3].iter().all(|(micros, it)| *micros == 0 && it[23] == 2));
        assert_eq!(frames[2].1[50..54], [224, 2, 2, 4]);
    }

    #[test]
    fn what_is_too_long_for_a_frame_is_cut_and_for_a_packet_refused() {
        let all = Destination::Broadcast("10.0.0.255:5".parse().unwrap());
        let (outcome, frames) = written(&options(all, Pace::Top), 4000);
        assert_eq!((outcome.messages, outcome.frames, frames.len()), (4, 12, 12));
        assert!(frames.iter().all(|(_, it)| it[..6] == [0xff; 6] && it.len() <= 1514));
        let mut writer = Writer::new("memory", Vec::new(), WriteFormat::Pcap).unwrap();
        let mut make = |_, out: &mut Vec<u8>| {
            out.resize(65_508, 0);
            Ok(Some(Made::default()))
        };
        let options = options(all, Pace::Top);
        let error = write(&options, &mut make, &mut writer, &|| false, &|_| {}).unwrap_err();
        let expected = "message 1: a payload of 65508 bytes is longer than an IP packet";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn senders_without_an_address_have_one_of_those_for_documentation() {
        let lo = Interface::resolve("127.0.0.1").unwrap();
        for (index, named, by, is_ipv6, expected) in [
            (0, None, None, false, "192.0.2.1:40000"),
            (2, None, None, true, "[2001:db8::3]:40002"),
            (1, None, Some(&lo), false, "127.0.0.1:40001"),
            (0, Some("10.0.0.9:7"), Some(&lo), false, "10.0.0.9:7"),
            (3, Some("10.0.0.9:0"), None, false, "10.0.0.9:40003"),
        ] {
            let named = named.map(|it| it.parse().unwrap());
            assert_eq!(source(index, named, by, is_ipv6), expected.parse().unwrap());
        }
    }
}
