//! What a client of HTTP says, told apart as it passes: the lines of heads, and all else.
//!
//! For those who change a head on its way: the framing is the decoder's own.

use std::ops::ControlFlow::Continue;

use super::super::stream::StreamEvent;
use super::{Context, Http, Scratch};
use crate::flow::{Input, Side};

/// Follows the requests of one connection.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    http: Http,
    scratch: Scratch,
}

/// The first of a client's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// So many, of one field line of a head, or of the empty line that ends it; up to the line's
    /// end, where that is among them.
    Field(usize),
    /// So many of anything else.
    Other(usize),
}

impl Part {
    /// How many.
    pub fn len(self) -> usize {
        let (Self::Field(len) | Self::Other(len)) = self;
        len
    }
}

impl Requests {
    /// Takes the first of the client's next bytes, one at least where there is one.
    pub fn take(&mut self, bytes: &[u8]) -> Part {
        let Self { http, scratch } = self;
        let Http { directions, pairing, .. } = http;
        let mut lend = |_: StreamEvent<'_>| Continue(());
        let mut cx = Context::new(Side::Client, false, pairing, scratch, &mut lend);
        // The decoder takes all lines of a head that it is given: here they come one at a time.
        let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at.saturating_add(1));
        let bytes = bytes.get(..end).unwrap_or(bytes);
        let taken = directions.client.take(bytes, &mut cx);
        let (rest, is_field) = taken.continue_value().unwrap_or_default();
        let len = bytes.len().saturating_sub(rest.len());
        if is_field { Part::Field(len) } else { Part::Other(len) }
    }

    /// Takes what the server says: it may end HTTP.
    pub fn answered(&mut self, bytes: &[u8]) {
        self.http.push(Side::Server, Input::Bytes(bytes), &mut self.scratch, &mut |_| {});
    }
}
