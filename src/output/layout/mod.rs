//! The layouts that ABIs give a message, as text and as JSON.

mod gaps;
mod json;
mod report;
mod rows;

pub use report::LayoutReport;
