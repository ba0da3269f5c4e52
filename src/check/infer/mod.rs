//! Infers, from the datagrams of each sender and the header, how the sender was really built:
//! whether it forgot `htonl`, did not pack its struct, or has another data model.
//!
//! A sender is a source address, the port that it serves or sends to, and a message; of source ports that contradict
//! each other each is one ([`programs`]). Its first distinct messages are
//! kept ([`sample`]); every layout that a compiler may have given the record ([`layouts`]) and both
//! byte orders of every field are weighed against them ([`evidence`], [`posterior`]); what follows
//! is counted as it arrives ([`claim`]) and told at the end ([`verdict`]). `docs/checking.md` says
//! what the confidence means and how often it is right.
//!
//! Bounds: [`MAX_INFERRED`], [`MAX_KEPT`]; what they leave out is counted.

mod claim;
mod content;
mod counted;
mod drift;
mod evidence;
mod integer;
mod key;
mod layouts;
mod magnitude;
mod mixture;
mod parts;
mod posterior;
mod programs;
mod sample;
mod slots;
mod steps;
mod streams;
mod verdict;
mod way;

pub use key::MAX_INFERRED;

use foldhash::{HashMap, HashMapExt};

use self::{
    key::Key,
    layouts::{Candidate, candidates},
    programs::Programs,
    sample::{Sample, Seen},
    streams::Streams,
};
use super::Finding;
use super::answer::is_answer;
use crate::flow::Side;
use crate::message::{Captured, ErrorKind};
use crate::packet::{Endpoint, StreamId};
use crate::profile::{Protocol, Protocols};
use crate::schema::{RecordDef, RecordKind};

/// Bytes of messages that are kept of all senders.
pub const MAX_KEPT: usize = 32 << 20;

/// Gathers the datagrams of senders, and tells what is wrong with them.
pub struct Inference<'p> {
    protocols: &'p Protocols,
    messages: Vec<Declared<'p>>,
    senders: Vec<Sender>,
    by_key: HashMap<Key, usize>,
    last: Option<(Key, usize)>,
    room: usize,
    left_out: u64,
    streams: Streams,
}

/// A message whose layouts are known.
struct Declared<'p> {
    protocol: &'p Protocol,
    name: &'p str,
    schema: usize,
    candidates: Vec<Candidate>,
    /// Its messages say how long they are.
    is_open: bool,
}

/// One sender.
struct Sender {
    message: usize,
    dst: Endpoint,
    /// `None` where there are several.
    stream: Option<StreamId>,
    /// Those that are known.
    programs: Programs,
    /// What came of none of them, and waits to be weighed.
    sample: Sample,
}

impl<'p> Inference<'p> {
    /// Prepares the layouts of every struct.
    pub fn new(protocols: &'p Protocols) -> Self {
        Self {
            protocols,
            messages: protocols.list().iter().flat_map(|it| declared(it, protocols)).collect(),
            senders: Vec::new(),
            by_key: HashMap::new(),
            last: None,
            room: MAX_KEPT,
            left_out: 0,
            streams: Streams::default(),
        }
    }

    /// Takes a message that a struct describes: a whole datagram, or what one `side` of a stream
    /// sent.
    pub fn push(&mut self, captured: &Captured<'_>, side: Option<Side>) {
        let message = &captured.message;
        let is_snapped = message.error.is_some_and(|it| it.kind == ErrorKind::Snapped);
        if is_snapped || !message.candidates.is_empty() {
            return;
        }
        let Some(key) = self.key(captured, side) else { return };
        let is_open = self.messages.get(key.message).is_some_and(|it| it.is_open);
        match (captured.transport.is_stream() && !is_open, side) {
            (false, _) => {
                self.take(key, (captured.dst, captured.stream), &Seen::of(captured));
            }
            (true, Some(side)) => {
                self.streams.push(key, side, captured, &mut self.room);
            }
            (true, None) => {}
        }
    }

    /// Bytes are missing on one side of a stream.
    pub fn gap(&mut self, stream: StreamId, side: Side) {
        self.streams.gap(stream, side);
    }

