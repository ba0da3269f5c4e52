//! What keeps a comparison from beginning.

use crate::decode::codec::CodecError;
use crate::message::UnknownField;
use crate::profile::ProfileLine;

/// What answers must be is not understood, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// A protocol that no codec can read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A field is to be ignored that no message has.
    #[error("--ignore: {0}")]
    IgnoredField(UnknownField),
    /// A profile has a field ignored that no message has.
    #[error("{place}: {source}")]
    IgnoredByProfile {
        /// Where it does.
        place: Box<ProfileLine>,
        /// What it names.
        source: UnknownField,
    },
    /// A place among bytes is to be ignored that is none.
    #[error("--ignore {0}: write bytes:OFFSET..OFFSET, as bytes:4..8")]
    IgnoredPlace(String),
    /// A pattern that is no regular expression.
    #[error("--ignore-pattern: {0}")]
    Pattern(#[from] regex::Error),
}
