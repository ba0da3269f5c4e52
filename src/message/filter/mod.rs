//! Display filters in Wireshark's syntax (wireshark-filter(4), version 4.0), over the fields of
//! [`FieldRef`](super::FieldRef): `udp.port == 1989 && msg_st.math > 60`.
//!
//! A field may have several values. `==`, `<` and the like hold where any value does; `!=` holds
//! where there are values and none is equal; `===` and `!==` are all-equal and any-different. A
//! field or a protocol alone asks whether it is there.
//!
//! A filter is parsed into a tree with positions (`grammar`), and compiled against the fields that
//! can occur (`compile`, `literal`): what can be said to be wrong is said then. Matching allocates
//! nothing, but for what the regular expressions keep.

mod compile;
mod condition;
mod error;
mod evaluate;
mod grammar;
mod literal;
mod pattern;

#[cfg(test)]
mod tests;

use self::condition::Test;
pub use self::error::FilterError;
pub use self::grammar::MAX_DEPTH;
use super::captured::Captured;
use super::resolve::Known;

/// A filter, ready to be asked.
#[derive(Clone, Debug)]
pub struct Filter {
    /// `None` lets everything pass.
    test: Option<Test>,
}

impl Filter {
    /// Parses a filter over the fields of the messages that can occur. An empty one lets
    /// everything pass.
    ///
    /// # Errors
    ///
    /// What is no filter, with the place of it; a field that no message has; a value that the
    /// field can never have.
    pub fn parse(text: &str, known: &[Known<'_>]) -> Result<Self, FilterError> {
        let tree = grammar::parse(text)?;
        let test = tree.map(|tree| compile::Compiler { text, known }.test(&tree)).transpose()?;
        Ok(Self { test })
    }

    /// Whether a message passes.
    pub fn matches(&self, captured: &Captured<'_>) -> bool {
        self.test.as_ref().is_none_or(|test| test.holds(captured))
    }
}
