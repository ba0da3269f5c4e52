//! Lines of a drafted profile, their remarks below each other.

use std::fmt::Write;

/// Remarks stand no further right than this, unless a line is longer: a line is to be read whole.
const MAX_COLUMN: usize = 60;

/// A line, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Commented out.
    is_guess: bool,
    /// Without its `#`.
    pub text: String,
    remark: String,
}

impl Line {
    /// What holds.
    pub fn new(text: impl Into<String>, remark: impl Into<String>) -> Self {
        Self { is_guess: false, text: text.into(), remark: remark.into() }
    }

    /// What may hold.
    pub fn guess(text: impl Into<String>, remark: impl Into<String>) -> Self {
        Self { is_guess: true, ..Self::new(text, remark) }
    }

    fn whole(&self) -> String {
        format!("{}{}", if self.is_guess { "# " } else { "" }, self.text)
    }
}

/// Writes lines, each with its remark.
pub(super) fn write(lines: &[Line], out: &mut String) {
    let lens = lines.iter().filter(|it| !it.remark.is_empty()).map(|it| it.whole().chars().count());
    let column = lens.filter(|it| *it <= MAX_COLUMN).max().unwrap_or(0);
    for line in lines {
        // A string takes what it is given.
        let _ = match line.remark.as_str() {
            "" => writeln!(out, "{}", line.whole()),
            remark => writeln!(out, "{:<column$}  # {remark}", line.whole()),
        };
    }
}
