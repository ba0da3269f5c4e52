//! Regular expressions of `matches`: bytes, whatever their case. They are those of the crate
//! `regex`, behind the feature of that name; without it a filter that has one is refused.

#[cfg(feature = "regex")]
use regex::bytes::{Regex, RegexBuilder};

/// A regular expression, ready to be asked.
#[cfg(feature = "regex")]
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

#[cfg(feature = "regex")]
impl Pattern {
    /// Reads one; what is wrong with it otherwise.
    pub fn new(text: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(text).unicode(false).case_insensitive(true).build();
        built.map(Self).map_err(|error| {
            // The last line of its several says what is wrong.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("not a regular expression: {reason}")
        })
    }

    /// Whether it is found anywhere in `bytes`.
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}

/// There is none.
#[cfg(not(feature = "regex"))]
#[derive(Clone, Debug)]
pub(super) enum Pattern {}

#[cfg(not(feature = "regex"))]
impl Pattern {
    /// Refuses it.
    pub fn new(_: &str) -> Result<Self, String> {
        Err("regular expressions need the feature `regex` of wirereel".to_owned())
    }

    /// Nobody has one to ask.
    pub fn is_match(&self, _: &[u8]) -> bool {
        match *self {}
    }
}
