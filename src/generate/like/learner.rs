//! All senders of a capture, as its frames come.

use std::net::{IpAddr, SocketAddr};

use foldhash::{HashMap, HashSet};

use super::explanation::{Explanations, Scratch};
use super::gaps::Gaps;
use super::kind::Form;
use super::leaf::{self, Leaf};
use super::sender::{Seen, SenderLearner};
use crate::capture::Timestamp;
use crate::decode::Found;
use crate::generate::GenerateError;
use crate::generate::recipe::{Order, Recipe, SenderRecipe};
use crate::packet::Packet;
use crate::profile::{PerProtocol, ProtocolId, Protocols};

/// Senders that are told apart: an address, a port and a destination each.
pub const MAX_SENDERS: usize = 1024;
/// Ports of one address that are told apart; all others are one sender, of any port: a program that
/// is started again has another one each time.
const MAX_PORTS: usize = 16;
/// Bytes of values that are kept of all senders.
pub const MAX_ROOM: usize = 32 << 20;
/// What a sender takes besides its values, bytes.
const SENDER_LEN: usize = 1024;
/// Memberships that are known.
const MAX_JOINED: usize = 1 << 14;

/// What a capture teaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The recipe. Each sender has the address that it had in the capture.
    pub recipe: Recipe,
    /// Where each sender's messages went.
    pub destinations: Vec<SocketAddr>,
    /// Datagrams that answer others, and are not learned.
    pub answers: u64,
    /// Datagrams beyond what is kept.
    pub left_out: u64,
}

/// Why nothing is learned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LikeError {
    /// The capture has none.
    #[error("the capture has no UDP datagrams to learn from")]
    NoDatagrams,
}

/// Takes what a dissector finds.
pub(super) struct Learner<'p> {
    protocols: &'p Protocols,
    explanations: PerProtocol<Option<Explanations>>,
    senders: Vec<SenderLearner>,
    by_ends: HashMap<(SocketAddr, SocketAddr), usize>,
    /// Ports that are told apart, of each address and destination.
    ports: HashMap<(IpAddr, SocketAddr), usize>,
    joined: HashSet<(IpAddr, IpAddr)>,
    gaps: Gaps,
    room: usize,
    answers: u64,
    left_out: u64,
    leaves: Vec<Leaf>,
    scratch: Scratch,
}

impl<'p> Learner<'p> {
    pub fn new(protocols: &'p Protocols) -> Self {
        let explanations = protocols.list().iter().map(|it| Explanations::of(protocols, it));
        Self {
            protocols,
            explanations: explanations.collect(),
            senders: Vec::new(),
            by_ends: HashMap::default(),
            ports: HashMap::default(),
            joined: HashSet::default(),
            gaps: Gaps::default(),
            room: MAX_ROOM,
            answers: 0,
            left_out: 0,
            leaves: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    pub fn found(&mut self, found: &Found<'_>) {
        match *found {
            Found::Message { captured, protocol, packet: Some(packet), .. }
                if !captured.transport.is_stream() =>
            {
                self.datagram(packet, captured.time, Some(protocol));
            }
            Found::Packet { packet, time, .. } if packet.tcp.is_none() => {
                self.datagram(packet, time, None);
            }
            Found::Joined { src, group, .. } if self.joined.len() < MAX_JOINED => {
                self.joined.insert((src, group));
            }
            _ => {}
        }
    }

    fn datagram(
        &mut self,
        packet: &Packet<'_>,
        now: Option<Timestamp>,
        protocol: Option<ProtocolId>,
    ) {
        let Some((src, dst)) = packet.src.socket().zip(packet.dst.socket()) else { return };
        if self.by_ends.contains_key(&(dst, src)) {
            self.answers = self.answers.saturating_add(1);
            return;
        }
        let Some(index) = self.sender(src, dst) else {
            self.left_out = self.left_out.saturating_add(1);
            return;
        };
        self.gaps.take(now);
        let Self { explanations, senders, leaves, scratch, room, .. } = self;
        let Some(sender) = senders.get_mut(index) else { return };
        let known = protocol.and_then(|it| Some((it, explanations.get(it)?.as_ref()?)));
        let is_whole = packet.payload.len() >= packet.wire_len;
        let seen = known.and_then(|(protocol, it)| {
            let explained = match is_whole {
                false => (it.partly(packet.payload, scratch)?, false),
                true => match it.explain(packet.payload, sender.way, scratch) {
                    Some(explained) => (explained, false),
                    None => (it.with_trailing(packet.payload, scratch)?, true),
                },
            };
            let (explained, has_trailing) = explained;
            let form = Form::Fields { protocol, way: explained.way, has_trailing };
            let is_few = leaf::leaves(explained.layout, &explained.value, leaves);
            let rest = packet.payload.get(explained.len..).filter(|_| has_trailing);
            let seen = Seen { form, leaves: &[], rest: rest.unwrap_or_default(), now };
            (is_few && sender.knows_or_may(form, leaves, *room)).then_some((seen, explained.way))
        });
        let raw = Seen { form: Form::Raw, leaves: &[], rest: packet.payload, now };
        let seen = match seen {
            Some((seen, way)) => {
                sender.way = way;
                Seen { leaves, ..seen }
            }
            None => raw,
        };
        sender.take(&seen, room);
    }

    /// The sender of two ends, known or new.
    fn sender(&mut self, src: SocketAddr, dst: SocketAddr) -> Option<usize> {
        if let Some(&index) = self.by_ends.get(&(src, dst)) {
            return Some(index);
        }
        let ports = self.ports.entry((src.ip(), dst)).or_default();
        let is_one_of_many = *ports >= MAX_PORTS;
        let from = if is_one_of_many { SocketAddr::new(src.ip(), 0) } else { src };
        if let Some(&index) = self.by_ends.get(&(from, dst)) {
            return Some(index);
        }
        if self.senders.len() >= MAX_SENDERS || self.room < SENDER_LEN {
            return None;
        }
        *ports = ports.saturating_add(1);
        self.room = self.room.saturating_sub(SENDER_LEN);
        self.senders.push(SenderLearner::new(from, dst));
        let index = self.senders.len().saturating_sub(1);
        self.by_ends.insert((from, dst), index);
        Some(index)
    }

    /// The recipe of all senders, in the order of their first messages.
    pub fn finish(self) -> Result<Learned, GenerateError> {
        if self.senders.is_empty() {
            return Err(LikeError::NoDatagrams.into());
        }
        let mut order = Order::InTurn;
        let sender = |it: &SenderLearner| {
            let (messages, in_turn) = it.messages(self.protocols, &self.explanations);
            if !in_turn {
                order = Order::ByWeight;
            }
            SenderRecipe {
                from: Some(it.src),
                join: self.joined.contains(&(it.src.ip(), it.dst.ip())),
                messages: Some(messages),
                count: Some(it.count),
            }
        };
        let mut senders: Vec<_> = self.senders.iter().map(sender).collect();
        // What one sender sends stands by itself.
        let messages = match senders.as_mut_slice() {
            [one] => one.messages.take().unwrap_or_default(),
            _ => Vec::new(),
        };
        let gap = self.gaps.recipe();
        Ok(Learned {
            recipe: Recipe { seed: None, messages, order, senders, gap },
            destinations: self.senders.iter().map(|it| it.dst).collect(),
            answers: self.answers,
            left_out: self.left_out,
        })
    }
}
