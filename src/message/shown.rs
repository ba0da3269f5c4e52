//! Values that are written for people: addresses, times, numbers in hex.
//!
//! Each is read from a scalar or from the bytes of its field, as a [`Notation`] says, and written by
//! `Display`, always as text: an address that stands for none and a time that no calendar has are
//! written too, the latter by its number.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::message::Scalar;
use crate::schema::{ByteOrder, Flags, Notation, Place};

/// A value that is written for people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shown<'a> {
    /// `10.0.0.1`, `fe80::1`.
    Address(IpAddr),
    /// `10.0.0.1:53`, `[fe80::1%2]:53`.
    Socket(SocketAddr),
    /// `02:00:5e:10:00:01`.
    Mac([u8; 6]),
    /// `6ba7b810-9dad-11d1-80b4-00c04fd430c8`.
    Uuid([u8; 16]),
    /// `2024-05-01T12:34:56Z`.
    Time(Moment),
    /// A number of units beyond any date.
    Number(u64),
    /// `SYN|ACK`: names, and the bits of the number.
    Flags(&'a Flags, u64),
    /// `0x002a`: a number with the digits of so many bytes.
    Hex(u64, u32),
    /// Bytes in hex: a record, a `sockaddr_storage` of another family.
    Bytes(&'a [u8]),
}

/// A time as a field has it: seconds, and a part of one in units of the field's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Parts of a second, as many as `digits` says.
    pub units: i64,
    /// Digits behind the point that a unit is: 0, 3, 6 or 9.
    pub digits: u8,
    /// Both are numbers of their own; else one number has them.
    pub apart: bool,
    /// From when the field counts, seconds since 1970.
    pub epoch: i64,
}

/// Where each part of a `sockaddr_storage` lies: as Linux and Windows have it.
const STORED_PORT: usize = 2;
const STORED_IPV4: usize = 4;
const STORED_IPV6: usize = 8;
const STORED_SCOPE: usize = 24;

impl<'a> Shown<'a> {
    /// The value of a field; `None` where it is not all there.
    pub fn of(notation: &'a Notation, scalar: Scalar, bytes: &'a [u8]) -> Option<Self> {
        match (notation, scalar) {
            (Notation::Flags { flags, width }, Scalar::Unsigned(_) | Scalar::Signed(_)) => {
                let bits = scalar.integer()? & i128::from(ones(*width));
                Some(Self::Flags(flags, u64::try_from(bits).ok()?))
            }
            (Notation::Hex, Scalar::Unsigned(number)) => Some(Self::Hex(number, len(bytes))),
            (Notation::Hex, Scalar::Signed(number)) => {
                Some(Self::Hex(number.cast_unsigned() & mask(len(bytes)), len(bytes)))
            }
            (Notation::Ipv4, Scalar::Unsigned(_) | Scalar::Signed(_)) => {
                let number = u32::try_from(scalar.integer()? & i128::from(u32::MAX)).ok()?;
                Some(Self::Address(Ipv4Addr::from_bits(number).into()))
            }
            (Notation::Time { digits, epoch }, Scalar::Signed(number)) => {
                Some(Self::Time(Moment::of(number, *digits, *epoch)))
            }
            (Notation::Time { digits, epoch }, Scalar::Unsigned(number)) => {
                // No date is as late as the numbers that are left out.
                Some(i64::try_from(number).map_or(Self::Number(number), |number| {
                    Self::Time(Moment::of(number, *digits, *epoch))
                }))
            }
            (Notation::Ntp, Scalar::Unsigned(number)) => Some(Self::Time(Moment::of_ntp(number))),
            (Notation::Ntp, Scalar::Signed(number)) => {
                Some(Self::Time(Moment::of_ntp(number.cast_unsigned())))
            }
            (_, Scalar::Span | Scalar::Nested) => Self::of_bytes(notation, bytes),
            _ => None,
        }
    }

