//! A pcapng interface description block (draft-ietf-opsawg-pcapng section 4.2): link type, snap
//! length, and how the times of its packets are to be read.
//!
//! Options are read as far as they are well-formed; a damaged one costs only what follows it.

use std::ops::{Range, RangeFrom};

use super::byte_order::ByteOrder;
use super::{LinkType, Timestamp};

/// Fields of the block's body.
const LINK_TYPE: Range<usize> = 0..2;
const SNAPLEN: Range<usize> = 4..8;
const OPTIONS: RangeFrom<usize> = 8..;
/// Fields of an option (section 3.5).
const OPTION_CODE: Range<usize> = 0..2;
const OPTION_LEN: Range<usize> = 2..4;
const OPTION_VALUE: RangeFrom<usize> = 4..;
/// Values are padded to so many bytes.
const OPTION_ALIGN: usize = 4;

const END_OF_OPTIONS: u16 = 0;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
/// The value of that option: seconds.
const TSOFFSET: Range<usize> = 0..8;
/// An interface's name is kept to this length, bytes.
const MAX_NAME_LEN: usize = 64;

/// An interface that frames were captured on. A pcap file has one, without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name on the capturing host, if the file tells.
    pub name: Option<String>,
    /// What its frames begin with.
    pub link_type: LinkType,
    /// The most that was kept of a frame, bytes; 0 is no limit.
    pub snaplen: u32,
    /// How its times are to be read.
    pub(super) clock: Clock,
}

/// The unit and the zero of an interface's times (options `if_tsresol` and `if_tsoffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    tick: Tick,
    offset_secs: i64,
}

/// Ticks to nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// So many nanoseconds.
    Nanos(u64),
    /// So many to the nanosecond.
    PerNano(i128),
    /// 2 to the power of this to the second.
    Binary(u32),
}

impl Interface {
    /// Reads the body of the block. `None` if it is too short to be one.
    pub(super) fn parse(order: ByteOrder, body: &[u8]) -> Option<Self> {
        let mut interface = Self {
            name: None,
            link_type: LinkType::from(order.u16(body, LINK_TYPE)?),
            snaplen: order.u32(body, SNAPLEN)?,
            clock: Clock::default(),
        };
        let mut rest = body.get(OPTIONS)?;
        while let Some((code, value, after)) = split_option(order, rest) {
            interface.read_option(order, code, value);
            rest = after;
        }
        Some(interface)
    }

    fn read_option(&mut self, order: ByteOrder, code: u16, value: &[u8]) {
        match (code, value) {
            (IF_NAME, name) => {
                let kept = name.get(..MAX_NAME_LEN).unwrap_or(name);
                self.name = Some(String::from_utf8_lossy(kept).into_owned());
            }
            (IF_TSRESOL, &[resolution, ..]) => self.clock.tick = Tick::from_tsresol(resolution),
            (IF_TSOFFSET, offset) => {
                if let Some(secs) = order.u64(offset, TSOFFSET) {
                    self.clock.offset_secs = secs.cast_signed();
                }
            }
            _ => {}
        }
    }
}

/// The next option's code and value, and what follows its padding. `None` at the end, and where
/// the option does not fit.
fn split_option(order: ByteOrder, options: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let code = order.u16(options, OPTION_CODE).filter(|&code| code != END_OF_OPTIONS)?;
    let len = usize::from(order.u16(options, OPTION_LEN)?);
    let rest = options.get(OPTION_VALUE)?;
    let padded = len.next_multiple_of(OPTION_ALIGN);
    Some((code, rest.get(..len)?, rest.get(padded..).unwrap_or_default()))
}

impl Clock {
    /// The time that `ticks` of this clock are.
    pub fn time(self, ticks: u64) -> Timestamp {
        if let Tick::Nanos(nanos) = self.tick
            && let Some(nanos) = ticks.checked_mul(nanos)
        {
            return Timestamp::from_parts(self.offset_secs, nanos);
        }
        self.wide_time(ticks)
    }

    /// For the clocks and times that 64 bits are too narrow for.
    fn wide_time(self, ticks: u64) -> Timestamp {
        let ticks = i128::from(ticks);
        let nanos = match self.tick {
            Tick::Nanos(nanos) => ticks.saturating_mul(i128::from(nanos)),
            Tick::PerNano(ticks_per_nano) => ticks.checked_div(ticks_per_nano).unwrap_or(0),
            Tick::Binary(power) => {
                ticks.saturating_mul(1_000_000_000).checked_shr(power).unwrap_or(0)
            }
        };
        let offset = i128::from(self.offset_secs).saturating_mul(1_000_000_000);
        Timestamp::saturating(nanos.saturating_add(offset))
    }
}

impl Default for Clock {
    /// Microseconds since 1970.
    fn default() -> Self {
        Self { tick: Tick::Nanos(1_000), offset_secs: 0 }
    }
}

impl Tick {
    /// The high bit tells powers of 2 from powers of 10.
    fn from_tsresol(value: u8) -> Self {
        let power = u32::from(value & 0x7f);
        if value & 0x80 != 0 {
            Self::Binary(power)
        } else if power <= 9 {
            Self::Nanos(10_u64.saturating_pow(9_u32.saturating_sub(power)))
        } else {
            Self::PerNano(10_i128.saturating_pow(power.saturating_sub(9)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(resolution: u8, offset_secs: i64) -> Clock {
        Clock { tick: Tick::from_tsresol(resolution), offset_secs }
    }

    #[test]
    fn ticks_of_every_kind_of_resolution() {
        for (resolution, offset, ticks, nanos) in [
            (0, 0, 7, 7_000_000_000),
            (3, 0, 1_500, 1_500_000_000),
            (6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
            (9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
            (9, -5, 6_000_000_001, 1_000_000_001),
            (9, -7, 6_000_000_001, -999_999_999),
            (6, 1_700_000_000, 1, 1_700_000_000_000_001_000),
            (12, 0, 1_999, 1),
            (127, 0, u64::MAX, 0),
            (0x80, 0, 3, 3_000_000_000),
            (0x8a, 0, 1536, 1_500_000_000),
            (0x94, 0, (1 << 20) + 1, 1_000_000_953),
            (0xff, 0, u64::MAX, 0),
            (0, 0, u64::MAX, i64::MAX),
            (0, i64::MIN, 0, i64::MIN),
        ] {
            assert_eq!(clock(resolution, offset).time(ticks), Timestamp(nanos), "{resolution:#x}");
        }
    }

    #[test]
    fn options_are_read_up_to_the_damage() {
        let mut body = vec![1, 0, 0, 0, 0, 0, 4, 0];
        body.extend([2, 0, 4, 0, b'e', 0xff, b'h', b'0']);
        body.extend([1, 0, 1, 0, 0xff, 0, 0, 0]);
        body.extend([9, 0, 1, 0, 9, 0, 0, 0]);
        body.extend([14, 0, 9, 0, 1, 0, 0, 0]);
        let interface = Interface::parse(ByteOrder::Little, &body).unwrap();
        assert_eq!(interface.name.as_deref(), Some("e\u{fffd}h0"));
        assert_eq!((interface.link_type, interface.snaplen), (LinkType::Ethernet, 0x4_0000));
        assert_eq!(interface.clock, clock(9, 0));
        assert_eq!(Interface::parse(ByteOrder::Little, &body[..7]), None);
    }
}
