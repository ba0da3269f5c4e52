//! Which message a payload is: the candidate that fits best.
//!
//! Candidates are compared by fit, then by how well founded they are; two that are equal in both
//! are ambiguous: the first is given, with the names of all.

use super::codec::{Codec, CodecError, CodecOptions, Decoded, FieldOptions, Fit};
use super::packet::{Packet, Undecoded};
use super::{Item, Known, Marks, Message, Transport};
use crate::profile::{Candidate, Format, Protocol, Protocols};

/// A candidate that no rule names must fit but for so many bytes behind its end: the most that
/// aligning a struct can leave there.
const MAX_UNRULED_TRAILING: usize = 7;

/// The decoders of all protocols.
pub(super) struct Selection<'p> {
    protocols: &'p Protocols,
    /// As [`Protocols::list`]; `None` for what no datagram carries.
    codecs: Vec<Option<Codec>>,
    best: Vec<Item>,
    trial: Vec<Item>,
    /// The names of those that fit equally, the chosen one's first; empty without a doubt.
    rivals: Vec<&'p str>,
    /// The ports that were asked for last: most packets are between those of the one before.
    last: Option<(Ports, &'p [Candidate])>,
}

/// What candidates depend on: transport, source and destination port.
type Ports = (Transport, u16, u16);

/// A decoded payload.
pub(super) struct Selected<'a> {
    /// Index of its protocol.
    pub protocol: usize,
    /// The message has the name of a case, in place of the protocol's own.
    pub is_case: bool,
    pub message: Message<'a>,
}

/// The best candidate so far.
struct Choice<'c> {
    candidate: Candidate,
    codec: &'c Codec,
    decoded: Decoded<'c>,
    /// `None` where there was no choice.
    fit: Option<Fit>,
}

impl<'p> Selection<'p> {
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let codecs = protocols.list().iter().map(codec).collect::<Result<_, _>>()?;
        let (best, trial, rivals) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { protocols, codecs, best, trial, rivals, last: None })
    }

    pub fn protocols(&self) -> &'p Protocols {
        self.protocols
    }

    /// The codecs of the protocols, as [`Protocols::list`].
    pub fn codecs(&self) -> &[Option<Codec>] {
        &self.codecs
    }

    /// Every message that some payload may be, those of cases included.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let reachable = self.protocols.reachable();
        reachable.into_iter().flat_map(|index| {
            let codec = self.codecs.get(index).and_then(Option::as_ref);
            let protocol = self.protocols.list().get(index).zip(codec);
            protocol.into_iter().flat_map(|(protocol, codec)| {
                let known = |(message, table)| Known { protocol: &protocol.name, message, table };
                codec.messages().map(known)
            })
        })
    }

    /// Decodes a datagram.
    pub fn read<'a>(&'a mut self, packet: &Packet<'a>) -> Result<Selected<'a>, Undecoded> {
        let candidates = self.candidates((Transport::Udp, packet.src.port(), packet.dst.port()));
        let Self { protocols, codecs, best, trial, rivals, .. } = self;
        rivals.clear();
        let choice = match candidates {
            [] => return Err(Undecoded::NoProtocol),
            [only] if !only.is_by_fit() => decode(codecs, *only, packet, best),
            several => choose(codecs, several, packet, best, trial),
        };
        let Choice { candidate, codec, decoded, fit } = choice.ok_or(Undecoded::NoFit)?;
        let protocol = protocols.list().get(candidate.protocol).ok_or(Undecoded::NoFit)?;
        if let Some(fit) = fit {
            let equal = candidates.iter().filter(|it| it.rank == candidate.rank);
            for rival in equal.filter(|it| **it != candidate) {
                let theirs = judge(codecs, *rival, packet, trial);
                if theirs.is_some_and(|(_, theirs)| theirs == fit) {
                    rivals.extend(protocols.list().get(rival.protocol).map(|it| it.name.as_str()));
                }
            }
            if !rivals.is_empty() {
                rivals.insert(0, &protocol.name);
            }
        }
        let message = Message {
            protocol: &protocol.name,
            name: decoded.name,
            table: codec.table(),
            items: best,
            bytes: packet.payload,
            len: decoded.len,
            trailing: decoded.trailing,
            candidates: rivals,
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            error: decoded.error,
        };
        // A codec gives its own name, or that of a case: one look at the address tells.
        let is_case = !std::ptr::eq(message.name, codec.name());
        Ok(Selected { protocol: candidate.protocol, is_case, message })
    }

    /// What the traffic between two ports may be.
    pub fn candidates(&mut self, ports: Ports) -> &'p [Candidate] {
        match self.last {
            Some((last, candidates)) if last == ports => candidates,
            _ => {
                let (transport, src, dst) = ports;
                let candidates = self.protocols.candidates(transport, src, dst);
                self.last = Some((ports, candidates));
                candidates
            }
        }
    }
}

fn codec(protocol: &Protocol) -> Result<Option<Codec>, CodecError> {
    let Format::Record(layout) = &protocol.format else {
        return Ok(None);
    };
    let fields = protocol.fields.iter().map(|(path, rules)| {
        let order = rules.byte_order.map(|order| order.resolve(protocol.abi.byte_order()));
        (path.clone(), FieldOptions { order, text: rules.text })
    });
    let options = CodecOptions {
        abi: protocol.abi,
        order: protocol.order,
        fields: fields.collect(),
        tag: protocol.tag.clone(),
        cases: protocol.cases.clone(),
    };
    Codec::new(layout, &options).map(Some)
}

/// The candidate that fits best; its items are left in `best`.
fn choose<'c>(
    codecs: &'c [Option<Codec>],
    candidates: &[Candidate],
    packet: &Packet<'_>,
    best: &mut Vec<Item>,
    trial: &mut Vec<Item>,
) -> Option<Choice<'c>> {
    let mut choice: Option<Choice<'c>> = None;
    for &candidate in candidates {
        let Some((decoded, fit)) = judge(codecs, candidate, packet, trial) else { continue };
        let is_better = choice
            .as_ref()
            .is_none_or(|best| (Some(fit), candidate.rank) < (best.fit, best.candidate.rank));
        let Some(codec) = codec_of(codecs, candidate) else { continue };
        if is_better {
            std::mem::swap(best, trial);
            choice = Some(Choice { candidate, codec, decoded, fit: Some(fit) });
        }
    }
    choice
}

/// Decodes a payload as a candidate, and says how well that fits; `None` where a candidate that
/// no rule names does not fit.
fn judge<'c>(
    codecs: &'c [Option<Codec>],
    candidate: Candidate,
    packet: &Packet<'_>,
    items: &mut Vec<Item>,
) -> Option<(Decoded<'c>, Fit)> {
    let codec = codec_of(codecs, candidate)?;
    let decoded = codec.decode(packet.payload, packet.wire_len, items);
    let fits = decoded.error.is_none() && decoded.trailing <= MAX_UNRULED_TRAILING;
    let fit = codec.fit(packet.payload, &decoded, items);
    (fits || !candidate.is_by_fit()).then_some((decoded, fit))
}

fn decode<'c>(
    codecs: &'c [Option<Codec>],
    candidate: Candidate,
    packet: &Packet<'_>,
    items: &mut Vec<Item>,
) -> Option<Choice<'c>> {
    let codec = codec_of(codecs, candidate)?;
    let decoded = codec.decode(packet.payload, packet.wire_len, items);
    Some(Choice { candidate, codec, decoded, fit: None })
}

fn codec_of(codecs: &[Option<Codec>], candidate: Candidate) -> Option<&Codec> {
    codecs.get(candidate.protocol)?.as_ref()
}
