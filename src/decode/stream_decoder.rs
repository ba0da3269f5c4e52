//! The decoder of one TCP conversation: what a rule names, else what the first bytes of each side
//! are.
//!
//! HTTP is recognised by content on any port that no rule of the user's names; a built-in gives
//! way to it. TLS, HTTP/2 and SSH are named, and passed over. RESP and lines of text are recognised
//! where nothing is declared for the port. Where no handshake was seen, content also tells which
//! side is the client's.

use std::sync::Arc;

use super::codec::{Codec, CodecError};
use super::first_bytes::{
    Opening, begins_http, recognise, recognise_answer, role_of_first, role_of_later,
};
use super::http::{self, Http};
use super::lines::{self, Lines};
use super::plain::{self, Plain};
use super::record_stream::{RecordFormat, RecordStream};
use super::resp::{self, Resemblance, Resp};
use super::stream::StreamEvent;
use super::text::{TextFormat, TextStream};
use super::unread::Unread;
use super::withheld::{Allowance, Withheld};
use crate::flow::Sides;
use crate::flow::{Input, Side};
use crate::message::Known;
use crate::profile::{Candidate, Format, Protocol, Protocols};

/// How the messages of each protocol are read from a stream.
pub(super) struct StreamFormats {
    /// As [`Protocols::list`]; `None` for a struct that no stream can carry.
    formats: Vec<Option<StreamFormat>>,
    /// The protocols that some payload may be.
    reachable: Vec<usize>,
    /// Messages have the SHA-256 of their bodies.
    digest: bool,
    /// RESP and lines are recognised by content.
    recognises_text: bool,
    /// Shared by all conversations.
    allowance: Allowance,
}

#[derive(Clone)]
enum StreamFormat {
    Text(Arc<TextFormat>),
    Records(Arc<RecordFormat>),
    Http,
    Resp,
    Lines,
}

/// The decoder of one conversation. What reads it is shared by both sides, but which of the readers
/// a side has is told by its own first bytes.
pub(super) struct StreamDecoder {
    readings: Sides<Reading>,
    http: Option<Box<Http>>,
    reader: Option<Reader>,
    /// What each side sent that does not tell yet, bounded by [`http::RECOGNITION_LEN`].
    kept: Sides<Vec<u8>>,
    /// What a side said first that nothing reads, while the other may tell.
    withheld: Option<Box<Withheld>>,
    /// By itself that is lines of text.
    is_withheld_text: bool,
    /// It is a capture's: what a side says may be told by what the other has answered.
    is_captured: bool,
    /// The capture has its handshake.
    is_from_start: bool,
    server_spoke_first: bool,
    /// A side has ended that does not tell by itself; whether by FIN.
    ended: Sides<Option<bool>>,
    /// The protocol that a side speaks whose content is not recognised.
    otherwise: Option<usize>,
    /// A rule of the user's names that protocol: content tells no more than who the client is.
    is_ruled: bool,
    /// No handshake told which side is which: content may show that it is the other way round.
    are_sides_assumed: bool,
}

/// What becomes of the bytes of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The first ones do not tell yet, or none came.
    Unknown,
    /// [`StreamDecoder::http`] takes them.
    Http,
    /// [`StreamDecoder::reader`] takes them.
    Reader,
    /// They are passed over; why.
    Opaque(Unread),
}

/// What reads the messages of a protocol in the list, or of one that is told by content.
enum Reader {
    Text { protocol: usize, stream: Box<TextStream> },
    Records { protocol: usize, stream: Box<RecordStream> },
    Resp(Box<Resp>),
    Lines(Box<Lines>),
}

/// A payload that no decoder reads.
const UNREAD: Reading = Reading::Opaque(Unread::NoDecoder);

/// What decoding needs beside the conversation itself.
pub(super) struct Tools<'t> {
    pub formats: &'t StreamFormats,
    pub scratch: &'t mut http::Scratch,
}

