//! `as` of a field: what an array of bytes is, where C can only say that it is bytes.

use crate::schema::WholeBytes;

/// What an array of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsName {
    /// An unsigned integer of 3 bytes.
    U24,
    /// Of 5 bytes.
    U40,
    /// Of 6 bytes.
    U48,
    /// Of 7 bytes.
    U56,
    /// A signed integer of 3 bytes.
    I24,
    /// Of 5 bytes.
    I40,
    /// Of 6 bytes.
    I48,
    /// Of 7 bytes.
    I56,
}

impl AsName {
    /// As a profile has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::U24 => "u24",
            Self::U40 => "u40",
            Self::U48 => "u48",
            Self::U56 => "u56",
            Self::I24 => "i24",
            Self::I40 => "i40",
            Self::I48 => "i48",
            Self::I56 => "i56",
        }
    }

    /// What it goes with.
    pub(super) fn goes_with(self) -> &'static str {
        match self {
            Self::U24 | Self::I24 => "an array of 3 bytes",
            Self::U40 | Self::I40 => "an array of 5 bytes",
            Self::U48 | Self::I48 => "an array of 6 bytes",
            Self::U56 | Self::I56 => "an array of 7 bytes",
        }
    }

    /// The integer that it is.
    pub(super) fn integer(self) -> Option<WholeBytes> {
        let (len, signed) = match self {
            Self::U24 => (3, false),
            Self::U40 => (5, false),
            Self::U48 => (6, false),
            Self::U56 => (7, false),
            Self::I24 => (3, true),
            Self::I40 => (5, true),
            Self::I48 => (6, true),
            Self::I56 => (7, true),
        };
        Some(WholeBytes { len, signed })
    }
}
