//! Display filters in Wireshark's syntax (wireshark-filter(4), version 4.0), over the fields of
//! [`FieldRef`]: `udp.port == 1989 && msg_st.math > 60`.
//!
//! A field may have several values. `==`, `<` and the like hold where any value does; `!=` holds
//! where there are values and none is equal; `===` and `!==` are all-equal and any-different. A
//! field or a protocol alone asks whether it is there.
//!
//! A filter is parsed into a tree with positions (`grammar`), and compiled against the fields that
//! can occur (`compile`, `literal`): what can be said to be wrong is said then. Matching allocates
//! nothing, but for what the regular expressions keep.

mod compile;
mod error;
mod evaluate;
mod grammar;
mod literal;
mod pattern;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use memchr::memmem::Finder;

use super::captured::Captured;
use super::name::{FieldRef, IpVersion, Known, Owner};
use crate::packet::Transport;

use self::pattern::Pattern;

pub use self::error::FilterError;

/// Levels of parentheses and negations within one another.
pub const MAX_DEPTH: usize = 64;

/// A filter, ready to be asked.
#[derive(Clone, Debug)]
pub struct Filter {
    /// `None` lets everything pass.
    test: Option<Test>,
}

#[derive(Clone, Debug)]
enum Test {
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
enum Presence {
    Transport(Transport),
    Ip(IpVersion),
    Message(Owner),
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
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
enum Element {
    One(Vec<Comparand>),
    Range(Vec<Comparand>, Vec<Comparand>),
}

/// What values are compared with.
#[derive(Clone, Debug, PartialEq)]
enum Comparand {
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

impl Filter {
    /// Parses a filter over the fields of the messages that can occur. An empty one lets
    /// everything pass.
    ///
    /// # Errors
    ///
    /// What is no filter, with the place of it; a field that no message has; a value that the
    /// field can never have.
    pub fn parse(text: &str, known: &[Known<'_>]) -> Result<Self, FilterError> {
        let tree = grammar::parse(text)?;
        let test = tree.map(|tree| compile::Compiler { text, known }.test(&tree)).transpose()?;
        Ok(Self { test })
    }

    /// Whether a message passes.
    pub fn matches(&self, captured: &Captured<'_>) -> bool {
        self.test.as_ref().is_none_or(|test| test.holds(captured))
    }
}
