//! The client's side of TCP against servers that behave, and against those that do not.

mod faults;
mod leeway;
mod order;
mod stage;
