//! Which message a payload is: the candidate that fits best.
//!
//! What rules name is compared by fit, then by how well founded it is; two that are equal in both
//! are ambiguous: the first is given, with the names of all. Where no rule says anything, the messages
//! of the headers are weighed by what they explain (`fitting.rs`).

use std::cmp::Ordering;

use super::codec::{Codec, CodecError, Decoded, Fit};
use super::codecs::Codecs;
use super::fitting::Fitting;
use super::talk::Rules;
use crate::capture::Timestamp;
use crate::message::{Item, Known, Marks, Message};
use crate::packet::{Endpoint, Packet, Transport, Undecoded};
use crate::profile::{Candidate, Protocol, ProtocolId, Protocols, Rule};

/// A candidate that no rule names must fit but for so many bytes behind its end: the most that
/// aligning a struct can leave there.
const MAX_UNRULED_TRAILING: usize = 7;

/// The decoders of all protocols.
pub(super) struct Selection<'p> {
    protocols: &'p Protocols,
    codecs: Codecs<'p>,
    best: Vec<Item>,
    trial: Vec<Item>,
    /// The names of those that fit equally, the chosen one's first; empty without a doubt.
    rivals: Vec<&'p str>,
    /// The ports that were asked for last: most packets are between those of the one before.
    last: Option<(Ports, &'p [Candidate])>,
    /// The rules of the command line of which there was no traffic yet.
    idle: Vec<&'p Rule>,
    fitting: Fitting,
}

/// What candidates depend on: transport, source and destination port.
type Ports = (Transport, u16, u16);

/// A decoded payload.
pub(super) struct Selected<'a> {
    /// Its protocol.
    pub id: ProtocolId,
    protocol: &'a Protocol,
    choice: Choice<'a>,
    items: &'a [Item],
    rivals: &'a [&'a str],
}

/// The best candidate so far.
struct Choice<'c> {
    candidate: Candidate,
    codec: &'c Codec,
    decoded: Decoded<'c>,
}

impl<'p> Selection<'p> {
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let codecs = Codecs::new(protocols)?;
        let (best, trial, rivals) = (Vec::new(), Vec::new(), Vec::new());
        let idle = protocols.rules().iter().collect();
        Ok(Self {
            protocols,
            codecs,
            best,
            trial,
            rivals,
            last: None,
            idle,
            fitting: Fitting::default(),
        })
    }

    pub fn protocols(&self) -> &'p Protocols {
        self.protocols
    }

    /// The codecs of the protocols.
    pub fn codecs(&self) -> &Codecs<'p> {
        &self.codecs
    }

    /// The rules of the command line of which there was no traffic.
    pub fn idle_rules(&self) -> Vec<String> {
        self.idle.iter().map(ToString::to_string).collect()
    }

    /// Every message that some payload may be, those of cases included.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let reachable = self.protocols.reachable();
        reachable.into_iter().flat_map(|id| {
            // Of those that are read when they are asked for, the ones that nobody asked for are none.
            let is_read = self.protocols.is_read(id);
            let codec = if is_read { self.codecs.get(id) } else { None };
            let protocol = codec.and_then(|codec| Some((self.protocols.get(id)?, codec)));
            protocol.into_iter().flat_map(|(protocol, codec)| {
                let known = |(message, table)| Known { protocol: &protocol.name, message, table };
                codec.messages().map(known)
            })
        })
    }

    /// Decodes a datagram, or what is left of it.
    #[inline(always)]
    pub fn read<'a>(
        &'a mut self,
        packet: &Packet<'a>,
        now: Option<Timestamp>,
    ) -> Result<Selected<'a>, Undecoded> {
        let candidates = self.between(Transport::Udp, packet.src, packet.dst);
        let Self { protocols, codecs, best, trial, rivals, fitting, .. } = self;
        rivals.clear();
        let choice = match *candidates {
            [] => return Err(Undecoded::NoProtocol),
            [candidate] if !candidate.is_by_fit() => {
                let codec = codec_of(codecs, candidate).ok_or(Undecoded::NoFit)?;
                let decoded = match codec.is_plain() {
                    true => codec.decode(packet.payload, packet.wire_len, best),
                    false => told(protocols, codec, packet, best).ok_or(Undecoded::NoFit)?.1,
                };
                Choice { candidate, codec, decoded }
            }
            [first, ..] if first.is_of_header() => {
                let lists = [&mut *best, trial];
                let weighed = Weighed { protocols, codecs, candidates, packet, now };
                weighed.choose(fitting, lists, rivals).ok_or(Undecoded::NoFit)?
            }
            _ => {
                let lists = [&mut *best, trial];
                let choice = choose(protocols, codecs, candidates, packet, lists, rivals);
                if rivals.len() == 1 {
                    rivals.clear();
                }
                choice.ok_or(Undecoded::NoFit)?
            }
        };
        let id = choice.candidate.protocol;
        let protocol = protocols.get(id).ok_or(Undecoded::NoFit)?;
        Ok(Selected { id, protocol, choice, items: best, rivals })
    }

    /// What is declared for the ports of a TCP conversation that begins with `packet`.
    pub fn stream_rules(&mut self, packet: &Packet<'_>) -> Rules<'p> {
        let candidates = self.between(Transport::Tcp, packet.src, packet.dst);
        let ports = packet.src.port().zip(packet.dst.port());
        let declared = |(src, dst)| self.protocols.declared_port(Transport::Tcp, src, dst);
        Rules { candidates, server: ports.and_then(declared) }
    }

    /// What the traffic between the ends of a packet may be.
    pub fn of_packet(&mut self, packet: &Packet<'_>) -> &'p [Candidate] {
        self.between(packet.transport(), packet.src, packet.dst)
    }

    /// What the traffic between two ends may be: nothing that a port tells, where they have none.
    #[inline]
    fn between(&mut self, transport: Transport, src: Endpoint, dst: Endpoint) -> &'p [Candidate] {
        match (src.port(), dst.port()) {
            (Some(src), Some(dst)) => self.candidates((transport, src, dst)),
            _ => &[],
        }
    }

    /// What the traffic between two ports may be.
    #[inline]
    pub fn candidates(&mut self, ports: Ports) -> &'p [Candidate] {
        match self.last {
            Some((last, candidates)) if last == ports => candidates,
            _ => {
                let (transport, src, dst) = ports;
                let candidates = self.protocols.candidates(transport, src, dst);
                self.idle.retain(|rule| !rule.traffic.has(transport, src, dst));
                self.last = Some((ports, candidates));
                candidates
            }
        }
    }
}

