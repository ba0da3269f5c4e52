//! Which findings count, as the user and the profile say.

use std::collections::HashSet;

use super::{Code, Finding, Level, UnknownCode};
use crate::profile::{CheckOptions, Placed, PlacedError};

/// What of the findings counts, and what of it fails.
#[derive(Clone, Debug)]
pub struct Policy {
    allowed: HashSet<Code>,
    /// The least grave level that fails.
    fails: Level,
}

impl Policy {
    /// What the user says, and beside that what the profile does: warnings fail where either is
    /// `strict`, and what either allows is left out.
    ///
    /// # Errors
    ///
    /// A name in the profile that is no code.
    pub fn new(
        strict: bool,
        allow: impl IntoIterator<Item = Code>,
        profile: &CheckOptions,
    ) -> Result<Self, PlacedError<UnknownCode>> {
        let mut allowed: HashSet<_> = allow.into_iter().collect();
        for Placed { value, place } in &profile.allow {
            let place = || place.clone();
            allowed.insert(value.parse().map_err(|source| PlacedError { place: place(), source })?);
        }
        let strict = strict || profile.strict;
        Ok(Self { allowed, fails: if strict { Level::Warning } else { Level::Error } })
    }

    /// The findings that count, and how many do not.
    pub fn sift(&self, findings: Vec<Finding>) -> (Vec<Finding>, usize) {
        let all = findings.len();
        let counted: Vec<_> =
            findings.into_iter().filter(|it| !self.allowed.contains(&it.code)).collect();
        let allowed = all.saturating_sub(counted.len());
        (counted, allowed)
    }

    /// Whether one of them fails.
    pub fn fails(&self, findings: &[Finding]) -> bool {
        findings.iter().any(|it| it.level >= self.fails)
    }
}
