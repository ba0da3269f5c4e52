//! How many of something, in words.

use std::fmt::Display;

/// `1 frame`, `2 frames`.
pub(super) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}
