//! Datagrams to conversations of UDP: who asks, and who answers.
//!
//! The client is who sent first. What is sent to a group or to everybody is answered from other
//! addresses: such an answer belongs to the conversation of the client that it goes to.
//!
//! A server may answer from a port that it opens for this client, and listen there to what follows
//! (TFTP, RFC 1350 section 4). That is the conversation of the request, as long as the port that
//! was asked has said nothing itself, and the answer comes within [`ANSWER_WITHIN`]. Where both
//! ports are the same on either side, as between two servers of DNS or NTP, who sends from a new
//! one asks.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::time::Duration;

use super::conversation_id::ConversationId;
use super::payload::Payloads;
use super::plan::Conversation;
use super::preflight::{Traffic, is_oversize};
use super::schedule::{Datagram, Scheduling};
use super::script::Source;
use crate::capture::{Frame, LinkType};
use crate::flow::NumberSet;
use crate::flow::Side;
use crate::packet::{Packet, StreamId, Transport};
use crate::replay::ReplayError;
use crate::replay::reason::{Reason, Reasons};

/// Conversations of UDP in a plan.
pub const MAX_CONVERSATIONS: usize = 1 << 20;
/// How long a request may wait for an answer from another port: twice the 5 seconds after which
/// clients of TFTP and DNS commonly ask again.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The longest payload of a datagram, by IP version 4 and 6 (RFC 768; no jumbograms).
const MAX_DATAGRAM: [usize; 2] = [65_507, 65_527];
/// Where a cooked header says to whom a frame goes (LINKTYPE_LINUX_SLL2).
const SLL2_PACKET_TYPE: usize = 10;

/// The conversations so far.
#[derive(Debug, Default)]
pub(in crate::replay) struct Datagrams {
    pub conversations: Vec<(Conversation, Traffic)>,
    pub schedule: Scheduling,
    /// The last conversation of a client with a group: with that port, and with any.
    groups: HashMap<(SocketAddr, Option<u16>), ConversationId, foldhash::fast::RandomState>,
    /// The last conversation of a client with a host.
    asked: HashMap<(SocketAddr, IpAddr), ConversationId, foldhash::fast::RandomState>,
    /// Of each conversation.
    asks: Vec<Ask>,
    /// The conversations that are chosen, where not all are.
    chosen: NumberSet,
}

/// What a conversation waits for.
#[derive(Clone, Copy, Debug)]
struct Ask {
    /// When the client sent last.
    last: Duration,
    /// The port that was asked has answered.
    is_answered: bool,
}

/// What is known of a pair of endpoints.
#[derive(Clone, Copy, Debug)]
pub(in crate::replay) struct Ends {
    client: SocketAddr,
    /// Index of the conversation; `None` until one of the client's datagrams can be replayed.
    conversation: Option<ConversationId>,
    /// That is the client's with a group, which this server answered.
    is_of_group: bool,
    /// The server's port, where it is not the one that was asked.
    port: Option<NonZeroU16>,
}

/// One datagram of a capture.
#[derive(Clone, Copy)]
pub(in crate::replay) struct Arrived<'a> {
    pub packet: &'a Packet<'a>,
    /// Who sent it, and to whom.
    pub src: SocketAddr,
    pub dst: SocketAddr,
    pub stream: StreamId,
    pub source: Source<'a>,
    /// It goes to more than one host, as the link layer says.
    pub is_group: bool,
}

impl Datagrams {
    /// Takes one datagram. `ends` is what is known of its endpoints.
    ///
    /// # Errors
    ///
    /// What must be kept cannot be.
    pub fn push(
        &mut self,
        arrived: Arrived<'_>,
        ends: &mut Option<Ends>,
        payloads: &mut Payloads,
        (skipped, notes): (&mut Reasons, &mut Reasons),
    ) -> Result<(), ReplayError> {
        let Arrived { packet, src, .. } = arrived;
        let ends = ends.get_or_insert_with(|| self.meet(&arrived));
        if ends.is_of_group && src == ends.client {
            *ends = Ends::new(ends.client);
        }
        if let Some(reason) = flaw(packet, src.is_ipv4()) {
            skipped.count(reason, 1);
            return Ok(());
        }
        let side = if src == ends.client { Side::Client } else { Side::Server };
        let conversation = match (ends.conversation, side) {
            (Some(known), _) => known,
            (None, Side::Server) => {
                skipped.count(Reason::AnswerAlone, 1);
                return Ok(());
            }
            (None, Side::Client) => match self.begin(arrived) {
                Some(new) => *ends.conversation.insert(new),
                None => {
                    skipped.count(Reason::TooManyConversations, 1);
                    return Ok(());
                }
            },
        };
        if is_oversize(packet.payload.len(), src.is_ipv4()) {
            notes.count(Reason::DatagramOversize, 1);
        }
        let at = arrived.source.at;
        let span = arrived.source.span(packet.payload, payloads)?;
        self.count(conversation, (side, ends.port), packet.payload.len(), at);
        self.schedule.push(Datagram { at, conversation, side, port: ends.port, span })
    }

