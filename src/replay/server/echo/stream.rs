//! The same over TCP: records one behind the other, and DNS behind its lengths.
//!
//! The recorded conversation is read once beforehand. It says which field of the server's bytes
//! repeats which request; the live client's request of that number says by what. At most
//! [`MAX_REPEATED`] fields of a conversation are put back; those beyond stay as recorded, and are
//! counted.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::sums::DeclaredSums;
use super::{Echo, Echoed, Fields, dns};
use crate::decode::codec::FoundSums;
use crate::decode::live::{Connection, Live};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::replay::{Action, Conversation, Payloads, ReplayError};

/// Fields of a conversation that are put back.
pub const MAX_REPEATED: usize = 1 << 16;

/// Bytes that are read of the capture at once.
const PIECE: u32 = 16 << 10;

/// A connection whose answers repeat what requests have.
pub(in crate::replay::server) struct StreamEcho {
    /// In the order of the server's bytes.
    repeated: VecDeque<Repeated>,
    /// The messages of the server that have such fields, and sums over them.
    summed: VecDeque<Summed>,
    /// Where the server's next byte is among all.
    sent: u64,
    client: Reader,
    /// Requests of the live client so far.
    heard: u64,
    /// Those that something still repeats.
    wanted: HashMap<u64, Wanted>,
    /// Fields beyond the bound.
    pub beyond: u64,
}

/// A field of the server's that repeats a request's.
struct Repeated {
    offset: u64,
    len: usize,
    is_text: bool,
    request: u64,
    path: String,
    /// How many of that path the request has before it.
    before: usize,
}

/// A message of the server whose sums were right.
struct Summed {
    offset: u64,
    len: usize,
    sums: FoundSums,
}

/// A request that so many fields still repeat, and what it has once it was heard.
#[derive(Default)]
struct Wanted {
    left: usize,
    fields: Values,
}

/// Finds messages in the bytes of both sides.
enum Reader {
    Records { connection: Connection, offsets: [u64; 2] },
    Dns([Frames; 2]),
}

/// Messages of DNS in the bytes of a side.
#[derive(Clone, Debug, Default)]
struct Frames {
    /// Where the one under way begins.
    offset: u64,
    /// What is there of it, with its length: at most 65,537 bytes.
    message: Vec<u8>,
    /// The fields of the recorded messages that the next ones are compared with.
    recorded: VecDeque<Values>,
}

/// The fields of a message, and what they hold.
type Values = Vec<(Echoed, Vec<u8>)>;

/// A message that a reader found: who sent it, where it begins, its fields, and where it has some that
/// are right, its length and its sums.
type Found = (Side, u64, Values, Option<(usize, FoundSums)>);

impl StreamEcho {
    /// Reads the recorded conversation; `None` where nothing in it repeats anything.
    ///
    /// # Errors
    ///
    /// The capture cannot be read again.
    pub fn new(
        echo: &mut Echo<'_>,
        conversation: &Conversation,
        payloads: &Payloads,
    ) -> Result<Option<Self>, ReplayError> {
        if !echo.is_of_interest(conversation) {
            return Ok(None);
        }
        let mut recorded = Recorded::default();
        let mut reader = Reader::new(echo, conversation);
        let mut bytes = Vec::new();
        for step in &conversation.steps {
            match &step.action {
                Action::Send(range) => {
                    let spans = conversation.sent(range).iter();
                    for piece in spans.flat_map(|it| it.pieces(PIECE)) {
                        bytes.clear();
                        payloads.read(piece, &mut bytes)?;
                        reader.push(echo, step.side, &bytes, &mut |it| recorded.take(it));
                    }
                }
                // What stands behind it is not known to be where it seems.
                Action::Missing(_) => break,
                Action::Finish | Action::Reset => {}
            }
        }
        let Recorded { repeated, summed, values, beyond, .. } = recorded;
        let mut client = Reader::new(echo, conversation);
        if let Reader::Dns([frames, _]) = &mut client {
            frames.recorded = values;
        }
        let mut wanted: HashMap<u64, Wanted> = HashMap::new();
        for it in &repeated {
            let left = &mut wanted.entry(it.request).or_default().left;
            *left = left.saturating_add(1);
        }
        let is_any = !repeated.is_empty();
        let (sent, heard) = (0, 0);
        Ok(is_any.then_some(Self { repeated, summed, sent, client, heard, wanted, beyond }))
    }

