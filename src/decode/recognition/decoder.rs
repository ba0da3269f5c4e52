//! The decoder of one TCP conversation: what a rule names, else what the first bytes of each side
//! are.
//!
//! HTTP is recognised by content on any port that no rule of the user's names; a built-in gives
//! way to it. TLS, HTTP/2 and SSH are named, and passed over. RESP and lines of text are recognised
//! where nothing is declared for the port. Where no handshake was seen, content also tells which
//! side is the client's.

use std::ops::ControlFlow::{self, Continue};

use super::first_bytes::{role_of_first, role_of_later};
use super::formats::{StreamFormats, Tools};
use super::opening::Opening;
use super::reader::Lend;
use super::readers::{Readers, Reading, UNREAD};
use super::withheld::Withheld;
use crate::decode::http::{self, Http};
use crate::decode::unread::Unread;
use crate::flow::{Input, Side, Sides};
use crate::profile::{Candidate, ProtocolId, Standard};

/// The decoder of one conversation. What reads it is shared by both sides, but which of the readers
/// a side has is told by its own first bytes.
pub(in crate::decode) struct StreamDecoder {
    pub(super) readers: Readers,
    /// What each side sent that does not tell yet, bounded by [`http::RECOGNITION_LEN`].
    pub(super) kept: Sides<Vec<u8>>,
    /// What a side said first that nothing reads, while the other may tell.
    pub(super) withheld: Option<Box<Withheld>>,
    /// By itself that is lines of text.
    pub(super) is_withheld_text: bool,
    /// It is a capture's, so that what a side says may be told by what the other has answered;
    /// whether the capture has its handshake.
    pub(super) captured: Option<bool>,
    pub(super) server_spoke_first: bool,
    /// A side has ended that does not tell by itself; whether by FIN.
    pub(super) ended: Sides<Option<bool>>,
    /// The protocol that a side speaks whose content is not recognised.
    pub(super) otherwise: Option<ProtocolId>,
    /// A rule of the user's names that protocol: content tells no more than who the client is.
    pub(super) is_ruled: bool,
    /// No handshake told which side is which: content may show that it is the other way round.
    pub(super) are_sides_assumed: bool,
}

impl StreamDecoder {
    /// The decoder of a conversation that begins, whose ports have these candidates. No handshake
    /// told which side is which where `are_sides_assumed`.
    pub fn begin(
        formats: &StreamFormats,
        candidates: &[Candidate],
        are_sides_assumed: bool,
    ) -> Self {
        let first = candidates.iter().find(|it| formats.can_read(it.protocol));
        let mut decoder = Self {
            otherwise: first.map(|it| it.protocol),
            is_ruled: first.is_some_and(|it| !it.is_built_in()),
            are_sides_assumed,
            ..Self::all(Reading::Unknown)
        };
        let standard = decoder.otherwise.and_then(|it| formats.standard(it));
        let is_http = standard == Some(Standard::Http);
        if decoder.is_ruled && !(is_http && are_sides_assumed) {
            let reading = decoder.reading_otherwise(formats);
            decoder.readers.set(Side::Client, reading);
            decoder.readers.set(Side::Server, reading);
            if is_http {
                let http = || Box::new(Http::new(formats.digest));
                decoder.readers.expect_http(http, decoder.captured);
            }
        }
        decoder
    }

    fn all(reading: Reading) -> Self {
        Self {
            readers: Readers::all(reading),
            kept: Sides::default(),
            withheld: None,
            is_withheld_text: false,
            captured: None,
            server_spoke_first: false,
            ended: Sides::default(),
            otherwise: None,
            is_ruled: false,
            are_sides_assumed: false,
        }
    }

    /// Of a conversation that is over: whatever comes is passed over.
    pub fn over() -> Self {
        Self::all(Reading::Opaque(Unread::BehindEnd))
    }

    /// What comes is a capture's, so that both sides of it are there, and nobody waits for it.
    pub fn of_capture(mut self) -> Self {
        self.captured = Some(!self.are_sides_assumed);
        self.readers.is_captured(self.captured);
        self
    }

    /// Takes what arrives on one side, and lends what it completes.
    pub fn push(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        match self.withheld.as_ref().map(|it| it.side) {
            Some(first) if first == side && self.goes_on(side, input, tools.formats) => {
                return self.withhold(side, input, tools, lend);
            }
            Some(first) if first != side => match self.tells(side, input) {
                Opening::Speaks(Standard::Http) => {
                    self.resolve(side, Reading::Http, tools, lend)?
                }
                Opening::NeedMore => {
                    if let Input::Bytes(bytes) = input {
                        self.keep(side, bytes);
                    }
                    return Continue(());
                }
                _ => self.let_go(tools, lend)?,
            },
            Some(_) => self.let_go(tools, lend)?,
            None => {}
        }
        if self.readers.of(side) == Reading::Unknown {
            let Some(reading) = self.recognise(side, input, tools.formats) else {
                return Continue(());
            };
            if self.may_withhold(side, reading) {
                return self.withhold(side, input, tools, lend);
            }
            self.resolve(side, reading, tools, lend)?;
        } else if let Input::Bytes(bytes) = input
            && let Some(reading) = self.turns(side, bytes, tools.formats)
        {
            self.resolve(side, reading, tools, lend)?;
        }
        self.readers.read(side, input, tools, lend)
    }

