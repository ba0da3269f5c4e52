//! `[check]` and `[replay]` of a profile. What their values name, other rooms know: each keeps its
//! place, for the error that it may deserve there.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::line::ProfileLine;

/// `[check]`, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckEntry {
    /// Warnings fail too, as with `--strict`.
    pub strict: bool,
    /// Codes of findings that are of no interest, as with `--allow`.
    pub allow: Vec<Spanned<String>>,
}

/// `[replay]`, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayEntry {
    /// Fields that may differ, as with `--ignore`.
    pub ignore: Vec<Spanned<String>>,
}

/// What `[check]` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// Warnings fail too.
    pub strict: bool,
    /// Codes of findings that are of no interest.
    pub allow: Vec<Placed>,
}

/// What `[replay]` says of how answers are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayOptions {
    /// Fields that may differ.
    pub ignore: Vec<Placed>,
}

/// A value of a profile, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// As it was written.
    pub value: String,
    /// Its place.
    pub place: ProfileLine,
}

/// What is wrong with a value of a profile, and where that stands.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {source}")]
pub struct PlacedError<E: std::error::Error + fmt::Display + 'static> {
    /// The value's place.
    pub place: ProfileLine,
    /// What is wrong with it.
    pub source: E,
}

impl CheckEntry {
    /// With the place of each code.
    pub(super) fn placed(self, place: impl Fn(usize) -> ProfileLine) -> CheckOptions {
        CheckOptions { strict: self.strict, allow: placed(self.allow, place) }
    }
}

impl ReplayEntry {
    /// With the place of each field.
    pub(super) fn placed(self, place: impl Fn(usize) -> ProfileLine) -> ReplayOptions {
        ReplayOptions { ignore: placed(self.ignore, place) }
    }
}

fn placed(values: Vec<Spanned<String>>, place: impl Fn(usize) -> ProfileLine) -> Vec<Placed> {
    let placed =
        |it: Spanned<String>| Placed { place: place(it.span().start), value: it.into_inner() };
    values.into_iter().map(placed).collect()
}
