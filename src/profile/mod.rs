//! Which traffic is which message, and what C cannot say.
//!
//! The only room that names `toml`.

mod error;
mod file;
mod rule;

pub use error::ProfileError;
pub use file::{CheckOptions, FieldRules, OrderName, Place, ProfileFile, ReplayOptions, TimeUnit};
pub use rule::{End, Rule, RuleError, Target, Transport};