/// Lends what was found, with the index of its protocol; `None` for HTTP, RESP and lines.
pub(super) type Lend<'l> = &'l mut dyn FnMut(Option<usize>, StreamEvent<'_>);

impl StreamFormats {
    /// `codecs` are those of the datagrams, as [`Protocols::list`].
    pub fn new(
        protocols: &Protocols,
        codecs: &[Option<Codec>],
        digest: bool,
    ) -> Result<Self, CodecError> {
        let formats = protocols.list().iter().zip(codecs);
        let formats = formats.map(|(protocol, codec)| format(protocol, codec.as_ref()));
        let formats = formats.collect::<Result<_, _>>()?;
        let (reachable, recognises_text) = (protocols.reachable(), protocols.recognises_text());
        let allowance = Allowance::default();
        Ok(Self { formats, reachable, digest, recognises_text, allowance })
    }

    /// What the text records, HTTP, RESP and lines are called; structs are the same as in datagrams.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let reachable = self.reachable.iter().filter_map(|index| self.format(*index));
        let texts = reachable.filter_map(|format| match format {
            StreamFormat::Text(text) => Some(Known {
                protocol: text.protocol(),
                message: text.message(),
                table: text.table(),
            }),
            StreamFormat::Records(_) | StreamFormat::Http => None,
            StreamFormat::Resp | StreamFormat::Lines => None,
        });
        let of = |protocol| move |(message, table)| Known { protocol, message, table };
        let http = http::messages().map(of("http"));
        let resp = resp::messages().map(of("resp"));
        let lines = lines::messages().map(of("lines"));
        texts.chain(http).chain(resp).chain(lines)
    }

    /// The decoder of a conversation that begins, whose ports have these candidates. No handshake
    /// told which side is which where `are_sides_assumed`.
    pub fn begin(&self, candidates: &[Candidate], are_sides_assumed: bool) -> StreamDecoder {
        let first = candidates.iter().find(|it| self.format(it.protocol).is_some());
        let mut decoder = StreamDecoder {
            otherwise: first.map(|it| it.protocol),
            is_ruled: first.is_some_and(|it| !it.is_built_in()),
            are_sides_assumed,
            ..StreamDecoder::all(Reading::Unknown)
        };
        let is_http = decoder.otherwise.and_then(|it| self.format(it)).is_some_and(is_http);
        if decoder.is_ruled && !(is_http && are_sides_assumed) {
            let reading = decoder.reading_otherwise(self);
            decoder.readings = Sides { client: reading, server: reading };
            decoder.http = is_http.then(|| Box::new(Http::new(self.digest)));
        }
        decoder
    }

    fn format(&self, protocol: usize) -> Option<&StreamFormat> {
        self.formats.get(protocol)?.as_ref()
    }

    fn reader(&self, protocol: usize) -> Option<Reader> {
        Some(match self.format(protocol)? {
            StreamFormat::Text(format) => {
                let stream = Box::new(TextStream::new(Arc::clone(format)));
                Reader::Text { protocol, stream }
            }
            StreamFormat::Records(format) => {
                let stream = Box::new(RecordStream::new(Arc::clone(format)));
                Reader::Records { protocol, stream }
            }
            StreamFormat::Resp => Reader::resp(),
            StreamFormat::Lines => Reader::lines(),
            StreamFormat::Http => return None,
        })
    }
}

fn is_http(format: &StreamFormat) -> bool {
    matches!(format, StreamFormat::Http)
}

fn format(protocol: &Protocol, codec: Option<&Codec>) -> Result<Option<StreamFormat>, CodecError> {
    Ok(match (&protocol.format, codec) {
        (Format::Http, _) => Some(StreamFormat::Http),
        (Format::Resp, _) => Some(StreamFormat::Resp),
        (Format::Lines, _) => Some(StreamFormat::Lines),
        (Format::Text(text), _) => {
            let format = TextFormat::new(&protocol.name, &protocol.message, text);
            format.ok().map(|format| StreamFormat::Text(Arc::new(format)))
        }
        (Format::Record(_), Some(codec)) => {
            let length = protocol.length.as_deref();
            let format = RecordFormat::new(&protocol.name, codec.clone(), length)?;
            Some(StreamFormat::Records(Arc::new(format)))
        }
        (Format::Record(_), None) => None,
    })
}

