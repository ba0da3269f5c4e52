//! What messages hold: values by field, as a user writes them and as a file says them.
//!
//! A [`Recipe`] is what a file says (`docs/generating.md` is the reference), a [`ValueRecipe`] what one
//! field holds. A [`Maker`] brings them together with the layouts, refuses what does not fit before anything is
//! sent, and then writes one message after the other: with one seed, always the same.

pub mod encoder;

mod draw;
mod error;
mod file;
mod functions;
mod gap;
mod grammar;
mod maker;
mod message;
mod named;
mod path;
mod places;
mod printing;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod recipe;
#[cfg(test)]
mod stage;
mod stamp;
mod tag;
mod tree;
mod trial;
mod value;

pub use error::{RecipeError, Set, UnfitValue};
pub use gap::GapRecipe;
pub use maker::{Made, Maker};
pub use named::Named;
pub use path::FieldPath;
pub use recipe::{MessageRecipe, Order, Recipe, SenderRecipe, setting};
pub use value::{MAX_LEN, ValueRecipe};
