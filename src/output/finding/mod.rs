//! Findings as text, as JSON and as SARIF.

mod json;
mod sarif;
mod text;

pub use json::{findings_json, findings_summary_json};
pub use sarif::findings_sarif;
pub use text::{findings_summary, findings_text};
