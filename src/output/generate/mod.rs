//! What a run of messages came to.

mod json_types;
mod outcome;

pub use outcome::{generated_json, generated_text, written_json, written_text};
