//! How large a layout may become.

/// Largest `sizeof` of a record or an array, bytes.
pub const MAX_SIZE: u64 = 1 << 31;

/// How deep records and arrays may nest.
pub const MAX_DEPTH: u32 = 64;

/// How many fields a record may have, those of its nested records included.
pub const MAX_FIELDS: u64 = 1 << 16;
