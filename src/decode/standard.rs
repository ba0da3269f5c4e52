//! The decoders of the protocols that need no header: one row each.

use super::duplex::StreamReader;
use super::http;
use super::lines::{self, Lines};
use super::resp::{self, Resp};
use crate::message::FieldTable;
use crate::profile::Standard;

/// What reads a protocol.
pub(super) struct Row {
    /// The name of each kind of message, and the fields that it has.
    pub messages: fn() -> Vec<(&'static str, &'static FieldTable)>,
    /// A decoder at the start of a conversation; `None` for HTTP, whose decoders share memory and
    /// are kept for the next conversations.
    pub begin: Option<fn() -> Box<dyn StreamReader>>,
}

/// The row of a protocol.
pub(super) fn row(standard: Standard) -> Row {
    match standard {
        Standard::Http => Row { messages: || http::messages().into(), begin: None },
        Standard::Resp => {
            Row { messages: || resp::messages().into(), begin: Some(|| Box::<Resp>::default()) }
        }
        Standard::Lines => {
            Row { messages: || lines::messages().into(), begin: Some(|| Box::<Lines>::default()) }
        }
    }
}
