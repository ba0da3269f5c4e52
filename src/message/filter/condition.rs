//! What a filter asks, ready to be answered: the tree that `compile` makes and `evaluate` walks.

use std::net::IpAddr;

use memchr::memmem::Finder;

use super::super::field_ref::{FieldRef, Owner};
use super::super::property::IpVersion;
use super::pattern::Pattern;
use crate::packet::Transport;

#[derive(Clone, Debug)]
pub(super) enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Either(Box<Test>, Box<Test>),
    Not(Box<Test>),
    Exists(FieldRef),
    Present(Presence),
    Compare(FieldRef, Relation, Vec<Comparand>),
    Contains(FieldRef, Box<Finder<'static>>),
    Matches(FieldRef, Pattern),
    In(FieldRef, Vec<Element>),
}

/// What may be there without being a field.
#[derive(Clone, Debug)]
pub(super) enum Presence {
    Transport(Transport),
    Ip(IpVersion),
    Message(Owner),
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    AnyEqual,
    AllDifferent,
    AllEqual,
    AnyDifferent,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An element of `{…}`: the values that a literal may mean, or a range of them.
#[derive(Clone, Debug)]
pub(super) enum Element {
    One(Vec<Comparand>),
    Range(Vec<Comparand>, Vec<Comparand>),
}

/// What values are compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Comparand {
    Integer(i128),
    Float(f64),
    Bytes(Vec<u8>),
    Prefix {
        address: IpAddr,
        len: u32,
    },
    /// Nanoseconds since 1970.
    Time(i64),
}
