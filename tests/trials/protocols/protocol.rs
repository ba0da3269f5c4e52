//! A protocol: who speaks it, and what tshark calls the fields that its header declares.

use std::path::{Path, PathBuf};

use crate::hosts::namespaces::Hosts;

/// A protocol that programs of Debian speak.
pub struct Protocol {
    /// Its folder among the fixtures.
    pub name: &'static str,
    /// Without one of them it cannot be recorded.
    pub programs: &'static [&'static str],
    /// Has them talk: two hosts, and a folder for what they write.
    pub talk: fn(&Hosts, &Path),
    /// Which datagrams are its messages, as a filter of tshark.
    pub filter: &'static str,
    pub rows: &'static [Row],
    /// Fields that tshark has no name for.
    pub nameless: &'static [&'static str],
}

/// A field here, a field there, and how the two are compared. `a|b` is either of them.
pub struct Row {
    /// A path within `fields`; a step into a list is one into each of its elements.
    pub ours: &'static str,
    /// `a+b`: the bytes of both, one behind the other.
    pub theirs: &'static str,
    pub by: By,
}

/// How a field is compared with tshark's.
#[derive(Clone, Copy)]
pub enum By {
    /// The same number, text or bytes.
    Same,
    /// A number of two's complement, where tshark shows none.
    Signed,
    /// Some bits of it, of which tshark makes a field.
    Bits { shift: u32, mask: u64 },
    /// 16.16 fixed point, shown as seconds.
    Fixed,
    /// Milliseconds, shown as seconds.
    Millis,
    /// `l_fp`, shown as a date.
    NtpTime,
    /// `seconds_msb` and `seconds_lsb`, shown as one number.
    Seconds48,
    /// All that follows so many bytes of the datagram, which tshark takes apart in its own way.
    Rest(usize),
}

impl Protocol {
    /// Where its header, profile and capture lie.
    pub fn folder(&self) -> PathBuf {
        super::fixture(self.name)
    }
}

/// The same on both sides.
pub const fn same(ours: &'static str, theirs: &'static str) -> Row {
    row(ours, theirs, By::Same)
}

pub const fn row(ours: &'static str, theirs: &'static str, by: By) -> Row {
    Row { ours, theirs, by }
}

/// The high or low bits of a byte.
pub const fn bits(ours: &'static str, theirs: &'static str, shift: u32, mask: u64) -> Row {
    row(ours, theirs, By::Bits { shift, mask })
}
