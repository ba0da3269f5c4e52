//! Records that people know by name: addresses of sockets and links, and times.
//!
//! A record is one of them where its tag or typedef is theirs and its members are: a `struct timeval` of
//! somebody else's with other members is what it says. The byte order of an address and of a port is that
//! of the network whatever the message has, that of a family the machine's.

use super::super::byte_order::ByteOrder;
use super::layout::{Field, Layout, Role, Shape};
use super::notation::{Notation, Place};
use super::resolved::{Part, PartKind};

/// A record that is written as one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Ipv4,
    Ipv6,
    Mac,
    Inet,
    Inet6,
    Storage,
    /// Digits of a second that its smaller part has.
    Time(u8),
}

impl Known {
    /// What a record is by its name and its members.
    pub fn of(layout: &Layout) -> Option<Self> {
        let known = match layout.name.as_str() {
            "in_addr" if layout.size == 4 => Self::Ipv4,
            "in6_addr" if layout.size == 16 => Self::Ipv6,
            "ether_addr" if layout.size == 6 => Self::Mac,
            "sockaddr_in" => Self::Inet,
            "sockaddr_in6" => Self::Inet6,
            "sockaddr_storage" | "__kernel_sockaddr_storage" if layout.size >= 28 => Self::Storage,
            "timeval"
            | "__kernel_old_timeval"
            | "__kernel_sock_timeval"
            | "old_timeval32"
            | "__timeval64"
            | "timeval32" => Self::Time(6),
            "timespec"
            | "__kernel_timespec"
            | "__kernel_old_timespec"
            | "old_timespec32"
            | "timespec64"
            | "__timespec64"
            | "timespec32" => Self::Time(9),
            _ => return None,
        };
        let has = |(name, lens): &(&str, &[u64])| {
            let mut named = layout.fields.iter().filter(|it| it.name.as_deref() == Some(name));
            named.next().is_some_and(|it| lens.contains(&it.shape.size()) && is_whole(it))
        };
        known.members().iter().all(has).then_some(known)
    }

    /// The members that it is written by, with the sizes that they may have, bytes.
    fn members(self) -> &'static [(&'static str, &'static [u64])] {
        match self {
            Self::Ipv4 | Self::Ipv6 | Self::Mac => &[],
            Self::Inet => &[("sin_family", &[1, 2]), ("sin_port", &[2]), ("sin_addr", &[4])],
            Self::Inet6 => &[
                ("sin6_family", &[1, 2]),
                ("sin6_port", &[2]),
                ("sin6_addr", &[16]),
                ("sin6_scope_id", &[4]),
            ],
            Self::Storage => &[("ss_family", &[1, 2])],
            Self::Time(6) => &[("tv_sec", &[4, 8]), ("tv_usec", &[4, 8])],
            Self::Time(_) => &[("tv_sec", &[4, 8]), ("tv_nsec", &[4, 8])],
        }
    }

    /// The byte order of a member that does not follow the message's.
    pub fn order(self, member: Option<&str>, host: ByteOrder) -> Option<ByteOrder> {
        match (self, member) {
            (Self::Ipv4 | Self::Ipv6, _) => Some(ByteOrder::Big),
            (
                Self::Inet | Self::Inet6,
                Some("sin_port" | "sin6_port" | "sin_addr" | "sin6_addr" | "sin6_flowinfo"),
            ) => Some(ByteOrder::Big),
            (Self::Inet | Self::Inet6 | Self::Storage, _) => Some(host),
            (Self::Mac | Self::Time(_), _) => None,
        }
    }

    /// How it is written, given its parts.
    pub fn notation(self, record: &Part, members: &[&Part]) -> Option<Notation> {
        let find = |name: &str| members.iter().find(|it| it.name.as_deref() == Some(name));
        let place = |name: &str| place(record, find(name)?);
        let offset = |name: &str| from(record, find(name)?);
        Some(match self {
            Self::Ipv4 => Notation::Ipv4,
            Self::Ipv6 => Notation::Ipv6,
            Self::Mac => Notation::Mac,
            Self::Inet => Notation::Inet {
                family: place("sin_family")?,
                port: place("sin_port")?,
                address: offset("sin_addr")?,
            },
            Self::Inet6 => Notation::Inet6 {
                family: place("sin6_family")?,
                port: place("sin6_port")?,
                address: offset("sin6_addr")?,
                scope: place("sin6_scope_id")?,
            },
            Self::Storage => Notation::Storage { family: place("ss_family")? },
            Self::Time(digits) => Notation::Moment {
                seconds: place("tv_sec")?,
                fraction: place(if digits == 6 { "tv_usec" } else { "tv_nsec" })?,
                digits,
            },
        })
    }
}

/// An integer, an array or a record, and no bit-field.
fn is_whole(field: &Field) -> bool {
    let is_number =
        !matches!(field.shape, Shape::Integer { role: Role::Pointer, .. } | Shape::Float { .. });
    field.bits.is_none() && is_number
}

fn place(record: &Part, part: &Part) -> Option<Place> {
    let PartKind::Integer { signed, order, .. } = part.kind else { return None };
    let offset = from(record, part)?;
    Some(Place { offset, len: u8::try_from(part.len).ok()?, signed, order })
}

fn from(record: &Part, part: &Part) -> Option<u32> {
    u32::try_from(part.offset.checked_sub(record.offset)?).ok()
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
