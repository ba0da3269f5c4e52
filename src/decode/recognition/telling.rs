//! What is to become of a side: told by its content, by what is declared, and by what the other
//! side speaks.

use std::borrow::Cow;

use super::decoder::{StreamDecoder, with_more};
use super::first_bytes::{begins_http, recognise, recognise_answer};
use super::formats::StreamFormats;
use super::opening::Opening;
use super::plain;
use super::readers::{Reading, UNREAD};
use crate::decode::resp::{self, Resemblance};
use crate::decode::unread::Unread;
use crate::flow::{Input, Side, Sides};
use crate::profile::Standard;

impl StreamDecoder {
    /// What is to become of a side that goes on as something else: one that nothing reads, or whose
    /// lines were the end of what the capture lacks the start of.
    pub(super) fn turns(
        &mut self,
        side: Side,
        bytes: &[u8],
        formats: &StreamFormats,
    ) -> Option<Reading> {
        let is_unread = self.readers.of(side) == UNREAD;
        let is_text = !self.is_ruled
            && self.readers.standard() == Some(Standard::Lines)
            && self.readers.of(side) == Reading::Reader
            && self.is_between_messages(side);
        if (is_unread || is_text) && begins_http(side, bytes) {
            return Some(Reading::Http);
        }
        if is_unread { self.turns_to_resp(side, bytes, formats) } else { None }
    }

    /// A command of RESP tells what a conversation speaks whose start tells nothing.
    pub(super) fn turns_to_resp(
        &mut self,
        side: Side,
        bytes: &[u8],
        formats: &StreamFormats,
    ) -> Option<Reading> {
        let may_be = self.tells_text(formats) && !self.readers.has_reader() && side == Side::Client;
        let is_resp = may_be && resp::resembles(side, bytes) == Resemblance::Yes;
        is_resp.then(|| self.readers.turn_to(Standard::Resp, formats))
    }

    /// Nothing is declared for the ports, so that RESP and lines are told by content.
    fn tells_text(&self, formats: &StreamFormats) -> bool {
        formats.recognises_text && self.otherwise.is_none()
    }

    /// What is to become of a side, once its input tells; till then the input is kept.
    pub(super) fn recognise(
        &mut self,
        side: Side,
        input: Input<'_>,
        formats: &StreamFormats,
    ) -> Option<Reading> {
        let bytes = match input {
            Input::Bytes(bytes) => bytes,
            Input::Gap(_) if self.has_kept_text(side, formats) => {
                return Some(self.reading_of_plain(self.plain(side, &[], true), formats));
            }
            Input::Gap(_) => return Some(self.reading_behind_gap(side, formats)),
            Input::Close { clean } if self.has_kept_text(side, formats) => {
                *self.ended.of_mut(side) = Some(clean);
                // The other side may answer yet, and tell.
                let is_end = self.ended.of(side.other()).is_some();
                let plain = self.plain(side, &[], is_end);
                return (plain != Opening::NeedMore).then(|| self.reading_of_plain(plain, formats));
            }
            Input::Close { .. } => {
                let is_told = !self.kept.of(side).is_empty() || self.peer(side) == Reading::Http;
                return is_told.then(|| self.reading_of(side, Opening::Unknown, formats));
            }
        };
        let kept = self.kept.of(side);
        let first = match kept.is_empty() {
            true => Cow::Borrowed(bytes),
            false => Cow::Owned(with_more(kept, bytes)),
        };
        let opening = match self.opening(side, &first) {
            // What is told by its name alone is read where a profile of the port knows it.
            Opening::Named(name) => {
                let tells = self.otherwise.map_or(Some(false), |it| formats.tells(it, &first));
                match tells {
                    Some(true) => Opening::Unknown,
                    Some(false) => Opening::Named(name),
                    None => Opening::NeedMore,
                }
            }
            opening => opening,
        };
        if opening == Opening::NeedMore {
            self.keep(side, bytes);
            return None;
        }
        if opening == Opening::Unknown && self.may_be_text(side, formats) {
            return match self.plain(side, bytes, false) {
                Opening::NeedMore => {
                    self.keep(side, bytes);
                    None
                }
                plain => Some(self.reading_of_plain(plain, formats)),
            };
        }
        let reading = self.reading_of(side, opening, formats);
        match reading == UNREAD {
            true => self.turns_to_resp(side, bytes, formats).or(Some(reading)),
            false => Some(reading),
        }
    }

