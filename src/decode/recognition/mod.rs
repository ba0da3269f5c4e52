//! What reads a TCP conversation: what a rule names, else what the first bytes of each side are.
//!
//! `first_bytes.rs` and `plain.rs` tell by content, `telling.rs` and `withholding.rs` decide with
//! what is declared and what the other side says, `readers.rs` holds what was decided on.

mod decoder;
mod first_bytes;
mod formats;
mod opening;
mod plain;
mod reader;
mod readers;
mod telling;
mod untold;
mod withheld;
mod withholding;

pub(super) use decoder::StreamDecoder;
pub(super) use formats::{StreamFormats, Tools};
pub(super) use untold::{Given, Untold};