    /// Takes what the live client has sent, and gives what it is compared as, as far as that is
    /// known.
    pub fn heard<'b>(&mut self, echo: &mut Echo<'_>, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let Self { client, heard, wanted, .. } = self;
        client.push(echo, Side::Client, bytes, &mut |(_, _, fields, _)| {
            if let Some(it) = wanted.get_mut(heard) {
                it.fields = fields;
            }
            *heard = heard.saturating_add(1);
        })
    }

    /// The client sends no more: what it has not completed is compared as it is.
    pub fn rest(&mut self) -> Vec<u8> {
        match &mut self.client {
            Reader::Dns([client, _]) => std::mem::take(&mut client.message),
            Reader::Records { .. } => Vec::new(),
        }
    }

    /// Puts into the server's next bytes what the live client's requests have.
    pub fn answer(&mut self, bytes: &mut Vec<u8>) {
        let begin = self.sent;
        let end = begin.saturating_add(bytes.len() as u64);
        self.sent = end;
        // From behind, so that what becomes longer moves nothing that is still to be looked at.
        let within = self.repeated.iter().take_while(|it| it.offset < end).count();
        for it in self.repeated.iter().take(within).rev() {
            if let Some(value) = self.value(it) {
                it.put(value, begin, bytes);
            }
        }
        while let Some(it) = self.summed.pop_front_if(|it| it.offset < end) {
            it.write(begin, bytes);
        }
        let is_over = |it: &Repeated| it.offset.saturating_add(it.len as u64) <= end;
        while let Some(over) = self.repeated.pop_front_if(|it| is_over(it)) {
            if let Some(wanted) = self.wanted.get_mut(&over.request) {
                wanted.left = wanted.left.saturating_sub(1);
                if wanted.left == 0 {
                    self.wanted.remove(&over.request);
                }
            }
        }
    }

    fn value(&self, it: &Repeated) -> Option<&[u8]> {
        let fields = self.wanted.get(&it.request)?.fields.iter();
        let mut of_path = fields.filter(|(echoed, _)| echoed.path == it.path);
        of_path.nth(it.before).map(|(_, value)| value.as_slice())
    }
}

impl Summed {
    /// Makes the sums right again in bytes that begin at `begin`, where all of the message is there.
    fn write(&self, begin: u64, bytes: &mut [u8]) {
        let start = self.offset.checked_sub(begin).and_then(|it| usize::try_from(it).ok());
        let range = start.and_then(|it| Some(it..it.checked_add(self.len)?));
        if let Some(message) = range.and_then(|it| bytes.get_mut(it)) {
            self.sums.write(message, |_| true);
        }
    }
}

impl Repeated {
    /// Puts a value in its place in bytes that begin at `begin`; what reaches beyond them is in the
    /// next.
    fn put(&self, value: &[u8], begin: u64, bytes: &mut Vec<u8>) {
        if value.len() == self.len {
            for (at, byte) in (self.offset..).zip(value) {
                let index = at.checked_sub(begin).and_then(|it| usize::try_from(it).ok());
                if let Some(place) = index.and_then(|it| bytes.get_mut(it)) {
                    *place = *byte;
                }
            }
            return;
        }
        let start = self.offset.checked_sub(begin).and_then(|it| usize::try_from(it).ok());
        let range = start.and_then(|it| Some(it..it.checked_add(self.len)?));
        if let Some(range) = range.filter(|it| self.is_text && it.end <= bytes.len()) {
            bytes.splice(range, value.iter().copied());
        }
    }
}

/// What is gathered of the recorded conversation.
#[derive(Default)]
struct Recorded {
    requests: u64,
    /// The last request with a value in a field, and how many of that path it has before.
    asked: HashMap<(String, Vec<u8>), (u64, usize)>,
    /// The fields of each request.
    values: VecDeque<Values>,
    repeated: VecDeque<Repeated>,
    summed: VecDeque<Summed>,
    beyond: u64,
}

impl Recorded {
    fn take(&mut self, (side, offset, fields, sums): Found) {
        match side {
            Side::Client => self.request(fields),
            Side::Server => {
                let before = self.repeated.len();
                fields.into_iter().for_each(|it| self.answer(offset, it));
                // Not more of them than of these fields.
                if let Some((len, sums)) = sums.filter(|_| self.repeated.len() > before) {
                    self.summed.push_back(Summed { offset, len, sums });
                }
            }
        }
    }

    fn request(&mut self, fields: Values) {
        let number = self.requests;
        self.requests = number.saturating_add(1);
        let mut before: HashMap<String, usize> = HashMap::new();
        if self.values.len() < MAX_REPEATED {
            self.values.push_back(fields.clone());
        }
        for (Echoed { path, .. }, value) in fields {
            if self.asked.len() >= MAX_REPEATED {
                self.beyond = self.beyond.saturating_add(1);
                continue;
            }
            let count = before.entry(path.clone()).or_default();
            self.asked.insert((path, value), (number, *count));
            *count = count.saturating_add(1);
        }
    }

