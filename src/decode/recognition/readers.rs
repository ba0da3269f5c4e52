//! What reads the bytes of a conversation: for both sides together, but which of the readers a
//! side has is its own.

use std::ops::ControlFlow::{self, Continue};

use super::formats::{StreamFormats, Tools};
use super::reader::{Lend, Reader};
use crate::decode::http::{self, Http};
use crate::decode::stream::StreamEvent;
use crate::decode::unread::Unread;
use crate::flow::{Input, Side, Sides};
use crate::profile::{ProtocolId, Standard};

/// What reads either side, and the readers.
pub(super) struct Readers {
    readings: Sides<Reading>,
    http: Option<Box<Http>>,
    reader: Option<Reader>,
}

/// What becomes of the bytes of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The first ones do not tell yet, or none came.
    Unknown,
    /// The decoder of HTTP takes them.
    Http,
    /// The other reader takes them.
    Reader,
    /// They are passed over; why.
    Opaque(Unread),
}

/// A payload that no decoder reads.
pub(super) const UNREAD: Reading = Reading::Opaque(Unread::NoDecoder);

impl Readers {
    /// Both sides are read alike.
    pub fn all(reading: Reading) -> Self {
        let readings = Sides { client: reading, server: reading };
        Self { readings, http: None, reader: None }
    }

    /// What becomes of a side.
    pub fn of(&self, side: Side) -> Reading {
        *self.readings.of(side)
    }

    /// What reads a side is settled.
    pub fn set(&mut self, side: Side, reading: Reading) {
        *self.readings.of_mut(side) = reading;
    }

    /// Which protocol without a header the reader reads.
    pub fn standard(&self) -> Option<Standard> {
        self.reader.as_ref()?.standard
    }

    /// There is a reader of something else than HTTP.
    pub fn has_reader(&self) -> bool {
        self.reader.is_some()
    }

    /// The reader was a mistake: nothing was given to it.
    pub fn withdraw(&mut self) {
        self.reader = None;
    }

    /// A protocol is spoken: how it is read, if it can be. The reader that there is stays.
    pub fn begin(&mut self, protocol: ProtocolId, formats: &StreamFormats) -> Reading {
        if formats.standard(protocol) == Some(Standard::Http) {
            return Reading::Http;
        }
        if self.reader.is_none() {
            self.reader = formats.reader(protocol);
        }
        if formats.can_read(protocol) { Reading::Reader } else { UNREAD }
    }

    /// A protocol without a header is spoken, whatever was before.
    pub fn turn_to(&mut self, standard: Standard, formats: &StreamFormats) -> Reading {
        if standard != Standard::Http && self.standard() != Some(standard) {
            self.reader = None;
        }
        self.begin(formats.id(standard), formats)
    }

    /// There is a decoder of HTTP from now on. What comes is a capture's, and from its start or
    /// not, where `captured` says so.
    pub fn expect_http(&mut self, http: impl FnOnce() -> Box<Http>, captured: Option<bool>) {
        if self.http.is_none() {
            self.http = Some(http());
            self.is_captured(captured);
        }
    }

    /// The same of the decoder of HTTP that there is.
    pub fn is_captured(&mut self, is_from_start: Option<bool>) {
        if let (Some(http), Some(is_from_start)) = (&mut self.http, is_from_start) {
            http.is_captured(is_from_start);
        }
    }

    /// Gives what arrives to what reads the side.
    pub fn read(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        let reading = self.of(side);
        let id = Some(tools.formats.id(Standard::Http));
        if side == Side::Client
            && !matches!(reading, Reading::Http | Reading::Unknown)
            && let Some(http) = &mut self.http
        {
            http.expect_no_request(tools.scratch, &mut |event| lend(id, event))?;
        }
        match (reading, &mut self.http, &mut self.reader) {
            (Reading::Http, Some(http), _) => {
                http.read(side, input, tools.scratch, &mut |event| lend(id, event))
            }
            (Reading::Reader, _, Some(reader)) => reader.push(side, input, lend),
            (Reading::Opaque(reason), ..) => {
                let Input::Bytes(bytes) = input else { return Continue(()) };
                let len = bytes.len() as u64;
                lend(None, StreamEvent::Skipped { side, len, reason })
            }
            _ => Continue(()),
        }
    }

    /// Exchanges the sides. What was read with them the wrong way round ends.
    pub fn reverse(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        let (sides, end) = ([Side::Client, Side::Server], Input::Close { clean: false });
        if let Some(mut http) = self.http.take() {
            let id = Some(tools.formats.id(Standard::Http));
            for side in sides {
                http.read(side, end, tools.scratch, &mut |event| lend(id, event))?;
            }
            tools.scratch.give(http);
            self.http = Some(tools.scratch.take(tools.formats.digest));
        }
        // Of structs and text records either side may send any.
        if let Some(reader) = self.reader.as_mut().filter(|it| it.standard.is_some())
            && let Some(fresh) = tools.formats.reader(reader.protocol)
        {
            let mut gone = std::mem::replace(reader, fresh);
            sides.into_iter().try_for_each(|side| gone.push(side, end, lend))?;
        }
        self.readings.exchange();
        Continue(())
    }

    /// Nobody has spoken for long: lends what waits for who speaks next.
    pub fn tick(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        let Some(http) = &mut self.http else { return Continue(()) };
        let id = Some(tools.formats.id(Standard::Http));
        http.expect_no_request(tools.scratch, &mut |event| lend(id, event))
    }

    /// The conversation has ended: its memory may serve another.
    pub fn recycle(self, scratch: &mut http::Scratch) {
        if let Some(http) = self.http {
            scratch.give(http);
        }
    }

    /// Whether a decoder reads it; `None` where its first bytes do not tell yet.
    pub fn is_read(&self) -> Option<bool> {
        let readings = [self.readings.client, self.readings.server];
        if readings.iter().any(|it| matches!(it, Reading::Http | Reading::Reader)) {
            return Some(true);
        }
        (!readings.contains(&Reading::Unknown)).then_some(false)
    }

    /// The client may wait for a 100 before it sends the body of its request.
    pub fn awaits_continue(&self) -> bool {
        self.http.as_ref().is_some_and(|http| http.awaits_continue())
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        match (self.of(side), &self.http, &self.reader) {
            (Reading::Http, Some(http), _) => http.is_between_messages(side),
            (Reading::Reader, _, Some(reader)) => reader.is_between_messages(side),
            _ => true,
        }
    }
}
