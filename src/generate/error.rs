//! What keeps traffic from being generated, of whichever part of the room.

use super::mistake::MistakeError;
use super::recipe::RecipeError;

/// What keeps traffic from being generated, or from being heard. Each part has its own enum.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// What messages hold.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A mistake that a message cannot have.
    #[error(transparent)]
    Mistake(#[from] MistakeError),
}
