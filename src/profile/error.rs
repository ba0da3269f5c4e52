//! What can be wrong with headers, rules and profiles, as the user named them.

use std::{io, path::PathBuf};

use super::{Place, RuleError};

/// Why no protocols could be set up.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A `-d` rule that does not parse.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A profile that cannot be read.
    #[error("cannot read profile {}: {source}", path.display())]
    Read {
        /// The profile.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A profile that is no TOML, or has what a profile does not have.
    #[error("{place}: {text}")]
    Toml {
        /// Where.
        place: Place,
        /// What is wrong, one line.
        text: String,
    },
}
