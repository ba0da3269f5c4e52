//! The kinds of mistakes, by their names.

use std::fmt;
use std::str::FromStr;

use super::error::MistakeError;
use crate::schema::nearest;

/// A mistake that senders make. In the order in which several of a message are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MistakeKind {
    /// The struct is not packed; where the header does not pack it, it is.
    Padding,
    /// The struct is that of another data model, in which a type has another width.
    TypeWidth,
    /// Numbers in the other order: `htonl` was forgotten, or done once too often.
    ByteOrder,
    /// A buffer is sent where a message of its own length should be.
    Trailing,
    /// A text tail is sent without its NUL.
    Terminator,
    /// A message ends within a field.
    Length,
    /// The struct was not cleared before it was filled.
    Uninitialised,
    /// The sender is a member of the group that it sends to.
    GroupJoin,
}

impl MistakeKind {
    /// Each, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::ByteOrder,
        Self::Padding,
        Self::Terminator,
        Self::TypeWidth,
        Self::Length,
        Self::Uninitialised,
        Self::Trailing,
        Self::GroupJoin,
    ];

    /// Its name on the command line: that of the finding that `check` has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Padding => "padding",
            Self::TypeWidth => "type-width",
            Self::ByteOrder => "byte-order",
            Self::Trailing => "trailing",
            Self::Terminator => "terminator",
            Self::Length => "length",
            Self::Uninitialised => "uninitialised",
            Self::GroupJoin => "group-join",
        }
    }

    /// Whether it may be of one field.
    pub const fn takes_field(self) -> bool {
        match self {
            Self::Padding | Self::GroupJoin => false,
            Self::TypeWidth
            | Self::ByteOrder
            | Self::Trailing
            | Self::Terminator
            | Self::Length
            | Self::Uninitialised => true,
        }
    }

    /// Whether it decides how long the message is. Of these one message has one.
    pub(super) const fn decides_len(self) -> bool {
        match self {
            Self::Padding | Self::TypeWidth | Self::Trailing | Self::Terminator | Self::Length => {
                true
            }
            Self::ByteOrder | Self::Uninitialised | Self::GroupJoin => false,
        }
    }
}

impl FromStr for MistakeKind {
    type Err = MistakeError;

    fn from_str(name: &str) -> Result<Self, MistakeError> {
        let known = Self::ALL.into_iter().find(|it| it.as_str() == name);
        known.ok_or_else(|| MistakeError::UnknownKind {
            name: name.to_owned(),
            nearest: nearest(name, Self::ALL.map(Self::as_str)),
        })
    }
}

impl fmt::Display for MistakeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
