//! Infers, from the datagrams of each sender and the header, how the sender was really built:
//! whether it forgot `htonl`, did not pack its struct, or has another data model.
//!
//! A sender is a source address, a destination port and a message. Its first distinct messages are
//! kept ([`sample`]); every layout that a compiler may have given the record ([`layouts`]) and both
//! byte orders of every field are weighed against them ([`evidence`], [`posterior`]); what follows
//! is counted as it arrives ([`claim`]) and told at the end ([`verdict`]). `docs/checking.md` says
//! what the confidence means and how often it is right.
//!
//! Bounds: [`MAX_INFERRED`], [`MAX_KEPT`]; what they leave out is counted.

mod claim;
mod content;
mod evidence;
mod integer;
mod layouts;
mod mixture;
mod parts;
mod posterior;
mod sample;
mod slots;
mod steps;
mod verdict;

use std::net::{IpAddr, SocketAddr};

use foldhash::{HashMap, HashMapExt};

use self::{
    claim::Verdict,
    layouts::{Candidate, candidates},
    sample::{Sample, Seen},
};
use super::Finding;
use crate::{
    decode::{Captured, ErrorKind, Transport},
    profile::{Protocol, Protocols},
    schema::{RecordDef, RecordKind},
};

/// Senders whose layout and order are inferred.
pub const MAX_INFERRED: usize = 4096;
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
}

/// A message whose layouts are known.
struct Declared<'p> {
    protocol: &'p Protocol,
    name: &'p str,
    schema: usize,
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    port: u16,
    message: usize,
}

/// One sender.
struct Sender {
    message: usize,
    src: SocketAddr,
    dst: SocketAddr,
    /// `None` where there are several.
    stream: Option<u32>,
    state: State,
}

enum State {
    Gathering(Sample),
    Judged(Verdict),
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
        }
    }

    /// Takes a message; only whole datagrams that a struct describes say anything.
    pub fn push(&mut self, captured: &Captured<'_>) {
        let message = &captured.message;
        let is_snapped = message.error.is_some_and(|it| it.kind == ErrorKind::Snapped);
        if captured.transport != Transport::Udp || is_snapped || !message.candidates.is_empty() {
            return;
        }
        let Some(index) = self.sender(captured) else { return };
        let Some(sender) = self.senders.get_mut(index) else { return };
        let Some(declared) = self.messages.get(sender.message) else { return };
        if sender.stream != Some(captured.stream) {
            sender.stream = None;
        }
        let seen = Seen::of(captured);
        match &mut sender.state {
            State::Judged(verdict) => verdict.judge(&declared.candidates, &seen),
            State::Gathering(sample) => {
                sample.push(&seen, &mut self.room);
                if sample.is_full() {
                    self.room += sample.len();
                    sender.state = State::Judged(Verdict::of(&declared.candidates, sample));
                }
            }
        }
    }

    /// Messages of senders beyond `MAX_INFERRED`.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What is wrong, sender by sender in the order of their first messages.
    pub fn finish(self) -> Vec<Finding> {
        let Self { protocols, messages, senders, .. } = self;
        let each = senders.into_iter().flat_map(|sender| {
            let declared = messages.get(sender.message);
            declared.map_or_else(Vec::new, |it| verdict::findings(sender, it, protocols))
        });
        each.collect()
    }

    /// The sender of a message, known or new.
    fn sender(&mut self, captured: &Captured<'_>) -> Option<usize> {
        let is_named = |it: &Declared<'_>| {
            it.name == captured.message.name && it.protocol.name == captured.message.protocol
        };
        let last = self
            .last
            .map(|it| it.0.message)
            .filter(|&it| self.messages.get(it).is_some_and(is_named));
        let message = last.or_else(|| self.messages.iter().position(is_named))?;
        let key = Key { src: captured.src.ip(), port: captured.dst.port(), message };
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
                let Captured { src, dst, .. } = *captured;
                let (stream, state) = (Some(captured.stream), State::Gathering(Sample::default()));
                self.senders.push(Sender { message, src, dst, stream, state });
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
    let cases = protocol.cases.iter().filter(|it| it.layout.is_some()).map(|it| it.name.as_str());
    let names = own.into_iter().chain(cases);
    let of = |name: &'p str| {
        let record: &RecordDef = schema.record(name)?;
        // Members of a union lie over one another: what its bytes are, its cases tell.
        let candidates = match record.kind {
            RecordKind::Struct => candidates(record, protocol),
            RecordKind::Union => return None,
        };
        Some(Declared { protocol, name, schema: place.schema, candidates })
    };
    names.filter_map(of).collect()
}
