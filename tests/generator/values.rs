//! Random values for a layout.