    fn answer(&mut self, begin: u64, (echoed, value): (Echoed, Vec<u8>)) {
        let Echoed { path, range, is_text } = echoed;
        let (offset, len) = (begin.saturating_add(range.start as u64), range.len());
        let key = (path, value);
        let Some(&(request, before)) = self.asked.get(&key) else { return };
        if self.repeated.len() >= MAX_REPEATED {
            self.beyond = self.beyond.saturating_add(1);
            return;
        }
        let path = key.0;
        self.repeated.push_back(Repeated { offset, len, is_text, request, path, before });
    }
}

impl Reader {
    fn new(echo: &mut Echo<'_>, conversation: &Conversation) -> Self {
        if echo.is_dns(conversation) {
            return Self::Dns(<[Frames; 2]>::default());
        }
        let Conversation { client, server, .. } = *conversation;
        Self::Records { connection: echo.live.connect(client, server), offsets: [0; 2] }
    }

    /// Takes the next bytes of a side, lends the messages whose fields are known now, and gives
    /// what may be compared by now: nothing of a message of DNS before it is whole.
    fn push<'b>(
        &mut self,
        echo: &mut Echo<'_>,
        side: Side,
        bytes: &'b [u8],
        sink: &mut dyn FnMut(Found),
    ) -> Cow<'b, [u8]> {
        match self {
            Self::Records { connection, offsets } => {
                let Echo { live, fields, sums, .. } = echo;
                records((live, connection), (fields, sums), (side, bytes), offsets, sink);
                Cow::Borrowed(bytes)
            }
            Self::Dns([client, server]) => {
                let frames = if side == Side::Client { client } else { server };
                Cow::Owned(frames.push(side, bytes, sink))
            }
        }
    }
}

fn records(
    (live, connection): (&mut Live<'_>, &mut Connection),
    (fields, sums): (&Fields, &DeclaredSums),
    (side, bytes): (Side, &[u8]),
    [client, server]: &mut [u64; 2],
    sink: &mut dyn FnMut(Found),
) {
    live.push(connection, side, Input::Bytes(bytes), &mut |event| match *event {
        StreamEvent::Message { side, ref message } => {
            let offset = if side == Side::Client { &mut *client } else { &mut *server };
            let value = |it: Echoed| {
                let value = message.bytes.get(it.range.clone())?.to_vec();
                Some((it, value))
            };
            let found = fields.of(message).into_iter().filter_map(value).collect();
            sink((side, *offset, found, sums.right_in(message).map(|it| (message.len, it))));
            *offset = offset.saturating_add(message.len as u64);
        }
        StreamEvent::Skipped { side, len, .. } => {
            let offset = if side == Side::Client { &mut *client } else { &mut *server };
            *offset = offset.saturating_add(len);
        }
        StreamEvent::Body { .. } | StreamEvent::BodyGap { .. } => {}
    });
}

impl Frames {
    /// Takes the next bytes of a side, lends the messages that they complete, and gives those with
    /// the recorded values in these fields.
    fn push(&mut self, side: Side, mut bytes: &[u8], sink: &mut dyn FnMut(Found)) -> Vec<u8> {
        let mut compared = Vec::new();
        while !bytes.is_empty() {
            let missing = self.len().saturating_sub(self.message.len()).min(bytes.len());
            let (taken, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.message.extend_from_slice(taken);
            bytes = rest;
            if self.message.len() >= self.len() {
                sink((side, self.begin(), self.fields(side), None));
                self.offset = self.offset.saturating_add(self.message.len() as u64);
                compared.extend(self.as_recorded(side));
            }
        }
        compared
    }

    /// How long the message under way is with its length, as far as that is known.
    fn len(&self) -> usize {
        let len = self.message.first_chunk().map_or(0, |it| usize::from(u16::from_be_bytes(*it)));
        len.saturating_add(dns::LENGTH_LEN)
    }

    fn begin(&self) -> u64 {
        self.offset.saturating_add(dns::LENGTH_LEN as u64)
    }

    fn fields(&self, side: Side) -> Values {
        let message = self.message.get(dns::LENGTH_LEN..).unwrap_or_default();
        let fields = dns::fields(side, message).into_iter().map(Echoed::dns);
        fields.filter_map(|it| Some((it.clone(), message.get(it.range)?.to_vec()))).collect()
    }

    /// Takes out the message, with the values of the recorded one in its place.
    fn as_recorded(&mut self, side: Side) -> Vec<u8> {
        let fields = self.fields(side);
        let recorded = self.recorded.pop_front().unwrap_or_default();
        let mut message = std::mem::take(&mut self.message);
        for (Echoed { path, range, .. }, value) in fields {
            let then = recorded.iter().find(|(it, _)| it.path == path);
            let body = message.get_mut(dns::LENGTH_LEN..).and_then(|it| it.get_mut(range));
            if let Some(place) = body.filter(|it| it.len() == value.len())
                && let Some((_, then)) = then.filter(|(_, then)| then.len() == value.len())
            {
                place.copy_from_slice(then);
            }
        }
        message
    }
}
