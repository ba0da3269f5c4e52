//! What a server says before a request is seen that it could answer: captures swap the two
//! directions. It is held till the client's first request is whole, and is the answer to it.
//!
//! An answer of HTTP/0.9 has no head by which it could be told, so that anything but a status line
//! may be one. A response with a head needs no request to be read, and is not held. At most
//! [`MAX_EARLY`] bytes are; beyond, what came is no answer to what comes.

use super::start_line;
use crate::flow::{Input, Side};

/// Bytes that are held.
pub const MAX_EARLY: usize = 64 << 10;

/// What is held.
#[derive(Debug, Default)]
pub(super) struct Early {
    bytes: Vec<u8>,
    /// The server has closed behind them; whether by FIN.
    close: Option<bool>,
    /// Where the last line begins that has not ended.
    line: usize,
    /// What comes is held no more.
    is_over: bool,
}

impl Early {
    /// Takes what the server says; `false` where it is not held.
    pub fn hold(&mut self, input: Input<'_>) -> bool {
        match input {
            Input::Bytes(bytes) if self.has_room(bytes.len()) => {
                self.bytes.extend_from_slice(bytes);
                self.is_over = self.has_status();
                true
            }
            Input::Close { clean } if self.has_room(0) && !self.bytes.is_empty() => {
                self.close = Some(clean);
                true
            }
            _ => {
                self.is_over = true;
                false
            }
        }
    }

    fn has_room(&self, len: usize) -> bool {
        let fits = self.bytes.len().saturating_add(len) <= MAX_EARLY;
        !self.is_over && self.close.is_none() && fits
    }

    /// Nothing more is held: the client has asked, or will not.
    pub fn end(&mut self) {
        self.is_over = true;
    }

    /// Something is held, and goes on to be.
    pub fn is_holding(&self) -> bool {
        !self.is_over && !self.bytes.is_empty()
    }

    /// Nothing is held.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Something is held, and is to be no more.
    pub fn is_due(&self) -> bool {
        self.is_over && !self.bytes.is_empty()
    }

    /// What is held no more: bytes, and the close behind them.
    pub fn release(&mut self) -> Option<(Vec<u8>, Option<bool>)> {
        self.is_due().then(|| (std::mem::take(&mut self.bytes), self.close.take()))
    }

    /// Another conversation begins.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether a status line begins what is held, or stands in one of its lines.
    fn has_status(&mut self) -> bool {
        if start_line::is_versioned(Side::Server, &self.bytes) {
            return true;
        }
        let rest = self.bytes.get(self.line..).unwrap_or_default();
        let Some(end) = memchr::memrchr(b'\n', rest).map(|at| at.saturating_add(1)) else {
            return false;
        };
        let mut lines = rest.get(..end).unwrap_or_default().split_inclusive(|it| *it == b'\n');
        let found = lines.any(|line| start_line::find(Side::Server, line).is_some());
        self.line = self.line.saturating_add(end);
        found
    }
}
