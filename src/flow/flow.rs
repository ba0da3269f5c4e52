//! Frames to the payloads of numbered conversations: fragments joined, streams numbered.
//!
//! The one serial stage: everything behind it touches the state of one stream only. A state of
//! the caller's choice is kept for each stream, as long as the stream is known.

use super::fragments::{Fragments, Whole};
use super::stream_set::StreamCounts;
use super::streams::{Stream, Streams};
use crate::capture::{Frame, Timestamp};
use crate::packet::headers::{Ip, TcpStart};
use crate::packet::packet::{Fragment, Mention, Other};
use crate::packet::{Endpoint, Membership, StreamId, Transport};
use crate::packet::{Packet, TcpFlags, TcpHeader, Undecoded, packet};

/// The conversations of a capture, with a state `S` for each.
pub struct Flow<S> {
    fragments: Fragments,
    udp: Streams<S>,
    tcp: Streams<Tcp<S>>,
    /// That of the last frame, from 1.
    position: u64,
}

/// What a frame came to.
pub enum Arrival<'a, S> {
    /// A datagram or a segment of a conversation.
    Packet(Delivery<'a, S>),
    /// A fragment, held until the others come.
    Held,
    /// A host reports which groups it is a member of.
    Membership(Membership<'a>),
    /// Nothing; why.
    Undecoded(Undecoded),
}

/// A packet and the conversation that it belongs to.
pub struct Delivery<'a, S> {
    /// The packet.
    pub packet: Packet<'a>,
    /// The frames that carried it, several where it came in fragments; counted from 1 in the order
    /// in which they were pushed.
    pub frames: &'a [u64],
    /// Number of its conversation, as Wireshark's udp.stream or tcp.stream.
    pub stream: StreamId,
    /// The sender is the lesser of the two endpoints.
    pub from_low: bool,
    /// The conversation's state.
    pub state: &'a mut S,
    /// The conversation that had to give way for this one.
    pub gone: Option<Gone<S>>,
}

/// A conversation that ended: its number, and its state.
pub struct Gone<S> {
    /// What carried it.
    pub transport: Transport,
    /// Its number.
    pub stream: StreamId,
    /// Its state.
    pub state: S,
}

/// A TCP conversation: the initial sequence number of the lesser and of the greater endpoint. Where
/// no SYN told it, it is one less than the first number seen, or than the peer's first
/// acknowledgement: Wireshark's base sequence number.
#[derive(Default)]
struct Tcp<S> {
    initial_seq: [Option<u32>; 2],
    state: S,
}

impl<S: Default> Default for Flow<S> {
    fn default() -> Self {
        let fragments = Fragments::default();
        Self { fragments, udp: Streams::new(), tcp: Streams::new(), position: 0 }
    }
}

impl<S: Default> Flow<S> {
    /// Takes one frame. What it comes to is made where the caller has it: it is large.
    #[inline(never)]
    pub fn push<'a>(&'a mut self, frame: &Frame<'a>) -> Arrival<'a, S> {
        self.position = self.position.saturating_add(1);
        match packet::parse_plain(frame.link_type, frame.data) {
            Some(packet) => {
                let Self { udp, position, .. } = self;
                let place = place_udp(udp, packet.src, packet.dst);
                Arrival::Packet(place.deliver(packet, std::slice::from_ref(position)))
            }
            None => self.push_any(frame),
        }
    }

    /// Takes a packet that came without a frame; it counts as one.
    pub fn push_packet<'a>(&'a mut self, packet: Packet<'a>) -> Arrival<'a, S> {
        self.position = self.position.saturating_add(1);
        let Self { udp, tcp, position, .. } = self;
        deliver(udp, tcp, packet, std::slice::from_ref(position))
    }

    /// As [`push`](Self::push), for any frame.
    #[inline(never)]
    fn push_any<'a>(&'a mut self, frame: &Frame<'a>) -> Arrival<'a, S> {
        match packet::parse(frame.link_type, frame.data) {
            Ok(packet) => {
                let Self { udp, tcp, position, .. } = self;
                deliver(udp, tcp, packet, std::slice::from_ref(position))
            }
            Err(Other::Fragment(fragment)) => self.join(fragment, frame.time),
            Err(other) => pass(&mut self.udp, &mut self.tcp, other),
        }
    }