    fn take(&mut self, key: Key, (dst, stream): (Endpoint, StreamId), seen: &Seen) {
        let Some(index) = self.sender(key, dst, stream) else { return };
        let Some(sender) = self.senders.get_mut(index) else { return };
        let Some(declared) = self.messages.get(sender.message) else { return };
        if sender.stream != Some(stream) {
            sender.stream = None;
        }
        let Sender { programs, sample, .. } = sender;
        if programs.judge(&declared.candidates, seen) {
            return;
        }
        sample.push(seen, &mut self.room);
        if sample.is_full() {
            self.room += sample.len();
            programs.weigh(&declared.candidates, &std::mem::take(sample));
        }
    }

    /// Messages of senders beyond `MAX_INFERRED`.
    pub fn left_out(&self) -> u64 {
        self.left_out.saturating_add(self.streams.left_out())
    }

    /// What is wrong, sender by sender in the order of their first messages.
    pub fn finish(mut self) -> Vec<Finding> {
        self.cut_streams();
        let Self { protocols, messages, senders, .. } = self;
        let each = senders.into_iter().flat_map(|sender| {
            let declared = messages.get(sender.message);
            declared.map_or_else(Vec::new, |it| verdict::findings(sender, it, protocols))
        });
        each.collect()
    }

    /// The messages of streams, cut by the size that they turned out to have.
    fn cut_streams(&mut self) {
        let declared = |key: Key| self.messages.get(key.message);
        let is_one_struct = |it: &&Declared<'_>| it.protocol.words.cases.is_empty();
        let sizes = |key| {
            let declared = declared(key).filter(is_one_struct);
            declared.map_or_else(Vec::new, |it| streams::sizes(&it.candidates))
        };
        for (kept, size) in std::mem::take(&mut self.streams).settle(sizes) {
            for seen in kept.messages(size) {
                self.take(kept.key, (kept.dst, kept.stream), &seen);
            }
        }
    }

    /// What makes the sender of a message; `None` where no struct describes it.
    fn key(&self, captured: &Captured<'_>, side: Option<Side>) -> Option<Key> {
        let is_named = |it: &Declared<'_>| {
            it.name == captured.message.name && it.protocol.name == captured.message.protocol
        };
        let last = self
            .last
            .map(|it| it.0.message)
            .filter(|&it| self.messages.get(it).is_some_and(is_named));
        let message = last.or_else(|| self.messages.iter().position(is_named))?;
        // On one host, what a server answers is not what it is asked.
        let side = side.or_else(|| is_answer(self.protocols, captured).then_some(Side::Server));
        let is_answer = side == Some(Side::Server);
        let port = if is_answer { captured.src.port() } else { captured.dst.port() };
        Some(Key { src: captured.src.host(), port, message, side })
    }

    /// The sender of a key, known or new.
    fn sender(&mut self, key: Key, dst: Endpoint, stream: StreamId) -> Option<usize> {
        if let Some((last, index)) = self.last
            && last == key
        {
            return Some(index);
        }
        let index = match self.by_key.get(&key) {
            Some(&index) => index,
            None if self.senders.len() >= MAX_INFERRED => {
                self.left_out = self.left_out.saturating_add(1);
                return None;
            }
            None => {
                let (programs, sample) = (Programs::default(), Sample::default());
                let (message, stream) = (key.message, Some(stream));
                self.senders.push(Sender { message, dst, stream, programs, sample });
                self.by_key.insert(key, self.senders.len() - 1);
                self.senders.len() - 1
            }
        };
        self.last = Some((key, index));
        Some(index)
    }
}

/// The struct of a protocol, and those of its cases.
fn declared<'p>(protocol: &'p Protocol, protocols: &'p Protocols) -> Vec<Declared<'p>> {
    let Some(place) = protocol.declared else { return Vec::new() };
    let Some(schema) = protocols.schemas().get(place.schema) else { return Vec::new() };
    let own = protocol.format.layout().map(|_| protocol.message.as_str());
    let cases =
        protocol.words.cases.iter().filter(|it| it.layout.is_some()).map(|it| it.name.as_str());
    let names = own.into_iter().chain(cases);
    let is_open = protocol.says_lengths();
    let of = |name: &'p str| {
        let record: &RecordDef = schema.record(name)?;
        // Members of a union lie over one another: what its bytes are, its cases tell.
        let candidates = match record.kind {
            RecordKind::Struct if is_open => {
                Candidate::open(record, protocol).into_iter().collect()
            }
            RecordKind::Struct => candidates(record, protocol),
            RecordKind::Union => return None,
        };
        Some(Declared { protocol, name, schema: place.schema, candidates, is_open })
    };
    names.filter_map(of).collect()
}
