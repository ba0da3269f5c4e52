//! How the bytes of a part are written for people: as an address, a time, in hex.
//!
//! What a profile can ask for is [`Show`]; what a part is written as, with the places of what is in it,
//! [`Notation`]. Both say how bytes are read, never what they are: checks and comparisons go by the numbers.

use std::sync::Arc;

use super::super::byte_order::ByteOrder;
use super::flags::Flags;
use super::scale::Scale;

/// `show` of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Show {
    /// As C declares it, whatever its type is known as; of a group, all in it.
    Raw,
    /// A number by its digits, also where an enum has names.
    Dec,
    /// A number by its hexadecimal digits; bytes, text as bytes, and all bytes of a record.
    Hex,
    /// Four bytes as an IPv4 address.
    Ipv4,
    /// Sixteen bytes as an IPv6 address.
    Ipv6,
    /// Six bytes as an address of a link.
    Mac,
    /// Sixteen bytes as a UUID.
    Uuid,
    /// A number as a date.
    Time,
}

impl Show {
    /// Each, with the name that a profile has for it and what it goes with.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Raw, "raw", "any field"),
        (Self::Dec, "dec", "an integer"),
        (Self::Hex, "hex", "an integer, bytes, or a struct or union"),
        (Self::Ipv4, "ipv4", "four bytes, or an integer of four"),
        (Self::Ipv6, "ipv6", "sixteen bytes"),
        (Self::Mac, "mac", "six bytes"),
        (Self::Uuid, "uuid", "sixteen bytes"),
        (Self::Time, "time", "an integer of four or eight bytes"),
    ];

    /// By the name that a profile has.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|it| it.1 == name).map(|it| it.0)
    }

    /// Bytes that it takes, where it takes as many.
    pub(super) fn len(self) -> Option<u64> {
        match self {
            Self::Ipv4 => Some(4),
            Self::Mac => Some(6),
            Self::Ipv6 | Self::Uuid => Some(16),
            Self::Raw | Self::Dec | Self::Hex | Self::Time => None,
        }
    }
}

/// How the bytes of a part are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notation {
    /// A number in hex, with all the digits of its bytes.
    Hex,
    /// A record by its bytes in hex.
    Bytes,
    /// `SYN|ACK`: the bits of a number by name.
    Flags {
        /// Their names.
        flags: Arc<Flags>,
        /// How many bits the number has.
        width: u32,
    },
    /// `23.5 °C`: a number of some unit.
    Scale(Arc<Scale>),
    /// `10.0.0.1`: four bytes, or a number of four.
    Ipv4,
    /// `fe80::1`, as RFC 5952 has it.
    Ipv6,
    /// `02:00:5e:10:00:01`.
    Mac,
    /// `6ba7b810-9dad-11d1-80b4-00c04fd430c8`.
    Uuid,
    /// A number of such units since some day.
    Time {
        /// Digits of a second behind the point that a unit is.
        digits: u8,
        /// When that day begins, seconds since 1970.
        epoch: i64,
    },
    /// Seconds since 1900 in the upper half of a number, and parts of a second, of which there are 2^32, in
    /// the lower (RFC 5905 section 6).
    Ntp,
    /// Seconds since 1970 and parts of a second.
    Moment {
        /// The whole seconds.
        seconds: Place,
        /// What is added to them.
        fraction: Place,
        /// Digits of a second behind the point that a unit of `fraction` is.
        digits: u8,
    },
    /// `10.0.0.1:53`: family, port and address of `sockaddr_in`.
    Inet {
        /// The family.
        family: Place,
        /// The port.
        port: Place,
        /// The first byte of the address, from that of the part.
        address: u32,
    },
    /// `[fe80::1%2]:53`: those of `sockaddr_in6`.
    Inet6 {
        /// The family.
        family: Place,
        /// The port.
        port: Place,
        /// The first byte of the address, from that of the part.
        address: u32,
        /// The interface.
        scope: Place,
    },
    /// Either of them, as the family says.
    Storage {
        /// The family.
        family: Place,
    },
}

/// Where an integer lies in a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the first byte of the part.
    pub offset: u32,
    /// Bytes: 1, 2, 4 or 8.
    pub len: u8,
    /// Has negative values.
    pub signed: bool,
    /// Which byte comes first.
    pub order: ByteOrder,
}

impl Notation {
    /// What it is called: as in a profile, where that has a name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hex | Self::Bytes => "hex",
            Self::Flags { .. } => "flags",
            Self::Scale(_) => "scale",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Mac => "mac",
            Self::Uuid => "uuid",
            Self::Time { .. } | Self::Ntp | Self::Moment { .. } => "time",
            Self::Inet { .. } | Self::Inet6 { .. } | Self::Storage { .. } => "socket",
        }
    }

    /// The members that it is made of.
    pub(super) fn places(&mut self) -> impl Iterator<Item = &mut Place> {
        let places = match self {
            Self::Moment { seconds, fraction, .. } => [Some(seconds), Some(fraction), None],
            Self::Inet { family, port, .. } => [Some(family), Some(port), None],
            Self::Inet6 { family, port, scope, .. } => [Some(family), Some(port), Some(scope)],
            Self::Storage { family } => [Some(family), None, None],
            Self::Hex
            | Self::Bytes
            | Self::Flags { .. }
            | Self::Scale(_)
            | Self::Ipv4
            | Self::Ipv6
            | Self::Mac
            | Self::Uuid
            | Self::Ntp
            | Self::Time { .. } => [None, None, None],
        };
        places.into_iter().flatten()
    }
}