    /// Whether `input` shows that the sides are the other way round; then they have been
    /// exchanged, and it is for the caller to give the input to the other side.
    pub fn is_reversed_by(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> ControlFlow<(), bool> {
        let Input::Bytes(bytes) = input else { return Continue(false) };
        if !self.are_sides_assumed || self.readers.of(side) == Reading::Reader {
            return Continue(false);
        }
        let kept = self.kept.of(side);
        let goes_on = self.withheld.as_ref().is_some_and(|it| it.side == side);
        let role = match self.readers.of(side) {
            Reading::Unknown if goes_on => role_of_later(bytes),
            Reading::Unknown if kept.is_empty() => role_of_first(bytes),
            Reading::Unknown => role_of_first(&with_more(kept, bytes)),
            _ => role_of_later(bytes),
        };
        self.are_sides_assumed = role.is_none();
        let is_reversed = role.is_some_and(|role| role != side);
        if is_reversed {
            self.reverse(tools, lend)?;
        }
        Continue(is_reversed)
    }

    /// Exchanges the sides.
    pub fn reverse(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        self.readers.reverse(tools, lend)?;
        self.are_sides_assumed = false;
        self.server_spoke_first = !self.server_spoke_first;
        if let Some(withheld) = &mut self.withheld {
            withheld.side = withheld.side.other();
        }
        self.kept.exchange();
        self.ended.exchange();
        Continue(())
    }

    /// Nobody has spoken for long: lends what waits for who speaks next.
    pub fn tick(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        self.let_go(tools, lend)?;
        self.readers.tick(tools, lend)
    }

    /// The conversation has ended: its memory may serve another.
    pub fn recycle(self, scratch: &mut http::Scratch) {
        self.readers.recycle(scratch);
    }

    /// Whether a decoder reads it; `None` where its first bytes do not tell yet.
    pub fn is_read(&self) -> Option<bool> {
        self.readers.is_read()
    }

    /// It is read as lines of text.
    pub fn is_of_lines(&self) -> bool {
        self.readers.standard() == Some(Standard::Lines)
    }

    /// The client may wait for a 100 before it sends the body of its request.
    pub fn awaits_continue(&self) -> bool {
        self.readers.awaits_continue()
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        if self.withheld.as_ref().is_some_and(|it| it.side == side) {
            return false;
        }
        match self.readers.of(side) {
            Reading::Unknown => self.kept.of(side).is_empty(),
            _ => self.readers.is_between_messages(side),
        }
    }

    /// Settles what reads a side, and gives it what was kept. What the other side said before and
    /// did not tell is of the same conversation.
    fn resolve(
        &mut self,
        side: Side,
        reading: Reading,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        let peer = self.peer(side);
        self.readers.set(side, reading);
        if reading == Reading::Http {
            let http = || tools.scratch.take(tools.formats.digest);
            self.readers.expect_http(http, self.captured);
        }
        let has_said = self.withheld.is_some() || !self.kept.of(side.other()).is_empty();
        let has_kept = peer == Reading::Unknown && has_said;
        let takes_peer = match reading {
            Reading::Http => has_kept || peer == UNREAD,
            Reading::Reader => has_kept || (peer == UNREAD && self.otherwise.is_none()),
            // It has waited for this side to tell.
            Reading::Opaque(_) => has_kept && self.ended.of(side.other()).is_some(),
            Reading::Unknown => false,
        };
        if takes_peer {
            self.readers.set(side.other(), reading);
        }
        self.let_go(tools, lend)?;
        let told = side;
        let (first, second) = match self.server_spoke_first {
            true => (Side::Server, Side::Client),
            false => (Side::Client, Side::Server),
        };
        for side in [first, second] {
            let is_settled = self.readers.of(side) != Reading::Unknown;
            if is_settled && !self.kept.of(side).is_empty() {
                let kept = std::mem::take(self.kept.of_mut(side));
                self.readers.read(side, Input::Bytes(&kept), tools, lend)?;
                if let Some(clean) = self.ended.of(side).filter(|_| side != told) {
                    self.readers.read(side, Input::Close { clean }, tools, lend)?;
                }
            }
        }
        Continue(())
    }
}

/// What was kept, and as much of what follows as recognition looks at.
pub(super) fn with_more(kept: &[u8], bytes: &[u8]) -> Vec<u8> {
    let room = http::RECOGNITION_LEN.saturating_sub(kept.len());
    [kept, bytes.get(..room).unwrap_or(bytes)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::codecs::Codecs;
    use crate::profile::{Options, Protocols};

    #[test]
    fn what_is_lent_says_which_protocol_it_is_of() {
        let protocols = Protocols::load(&Options::default()).unwrap();
        let codecs = Codecs::new(&protocols).unwrap();
        let formats = StreamFormats::new(&protocols, &codecs, false);
        let (http, resp, lines) = (Standard::Http, Standard::Resp, Standard::Lines);
        for (side, bytes, expected) in [
            (Side::Client, &b"GET / HTTP/1.1\r\n\r\n"[..], Some(http)),
            (Side::Client, b"*1\r\n$4\r\nPING\r\n", Some(resp)),
            (Side::Server, b"220 ready\r\n", Some(lines)),
            (Side::Client, b"\x16\x03\x01\x02\0\x01\0", None),
        ] {
            let mut decoder = StreamDecoder::begin(&formats, &[], false);
            let mut scratch = http::Scratch::default();
            let mut tools = Tools { formats: &formats, scratch: &mut scratch };
            let mut found = Vec::new();
            let went = decoder.push(side, Input::Bytes(bytes), &mut tools, &mut |id, _| {
                found.push(id);
                Continue(())
            });
            assert!(went.is_continue());
            assert_eq!(found, [expected.map(|it| protocols.standard(it))]);
            let name = found[0].and_then(|it| protocols.get(it)).map(|it| it.name.as_str());
            assert_eq!(name, expected.map(Standard::name), "{}", bytes.escape_ascii());
        }
    }
}
