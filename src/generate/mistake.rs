//! Deliberate mistakes, by their names.

use std::fmt;
use std::str::FromStr;

use crate::schema::nearest;

/// A mistake that is made on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mistake {
    /// What kind it is.
    pub kind: MistakeKind,
    /// The path of the field that it is made of; `None`: of all that have it.
    pub field: Option<String>,
}

/// A mistake that senders make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MistakeKind {
    /// Numbers in the other order: `htonl` was forgotten, or done once too often.
    ByteOrder,
    /// The struct is not packed; where the header does not pack it, it is.
    Padding,
    /// A text tail is sent without its NUL.
    Terminator,
    /// The struct is that of another data model, in which a type has another width.
    TypeWidth,
    /// A message ends within a field.
    Length,
    /// The struct was not cleared before it was filled.
    Uninitialised,
}

/// A mistake that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MistakeError {
    /// No such kind.
    #[error("no mistake `{name}`{}", .nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean `{it}`?")))]
    UnknownKind {
        /// As it was written.
        name: String,
        /// What may be meant.
        nearest: Option<String>,
    },
}

impl MistakeKind {
    /// Each, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::ByteOrder,
        Self::Padding,
        Self::Terminator,
        Self::TypeWidth,
        Self::Length,
        Self::Uninitialised,
    ];

    /// Its name on the command line: that of the finding that `check` has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByteOrder => "byte-order",
            Self::Padding => "padding",
            Self::Terminator => "terminator",
            Self::TypeWidth => "type-width",
            Self::Length => "length",
            Self::Uninitialised => "uninitialised",
        }
    }
}

impl FromStr for Mistake {
    type Err = MistakeError;

    fn from_str(text: &str) -> Result<Self, MistakeError> {
        let (name, field) = match text.split_once('=') {
            Some((name, field)) => (name, Some(field.to_owned())),
            None => (text, None),
        };
        let known = MistakeKind::ALL.into_iter().find(|it| it.as_str() == name);
        let kind = known.ok_or_else(|| MistakeError::UnknownKind {
            name: name.to_owned(),
            nearest: nearest(name, MistakeKind::ALL.map(MistakeKind::as_str)),
        })?;
        Ok(Self { kind, field })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        self.field.as_ref().map_or(Ok(()), |field| write!(f, "={field}"))
    }
}
