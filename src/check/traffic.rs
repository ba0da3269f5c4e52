//! Findings that need no inference: what a message or a packet shows by itself.
//!
//! Streams: a record that only the close ends (`delimiter`), HTTP's line ends and lengths
//! (`http-bare-lf`, `http-framing`). Fields that are sums: `checksum`. Datagrams: `oversize`, `checksum`, `ambiguous`. Groups: a
//! sender that is or was a member of the group that it sends to (`group-join`).
//!
//! At most [`MAX_SENDERS`](super::MAX_SENDERS) senders and [`MAX_JOINED`] memberships are known;
//! what is beyond them is counted.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::answer::is_answer;
use super::code::Code;
use super::consequences::Inferred;
use super::field_ranges::FieldRanges;
use super::field_sums::FieldSums;
use super::senders::{Group, Key, Sender, Senders};
use super::sight::{Detail, Occurrence, Sight, bare_lf, evidence, note_frame};
use super::{Evidence, Finding, http_framing, lies};
use crate::decode::text::TextFormat;
use crate::decode::{Found, FramingFault, Unread};
use crate::flow::Side;
use crate::message::{Captured, ErrorKind, Mark, Message};
use crate::packet::{Checksum, Packet, StreamId};
use crate::profile::{Format, PerProtocol, ProtocolId, Protocols, Standard};

/// Memberships that are known at once: a host and a group each.
pub const MAX_JOINED: usize = 1 << 14;

/// Takes what a dissector finds, and folds what is wrong with it.
pub struct TrafficCheck<'p> {
    protocols: &'p Protocols,
    /// How the text records among them end; `None` for all others.
    ends: PerProtocol<Option<Detail>>,
    /// The fields of their messages that are sums.
    sums: PerProtocol<FieldSums>,
    /// The fields of their messages that have a range.
    ranges: PerProtocol<FieldRanges>,
    messages: Senders,
    /// Senders of packets that are no message.
    packets: Senders,
    /// Names of messages; there are as many as protocols and their cases.
    names: Vec<Box<str>>,
    joined: HashMap<(IpAddr, IpAddr), Joined, RandomState>,
    joins_dropped: u64,
    sums_dropped: u64,
}

/// A membership: the first frames that report it.
struct Joined {
    frames: Vec<u64>,
    /// They all say that it ends.
    only_left: bool,
}

impl<'p> TrafficCheck<'p> {
    /// For the messages of `protocols`.
    pub fn new(protocols: &'p Protocols) -> Self {
        let ends = protocols.list().iter().map(|protocol| match &protocol.format {
            Format::Text(format) => Some(end_of(format)),
            Format::Record(_) | Format::Standard(_) | Format::Unread => None,
        });
        Self {
            protocols,
            ends: ends.collect(),
            sums: protocols.list().iter().map(|_| FieldSums::default()).collect(),
            ranges: protocols.list().iter().map(|_| FieldRanges::default()).collect(),
            messages: Senders::default(),
            packets: Senders::default(),
            names: Vec::new(),
            joined: HashMap::default(),
            joins_dropped: 0,
            sums_dropped: 0,
        }
    }

    /// Takes one thing that was found.
    pub fn found(&mut self, found: &Found<'_>) {
        match *found {
            Found::Packet { frame, stream, packet, .. } => self.packet(frame, stream, packet),
            Found::Message { captured, protocol, side, packet, .. } => {
                self.message(captured, protocol, side, packet);
            }
            Found::Joined { frame, src, group, has_left } => {
                self.join(frame, (src, group), has_left)
            }
            Found::Skipped { frame, stream, side: Side::Server, src, dst, reason, .. } => {
                self.skipped(Occurrence { frame, stream, src, dst }, reason);
            }
            Found::Skipped { .. }
            | Found::Body { .. }
            | Found::BodyGap { .. }
            | Found::Arrived { .. } => {}
        }
    }

    /// What was not checked, to keep the tables bounded: messages, packets without a message,
    /// memberships, and sums of one message.
    pub fn dropped(&self) -> u64 {
        let refused = self.messages.refused().saturating_add(self.packets.refused());
        refused.saturating_add(self.joins_dropped).saturating_add(self.sums_dropped)
    }

    /// The capture has ended: the findings, by sender in order of appearance.
    pub fn finish(self) -> Vec<Finding> {
        self.finish_beside(&Inferred(&[]))
    }

    /// The same without those that what was inferred explains.
    pub(super) fn finish_beside(self, inferred: &Inferred<'_>) -> Vec<Finding> {
        let senders = self.messages.list().iter().chain(self.packets.list());
        senders.flat_map(|sender| self.findings(sender, inferred)).collect()
    }

