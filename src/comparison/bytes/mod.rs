//! What nothing decodes, aligned; and which bytes do not count.

mod alignment;
pub(super) mod byte_run;
mod excerpt;
pub(super) mod first_difference;
pub(super) mod sieve;

pub use byte_run::MAX_AHEAD;