    fn of_bytes(notation: &Notation, bytes: &'a [u8]) -> Option<Self> {
        match *notation {
            Notation::Ipv4 => Some(Self::Address(ipv4(bytes, 0)?.into())),
            Notation::Ipv6 => Some(Self::Address(ipv6(bytes, 0)?.into())),
            Notation::Mac => Some(Self::Mac(bytes.try_into().ok()?)),
            Notation::Uuid => Some(Self::Uuid(bytes.try_into().ok()?)),
            Notation::Moment { seconds, fraction, digits } => {
                let (seconds, units) = (integer(seconds, bytes)?, integer(fraction, bytes)?);
                Some(Self::Time(Moment { seconds, units, digits, apart: true, epoch: 0 }))
            }
            Notation::Inet { port, address, .. } => {
                let address = ipv4(bytes, address as usize)?;
                Some(Self::Socket(SocketAddrV4::new(address, port_of(port, bytes)?).into()))
            }
            Notation::Inet6 { port, address, scope, .. } => {
                let address = ipv6(bytes, address as usize)?;
                let scope = u32::try_from(integer(scope, bytes)? & i64::from(u32::MAX)).ok()?;
                let (port, flow) = (port_of(port, bytes)?, 0);
                Some(Self::Socket(SocketAddrV6::new(address, port, flow, scope).into()))
            }
            Notation::Storage { family } => Some(Self::stored(family, bytes)?),
            Notation::Bytes => Some(Self::Bytes(bytes)),
            Notation::Hex
            | Notation::Flags { .. }
            | Notation::Scale(_)
            | Notation::Ntp
            | Notation::Time { .. } => None,
        }
    }

    fn stored(family: Place, bytes: &'a [u8]) -> Option<Self> {
        let order = family.order;
        let place = |offset: usize, len| Place { offset: offset as u32, len, signed: false, order };
        let port = Place { order: ByteOrder::Big, ..place(STORED_PORT, 2) };
        Some(match integer(family, bytes)? {
            AF_INET => {
                let address = ipv4(bytes, STORED_IPV4)?;
                Self::Socket(SocketAddrV4::new(address, port_of(port, bytes)?).into())
            }
            family if AF_INET6.contains(&family) => {
                let address = ipv6(bytes, STORED_IPV6)?;
                let scope = u32::try_from(integer(place(STORED_SCOPE, 4), bytes)?).ok()?;
                let port = port_of(port, bytes)?;
                Self::Socket(SocketAddrV6::new(address, port, 0, scope).into())
            }
            _ => Self::Bytes(bytes),
        })
    }
}

/// `AF_INET`, the same everywhere.
pub(crate) const AF_INET: i64 = 2;
/// `AF_INET6` of Linux, Windows, FreeBSD and macOS.
pub(crate) const AF_INET6: [i64; 4] = [10, 23, 28, 30];

impl Moment {
    /// From one number of units.
    fn of(number: i64, digits: u8, epoch: i64) -> Self {
        let unit = unit(digits);
        let (seconds, units) = (number.div_euclid(unit), number.rem_euclid(unit));
        Self { seconds: seconds.saturating_add(epoch), units, digits, apart: false, epoch }
    }

    /// From seconds since 1900 and parts of a second, 32 bits each, to whole nanoseconds.
    fn of_ntp(number: u64) -> Self {
        let (seconds, parts) = (number >> 32, number & 0xffff_ffff);
        let nanos = (parts.saturating_mul(1_000_000_000) >> 32).cast_signed();
        let seconds = seconds.cast_signed().saturating_add(NTP_EPOCH);
        Self { seconds, units: nanos, digits: 9, apart: false, epoch: NTP_EPOCH }
    }

    /// Nanoseconds since 1970.
    pub fn nanos(&self) -> i128 {
        let units = i128::from(self.units).saturating_mul(nanos_of(self.digits).into());
        i128::from(self.seconds).saturating_mul(NANOS).saturating_add(units)
    }

    /// The date, where a calendar of four digits for the year has it.
    fn date(&self) -> Option<jiff::Timestamp> {
        let units = (0..unit(self.digits)).contains(&self.units).then_some(self.units)?;
        let nanos = units.checked_mul(nanos_of(self.digits))?;
        let seconds =
            (FIRST_SECOND..=LAST_SECOND).contains(&self.seconds).then_some(self.seconds)?;
        jiff::Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok()
    }
}

/// 1900-01-01T00:00:00Z.
pub(crate) const NTP_EPOCH: i64 = -2_208_988_800;
const NANOS: i128 = 1_000_000_000;
/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-30T22:00:00Z, as far as jiff goes.
const LAST_SECOND: i64 = 253_402_207_200;

/// Nanoseconds of a unit.
fn nanos_of(digits: u8) -> i64 {
    unit(9_u8.saturating_sub(digits.min(9)))
}

