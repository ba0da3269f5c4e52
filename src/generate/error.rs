//! What keeps traffic from being generated.

use super::mistake::MistakeError;
use crate::decode::codec::EncodeError;

/// Why nothing is generated. Each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A mistake that the message cannot have.
    #[error(transparent)]
    Mistake(#[from] MistakeError),
    /// A value that does not go into its field.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
