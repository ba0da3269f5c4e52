//! Whether a message passes.

use std::cmp::Ordering;
use std::net::IpAddr;

use memchr::memmem::Finder;

use super::super::captured::Captured;
use super::super::field_ref::FieldRef;
use super::super::field_value::FieldValue;
use super::super::property::IpVersion;
use super::super::shown::Shown;
use super::condition::{Comparand, Element, Presence, Relation, Test};
use crate::schema::Flags;

impl Test {
    pub fn holds(&self, captured: &Captured<'_>) -> bool {
        match self {
            Self::Any(tests) => tests.iter().any(|it| it.holds(captured)),
            Self::All(tests) => tests.iter().all(|it| it.holds(captured)),
            Self::Either(a, b) => a.holds(captured) != b.holds(captured),
            Self::Not(test) => !test.holds(captured),
            Self::Exists(field) => is_there(field, captured),
            Self::Present(presence) => presence.holds(captured),
            Self::Compare(field, relation, with) => relation.holds(field, captured, with),
            Self::Contains(field, finder) => {
                field.values(captured).any(|value| contains(&value, finder))
            }
            Self::Matches(field, regex) => field
                .values(captured)
                .any(|value| bytes(&value).is_some_and(|it| regex.is_match(it))),
            Self::In(field, elements) => field
                .values(captured)
                .any(|value| elements.iter().any(|element| element.has(&value))),
        }
    }
}

/// Flags contain others where all bits of these are set.
fn contains(value: &FieldValue<'_>, finder: &Finder<'_>) -> bool {
    match value {
        FieldValue::Shown { shown: Shown::Flags(flags, bits), .. } => {
            bits_of(flags, finder.needle()).is_some_and(|wanted| bits & wanted == wanted)
        }
        value => bytes(value).is_some_and(|it| finder.find(it).is_some()),
    }
}

fn bits_of(flags: &Flags, text: &[u8]) -> Option<u64> {
    flags.read(std::str::from_utf8(text).ok()?).ok()
}

/// A group or a list is there even when it holds nothing.
fn is_there(field: &FieldRef, captured: &Captured<'_>) -> bool {
    field.values(captured).next().is_some() || field.is_nested_in(captured)
}

impl FieldRef {
    fn is_nested_in(&self, captured: &Captured<'_>) -> bool {
        let Self::Field { owner, path } = self else { return false };
        let message = &captured.message;
        owner.has(message.protocol, message.name)
            && message.items.iter().any(|it| message.node(it).is_some_and(|it| it.path == *path))
    }
}

impl Presence {
    fn holds(&self, captured: &Captured<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::Transport(transport) => captured.transport == *transport,
            Self::Ip(version) => {
                captured.src.ip().is_some_and(|it| it.is_ipv4() == (*version == IpVersion::V4))
            }
            Self::Message(owner) => owner.has(captured.message.protocol, captured.message.name),
        }
    }
}

impl Relation {
    fn holds(self, field: &FieldRef, captured: &Captured<'_>, with: &[Comparand]) -> bool {
        let mut values = field.values(captured).map(|value| order(&value, with));
        let is_equal = |it: Option<Ordering>| it == Some(Ordering::Equal);
        match self {
            Self::AnyEqual => values.any(is_equal),
            Self::AnyDifferent => values.any(|it| !is_equal(it)),
            Self::AllEqual => all(values, is_equal),
            Self::AllDifferent => all(values, |it| !is_equal(it)),
            Self::Less => values.any(|it| it.is_some_and(Ordering::is_lt)),
            Self::LessOrEqual => values.any(|it| it.is_some_and(Ordering::is_le)),
            Self::Greater => values.any(|it| it.is_some_and(Ordering::is_gt)),
            Self::GreaterOrEqual => values.any(|it| it.is_some_and(Ordering::is_ge)),
        }
    }
}

/// Whether there are any, and all are so.
fn all<T>(mut values: impl Iterator<Item = T>, is_so: impl Fn(T) -> bool) -> bool {
    values.next().is_some_and(&is_so) && values.all(is_so)
}

impl Element {
    fn has(&self, value: &FieldValue<'_>) -> bool {
        match self {
            Self::One(with) => order(value, with) == Some(Ordering::Equal),
            Self::Range(from, to) => {
                order(value, from).is_some_and(Ordering::is_ge)
                    && order(value, to).is_some_and(Ordering::is_le)
            }
        }
    }
}