impl<'a> Selected<'a> {
    /// What of a datagram, or of the rest of one, is the message, and what is left over behind it.
    #[cold]
    fn own_bytes(&self, bytes: &'a [u8]) -> (&'a [u8], usize) {
        let bytes = bytes.get(self.skip()..).unwrap_or_default();
        match self.more_behind() {
            Some(len) => (bytes.get(..len).unwrap_or(bytes), 0),
            None => (bytes, self.choice.decoded.trailing),
        }
    }

    /// Whether it is all that there is of its datagram.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.choice.codec.is_plain()
    }

    /// Bytes before the message that are not of it.
    #[inline]
    pub fn skip(&self) -> usize {
        self.choice.codec.skip()
    }

    /// The bytes of the message, where another follows it in the datagram.
    #[inline]
    fn more_behind(&self) -> Option<usize> {
        let Choice { decoded, .. } = &self.choice;
        let has_more = self.protocol.words.several && decoded.trailing > 0 && decoded.len > 0;
        has_more.then_some(decoded.len)
    }

    /// Where the next message of the datagram begins, from where this one was read.
    #[inline]
    pub fn next_at(&self) -> Option<usize> {
        match self.is_plain() {
            true => None,
            false => self.more_behind().map(|it| it.saturating_add(self.skip())),
        }
    }

    /// What `bytes`, the payload, was decoded to.
    #[inline]
    pub fn message(&self, bytes: &'a [u8]) -> Message<'a> {
        let Choice { codec, decoded, .. } = &self.choice;
        let (bytes, trailing) = match codec.is_plain() {
            true => (bytes, decoded.trailing),
            false => self.own_bytes(bytes),
        };
        Message {
            protocol: &self.protocol.name,
            name: decoded.name,
            table: codec.table(),
            items: self.items,
            bytes,
            apart: None,
            len: decoded.len,
            trailing,
            candidates: self.rivals,
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: decoded.error,
        }
    }

    /// The name of its case, where the message has that in place of the protocol's own.
    #[inline]
    pub fn case(&self) -> Option<&'a str> {
        let Choice { codec, decoded, .. } = &self.choice;
        // A codec gives its own name, or that of a case: one look at the address tells.
        (!std::ptr::eq(decoded.name, codec.name())).then_some(decoded.name)
    }
}

