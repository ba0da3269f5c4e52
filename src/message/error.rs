//! What went wrong in a message, and at which byte.

use std::fmt;

/// The first error of a message. Decoding goes on as far as the bytes can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError<'a> {
    /// From the start of the message, bytes.
    pub offset: usize,
    /// The field, or the part of the grammar, that could not be read.
    pub context: &'a str,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// Why a field could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The message ends before the field does.
    Short,
    /// The capture kept only the first bytes of the frame (its snap length).
    Snapped,
    /// No case of the profile has this value of the discriminating field.
    UnknownCase,
    /// Not what the grammar allows there.
    Malformed,
    /// More than the decoder reads of one message: a bound is met, and nothing need be wrong.
    Limit,
}

impl ErrorKind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Snapped => "snapped",
            Self::UnknownCase => "unknown-case",
            Self::Malformed => "malformed",
            Self::Limit => "limit",
        }
    }
}

impl fmt::Display for DecodeError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Short => "the message ends within",
            ErrorKind::Snapped => "the capture was cut by its snap length within",
            ErrorKind::UnknownCase => "no case for the value of",
            ErrorKind::Malformed => "malformed",
            ErrorKind::Limit => "more than is read of",
        };
        write!(f, "{what} {} at offset {}", self.context, self.offset)
    }
}
