//! All checks of a run: takes what the dissector finds, gives what is wrong with it.

use super::{Finding, fold, headers_in_use};
use crate::{
    decode::{Found, Summary},
    profile::Protocols,
};

/// Checks the traffic of a run, and the headers of the messages that it had.
pub struct Checker<'p> {
    protocols: &'p Protocols,
}

impl<'p> Checker<'p> {
    /// A checker that has seen nothing.
    pub fn new(protocols: &'p Protocols) -> Self {
        Self { protocols }
    }

    /// Takes what a frame brought to light.
    pub fn found(&mut self, _found: &Found<'_>) {}

    /// What is wrong, the gravest first. `summary` is what the same run came to.
    pub fn finish(self, summary: &Summary) -> Vec<Finding> {
        fold(headers_in_use(self.protocols, summary))
    }
}
