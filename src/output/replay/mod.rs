//! What a replay will do, and what it came to.

mod json_types;
mod outcome;
mod plan;

pub use outcome::{outcome_json, outcome_text, served_text};
pub use plan::{plan_json, plan_text, preflight_json, preflight_text};