    /// Whether the first bytes of a side may be RESP or lines: nothing is declared or known.
    fn may_be_text(&self, side: Side, formats: &StreamFormats) -> bool {
        self.tells_text(formats)
            && self.peer(side) == Reading::Unknown
            && !self.readers.has_reader()
    }

    /// The same, and either side has sent something that did not tell.
    fn has_kept_text(&self, side: Side, formats: &StreamFormats) -> bool {
        let has_kept = [side, side.other()].iter().any(|it| !self.kept.of(*it).is_empty());
        has_kept && self.may_be_text(side, formats)
    }

    /// What the conversation speaks, as far as these bytes of a side tell, which follow what was
    /// kept of it.
    fn plain(&self, side: Side, bytes: &[u8], is_end: bool) -> Opening {
        let own = with_more(self.kept.of(side), bytes);
        let peer = self.kept.of(side.other());
        let server_spoke_first = match (self.kept.of(side).is_empty(), peer.is_empty()) {
            (true, true) => side == Side::Server,
            _ => self.server_spoke_first,
        };
        let mut came = Sides { client: own.as_slice(), server: own.as_slice() };
        *came.of_mut(side.other()) = peer;
        plain::recognise(&came, server_spoke_first, is_end)
    }

    /// What reads a conversation that speaks so.
    pub(super) fn reading_of_plain(&mut self, plain: Opening, formats: &StreamFormats) -> Reading {
        match plain {
            Opening::Speaks(standard) => self.readers.turn_to(standard, formats),
            Opening::Named(_) | Opening::Unknown | Opening::NeedMore => UNREAD,
        }
    }

    fn opening(&self, side: Side, first: &[u8]) -> Opening {
        if matches!(self.peer(side), Reading::Http | Reading::Reader) {
            return recognise_answer(side, first);
        }
        match recognise(side, first) {
            Opening::Unknown if self.are_sides_assumed => {
                let may_be_peers = recognise(side.other(), first) == Opening::NeedMore;
                if may_be_peers { Opening::NeedMore } else { Opening::Unknown }
            }
            opening => opening,
        }
    }

    pub(super) fn keep(&mut self, side: Side, bytes: &[u8]) {
        if self.kept.of(side.other()).is_empty() && self.kept.of(side).is_empty() {
            self.server_spoke_first = side == Side::Server;
        }
        self.kept.of_mut(side).extend_from_slice(bytes);
    }

    pub(super) fn peer(&self, side: Side) -> Reading {
        self.readers.of(side.other())
    }

    /// What reads a side that begins so.
    fn reading_of(&mut self, side: Side, opening: Opening, formats: &StreamFormats) -> Reading {
        match (opening, self.peer(side)) {
            (Opening::Speaks(standard), _) => self.readers.turn_to(standard, formats),
            (Opening::Named(name), _) if !self.is_ruled => Reading::Opaque(name),
            (_, Reading::Http) => Reading::Http,
            // Its frames begin with nothing by which they could be told.
            (_, Reading::Opaque(Unread::Http2)) => Reading::Opaque(Unread::Http2),
            // The capture begins in the middle, maybe in the middle of a record.
            (_, Reading::Opaque(Unread::Tls)) if self.are_sides_assumed => {
                Reading::Opaque(Unread::Tls)
            }
            _ => self.reading_otherwise(formats),
        }
    }

    /// What reads a side whose first bytes are not known.
    fn reading_behind_gap(&mut self, side: Side, formats: &StreamFormats) -> Reading {
        match self.peer(side) {
            Reading::Opaque(Unread::Tls) => Reading::Opaque(Unread::Tls),
            _ => self.reading_of(side, Opening::Unknown, formats),
        }
    }

    /// What reads a side whose content is not recognised.
    pub(super) fn reading_otherwise(&mut self, formats: &StreamFormats) -> Reading {
        let Some(protocol) = self.otherwise else {
            // The other side has told what the conversation speaks.
            return if self.readers.has_reader() { Reading::Reader } else { UNREAD };
        };
        self.readers.begin(protocol, formats)
    }
}
