//! The layouts that ABIs give a message, as text and as JSON.

mod gaps;
mod json;
mod report;
mod rows;
mod table;

pub use report::LayoutReport;
pub use table::LayoutTable;