/// How a value stands to the first of these that it can be compared with.
fn order(value: &FieldValue<'_>, with: &[Comparand]) -> Option<Ordering> {
    with.iter().find_map(|it| compare(value, it))
}

fn compare(value: &FieldValue<'_>, with: &Comparand) -> Option<Ordering> {
    match (value, with) {
        (FieldValue::Address(ip), Comparand::Prefix { address, len }) => {
            within(*ip, *address, *len)
        }
        (FieldValue::Shown { shown, .. }, Comparand::Prefix { address, len }) => match shown {
            Shown::Address(ip) => within(*ip, *address, *len),
            Shown::Socket(end) => within(end.ip(), *address, *len),
            _ => None,
        },
        (FieldValue::Shown { shown: Shown::Time(moment), .. }, Comparand::Time(nanos)) => {
            Some(moment.nanos().cmp(&i128::from(*nanos)))
        }
        (FieldValue::Time(time) | FieldValue::Epoch(time), Comparand::Time(nanos)) => {
            Some(time.0.cmp(nanos))
        }
        (value, Comparand::Integer(number)) => match value {
            FieldValue::Float(float) => in_float(*float, *number),
            FieldValue::Single(float) => in_float(f64::from(*float), *number),
            value => Some(integer(value)?.cmp(number)),
        },
        (FieldValue::Float(float), Comparand::Float(number)) => float.partial_cmp(number),
        (FieldValue::Single(float), Comparand::Float(number)) => {
            #[expect(clippy::cast_possible_truncation, reason = "as precise as the value")]
            let number = *number as f32;
            float.partial_cmp(&number)
        }
        (value, Comparand::Float(number)) => {
            in_float(*number, integer(value)?).map(Ordering::reverse)
        }
        (FieldValue::Shown { shown, .. }, Comparand::Bytes(with)) => match shown {
            Shown::Mac(bytes) => Some(bytes.as_slice().cmp(with)),
            Shown::Bytes(bytes) => Some((*bytes).cmp(with)),
            Shown::Uuid(bytes) => Some(bytes.as_slice().cmp(with)),
            Shown::Flags(flags, bits) => Some(bits.cmp(&bits_of(flags, with)?)),
            _ => None,
        },
        (value, Comparand::Bytes(text)) => Some(bytes(value)?.cmp(text.as_slice())),
        _ => None,
    }
}

/// How a float stands to an integer of at most 65 bits.
#[expect(clippy::cast_precision_loss, reason = "a float that large is a whole number too")]
fn in_float(float: f64, number: i128) -> Option<Ordering> {
    float.partial_cmp(&(number as f64))
}

fn integer(value: &FieldValue<'_>) -> Option<i128> {
    match value {
        FieldValue::Unsigned(number) | FieldValue::Hex { number, .. } => Some(i128::from(*number)),
        FieldValue::Signed(number) => Some(i128::from(*number)),
        FieldValue::Name { number, .. } => Some(*number),
        FieldValue::Shown { number, .. } => *number,
        _ => None,
    }
}

fn bytes<'a>(value: &FieldValue<'a>) -> Option<&'a [u8]> {
    match value {
        FieldValue::Text(text) => Some(text.as_bytes()),
        FieldValue::Name { name, .. } => Some(name.as_bytes()),
        FieldValue::Bytes(bytes) | FieldValue::NotText(bytes) => Some(bytes),
        FieldValue::Hardware(address) => Some(*address),
        FieldValue::Shown { shown: Shown::Bytes(bytes), .. } => Some(bytes),
        FieldValue::Error(error) => Some(error.kind.as_str().as_bytes()),
        _ => None,
    }
}

/// How an address stands to a prefix of its version.
fn within(ip: IpAddr, address: IpAddr, len: u32) -> Option<Ordering> {
    let order = masked(ip, len).cmp(&masked(address, len));
    (ip.is_ipv4() == address.is_ipv4()).then_some(order)
}

/// The first `len` bits of an address.
fn masked(address: IpAddr, len: u32) -> u128 {
    let (bits, size) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32_u32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    bits.checked_shr(size.saturating_sub(len)).unwrap_or(0)
}
