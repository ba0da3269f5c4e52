//! Anything that wirereel found, as text, JSON, CSV or columns, on a writer that the caller gives.
//!
//! Nothing here knows a protocol: all of it goes by a message's fields. Nothing is written but to
//! the writer, and colour is used only where the caller asks for it. Characters from the wire
//! that could command a terminal are escaped.

mod endpoint;
mod escape;
mod json;
mod palette;
#[cfg(test)]
mod sample;
mod summary;
mod text;
mod time;
mod value;

pub use json::JsonWriter;
pub use palette::Palette;
pub use summary::{summary_json, summary_text};
pub use text::TextWriter;
