//! The struct codec.
