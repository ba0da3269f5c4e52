//! What messages hold: values by field, as a user writes them and as a file says them.
//!
//! A [`Recipe`] is what a file says (`docs/generating.md` is the reference), a [`ValueRecipe`] what one
//! field holds. A [`Maker`] brings them together with the layouts, and refuses what does not fit before
//! anything is sent; then it writes one message after the other, with one seed always the same.
//!
//! ```
//! use wirereel::capture::Timestamp;
//! use wirereel::generate::recipe::{Maker, Recipe};
//! use wirereel::profile::{Options, Protocols};
//!
//! let text = "[[message]]\nname = \"dgram-basic\"\nfields = { name = \"Alan\", math = \"counter(83)\" }\n";
//! let recipe = Recipe::parse("recipe.toml".as_ref(), text)?;
//! let protocols = Protocols::load(&Options::default())?;
//! let mut maker = Maker::new(&protocols, &recipe, 1)?;
//! let mut bytes = Vec::new();
//! maker.next(Timestamp(0), &mut bytes)?;
//! maker.next(Timestamp(0), &mut bytes)?;
//! assert_eq!(bytes[..19], *b"Alan\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\0");
//! assert_eq!(bytes[33], 84);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod encoder;

mod draw;
mod entry;
mod error;
mod file;
mod functions;
mod gap;
mod grammar;
mod literal;
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
