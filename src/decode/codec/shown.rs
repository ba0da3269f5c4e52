//! Values that are written for people, read back: addresses, times, numbers in hex.
//!
//! Each takes what output writes of it. A number is also taken by its digits, bytes in hex, and a time that
//! stands for none as output has it: by its numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::message::{AF_INET, AF_INET6, NTP_EPOCH, unit};
use crate::schema::{ByteOrder, Notation, Place};

/// What stands for no value.
pub(super) const NONE: &str = "none";

/// What a notation takes, for messages.
pub(super) fn expected(notation: &Notation) -> &'static str {
    match notation {
        Notation::Hex => "a number such as 0x2a",
        Notation::Bytes => "bytes in hex",
        Notation::Flags { .. } => "flags such as SYN|ACK",
        Notation::Scale(_) => "a number, or `none` where the field has a number for that",
        Notation::Ipv4 => "an IPv4 address",
        Notation::Ipv6 => "an IPv6 address",
        Notation::Mac => "an address such as 02:00:5e:10:00:01",
        Notation::Uuid => "a UUID",
        Notation::Time { .. } | Notation::Ntp | Notation::Moment { .. } => {
            "a time such as 2024-05-01T12:34:56Z"
        }
        Notation::Inet { .. } => "an address and a port such as 10.0.0.1:53",
        Notation::Inet6 { .. } => "an address and a port such as [fe80::1]:53",
        Notation::Storage { .. } => "an address and a port such as 10.0.0.1:53, or bytes in hex",
    }
}

/// The number that is written so; of a time, in units of its field.
pub(super) fn number(notation: &Notation, text: &str) -> Option<i128> {
    let digits = |text: &str| match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i128::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    match *notation {
        Notation::Flags { ref flags, .. } => {
            digits(text).or_else(|| flags.read(text).ok().map(i128::from))
        }
        Notation::Scale(ref scale) => match text.trim() {
            NONE => scale.none().first().copied(),
            text => scale.raw_of_text(text),
        },
        Notation::Ipv4 => {
            let address = text.parse::<Ipv4Addr>().ok().map(|it| i128::from(it.to_bits()));
            address.or_else(|| digits(text))
        }
        Notation::Time { digits: of_unit, epoch } => digits(text).or_else(|| {
            let (seconds, units) = date(text, of_unit)?;
            let whole = i128::from(seconds).checked_sub(epoch.into())?;
            whole.checked_mul(unit(of_unit).into())?.checked_add(units.into())
        }),
        Notation::Ntp => digits(text).or_else(|| {
            let (seconds, nanos) = date(text, 9)?;
            let seconds = i128::from(seconds).checked_sub(NTP_EPOCH.into())?;
            // The least number of parts from which these nanoseconds are read.
            let parts = i128::from(nanos).checked_mul(1 << 32)?.checked_add(999_999_999)?;
            seconds.checked_mul(1 << 32)?.checked_add(parts.checked_div(1_000_000_000)?)
        }),
        _ => digits(text),
    }
}

/// Writes what is written so into the bytes of its field, which are zero.
pub(super) fn bytes(notation: &Notation, text: &str, out: &mut [u8]) -> Option<()> {
    match *notation {
        Notation::Ipv4 => put(out, 0, &text.parse::<Ipv4Addr>().ok()?.octets()),
        Notation::Ipv6 => put(out, 0, &text.parse::<Ipv6Addr>().ok()?.octets()),
        Notation::Mac => put(out, 0, &hex(&text.replace([':', '-'], ""), out.len())?),
        Notation::Uuid => put(out, 0, &hex(&text.replace('-', ""), out.len())?),
        Notation::Moment { seconds, fraction, digits } => {
            let apart = || {
                let (seconds, units) = text.split_once(' ').unwrap_or((text, "0"));
                Some((seconds.parse().ok()?, units.parse().ok()?))
            };
            let (whole, units) = apart().or_else(|| date(text, digits))?;
            integer(seconds, whole, out)?;
            integer(fraction, units, out)
        }
        Notation::Inet { family, port, address } => {
            let SocketAddr::V4(end) = text.parse().ok()? else { return None };
            integer(family, AF_INET, out)?;
            integer(port, end.port().into(), out)?;
            put(out, address as usize, &end.ip().octets())
        }
        Notation::Inet6 { family, port, address, scope } => {
            let SocketAddr::V6(end) = text.parse().ok()? else { return None };
            integer(family, AF_INET6.first().copied()?, out)?;
            integer(port, end.port().into(), out)?;
            integer(scope, end.scope_id().into(), out)?;
            put(out, address as usize, &end.ip().octets())
        }
        Notation::Storage { family } => stored(family, text, out),
        Notation::Bytes => put(out, 0, &hex(text.strip_prefix("0x").unwrap_or(text), out.len())?),
        Notation::Hex
        | Notation::Flags { .. }
        | Notation::Scale(_)
        | Notation::Ntp
        | Notation::Time { .. } => None,
    }
}

/// As Linux and Windows have either kind of address in a `sockaddr_storage`.
fn stored(family: Place, text: &str, out: &mut [u8]) -> Option<()> {
    let Ok(end) = text.parse::<SocketAddr>() else {
        return put(out, 0, &hex(text, out.len())?);
    };
    let place = |offset, len| Place { offset, len, signed: false, order: family.order };
    integer(Place { order: ByteOrder::Big, ..place(2, 2) }, end.port().into(), out)?;
    match end.ip() {
        IpAddr::V4(address) => {
            integer(family, AF_INET, out)?;
            put(out, 4, &address.octets())
        }
        IpAddr::V6(address) => {
            integer(family, AF_INET6.first().copied()?, out)?;
            put(out, 8, &address.octets())?;
            let SocketAddr::V6(end) = end else { return None };
            integer(place(24, 4), end.scope_id().into(), out)
        }
    }
}

