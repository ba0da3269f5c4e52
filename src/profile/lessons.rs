//! The built-in protocols: headers and a profile, as a user would write them.
//!
//! They go through the same path as a user's; nothing else knows of them.

/// The profile's name in errors.
pub(super) const PROFILE_NAME: &str = "built-in/wirereel.toml";

/// The profile.
pub(super) const PROFILE: &str = include_str!("lessons/wirereel.toml");

/// The text of a built-in header.
pub(super) fn header(name: &str) -> Option<&'static str> {
    match name {
        "dgram_basic.h" => Some(include_str!("lessons/dgram_basic.h")),
        "dgram_var.h" => Some(include_str!("lessons/dgram_var.h")),
        "stream_stamp.h" => Some(include_str!("lessons/stream_stamp.h")),
        _ => None,
    }
}
