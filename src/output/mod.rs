//! What the library finds, as text and JSON on a writer.

mod info;

pub use info::{write_info_json, write_info_text};
