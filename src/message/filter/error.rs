//! What is wrong with a filter, and where.

use std::fmt;

use unicode_width::UnicodeWidthStr;

/// A filter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// The filter as it was given.
    pub filter: String,
    /// Where in it the trouble begins, bytes.
    pub offset: usize,
    /// What is wrong, or what is expected there; one line.
    pub text: String,
}

impl FilterError {
    pub(super) fn new(filter: &str, offset: usize, text: impl Into<String>) -> Self {
        let offset = filter.floor_char_boundary(offset);
        Self { filter: filter.to_owned(), offset, text: text.into() }
    }

    /// Where in the filter the trouble begins, characters from 1.
    pub fn column(&self) -> usize {
        let before = self.filter.get(..self.offset).unwrap_or_default();
        before.chars().count().saturating_add(1)
    }
}

/// The text, the filter, and a caret under the place.
impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever is in it: the caret counts columns.
        let shown = |text: &str| text.replace(char::is_control, " ");
        let before = shown(self.filter.get(..self.offset).unwrap_or_default());
        writeln!(f, "{}", self.text)?;
        writeln!(f, "  {}", shown(&self.filter))?;
        write!(f, "  {:width$}^", "", width = before.width())
    }
}
