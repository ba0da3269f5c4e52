//! Which field: `math`, `point.x`, `scores[2]`, `recs[0].x`.
//!
//! A list without an index stands for each of its elements: `recs.x` is the `x` of every one.

use std::fmt;
use std::str::FromStr;

use super::error::RecipeError;

/// The path of a field, or of the fields of all elements of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    pub(super) steps: Vec<PathStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PathStep {
    /// A member.
    Name(String),
    /// An element, from 0.
    Element(usize),
}

impl FieldPath {
    /// The path of a field at the top of a message.
    pub fn of(name: &str) -> Self {
        Self { steps: vec![PathStep::Name(name.to_owned())] }
    }

    /// The path of a member of this.
    pub fn member(&self, name: &str) -> Self {
        self.with(PathStep::Name(name.to_owned()))
    }

    /// The path of an element of this, from 0.
    pub fn element(&self, index: usize) -> Self {
        self.with(PathStep::Element(index))
    }

    /// The path of something within this, from its own path.
    pub fn within(&self, inner: &Self) -> Self {
        Self { steps: self.steps.iter().chain(&inner.steps).cloned().collect() }
    }

    /// Its names alone, joined by `.`, as a header's fields are named.
    pub fn without_indexes(&self) -> String {
        let names = self.steps.iter().filter_map(|it| match it {
            PathStep::Name(name) => Some(name.as_str()),
            PathStep::Element(_) => None,
        });
        names.collect::<Vec<_>>().join(".")
    }

    fn with(&self, step: PathStep) -> Self {
        Self { steps: self.steps.iter().cloned().chain([step]).collect() }
    }
}

impl FromStr for FieldPath {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let syntax = || RecipeError::Path { text: text.to_owned() };
        let mut steps = Vec::new();
        for part in text.trim().split('.') {
            let mut pieces = part.split('[');
            let name = pieces.next().unwrap_or_default();
            let is_name = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(syntax());
            }
            steps.push(PathStep::Name(name.to_owned()));
            for piece in pieces {
                let digits = piece.strip_suffix(']').ok_or_else(syntax)?;
                let is_number = digits.bytes().all(|it| it.is_ascii_digit());
                let index = digits.parse().ok().filter(|_| is_number).ok_or_else(syntax)?;
                steps.push(PathStep::Element(index));
            }
        }
        Ok(Self { steps })
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                PathStep::Name(name) if index == 0 => f.write_str(name)?,
                PathStep::Name(name) => write!(f, ".{name}")?,
                PathStep::Element(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_are_read() {
        for text in ["math", "point.x", "scores[2]", "recs[0].x", "grid[1][20].名", "$a_1"] {
            assert_eq!(text.parse::<FieldPath>().unwrap().to_string(), text);
        }
        let built = FieldPath::of("recs").element(0).member("x");
        assert_eq!(built, "recs[0].x".parse().unwrap());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in
            ["", ".x", "x.", "x..y", "x[", "x[]", "x[a]", "x[+1]", "x[1", "[1]", "a b", "x]"]
        {
            let error = text.parse::<FieldPath>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{text}\" is no path of a field")), "{error}");
        }
    }
}