/// The candidate that fits best; its items are left in the first list. `equal` is left with the
/// names of all that fit as well, its own first.
fn choose<'c, 'p>(
    protocols: &'p Protocols,
    codecs: &'c Codecs<'p>,
    candidates: &[Candidate],
    packet: &Packet<'_>,
    [best, trial]: [&mut Vec<Item>; 2],
    equal: &mut Vec<&'p str>,
) -> Option<Choice<'c>> {
    let mut choice: Option<((Fit, u32), Choice<'c>)> = None;
    for &candidate in candidates {
        let judged = judge(protocols, codecs, candidate, packet, trial);
        let Some((decoded, fit)) = judged else { continue };
        let Some(codec) = codec_of(codecs, candidate) else { continue };
        let Some(protocol) = protocols.get(candidate.protocol) else { continue };
        let merit = (fit, candidate.rank);
        match choice.as_ref().map_or(Ordering::Less, |(best, _)| merit.cmp(best)) {
            Ordering::Less => {
                std::mem::swap(best, trial);
                equal.clear();
                equal.push(&protocol.name);
                choice = Some((merit, Choice { candidate, codec, decoded }));
            }
            Ordering::Equal => equal.push(&protocol.name),
            Ordering::Greater => {}
        }
    }
    choice.map(|(_, choice)| choice)
}

/// A datagram that no rule names.
struct Weighed<'w, 'c, 'p> {
    protocols: &'p Protocols,
    codecs: &'c Codecs<'p>,
    candidates: &'w [Candidate],
    packet: &'w Packet<'w>,
    now: Option<Timestamp>,
}

impl<'c, 'p> Weighed<'_, 'c, 'p> {
    /// The candidate that explains it best; its items are left in the first list. `rivals` is left
    /// with the names of all that explain it as well, its own first; empty without a doubt.
    #[inline(never)]
    fn choose(
        &self,
        fitting: &mut Fitting,
        [best, trial]: [&mut Vec<Item>; 2],
        rivals: &mut Vec<&'p str>,
    ) -> Option<Choice<'c>> {
        let Self { protocols, codecs, candidates, packet, now } = *self;
        let ports = packet.src.port().zip(packet.dst.port())?;
        let mut choice = None;
        fitting.begin();
        for &candidate in candidates {
            let Some(codec) = codec_of(codecs, candidate) else { continue };
            let Some((bytes, decoded)) = told(protocols, codec, packet, trial) else { continue };
            if !fits(&decoded) && !codec.is_telling() {
                continue;
            }
            let cost = codec.cost(bytes, &decoded, trial, now);
            if fitting.add(ports, candidate, cost) {
                std::mem::swap(best, trial);
                choice = Some(Choice { candidate, codec, decoded });
            }
        }
        let equal = fitting.finish(ports).filter_map(|id| protocols.get(id));
        rivals.extend(equal.map(|it| it.name.as_str()));
        if rivals.len() == 1 {
            rivals.clear();
        }
        choice
    }
}

/// Whether what no rule names may be that message.
fn fits(decoded: &Decoded<'_>) -> bool {
    decoded.error.is_none() && decoded.trailing <= MAX_UNRULED_TRAILING
}

/// Decodes a payload as a candidate, and says how well that fits; `None` where a candidate that
/// no rule names does not fit.
fn judge<'c>(
    protocols: &Protocols,
    codecs: &'c Codecs<'_>,
    candidate: Candidate,
    packet: &Packet<'_>,
    items: &mut Vec<Item>,
) -> Option<(Decoded<'c>, Fit)> {
    let codec = codec_of(codecs, candidate)?;
    let (bytes, decoded) = told(protocols, codec, packet, items)?;
    let fit = codec.fit(bytes, &decoded, items);
    // What a message says that it is, it is, also where it goes wrong behind that.
    let is_told = codec.is_telling() || !candidate.is_by_fit();
    // Several messages may follow one another.
    let is_several = decoded.error.is_none() && has_several(protocols, candidate);
    (is_told || is_several || fits(&decoded)).then_some((decoded, fit))
}

/// The message in a datagram, and what it is decoded to; `None` where it is no message of the protocol.
#[inline(never)]
fn told<'a, 'c>(
    protocols: &Protocols,
    codec: &'c Codec,
    packet: &Packet<'a>,
    items: &mut Vec<Item>,
) -> Option<(&'a [u8], Decoded<'c>)> {
    let Packet { payload, wire_len, .. } = packet.behind(codec.skip());
    let to_server = is_to_server(protocols, codec, packet);
    codec
        .matches(payload)
        .then(|| (payload, codec.decode_toward(to_server, payload, wire_len, items)))
}

fn has_several(protocols: &Protocols, candidate: Candidate) -> bool {
    protocols.get(candidate.protocol).is_some_and(|it| it.words.several)
}

#[inline]
fn codec_of<'c>(codecs: &'c Codecs<'_>, candidate: Candidate) -> Option<&'c Codec> {
    codecs.get(candidate.protocol)
}

/// Whether a datagram goes to the port of its rule; where no rule tells, it does.
#[inline]
fn is_to_server(protocols: &Protocols, codec: &Codec, packet: &Packet<'_>) -> bool {
    let ports = if codec.goes_by_way() { packet.src.port().zip(packet.dst.port()) } else { None };
    ports.is_none_or(|(src, dst)| protocols.declared_port(Transport::Udp, src, dst) != Some(src))
}