    /// Chooses the conversation of two endpoints, which may be of several streams: a group's
    /// members, and whoever else answers, have one each.
    pub fn choose(&mut self, ends: Option<Ends>) {
        if let Some(conversation) = ends.and_then(|it| it.conversation) {
            self.chosen.insert(conversation.0.into());
        }
    }

    /// Takes out the conversations that were chosen, by index.
    pub fn take_chosen(&mut self) -> NumberSet {
        std::mem::take(&mut self.chosen)
    }

    /// Who is the client of two endpoints that were not seen before: who sends, unless that is an
    /// answer to what its receiver sent to a group, or to another port of the sender.
    fn meet(&self, arrived: &Arrived<'_>) -> Ends {
        let Arrived { src, dst, .. } = *arrived;
        let asked = |port| self.groups.get(&(dst, port)).copied();
        if let Some(group) = asked(Some(src.port())).or_else(|| asked(None)) {
            let conversation = Some(group);
            return Ends { conversation, is_of_group: true, ..Ends::new(dst) };
        }
        match self.waiting(arrived) {
            Some(conversation) => {
                let (conversation, port) = (Some(conversation), NonZeroU16::new(src.port()));
                Ends { conversation, port, ..Ends::new(dst) }
            }
            None => Ends::new(src),
        }
    }

    /// The conversation in which the receiver waits for an answer of the sender's host.
    fn waiting(&self, arrived: &Arrived<'_>) -> Option<ConversationId> {
        let Arrived { src, dst, source, .. } = arrived;
        let index = *self.asked.get(&(*dst, src.ip()))?;
        let ask = self.asks.get(index.index())?;
        let (conversation, _) = self.conversations.get(index.index())?;
        let is_between_equals = conversation.server.port() == dst.port();
        let is_late = source.at.saturating_sub(ask.last) > ANSWER_WITHIN;
        (!ask.is_answered && !is_between_equals && !is_late).then_some(index)
    }

    fn begin(&mut self, arrived: Arrived<'_>) -> Option<ConversationId> {
        let Arrived { src, dst, stream, source, is_group, .. } = arrived;
        let index = ConversationId(u32::try_from(self.conversations.len()).ok()?);
        if self.conversations.len() >= MAX_CONVERSATIONS {
            return None;
        }
        if is_group || is_group_address(dst.ip()) {
            self.groups.insert((src, Some(dst.port())), index);
            self.groups.insert((src, None), index);
        }
        let conversation = Conversation {
            transport: Transport::Udp,
            stream,
            client: src,
            server: dst,
            start: source.at,
            steps: Vec::new(),
            spans: Vec::new(),
        };
        self.asked.insert((src, dst.ip()), index);
        self.asks.push(Ask { last: source.at, is_answered: false });
        let traffic = Traffic { end: source.at, ..Traffic::default() };
        self.conversations.push((conversation, traffic));
        Some(index)
    }

    fn count(
        &mut self,
        conversation: ConversationId,
        (side, port): (Side, Option<NonZeroU16>),
        len: usize,
        at: Duration,
    ) {
        if let Some((_, traffic)) = self.conversations.get_mut(conversation.index()) {
            traffic.of(side).count(len);
            traffic.end = traffic.end.max(at);
            traffic.has_other_ports |= port.is_some();
        }
        match (side, self.asks.get_mut(conversation.index())) {
            (Side::Client, Some(ask)) => ask.last = at,
            (Side::Server, Some(ask)) => ask.is_answered |= port.is_none(),
            (_, None) => {}
        }
    }
}

impl Ends {
    /// A client that begins.
    fn new(client: SocketAddr) -> Self {
        Self { client, conversation: None, is_of_group: false, port: None }
    }
}

/// Why a datagram cannot be sent again.
fn flaw(packet: &Packet<'_>, is_ipv4: bool) -> Option<Reason> {
    let [ipv4, ipv6] = MAX_DATAGRAM;
    let max = if is_ipv4 { ipv4 } else { ipv6 };
    match packet.payload.len() {
        _ if packet.snapped() > 0 => Some(Reason::DatagramSnapped),
        len if len > max => Some(Reason::DatagramTooLong),
        _ => None,
    }
}

fn is_group_address(ip: IpAddr) -> bool {
    ip.is_multicast() || ip == IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// Whether the link layer says that a frame goes to more than one host: a subnet's broadcast
/// address looks like any other.
pub(in crate::replay) fn is_group_frame(frame: &Frame<'_>) -> bool {
    match (frame.link_type, frame.data) {
        // IEEE 802.3 section 3.2.3: the first bit of the destination.
        (LinkType::Ethernet, [first, ..]) => first & 1 == 1,
        // Packet type: 1 broadcast, 2 multicast.
        (LinkType::LinuxSll, [0, kind, ..]) => matches!(kind, 1 | 2),
        (LinkType::LinuxSll2, data) => matches!(data.get(SLL2_PACKET_TYPE), Some(1 | 2)),
        _ => false,
    }
}