    /// A packet that is no message: a segment, or a datagram that nothing decodes.
    fn packet(&mut self, frame: u64, stream: StreamId, packet: &Packet<'_>) {
        let Packet { src, dst, checksum, .. } = *packet;
        let key = Key { src: src.host(), port: dst.port(), protocol: None, message: None };
        if is_verified(checksum)
            && let Some(sender) = self.packets.of(key)
        {
            check_sum(sender, Occurrence { frame, stream, src, dst }, checksum);
        }
    }

    fn message(
        &mut self,
        captured: &Captured<'_>,
        protocol: ProtocolId,
        side: Option<Side>,
        packet: Option<&Packet<'_>>,
    ) {
        let datagram = packet.filter(|_| !captured.transport.is_stream());
        let Captured { frame, stream, src, dst, ref message, .. } = *captured;
        let place = Occurrence { frame, stream, src, dst };
        // A server answers to ports that are new each time; its own tells who it is.
        let is_answer = side == Some(Side::Server) || is_answer(self.protocols, captured);
        let port = if is_answer { src.port() } else { dst.port() };
        let name = Some(self.name(message.name));
        let key = Key { src: src.host(), port, protocol: Some(protocol), message: name };
        let Some(sender) = self.messages.of(key) else { return };
        sender.total = sender.total.saturating_add(1);
        if let Some(group) = dst.ip().filter(IpAddr::is_multicast) {
            sender.sends_to(group, place);
        }
        if let Some(datagram) = datagram {
            check_sum(sender, place, datagram.checksum);
        }
        let len = datagram.map_or(message.len, |it| it.wire_len) as u64;
        let declared = self.protocols.get(protocol);
        let max_len = declared.and_then(|it| it.max_len);
        let is_over = max_len.is_some_and(|max_len| len > max_len);
        let is_fragmented = datagram.is_some_and(Packet::is_joined);
        if is_over || is_fragmented {
            let size = Detail::Size { longest: len, is_over, is_fragmented };
            check_size(sender, place, &size);
        }
        if let Some(declared) = declared
            && let Some((code, detail, shown)) = lies::of(message, frame, declared)
        {
            match detail {
                Detail::Lie(ErrorKind::Limit, _) => beyond(sender, place, detail, shown),
                _ => drop(sight(sender, code, place, || (detail, shown))),
            }
        }
        if !message.candidates.is_empty() {
            let others = message.candidates.iter().filter(|name| **name != message.protocol);
            let rivals = || {
                let names: Vec<_> = others.clone().copied().collect();
                (Detail::Rivals(names.join(", ")), None)
            };
            sight(sender, Code::Ambiguous, place, rivals);
        }
        if let (Some(sums), Some(declared)) = (self.sums.get_mut(protocol), declared) {
            let left_out = sums.check(declared, sender, place, message);
            self.sums_dropped = self.sums_dropped.saturating_add(left_out);
        }
        if let (Some(ranges), Some(declared)) = (self.ranges.get_mut(protocol), declared) {
            ranges.check(declared, sender, place, message);
        }
        if message.ended_by_close || !message.marks.is_empty() {
            let end = self.ends.get(protocol).and_then(Option::as_ref);
            check_stream(sender, place, message, end);
        }
    }

    /// Bytes that no message explains may be what the last one of their sender must not have had.
    fn skipped(&mut self, place: Occurrence, reason: Unread) {
        let Some(fault) = http_framing::of_skipped(reason) else { return };
        let name = Some(self.name("response"));
        let (src, port) = (place.src.host(), place.src.port());
        let protocol = Some(self.protocols.standard(Standard::Http));
        if let Some(sender) = self.messages.of(Key { src, port, protocol, message: name }) {
            misframed(sender, place, fault);
        }
    }

