//! Which message answers which, by a field that both have: requests and responses of a profile.
//!
//! Bounds: [`MAX_EXCHANGES`] conversations, [`MAX_REMEMBERED`] requests of each, and of latencies some
//! thousand; what gives way is counted.

mod conversation;
mod latencies;
mod pairing;
mod value;

pub use conversation::MAX_REMEMBERED;
pub(super) use pairing::Pairing;
pub use pairing::{MAX_EXCHANGES, PairCounts, PairFigures};