    /// Takes a fragment, and the datagram that it completes.
    fn join<'a>(&'a mut self, fragment: Fragment<'a>, time: Option<Timestamp>) -> Arrival<'a, S> {
        let Self { fragments, udp, tcp, position } = self;
        let Whole { payload, frames } = match fragments.push(&fragment, time, *position) {
            Ok(Some(whole)) => whole,
            Ok(None) => return Arrival::Held,
            Err(reason) => return Arrival::Undecoded(reason),
        };
        let Ip { src, dst, protocol, .. } = fragment.ip;
        match packet::joined(src, dst, protocol, payload) {
            Ok(packet) => deliver(udp, tcp, packet, frames),
            Err(other) => pass(udp, tcp, other),
        }
    }

    /// Time has passed without a frame: drops what has stayed incomplete for too long.
    pub fn tick(&mut self, now: Timestamp) {
        self.fragments.tick(now);
    }

    /// What is kept of each conversation whose bytes have an order, in no order themselves.
    pub(crate) fn connections(&mut self) -> impl Iterator<Item = &mut S> {
        self.tcp.states().map(|it| &mut it.state)
    }

    /// How many frames there were so far.
    pub fn frames(&self) -> u64 {
        self.position
    }

    /// How many conversations there were so far, those in packets that ICMP quotes included.
    pub fn counts(&self) -> StreamCounts {
        StreamCounts::new(|transport| match transport {
            Transport::Udp => self.udp.count(),
            Transport::Tcp => self.tcp.count(),
        })
    }

    /// Frames dropped since the last call since their datagram stayed incomplete.
    pub fn take_dropped(&mut self) -> u64 {
        self.fragments.take_dropped()
    }

    /// Conversations that gave way to others.
    pub fn evicted(&self) -> u64 {
        self.udp.evicted().saturating_add(self.tcp.evicted())
    }

    /// The capture has ended: drops what is incomplete and gives out the conversations.
    pub fn finish(&mut self) -> impl Iterator<Item = Gone<S>> + '_ {
        self.fragments.finish();
        let udp = self.udp.drain().map(|stream| gone(Transport::Udp, stream));
        let tcp = self.tcp.drain().map(|stream| gone(Transport::Tcp, untie(stream)));
        udp.chain(tcp)
    }
}

/// Takes what is no packet of a conversation, though it may speak of one.
fn pass<'a, S: Default>(
    udp: &mut Streams<S>,
    tcp: &mut Streams<Tcp<S>>,
    other: Other<'a>,
) -> Arrival<'a, S> {
    match other {
        Other::Mention(mention) => {
            number(udp, tcp, &mention);
            Arrival::Undecoded(mention.reason)
        }
        Other::Membership(report) => Arrival::Membership(report),
        Other::Fragment(_) => Arrival::Undecoded(Undecoded::Ip),
        Other::Undecoded(reason) => Arrival::Undecoded(reason),
    }
}

fn deliver<'a, S: Default>(
    udp: &'a mut Streams<S>,
    tcp: &'a mut Streams<Tcp<S>>,
    packet: Packet<'a>,
    frames: &'a [u64],
) -> Arrival<'a, S> {
    let (src, dst) = (packet.src, packet.dst);
    let place = match packet.tcp {
        None => place_udp(udp, src, dst),
        Some(header) => place_tcp(tcp, src, dst, header),
    };
    Arrival::Packet(place.deliver(packet, frames))
}

/// A packet's place in its conversation: what [`Delivery`] says of it.
struct Routed<'a, S> {
    stream: StreamId,
    from_low: bool,
    state: &'a mut S,
    gone: Option<Gone<S>>,
}

impl<'a, S> Routed<'a, S> {
    #[inline]
    fn deliver(self, packet: Packet<'a>, frames: &'a [u64]) -> Delivery<'a, S> {
        let Self { stream, from_low, state, gone } = self;
        Delivery { packet, frames, stream, from_low, state, gone }
    }
}

