//! Each kind of peer, and what it takes to start one.

pub mod clients;
pub mod each_other;
pub mod faults;
pub mod lessons;
pub mod peer;
pub mod program;
pub mod recording;
pub mod servers;
pub mod service;
pub mod services;
pub mod talks;
