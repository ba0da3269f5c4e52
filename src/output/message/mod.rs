//! Messages as text, trees, JSON, CSV and columns of chosen fields.

mod csv;
mod csv_fields;
mod dump;
mod fields;
mod json;
mod remarks;
#[cfg(test)]
mod sample;
mod text;
mod tree;
mod value;
mod value_text;
mod when;

pub use csv::CsvWriter;
pub use csv_fields::CsvFieldsWriter;
pub use dump::DumpWriter;
pub use fields::FieldsWriter;
pub use json::JsonWriter;
pub use text::TextWriter;
pub use tree::TreeWriter;
pub use when::{FrameTimes, TimeFormat, Times};