impl StreamDecoder {
    fn all(reading: Reading) -> Self {
        Self {
            readings: Sides { client: reading, server: reading },
            http: None,
            reader: None,
            kept: Sides::default(),
            withheld: None,
            is_withheld_text: false,
            is_captured: false,
            is_from_start: false,
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
        self.is_captured = true;
        self.is_from_start = !self.are_sides_assumed;
        if let Some(http) = &mut self.http {
            http.is_captured(self.is_from_start);
        }
        self
    }

    /// Takes what arrives on one side, and lends what it completes.
    pub fn push(&mut self, side: Side, input: Input<'_>, tools: &mut Tools<'_>, lend: Lend<'_>) {
        match self.withheld.as_ref().map(|it| it.side) {
            Some(first) if first == side && self.goes_on(side, input, tools.formats) => {
                return self.withhold(side, input, tools, lend);
            }
            Some(first) if first != side => match self.tells(side, input) {
                Opening::Http => self.resolve(side, Reading::Http, tools, lend),
                Opening::NeedMore => {
                    if let Input::Bytes(bytes) = input {
                        self.keep(side, bytes);
                    }
                    return;
                }
                _ => self.let_go(tools, lend),
            },
            _ => self.let_go(tools, lend),
        }
        if *self.readings.of(side) == Reading::Unknown {
            let Some(reading) = self.recognise(side, input, tools.formats) else { return };
            if self.may_withhold(side, reading) {
                return self.withhold(side, input, tools, lend);
            }
            self.resolve(side, reading, tools, lend);
        } else if let Input::Bytes(bytes) = input
            && let Some(reading) = self.turns(side, bytes, tools.formats)
        {
            self.resolve(side, reading, tools, lend);
        }
        self.read(side, input, tools, lend);
    }

    /// Whether the side that spoke first goes on as it began.
    fn goes_on(&mut self, side: Side, input: Input<'_>, formats: &StreamFormats) -> bool {
        match input {
            Input::Bytes(bytes) => {
                !begins_http(side, bytes) && self.turns_to_resp(side, bytes, formats).is_none()
            }
            Input::Gap(_) | Input::Close { .. } => true,
        }
    }

    /// What the other side begins with, where it may tell that the first one speaks HTTP.
    fn tells(&self, side: Side, input: Input<'_>) -> Opening {
        match input {
            Input::Bytes(bytes) => recognise(side, &with_more(self.kept.of(side), bytes)),
            Input::Gap(_) | Input::Close { .. } => Opening::Unknown,
        }
    }

    /// Whether a side that would be read so may be something else, and the other one, which has said
    /// nothing so far, would tell.
    fn may_withhold(&mut self, side: Side, reading: Reading) -> bool {
        let other = side.other();
        let is_text = reading == Reading::Reader && matches!(self.reader, Some(Reader::Lines(_)));
        let may = self.is_captured
            && !self.is_ruled
            && (is_text || reading == UNREAD)
            && self.peer(side) == Reading::Unknown
            && self.kept.of(other).is_empty()
            && self.ended.of(other).is_none();
        if may {
            self.reader = self.reader.take().filter(|_| !is_text);
            self.is_withheld_text = is_text;
            self.server_spoke_first = side == Side::Server;
        }
        may
    }

    /// Withholds what a side says first.
    fn withhold(&mut self, side: Side, input: Input<'_>, tools: &mut Tools<'_>, lend: Lend<'_>) {
        let allowance = &tools.formats.allowance;
        let begin = || Box::new(Withheld::new(side, allowance));
        let withheld = self.withheld.get_or_insert_with(begin);
        let kept = std::mem::take(self.kept.of_mut(side));
        let has_room = kept.is_empty() || withheld.hold(Input::Bytes(&kept));
        if has_room && withheld.hold(input) {
            return;
        }
        self.let_go(tools, lend);
        if !has_room {
            self.read(side, Input::Bytes(&kept), tools, lend);
        }
        self.read(side, input, tools, lend);
    }

    /// Gives what was withheld to what reads its side: that which the other one has told, or what
    /// it is by itself.
    fn let_go(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) {
        let Some(mut withheld) = self.withheld.take() else { return };
        let side = withheld.side;
        if *self.readings.of(side) == Reading::Unknown {
            let plain = if self.is_withheld_text { Plain::Lines } else { Plain::No };
            *self.readings.of_mut(side) = self.reading_of_text(plain);
        }
        for piece in std::mem::take(&mut withheld.pieces) {
            self.read(side, Input::Bytes(&piece), tools, lend);
        }
        if let Some(clean) = withheld.close {
            self.read(side, Input::Close { clean }, tools, lend);
        }
    }

    /// What is to become of a side that goes on as something else: one that nothing reads, or whose
    /// lines were the end of what the capture lacks the start of.
    fn turns(&mut self, side: Side, bytes: &[u8], formats: &StreamFormats) -> Option<Reading> {
        let is_unread = *self.readings.of(side) == UNREAD;
        let is_text = !self.is_ruled
            && matches!(self.reader, Some(Reader::Lines(_)))
            && *self.readings.of(side) == Reading::Reader
            && self.is_between_messages(side);
        if (is_unread || is_text) && begins_http(side, bytes) {
            return Some(Reading::Http);
        }
        if is_unread { self.turns_to_resp(side, bytes, formats) } else { None }
    }

    /// A command of RESP tells what a conversation speaks whose start tells nothing.
    fn turns_to_resp(
        &mut self,
        side: Side,
        bytes: &[u8],
        formats: &StreamFormats,
    ) -> Option<Reading> {
        let may_be = self.tells_text(formats) && self.reader.is_none() && side == Side::Client;
        let is_resp = may_be && resp::resembles(side, bytes) == Resemblance::Yes;
        is_resp.then(|| {
            self.reader = Some(Reader::resp());
            Reading::Reader
        })
    }

    /// Nothing is declared for the ports, so that RESP and lines are told by content.
    fn tells_text(&self, formats: &StreamFormats) -> bool {
        formats.recognises_text && self.otherwise.is_none()
    }

    /// Whether `input` shows that the sides are the other way round; then they have been
    /// exchanged, and it is for the caller to give the input to the other side.
    pub fn is_reversed_by(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> bool {
        let Input::Bytes(bytes) = input else { return false };
        if !self.are_sides_assumed || *self.readings.of(side) == Reading::Reader {
            return false;
        }
        let kept = self.kept.of(side);
        let goes_on = self.withheld.as_ref().is_some_and(|it| it.side == side);
        let role = match self.readings.of(side) {
            Reading::Unknown if goes_on => role_of_later(bytes),
            Reading::Unknown if kept.is_empty() => role_of_first(bytes),
            Reading::Unknown => role_of_first(&with_more(kept, bytes)),
            _ => role_of_later(bytes),
        };
        self.are_sides_assumed = role.is_none();
        let is_reversed = role.is_some_and(|role| role != side);
        if is_reversed {
            self.reverse(tools, lend);
        }
        is_reversed
    }

    /// Exchanges the sides.
    pub fn reverse(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) {
        if let Some(mut http) = self.http.take() {
            for side in [Side::Client, Side::Server] {
                let end = Input::Close { clean: false };
                http.push(side, end, tools.scratch, &mut |event| lend(None, event));
            }
            tools.scratch.give(http);
            self.http = Some(tools.scratch.take(tools.formats.digest));
        }
        if let Some(fresh) = self.reader.as_ref().and_then(Reader::fresh) {
            let reader = self.reader.replace(fresh);
            if let Some(mut reader) = reader {
                let end = Input::Close { clean: false };
                [Side::Client, Side::Server].iter().for_each(|it| reader.push(*it, end, lend));
            }
        }
        self.are_sides_assumed = false;
        self.server_spoke_first = !self.server_spoke_first;
        self.readings.exchange();
        if let Some(withheld) = &mut self.withheld {
            withheld.side = withheld.side.other();
        }
        self.kept.exchange();
        self.ended.exchange();
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

    /// It is read as lines of text.
    pub fn is_of_lines(&self) -> bool {
        matches!(self.reader, Some(Reader::Lines(_)))
    }

    /// The client may wait for a 100 before it sends the body of its request.
    pub fn awaits_continue(&self) -> bool {
        self.http.as_ref().is_some_and(|http| http.awaits_continue())
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        if self.withheld.as_ref().is_some_and(|it| it.side == side) {
            return false;
        }
        match (self.readings.of(side), &self.http, &self.reader) {
            (Reading::Unknown, ..) => self.kept.of(side).is_empty(),
            (Reading::Http, Some(http), _) => http.is_between_messages(side),
            (Reading::Reader, _, Some(reader)) => reader.is_between_messages(side),
            _ => true,
        }
    }

    /// Gives what arrives to what reads the side.
    fn read(&mut self, side: Side, input: Input<'_>, tools: &mut Tools<'_>, lend: Lend<'_>) {
        let reading = *self.readings.of(side);
        if side == Side::Client
            && !matches!(reading, Reading::Http | Reading::Unknown)
            && let Some(http) = &mut self.http
        {
            http.expect_no_request(tools.scratch, &mut |event| lend(None, event));
        }
        match (reading, &mut self.http, &mut self.reader) {
            (Reading::Http, Some(http), _) => {
                http.push(side, input, tools.scratch, &mut |event| lend(None, event));
            }
            (Reading::Reader, _, Some(reader)) => reader.push(side, input, lend),
            (Reading::Opaque(reason), ..) => {
                if let Input::Bytes(bytes) = input {
                    let len = bytes.len() as u64;
                    lend(None, StreamEvent::Skipped { side, len, reason });
                }
            }
            _ => {}
        }
    }

    /// What is to become of a side, once its input tells; till then the input is kept.
    fn recognise(
        &mut self,
        side: Side,
        input: Input<'_>,
        formats: &StreamFormats,
    ) -> Option<Reading> {
        let bytes = match input {
            Input::Bytes(bytes) => bytes,
            Input::Gap(_) if self.has_kept_text(side, formats) => {
                return Some(self.reading_of_text(self.plain(side, &[], true)));
            }
            Input::Gap(_) => return Some(self.reading_behind_gap(side, formats)),
            Input::Close { clean } if self.has_kept_text(side, formats) => {
                *self.ended.of_mut(side) = Some(clean);
                // The other side may answer yet, and tell.
                let is_end = self.ended.of(side.other()).is_some();
                let plain = self.plain(side, &[], is_end);
                return (plain != Plain::NeedMore).then(|| self.reading_of_text(plain));
            }
            Input::Close { .. } => {
                let is_told = !self.kept.of(side).is_empty() || self.peer(side) == Reading::Http;
                return is_told.then(|| self.reading_of(side, Opening::Unknown, formats));
            }
        };
        let kept = self.kept.of(side);
        let opening = match kept.is_empty() {
            true => self.opening(side, bytes),
            false => self.opening(side, &with_more(kept, bytes)),
        };
        if opening == Opening::NeedMore {
            self.keep(side, bytes);
            return None;
        }
        if opening == Opening::Unknown && self.may_be_text(side, formats) {
            return match self.plain(side, bytes, false) {
                Plain::NeedMore => {
                    self.keep(side, bytes);
                    None
                }
                plain => Some(self.reading_of_text(plain)),
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
        self.tells_text(formats) && self.peer(side) == Reading::Unknown && self.reader.is_none()
    }

    /// The same, and either side has sent something that did not tell.
    fn has_kept_text(&self, side: Side, formats: &StreamFormats) -> bool {
        let has_kept = [side, side.other()].iter().any(|it| !self.kept.of(*it).is_empty());
        has_kept && self.may_be_text(side, formats)
    }

    /// What the conversation speaks, as far as these bytes of a side tell, which follow what was
    /// kept of it.
    fn plain(&self, side: Side, bytes: &[u8], is_end: bool) -> Plain {
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
    fn reading_of_text(&mut self, plain: Plain) -> Reading {
        self.reader = match plain {
            Plain::Resp => Some(Reader::resp()),
            Plain::Lines => Some(Reader::lines()),
            Plain::No | Plain::NeedMore => return UNREAD,
        };
        Reading::Reader
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

    fn keep(&mut self, side: Side, bytes: &[u8]) {
        if self.kept.of(side.other()).is_empty() && self.kept.of(side).is_empty() {
            self.server_spoke_first = side == Side::Server;
        }
        self.kept.of_mut(side).extend_from_slice(bytes);
    }

    fn peer(&self, side: Side) -> Reading {
        *self.readings.of(side.other())
    }

    /// What reads a side that begins so.
    fn reading_of(&mut self, side: Side, opening: Opening, formats: &StreamFormats) -> Reading {
        match (opening, self.peer(side)) {
            (Opening::Http, _) => Reading::Http,
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
    fn reading_otherwise(&mut self, formats: &StreamFormats) -> Reading {
        let Some(protocol) = self.otherwise else {
            // The other side has told what the conversation speaks.
            return if self.reader.is_some() { Reading::Reader } else { UNREAD };
        };
        if self.reader.is_none() {
            self.reader = formats.reader(protocol);
        }
        match formats.format(protocol) {
            Some(StreamFormat::Http) => Reading::Http,
            Some(_) => Reading::Reader,
            None => UNREAD,
        }
    }

    /// Settles what reads a side, and gives it what was kept. What the other side said before and
    /// did not tell is of the same conversation.
    fn resolve(&mut self, side: Side, reading: Reading, tools: &mut Tools<'_>, lend: Lend<'_>) {
        let peer = self.peer(side);
        *self.readings.of_mut(side) = reading;
        if reading == Reading::Http && self.http.is_none() {
            let mut http = tools.scratch.take(tools.formats.digest);
            if self.is_captured {
                http.is_captured(self.is_from_start);
            }
            self.http = Some(http);
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
            *self.readings.of_mut(side.other()) = reading;
        }
        self.let_go(tools, lend);
        let told = side;
        let (first, second) = match self.server_spoke_first {
            true => (Side::Server, Side::Client),
            false => (Side::Client, Side::Server),
        };
        for side in [first, second] {
            let is_settled = *self.readings.of(side) != Reading::Unknown;
            if is_settled && !self.kept.of(side).is_empty() {
                let kept = std::mem::take(self.kept.of_mut(side));
                self.read(side, Input::Bytes(&kept), tools, lend);
                if let Some(clean) = self.ended.of(side).filter(|_| side != told) {
                    self.read(side, Input::Close { clean }, tools, lend);
                }
            }
        }
    }
}

impl Reader {
    fn resp() -> Self {
        Self::Resp(Box::default())
    }

    fn lines() -> Self {
        Self::Lines(Box::default())
    }

    /// One at the start of a conversation, where it matters which side is which.
    fn fresh(&self) -> Option<Self> {
        match self {
            Self::Text { .. } | Self::Records { .. } => None,
            Self::Resp(_) => Some(Self::resp()),
            Self::Lines(_) => Some(Self::lines()),
        }
    }

    fn push(&mut self, side: Side, input: Input<'_>, lend: Lend<'_>) {
        match self {
            Self::Text { protocol, stream } => {
                stream.push(side, input, &mut |event| lend(Some(*protocol), event));
            }
            Self::Records { protocol, stream } => {
                stream.push(side, input, &mut |event| lend(Some(*protocol), event));
            }
            Self::Resp(resp) => resp.push(side, input, &mut |event| lend(None, event)),
            Self::Lines(lines) => lines.push(side, input, &mut |event| lend(None, event)),
        }
    }

    fn is_between_messages(&self, side: Side) -> bool {
        match self {
            Self::Text { stream, .. } => stream.is_between_messages(side),
            Self::Records { stream, .. } => stream.is_between_messages(side),
            Self::Resp(resp) => resp.is_between_messages(side),
            Self::Lines(lines) => lines.is_between_messages(side),
        }
    }
}

/// What was kept, and as much of what follows as recognition looks at.
fn with_more(kept: &[u8], bytes: &[u8]) -> Vec<u8> {
    let room = http::RECOGNITION_LEN.saturating_sub(kept.len());
    [kept, bytes.get(..room).unwrap_or(bytes)].concat()
}
