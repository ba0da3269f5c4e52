//! JSON bodies, compared by path.

pub(super) mod difference;
pub(super) mod path;
pub(super) mod value;