#[inline(always)]
fn place_udp<S: Default>(streams: &mut Streams<S>, src: Endpoint, dst: Endpoint) -> Routed<'_, S> {
    let (stream, from_low, evicted) = streams.between(src, dst, |_, _| false);
    Routed {
        stream: stream.number,
        from_low,
        state: &mut stream.state,
        gone: evicted.map(|stream| gone(Transport::Udp, stream)),
    }
}

fn place_tcp<S: Default>(
    streams: &mut Streams<Tcp<S>>,
    src: Endpoint,
    dst: Endpoint,
    header: TcpHeader,
) -> Routed<'_, S> {
    let numbers = Numbers::from(header);
    let anew = |tcp: &Tcp<S>, from_low| numbers.begin_anew(tcp, from_low);
    let (stream, from_low, evicted) = streams.between(src, dst, anew);
    numbers.note(&mut stream.state, from_low, true);
    Routed {
        stream: stream.number,
        from_low,
        state: &mut stream.state.state,
        gone: evicted.map(|stream| gone(Transport::Tcp, untie(stream))),
    }
}

/// What of a TCP header decides to which conversation of two endpoints it belongs.
struct Numbers {
    seq: u32,
    ack: u32,
    flags: TcpFlags,
}

impl From<TcpHeader> for Numbers {
    fn from(TcpHeader { seq, ack, flags, .. }: TcpHeader) -> Self {
        Self { seq, ack, flags }
    }
}

impl From<TcpStart> for Numbers {
    fn from(TcpStart { seq, ack, flags, .. }: TcpStart) -> Self {
        Self { seq, ack, flags }
    }
}

impl Numbers {
    /// A SYN with another sequence number than its side began with: the port pair is used again.
    fn begin_anew<S>(&self, tcp: &Tcp<S>, from_low: bool) -> bool {
        let [low, high] = tcp.initial_seq;
        let own = if from_low { low } else { high };
        self.flags.syn && !self.flags.ack && own.is_some_and(|seq| seq != self.seq)
    }

    /// Notes where the sides begin. An answer to SYN puts right what was known before; the rest is
    /// known from segments that are whole.
    fn note<S>(&self, tcp: &mut Tcp<S>, from_low: bool, is_whole: bool) {
        let (own, peer) = ends(&mut tcp.initial_seq, from_low);
        let Self { seq, ack, flags } = *self;
        if own.is_some() && flags.syn && flags.ack {
            *own = Some(seq);
        }
        if is_whole {
            own.get_or_insert(if flags.syn { seq } else { seq.wrapping_sub(1) });
            if flags.ack {
                peer.get_or_insert(ack.wrapping_sub(1));
            }
        }
    }
}

/// What is known of the sender, and of its peer.
fn ends<T>([low, high]: &mut [T; 2], from_low: bool) -> (&mut T, &mut T) {
    if from_low { (low, high) } else { (high, low) }
}

/// Numbers the conversation of a packet that is only spoken of. One that is quoted tells nothing of
/// where its sides begin, though it may begin a conversation anew.
fn number<S: Default>(udp: &mut Streams<S>, tcp: &mut Streams<Tcp<S>>, mention: &Mention) {
    let Mention { reason, src, dst, tcp: start } = *mention;
    let Some(start) = start else {
        return udp.mention(src, dst, |_, _| false, |_, _| ());
    };
    let is_whole = reason == Undecoded::Tcp && start.is_within_packet;
    let numbers = Numbers::from(start);
    let anew = |tcp: &Tcp<S>, from_low| numbers.begin_anew(tcp, from_low);
    tcp.mention(src, dst, anew, |tcp, from_low| numbers.note(tcp, from_low, is_whole));
}

fn gone<S>(transport: Transport, stream: Stream<S>) -> Gone<S> {
    Gone { transport, stream: stream.number, state: stream.state }
}

fn untie<S>(stream: Stream<Tcp<S>>) -> Stream<S> {
    Stream { number: stream.number, state: stream.state.state }
}
