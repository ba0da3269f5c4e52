//! Sums over bytes: which there are by name, and how each is computed. The only place that names `crc`.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod algorithm;
mod catalogue;
mod summer;

pub use algorithm::Algorithm;
pub use summer::Summer;
