//! One value of a field, as it is printed and compared.

use std::net::IpAddr;

use super::error::DecodeError;
use super::shown::Shown;
use crate::capture::Timestamp;
use crate::packet::Endpoint;

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
    /// A floating-point number that had four bytes.
    Single(f32),
    /// A number that an enum names.
    Name {
        /// The name.
        name: &'a str,
        /// The number.
        number: i128,
    },
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// What is written for people.
    Shown {
        /// The value.
        shown: Shown<'a>,
        /// Its number, where it is one.
        number: Option<i128>,
    },
    /// The bytes of text that is not UTF-8.
    NotText(&'a [u8]),
    /// A number that is written in hex, with at least so many digits.
    Hex {
        /// The number.
        number: u64,
        /// Digits.
        digits: usize,
    },
    /// An address of IEEE 802.
    Hardware(&'a [u8; 6]),
    /// An address.
    Address(IpAddr),
    /// An end of the conversation.
    Endpoint(Endpoint),
    /// A time, as a date.
    Time(Timestamp),
    /// A time, as seconds since 1970.
    Epoch(Timestamp),
    /// What went wrong.
    Error(DecodeError<'a>),
}