/// Units of a second.
pub(crate) fn unit(digits: u8) -> i64 {
    10_i64.saturating_pow(u32::from(digits.min(9)))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, units, digits, apart, epoch } = *self;
        match self.date() {
            Some(date) => write!(f, "{date:.*}", usize::from(digits)),
            None if apart => write!(f, "{seconds} {units}"),
            None => {
                let seconds = seconds.saturating_sub(epoch);
                let number = i128::from(seconds).saturating_mul(unit(digits).into());
                write!(f, "{}", number.saturating_add(units.into()))
            }
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(address) => address.fmt(f),
            Self::Time(moment) => moment.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flags(flags, bits) => flags.write(*bits, f),
            Self::Hex(number, len) => {
                let digits = len.saturating_mul(2) as usize;
                write!(f, "0x{number:0digits$x}")
            }
            Self::Mac(bytes) => bytes.iter().enumerate().try_for_each(|(at, byte)| {
                f.write_str(if at > 0 { ":" } else { "" })?;
                write!(f, "{byte:02x}")
            }),
            Self::Uuid(bytes) => bytes.iter().enumerate().try_for_each(|(at, byte)| {
                f.write_str(if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" })?;
                write!(f, "{byte:02x}")
            }),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The number at a place of some bytes.
fn integer(place: Place, bytes: &[u8]) -> Option<i64> {
    let start = place.offset as usize;
    let bytes = bytes.get(start..start.checked_add(usize::from(place.len))?)?;
    let mut word = [if place.signed && is_negative(place, bytes) { 0xff } else { 0 }; 8];
    for (to, from) in word.iter_mut().rev().zip(significant(place, bytes)) {
        *to = from;
    }
    Some(i64::from_be_bytes(word))
}

fn is_negative(place: Place, bytes: &[u8]) -> bool {
    significant(place, bytes).last().is_some_and(|it| it & 0x80 != 0)
}

/// The bytes of a number, the least significant first.
fn significant(place: Place, bytes: &[u8]) -> impl Iterator<Item = u8> {
    let (forward, backward) = match place.order {
        ByteOrder::Little => (bytes, &[][..]),
        ByteOrder::Big => (&[][..], bytes),
    };
    forward.iter().chain(backward.iter().rev()).copied()
}

fn port_of(place: Place, bytes: &[u8]) -> Option<u16> {
    u16::try_from(integer(place, bytes)? & 0xffff).ok()
}

fn ipv4(bytes: &[u8], offset: usize) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = bytes.get(offset..offset.checked_add(4)?)?.try_into().ok()?;
    Some(bytes.into())
}

fn ipv6(bytes: &[u8], offset: usize) -> Option<Ipv6Addr> {
    let bytes: [u8; 16] = bytes.get(offset..offset.checked_add(16)?)?.try_into().ok()?;
    Some(bytes.into())
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(8).min(8)
}

/// The bits of so many bytes.
fn mask(len: u32) -> u64 {
    ones(len.saturating_mul(8))
}

/// So many bits.
fn ones(width: u32) -> u64 {
    u64::MAX.checked_shr(64_u32.saturating_sub(width)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::schema::Flag;

    fn place(offset: u32, len: u8, order: ByteOrder) -> Place {
        Place { offset, len, signed: true, order }
    }

    fn text(notation: &Notation, scalar: Scalar, bytes: &[u8]) -> Option<String> {
        Shown::of(notation, scalar, bytes).map(|it| it.to_string())
    }

    #[test]
    fn bytes_are_written_as_people_read_them() {
        let long = b"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01";
        let port = Place { signed: false, ..place(2, 2, ByteOrder::Big) };
        let family = place(0, 2, ByteOrder::Little);
        let inet = Notation::Inet { family, port, address: 4 };
        for (notation, bytes, expected) in [
            (Notation::Ipv4, &b"\x0a\0\0\x01"[..], Some("10.0.0.1")),
            (Notation::Ipv4, b"\x0a\0\0", None),
            (Notation::Ipv6, long, Some("fe80::1")),
            (Notation::Mac, b"\x02\0\x5e\x10\0\x01", Some("02:00:5e:10:00:01")),
            (Notation::Uuid, long, Some("fe800000-0000-0000-0000-000000000001")),
            (inet, b"\x02\0\xff\x35\x7f\0\0\x01\0\0\0\0\0\0\0\0", Some("127.0.0.1:65333")),
        ] {
            let found = text(&notation, Scalar::Nested, bytes);
            assert_eq!(found.as_deref(), expected, "{notation:?}");
        }
        let mut stored = [0; 128];
        stored[..8].copy_from_slice(b"\x02\0\0\x35\x0a\0\0\x02");
        let storage = Notation::Storage { family };
        assert_eq!(text(&storage, Scalar::Nested, &stored).as_deref(), Some("10.0.0.2:53"));
        stored[0] = 10;
        stored[8..24].copy_from_slice(long);
        stored[24] = 3;
        assert_eq!(text(&storage, Scalar::Nested, &stored).as_deref(), Some("[fe80::1%3]:53"));
        stored[0] = 17;
        let other = text(&storage, Scalar::Nested, &stored).unwrap();
        assert!(other.starts_with("110000350a000002fe80") && other.len() == 256, "{other}");
    }

    #[test]
    fn times_have_the_digits_of_their_unit_and_else_are_numbers() {
        for (number, digits, expected) in [
            (1_714_566_896, 0, "2024-05-01T12:34:56Z"),
            (0, 0, "1970-01-01T00:00:00Z"),
            (-1, 0, "1969-12-31T23:59:59Z"),
            (1_714_566_896_007, 3, "2024-05-01T12:34:56.007Z"),
            (-1, 6, "1969-12-31T23:59:59.999999Z"),
            (i64::MAX, 0, "9223372036854775807"),
            (i64::MIN, 0, "-9223372036854775808"),
        ] {
            let notation = Notation::Time { digits, epoch: 0 };
            let found = text(&notation, Scalar::Signed(number), &[0; 8]);
            assert_eq!(found.as_deref(), Some(expected));
        }
        let (seconds, fraction) = (place(0, 4, ByteOrder::Big), place(4, 4, ByteOrder::Big));
        let notation = Notation::Moment { seconds, fraction, digits: 6 };
        for (bytes, expected) in [
            (b"\x66\x32\x36\xf0\0\0\0\x05", "2024-05-01T12:34:56.000005Z"),
            (b"\x66\x32\x36\xf0\0\x0f\x42\x40", "1714566896 1000000"),
            (b"\0\0\0\x05\xff\xff\xff\xff", "5 -1"),
        ] {
            assert_eq!(text(&notation, Scalar::Nested, bytes).as_deref(), Some(expected));
        }
    }

    #[test]
    fn times_count_from_the_day_of_their_epoch() {
        let since = |epoch| Notation::Time { digits: 3, epoch };
        for (notation, number, expected) in [
            (since(NTP_EPOCH), 0, "1900-01-01T00:00:00.000Z"),
            (since(315_964_800), 1, "1980-01-06T00:00:00.001Z"),
            (since(315_964_800), 1 << 62, "4611686018427387904"),
            (Notation::Ntp, 0, "1900-01-01T00:00:00.000000000Z"),
            (Notation::Ntp, 0xe94f_1180_8000_0000, "2024-01-15T02:05:52.500000000Z"),
            (Notation::Ntp, u64::MAX, "2036-02-07T06:28:15.999999999Z"),
        ] {
            let found = text(&notation, Scalar::Unsigned(number), &[0; 8]);
            assert_eq!(found.as_deref(), Some(expected));
            let found = text(&notation, Scalar::Signed(number.cast_signed()), &[0; 8]);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }

    #[test]
    fn bits_have_names_as_far_as_the_number_has_bits() {
        let flags = vec![Flag::of_bits("SYN", 2), Flag::of_bits("TOP", 0x80)];
        let notation =
            |width| Notation::Flags { flags: Arc::new(Flags::new(flags.clone())), width };
        for (width, scalar, expected) in [
            (8, Scalar::Unsigned(0x82), "SYN|TOP"),
            (8, Scalar::Signed(-128), "TOP"),
            (4, Scalar::Signed(-6), "SYN|0x8"),
            (64, Scalar::Signed(-1), "SYN|TOP|0xffffffffffffff7d"),
            (16, Scalar::Unsigned(0), "0"),
        ] {
            assert_eq!(text(&notation(width), scalar, &[0; 8]).as_deref(), Some(expected));
        }
    }

    #[test]
    fn numbers_in_hex_have_all_their_digits() {
        let hex = |scalar, len| text(&Notation::Hex, scalar, &[0; 8][..len]);
        assert_eq!(hex(Scalar::Unsigned(42), 2).as_deref(), Some("0x002a"));
        assert_eq!(hex(Scalar::Signed(-2), 1).as_deref(), Some("0xfe"));
        assert_eq!(hex(Scalar::Signed(-1), 8).as_deref(), Some("0xffffffffffffffff"));
    }
}
