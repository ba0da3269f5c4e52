//! All checks of a run: takes what the dissector finds, gives what is wrong with it.

use super::consequences::Inferred;
use super::{Finding, Inference, TrafficCheck, fold, headers_in_use};
use crate::{
    decode::{Found, Summary},
    profile::Protocols,
};

/// Checks the traffic of a run, and the headers of the messages that it had.
pub struct Checker<'p> {
    protocols: &'p Protocols,
    traffic: TrafficCheck<'p>,
    inference: Inference<'p>,
}

impl<'p> Checker<'p> {
    /// A checker that has seen nothing.
    pub fn new(protocols: &'p Protocols) -> Self {
        let (traffic, inference) = (TrafficCheck::new(protocols), Inference::new(protocols));
        Self { protocols, traffic, inference }
    }

    /// Takes what a frame brought to light.
    pub fn found(&mut self, found: &Found<'_>) {
        self.traffic.found(found);
        match found {
            Found::Message { captured, side, .. } => self.inference.push(captured, *side),
            Found::Skipped { stream, side, .. } => self.inference.gap(*stream, *side),
            _ => {}
        }
    }

    /// What was not checked, to keep the tables of senders bounded: messages and packets.
    pub fn left_out(&self) -> u64 {
        self.traffic.dropped().saturating_add(self.inference.left_out())
    }

    /// What is wrong, the gravest first. `summary` is what the same run came to.
    pub fn finish(self, summary: &Summary) -> Vec<Finding> {
        let mut findings = headers_in_use(self.protocols, summary);
        let inferred = self.inference.finish();
        let seen = self.traffic.finish_beside(&Inferred(&inferred));
        findings.extend(inferred);
        findings.extend(seen);
        fold(findings)
    }
}
