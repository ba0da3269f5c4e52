//! A line of a profile, for errors.

use std::fmt;
use std::path::{Path, PathBuf};

/// A line of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileLine {
    /// The profile.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// Characters, from 1.
    pub column: usize,
    /// The line, without the white space around it.
    pub text: String,
}

impl ProfileLine {
    /// The line and column of a byte of a text.
    pub fn of(path: &Path, text: &str, offset: usize) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Self {
            path: path.to_owned(),
            line: before.matches('\n').count().saturating_add(1),
            column: before.get(line_start..).map_or(0, |it| it.chars().count()).saturating_add(1),
            text: line.trim().to_owned(),
        }
    }
}

impl fmt::Display for ProfileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: `{}`", self.path.display(), self.line, self.column, self.text)
    }
}