/// Seconds since 1970, and what is left in units of so many digits.
fn date(text: &str, digits: u8) -> Option<(i64, i64)> {
    let time = text.trim().parse::<jiff::Timestamp>().ok()?;
    let whole = time.as_nanosecond().div_euclid(1_000_000_000);
    let nanos = time.as_nanosecond().rem_euclid(1_000_000_000);
    let per_unit = 1_000_000_000_i128.checked_div(unit(digits).into())?;
    let units = nanos.checked_div(per_unit)?;
    // What the field cannot hold is not left out in silence.
    let is_whole = units.checked_mul(per_unit) == Some(nanos);
    Some((i64::try_from(whole).ok()?, i64::try_from(units).ok().filter(|_| is_whole)?))
}

/// Bytes of so many hex digits.
pub(super) fn hex_len(text: &str) -> usize {
    text.strip_prefix("0x").unwrap_or(text).len() / 2
}

/// Two hex digits for each of so many bytes.
fn hex(text: &str, len: usize) -> Option<Vec<u8>> {
    let is_hex = text.bytes().all(|it| it.is_ascii_hexdigit());
    let is_whole = is_hex && text.len() == len.checked_mul(2)?;
    let pairs = is_whole.then(|| text.as_bytes().chunks_exact(2))?;
    pairs.map(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok()).collect()
}

/// An integer at its place, where it fits.
fn integer(place: Place, value: i64, out: &mut [u8]) -> Option<()> {
    let bits = u32::from(place.len).saturating_mul(8);
    let half = 1_i128.checked_shl(bits.saturating_sub(1)).unwrap_or(i128::MAX);
    let (min, max) = match (place.signed, bits) {
        (_, 64..) => (i128::from(i64::MIN), i128::from(i64::MAX)),
        (true, _) => (half.saturating_neg(), half.saturating_sub(1)),
        (false, _) => (0, half.saturating_mul(2).saturating_sub(1)),
    };
    let all = value.to_be_bytes();
    let mut bytes = all.get(all.len().checked_sub(usize::from(place.len))?..)?.to_vec();
    if place.order == ByteOrder::Little {
        bytes.reverse();
    }
    (min..=max).contains(&value.into()).then_some(())?;
    put(out, place.offset as usize, &bytes)
}

fn put(out: &mut [u8], offset: usize, bytes: &[u8]) -> Option<()> {
    let target = out.get_mut(offset..offset.checked_add(bytes.len())?)?;
    target.copy_from_slice(bytes);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Scalar, Shown};

    fn place(offset: u32, len: u8, order: ByteOrder) -> Place {
        Place { offset, len, signed: true, order }
    }

    #[test]
    fn what_is_written_for_people_is_read_back() {
        let family = place(0, 2, ByteOrder::Little);
        let port = Place { signed: false, ..place(2, 2, ByteOrder::Big) };
        let scope = Place { signed: false, ..place(24, 4, ByteOrder::Little) };
        let (seconds, fraction) = (place(0, 8, ByteOrder::Little), place(8, 8, ByteOrder::Big));
        let inet6 = Notation::Inet6 { family, port, address: 8, scope };
        for (notation, len, text) in [
            (Notation::Ipv4, 4, "10.0.0.1"),
            (Notation::Ipv6, 16, "fe80::1"),
            (Notation::Mac, 6, "02:00:5e:10:00:01"),
            (Notation::Uuid, 16, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            (Notation::Inet { family, port, address: 4 }, 16, "10.0.0.1:65535"),
            (inet6, 28, "[fe80::1%7]:53"),
            (Notation::Storage { family }, 128, "10.0.0.1:53"),
            (Notation::Storage { family }, 128, "[fe80::1%7]:53"),
            (
                Notation::Moment { seconds, fraction, digits: 9 },
                16,
                "1969-12-31T23:59:59.000000001Z",
            ),
            (Notation::Moment { seconds, fraction, digits: 6 }, 16, "5 -1"),
        ] {
            let mut out = vec![0; len];
            assert_eq!(bytes(&notation, text, &mut out), Some(()), "{text}");
            let shown = Shown::of(&notation, Scalar::Nested, &out).unwrap();
            assert_eq!(shown.to_string(), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let seconds = place(0, 4, ByteOrder::Big);
        let fraction = place(4, 4, ByteOrder::Big);
        let moment = Notation::Moment { seconds, fraction, digits: 6 };
        for (notation, len, text) in [
            (&Notation::Ipv4, 4, "10.0.0"),
            (&Notation::Ipv4, 4, "::1"),
            (&Notation::Mac, 6, "02:00:5e:10:00"),
            (&Notation::Uuid, 16, "6ba7b810"),
            (&moment, 8, "2150-01-01T00:00:00Z"),
            (&moment, 8, "2024-05-01T12:34:56.0000001Z"),
            (&moment, 8, "soon"),
        ] {
            assert_eq!(bytes(notation, text, &mut vec![0; len]), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_taken_as_written_and_by_their_digits() {
        let time = Notation::Time { digits: 3, epoch: 0 };
        for (notation, text, expected) in [
            (&Notation::Ipv4, "10.0.0.1", Some(0x0a00_0001)),
            (&Notation::Ipv4, "167772161", Some(0x0a00_0001)),
            (&Notation::Hex, "0x002a", Some(42)),
            (&Notation::Hex, "-2", Some(-2)),
            (&time, "1970-01-01T00:00:01.5Z", Some(1500)),
            (&time, "1500", Some(1500)),
            (&time, "1969-12-31T23:59:59.999Z", Some(-1)),
            (&time, "later", None),
        ] {
            assert_eq!(number(notation, text), expected, "{text}");
        }
    }
}
