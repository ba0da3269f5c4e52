//! Each kind of peer, and what it takes to start one.

pub mod clients;
pub mod each_other;
pub mod faults;
pub mod lessons;
pub mod peer;
pub mod program;
pub mod servers;
