//! The objects of JSON that are written of generated traffic: a type for each, whose fields are the keys in
//! their order. As everywhere, keys may be added, never renamed.

use serde::Serialize;

use crate::output::outcome_parts::{Quantiles, Skipped, Volume};

/// What was sent.
#[derive(Serialize)]
pub(super) struct Generated {
    pub sent: Volume,
    pub skipped: Vec<Skipped<String>>,
    pub lateness_us: Quantiles,
    pub duration_s: f64,
    pub seed: u64,
    #[serde(flatten)]
    pub replies: Option<Replies>,
    /// Only where it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
}

/// What was answered.
#[derive(Serialize)]
pub(super) struct Replies {
    pub replies: u64,
    pub missing: u64,
    pub unasked: u64,
    pub rtt_us: Quantiles,
}

/// What was written.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    pub file: &'a str,
    pub written: Volume,
    pub frames: u64,
    pub duration_s: f64,
    pub seed: u64,
    /// Only where it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
}
