//! What a listener heard: for people, and as JSON.

mod histogram;
mod json;
mod text;

pub use json::heard_json;
pub use text::{heard_text, rates_text};
