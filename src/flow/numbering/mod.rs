//! Numbered messages: what was lost, came twice, or came late.

mod gaps;
mod sequence;
mod window;

#[cfg(test)]
mod sequence_tests;

pub use sequence::{Counts, Place, Sequence};