    fn name(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| **known == *name);
        known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len().saturating_sub(1)
        })
    }

    fn join(&mut self, frame: u64, member: (IpAddr, IpAddr), has_left: bool) {
        let is_full = self.joined.len() >= MAX_JOINED;
        match self.joined.get_mut(&member) {
            Some(known) => {
                note_frame(&mut known.frames, frame);
                known.only_left &= has_left;
            }
            None if is_full => self.joins_dropped = self.joins_dropped.saturating_add(1),
            None => {
                self.joined.insert(member, Joined { frames: vec![frame], only_left: has_left });
            }
        }
    }

    fn findings(&self, sender: &Sender, inferred: &Inferred<'_>) -> Vec<Finding> {
        let name = sender.key.message.and_then(|it| self.names.get(it)).map(|it| &**it);
        let joined = sender.groups.iter().filter_map(|group| self.group_join(sender, group));
        let protocol = sender.key.protocol;
        let finding = |sight: &Sight, total| sight.finding(total, protocol, name, self.protocols);
        let joined = joined.map(|sight| finding(&sight, sight.support));
        let seen = sender.sights.iter().filter_map(|sight| {
            let total = match (sight.code, &sight.detail) {
                (_, Detail::Sum(wrong)) => wrong.total(sender),
                (Code::Checksum, _) => sender.verified,
                _ => sender.total,
            };
            Some(finding(sight, total)).filter(|it| !inferred.explains(it, &sight.detail))
        });
        seen.chain(joined).collect()
    }

    /// A sender's membership in a group that it sends to. Where others send to it as well it is one of
    /// peers, and has to hear them.
    fn group_join(&self, sender: &Sender, group: &Group) -> Option<Sight> {
        let Joined { frames, only_left } =
            self.joined.get(&(sender.key.src.ip()?, group.address))?;
        let sends_too = |other: &Sender| {
            other.key.src != sender.key.src
                && other.groups.iter().any(|it| it.address == group.address)
        };
        if self.messages.list().iter().any(sends_too) {
            return None;
        }
        let detail = if *only_left { Detail::Left } else { Detail::Nothing };
        let sight = Sight::new(Code::GroupJoin, group.first, detail, None);
        Some(Sight { support: group.messages, frames: frames.clone(), ..sight })
    }
}

/// How a text record is declared to end; nothing where only the close can end it.
fn end_of(format: &[u8]) -> Detail {
    match TextFormat::new("", "", format) {
        Ok(format) if !format.end().is_empty() => Detail::End(format.end_shown().to_owned()),
        _ => Detail::Nothing,
    }
}

fn check_sum(sender: &mut Sender, place: Occurrence, checksum: Checksum) {
    if is_verified(checksum) {
        sender.verified = sender.verified.saturating_add(1);
    }
    if checksum == Checksum::Bad {
        sight(sender, Code::Checksum, place, || (Detail::Nothing, None));
    }
}

fn is_verified(checksum: Checksum) -> bool {
    matches!(checksum, Checksum::Good | Checksum::Bad)
}

/// Counts one more message of which more is said than is read.
fn beyond(sender: &mut Sender, place: Occurrence, detail: Detail, shown: Option<Evidence>) {
    let first = || Sight::new(Code::Oversize, place, detail, shown);
    sender.sight(place.frame, Sight::is_beyond, first);
}

fn check_size(sender: &mut Sender, place: Occurrence, size: &Detail) {
    if let Some(sight) = sight(sender, Code::Oversize, place, || (size.clone(), None)) {
        sight.size(size);
    }
}

/// `end` is that of a text record; a struct or a body may well be ended by the close.
fn check_stream(
    sender: &mut Sender,
    place: Occurrence,
    message: &Message<'_>,
    end: Option<&Detail>,
) {
    let frame = place.frame;
    if let Some(end) = end
        && message.ended_by_close
    {
        let shown = || (end.clone(), evidence(message.bytes, frame, 0, message.len));
        sight(sender, Code::Delimiter, place, shown);
    }
    if message.marks.contains(Mark::HttpBareLf) {
        let shown = || (Detail::Nothing, bare_lf(message.bytes, frame));
        sight(sender, Code::HttpBareLf, place, shown);
    }
    for fault in message.marks.framing() {
        misframed(sender, place, fault);
    }
}

/// Counts one more message of a sender whose end is told wrong in this way.
fn misframed(sender: &mut Sender, place: Occurrence, fault: FramingFault) {
    let first = || (Detail::Framing(fault), None);
    sight_of(sender, Code::HttpFraming, Some(fault), place, first);
}

/// Counts one more message of a sender that shows a mistake; `first` says more of the first one.
fn sight(
    sender: &mut Sender,
    code: Code,
    place: Occurrence,
    first: impl FnOnce() -> (Detail, Option<Evidence>),
) -> Option<&mut Sight> {
    sight_of(sender, code, None, place, first)
}

/// The same for a code that has several kinds, each of which is a mistake by itself.
fn sight_of(
    sender: &mut Sender,
    code: Code,
    kind: Option<FramingFault>,
    place: Occurrence,
    first: impl FnOnce() -> (Detail, Option<Evidence>),
) -> Option<&mut Sight> {
    let first = || {
        let (detail, evidence) = first();
        Sight::new(code, place, detail, evidence)
    };
    sender.sight(place.frame, |it| it.is(code, kind), first)
}
