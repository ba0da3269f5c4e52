//! The layouts that ABIs give a message, and where two of them differ, as text and as JSON.

mod against;
mod asserts;
mod gaps;
mod json;
mod report;
mod rows;
mod table;

pub use against::Against;
pub use asserts::asserts;
pub use report::LayoutReport;
pub use table::LayoutTable;
